"""Calls of surge capacity: days on which an asset that an alternative can relieve no longer carries its usual flow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.model.bounds import Bounds
from routeopt.model.formulate import Program
from routeopt.model.limits import Limits, owner_of
from routeopt.scenario.availability import Key
from routeopt.scenario.case import Situation
from routeopt.scenario.lines import Line, Spans, stretches
from routeopt.scenario.timeline import Timeline
from routeopt.system.nodes import Terminal

__all__ = ["Calls", "SurgeCaller"]

Mask = NDArray[np.bool_]
Places = NDArray[np.intp]
K = TypeVar("K")

_NOTHING = 1e-9
"""Rounding error, as a share of the size of the system."""


@dataclass(frozen=True)
class Calls:
    """Spans of days, as ordinals, in which an asset no longer carries its usual flow."""

    short: Mapping[Key, Spans] = field(default_factory=dict)
    """By short asset, with the keys of `Timeline`."""
    legs: Mapping[str, Spans] = field(default_factory=dict)
    """By alternative: spans in which an asset is short that it can relieve."""

    @property
    def first(self) -> float:
        """First day on which an asset is short; infinite if none is."""
        return min((spans[0][0] for spans in self.short.values()), default=math.inf)

    def after(self, before: Calls) -> Calls:
        """Return these calls joined with earlier ones."""
        return Calls(_joined(before.short, self.short), _joined(before.legs, self.legs))

    def until(self, day: float) -> Calls:
        """Return the part of the calls before a day."""
        return Calls(_before(self.short, day), _before(self.legs, day))


def _joined(one: Mapping[K, Spans], other: Mapping[K, Spans]) -> dict[K, Spans]:
    return {key: stretches([*one.get(key, ()), *other.get(key, ())]) for key in dict.fromkeys([*one, *other])}


def _before(spans: Mapping[K, Spans], day: float) -> dict[K, Spans]:
    cut = {key: tuple((start, min(end, day)) for start, end in mine if start < day) for key, mine in spans.items()}
    return {key: mine for key, mine in cut.items() if mine}


class SurgeCaller:
    """Usual flow of each asset, and the alternatives (legs with a surge) that can relieve it.

    An alternative relieves a short asset if oil held up there, or displaced by it elsewhere, can reach a buyer through
    the alternative without passing the asset; or if the alternative can bring oil from a field or a tank, without
    passing the asset, to a refinery that is served through it.

    Program, bounds and usual rates are of one period, of the scenario without its closures.
    """

    def __init__(self, program: Program, situation: Situation, bounds: Bounds, usual: Floats) -> None:
        self._program, self._situation, self._bounds = program, situation, bounds
        self._limits = Limits(program, situation)
        layout = program.layout
        graph, leg, stream = layout.topology, layout.flow_leg, layout.flow_stream
        self._usual = np.where(np.abs(usual) > _NOTHING * bounds.unit, usual, 0.0)
        self._tail = layout.balance_row[graph.tail[leg], stream]
        self._head = layout.balance_row[graph.head[leg], graph.becomes[leg, stream]]
        flow = layout.columns("flow")
        self._flows = self._usual[flow] > 0.0
        self._open = bounds.upper[flow] > 0.0
        self._relief: dict[Key, list[str]] = {}

    def calls(self, shares: Timeline, base: Timeline) -> Calls:
        """Find the calls under closures; planned maintenance alone (`base`) calls no alternative."""
        short: dict[Key, Spans] = {}
        legs: dict[str, list[tuple[float, float]]] = {}
        for key, left in shares.lines.items():
            need, rounding = self._need(key)
            if need <= 0.0:
                continue
            usual = base.line(*key)
            if need == math.inf:  # without a limit only a full closure is short
                need, left, usual = 1.0, left.opened(), usual.opened()
            used = usual.least(Line.flat(float(usual.at[0]), float(usual.at[-1]), need))
            spans = used.plus(left.scaled(-1.0)).above(rounding)
            if spans:
                short[key] = spans
                for name in self._relieved_by(key):
                    legs.setdefault(name, []).extend(spans)
        return Calls(short, {name: stretches(spans) for name, spans in legs.items()})

    def _need(self, key: Key) -> tuple[float, float]:
        """Return the share of an asset that a usual day uses, and its rounding error."""
        layout, bounds = self._program.layout, self._bounds
        mine = (one for one in self._limits.of(owner_of(key)) if key[0] != "stream" or one.stream == key)
        first = next(mine, None)
        if first is None:
            return 0.0, 0.0
        row = first.variable - layout.shape[1]
        uses, limits = (self._usual, bounds.upper) if row < 0 else (self._activity, bounds.row_upper)
        place = first.variable if row < 0 else row
        use, limit = float(uses[place]), float(limits[place])
        if use <= 0.0 or limit <= 0.0:
            return 0.0, 0.0
        return (math.inf if limit == math.inf else use / limit), _NOTHING * (use + bounds.unit) / limit

    @cached_property
    def _activity(self) -> Floats:
        return self._program.row_activity(self._usual)

    def _columns(self, key: Key) -> Places:
        """Return the flow columns of an asset."""
        group = self._situation.system.groups[key[1]].legs if key[0] == "group" else ()
        owners: list[Key] = [("leg", name) for name in group] or [owner_of(key)]
        limits = (one for owner in owners for one in self._limits.of(owner) if one.stream)
        return np.array([one.variable for one in limits if key[0] != "stream" or one.stream == key], np.intp)

    def _relieved_by(self, key: Key) -> list[str]:
        """List the alternatives that can relieve an asset."""
        if key not in self._relief:
            ways = [name for name, record in self._situation.system.legs.items() if record.surge is not None]
            cut = self._columns(key)
            self._relief[key] = [name for name in ways if self._relieves(self._columns(("leg", name)), cut)]
        return self._relief[key]

    def _relieves(self, way: Places, cut: Places) -> bool:
        """Return whether some flow columns can relieve others."""
        tail, head, (buyers, endless, refined, sources) = self._tail, self._head, self._ends
        size, around, used = len(buyers), self._open.copy(), np.zeros(len(tail), bool)
        around[cut], used[cut] = False, self._flows[cut]
        mine = way[around[way]]
        if not len(mine):
            return False
        # Held up: what would go through it, wherever that can get to, and what has to make room for it there. A market
        # that takes everything has room for all; and no oil reaches the alternative by going back along it.
        back = self._flows & ~endless[head]
        back[way] = False
        held_up = _spread(size, tail[used], np.append(tail[around], head[back]), np.append(head[around], tail[back]))
        sold = _spread(size, np.flatnonzero(buyers), head[around], tail[around])
        # Lacking: refineries on its way, and whatever can bring oil to them.
        further = _spread(size, head[used], tail[self._flows], head[self._flows])
        lacking = _spread(size, np.flatnonzero(further & refined), head[around], tail[around])
        fed = _spread(size, np.flatnonzero(sources), tail[around], head[around])
        return bool((held_up[tail[mine]] & sold[head[mine]] | fed[tail[mine]] & lacking[head[mine]]).any())

    @cached_property
    def _ends(self) -> tuple[Mask, Mask, Mask, Mask]:
        """States (rows of the balance) at buyers, at markets without a limit, at refineries that are served, and at
        fields and tanks."""
        layout = self._program.layout
        graph, place = layout.topology, {name: i for i, name in enumerate(layout.topology.nodes)}
        endless, refined = np.zeros_like(graph.bought), np.zeros_like(graph.refined)
        for name, market in self._situation.system.markets.items():
            endless[place[name]] = market.demand is None
        refineries = np.array([place[name] for name in self._situation.system.refineries], np.intp)
        taken = self._usual[layout.columns("intake")] > 0.0
        refined[refineries[layout.intake_refinery[taken]], layout.intake_stream[taken]] = True
        sources = graph.supply.copy()
        for name, node in self._situation.system.nodes.items():
            if isinstance(node, Terminal) and node.storage is not None:
                sources[place[name]] = True
        masks = [np.zeros(layout.row["leg"], bool) for _ in range(4)]
        ends = (graph.bought | graph.refined, endless & graph.bought, refined, sources)
        for mask, states in zip(masks, ends, strict=True):
            rows = layout.balance_row[states]
            mask[rows[rows >= 0]] = True
        return masks[0], masks[1], masks[2], masks[3]


def _spread(size: int, start: Places, tail: Places, head: Places) -> Mask:
    """States that can be reached from some, which count themselves, by arcs from tails to heads."""
    reached = np.zeros(size, bool)
    reached[start] = True
    while True:
        fresh = head[reached[tail]]
        if reached[fresh].all():
            return reached
        reached[fresh] = True
