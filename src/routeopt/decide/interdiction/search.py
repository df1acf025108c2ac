"""Every set of options, solved or settled by a smaller one: enumeration that leaves out what cannot matter.

Let x be an optimum when the set S is taken, and R options that cut nothing of which x uses what they would take.
x is then an optimum of S with any subset of R as well, and no such set has to be solved: what is worse than S must
take one of the options outside R. So the search branches on these alone, the i-th branch leaving out those that came
before it. Every set is either solved or has the value of a solved subset of itself; a set of which no proper subset is
as bad is always solved.

*Proof.* R holds the options that touch none of the legs, fields and groups whose bounds x would break (or that would
hold x less) if everything that can be paid for were taken at once. Under S with a subset of R the bounds of those stay
as they are in S, and all others are no tighter than x keeps; a bound that gets looser (a contract that force majeure
suspends, the minimum of a closed field) is one that x stays away from. So x is feasible, and optimal by the argument
of `routeopt.elements.pruning.stands`. Nothing else is assumed: neither that more closures cost more, nor weights.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.decide.interdiction.choices import Choices
from routeopt.elements.pruning import broken, with_activities
from routeopt.elements.values import Optima
from routeopt.solve.batch import Batch
from routeopt.solve.batch_problem import moved

__all__ = ["Found", "search"]


_BLOCK = 1_000


class Found(NamedTuple):
    """Sets of options, each in order, the empty one first; their `values_of`; and whether every other set has the value
    of one of these that is part of it."""

    sets: list[tuple[int, ...]]
    values: Floats
    complete: bool


def search(batch: Batch, choices: Choices, limit: float = np.inf, until: float = np.inf) -> Found:
    """Go through all sets that the budget pays for, and give up before more sets than the limit would be solved, or
    when `time.monotonic` reads ``until``."""
    tree = _Tree(batch, choices)
    level: list[tuple[tuple[int, ...], frozenset[int]]] = [((), frozenset())]
    sets: list[tuple[int, ...]] = []
    values = [np.empty((0, 3))]
    while level:
        if len(sets) + len(level) > limit:
            return Found(sets, np.concatenate(values), False)
        following: list[tuple[tuple[int, ...], frozenset[int]]] = []
        for first in range(0, len(level), _BLOCK):
            if time.monotonic() > until:
                return Found(sets, np.concatenate(values)[: len(sets)], False)
            block = level[first : first + _BLOCK]
            found, points = tree.optima([taken for taken, _ in block])
            values.append(found)
            for (taken, left_out), point in zip(block, points, strict=True):
                following += tree.branches(taken, left_out, point)
        sets += [taken for taken, _ in level]
        level = following
    return Found([tuple(sorted(taken)) for taken in sets], np.concatenate(values), True)


class _Tree:
    """Solves sets and says where to go on from them."""

    def __init__(self, batch: Batch, choices: Choices) -> None:
        self._choices, self._plan, self._optima = choices, batch.plan, Optima(batch)
        closing = batch.plan.closing
        assert closing is not None
        # Which options cut each leg, field and group.
        self._options: dict[int, set[int]] = {}
        for o in range(len(choices)):
            for owner in closing.owner[closing.cut[closing.start[o] : closing.start[o + 1]]].tolist():
                self._options.setdefault(owner, set()).add(o)
        self._owners: dict[int, list[int]] = {}
        for owner in range(len(closing.in_service)):
            limits = closing.limit[closing.limit_start[owner] : closing.limit_start[owner + 1]]
            contracts = closing.contract_row[closing.due[closing.due_start[owner] : closing.due_start[owner + 1]]]
            for variable in (*limits.tolist(), *contracts.tolist()):
                self._owners.setdefault(variable, []).append(owner)

    def optima(self, sets: list[tuple[int, ...]]) -> tuple[Floats, Floats]:
        """Values of sets, and optima with the activities of the rows."""
        values, points = self._optima.of(sets, moved(self._plan, *_listed(sets)))
        return values, with_activities(self._plan.program, points)

    def branches(
        self, taken: tuple[int, ...], left_out: frozenset[int], point: Floats
    ) -> list[tuple[tuple[int, ...], frozenset[int]]]:
        """Sets to go on with."""
        choices = self._choices
        can = choices.affords(float(choices.cost[list(taken)].sum()))
        can[np.isin(choices.decision, choices.decision[list(taken)])] = False
        allowed = [o for o in np.flatnonzero(can).tolist() if o not in left_out]
        if not allowed:
            return []
        first = np.zeros(1, np.int64)
        changes = moved(self._plan, *_listed([taken, (*taken, *allowed)]))
        here, all_taken = changes.only(first), changes.only(first + 1)
        _, _, bad = broken(self._plan.bounds, all_taken, here, first, first, point[None])
        owners = {owner for variable in all_taken.variable[bad].tolist() for owner in self._owners[variable]}
        hit = set().union(*(self._options.get(owner, set()) for owner in owners)) if owners else set()
        chosen_next = [o for o in allowed if o in hit]
        return [((*taken, o), left_out | frozenset(chosen_next[:i])) for i, o in enumerate(chosen_next)]


def _listed(sets: list[tuple[int, ...]]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    start = np.concatenate([[0], np.cumsum([len(one) for one in sets])]).astype(np.int64)
    return start, np.array([o for one in sets for o in one], np.int32)
