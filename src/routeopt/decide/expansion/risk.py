"""How uncertain costs are weighed: their mean, their bad tail, and from which probability on a choice pays."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from routeopt.arrays import Floats
from routeopt.errors import InputError, Problem
from routeopt.resilience.risk.measures import Distribution

__all__ = ["CVaR", "Crossing", "crossing"]


@dataclass(frozen=True)
class CVaR:
    """Conditional value at risk: the mean of the worst ``1 - level`` of the probability, and how much it counts.

    Costs are weighed as (1 - weight) x mean + weight x CVaR, which is a coherent measure: it never prefers what is
    dearer in every case, and a sure cost added to all cases is added to it.

    Parameters
    ----------
    level : float
        0.95 looks at the worst 5 %. Above or at 0 (then CVaR is the mean) and below 1.
    weight : float
        From 0 (the mean alone) to 1 (the tail alone).

    Raises
    ------
    InputError
        One of them is out of range.

    Examples
    --------
    Ten cases cost 1 to 10 and are equally likely. The worst 15 % are the ten and half of the nine.

    >>> import numpy as np
    >>> tail = CVaR(0.85, weight=0.5)
    >>> round(tail.tail(np.arange(1.0, 11.0), np.full(10, 0.1)), 9)
    9.666666667
    >>> round(tail.of(np.arange(1.0, 11.0), np.full(10, 0.1)), 9)
    7.583333333
    """

    level: float = 0.95
    weight: float = 0.5

    def __post_init__(self) -> None:
        problems = []
        for name, value, high in (("level", self.level, "below 1"), ("weight", self.weight, "up to 1")):
            number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
            inside = number and 0.0 <= float(value) <= 1.0 and not (name == "level" and float(value) == 1.0)
            if not inside:
                hint = f"write a share from 0 {high}, such as {'0.95' if name == 'level' else '0.5'}"
                problems.append(Problem(f"{value!r} is out of range", ("CVaR", name), hint, "risk"))
        if problems:
            raise InputError(problems)

    def tail(self, costs: Floats, probability: Floats) -> float:
        """CVaR of costs: the atom that lies across the level is split."""
        spread = Distribution.of(costs, probability)
        return spread.mean if self.level == 0.0 else spread.cvar(self.level)

    def of(self, costs: Floats, probability: Floats) -> float:
        """The weighed cost."""
        return (1.0 - self.weight) * float(costs @ probability) + self.weight * self.tail(costs, probability)


@dataclass(frozen=True)
class Crossing:
    """From which probability on a choice is no dearer than another."""

    at: float  # the smallest such probability; NaN if there is none
    until: float  # the largest possible, unless it turns again before


def crossing(
    extra: float, costs: Floats, instead: Floats, scenario: int, base: Floats, others: Floats, risk: CVaR
) -> Crossing:
    """The probability of one scenario from which on a choice pays, the others keeping theirs.

    Probability is moved between the scenario and the base, whose states share what is left. The mean is linear in the
    probability and CVaR piecewise linear (its corners are where a cumulative probability passes the level), so that
    the root is found exactly. ``extra`` is what the choice costs for certain, more than the other; ``costs`` and
    ``instead`` (S,) what follows in each state with either; ``base`` (S,) the shares of its states (they add up to
    one) and ``others`` (S,) the probabilities of the other scenarios, both zero elsewhere.

    Two million a year save ten in the one state and nothing otherwise: from 20 % on.

    >>> import numpy as np
    >>> crossing(2.0, np.zeros(2), np.array([0.0, 10.0]), 1, np.array([1.0, 0.0]), np.zeros(2), CVaR(weight=0)).at
    0.2
    """
    most = 1.0 - float(others.sum())
    here = np.zeros(len(costs))
    here[scenario] = 1.0

    def weights(p: float) -> Floats:
        return others + p * here + max(most - p, 0.0) * base

    def advantage(p: float) -> float:
        mass = weights(p)
        return risk.of(instead, mass) - risk.of(costs, mass) - extra

    corners = [0.0, most]
    if risk.weight > 0.0:
        for values in (costs, instead):
            corners += _passes(values, here, base, others, most, risk.level)
    points = sorted({min(max(corner, 0.0), most) for corner in corners})
    gains = [advantage(p) for p in points]
    hair = 1e-12 * (abs(extra) + float(np.abs(costs).max()) + float(np.abs(instead).max()))
    gains = [0.0 if abs(gain) <= hair else gain for gain in gains]
    pays = next((place for place, gain in enumerate(gains) if gain >= 0.0), None)
    if pays is None:
        return Crossing(math.nan, math.nan)
    ends = next((place for place in range(pays + 1, len(points)) if gains[place] < 0.0), None)
    start = points[0] if pays == 0 else _root(points[pays - 1], gains[pays - 1], points[pays], gains[pays])
    until = most if ends is None else _root(points[ends - 1], gains[ends - 1], points[ends], gains[ends])
    return Crossing(start, until)


def _root(low: float, at_low: float, high: float, at_high: float) -> float:
    return high if at_high == at_low else low + (high - low) * at_low / (at_low - at_high)


def _passes(values: Floats, here: Floats, base: Floats, others: Floats, most: float, level: float) -> list[float]:
    """Probabilities at which the cumulative probability of a value is the level."""
    order = np.argsort(values, kind="stable")
    fixed = np.cumsum((others + most * base)[order])
    moves = np.cumsum((here - base)[order])
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (level - fixed) / moves
    return [float(p) for p in found[np.isfinite(found)] if 0.0 < p < most]
