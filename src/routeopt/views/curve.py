"""Curves over time: exports against their target, the course of a horizon, loss by repair time."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from routeopt.allocation import Allocation
from routeopt.arrays import Floats
from routeopt.resilience import LossCurve, StressTest
from routeopt.results import counted, number, percent
from routeopt.units import parse_unit
from routeopt.views.labels import Label, label
from routeopt.views.style import (
    CLOSED,
    INK,
    canvas,
    colour,
    dates,
    hatch,
    legend,
    plain,
    quiet,
    scenario_title,
    span,
    system_title,
    title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_course", "draw_loss_curve", "draw_resilience"]


_SHOWN = 3
"""Closures that are drawn by themselves."""


def draw_resilience(test: StressTest, name: str | None = None, ax: Axes | None = None) -> Axes:
    """Exports against what would have left: how deep, how much, when tanks are full, when it is back.

    ``name`` is a scenario of the test, the one that loses most by default. Rates by period; the area between target and
    exports is what is missing, that above the target what is caught up.
    """
    name = str(test.ranking.index[0]) if name is None else name
    plan, curve, row = test[name], test.curve(name), test.table.astype(float).loc[name].to_dict()
    per = parse_unit(plan.flow_unit.partition("/")[2]).factor  # days in the unit's time: amounts in a period -> rates
    days = _numbers(plan, curve.edges)
    actual, target = (amounts / curve.days * per for amounts in (curve.exported, curve.target))
    with canvas(ax, (8.6, 4.6)) as ax:
        twice, low, high = np.repeat(days, 2)[1:-1], np.repeat(actual, 2), np.repeat(target, 2)
        areas = {
            said: ax.fill_between(twice, low, high, where=where, facecolor=paint, alpha=0.35, hatch=marks,
                                  edgecolor=paint, linewidth=0.0, gid=said)
            for said, where, paint, marks in (
                ("missing", high >= low, CLOSED, "////"), ("caught up", high <= low, colour(2), "...."))
        }  # fmt: skip
        ax.plot(twice, high, color=INK, linestyle="--", linewidth=1.3, gid="target")
        ax.plot(twice, low, color=colour(0), linewidth=2.0, gid="exported")
        handles, labels = [*ax.lines, areas["missing"]], ["target: without closures", "exported", "shortfall"]
        if (actual > target * (1 + 1e-7)).any():
            handles, labels = [*handles, areas["caught up"]], [*labels, "caught up"]
        top = float(max(actual.max(initial=0.0), target.max(initial=0.0)))
        ax.set_ylim(0.0, 1.32 * top or 1.0)
        bars, notes = _closures(ax, plan, days, top)
        notes += _clocks(ax, test, name, days, top)
        notes += _depth(ax, curve.quality, actual, target, days)
        label(ax, notes, np.vstack([np.column_stack([twice, low]), *bars]), np.empty((0, 2)))
        ax.set_xlim(days[0], days[-1])
        ax.set_ylabel(plain(f"exports, {plan.flow_unit}"))
        quiet(ax)
        dates(ax)
        unit = test.amount_unit
        lacking = f"unmet refinery demand {number(row['shortage'])} {unit}, " if row["shortage"] > 0 else ""
        title(ax, _heading(plan),
              f"{lacking}{number(row['lost'])} {unit} lost, {number(row['deferred'])} deferred, "
              f"{number(row['shut_in'])} shut in; "
              f"{number(row['equivalent_days_lost'])} equivalent days lost of {row['window']:.0f} "
              f"(resilience {percent(row['resilience'])})")  # fmt: skip
        legend(ax, handles, labels)
    return ax


def _closures(ax: Axes, plan: Allocation, days: Floats, top: float) -> tuple[list[Floats], list[Label]]:
    """Each closure as a bar above the curve; where there are many, those that begin first."""
    cuts = [one for one in plan._horizon.scenario.closures if one.left < 1.0]
    zero = plan._trajectory.layout.periods.edges[0] - days[0]
    bars, notes = [], []
    for row, one in enumerate(sorted(cuts, key=lambda one: one.start or dt.date.min)[:_SHOWN]):
        begins = max(days[0], one.start.toordinal() - zero if one.start else days[0])
        ends = min(days[-1], one.end.toordinal() - zero if one.end else days[-1])
        if ends <= begins:
            continue
        y = top * (1.28 - 0.07 * row)
        ax.plot([begins, ends], [y, y], color=CLOSED, linewidth=4, alpha=1.0 - 0.6 * one.left, solid_capstyle="butt",
                gid=f"closed {one}")  # fmt: skip
        line = np.linspace(begins, ends, 60)
        bars.append(np.column_stack([line, np.full(60, y)]))
        at = begins if begins - days[0] > 0.25 * (days[-1] - days[0]) else ends
        notes.append(Label(f"{one}, {ends - begins:.0f} d", (at, y), 5.0 - row, must=True, reach=40.0))
    return bars, notes


def _clocks(ax: Axes, test: StressTest, name: str, days: Floats, top: float) -> list[Label]:
    """When tanks are full and when exports are back, as lines."""
    row = test.table.astype(float).loc[name].to_dict()
    first, last = test._span(name)
    zero = test[name]._trajectory.layout.periods.edges[0] - days[0]
    tank, back = row["days_to_tank_top"], row["days_to_recover"]
    marks = []
    if not math.isnan(tank):
        marks.append((first - zero + tank, f"tanks full {tank:.3g} d after the start", 0.12))
    if last > first and not math.isnan(back):
        begun, since = (first, "the start") if math.isinf(last) else (last, "the end")
        marks.append((begun - zero + back, f"back at target {back:.3g} d after {since}", 0.25))
    for day, text, _ in marks:
        ax.axvline(day, color=INK, linewidth=0.9, linestyle=":", zorder=2.5, gid=text.partition(" ")[0])
    return [Label(text, (day, top * level), 3.0, must=True) for day, text, level in marks if days[0] <= day <= days[-1]]


def _depth(ax: Axes, quality: Floats, actual: Floats, target: Floats, days: Floats) -> list[Label]:
    """An arrow where most of the target is missing."""
    depth = float(1.0 - np.minimum(quality, 1.0).min(initial=1.0))
    if depth <= 1e-6:
        return []
    place = int(np.argmin(quality))
    day = float(days[place] + days[place + 1]) / 2
    ax.annotate("", (day, actual[place]), (day, target[place]), gid="depth", arrowprops={
        "arrowstyle": "<->", "color": INK, "linewidth": 1.0, "shrinkA": 0, "shrinkB": 0})  # fmt: skip
    at = float(actual[place] + 0.62 * (target[place] - actual[place]))
    return [Label(f"largest shortfall {percent(depth)}", (day, at), 4.0, must=True)]


def draw_course(plan: Allocation, ax: Axes | None = None) -> Axes:
    """Exports by route in each period, and what is shut in as a line."""
    periods = plan.periods
    days = _numbers(plan, np.concatenate([[0.0], np.cumsum(periods["total", "days"].to_numpy())]))
    routes = [str(name) for name in plan.routes.index]
    with canvas(ax, (8.6, 4.6)) as ax:
        base = np.zeros(len(days))
        handles: list[Any] = []
        labels: list[str] = []
        for place, name in enumerate(routes):
            flow = _step(periods["route", name].to_numpy())
            if flow.max(initial=0.0) <= 0:
                continue
            band: dict[str, Any] = {
                "facecolor": colour(place),
                "hatch": hatch(place),
                "edgecolor": "white",
                "linewidth": 0.3,
            }
            handles.append(ax.fill_between(days, base, base + flow, step="post", gid=f"route {name}", **band))
            labels.append(str(plan.routes.loc[name, "title"]))
            base = base + flow
        shut = _step(periods["total", "shut_in"].to_numpy())
        if shut.max(initial=0.0) > 0:
            ax.step(days, shut, where="post", color="white", linewidth=3.4)
            handles += ax.step(days, shut, where="post", color=INK, linewidth=1.4, linestyle=(0, (4, 1)), gid="shut in")
            labels.append("shut in (not stacked)")
        ax.set_xlim(days[0], days[-1])
        ax.set_ylim(bottom=0.0)
        ax.set_ylabel(plain(f"exported, {plan.flow_unit}"))
        quiet(ax)
        dates(ax)
        title(ax, _heading(plan),
              f"By route, {plan.flow_unit}; on the mean day {number(plan.exported)} exported")  # fmt: skip
        legend(ax, handles, labels)
    return ax


def draw_loss_curve(curve: LossCurve, ax: Axes | None = None) -> Axes:
    """Loss of a closure, and shortage of refineries, by how long the repair takes."""
    with canvas(ax, (7.6, 4.4)) as ax:
        ax.plot(curve.days, curve.lost, color=colour(0), marker="o", markersize=3.0, linewidth=1.8, gid="lost")
        starves = bool((curve.shortage > 0).any())
        if starves:
            ax.plot(curve.days, curve.shortage, color=colour(1), linestyle="--", marker="s", markersize=3.0,
                    linewidth=1.8, gid="lacking")  # fmt: skip
            legend(ax, ax.get_lines(), ["lost", "unmet refinery demand"], columns=1)
        top = max(float(curve.lost.max(initial=0.0)), float(curve.shortage.max(initial=0.0)), 0.0)
        ax.set_xlim(0.0, float(curve.days[-1]))
        ax.set_ylim(min(0.0, 1.08 * float(curve.lost.min(initial=0.0))), 1.08 * top or 1.0)
        ax.set_xlabel("repair time, days")
        ax.set_ylabel(plain(f"{'amount' if starves else 'lost'}, {curve.amount_unit}"))
        tank = curve.days_of_ullage
        if not math.isnan(tank) and tank <= curve.days[-1]:
            ax.axvline(tank, color=INK, linestyle=":", linewidth=1.0, gid="tanks")
            late = tank > 0.6 * curve.days[-1]
            ax.annotate(f"ullage for {tank:.3g} d", (tank, 0.95 * (top or 1.0)), (-5 if late else 5, 0),
                        va="center", ha="right" if late else "left", textcoords="offset points",
                        fontsize=8)  # fmt: skip
        quiet(ax, "both")
        safe = (
            f"no loss up to {counted(curve.ride_through_days, 'day')}"
            if curve.ride_through_days
            else "every repair time loses exports"
        )
        slope, steep = curve.table["marginal_loss"].to_numpy(), ""
        if len(slope) > 1:
            steep = f"; marginal loss at the end {number(float(slope[-2]))} {curve.amount_unit} per day"
        if starves and steep:
            short = float(np.diff(curve.shortage)[-1] / np.diff(curve.days)[-1])
            steep += f", unmet refinery demand {number(short)}"
        title(
            ax,
            f"{system_title(curve.system)}: {curve.closures} closed, loss within {curve.window:.0f} days",
            f"{safe}{steep}",
        )
    return ax


def _heading(plan: Allocation) -> str:
    first, last = span(plan)
    return f"{system_title(plan.system)}: {scenario_title(plan)}, {first:%Y-%m-%d} to {last:%Y-%m-%d}"


def _numbers(plan: Allocation, edges: Floats) -> Floats:
    """Edges of periods as matplotlib counts days."""
    from matplotlib import dates

    untyped: Any = dates
    first: float = untyped.date2num(plan.periods.index[0].to_pydatetime())
    numbers: Floats = first + (edges - edges[0])
    return numbers


def _step(values: Floats) -> Floats:
    """Values of periods at their edges: the last holds to the end."""
    return np.append(values, values[-1:])
