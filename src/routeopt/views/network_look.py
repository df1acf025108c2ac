"""How a network is drawn: what colours, widths and dashes mean, and the legend that says so."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from routeopt.allocation import Allocation
from routeopt.views.style import CLOSED, GREY, INK, legend, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ABSENT", "KINDS", "THINNEST", "explain", "line_style", "step_of", "width_of"]

_USE = ((0.5, "#E5C55C", "used under 50 %"), (0.8, "#A69D75", "used 50 to 80 %"), (0.995, "#575C6D", "used 80 to 99 %"),
        (math.inf, "#00204D", "full"))  # fmt: skip
"""Four steps of cividis, the darker the fuller: they differ in grey too."""
_UNLIMITED = ("#A9C0D0", "no limit given")
_SHIP, _RAIL = (5.0, 2.0), (7.0, 2.0, 1.0, 2.0)
_DASHES = {"tanker": _SHIP, "sea": _SHIP, "rail": _RAIL}
ABSENT = (0, (0.8, 2.2))
KINDS = {"field": ("o", 5.0), "hub": (".", 4.0), "terminal": ("s", 4.5), "refinery": ("^", 5.0), "market": ("D", 5.0)}
_WIDEST, THINNEST = 9.0, 0.7


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
