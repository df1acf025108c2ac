"""A scenario applied to a system: what is on, what is left of it, what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from routeopt.scenario.closure import Closure
from routeopt.scenario.effect import Effect, effect_of, read_cost, same_matrix
from routeopt.scenario.scenario import Scenario
from routeopt.scenario.targets import Hits, hits, is_limited
from routeopt.system import ExportSystem
from routeopt.system.quantity import Quantity

__all__ = ["Situation", "situate"]


@dataclass(frozen=True)
class Situation:
    """The state of a system under one scenario, with every closure in force.

    Attributes
    ----------
    system : ExportSystem
        With the scenario's overrides.
    effect : Effect
        How deep the scenario goes.
    legs, fields, groups : mapping of str to float
        Share that is left; one where nothing is said.
    components : mapping of (leg, component) to float
        Share that is left of each component.
    embargo : mapping of (leg, commodity) to float
        Share of the leg that is left to one stream.
    built : mapping of str to Quantity
        Leg -> size that was built or added.
    called : frozenset of str
        Legs that were reopened or built.
    set_tariff, added_tariff : mapping
        Leg -> tariff that replaces; leg -> tariffs that are added.
    notes : tuple of str
        What a reader of the answer must know.
    """

    system: ExportSystem
    effect: Effect = Effect.NONE
    legs: Mapping[str, float] = field(default_factory=dict)
    fields: Mapping[str, float] = field(default_factory=dict)
    groups: Mapping[str, float] = field(default_factory=dict)
    components: Mapping[tuple[str, str], float] = field(default_factory=dict)
    embargo: Mapping[tuple[str, str], float] = field(default_factory=dict)
    built: Mapping[str, Quantity] = field(default_factory=dict)
    called: frozenset[str] = frozenset()
    set_tariff: Mapping[str, Quantity] = field(default_factory=dict)
    added_tariff: Mapping[str, tuple[Quantity, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def runs(self, name: str) -> bool:
        """Whether a leg works: it operates, or it (or what it is part of) was reopened or built."""
        leg = self.system.legs[name]
        if leg.status == "operating":
            return True
        return leg.status != "defunct" and (name in self.called or leg.part_of in self.called)

    @cached_property
    def touched(self) -> frozenset[str]:
        """Legs that are not as the data have them."""
        names = {*self.legs, *self.called, *(leg for leg, _ in self.components)}
        if self.called:
            names |= {name for name, leg in self.system.legs.items() if leg.part_of in self.called}
        return frozenset(names)

    def in_service(self, name: str) -> float:
        """Share of the leg's nominal capacity that its closures and its components leave."""
        leg = self.system.legs[name]
        share = self.legs.get(name, 1.0)
        if leg.components is None or not any(part[0] == name for part in self.components):
            return share
        nominal, limit = leg.nominal, math.inf
        left = {part: self.components.get((name, part), 1.0) for part in leg.components.parts}
        if leg.components.arrangement == "parallel":
            limit = sum(left[key] * part.capacity.inner for key, part in leg.components.parts.items() if part.capacity)
        else:
            for key, part in leg.components.parts.items():
                if part.without is not None:
                    limit = min(limit, left[key] * nominal + (1 - left[key]) * min(part.without.inner, nominal))
        return min(share, limit / nominal if nominal else 0.0)

    def open_to(self, name: str, commodity: str) -> float:
        """Share of the leg's nominal capacity that is left to one stream: an embargo frees nothing that is closed."""
        return min(self.in_service(name), self.embargo.get((name, commodity), 1.0))

    def capacity(self, name: str, commodity: str | None = None) -> float:
        """What the exporter can send into a leg, or of one stream: its own share of what is in service.

        Returns
        -------
        float
            Inner units a day in the leg's basis: availability x (capacity - reserved); infinite without limit.
        """
        share = self.in_service(name) if commodity is None else self.open_to(name, commodity)
        return self.room(name) * share if share else 0.0

    def room(self, name: str, all_year: bool = False) -> float:
        """What the exporter could send into a leg of which nothing is closed (and that works all year)."""
        leg = self.system.legs[name]
        if not self.runs(name):
            return 0.0
        size = self.built[name].inner if name in self.built else 0.0
        if not size:
            total = leg.nominal
        elif leg.status == "operating":
            total = leg.nominal + size
        else:
            total = size
        if total == math.inf:
            return math.inf
        working = leg.availability.inner if leg.availability and not all_year else 1.0
        return max(0.0, total - leg.taken) * working

    def tariffs(self, name: str) -> list[Quantity]:
        """Prices that add up to the tariff of a leg, without what recovers capital."""
        leg = self.system.legs[name]
        first = self.set_tariff.get(name, leg.tariff)
        return [price for price in (first, *self.added_tariff.get(name, ())) if price is not None]


def situate(system: ExportSystem, scenario: Scenario) -> Situation:
    """Apply a flat scenario that has been checked (`routeopt.scenario.resolve.resolve`)."""
    changed = system.override(scenario.override) if scenario.override else system
    legs: dict[str, float] = {}
    fields: dict[str, float] = {}
    groups: dict[str, float] = {}
    components: dict[tuple[str, str], float] = {}
    embargo: dict[tuple[str, str], float] = {}
    notes: list[str] = []
    every: list[tuple[Closure, Hits]] = []
    for closure in scenario.closures:
        found, left = hits(changed, closure), closure.left
        if not isinstance(found, Hits):
            raise AssertionError(found)
        every.append((closure, found))
        open_legs = [leg for leg in found.legs if 0 < left < 1 and not is_limited(changed, scenario, leg)]
        told = [leg for leg in open_legs if closure.commodity in (None, *(changed.legs[leg].carries or system.streams))]
        if told:
            notes.append(f"no capacity of which a part could be closed: {', '.join(told)} stay open ({closure})")
        if closure.commodity is not None:
            for leg in found.legs:
                _least(embargo, (leg, closure.commodity), left)
            continue
        for leg in (name for name in found.legs if name not in open_legs):
            _least(legs, leg, left)
        for mapping, names in ((fields, found.fields), (groups, found.groups)):
            for name in names:
                _least(mapping, name, left)
        for part in found.components:
            _least(components, part, left)
    set_tariff, added = _costs(scenario)
    effect = effect_of(scenario)
    if scenario.override and not same_matrix(system, changed):
        effect = Effect.MATRIX
    made = Situation(
        changed, effect, legs, fields, groups, components, embargo,
        {leg: size for leg, size in scenario.build.items() if size.inner > 0},
        frozenset({leg for leg, size in scenario.build.items() if size.inner > 0} | set(scenario.reopen)),
        set_tariff, added, (*_dated(scenario), *notes),
    )  # fmt: skip
    missed = [note for closure, found in every for note in _missed(made, closure, found)]
    return replace(made, notes=(*made.notes, *dict.fromkeys(missed))) if missed else made


def _missed(situation: Situation, closure: Closure, found: Hits) -> Iterator[str]:
    """That a closure finds nothing that works."""
    groups, legs = situation.system.groups, situation.system.legs
    members = (leg for group in found.groups for leg in groups[group].legs)
    hit = dict.fromkeys([*found.legs, *(leg for leg, _ in found.components), *members])
    if not found.fields and closure.left < 1.0 and not any(map(situation.runs, hit)):
        how = {legs[leg].status for leg in hit}
        state = {"hypothetical": "not built"}.get(*how, *how) if len(how) == 1 else "not in use"
        yield f"{closure} is {state}: closing it changes nothing"


def _least(mapping: dict[Any, float], key: Any, left: float) -> None:
    """Of several closures of one thing the smallest availability holds."""
    mapping[key] = min(left, mapping.get(key, 1.0))


def _costs(scenario: Scenario) -> tuple[dict[str, Quantity], dict[str, tuple[Quantity, ...]]]:
    replaced: dict[str, Quantity] = {}
    added: dict[str, tuple[Quantity, ...]] = {}
    for leg, raw in scenario.costs.items():
        is_added, price = read_cost(raw)
        if is_added:
            added[leg] = (price,)
        else:
            replaced[leg] = price
    return replaced, added


def _dated(scenario: Scenario) -> list[str]:
    if scenario.horizon is not None:
        span = f"{scenario.horizon.start} to {scenario.horizon.end}"
        return [f"the horizon {span} is not resolved into periods: this is a whole year with every closure in force"]
    if any(_has_dates(closure) for closure in scenario.closures):
        return ["closures have dates but the scenario has no horizon: this is a whole year with them in force"]
    return []


def _has_dates(closure: Closure) -> bool:
    return closure.start is not None or closure.end is not None
