"""What has happened to CPC: the events of the scenario file as one calendar."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import routeopt as ro

__all__ = ["Span", "Stop", "calendar", "poisson_interval", "stops"]


@dataclass(frozen=True)
class Span:
    """Days on which the same closures were in force.

    Attributes
    ----------
    start, end : date
        Half-open.
    closures : tuple of mapping
        Without their dates.
    causes : frozenset of str
        Of closures that leave nothing of a whole leg, route or tag.
    capacity : float
        What CPC could still take of Kazakhstan's crude, in the system's flow unit.
    """

    start: dt.date
    end: dt.date
    closures: tuple[Mapping[str, Any], ...]
    causes: frozenset[str]
    capacity: float

    @property
    def days(self) -> int:
        """How long."""
        return (self.end - self.start).days


@dataclass(frozen=True)
class Stop:
    """An unbroken stop of all of CPC."""

    start: dt.date
    end: dt.date
    causes: frozenset[str]

    @property
    def days(self) -> int:
        """How long."""
        return (self.end - self.start).days

    @property
    def planned(self) -> bool:
        """Whether it was for maintenance alone."""
        return self.causes == {"maintenance"}


def calendar(kz: ro.ExportSystem, start: dt.date, end: dt.date, leave_out: Collection[str] = ()) -> list[Span]:
    """Spans between two dates on which something of CPC was closed, in order.

    An end that is not known is the end of the event's horizon.
    """
    legs = [name for name, leg in kz.legs.items() if "cpc" in leg.tags]
    dated = [found for name, event in kz.scenarios.items() if name not in leave_out and "event" in event.tags
             for found in _closures(event, legs)]  # fmt: skip
    ends = {day for first, last, _ in dated for day in (first, last)}
    breaks = sorted({start, end, *(day for day in ends if start < day < end)})
    spans, known = [], {}
    for first, last in pairwise(breaks):
        force = tuple(closure for begin, over, closure in dated if begin <= first and over >= last)
        if force:
            plain = tuple({k: v for k, v in closure.items() if k != "cause"} for closure in force)
            if repr(plain) not in known:
                plan = ro.allocate(kz, {"closures": list(plain)})
                known[repr(plain)] = float(plan.legs["capacity"][legs].min())
            causes = frozenset(c["cause"] for c in force if not c.get("component") and not c.get("availability"))
            spans.append(Span(first, last, plain, causes, known[repr(plain)]))
    return spans


def _closures(event: ro.Scenario, legs: Collection[str]) -> Iterable[tuple[dt.date, dt.date, dict[str, Any]]]:
    """Closures of one event that touch CPC and leave less than all, with the days on which they hold."""
    for closure in event.closures:
        selector, name = closure.target
        touches = (selector == "leg" and name in legs) or (selector in ("tag", "route") and name == "cpc")
        if touches and closure.left < 1 and event.horizon is not None:
            found: dict[str, Any] = {selector: name, "cause": closure.cause}
            if closure.component:
                found["component"] = list(closure.component)
            if closure.left:
                found["availability"] = str(closure.availability)
            yield closure.start or event.horizon.start, closure.end or event.horizon.end, found


def stops(spans: Iterable[Span]) -> list[Stop]:
    """Spans in which CPC takes nothing; those that touch are one stop."""
    found: list[Stop] = []
    for span in spans:
        if span.capacity > 0:
            continue
        if found and found[-1].end == span.start:
            found[-1] = Stop(found[-1].start, span.end, found[-1].causes | span.causes)
        else:
            found.append(Stop(span.start, span.end, span.causes))
    return found


def poisson_interval(count: int, exposure: float, level: float = 0.95) -> tuple[float, float]:
    """Exact interval of a rate from a count (Garwood 1936).

    Examples
    --------
    >>> low, high = poisson_interval(11, 4.0)
    >>> round(low, 3), round(high, 3)
    (1.373, 4.921)
    """
    tail = (1 - level) / 2

    def at_most(mean: float, most: int) -> float:
        return sum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(most + 1))

    def solve(wanted: float, most: int) -> float:
        low, high = 1e-12, 10.0 * (count + 10)
        for _ in range(200):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if at_most(middle, most) > wanted else (low, middle)
        return 0.5 * (low + high)

    lower = 0.0 if count == 0 else solve(1 - tail, count - 1)
    return lower / exposure, solve(tail, count) / exposure
