"""The network of an allocation: on a map, or as a scheme where there are no coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from routeopt.allocation import Allocation
from routeopt.arrays import Floats
from routeopt.results import number, percent
from routeopt.views.node_positions import Places, arc, checked_extent, has_coordinates, on_the_map, schematic, window_of
from routeopt.views.style import CLOSED, GREY, INK, canvas, legend, plain, title, when

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_map", "draw_network", "draw_schematic", "leg_tips"]


_USE = ((0.5, "#E5C55C", "used under 50%"), (0.8, "#A69D75", "used 50 to 80%"), (0.995, "#575C6D", "used 80 to 99%"),
        (math.inf, "#00204D", "at capacity"))  # fmt: skip
"""Four steps of cividis, the darker the fuller: they differ in grey too."""
_UNLIMITED = ("#A9C0D0", "no limit given")
_SHIP, _RAIL = (5.0, 2.0), (7.0, 2.0, 1.0, 2.0)
_DASHES = {"tanker": _SHIP, "sea": _SHIP, "rail": _RAIL}
ABSENT = (0, (0.8, 2.2))
KINDS = {"field": ("o", 5.0), "hub": (".", 4.0), "terminal": ("s", 4.5), "refinery": ("^", 5.0), "market": ("D", 5.0)}
_WIDEST, THINNEST = 9.0, 0.7


def draw_network(plan: Allocation, ax: Axes | None = None) -> Axes:
    """The map; the scheme where nodes have no coordinates."""
    return draw_map(plan, ax) if has_coordinates(plan.system) else draw_schematic(plan, ax)


def draw_map(
    plan: Allocation, ax: Axes | None = None, *, extent: tuple[float, float, float, float] | None = None
) -> Axes:
    """Flows on a map: legs coloured by use of their capacity, drawn as wide as their volume.

    Over a horizon its mean day. ``extent`` is (west, east, south, north) in degrees, all nodes with a margin by
    default; what lies outside is not drawn. Plate carrée, true to scale in the middle; lines join the nodes, they are
    no courses.
    """
    places = on_the_map(plan.system)
    window = window_of(places) if extent is None else checked_extent(extent)
    west, east, south, north = window
    stretch = 1.0 / max(0.2, math.cos(math.radians((south + north) / 2)))
    height = 9.0 * (north - south) * stretch / (east - west)
    with canvas(ax, (9.6, min(9.0, max(3.6, height + 2.0)))) as ax:
        _land(ax, plan, window)
        ax.set_xlim(west, east)
        ax.set_ylim(south, north)
        ax.set_aspect(stretch, adjustable="box")
        inside = {k: v for k, v in places.items() if west <= v[0] <= east and south <= v[1] <= north}
        _network(ax, plan, places, inside, 0.09)
        from routeopt.views.coastline import CREDIT

        ax.text(1.0, -0.008, CREDIT, transform=ax.transAxes, ha="right", va="top", fontsize=6.5, color=GREY)
    return ax


def draw_schematic(plan: Allocation, ax: Axes | None = None) -> Axes:
    """The same without coordinates: columns by the number of legs from the fields."""
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
    curves = {name: arc(places, plan.system, str(name), bend) for name in legs.index}
    used: set[str] = set()
    for name in legs["flow"].sort_values(ascending=False, kind="stable").index:
        used |= _leg(ax, plan, str(name), legs.loc[name], curves[name], most)
    _nodes(ax, plan, inside)
    busy = np.concatenate(list(curves.values())) if curves else np.empty((0, 2))
    label(
        ax,
        _labels(plan, inside, curves, legs, (ax.get_xlim(), ax.get_ylim())),
        busy,
        np.array(list(inside.values())).reshape(-1, 2),
    )
    title(ax, when(plan), _headline(plan))
    explain(ax, plan, used, most)


def _leg(ax: Axes, plan: Allocation, name: str, row: Any, curve: Floats, most: float) -> set[str]:
    """One leg; returns what the legend must explain."""
    flow, state, mode = float(row["flow"]), str(row["status"]), str(row["mode"])
    width = width_of(flow, most)
    style = line_style(mode, width)
    said = {{"tanker": "ship", "sea": "ship", "rail": "rail"}.get(mode, "pipe")}
    if state in ("hypothetical", "idle", "defunct"):
        ax.plot(*curve.T, color=GREY, linewidth=1.1, linestyle=ABSENT, zorder=2.0, gid=f"leg {name}")
        return {state}
    if state == "closed":
        middle = curve[len(curve) // 2]
        ax.plot(*curve.T, color=CLOSED, linewidth=1.3, linestyle=style, zorder=3.4, gid=f"leg {name}")
        ax.plot(*middle, "X", color=CLOSED, markersize=8.5, markeredgecolor="white", markeredgewidth=0.8, zorder=6,
                gid=f"closed {name}")  # fmt: skip
        return {*said, "closed"}
    use = float(row["utilisation"])
    paint, _ = step_of(use)
    said.add("unlimited" if math.isnan(use) else f"use {paint}")
    if state == "built":
        ax.plot(*curve.T, color=INK, linewidth=width + 2.6, solid_capstyle="butt", zorder=2.9, gid=f"built {name}")
        ax.plot(*curve.T, color="white", linewidth=width + 1.2, solid_capstyle="butt", zorder=2.95)
        said.add("built")
    ax.plot(*curve.T, color=paint if flow > 0 else GREY, linewidth=width, linestyle=style,
            solid_capstyle="butt", dash_capstyle="butt", zorder=3.0 - 0.01 * width, gid=f"leg {name}")  # fmt: skip
    if math.isnan(use) and width > 3 * THINNEST:  # told apart in grey too
        ax.plot(*curve.T, color=GREY, linewidth=THINNEST, linestyle=style if style == "-" else "none", zorder=3.1)
    if state == "reduced":
        middle = curve[len(curve) // 2]
        ax.plot(*middle, "v", color=CLOSED, markersize=7, markeredgecolor="white", markeredgewidth=0.8, zorder=6,
                gid=f"reduced {name}")  # fmt: skip
        said.add("reduced")
    return said


def _nodes(ax: Axes, plan: Allocation, inside: Places) -> None:
    for kind, (marker, size) in KINDS.items():
        at = [place for name, place in inside.items() if plan.system.nodes[name].kind == kind]
        if at:
            x, y = np.array(at).T
            ax.plot(x, y, marker, color="white" if kind == "market" else INK, markersize=size, markeredgecolor=INK,
                    markeredgewidth=0.9, zorder=5, linestyle="none", gid=f"nodes {kind}")  # fmt: skip


def _labels(plan: Allocation, inside: Places, curves: dict[Any, Floats], legs: Any, frame: Any) -> list[Any]:
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
        marked = [leg for leg, of in system.metering_legs.items() if of == route and leg in curves]
        marked.sort(key=lambda leg: -float(legs.loc[leg, "flow"]))
        ends = [leg for leg in marked if _longest(curves, leg) > 0]
        if not ends or (row["flow"] <= 0 and legs.loc[ends[0], "status"] in ("hypothetical", "idle", "defunct")):
            continue
        curve = curves[ends[0]]
        at = tuple(curve[len(curve) // 2])
        if not (frame[0][0] <= at[0] <= frame[0][1] and frame[1][0] <= at[1] <= frame[1][1]):
            continue
        found.append(Label(f"{_short(str(row['title']), 28)} {number(float(row['flow']))}", at, 9.0, True, True))
    return found


def _headline(plan: Allocation) -> str:
    parts = [f"{number(plan.exported)} {plan.flow_unit} exported (volumes of routes in {plan.flow_unit})"]
    if plan.shut_in > 1e-6 * max(1.0, plan.exported):
        parts.append(f"{number(plan.shut_in)} shut in")
    closed = list(dict.fromkeys(str(one) for one in plan.scenario.closures if one.left < 1.0))
    parts += [f"closed: {', '.join(closed[:4])}{' and more' if len(closed) > 4 else ''}"] if closed else []
    return "; ".join(parts)


def _land(ax: Axes, plan: Allocation, window: tuple[float, float, float, float]) -> None:
    from matplotlib.collections import PolyCollection

    from routeopt.views.coastline import outline

    west, east, south, north = window
    ax.add_patch(_sea(ax))
    closed = {c.country for c in plan.scenario.closures if c.country and c.left < 1.0}
    for name, rings in outline().items():
        # Where the window goes beyond the date line the land goes round once more.
        turns = [r + np.array([turn, 0.0]) for turn in (-360.0, 0.0, 360.0) for r in rings]
        near = [r for r in turns if r[:, 0].max() >= west and r[:, 0].min() <= east
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


def _longest(curves: dict[Any, Floats], leg: str) -> float:
    return float(np.hypot(*(curves[leg][-1] - curves[leg][0])))


def _short(text: str, most: int = 26) -> str:
    """A title without what stands in brackets, if it is long."""
    return text.partition(" (")[0] if len(text) > most and " (" in text else plain(text, most).replace("\\$", "$")


def explain(ax: Axes, plan: Allocation, used: set[str], most: float) -> None:
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
        centre = {"marker": "_", "markersize": 18, "markeredgecolor": GREY, "markeredgewidth": THINNEST}
        add(line(color=_UNLIMITED[0], linewidth=5, **centre), _UNLIMITED[1])
    for key, style, text in (
        ("pipe", "-", "pipeline"),
        ("ship", line_style("sea", 2.0), "ship"),
        ("rail", line_style("rail", 2.0), "rail"),
    ):
        if key in used:
            add(line(linestyle=style), text)
    for key, text in (("hypothetical", "not built"), ("idle", "idle"), ("defunct", "defunct")):
        if key in used:
            add(line(color=GREY, linestyle=ABSENT, linewidth=1.3), text)
    if "built" in used:
        add(
            line(color=INK, linewidth=4.5, marker="_", markersize=14, markeredgecolor="white", markeredgewidth=2.4),
            "built",
        )
    if "closed" in used:
        add(line(color=CLOSED, linewidth=1.3, marker="X", markersize=7), "closed")
    if "reduced" in used:
        add(line(color=CLOSED, linewidth=0, marker="v", markersize=7), "reduced")
    for size in _sizes(most):
        add(line(color=GREY, linewidth=width_of(size, most)), f"{number(size)} {plan.flow_unit}")
    for kind, (marker, size) in KINDS.items():
        if any(node.kind == kind for node in plan.system.nodes.values()):
            face = "white" if kind == "market" else INK
            add(line(linewidth=0, marker=marker, markersize=size, markerfacecolor=face, markeredgecolor=INK), kind)
    legend(ax, handles, labels)


def step_of(use: float) -> tuple[str, str]:
    if math.isnan(use):
        return _UNLIMITED
    return next((paint, text) for limit, paint, text in _USE if use < limit)


def line_style(mode: str, width: float) -> Any:
    """The dashes of a mode; on wide lines they are longer, but not in proportion as matplotlib has it."""
    parts = _DASHES.get(mode)
    return (0, tuple((one + 0.4 * width) / width for one in parts)) if parts else "-"


def width_of(flow: float, most: float) -> float:
    return THINNEST + (_WIDEST - THINNEST) * flow / most if most > 0 and flow > 0 else THINNEST


def _sizes(most: float) -> Iterable[float]:
    """Round volumes for the legend, the largest near the widest line."""
    if most <= 0:
        return ()
    top = 10 ** math.floor(math.log10(most))
    top *= next(step for step in (5, 2, 1) if step * top <= most)
    return (top, top / 5) if top >= 1 else (top,)


def leg_tips(plan: Allocation) -> dict[str, str]:
    """What to say of each leg: its name, flow, capacity, use and state."""
    unit, said = plan.flow_unit, {}
    for name, row in plan.legs.iterrows():
        leg = plan.system.legs[str(name)]
        capacity = float(row["capacity"])
        most = "no limit given" if math.isinf(capacity) else f"{number(capacity)} {unit}"
        lines = [leg.title or str(name), f"{leg.origin} → {leg.destination}, {row['mode']}",
                 f"flow {number(float(row['flow']))} {unit}", f"capacity {most}"]  # fmt: skip
        if not math.isnan(float(row["utilisation"])):
            lines.append(f"used {percent(float(row['utilisation']))}")
        if row["status"] != "open":
            lines.append(str(row["status"]))
        said[f"leg {name}"] = "\n".join(lines)
    return said
