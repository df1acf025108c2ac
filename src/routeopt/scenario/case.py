"""A scenario applied to a system: what is on, what is left of it, what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from routeopt.scenario.availability import Key, hit_by, is_limited, keys_of, terms_of
from routeopt.scenario.closure import Closure
from routeopt.scenario.effect import Effect, effect_of, read_cost, same_matrix
from routeopt.scenario.scenario import Scenario
from routeopt.system import ExportSystem
from routeopt.system.quantity import Quantity
from routeopt.system.targets import Hits

__all__ = ["Situation", "situate", "taken_by"]


@dataclass(frozen=True)
class Situation:
    """A system (with the scenario's overrides) under one scenario, with every closure in force."""

    system: ExportSystem
    effect: Effect = Effect.NONE
    shares: Mapping[Key, float] = field(default_factory=dict)
    """Share that is left (`routeopt.scenario.availability`); one where nothing is said."""
    built: Mapping[str, Quantity] = field(default_factory=dict)
    """Leg -> size that was built or added."""
    called: frozenset[str] = frozenset()
    """Legs that were reopened or built."""
    set_tariff: Mapping[str, Quantity] = field(default_factory=dict)
    added_tariff: Mapping[str, tuple[Quantity, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What a reader of the answer must know."""

    @cached_property
    def legs(self) -> Mapping[str, float]:
        """Share that closures of legs themselves leave."""
        return {key[1]: left for key, left in self.shares.items() if key[0] == "leg"}

    @cached_property
    def fields(self) -> Mapping[str, float]:
        """Share that is left of fields."""
        return {key[1]: left for key, left in self.shares.items() if key[0] == "field"}

    @cached_property
    def groups(self) -> Mapping[str, float]:
        """Share that is left of groups."""
        return {key[1]: left for key, left in self.shares.items() if key[0] == "group"}

    @cached_property
    def components(self) -> Mapping[tuple[str, str], float]:
        """Share that is left of components, by leg and component."""
        return {(key[1], key[2]): left for key, left in self.shares.items() if key[0] == "part"}

    @cached_property
    def embargo(self) -> Mapping[tuple[str, str], float]:
        """Share of a leg that is left to one stream, by leg and commodity."""
        return {(key[1], key[2]): left for key, left in self.shares.items() if key[0] == "stream"}

    def runs(self, name: str) -> bool:
        """Whether a leg works: it operates, or it (or what it is part of) was reopened or built."""
        leg = self.system.legs[name]
        if leg.status == "operating":
            return True
        return leg.status != "defunct" and (name in self.called or leg.part_of in self.called)

    @cached_property
    def touched(self) -> frozenset[str]:
        """Legs that are not as the data have them."""
        return frozenset(self.started) | {key[1] for key in self.shares if key[0] in ("leg", "part")}

    @cached_property
    def started(self) -> frozenset[str]:
        """Legs that were reopened or built, and parts of such legs."""
        parts = (name for name, leg in self.system.legs.items() if leg.part_of in self.called) if self.called else ()
        return self.called | frozenset(parts)

    def in_service(self, name: str) -> float:
        """Share of the leg's nominal capacity that its closures and its components leave."""
        share = self.shares.get(("leg", name), 1.0)
        if self.system.legs[name].components is None:
            return share
        return min([share, *(term.at(self.shares) for term in terms_of(self.system, name, self.shares))])

    def open_to(self, name: str, commodity: str) -> float:
        """Share of the leg's nominal capacity that is left to one stream: an embargo frees nothing that is closed."""
        return min(self.in_service(name), self.shares.get(("stream", name, commodity), 1.0))

    def capacity(self, name: str) -> float:
        """What the exporter can send into a leg, inner units a day in the leg's basis; infinite without limit."""
        share = self.in_service(name)
        return self.room(name) * share if share else 0.0

    def room(self, name: str, all_year: bool = False) -> float:
        """What the exporter could send into a leg of which nothing is closed (and that works all year)."""
        leg = self.system.legs[name]
        if not self.runs(name):
            return 0.0
        total, size = leg.nominal, self.built[name].inner if name in self.built else 0.0
        if size:
            total = total + size if leg.status == "operating" else size
        if total == math.inf:
            return math.inf
        working = leg.availability.inner if leg.availability and not all_year else 1.0
        return max(0.0, total - leg.taken) * working

    def tariffs(self, name: str) -> list[Quantity]:
        """Prices that add up to the tariff of a leg, without what recovers capital."""
        leg = self.system.legs[name]
        first = self.set_tariff.get(name, leg.tariff)
        return [price for price in (first, *self.added_tariff.get(name, ())) if price is not None]


def taken_by(situation: Situation, closure: Closure) -> frozenset[tuple[Key, float]]:
    """What a closure takes from what runs and is open in a situation: shares, and what it leaves of them."""
    system, left = situation.system, closure.left
    keys = [key for key in keys_of(system, situation.built, closure) if left < situation.shares.get(key, 1.0)]
    # Where the whole leg is closed, its components and streams say nothing more.
    shut = {key[1] for key in keys if key[0] == "leg" and left == 0.0}
    shut |= {name for name, share in situation.legs.items() if share == 0.0}

    def matters(key: Key) -> bool:
        kind, name = key[:2]
        if kind == "field":
            return True
        if kind == "group":
            return any(situation.runs(leg) for leg in system.groups[name].legs)
        carried = kind != "stream" or key[2] in (system.legs[name].commodities or system.streams)
        return situation.runs(name) and carried and (kind == "leg" or name not in shut)

    return frozenset((key, left) for key in keys if matters(key))


def situate(system: ExportSystem, scenario: Scenario) -> Situation:
    """Apply a flat scenario that has been checked (`routeopt.scenario.resolve.resolve`)."""
    changed = system.override(scenario.override) if scenario.override else system
    built = {leg: size for leg, size in scenario.build.items() if size.inner > 0}
    shares: dict[Key, float] = {}
    notes: list[str] = _dated(scenario)
    found = [(closure, hit_by(changed, closure)) for closure in scenario.closures]
    for closure, hit in found:
        for key in keys_of(changed, built, closure, hit):
            shares[key] = min(closure.left, shares.get(key, 1.0))
        if 0.0 < closure.left < 1.0:
            notes += _stay_open(changed, built, closure, hit)
    effect = effect_of(scenario)
    if scenario.override and not same_matrix(system, changed):
        effect = Effect.MATRIX
    tariffs = {leg: read_cost(raw) for leg, raw in scenario.tariffs.items()}
    replaced = {leg: price for leg, (is_added, price) in tariffs.items() if not is_added}
    added = {leg: (price,) for leg, (is_added, price) in tariffs.items() if is_added}
    made = Situation(changed, effect, shares, built, frozenset({*built, *scenario.reopen}), replaced, added)
    missed = dict.fromkeys(note for closure, hit in found for note in _missed(made, closure, hit))
    return replace(made, notes=(*notes, *missed))


def _stay_open(system: ExportSystem, built: Mapping[str, Quantity], closure: Closure, found: Hits) -> Iterator[str]:
    """That a part of what has no limit cannot be closed."""
    legs = [name for name in found.legs if not is_limited(system, built, name)]
    if closure.commodity is not None:
        legs = [name for name in legs if closure.commodity in (system.legs[name].commodities or system.streams)]
    if legs:
        yield f"no capacity of which a part could be closed: {', '.join(legs)} stay open ({closure})"


def _missed(situation: Situation, closure: Closure, found: Hits) -> Iterator[str]:
    """That a closure finds nothing that works."""
    groups, legs = situation.system.groups, situation.system.legs
    members = (leg for group in found.groups for leg in groups[group].legs)
    hit = dict.fromkeys([*found.legs, *(leg for leg, _ in found.components), *members])
    if not found.fields and closure.left < 1.0 and not any(map(situation.runs, hit)):
        how = {legs[leg].status for leg in hit}
        state = {"hypothetical": "not built"}.get(*how, *how) if len(how) == 1 else "not in use"
        yield f"{closure} is {state}: closing it changes nothing"


def _dated(scenario: Scenario) -> list[str]:
    if scenario.horizon is not None:
        span = f"{scenario.horizon.start} to {scenario.horizon.end}"
        return [f"the horizon {span} is not resolved into periods: this is a whole year with every closure in force"]
    if any(closure.start is not None or closure.end is not None for closure in scenario.closures):
        return ["closures have dates but the scenario has no horizon: this is a whole year with them in force"]
    return []
