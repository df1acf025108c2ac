"""Measures of a resilience curve, from plain arrays.

Formulas: loss of resilience after Bruneau et al. (2003), the integral of 1 - Q over time, with Q = exported / target
capped at one. The two clocks are those of Simchi-Levi's time to survive and
time to recover, seen from the exporter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routeopt.arrays import Floats

__all__ = ["Curve", "fill_day"]


_NOISE = 1e-7
"""Share of the target below which a gap is none."""


@dataclass(frozen=True)
class Curve:
    """Exports against their target, amounts in each period in any unit; periods begin and end on the days in ``edges``.

    Examples
    --------
    Ten days of ten a day; nothing leaves for two, and five more than usual on each of the last two.

    >>> import numpy as np
    >>> curve = Curve(np.arange(11.0), np.array([10, 10, 0, 0, 10, 10, 10, 10, 15, 15.0]), np.full(10, 10.0))
    >>> curve.equivalent_days_lost, curve.resilience, curve.depth
    (2.0, 0.8, 1.0)
    >>> curve.delayed, curve.recovered_on(4.0)
    (10.0, 4.0)
    """

    edges: Floats
    exported: Floats
    target: Floats

    @property
    def days(self) -> Floats:
        """Length of each period."""
        return np.diff(self.edges)

    @property
    def quality(self) -> Floats:
        """Q: share of the target that is exported, shape (T,); one where nothing was to leave."""
        with np.errstate(invalid="ignore", divide="ignore"):
            share: Floats = np.where(self.target > 0, self.exported / self.target, 1.0)
        return share

    @property
    def equivalent_days_lost(self) -> float:
        """Loss of resilience: days without any export that would lose as much; catching up does not count."""
        return float((1.0 - np.minimum(self.quality, 1.0)) @ self.days)

    @property
    def resilience(self) -> float:
        """One less the loss over the length of the window; it depends on the window."""
        return 1.0 - self.equivalent_days_lost / float(self.days.sum())

    @property
    def depth(self) -> float:
        """Largest share of the target that is missing in a period."""
        return float(1.0 - np.minimum(self.quality, 1.0).min(initial=1.0))

    @property
    def delayed(self) -> float:
        """What was short for a while and left later within the window."""
        backlog, caught_up = 0.0, 0.0
        for gap in (self.target - self.exported).tolist():
            fresh = max(0.0, backlog + gap)
            caught_up += max(0.0, backlog - fresh)
            backlog = fresh
        return caught_up

    def recovered_on(self, since: float) -> float:
        """The first day from ``since`` on which exports are back at target for good; NaN if they never are."""
        late = np.flatnonzero((self.quality < 1.0 - _NOISE) & (self.edges[1:] > since))
        if not len(late):
            return since
        last = int(late[-1])
        return float(self.edges[last + 1]) if last + 1 < len(self.target) else float("nan")


def fill_day(edges: Floats, held: Floats, before: float, capacity: float, since: float) -> float:
    """The day from ``since`` on on which a tank is first full; NaN if it never is.

    It ``held`` so much when each period ended, and ``before`` at the beginning. Within a period a tank fills at the
    pace of that period or of the one before, whichever is faster: what could no longer be stored did not come in.
    """
    full = held >= capacity * (1.0 - _NOISE)
    level = np.concatenate([[before], held])
    pace = np.diff(level) / np.diff(edges)
    for place in np.flatnonzero(full & (edges[1:] > since)).tolist():
        begun = max(float(edges[place]), since)
        if level[place] >= capacity * (1.0 - _NOISE):
            return begun
        quick = max(pace[place], pace[place - 1] if place and edges[place - 1] >= since else 0.0)
        return min(float(edges[place + 1]), begun + float((capacity - level[place]) / quick))
    return float("nan")
