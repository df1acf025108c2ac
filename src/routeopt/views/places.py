"""Where nodes stand: their coordinates, or columns from field to market."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from routeopt.errors import InputError, Problem
from routeopt.system import ExportSystem
from routeopt.system.topology import Topology

__all__ = ["has_coordinates", "on_the_map", "schematic"]

Places = Mapping[str, tuple[float, float]]


def has_coordinates(system: ExportSystem) -> bool:
    """Whether every node that a leg touches says where it is."""
    return bool(system.legs) and all(system.nodes[name].at is not None for name in _touched(system))


def on_the_map(system: ExportSystem) -> Places:
    """Longitude and latitude of every node that a leg touches.

    Raises
    ------
    InputError
        Some node has no coordinates; each is named.
    """
    missing = [name for name in _touched(system) if system.nodes[name].at is None]
    if missing:
        hint = "write at: [latitude, longitude], or draw .plot.schematic(), which needs none"
        raise InputError([Problem("has no place on the map", ("nodes", name, "at"), hint, "missing") for name in missing])
    places = {}
    for name in _touched(system):
        latitude, longitude = system.nodes[name].at or (0.0, 0.0)
        places[name] = (float(longitude), float(latitude))
    return places


def schematic(system: ExportSystem) -> Places:
    """Columns by the number of legs from the fields, rows that cross little: x and y of every node that a leg touches.

    A node stands to the right of all that feed it (the longest way from a field, loops left out), markets at the right
    edge. Rows follow the mean of the neighbours (the barycentre method of Sugiyama, Tagawa and Toda 1981).
    """
    graph = Topology.of(system)
    names = _touched(system)
    pairs = sorted({(graph.nodes[a], graph.nodes[b]) for a, b in zip(graph.tail, graph.head, strict=True)})
    column = dict.fromkeys(names, 0)
    for _ in range(len(names)):  # longest ways settle within as many rounds as there are nodes; loops are cut off
        moved = False
        for start, end in pairs:
            if column[end] <= column[start] < len(names) - 1 and not _leads_back(pairs, end, start):
                column[end], moved = column[start] + 1, True
        if not moved:
            break
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
            group.sort(key=lambda n: -float(np.mean(near[n])) if near[n] else -y[n])  # noqa: B023
            for i, name in enumerate(group):
                y[name] = (len(group) - 1) / 2 - i
    return {name: (float(column[name]), y[name]) for name in names}


def _leads_back(pairs: Iterable[tuple[str, str]], start: str, goal: str) -> bool:
    """Whether some way leads from one node to another."""
    onward: dict[str, list[str]] = {}
    for a, b in pairs:
        onward.setdefault(a, []).append(b)
    seen, todo = {start}, [start]
    while todo:
        node = todo.pop()
        if node == goal:
            return True
        fresh = [n for n in onward.get(node, ()) if n not in seen]
        seen.update(fresh)
        todo += fresh
    return False


def _touched(system: ExportSystem) -> list[str]:
    ends = {end for leg in system.legs.values() for end in (leg.origin, leg.destination)}
    return [name for name in system.nodes if name in ends]
