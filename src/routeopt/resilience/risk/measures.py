"""Measures of a distribution of losses that has atoms: mean, quantiles, value at risk and its conditional mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from routeopt.arrays import Floats
from routeopt.errors import InputError, Problem
from routeopt.intervals import mean_interval, order_interval, share_error, tail_interval, wilson

__all__ = ["Distribution"]


_TIE = 1e-12

_FEW = 10
"""With fewer draws off the mode the standard error is itself unreliable."""


@dataclass(frozen=True, eq=False)
class Distribution:
    """Losses in ascending order, their probabilities, and the number of draws (0: exact).

    Examples
    --------
    A hundred units are lost with probability 2 %, ten with 8 %. The worst 5 % are all of the hundreds and part of the
    tens: the atom at ten is split.

    >>> import numpy as np
    >>> losses = Distribution.of(np.array([0.0, 10.0, 100.0]), np.array([0.9, 0.08, 0.02]))
    >>> losses.quantile(0.95), round(losses.cvar(0.95), 9)
    (10.0, 46.0)
    """

    values: Floats
    weights: Floats
    draws: int = 0

    @classmethod
    def of(cls, losses: Floats, weights: Floats | None = None) -> Distribution:
        """From losses in any order: exact with probabilities, otherwise equally likely draws."""
        values, of = np.unique(losses, return_inverse=True)
        each = np.full(len(losses), 1.0 / len(losses)) if weights is None else weights / weights.sum()
        return cls(
            values, np.bincount(of.ravel(), each, len(values)).astype(float), len(losses) if weights is None else 0
        )

    @cached_property
    def _below(self) -> Floats:
        return np.cumsum(self.weights)

    @property
    def mean(self) -> float:
        """Expected loss."""
        return float(self.values @ self.weights)

    @property
    def standard_error(self) -> float:
        """Standard error of the mean; zero if exact, NaN for one draw."""
        return self._error(self.values)

    def mean_interval(self, least: float = math.nan, most: float = math.nan) -> tuple[float, float]:
        """Interval of 95 % for the mean: by moments (`routeopt.intervals.mean_interval`), or, if almost all draws
        are equal, for any distribution between the minimum and maximum loss.
        """
        if not self.draws:
            return self.mean, self.mean
        if self.draws * (1.0 - float(self.weights.max())) < _FEW:
            return tail_interval(self._drawn, 1.0, least, most)
        off = self.values - self.mean
        spread = float(off**2 @ self.weights)
        return mean_interval(self.mean, self.standard_error, float(off**3 @ self.weights) / spread**1.5, self.draws)

    @property
    def _drawn(self) -> Floats:
        """The draws, in rising order."""
        return np.repeat(self.values, np.round(self.weights * self.draws).astype(int))

    def _error(self, figures: Floats) -> float:
        """Standard error of the mean of figures that belong to the values."""
        if not self.draws:
            return 0.0
        if self.draws == 1:
            return math.nan
        mean = float(figures @ self.weights)
        return math.sqrt(float((figures - mean) ** 2 @ self.weights) / (self.draws - 1))

    def above(self, threshold: float) -> tuple[float, float, float, float]:
        """Probability of exceeding a loss, its standard error, and Wilson's interval of 95 %."""
        share = float(self.weights[self.values > threshold].sum())
        if not self.draws:
            return share, 0.0, share, share
        hits = round(share * self.draws)
        return share, share_error(hits, self.draws), *wilson(hits, self.draws)

    def quantile(self, p: float) -> float:
        """The smallest loss that is not exceeded with probability ``p``."""
        share = _share(p)
        return float(self.values[min(int(np.searchsorted(self._below, share - _TIE)), len(self.values) - 1)])

    def interval(self, p: float) -> tuple[float, float]:
        """Interval of 95 % for a quantile, between two order statistics; the quantile itself if it is exact.

        It holds for any distribution (`routeopt.intervals.order_interval`); NaN on a side for which there are too
        few draws.
        """
        if not self.draws:
            return self.quantile(p), self.quantile(p)
        low, high = order_interval(self.draws, _share(p))
        return self._ordered(low), self._ordered(high)

    def _ordered(self, place: int | None) -> float:
        if place is None:
            return math.nan
        counts = np.round(self._below * self.draws)
        return float(self.values[int(np.searchsorted(counts, place, side="right"))])

    def cvar(self, level: float) -> float:
        """Mean of the worst 1 - ``level`` of the probability.

        min over η of η + E[(loss - η)⁺] / (1 - a), which is reached at the quantile (Rockafellar and Uryasev 2002,
        J. Banking and Finance 26, 1443-1471): where an atom lies across ``level`` only its upper part counts.
        """
        value = self.quantile(level)
        return value + float(np.maximum(self.values - value, 0.0) @ self.weights) / (1.0 - level)

    def cvar_interval(self, level: float, least: float = math.nan, most: float = math.nan) -> tuple[float, float]:
        """Interval of 95 % for `cvar`, for any distribution (`routeopt.intervals.tail_interval`): what was never drawn
        may be the least or the most that can be lost."""
        if not self.draws:
            return self.cvar(level), self.cvar(level)
        return tail_interval(self._drawn, 1.0 - _share(level), least, most)

    def cvar_error(self, a: float) -> float:
        """Standard error of `cvar` with the quantile held: its own error counts to second order only. NaN where all
        draws of the tail are alike, which says nothing of what was not drawn."""
        error = self._error(np.maximum(self.values - self.quantile(a), 0.0)) / (1.0 - a)
        return math.nan if self.draws and error == 0.0 else error


def _share(p: float) -> float:
    if not isinstance(p, int | float | np.floating) or isinstance(p, bool) or not 0.0 < p < 1.0:
        raise InputError(Problem(f"{p!r} is no probability between 0 and 1", ("p",), "write 0.95"))
    return float(p)
