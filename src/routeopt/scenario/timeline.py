"""What is left of each asset over time: closures with their dates, and planned maintenance.

An availability is a line in pieces: one, then what is left from the first day closed, then a step or a slope back.
Where several closures hit one asset the smallest holds at every instant, and where components make up a leg their
capacities add up at every instant; a stream under an embargo has the smaller of what is left of the leg and to itself.
Means over a period are exact integrals of that, neither means of means nor products of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce

import numpy as np
from numpy.typing import NDArray

from routeopt.scenario.closure import Closure
from routeopt.scenario.lines import Line, least
from routeopt.scenario.periods import Periods
from routeopt.scenario.scenario import Scenario
from routeopt.scenario.targets import Hits, hits, is_limited
from routeopt.system import ExportSystem

__all__ = ["Key", "Timeline", "assets_of", "cut_of", "timeline"]

Floats = NDArray[np.float64]
Key = tuple[str, ...]
Cut = tuple[float, float, float, float]
"""Share that is left, from when, to when, and when all of it is back."""


@dataclass(frozen=True)
class Timeline:
    """Share that is left; only of what is touched.

    Attributes
    ----------
    edges : float array, shape (T + 1,)
        As `Periods` has them.
    lines : mapping of tuple to Line
        ``("leg", leg)``, ``("field", field)``, ``("group", group)``, ``("stream", leg, commodity)``: share at every
        instant; of a stream the share of the leg's capacity, with the closures of the leg itself.
    """

    edges: Floats
    lines: Mapping[Key, Line] = field(default_factory=dict)

    @cached_property
    def legs(self) -> Mapping[str, Floats]:
        """Time-weighted share of legs in each period, shape (T,)."""
        return self._means("leg")

    @cached_property
    def fields(self) -> Mapping[str, Floats]:
        """The same of fields."""
        return self._means("field")

    @cached_property
    def groups(self) -> Mapping[str, Floats]:
        """The same of groups."""
        return self._means("group")

    @cached_property
    def embargo(self) -> Mapping[tuple[str, str], Floats]:
        """Share of a leg's capacity that is left to one stream; (leg, commodity) -> shape (T,)."""
        return {(key[1], key[2]): line.mean(self.edges) for key, line in self.lines.items() if key[0] == "stream"}

    def line(self, *key: str) -> Line:
        """What is left of one asset, touched or not."""
        return self.lines.get(key) or Line.flat(float(self.edges[0]), float(self.edges[-1]))

    def until(self, day: float, other: Timeline) -> Timeline:
        """This one up to a day, the other from then on."""
        keys = dict.fromkeys([*self.lines, *other.lines])
        return Timeline(self.edges, {key: self.line(*key).until(day, other.line(*key)) for key in keys})

    def _means(self, kind: str) -> dict[str, Floats]:
        return {key[1]: line.mean(self.edges) for key, line in self.lines.items() if key[0] == kind}


def timeline(system: ExportSystem, scenario: Scenario, closures: Iterable[Closure], periods: Periods) -> Timeline:
    """Shares over time under some closures and under planned maintenance.

    Parameters
    ----------
    system : ExportSystem
        With the scenario's overrides.
    scenario : Scenario
        Whose builds decide which legs have a capacity of which a part can be closed.
    closures : iterable of Closure
        Those that count, with the ends that are expected of them. One without an end lasts to the end of what is
        planned, and not into the days behind it in which cargoes land.
    periods : Periods

    Returns
    -------
    Timeline
    """
    cuts: dict[Key, list[Cut]] = {}
    for closure in closures:
        cut = cut_of(closure, periods)
        for key in _cut_by(system, scenario, closure):
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
        found["leg", name] = least([line(("leg", name)), *_components(system, name, cuts, line)])
    for key in streams:
        whole = found.get(("leg", key[1]))
        found[key] = line(key) if whole is None else line(key).least(whole)
    return Timeline(periods.edges, found)


def assets_of(system: ExportSystem, scenario: Scenario, closure: Closure) -> set[Key]:
    """Keys of a `Timeline` that a closure touches."""
    return {("leg", key[1]) if key[0] == "part" else key for key in _cut_by(system, scenario, closure)}


def _cut_by(system: ExportSystem, scenario: Scenario, closure: Closure) -> Iterator[Key]:
    """What a closure cuts; a part of what has no limit is no cut."""
    found = hits(system, closure)
    if not isinstance(found, Hits):
        raise AssertionError(found)
    if closure.commodity is not None:
        yield from (("stream", leg, closure.commodity) for leg in found.legs)
        return
    for leg in found.legs:
        if not 0 < closure.left < 1 or is_limited(system, scenario, leg):
            yield "leg", leg
    yield from (("field", name) for name in found.fields)
    yield from (("group", name) for name in found.groups)
    yield from (("part", *pair) for pair in found.components)


def cut_of(closure: Closure, periods: Periods) -> Cut:
    """What a closure leaves, its first day, its end, and the day on which all of it is back."""
    start = closure.start.toordinal() if closure.start else periods.edges[0]
    end = closure.end.toordinal() if closure.end else periods.edges[periods.planned]
    over = closure.recovery.over.inner if closure.recovery and closure.recovery.over else 0.0
    return closure.left, float(start), float(end), float(end + over)


def _components(
    system: ExportSystem, name: str, cuts: Mapping[Key, list[Cut]], line: Callable[[Key], Line]
) -> Iterator[Line]:
    """Shares of a leg's nominal capacity that its components leave (as `Situation.in_service`)."""
    leg, nominal = system.legs[name], system.legs[name].nominal
    parts = leg.components.parts if leg.components else {}
    hit = [key for key in parts if ("part", name, key) in cuts]
    if leg.components is None or not hit:
        return
    if nominal == 0.0:
        yield line(("part", name, hit[0])).scaled(0.0)
    elif leg.components.arrangement == "parallel":
        sizes = {key: part.capacity.inner / nominal for key, part in parts.items() if part.capacity}
        yield reduce(Line.plus, (line(("part", name, key)).scaled(size) for key, size in sizes.items()))
    else:
        for key in hit:
            without = parts[key].without
            if without is not None:
                # left x nominal + (1 - left) x what it can do without this part, as a share.
                base = min(without.inner, nominal) / nominal
                yield line(("part", name, key)).scaled(1.0 - base, base)
