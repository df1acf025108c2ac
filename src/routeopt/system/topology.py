"""Which stream can get where: the graph over (node, commodity), as arrays."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from routeopt.system.nodes import Terminal
from routeopt.system.record import SystemRecord, derived
from routeopt.system.table import LegTable

__all__ = ["Topology"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Topology:
    """Legs as arrays. N nodes, K legs, C commodities, in the order of the data."""

    nodes: tuple[str, ...]
    legs: tuple[str, ...]
    commodities: tuple[str, ...]
    tail: NDArray[np.intp]  # (K,): node where each leg begins
    head: NDArray[np.intp]  # (K,): node where it ends
    carries: Mask  # (K, C): the leg may carry the commodity; a defunct leg carries nothing
    becomes: NDArray[np.intp]  # (K, C): the commodity that leaves when the commodity enters
    supply: Mask  # (N, C): where each commodity is produced
    bought: Mask  # (N, C): markets that take it
    refined: Mask  # (N, C): refineries that take it
    stored: Mask  # (N, C): tanks that no field feeds: what they hold can be drawn over a horizon

    @classmethod
    def of(cls, system: SystemRecord) -> Topology:
        """The topology of a system whose references have been checked; it is made once and kept with it."""
        return derived(system, cls._read)

    @classmethod
    def _read(cls, system: SystemRecord) -> Topology:
        nodes, legs, commodities = tuple(system.nodes), tuple(system.legs), tuple(system.streams)
        place = {name: i for i, name in enumerate(nodes)}
        stream = {name: i for i, name in enumerate(commodities)}
        n, k, c = len(nodes), len(legs), len(commodities)
        table, records = LegTable.of(system), tuple(system.legs.values())
        carries = np.ones((k, c), bool)
        becomes = np.tile(np.arange(c, dtype=np.intp), (k, 1))
        for i in table.picky:
            carries[i] = False
            if records[i].status != "defunct":
                carries[i, [stream[name] for name in records[i].commodities]] = True
        for i in table.blending:
            # "*" comes first: what is named by itself goes before it.
            for name, new in sorted(records[i].blends_into.items(), key=lambda pair: pair[0] != "*"):
                becomes[i, slice(None) if name == "*" else stream[name]] = stream[new]
        supply, bought, refined = (np.zeros((n, c), bool) for _ in range(3))
        for name in system.fields:
            supply[place[name], stream[system.commodity_of(name)]] = True
        for mask, buyers in ((bought, system.markets), (refined, system.refineries)):
            for name, buyer in buyers.items():
                mask[place[name], [stream[s] for s in buyer.commodities] if buyer.commodities else slice(None)] = True
        stored = np.zeros((n, c), bool)
        graph = cls(nodes, legs, commodities, table.tail, table.head, carries, becomes, supply, bought, refined, stored)
        tanks = [place[name] for name, node in system.nodes.items() if isinstance(node, Terminal) and node.storage]
        if tanks:
            fed = graph.reach(supply)
            stored[[tank for tank in tanks if not fed[tank].any()]] = True
        return graph

    @cached_property
    def sources(self) -> Mask:
        """Where barrels begin: fields, and tanks that no field feeds; shape (N, C)."""
        return self.supply | self.stored

    @cached_property
    def leg_place(self) -> dict[str, int]:
        """Place of each leg in the order of the data."""
        return {name: i for i, name in enumerate(self.legs)}

    def reach(self, start: Mask, legs: Mask | None = None) -> Mask:
        """States (node, commodity) that can be reached from ``start``, which counts as reached itself."""
        carries = self.carries if legs is None else self.carries & legs[:, None]
        reached, fresh = start.copy(), start
        while fresh.any():
            leg, stream = np.nonzero(carries & fresh[self.tail])
            following = np.zeros_like(reached)
            following[self.head[leg], self.becomes[leg, stream]] = True
            fresh = following & ~reached
            reached |= fresh
        return reached

    def coreach(self, goal: Mask, legs: Mask | None = None) -> Mask:
        """States from which ``goal`` can be reached."""
        carries = self.carries if legs is None else self.carries & legs[:, None]
        reached, fresh = goal.copy(), goal
        leg, stream = np.nonzero(carries)
        tail, head, after = self.tail[leg], self.head[leg], self.becomes[leg, stream]
        while fresh.any():
            hit = fresh[head, after]
            following = np.zeros_like(reached)
            following[tail[hit], stream[hit]] = True
            fresh = following & ~reached
            reached |= fresh
        return reached

    def columns(self) -> Mask:
        """Pairs (leg, commodity) on some way from a field, or from a tank's stock, to a buyer, shape (K, C)."""
        forward = self.reach(self.sources)
        backward = self.coreach(self.bought | self.refined)
        leg = np.arange(len(self.legs))[:, None]
        arrives: Mask = backward[self.head[leg], self.becomes]
        return self.carries & forward[self.tail] & arrives

    def path(self, start: Mask, goal: Mask, legs: Mask | None = None) -> list[int]:
        """Legs of a shortest way from ``start`` to ``goal``; empty if there is none or they overlap."""
        carries = self.carries if legs is None else self.carries & legs[:, None]
        outgoing: dict[int, list[int]] = {}
        for leg, node in enumerate(self.tail.tolist()):
            outgoing.setdefault(node, []).append(leg)
        queue = deque((int(n), int(c)) for n, c in np.argwhere(start))
        came: dict[tuple[int, int], tuple[tuple[int, int], int] | None] = dict.fromkeys(queue)
        while queue:
            state = queue.popleft()
            if goal[state]:
                way: list[int] = []
                step = came[state]
                while step is not None:
                    way.append(step[1])
                    step = came[step[0]]
                return way[::-1]
            for leg in outgoing.get(state[0], ()):
                after = (int(self.head[leg]), int(self.becomes[leg, state[1]]))
                if carries[leg, state[1]] and after not in came:
                    came[after] = (state, leg)
                    queue.append(after)
        return []
