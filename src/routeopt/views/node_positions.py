"""Where nodes stand: their coordinates, or columns from field to market."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

import numpy as np

from routeopt.arrays import Floats
from routeopt.errors import InputError, Problem
from routeopt.system import ExportSystem
from routeopt.system.topology import Topology

__all__ = ["Places", "arc", "checked_extent", "has_coordinates", "on_the_map", "schematic", "window_of"]


Places = Mapping[str, tuple[float, float]]


def has_coordinates(system: ExportSystem) -> bool:
    """Whether every node that a leg touches says where it is."""
    return bool(system.legs) and all(system.nodes[name].at is not None for name in _touched(system))


def on_the_map(system: ExportSystem) -> Places:
    """Longitude and latitude of every node that a leg touches; InputError names each that has none.

    Where the map is narrower across the date line than across Greenwich, longitudes go on beyond 180 degrees.
    """
    missing = [name for name in _touched(system) if system.nodes[name].at is None]
    if missing:
        hint = "write at: [latitude, longitude], or draw .plot.schematic(), which needs none"
        raise InputError(
            [Problem("has no place on the map", ("nodes", name, "at"), hint, "missing") for name in missing]
        )
    places: dict[str, tuple[float, float]] = {}
    for name in _touched(system):
        latitude, longitude = system.nodes[name].at or (0.0, 0.0)
        places[name] = (float(longitude), float(latitude))
    ordered = sorted({place[0] for place in places.values()})
    gap, west = max(((b - a, b) for a, b in itertools.pairwise(ordered)), default=(0.0, 0.0))
    if gap > ordered[0] + 360.0 - ordered[-1]:
        places = {name: (x if x >= west else x + 360.0, y) for name, (x, y) in places.items()}
    return places


def schematic(system: ExportSystem) -> Places:
    """Columns by the number of legs from the fields, rows that cross little: x and y of every node that a leg touches.

    A node stands to the right of all that feed it (the longest way from a field, loops left out), markets at the right
    edge. Rows follow the mean of the neighbours (the barycentre method of Sugiyama, Tagawa and Toda 1981).
    """
    graph = Topology.of(system)
    names = _touched(system)
    pairs = sorted({(graph.nodes[a], graph.nodes[b]) for a, b in zip(graph.tail, graph.head, strict=True)})
    column = _columns(names, pairs)
    last = max(column.values(), default=0)
    for name in names:
        if name in system.markets and not any(start == name for start, _ in pairs):
            column[name] = last
    rows: dict[int, list[str]] = {}
    for name in names:
        rows.setdefault(column[name], []).append(name)
    y = {name: -float(i) for group in rows.values() for i, name in enumerate(group)}
    for sweep in range(8):
        for number in sorted(rows, reverse=bool(sweep % 2)):
            group = rows[number]
            near = {n: [y[b] for a, b in pairs if a == n] + [y[a] for a, b in pairs if b == n] for n in group}
            group.sort(key=lambda n: -float(np.mean(near[n])) if near[n] else -y[n])
            for i, name in enumerate(group):
                y[name] = (len(group) - 1) / 2 - i
    return {name: (float(column[name]), y[name]) for name in names}


def window_of(places: Places) -> tuple[float, float, float, float]:
    x, y = np.array(list(places.values())).T
    width, height = max(float(np.ptp(x)), 4.0), max(float(np.ptp(y)), 3.0)
    width, height = max(width, 1.1 * height), max(height, 0.42 * width)
    mid_x, mid_y = float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2
    return (
        mid_x - 0.55 * width,
        mid_x + 0.55 * width,
        max(-85.0, mid_y - 0.58 * height),
        min(85.0, mid_y + 0.58 * height),
    )


def checked_extent(extent: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    try:
        west, east, south, north = (float(one) for one in extent)
    except (TypeError, ValueError):
        west = east = south = north = math.nan
    if not (west < east and -90 <= south < north <= 90):
        raise InputError(Problem(f"{extent!r} is no part of a map", ("extent",), "write (west, east, south, north)"))
    return west, east, south, north


def arc(places: Places, system: ExportSystem, name: str, bend: float) -> Floats:
    """Points of a leg, shape (25, 2): a gentle arc, so that legs between the same nodes part."""
    leg = system.legs[name]
    start, end = np.array(places[leg.origin]), np.array(places[leg.destination])
    same = [k for k, one in system.legs.items() if {one.origin, one.destination} == {leg.origin, leg.destination}]
    turn = bend if leg.mode in ("sea", "tanker") else 0.0
    turn += 0.11 * same.index(name)
    across = np.array([start[1] - end[1], end[0] - start[0]])
    middle = (start + end) / 2 + turn * across * (1 if start[0] <= end[0] else -1)
    t = np.linspace(0, 1, 25)[:, None]
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end)


def _columns(names: list[str], pairs: list[tuple[str, str]]) -> dict[str, int]:
    """Legs on the longest way to each node; what leads back to where a search came from is left out."""
    onward: dict[str, list[str]] = {name: [] for name in names}
    for start, end in pairs:
        onward[start].append(end)
    fed = {end for _, end in pairs}
    kept: list[tuple[str, str]] = []
    finished: list[str] = []
    state: dict[str, str] = {}
    for first in sorted(names, key=lambda name: name in fed):
        if first in state:
            continue
        state[first] = "open"
        todo = [(first, iter(onward[first]))]
        while todo:
            node, rest = todo[-1]
            if not (end := next(rest, "")):
                state[node] = "done"
                finished.append(node)
                todo.pop()
            elif state.get(end) != "open":
                kept.append((node, end))
                if end not in state:
                    state[end] = "open"
                    todo.append((end, iter(onward[end])))
    column = dict.fromkeys(names, 0)
    place = {name: i for i, name in enumerate(reversed(finished))}
    for start, end in sorted(kept, key=lambda pair: place[pair[0]]):
        column[end] = max(column[end], column[start] + 1)
    return column


def _touched(system: ExportSystem) -> list[str]:
    ends = {end for leg in system.legs.values() for end in (leg.origin, leg.destination)}
    return [name for name in system.nodes if name in ends]
