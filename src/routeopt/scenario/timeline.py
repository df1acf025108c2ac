"""What is left of each asset over time: closures with their dates, and planned maintenance.

An availability is a line in pieces: one, then what is left from the first day closed, then a step or a slope back.
Where several closures hit one asset the smallest holds at every instant, and where components make up a leg their
capacities add up at every instant; a stream under an embargo has the smaller of what is left of the leg and to itself.
Means over a period are exact integrals of that, neither means of means nor products of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from routeopt.arrays import Floats
from routeopt.scenario.availability import Key, keys_of, terms_of
from routeopt.scenario.closure import Closure
from routeopt.scenario.lines import Line, least
from routeopt.scenario.periods import Periods
from routeopt.scenario.scenario import Scenario
from routeopt.system import ExportSystem

__all__ = ["Timeline", "assets_of", "cut_of", "timeline"]

Cut = tuple[float, float, float, float]
"""Share that is left, from when, to when, and when all of it is back."""


@dataclass(frozen=True)
class Timeline:
    """Share of what is touched that is left at every instant, by key (`routeopt.scenario.availability`).

    Of a leg with its components, and of a stream with the closures of its leg. `edges` are those of `Periods`.
    """

    edges: Floats
    lines: Mapping[Key, Line] = field(default_factory=dict)

    @cached_property
    def means(self) -> Mapping[Key, Floats]:
        """Time-weighted shares in each period, shape (T,)."""
        return {key: line.mean(self.edges) for key, line in self.lines.items()}

    def line(self, *key: str) -> Line:
        """What is left of one asset, touched or not."""
        return self.lines.get(key) or Line.flat(float(self.edges[0]), float(self.edges[-1]))

    def until(self, day: float, other: Timeline) -> Timeline:
        """This one up to a day, the other from then on."""
        keys = dict.fromkeys([*self.lines, *other.lines])
        return Timeline(self.edges, {key: self.line(*key).until(day, other.line(*key)) for key in keys})


def timeline(system: ExportSystem, scenario: Scenario, closures: Iterable[Closure], periods: Periods) -> Timeline:
    """Shares over time under planned maintenance and some closures, with the ends that are expected of them.

    A closure without an end lasts to the end of what is planned, and not into the days behind it in which cargoes land.
    """
    cuts: dict[Key, list[Cut]] = {}
    for closure in closures:
        cut = cut_of(closure, periods)
        for key in keys_of(system, scenario.build, closure):
            cuts.setdefault(key, []).append(cut)
    first, last = (dt.date.fromordinal(int(periods.edges[place])) for place in (0, -1))
    for kind, records in (("leg", system.legs), ("field", system.fields)):
        for name, record in records.items():
            for work in record.maintenance:
                for start, end in work.spans(first, last):
                    days = float(start.toordinal()), float(end.toordinal())
                    cuts.setdefault((kind, name), []).append((work.left, *days, days[1]))
    span = float(periods.edges[0]), float(periods.edges[-1])
    known: dict[tuple[Cut, ...], Line] = {}

    def line(key: Key) -> Line:
        """The least of what single cuts leave; assets that are cut alike share it."""
        mine = tuple(cuts.get(key, ()))
        if mine not in known:
            known[mine] = least([Line.flat(*span), *(Line.cut(*span, *cut) for cut in mine)])
        return known[mine]

    found = {key: line(key) for key in cuts if key[0] in ("field", "group")}
    streams = [key for key in cuts if key[0] == "stream"]
    for name in dict.fromkeys(key[1] for key in cuts if key[0] in ("leg", "part")):
        found["leg", name] = least([line(("leg", name)), *(term.of(line) for term in terms_of(system, name, cuts))])
    for key in streams:
        whole = found.get(("leg", key[1]))
        found[key] = line(key) if whole is None else line(key).least(whole)
    return Timeline(periods.edges, found)


def assets_of(system: ExportSystem, scenario: Scenario, closure: Closure) -> set[Key]:
    """Keys of a `Timeline` that a closure touches."""
    keys = keys_of(system, scenario.build, closure)
    return {("leg", key[1]) if key[0] == "part" else key for key in keys}


def cut_of(closure: Closure, periods: Periods) -> Cut:
    """What a closure leaves, its first day, its end, and the day on which all of it is back."""
    start = closure.start.toordinal() if closure.start else periods.edges[0]
    end = closure.end.toordinal() if closure.end else periods.edges[periods.planned]
    over = closure.recovery.duration.inner if closure.recovery and closure.recovery.duration else 0.0
    return closure.left, float(start), float(end), float(end + over)
