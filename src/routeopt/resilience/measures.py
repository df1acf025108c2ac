"""Measures of a resilience curve, from plain arrays.

Loss of resilience after Bruneau et al. (2003): the integral of 1 - Q over time, with Q = exported / target, at most
one. The times to tank top and to recover are Simchi-Levi's time to survive and time to recover, for an exporter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routeopt.arrays import Floats
from routeopt.model.certificate import TOLERANCE

__all__ = ["Curve", "fill_day"]


@dataclass(frozen=True)
class Curve:
    """Exports against their target over time, as returned by `routeopt.StressTest.curve`.

    Attributes
    ----------
    edges : float array
        First day of each period and the end of the last, shape (periods + 1,).
    exported : float array
        Amount exported in each period.
    target : float array
        Amount exported in each period without the closures.

    Examples
    --------
    Ten days with a target of ten per day: no exports on two days, fifteen on each of the last two.

    >>> import numpy as np
    >>> curve = Curve(np.arange(11.0), np.array([10, 10, 0, 0, 10, 10, 10, 10, 15, 15.0]), np.full(10, 10.0))
    >>> curve.equivalent_days_lost, curve.resilience, curve.max_shortfall
    (2.0, 0.8, 1.0)
    >>> curve.deferred, curve.recovered_on(4.0)
    (10.0, 4.0)
    """

    edges: Floats
    exported: Floats
    target: Floats

    @property
    def days(self) -> Floats:
        """Length of each period, in days."""
        return np.diff(self.edges)

    @property
    def quality(self) -> Floats:
        """Share Q of the target that is exported in each period; one without a target."""
        with np.errstate(invalid="ignore", divide="ignore"):
            share: Floats = np.where(self.target > 0, self.exported / self.target, 1.0)
        return share

    @property
    def equivalent_days_lost(self) -> float:
        """Loss of resilience, in days of full target; catching up does not count."""
        return float((1.0 - np.minimum(self.quality, 1.0)) @ self.days)

    @property
    def resilience(self) -> float:
        """1 - `equivalent_days_lost` / length of the window; it depends on the window."""
        return 1.0 - self.equivalent_days_lost / float(self.days.sum())

    @property
    def max_shortfall(self) -> float:
        """Largest share of the target missing in any period."""
        return float(1.0 - np.minimum(self.quality, 1.0).min(initial=1.0))

    @property
    def deferred(self) -> float:
        """Amount short for a while and exported later within the window."""
        backlog, caught_up = 0.0, 0.0
        for gap in (self.target - self.exported).tolist():
            fresh = max(0.0, backlog + gap)
            caught_up += max(0.0, backlog - fresh)
            backlog = fresh
        return caught_up

    def recovered_on(self, since: float) -> float:
        """First day from ``since`` on with exports at target for good; NaN if never."""
        late = np.flatnonzero((self.quality < 1.0 - TOLERANCE) & (self.edges[1:] > since))
        if not len(late):
            return since
        last = int(late[-1])
        return float(self.edges[last + 1]) if last + 1 < len(self.target) else float("nan")


def fill_day(edges: Floats, held: Floats, before: float, capacity: float, since: float) -> float:
    """First day from ``since`` on with a full tank; NaN if there is none.

    ``held`` is its level at the end of each period, ``before`` its level at the beginning. Within a period a tank fills
    at the rate of that period or of the one before, whichever is faster: a full tank takes no more.
    """
    full = held >= capacity * (1.0 - TOLERANCE)
    level = np.concatenate([[before], held])
    rate = np.diff(level) / np.diff(edges)
    for place in np.flatnonzero(full & (edges[1:] > since)).tolist():
        begun = max(float(edges[place]), since)
        if level[place] >= capacity * (1.0 - TOLERANCE):
            return begun
        fastest = max(rate[place], rate[place - 1] if place and edges[place - 1] >= since else 0.0)
        return min(float(edges[place + 1]), begun + float((capacity - level[place]) / fastest))
    return float("nan")
