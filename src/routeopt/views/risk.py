"""Risk curves: how likely it is to lose more than so much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from routeopt.arrays import Floats
from routeopt.errors import InputError, Problem
from routeopt.resilience import RiskProfile
from routeopt.results import number
from routeopt.views.style import canvas, colour, legend, plain, quiet, system_title, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from routeopt.resilience.risk.compare import RiskComparison

__all__ = ["draw_risk", "draw_risk_curve", "draw_risk_curves"]


_STYLES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (7, 1.5, 1, 1.5)))
_MARKS = ("o", "s", "^", "D")


def draw_risk(profiles: RiskProfile | Sequence[RiskProfile], ax: Axes | None = None, *, tail: float = 0.95) -> Axes:
    """The probability of losing more, with the expected loss and the mean of the worst (CVaR at ``tail``) marked.

    Several profiles share the axes if they share a unit, for example without and with a new route. Probabilities are on
    a logarithmic scale if they span more than two decades.
    """
    several = [profiles] if isinstance(profiles, RiskProfile) else list(profiles)
    if not several:
        raise InputError(Problem("no risk profile to draw", ("profiles",), "give one or more"))
    units = {one.unit for one in several}
    if len(units) > 1:
        raise InputError(Problem(f"losses in {' and '.join(sorted(units))} do not share an axis", ("profiles",),
                                 "take draws for all or years for all, in one unit"))  # fmt: skip
    unit, first = several[0].unit, several[0]
    with canvas(ax, (8.0, 4.6)) as ax:
        from matplotlib.ticker import FuncFormatter

        handles, labels, lowest = [], [], 1.0
        names = _names(several)
        for place, (name, one) in enumerate(zip(names, several, strict=True)):
            loss, above = _exceedance(one)
            paint, style = colour(place), _STYLES[place % len(_STYLES)]
            handles += ax.step(
                loss, above, where="post", color=paint, linestyle=style, linewidth=2.0, gid=f"risk {name}"
            )
            worst, mean = one.cvar(tail), one.expected_loss
            error = "" if one.exact or not np.isfinite(one.standard_error) else f" ± {number(one.standard_error, 2)}"
            lacking = one.expected_shortage
            short = f"; unmet refinery demand {number(lacking)}" if lacking > 1e-6 * one.exported else ""
            labels.append(f"{name}: expected {number(mean)}{error}, CVaR {tail:.0%} {number(worst)}{short}")
            for value, face in ((mean, paint), (worst, "white")):
                ax.plot(value, one.probability(value), _MARKS[place % len(_MARKS)], color=paint, markerfacecolor=face,
                        markersize=7, zorder=5, gid=f"{'expected' if face == paint else 'worst'} {name}")  # fmt: skip
            positive = above[above > 0]
            lowest = min(lowest, float(positive.min(initial=1.0)))
        if lowest < 0.01:
            ax.set_yscale("log")
            ax.set_ylim(10.0 ** np.floor(np.log10(max(lowest, 1e-6))), 1.3)
        else:
            ax.set_ylim(0.0, 1.03)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}%"))
        ax.set_xlim(left=min(0.0, *(float(one._distribution.values.min()) for one in several)))
        ax.set_xlabel(plain(f"loss, {unit}"))
        ax.set_ylabel("exceedance probability (share of time)" if first.sampling == "snapshot" else
                      "exceedance probability (per year)")  # fmt: skip
        quiet(ax, "both")
        if len(several) == 1 and first.exact:
            how = "exact"
        else:
            how = "; ".join(dict.fromkeys("exact" if one.exact else f"{one.draws:,} {one.sampling}s" if one.draws
                                          else f"{one.outage_states:,} states" for one in several))  # fmt: skip
        basis = "at a random instant" if first.sampling == "snapshot" else "in a random year"
        title(ax, f"{system_title(first.system)}: loss {basis}, {unit} ({how})",
              f"filled mark: expected loss; open mark: CVaR {tail:.0%}")  # fmt: skip
        legend(ax, handles, labels, columns=1)
    return ax


def draw_risk_curve(profile: RiskProfile, *others: RiskProfile, ax: Axes | None = None, tail: float = 0.95) -> Axes:
    """`draw_risk` of one profile, and of others in the same axes."""
    return draw_risk([profile, *others], ax, tail=tail)


def draw_risk_curves(both: RiskComparison, ax: Axes | None = None, *, tail: float = 0.95) -> Axes:
    """`draw_risk` of two profiles that are compared."""
    return draw_risk(both.profiles, ax, tail=tail)


def _exceedance(profile: RiskProfile) -> tuple[Floats, Floats]:
    """Losses in order, and the probability of more than each."""
    values, weights = profile._distribution.values, profile._distribution.weights
    above = np.clip(1.0 - np.cumsum(weights), 0.0, 1.0)
    above[-1] = 0.0
    begins = min(0.0, float(values[0]))
    before = float(weights[values > begins].sum())
    return np.concatenate([[begins], values]), np.concatenate([[min(1.0, before)], above])


def _names(profiles: list[RiskProfile]) -> list[str]:
    """Scenarios' names, made distinct; common causes told from independent parts."""
    plain_names = [one.scenario.title or one.name for one in profiles]
    return [
        f"{name} ({'common causes' if one._setup.common_causes else 'independent'})"
        if plain_names.count(name) > 1
        else name
        for name, one in zip(plain_names, profiles, strict=True)
    ]
