"""The network of an allocation: on a map, or as a scheme where there are no coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation import Allocation
from routeopt.errors import InputError, Problem
from routeopt.views.captions import when
from routeopt.views.places import Places, on_the_map, schematic
from routeopt.views.style import CLOSED, GREY, INK, canvas, legend, number, plain, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_map", "draw_schematic"]

Floats = NDArray[np.float64]

_USE = ((0.5, "#E5C55C", "used under 50 %"), (0.8, "#A69D75", "used 50 to 80 %"), (0.995, "#575C6D", "used 80 to 99 %"),
        (math.inf, "#00204D", "full"))  # fmt: skip
"""Four steps of cividis, the darker the fuller: they differ in grey too."""
_UNLIMITED = ("#A9C0D0", "no limit given")
_SHIP, _RAIL = (5.0, 2.0), (7.0, 2.0, 1.0, 2.0)
_DASHES = {"tanker": _SHIP, "sea": _SHIP, "rail": _RAIL}
_ABSENT = (0, (0.8, 2.2))
_KINDS = {"field": ("o", 5.0), "hub": (".", 4.0), "terminal": ("s", 4.5), "refinery": ("^", 5.0), "market": ("D", 5.0)}
_WIDEST, _THINNEST = 9.0, 0.7


def draw_map(
    plan: Allocation, ax: Axes | None = None, *, extent: tuple[float, float, float, float] | None = None
) -> Axes:
    """Flows on a map: legs coloured by use of their capacity, drawn as wide as their volume.

    Parameters
    ----------
    plan : Allocation
        Over a horizon its mean day.
    ax : Axes, optional
    extent : (west, east, south, north), optional
        In degrees; all nodes with a margin if not given. What lies outside is not drawn.

    Returns
    -------
    Axes
        Plate carrée, true to scale in the middle of the map. Lines join the nodes, they are no courses.

    Raises
    ------
    InputError
        A node has no coordinates; `draw_schematic` needs none.
    """
    places = on_the_map(plan.system)
    window = _window(places) if extent is None else _checked(extent)
    west, east, south, north = window
    stretch = 1.0 / max(0.2, math.cos(math.radians((south + north) / 2)))
    height = 9.0 * (north - south) * stretch / (east - west)
    with canvas(ax, (9.6, min(9.0, max(3.6, height + 1.2)))) as ax:
        _land(ax, plan, window)
        ax.set_xlim(west, east)
        ax.set_ylim(south, north)
        ax.set_aspect(stretch, adjustable="box")
        inside = {k: v for k, v in places.items() if west <= v[0] <= east and south <= v[1] <= north}
        _network(ax, plan, places, inside, 0.09)
        from routeopt.views.outline import CREDIT

        ax.text(1.0, -0.008, CREDIT, transform=ax.transAxes, ha="right", va="top", fontsize=6.5, color=GREY)
    return ax


def draw_schematic(plan: Allocation, ax: Axes | None = None) -> Axes:
    """The same without a map: columns by the number of legs from the fields, for systems without coordinates.

    Parameters
    ----------
    plan : Allocation
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    places = schematic(plan.system)
    x, y = np.array(list(places.values())).T
    with canvas(ax, (9.6, min(9.0, 2.6 + 0.5 * float(np.ptp(y))))) as ax:
        ax.set_xlim(x.min() - 0.5, x.max() + 0.6)
        ax.set_ylim(y.min() - 0.8, y.max() + 0.8)
        _network(ax, plan, places, places, 0.12)
    return ax


def _network(ax: Axes, plan: Allocation, places: Places, inside: Places, bend: float) -> None:
    from routeopt.views.labels import label

    ax.set_axis_off()
    legs = plan.legs
    most = float(legs["flow"].max()) if len(legs) else 0.0
    curves = {name: _curve(places, plan, str(name), bend) for name in legs.index}
    used: set[str] = set()
    for name in legs["flow"].sort_values(ascending=False, kind="stable").index:
        used |= _leg(ax, plan, str(name), legs.loc[name], curves[name], most)
    _nodes(ax, plan, inside)
    busy = np.concatenate(list(curves.values())) if curves else np.empty((0, 2))
    label(ax, _labels(plan, inside, curves, legs), busy, np.array(list(inside.values())).reshape(-1, 2))
    title(ax, when(plan), _headline(plan))
    _legend(ax, plan, used, most)


def _leg(ax: Axes, plan: Allocation, name: str, row: Any, curve: Floats, most: float) -> set[str]:
    """One leg; returns what the legend must explain."""
    flow, state, mode = float(row["flow"]), str(row["state"]), str(row["mode"])
    width = _width(flow, most)
    style = _line(mode, width)
    said = {{"tanker": "ship", "sea": "ship", "rail": "rail"}.get(mode, "pipe")}
    if state in ("hypothetical", "idle", "defunct"):
        ax.plot(*curve.T, color=GREY, linewidth=1.1, linestyle=_ABSENT, zorder=2.0, gid=f"leg {name}")
        return {state}
    if state == "closed":
        middle = curve[len(curve) // 2]
        ax.plot(*curve.T, color=CLOSED, linewidth=1.3, linestyle=style, zorder=3.4, gid=f"leg {name}")
        ax.plot(*middle, "X", color=CLOSED, markersize=8.5, markeredgecolor="white", markeredgewidth=0.8, zorder=6,
                gid=f"closed {name}")  # fmt: skip
        return {*said, "closed"}
    use = float(row["utilisation"])
    paint, _ = _step(use)
    said.add("unlimited" if math.isnan(use) else f"use {paint}")
    if state == "built":
        ax.plot(*curve.T, color=INK, linewidth=width + 2.6, solid_capstyle="butt", zorder=2.9, gid=f"built {name}")
        ax.plot(*curve.T, color="white", linewidth=width + 1.2, solid_capstyle="butt", zorder=2.95)
        said.add("built")
    ax.plot(*curve.T, color=paint if flow > 0 else GREY, linewidth=width, linestyle=style,
            solid_capstyle="butt", dash_capstyle="butt", zorder=3.0 - 0.01 * width, gid=f"leg {name}")  # fmt: skip
    if state == "reduced":
        middle = curve[len(curve) // 2]
        ax.plot(*middle, "v", color=CLOSED, markersize=7, markeredgecolor="white", markeredgewidth=0.8, zorder=6,
                gid=f"reduced {name}")  # fmt: skip
        said.add("reduced")
    return said


def _nodes(ax: Axes, plan: Allocation, inside: Places) -> None:
    for kind, (marker, size) in _KINDS.items():
        at = [place for name, place in inside.items() if plan.system.nodes[name].kind == kind]
        if at:
            x, y = np.array(at).T
            ax.plot(x, y, marker, color="white" if kind == "market" else INK, markersize=size, markeredgecolor=INK,
                    markeredgewidth=0.9, zorder=5, linestyle="none", gid=f"nodes {kind}")  # fmt: skip


def _labels(plan: Allocation, inside: Places, curves: dict[Any, Floats], legs: Any) -> list[Any]:
    from routeopt.views.labels import Label

    system, found = plan.system, []
    weight = {"field": 3.0, "market": 4.0, "terminal": 2.0, "refinery": 1.0, "hub": 0.5}
    used = {end for leg in system.legs.values() for end in (leg.origin, leg.destination)}
    for name, place in inside.items():
        node = system.nodes[name]
        if name in used:
            minor = node.kind in ("hub", "refinery")
            found.append(Label(_short(node.title or name), place, weight[node.kind], must=node.kind == "market",
                               reach=13.0 if minor else 90.0))  # fmt: skip
    for route, row in plan.routes.iterrows():
        marked = [leg for leg, of in system.markers.items() if of == route and leg in curves]
        marked.sort(key=lambda leg: -float(legs.loc[leg, "flow"]))
        ends = [leg for leg in marked if _longest(curves, leg) > 0]
        if not ends or (row["flow"] <= 0 and legs.loc[ends[0], "state"] in ("hypothetical", "idle", "defunct")):
            continue
        curve = curves[ends[0]]
        at = tuple(curve[len(curve) // 2])
        found.append(Label(f"{_short(str(row['title']), 28)} {number(float(row['flow']))}", at, 9.0, True, True))
    return found


def _headline(plan: Allocation) -> str:
    parts = [f"{number(plan.exported)} {plan.flow_unit} exported (volumes of routes in {plan.flow_unit})"]
    if plan.shut_in > 1e-6 * max(1.0, plan.exported):
        parts.append(f"{number(plan.shut_in)} shut in")
    closed = plan.legs.index[plan.legs["state"] == "closed"].tolist()
    parts += [f"closed: {', '.join(map(str, closed[:4]))}{' and more' if len(closed) > 4 else ''}"] if closed else []
    return "; ".join(parts)


def _legend(ax: Axes, plan: Allocation, used: set[str], most: float) -> None:
    from matplotlib.lines import Line2D

    def line(**more: Any) -> Line2D:
        return Line2D([], [], **{"color": INK, "linewidth": 2.0, **more})

    handles, labels = [], []

    def add(handle: Line2D, text: str) -> None:
        handles.append(handle)
        labels.append(text)

    for _, paint, text in _USE:
        if f"use {paint}" in used:
            add(line(color=paint, linewidth=5), text)
    if "unlimited" in used:
        add(line(color=_UNLIMITED[0], linewidth=5), _UNLIMITED[1])
    for key, style, text in (("pipe", "-", "pipeline"), ("ship", _line("sea", 2.0), "ship"), ("rail", _line("rail", 2.0), "rail")):
        if key in used:
            add(line(linestyle=style), text)
    for key, text in (("hypothetical", "not built"), ("idle", "idle"), ("defunct", "defunct")):
        if key in used:
            add(line(color=GREY, linestyle=_ABSENT, linewidth=1.3), text)
    if "built" in used:
        add(line(color=INK, linewidth=4.5, marker="_", markersize=14, markeredgecolor="white", markeredgewidth=2.4), "built")
    if "closed" in used:
        add(line(color=CLOSED, linewidth=1.3, marker="X", markersize=7), "closed")
    if "reduced" in used:
        add(line(color=CLOSED, linewidth=0, marker="v", markersize=7), "reduced")
    for size in _sizes(most):
        add(line(color=GREY, linewidth=_width(size, most)), f"{number(size)} {plan.flow_unit}")
    for kind, (marker, size) in _KINDS.items():
        if any(node.kind == kind for node in plan.system.nodes.values()):
            face = "white" if kind == "market" else INK
            add(line(linewidth=0, marker=marker, markersize=size, markerfacecolor=face, markeredgecolor=INK), kind)
    legend(ax, handles, labels)


def _land(ax: Axes, plan: Allocation, window: tuple[float, float, float, float]) -> None:
    from matplotlib.collections import PolyCollection

    from routeopt.views.outline import outline

    west, east, south, north = window
    ax.add_patch(_sea(ax))
    closed = {c.country for c in plan.scenario.closures if c.country and c.left < 1.0}
    for name, rings in outline().items():
        near = [r for r in rings if r[:, 0].max() >= west and r[:, 0].min() <= east
                and r[:, 1].max() >= south and r[:, 1].min() <= north]  # fmt: skip
        if near:
            face = "#E4DFD3" if name == plan.system.exporter else "#F1EFE9"
            shape = PolyCollection(near, facecolor=face, edgecolor="#CDC8BC", linewidth=0.5, zorder=1)
            if name in closed:
                shape.set(hatch="////", edgecolor="#E3A77C")
            ax.add_collection(shape, autolim=False)


def _sea(ax: Axes) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((0, 0), 1, 1, transform=ax.transAxes, facecolor="#E9F0F5", edgecolor="none", zorder=0)


def _curve(places: Places, plan: Allocation, name: str, bend: float) -> Floats:
    """Points of a leg, shape (25, 2): a gentle arc, so that legs between the same nodes part."""
    leg = plan.system.legs[name]
    start, end = np.array(places[leg.origin]), np.array(places[leg.destination])
    same = [k for k, one in plan.system.legs.items() if {one.origin, one.destination} == {leg.origin, leg.destination}]
    turn = bend if leg.mode in ("sea", "tanker") else 0.0
    turn += 0.11 * same.index(name)
    across = np.array([start[1] - end[1], end[0] - start[0]])
    middle = (start + end) / 2 + turn * across * (1 if start[0] <= end[0] else -1)
    t = np.linspace(0, 1, 25)[:, None]
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end)


def _longest(curves: dict[Any, Floats], leg: str) -> float:
    return float(np.hypot(*(curves[leg][-1] - curves[leg][0])))


def _step(use: float) -> tuple[str, str]:
    if math.isnan(use):
        return _UNLIMITED
    return next((paint, text) for limit, paint, text in _USE if use < limit)


def _line(mode: str, width: float) -> Any:
    """The dashes of a mode; on wide lines they are longer, but not in proportion as matplotlib has it."""
    parts = _DASHES.get(mode)
    return (0, tuple((one + 0.4 * width) / width for one in parts)) if parts else "-"


def _width(flow: float, most: float) -> float:
    return _THINNEST + (_WIDEST - _THINNEST) * flow / most if most > 0 and flow > 0 else _THINNEST


def _sizes(most: float) -> Iterable[float]:
    """Round volumes for the legend, the largest near the widest line."""
    if most <= 0:
        return ()
    top = 10 ** math.floor(math.log10(most))
    top *= next(step for step in (5, 2, 1) if step * top <= most)
    return (top, top / 5) if top >= 1 else (top,)


def _short(text: str, most: int = 26) -> str:
    """A title without what stands in brackets, if it is long."""
    return text.partition(" (")[0] if len(text) > most and " (" in text else plain(text, most).replace("\\$", "$")


def _window(places: Places) -> tuple[float, float, float, float]:
    x, y = np.array(list(places.values())).T
    width, height = max(float(np.ptp(x)), 4.0), max(float(np.ptp(y)), 3.0)
    width, height = max(width, 1.1 * height), max(height, 0.42 * width)
    mid_x, mid_y = float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2
    return (mid_x - 0.55 * width, mid_x + 0.55 * width, max(-85.0, mid_y - 0.58 * height), min(85.0, mid_y + 0.58 * height))


def _checked(extent: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    try:
        west, east, south, north = (float(one) for one in extent)
    except (TypeError, ValueError):
        west = east = south = north = math.nan
    if not (west < east and -90 <= south < north <= 90):
        raise InputError(Problem(f"{extent!r} is no part of a map", ("extent",), "write (west, east, south, north)"))
    return west, east, south, north
