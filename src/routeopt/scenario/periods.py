"""The periods of a horizon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from routeopt.scenario.closure import Closure
from routeopt.scenario.scenario import Horizon, Scenario
from routeopt.system import ExportSystem
from routeopt.system.nodes import Terminal

__all__ = ["LONGEST", "Periods", "change_days", "default_step", "periods_of"]

SHORT = 14.0
"""Closures of fewer days are blurred by weeks and months."""
LONG = 731
"""Days of a horizon from which weeks are fine enough if no closure is short."""
LONGEST = 92
"""Days of a closure, and of what ramps after it, that are planned day by day whatever the step."""


@dataclass(frozen=True)
class Periods:
    """T stretches of time, one after the other."""

    edges: NDArray[np.float64]
    """First day of each and the first day after the last, as ordinals of the calendar, shape (T + 1,)."""
    reported: int
    """Those that are reported; those after them are only planned for."""
    planned: int
    """Those in which fields produce. More may follow, in which what is under way lands."""

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


def change_days(
    system: ExportSystem, scenario: Scenario, horizon: Horizon, ramping: bool | None = None
) -> list[dt.date]:
    """First days of periods that a scenario needs besides those of its step, in order.

    Periods are as asked while nothing changes. They break where a closure or planned work begins, ends or is announced,
    and where a month or year ends over which a contract or quota is counted.
    They are days along a slope back; and, where surge or paces of fields make one day differ from the next, while it is
    closed and then until what ramps is back, for at most `LONGEST` days each. Where tanks alone do, days tell only when
    they fill, so they are days during closures that are not planned; and a period begins where the last cargoes leave
    that land in time to fill them again.

    `system` has the scenario's overrides. Nothing is added to a horizon with breaks. `ramping` says whether something
    still comes back in the state that was handed over; None if a usual day comes before.
    """
    last = horizon.lookahead_to or horizon.end
    if horizon.period_starts or horizon.step in (None, "day"):
        return []
    climb, back = _ramps(system)
    moves = climb > 0.0 or back > 0.0
    tanks = any(isinstance(node, Terminal) and node.storage is not None for node in system.nodes.values())
    spans = [(day, day, day, moves) for day in [horizon.start] if ramping]
    spans += [(start, end, end, moves) for start, end in _maintained(system, horizon.start, last)]
    for closure in scenario.closures:
        if closure.left < 1.0:
            daily, end = moves or (tanks and not closure.planned), closure.end or last
            spans.append((closure.start or horizon.start, end, min(closure.back, last), daily))
            spans += [(said.on, end, said.on, daily) for said in closure.announced]
    dates = {day for *span, _ in spans for day in span if horizon.start < day < last}
    if not dates and ramping is None and next(_regular(horizon.start, last, horizon.step), None) in (None, last):
        return []  # one period asks what a lasting state is like
    if tanks and dates:
        dates |= {last - dt.timedelta(days=int(np.ceil(leg.lag))) for leg in system.legs.values() if leg.lag}
    found = dates | set(_settled(system, horizon.start, last)) - set(_regular(horizon.start, last, horizon.step))
    for start, end, whole, daily in spans:
        start = max(start, horizon.start)
        found |= {start, end, whole, *_every_day(end, whole)}
        if daily:
            found |= {*_every_day(start, min(end, start + dt.timedelta(days=LONGEST)))}
            found |= {*_every_day(start, start + dt.timedelta(days=climb))}
            found |= {*_every_day(whole, whole + dt.timedelta(days=back))}
    return sorted(day for day in found if horizon.start < day < last)


def _settled(system: ExportSystem, first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Days on which contracts and quotas of a month or a year begin anew, and until which a deficiency is made up."""
    late = [(contract.accounting_period, contract.make_up) for contract in system.contracts.values()]
    for over, make_up in (*late, *((group.accounting_period, None) for group in system.groups.values())):
        for day in _regular(first, last, "month") if over in ("month", "year") else ():
            if over == "month" or day.month == 1:
                yield day
                if make_up is not None:
                    yield day + dt.timedelta(days=int(min(make_up.inner, (last - day).days)))


def _ramps(system: ExportSystem) -> tuple[float, float]:
    """Days of the longest climb of a surge, and until that and the slowest field are back; at most `LONGEST`."""
    climb, back = 0.0, 0.0
    for leg in system.legs.values():
        if leg.surge is not None:
            rate = leg.surge.rate.inner
            climb = max(climb, leg.surge.delay.inner + (leg.surge.ceiling.inner / rate if rate else 0.0))
    for field in system.fields.values():
        if field.ramp_up is not None:
            back = max(back, 1.0 / field.ramp_up.inner if field.ramp_up.inner else LONGEST)
    return min(np.ceil(climb), LONGEST), min(np.ceil(max(climb, back)), LONGEST)


def _every_day(start: dt.date, end: dt.date) -> Iterator[dt.date]:
    """Days from one to another, both included."""
    for offset in range((end - start).days + 1):
        yield start + dt.timedelta(days=offset)


def periods_of(
    system: ExportSystem, scenario: Scenario, horizon: Horizon, landing: float = 0.0, more: Sequence[dt.date] = ()
) -> Periods:
    """The periods of a horizon with a step or breaks; those of ``event`` break at every date of the scenario.

    `more` are first days of further periods, those of `change_days`. `landing` days are added at the end, in which
    cargoes land: in steps of the horizon, or as long as its last period; in days if there are more periods.
    """
    last = horizon.lookahead_to or horizon.end
    if horizon.period_starts:
        inner: set[dt.date] = set(horizon.period_starts)
    elif horizon.step == "event":
        inner = {day for closure in scenario.closures for day in dates_of(closure)}
        inner |= {day for span in _maintained(system, horizon.start, last) for day in span}
    else:
        inner = set(_regular(horizon.start, last, horizon.step or "day"))
    inner = {day for day in {*inner, *more, horizon.end} if horizon.start < day < last}
    days = [horizon.start, *sorted(inner), last]
    edges = np.array([day.toordinal() for day in days], float)
    planned = len(days) - 1
    if landing:
        longest = float(np.ceil(landing))
        size = {"day": 1.0, "week": 7.0, "month": 30.0}.get(horizon.step or "", min(longest, edges[-1] - edges[-2]))
        size = 1.0 if more else size
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
    if step == "event":
        return
    size = 7 if step == "week" else 1
    for offset in range(size, (end - start).days, size):
        yield start + dt.timedelta(days=offset)
