"""Unavailability by day of the year: an alternating renewal process with seasons."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.elements.elements import Element
from routeopt.system.components import Outages, Repair

__all__ = ["YEAR", "Process", "RepairTime", "month_of_day", "processes_of"]


YEAR = 365
"""Days of a year, as in the rates of the data."""

_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ATOMS = 20_001


def month_of_day() -> NDArray[np.int64]:
    """Month (1 to 12) of each day of the year."""
    return np.repeat(np.arange(1, 13), _MONTHS)


@dataclass(frozen=True)
class RepairTime:
    """Distribution of a repair time: mean in days, and coefficient of variation.

    Examples
    --------
    >>> weeks = RepairTime("weibull", 14.0, 0.5)
    >>> round(float(weeks.atoms.mean()), 6), round(float(weeks.atoms.std() / 14), 2)
    (14.0, 0.5)
    """

    family: str
    mean: float
    cv: float = 1.0

    @classmethod
    def of(cls, repair: Repair) -> RepairTime:
        """The distribution in the data."""
        cv = 1.0 if repair.cv is None else repair.cv.inner
        return cls("fixed" if cv == 0 else repair.distribution, repair.mean.inner, cv)

    @cached_property
    def _shape(self) -> tuple[float, float]:
        """mu and sigma of a lognormal time, scale and shape of a Weibull time."""
        if self.family == "lognormal":  # cv² = exp(sigma²) - 1 and mean = exp(mu + sigma²/2)
            variance = math.log1p(self.cv**2)
            return math.log(self.mean) - variance / 2, math.sqrt(variance)
        low, high = 0.05, 200.0  # cv² = Γ(1 + 2/k) / Γ(1 + 1/k)² - 1 falls with k
        for _ in range(80):
            middle = math.sqrt(low * high)
            spread = math.lgamma(1 + 2 / middle) - 2 * math.lgamma(1 + 1 / middle)
            low, high = (middle, high) if spread > math.log1p(self.cv**2) else (low, middle)
        return self.mean / math.gamma(1 + 1 / low), low

    def sample(self, rng: np.random.Generator, many: int) -> Floats:
        """Repair times, days."""
        if self.family == "fixed":
            return np.full(many, self.mean)
        if self.family == "exponential":
            return rng.exponential(self.mean, many)
        first, second = self._shape
        if self.family == "lognormal":
            return rng.lognormal(first, second, many)
        drawn: Floats = first * rng.weibull(second, many)
        return drawn

    @cached_property
    def atoms(self) -> Floats:
        """Equally likely times in ascending order that stand for the distribution, with exactly its mean."""
        share = (np.arange(_ATOMS) + 0.5) / _ATOMS
        if self.family == "fixed":
            return np.full(_ATOMS, self.mean)
        if self.family == "lognormal":
            mu, sigma = self._shape
            times = np.exp(mu + sigma * _normal_scores())
        elif self.family == "weibull":
            scale, shape = self._shape
            times = scale * (-np.log1p(-share)) ** (1 / shape)
        else:
            times = -self.mean * np.log1p(-share)
        scaled: Floats = times * (self.mean / times.mean())
        return scaled

    @cached_property
    def survival(self) -> Floats:
        """Days that a repair takes on average beyond day k and up to day k + 1, shape (days of the longest,).

        They add up to the mean: the integral of P(time > x) from k to k + 1.
        """
        atoms = self.atoms
        edges = np.arange(math.ceil(atoms[-1]) + 1)
        below = np.searchsorted(atoms, edges)
        total = np.concatenate([[0.0], np.cumsum(atoms)])
        limited = (total[below] + edges * (len(atoms) - below)) / len(atoms)  # E[min(time, x)]
        return np.diff(limited)


@lru_cache(maxsize=1)
def _normal_scores() -> Floats:
    normal = NormalDist()
    return np.array([normal.inv_cdf((k + 0.5) / _ATOMS) for k in range(_ATOMS)])


class Process:
    """Up times and repairs in turn, in their yearly steady state.

    An up time ends at a rate that depends on the day of the year only, repair times do not depend on the day. Without
    months the share of time down is rate x mean / (1 + rate x mean) on every day, whatever the distribution
    (Cox 1962, Renewal Theory, chapter 7). With months all failures of a year fall in them: the rate there is higher by
    365 / days of the months, and what is down at a midnight failed on some day before and has not been repaired since.

    Of each day of the year, ``hazard`` has failures while it is up, and ``down`` the probability that it is down at the
    first instant.

    Examples
    --------
    >>> from routeopt.system import Outages
    >>> storms = Outages.model_validate({"rate": "2 /y", "repair": {"mean": "3 d"}, "months": [12, 1, 2]})
    >>> process = Process(storms)
    >>> float(process.down[200].round(6)), float(process.down[20].round(2))
    (0.0, 0.06)
    """

    def __init__(self, outages: Outages) -> None:
        self.repair = RepairTime.of(outages.repair)
        season = np.isin(month_of_day(), outages.months) if outages.months else np.ones(YEAR, bool)
        self.hazard: Floats = np.where(season, outages.rate.inner * YEAR / season.sum(), 0.0)
        self.seasonal = bool(not season.all())
        self.down = self._steady()

    @property
    def mean(self) -> float:
        """Share of the year in which it is down."""
        return float(self.down.mean())

    def _steady(self) -> Floats:
        if not self.seasonal:
            load = float(self.hazard[0]) * self.repair.mean
            return np.full(YEAR, load / (1.0 + load))
        # p[d] = sum over earlier days t of hazard[t] x P(up during t) x survival[d - t - 1], wrapped round the year.
        wrapped = np.bincount(np.arange(len(self.repair.survival)) % YEAR, self.repair.survival, YEAR)
        days = np.arange(YEAR)
        still = wrapped[(days[:, None] - days[None, :] - 1) % YEAR] * self.hazard
        during = (still + np.roll(still, 1, axis=1)) / 2  # up during a day: mean of both its midnights
        steady: Floats = np.linalg.solve(np.eye(YEAR) + during, still.sum(axis=1))
        return np.clip(steady, 0.0, 1.0)

    @cached_property
    def ages(self) -> Floats:
        """Given that it is down when the year begins: probability that it failed k + 1 days before, shape (days,)."""
        survival = self.repair.survival
        day = (-1 - np.arange(len(survival))) % YEAR
        up = 1.0 - (self.down[day] + self.down[(day + 1) % YEAR]) / 2
        weight = survival * self.hazard[day] * up
        if not weight.any():  # never down then, unless initially_down: a repair that has just begun
            return np.ones(1)
        found: Floats = weight / weight.sum()
        return found


def processes_of(elements: Iterable[Element]) -> tuple[Process, ...]:
    """The processes of elements that fail."""
    return tuple(Process(one.outages) for one in elements if one.outages is not None)
