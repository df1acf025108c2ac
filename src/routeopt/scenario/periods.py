"""The periods of a horizon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from routeopt.scenario.closure import Closure
from routeopt.scenario.scenario import Horizon, Scenario
from routeopt.system import ExportSystem

__all__ = ["Periods", "default_step", "periods_of"]

SHORT = 14.0
"""Closures of fewer days are blurred by weeks and months."""
LONG = 731
"""Days of a horizon from which weeks are fine enough if no closure is short."""


@dataclass(frozen=True)
class Periods:
    """Stretches of time, one after the other.

    Attributes
    ----------
    edges : float array, shape (T + 1,)
        First day of each period and the first day after the last, as ordinals of the calendar.
    reported : int
        Periods that are reported; those after them are only planned for.
    planned : int
        Periods in which fields produce. More may follow, in which nothing is produced and what is under way lands.
    """

    edges: NDArray[np.float64]
    reported: int
    planned: int

    def __len__(self) -> int:
        return len(self.edges) - 1

    @cached_property
    def days(self) -> NDArray[np.float64]:
        """Length of each period, shape (T,)."""
        return np.diff(self.edges)

    @cached_property
    def total(self) -> float:
        """Days that are reported."""
        return float(self.edges[self.reported] - self.edges[0])

    @cached_property
    def starts(self) -> list[dt.date]:
        """First day of each period."""
        return [dt.date.fromordinal(int(edge)) for edge in self.edges[:-1]]

    def buckets(self, over: str) -> list[NDArray[np.intp]]:
        """Places of the planned periods that begin in each month, each year, or the whole horizon."""
        keys: list[object] = []
        for day in self.starts[: self.planned]:
            keys.append({"month": (day.year, day.month), "year": day.year}.get(over))
        order = list(dict.fromkeys(keys))
        return [np.array([i for i, key in enumerate(keys) if key == wanted], np.intp) for wanted in order]


def default_step(system: ExportSystem, scenario: Scenario) -> str:
    """Days; weeks where two years and more hold no closure under two weeks.

    Weeks blur a storm of four days: a tank that would fill on the third never does.
    """
    horizon = scenario.horizon
    if horizon is None or (horizon.end - horizon.start).days < LONG:
        return "day"
    lengths = [((closure.end or horizon.end) - (closure.start or horizon.start)).days for closure in scenario.closures]
    lengths += [(end - start).days for start, end in _maintained(system, horizon.start, horizon.end)]
    return "day" if any(length < SHORT for length in lengths) else "week"


def periods_of(system: ExportSystem, scenarios: Iterable[Scenario], horizon: Horizon, landing: float = 0.0) -> Periods:
    """The periods of a horizon; those of ``event`` break at every date of the scenarios that share it.

    Parameters
    ----------
    system : ExportSystem
        Whose planned maintenance has dates as well.
    scenarios : iterable of Scenario
    horizon : Horizon
        With a step, or with breaks.
    landing : float
        Days to be added at the end in which cargoes land, in steps of the horizon.

    Returns
    -------
    Periods
    """
    last = horizon.plan_to or horizon.end
    if horizon.breaks:
        inner: set[dt.date] = set(horizon.breaks)
    elif horizon.step == "event":
        inner = {day for s in scenarios for closure in s.closures for day in dates_of(closure)}
        inner |= {day for span in _maintained(system, horizon.start, last) for day in span}
    else:
        inner = set(_regular(horizon.start, last, horizon.step or "day"))
    inner = {day for day in inner | {horizon.end} if horizon.start < day < last}
    days = [horizon.start, *sorted(inner), last]
    edges = np.array([day.toordinal() for day in days], float)
    planned = len(days) - 1
    if landing:
        longest = float(np.ceil(landing))
        size = {"day": 1.0, "week": 7.0, "month": 30.0}.get(horizon.step or "", longest)
        edges = np.concatenate([edges, edges[-1] + np.arange(size, longest + size, size)])
    return Periods(edges, days.index(horizon.end), planned)


def dates_of(closure: Closure) -> Iterator[dt.date]:
    """Every day on which something changes for a closure, to the nearest day."""
    if closure.start is not None:
        yield closure.start
    if closure.end is not None:
        yield closure.end
        yield closure.back
    for said in closure.announced:
        yield said.on


def _maintained(system: ExportSystem, first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    for leg in system.legs.values():
        for work in leg.maintenance:
            yield from work.spans(first, last)
    for field in system.fields.values():
        for work in field.maintenance:
            yield from work.spans(first, last)


def _regular(start: dt.date, end: dt.date, step: str) -> Iterator[dt.date]:
    if step == "month":
        year, month = start.year, start.month
        while True:
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
            day = dt.date(year, month, 1)
            if day >= end:
                return
            yield day
    size = 7 if step == "week" else 1
    for offset in range(size, (end - start).days, size):
        yield start + dt.timedelta(days=offset)
