"""Numbers over time, in straight pieces: what is left of something, from one instant to the next.

Least values, sums and means are exact: pieces are cut where lines cross, and a mean over a period is an area.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np

from routeopt.arrays import Floats

__all__ = ["Line", "Spans", "stretches"]

Spans = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Line:
    """A number over time, in n straight pieces."""

    at: Floats
    """Instants between which it is straight, shape (n + 1,)."""
    begins: Floats
    """Value just after the first instant of each piece, shape (n,)."""
    ends: Floats
    """Value just before the second, shape (n,)."""

    @classmethod
    def flat(cls, first: float, last: float, value: float = 1.0) -> Line:
        """The same value all the time."""
        return cls(np.array([first, last]), np.array([value]), np.array([value]))

    @classmethod
    def cut(cls, first: float, last: float, left: float, start: float, end: float, whole: float) -> Line:
        """One, but ``left`` from ``start`` to ``end``, and then on a slope back to one by ``whole``."""
        inner = {t for t in (start, end, whole) if first < t < last}
        at = np.array(sorted({first, last, *inner}))
        mid = 0.5 * (at[:-1] + at[1:])
        closed, back = (mid > start) & (mid < end), (mid > end) & (mid < whole)

        def value(when: Floats) -> Floats:
            slope = left + (1.0 - left) * (when - end) / (whole - end) if back.any() else left
            return np.where(back, slope, np.where(closed, left, 1.0))

        return cls(at, value(at[:-1]), value(at[1:]))

    def on(self, at: Floats) -> Line:
        """The same cut at more instants; they hold its own."""
        place = np.searchsorted(self.at, at[:-1], side="right") - 1
        start, slope = self.at[place], (self.ends - self.begins) / np.diff(self.at)
        begins = self.begins[place] + slope[place] * (at[:-1] - start)
        ends = np.where(at[1:] == self.at[place + 1], self.ends[place], begins + slope[place] * np.diff(at))
        return Line(at, begins, ends)

    def least(self, other: Line) -> Line:
        """The smaller of two at every instant."""
        at = np.union1d(self.at, other.at)
        one, two = self.on(at), other.on(at)
        gap, end = one.begins - two.begins, one.ends - two.ends
        cross = gap * end < 0
        if cross.any():
            more = at[:-1][cross] + np.diff(at)[cross] * gap[cross] / (gap - end)[cross]
            at = np.union1d(at, more)
            one, two = one.on(at), two.on(at)
        return Line(at, np.minimum(one.begins, two.begins), np.minimum(one.ends, two.ends))._joined()

    def plus(self, other: Line) -> Line:
        """The sum of two at every instant."""
        at = np.union1d(self.at, other.at)
        one, two = self.on(at), other.on(at)
        return Line(at, one.begins + two.begins, one.ends + two.ends)._joined()

    def scaled(self, factor: float, added: float = 0.0) -> Line:
        """Times a number, plus another."""
        return Line(self.at, self.begins * factor + added, self.ends * factor + added)

    def opened(self) -> Line:
        """One wherever anything is left: a share of what has no limit is no limit."""
        some = np.where((self.begins > 0.0) | (self.ends > 0.0), 1.0, 0.0)
        return Line(self.at, some, some)._joined()

    def until(self, day: float, other: Line) -> Line:
        """This one up to a day, the other from then on."""
        if not self.at[0] < day < self.at[-1]:
            return other if day <= self.at[0] else self
        at = np.union1d(np.union1d(self.at, other.at), [day])
        one, two = self.on(at), other.on(at)
        before = at[:-1] < day
        return Line(at, np.where(before, one.begins, two.begins), np.where(before, one.ends, two.ends))._joined()

    def mean(self, edges: Floats) -> Floats:
        """Mean over each of the periods between some instants, the first and last of which are its own."""
        fine = self.on(np.union1d(self.at, edges))
        place = np.searchsorted(edges, fine.at[:-1], side="right") - 1
        # Counted from the first value of each period: where nothing changes, the mean is that value to the last bit.
        base = fine.begins[np.searchsorted(fine.at, edges[:-1])]
        away = (0.5 * (fine.begins + fine.ends) - base[place]) * np.diff(fine.at)
        means: Floats = base + np.bincount(place, away, len(edges) - 1) / np.diff(edges)
        return means

    def above(self, level: float) -> Spans:
        """Stretches of time in which it is larger than a level."""
        fine = self
        one, two = self.begins - level, self.ends - level
        cross = one * two < 0
        if cross.any():
            more = self.at[:-1][cross] + np.diff(self.at)[cross] * one[cross] / (one - two)[cross]
            fine = self.on(np.union1d(self.at, more))
        higher = 0.5 * (fine.begins + fine.ends) > level
        return stretches(zip(fine.at[:-1][higher].tolist(), fine.at[1:][higher].tolist(), strict=True))

    def _joined(self) -> Line:
        """Without instants at which nothing changes."""
        level = self.begins == self.ends
        same = level[:-1] & level[1:] & (self.ends[:-1] == self.begins[1:])
        if not same.any():
            return self
        kept = np.concatenate([[True], ~same])
        return Line(self.at[np.append(kept, True)], self.begins[kept], self.ends[np.append(~same, True)])


def least(lines: Iterable[Line]) -> Line:
    """The smallest of several at every instant."""
    return reduce(Line.least, lines)


def stretches(spans: Iterable[tuple[float, float]], gap: float = 0.0) -> Spans:
    """Spans put together where no more than a gap lies between them, in order.

    Examples
    --------
    >>> stretches([(5.0, 8.0), (0.0, 3.0), (2.0, 4.0)]), stretches([(0.0, 4.0), (5.0, 8.0)], gap=1.0)
    (((0.0, 4.0), (5.0, 8.0)), ((0.0, 8.0),))
    """
    found: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if found and start - found[-1][1] <= gap:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return tuple(found)
