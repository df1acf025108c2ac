"""Bars: routes before and after, tornado, Shapley values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from routeopt.allocation import Allocation, allocate
from routeopt.arrays import Floats
from routeopt.comparison import Comparison, compare
from routeopt.results import number
from routeopt.scenario import Scenario
from routeopt.views.style import (
    GREY,
    INK,
    canvas,
    colour,
    hatch,
    legend,
    needs,
    plain,
    quiet,
    scenario_title,
    system_title,
    title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from routeopt.decide import ExpansionPlan, Sensitivity, ShapleyTable

__all__ = [
    "draw_attribution", "draw_change", "draw_routes", "draw_saved", "draw_sensitivity", "draw_shapley", "draw_tornado",
]  # fmt: skip


def draw_routes(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Volume by route of each allocation, and what is shut in."""
    first = comparison.plans[0]
    table = comparison.table
    flows = table.loc["route"] if "route" in table.index.get_level_values(0) else table.iloc[:0]
    titles: dict[str, str] = {}
    for plan in comparison.plans:
        titles |= {str(name): str(text) for name, text in plan.routes["title"].items()}
    names = [titles.get(str(route), str(route)) for route in flows.index]
    values = np.vstack([flows.to_numpy(), table.loc[[("total", "shut_in")]].to_numpy()])
    unit = first.flow_unit
    with canvas(ax, (8.2, 1.8 + 0.22 * values.size)) as ax:
        labels = [scenario_title(plan) for plan in comparison.plans]
        labels = list(comparison.names) if len(set(labels)) < len(labels) else labels
        _grouped(ax, [*names, "shut in"], values, labels)
        ax.set_xlabel(plain(f"flow, {unit}"))
        totals = ", ".join(
            f"{number(plan.exported)} in {label}" for label, plan in zip(labels, comparison.plans, strict=True)
        )
        title(ax, f"{system_title(first.system)}: flow by route, {unit}", f"exported: {totals}")
    return ax


def draw_change(plan: Allocation, ax: Axes | None = None) -> Axes:
    """`draw_routes` of the base, over the same horizon if there is one, and of an allocation."""
    base = allocate(plan.system, Scenario(horizon=plan.scenario.horizon), economic=plan._point.economic)
    return draw_routes(compare(base, plan), ax)


def draw_sensitivity(
    found: Sensitivity, result: str | tuple[str, str] | None = None, ax: Axes | None = None, *, top: int = 10
) -> Axes:
    """`draw_tornado` of a result of a sensitivity: a scenario and a quantity, as in `routeopt.Sensitivity.tornado`."""
    frame = found.tornado(result if result is not None else (found.scenarios[0], "exported"), top)
    # One that is no pair names a quantity of the only scenario: the tornado has checked that.
    scenario, quantity = result if isinstance(result, tuple) else (found.scenarios[0], result or "exported")
    flow = found.system.units.flow
    unit = f"USD/{flow.partition('/')[2]}" if quantity in ("cost", "netback") else flow
    return draw_tornado(
        frame, ax, base=float(found.base[scenario, quantity]), quantity=quantity, unit=unit,
        heading=f"{system_title(found.system)}: sensitivity of {quantity}, {unit} ({scenario})", top=None,
    )  # fmt: skip


def draw_saved(found: ExpansionPlan, ax: Axes | None = None, *, top: int | None = 15, **asked: Any) -> Axes:
    """`draw_tornado` of what the choice of a plan saves; other arguments as in `routeopt.ExpansionPlan.tornado`."""
    frame, ends = found.tornado(**asked), ("net_benefit_low", "net_benefit_high")
    unit = f"million {found.money_unit}"
    return draw_tornado(
        frame.assign(**{name: frame[name] / 1e6 for name in ends}), ax, quantity="net benefit of building", unit=unit,
        top=top, ends=ends, heading=f"Sensitivity of the net benefit of building, {unit}",
    )  # fmt: skip


def draw_attribution(found: ShapleyTable, ax: Axes | None = None, *, top: int | None = 15) -> Axes:
    """`draw_shapley` of a table of Shapley values."""
    table, unit = found.table, found.unit
    if unit.startswith("USD"):
        table = table[["shapley", "leave_one_out", "standard_error"]] / 1e6
        unit = f"million {unit}"
    return draw_shapley(
        table, ax, unit=unit, quantity=found.measure, top=top,
        heading=f"{system_title(found.system)}: {found.measure} attributed by {found.over}, {unit} ({found.name})",
    )  # fmt: skip


def draw_tornado(
    frame: pd.DataFrame, ax: Axes | None = None, *, base: float | None = None, quantity: str = "result", unit: str = "",
    heading: str = "", top: int | None = 15, ends: tuple[str, str] | None = None,
) -> Axes:  # fmt: skip
    """A result with each number at its low and at its high end, in the order of a frame whose index names the numbers.

    Two columns are the results: ``ends``, or else ``low_result`` and ``high_result``, or ``low`` and ``high``. If
    ``low``, ``high`` and ``unit`` of the number are there too, they are written at its bar. ``base`` is the result at
    the values of the data (by default the column ``base``); without one bars begin at the middle of all ends.
    ``top`` rows are drawn, all if None.
    """
    ends = ends or (("low_result", "high_result") if "low_result" in frame else ("low", "high"))
    needs(frame, ends)
    shown = frame if top is None else frame.head(top)
    low, high = (shown[end].to_numpy(float) for end in ends)
    if base is None and "base" in shown and len(shown):
        base = float(shown["base"].iloc[0])
    zero = base if base is not None else float(np.nanmean(np.concatenate([low, high]))) if len(shown) else 0.0
    with canvas(ax, (8.2, 1.7 + 0.36 * max(1, len(shown)))) as ax:
        y = np.arange(len(shown))[::-1]
        handles = []
        for values, paint, marks, said in ((low, colour(4), "", "low"), (high, colour(0), "////", "high")):
            handles.append(ax.barh(y, np.nan_to_num(values - zero), left=zero, height=0.62, color=paint, hatch=marks,
                                   edgecolor="white", linewidth=0.4, gid=said, alpha=0.95))  # fmt: skip
        ax.axvline(zero, color=INK, linewidth=1.0)
        ranges = ends[0] != "low" and {"low", "high"} <= set(shown)
        names = [plain(_range(str(name), row) if ranges else str(name), 58) for name, row in shown.iterrows()]
        ax.set_yticks(y, names)
        ax.set_xlabel(plain(f"{quantity}, {unit}" if unit else quantity))
        quiet(ax, "x")
        ax.margins(x=0.06)
        at = f" ({number(zero)} {unit} at the values of the data)" if base is not None else ""
        title(ax, heading or f"{quantity}{at}", "one input at a time, at its low and its high value")
        if len(shown):
            legend(ax, handles, ["input at its low value", "input at its high value"])
        else:
            ax.text(0.5, 0.5, "no input changes it", transform=ax.transAxes, ha="center", color=GREY)
    return ax


def draw_shapley(frame: pd.DataFrame, ax: Axes | None = None, *, quantity: str = "exports", unit: str,
                 heading: str = "", top: int | None = 15) -> Axes:  # fmt: skip
    """Shapley value of each player beside what is lost without it, the largest ``top`` first.

    The frame has ``shapley`` and ``leave_one_out``, perhaps ``standard_error`` of the first; its index is the player.
    """
    needs(frame, ("shapley", "leave_one_out"))
    shown = frame.sort_values("shapley", ascending=False, kind="stable")
    more = len(shown) - (len(shown) if top is None else min(top, len(shown)))
    shown = shown if top is None else shown.head(top)
    values = shown[["shapley", "leave_one_out"]].to_numpy(float)
    errors = shown["standard_error"].to_numpy(float) if "standard_error" in shown else None
    with canvas(ax, (7.6, 1.7 + 0.5 * max(1, len(shown)))) as ax:
        _grouped(ax, [str(name) for name in shown.index], values, ["Shapley value", "loss if it alone is out"], errors)
        ax.set_xlabel(plain(f"{quantity}, {unit}"))
        rest = f"; {more} smaller not shown" if more else ""
        title(ax, heading or f"Shapley values of {quantity}", f"attribution, not bargaining power{rest}")
    return ax


def _grouped(
    ax: Axes, names: Sequence[str], values: Floats, labels: Sequence[str], errors: Floats | None = None
) -> None:
    """Bars of each name one under the other, with their figures."""
    rows, columns = values.shape
    height = 0.8 / max(1, columns)
    handles = []
    for column in range(columns):
        y = np.arange(rows)[::-1] + 0.4 - height * (column + 0.5)
        error = errors if column == 0 else None
        handles.append(ax.barh(y, values[:, column], height * 0.94, color=colour(column), hatch=hatch(column),
                               edgecolor="white", linewidth=0.3, gid=str(labels[column]), xerr=error,
                               error_kw={"ecolor": INK, "elinewidth": 1.0}))  # fmt: skip
        for place, value in zip(y, values[:, column], strict=True):
            shift = 4 if value >= 0 else -4
            ax.annotate(number(float(value)), (value, place), (shift, 0), textcoords="offset points", va="center",
                        ha="left" if value >= 0 else "right", fontsize=min(8.0, 34 * height), color=INK)  # fmt: skip
    ax.axvline(0.0, color=GREY, linewidth=0.8)
    ax.set_yticks(np.arange(rows)[::-1], [plain(name, 40) for name in names])
    ax.set_ylim(-0.6, rows - 0.4)
    quiet(ax, "x")
    ax.margins(x=0.1)
    legend(ax, handles, labels)


def _range(name: str, row: pd.Series) -> str:
    unit = f" {row['unit']}" if "unit" in row else ""
    return f"{name}: {number(float(row['low']))} to {number(float(row['high']))}{unit}"
