"""A risk profile as a table and in words, with no more digits than its draws support."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from routeopt.intervals import digits

if TYPE_CHECKING:
    import pandas

    from routeopt.resilience.risk.profile import RiskProfile

__all__ = ["summary", "table"]

_SHOWN = 5
_QUICK = 100_000
"""States times events that can be solved while somebody waits for a page of text."""


def table(risk: RiskProfile) -> pandas.DataFrame:
    """See `RiskProfile.table`."""
    import pandas

    unit, losses, nan = risk.unit, risk.distribution, math.nan
    mean, error = risk.expected_loss, risk.standard_error
    share, share_error, low, high = losses.above(risk._noise)
    lacking, most = risk.shortage, risk._all_down[1]
    rows: dict[str, tuple[float, float, float, float, str]] = {
        "expected_shortage": (lacking.mean, lacking.standard_error, *lacking.mean_interval(0.0, most), unit),
        "expected_loss": (mean, error, *risk.expected_loss_interval, unit),
        "loss_probability": (share, share_error, low, high, "share"),
    }
    for p in (0.5, 0.9, 0.95, 0.99):
        rows[f"quantile {p:g}"] = (risk.quantile(p), nan, *risk.interval(p), unit)
    for a in (0.9, 0.95, 0.99):
        value, doubt = risk.cvar(a), losses.cvar_error(a)
        rows[f"cvar {a:g}"] = (value, doubt, *risk.cvar_interval(a), unit)
    time = risk.setup.system.units.flow.partition("/")[2]
    rows["expected_cost"] = (risk.expected_cost, nan, nan, nan, "USD a year" if risk.basis == "year" else f"USD/{time}")
    columns = ["value", "standard_error", "low", "high", "unit"]
    return pandas.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("measure")


def summary(risk: RiskProfile) -> str:
    """See `RiskProfile.summary`."""
    setup, error = risk.setup, 0.0 if math.isnan(risk.standard_error) else risk.standard_error
    title = setup.system.title or setup.system.name
    causes = sum(event.kind == "cause" for event in setup.events)
    what = "common causes" if setup.causes else "independent copies of common causes"
    lines = [f"{title}, {setup.name}: {len(setup.events)} events that may happen, {causes} of them {what}"]
    if risk.draws:
        what = "random instants" if risk.basis == "instant" else "chronological years"
        lines.append(f"{risk.draws:,} {what} (seed {setup.seed})" + (f"; {risk.note}" if risk.note else ""))
    else:
        lines.append(f"exact: {risk.note}" if risk.exact else f"{risk.note}: at most {risk.error_bound:.2g} too high")
    shown = f"expected loss {digits(risk.expected_loss, error)} {risk.unit}"
    shown += f" (standard error {error:.2g})" if error else ""
    lines.append(f"{shown} of {risk.exported:.4g} that leave with nothing failing")
    if risk.expected_shortage > risk._noise:
        lacking = digits(risk.expected_shortage, risk.shortage.standard_error)
        lines.append(f"refineries lack {lacking} {risk.unit} on average, beyond what they lack anyway")
    low, high = risk.loss_probability_interval
    half = (high - low) / 2
    chance = f"something is lost with probability {digits(100 * risk.loss_probability, 100 * half)} %"
    if risk.draws:
        chance += f" ({digits(100 * low, 100 * half)} to {digits(100 * high, 100 * half)})"
    lines.append(chance + (" at an instant" if risk.basis == "instant" else " in a year"))
    for a in (0.95, 0.99):
        low, high = risk.cvar_interval(a)
        half = 0.0 if math.isnan(high - low) else (high - low) / 2
        told = f" ({digits(low, half)} to {digits(high, half)})" if half else ""
        lines.append(f"worst {100 * (1 - a):.0f} % of {risk.basis}s: from {_quantile(risk, a)}, "
                     f"{digits(risk.cvar(a), half)}{told} on average {risk.unit}")  # fmt: skip
    if 0 < risk.states * len(setup.events) <= _QUICK and setup.asked["down"] is None:
        lines.append("share of the expected loss that would go if it never failed:")
        for name, row in risk.importance.head(_SHOWN).iterrows():
            lines.append(f"  {name}: {100 * float(row['fussell_vesely']):.0f} %")
    return "\n".join(lines)


def _quantile(risk: RiskProfile, a: float) -> str:
    low, high = risk.interval(a)
    half = (high - low) / 2
    return digits(risk.quantile(a), 0.0 if math.isnan(half) else half)
