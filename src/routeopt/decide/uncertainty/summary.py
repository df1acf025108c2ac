"""A sensitivity in plain words, with no more digits than the draws support."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from routeopt.decide.uncertainty.statistics import digits

if TYPE_CHECKING:
    from routeopt.decide.uncertainty.result import Sensitivity

__all__ = ["summary"]

_SHOWN = 5
"""How many numbers are named for each scenario."""


def summary(found: Sensitivity) -> str:
    """See `Sensitivity.summary`."""
    count = len(found.inputs_table)
    one = "1 number of the data drawn from its range" if count == 1 else f"{count} numbers drawn from their ranges"
    title = found.system.title or found.system.name
    lines = [f"{title}: {', '.join(found.scenarios)}; {found.draws} draws of {one} (seed {found.seed})"]
    if found.redrawn:
        lines.append(f"in {found.redrawn} draws something contradicted itself and was drawn again")
    lines += _conclusions(found)
    for scenario in found.scenarios:
        lines += ["", *_spread(found, scenario), *_moves(found, scenario)]
    return "\n".join(lines)


def _conclusions(found: Sensitivity) -> list[str]:
    table = found.conclusions
    if table.empty:
        return []
    lines = ["", "conclusion: share of draws in which it holds (95 % interval)"]
    for name, row in table.iterrows():
        low, high = 100 * float(row["low"]), 100 * float(row["high"])
        half = (high - low) / 2
        text = f"{digits(100 * float(row['share']), half)} % ({digits(low, half)} to {digits(high, half)})"
        lines.append(f"  {name}: {text}" + ("" if row["holds"] else "; it does not hold at the values of the data"))
    return lines


def _spread(found: Sensitivity, scenario: str) -> list[str]:
    """Quantiles of what is exported and of each route that carries something."""
    lines = [f"{scenario}, in {found.system.units.flow}: at the values; 5 %, median and 95 % of the draws"]
    for quantity in found.results[scenario].columns:
        drawn = found.results[scenario, quantity].to_numpy()
        if quantity in ("cost", "netback") or not drawn.max() > 0:
            continue
        at = found.quantiles((scenario, str(quantity)))
        errors = (at["high"] - at["low"]) / 2
        # Too few draws for an interval: the spread of the draws is all that is known.
        errors = errors.fillna(float(np.ptp(drawn)) / 2)
        shown = [digits(value, error) for value, error in zip(at["value"], errors, strict=True)]
        finest = min(errors.to_numpy().min(), float(np.ptp(drawn)))
        lines.append(f"  {quantity} {digits(float(found.base[scenario, quantity]), finest)}; {', '.join(shown)}")
    return lines


def _moves(found: Sensitivity, scenario: str) -> list[str]:
    """Numbers that go with the exported volume, or with netback where the volume does not move."""
    drawn = found.results[scenario]
    quantity = "exported" if np.ptp(drawn["exported"].to_numpy()) > 1e-6 * drawn["exported"].max() else "netback"
    table = found.rank_correlations((scenario, quantity))
    clear = table[table["correlation"].abs() > 2.0 * table["standard_error"]].head(_SHOWN)
    if clear.empty:
        return []
    named = [
        f"{name} {_signed(float(row['correlation']), float(row['standard_error']))}" for name, row in clear.iterrows()
    ]
    return [f"  {quantity} goes with (rank correlation): {', '.join(named)}"]


def _signed(value: float, error: float) -> str:
    text = digits(abs(value), max(error, 0.005) if math.isfinite(error) else 0.1)
    return f"{'-' if value < 0 else '+'}{text}"
