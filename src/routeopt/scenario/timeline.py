"""What is left of each asset in each period: closures with their dates, averaged over time.

An availability is a line in pieces: one, then what is left from the first day closed, then a step or a slope back.
Where several closures hit one asset the smallest holds at every instant, and where components make up a leg their
capacities add up at every instant. Means over a period are exact integrals of that, not means of means.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from routeopt.scenario.closure import Closure
from routeopt.scenario.periods import Periods
from routeopt.scenario.scenario import Scenario
from routeopt.scenario.targets import Hits, hits, is_limited
from routeopt.system import ExportSystem
from routeopt.system.legs import Leg

__all__ = ["Timeline", "calls_of", "stretches", "timeline"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Timeline:
    """Share that is left in each period; only of what is touched.

    Attributes
    ----------
    legs, fields, groups : mapping of str to float array, shape (T,)
        Time-weighted share that is left.
    embargo : mapping of (leg, commodity) to float array
        Share of the leg that is left to one stream.
    """

    legs: Mapping[str, Floats] = field(default_factory=dict)
    fields: Mapping[str, Floats] = field(default_factory=dict)
    groups: Mapping[str, Floats] = field(default_factory=dict)
    embargo: Mapping[tuple[str, str], Floats] = field(default_factory=dict)


@dataclass(frozen=True)
class _Cut:
    """What a closure leaves, over time: ``left`` from ``start`` to ``end``, then a slope back to one by ``whole``."""

    left: float
    start: float
    end: float
    whole: float

    def at(self, when: Floats, after: bool) -> Floats:
        """The share at instants, as it is just after them or just before."""
        closed = (when >= self.start) & (when < self.end) if after else (when > self.start) & (when <= self.end)
        share = np.where(closed, self.left, 1.0)
        if self.whole > self.end:
            slope = self.left + (1.0 - self.left) * (when - self.end) / (self.whole - self.end)
            back = (when >= self.end) & (when < self.whole) if after else (when > self.end) & (when <= self.whole)
            share = np.where(back, slope, share)
        return share


def calls_of(closures: Iterable[Closure], periods: Periods) -> tuple[tuple[float, float], ...]:
    """Stretches of days, as ordinals, in which something is cut or not yet back: the times when alternatives are
    needed. Closures that overlap or follow each other at once make one stretch."""
    cuts = [_cut(closure, periods) for closure in closures if closure.left < 1.0]
    return stretches((cut.start, cut.whole) for cut in cuts)


def stretches(spans: Iterable[tuple[float, float]], gap: float = 0.0) -> tuple[tuple[float, float], ...]:
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


def timeline(system: ExportSystem, scenario: Scenario, closures: Iterable[Closure], periods: Periods) -> Timeline:
    """Shares over time under some closures and under planned maintenance.

    Parameters
    ----------
    system : ExportSystem
        With the scenario's overrides.
    scenario : Scenario
        Whose builds decide which legs have a capacity of which a part can be closed.
    closures : iterable of Closure
        Those that count, with the ends that are expected of them.
    periods : Periods

    Returns
    -------
    Timeline
    """
    legs: dict[str, list[_Cut]] = {}
    fields: dict[str, list[_Cut]] = {}
    groups: dict[str, list[_Cut]] = {}
    parts: dict[tuple[str, str], list[_Cut]] = {}
    embargo: dict[tuple[str, str], list[_Cut]] = {}
    for closure in closures:
        found, cut = hits(system, closure), _cut(closure, periods)
        if not isinstance(found, Hits):
            raise AssertionError(found)
        if closure.commodity is not None:
            for leg in found.legs:
                embargo.setdefault((leg, closure.commodity), []).append(cut)
            continue
        for leg in found.legs:
            if not 0 < cut.left < 1 or is_limited(system, scenario, leg):
                legs.setdefault(leg, []).append(cut)
        for mapping, names in ((fields, found.fields), (groups, found.groups)):
            for name in names:
                mapping.setdefault(name, []).append(cut)
        for part in found.components:
            parts.setdefault(part, []).append(cut)
    first, last = (dt.date.fromordinal(int(periods.edges[place])) for place in (0, -1))
    for records, cuts in ((system.legs, legs), (system.fields, fields)):
        for name, record in records.items():
            for work in record.maintenance:
                for start, end in work.spans(first, last):
                    whole = _Cut(work.left, start.toordinal(), end.toordinal(), end.toordinal())
                    cuts.setdefault(name, []).append(whole)
    touched = dict.fromkeys([*legs, *(leg for leg, _ in parts)])
    edges = periods.edges
    return Timeline(
        {name: _leg(system.legs[name], name, legs.get(name, []), parts, edges) for name in touched},
        {name: _mean(edges, [cuts]) for name, cuts in fields.items()},
        {name: _mean(edges, [cuts]) for name, cuts in groups.items()},
        {key: _mean(edges, [cuts]) for key, cuts in embargo.items()},
    )


def _cut(closure: Closure, periods: Periods) -> _Cut:
    start = closure.start.toordinal() if closure.start else periods.edges[0]
    end = closure.end.toordinal() if closure.end else math.inf
    over = closure.recovery.over.inner if closure.recovery and closure.recovery.over else 0.0
    return _Cut(closure.left, float(start), float(end), float(end + over))


def _leg(leg: Leg, name: str, own: list[_Cut], parts: Mapping[tuple[str, str], list[_Cut]], edges: Floats) -> Floats:
    """Share of a leg's nominal capacity that its closures and its components leave (as `Situation.in_service`)."""
    hit = {part: cuts for (whole, part), cuts in parts.items() if whole == name}
    if leg.components is None or not hit:
        return _mean(edges, [own])
    nominal = leg.nominal
    if nominal == 0.0:
        return np.zeros(len(edges) - 1)
    limits: list[list[tuple[float, list[_Cut]]]]
    if leg.components.arrangement == "parallel":
        sizes = {key: part.capacity.inner / nominal for key, part in leg.components.parts.items() if part.capacity}
        limits = [[(size, hit.get(key, [])) for key, size in sizes.items()]]
        return _mean(edges, [own], limits)
    limits = []
    for key, cuts in hit.items():
        without = leg.components.parts[key].without
        if without is not None:
            # left x nominal + (1 - left) x what it can do without this part, as a share.
            base = min(without.inner, nominal) / nominal
            limits.append([(1.0 - base, cuts), (base, [])])
    return _mean(edges, [own], limits)


def _mean(edges: Floats, alone: list[list[_Cut]], sums: list[list[tuple[float, list[_Cut]]]] | None = None) -> Floats:
    """Mean over each period of the least of several lines, each a single share or a weighted sum of shares."""
    if not sums and len(alone) == 1 and len(alone[0]) == 1 and alone[0][0].whole <= alone[0][0].end:
        # The usual case needs no points: one cut that is over at once.
        only, width = alone[0][0], np.diff(edges)
        shut = np.clip(np.minimum(edges[1:], only.end) - np.maximum(edges[:-1], only.start), 0.0, None)
        return np.asarray((only.left * shut + (width - shut)) / width)
    lines = [[(1.0, cuts)] for cuts in alone] + (sums or [])
    every = {cut for line in lines for _, cuts in line for cut in cuts}
    marks = np.array([t for cut in every for t in (cut.start, cut.end, cut.whole)], float)
    inside = marks[(marks > edges[0]) & (marks < edges[-1])]
    points = np.unique(np.concatenate([edges, inside]))
    # First where single shares cross, between which all sums are straight; then where those cross.
    for lines_now in ([[(1.0, [cut])] for cut in every], lines):
        first = np.array([_line(line, points[:-1], True) for line in lines_now])
        last = np.array([_line(line, points[1:], False) for line in lines_now])
        points = np.unique(np.concatenate([points, _crossings(points, first, last)]))
    first = np.min([_line(line, points[:-1], True) for line in lines], axis=0)
    last = np.min([_line(line, points[1:], False) for line in lines], axis=0)
    area = np.minimum(0.5 * (first + last), 1.0) * np.diff(points)
    place = np.searchsorted(edges, points[:-1], side="right") - 1
    totals: Floats = np.bincount(place, area, len(edges) - 1) / np.diff(edges)
    return totals


def _line(line: list[tuple[float, list[_Cut]]], when: Floats, after: bool) -> Floats:
    total = np.zeros(len(when))
    for weight, cuts in line:
        share = np.ones(len(when))
        for cut in cuts:
            share = np.minimum(share, cut.at(when, after))
        total += weight * share
    return total


def _crossings(points: Floats, first: Floats, last: Floats) -> Floats:
    """Instants inside pieces at which two lines cross, and at which one crosses one."""
    width = np.diff(points)
    first = np.vstack([first, np.ones(len(width))])
    last = np.vstack([last, np.ones(len(width))])
    found = []
    for a in range(len(first)):
        for b in range(a):
            gap, end = first[a] - first[b], last[a] - last[b]
            crossing = gap * end < 0
            found.append(points[:-1][crossing] + width[crossing] * gap[crossing] / (gap - end)[crossing])
    return np.concatenate(found)
