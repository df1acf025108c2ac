"""Curves that are straight between corners: capacity curves and frontiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from routeopt.views.style import GREY, canvas, colour, needs, plain, quiet, system_title, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from routeopt.decide import Alternatives, CapacityCurve, ExpansionPlan

__all__ = ["draw_capacity_curve", "draw_corners", "draw_cost_frontier", "draw_exposure_frontier"]


def draw_corners(
    frame: pd.DataFrame, x: str, y: str, ax: Axes | None = None, *, x_label: str, y_label: str, heading: str = "",
    note: str = "", straight: bool = True, names: str | None = None,
) -> Axes:  # fmt: skip
    """A curve by its corners: a capacity curve, or a frontier of cost against risk or exposure.

    The frame has a row a corner, in the order of the curve; ``x`` and ``y`` name columns, or the index. Labels tell
    units too: ``"capacity, Mt/y"``. ``straight`` says that points between two corners can be had (a linear program),
    otherwise it is a staircase. ``names`` is a column of names to write at the corners where there is room.
    """
    table = frame.reset_index() if x not in frame or y not in frame else frame
    needs(table, (x, y, *([names] if names else [])))
    across, up = table[x].to_numpy(float), table[y].to_numpy(float)
    with canvas(ax, (7.4, 4.4)) as ax:
        ax.plot(across, up, color=colour(0), marker="o", markersize=5, linewidth=1.8, gid="corners",
                drawstyle="default" if straight else "steps-post")  # fmt: skip
        ax.set_xlabel(plain(x_label))
        ax.set_ylabel(plain(y_label))
        ax.margins(0.06, 0.1)
        quiet(ax, "both")
        title(ax, heading or f"{y_label} by {x_label}", note)
        if not len(table):
            ax.text(0.5, 0.5, "no breakpoints", transform=ax.transAxes, ha="center", color=GREY)
        elif names:
            from routeopt.views.labels import Label, label

            points = np.column_stack([across, up])
            label(ax, [Label(str(t), (a, b), len(across) - i) for i, (t, a, b) in enumerate(
                zip(table[names], across, up, strict=True))], points, points)  # fmt: skip
    return ax


def draw_exposure_frontier(found: Alternatives, ax: Axes | None = None) -> Axes:
    """`draw_corners` of alternatives: barrels that cross what is avoided, by what avoiding it costs."""
    base = found.base
    frame = found.frontier.assign(netback_lost=found.frontier["netback_lost"] / 1e6)
    return draw_corners(
        frame, "netback_lost", "exposed", ax, x_label=f"netback lost, million {base.money_unit}",
        y_label=f"exports through {' '.join(found.minimised)}, {base.flow_unit}",
        heading=f"{system_title(base.system)}: {found.headline}",
    )  # fmt: skip


def draw_capacity_curve(found: CapacityCurve, ax: Axes | None = None) -> Axes:
    """`draw_corners` of a capacity curve: exports (or extra netback) by the capacity of a leg."""
    money = found.measure == "netback"
    frame = found.table.assign(incremental_netback=found.table["incremental_netback"] / 1e6)
    return draw_corners(
        frame, "capacity", "incremental_netback" if money else "exported", ax,
        x_label=f"capacity of {found.leg}, {found.flow_unit}",
        y_label=f"extra netback, million {found.money_unit}" if money else f"exports, {found.flow_unit}",
        heading=f"{system_title(found.system)}: value of capacity of {found.leg} ({found.name})",
    )  # fmt: skip


def draw_cost_frontier(found: ExpansionPlan, ax: Axes | None = None) -> Axes:
    """`draw_corners` of what to build: expected cost against the cost of bad outcomes."""
    frame, unit = found.frontier, f"million {found.money_unit}"
    million = frame.assign(total=frame["total"] / 1e6, cvar=frame["cvar"] / 1e6).reset_index()
    return draw_corners(million, "total", "cvar", ax, x_label=f"expected cost, {unit}",
                        y_label=f"CVaR of cost, {unit}", names="build", straight=False,
                        heading="What to build: expected cost and tail risk (CVaR)")  # fmt: skip
