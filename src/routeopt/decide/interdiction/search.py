"""Every set of decisions, solved or settled by a smaller one: enumeration that leaves out what cannot matter.

Let x be an optimum when the set S is taken, and R options that cut nothing of which x uses what they would take.
x is then an optimum of S with any subset of R as well, and no such set has to be solved: what is worse than S must
take one of the options outside R. So the search branches on these alone, the i-th branch leaving out those that came
before it. Every set is either solved or has the value of a solved subset of itself; a set of which no proper subset is
as bad is always solved.

*Proof.* R holds the options that touch none of the legs, fields and groups whose bounds x would break (or that would
hold x less) if everything that can be paid for were taken at once. Under S with a subset of R the bounds of those stay
as they are in S, and all others are no tighter than x keeps; a bound that gets looser (a contract that force majeure
suspends, the minimum of a closed field) is one that x stays away from. So x is feasible, and optimal by the argument
of `routeopt.resilience.pruning.stands`. Nothing else is assumed: neither that more closures cost more, nor weights.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routeopt.decide.interdiction.choices import Choices
from routeopt.model import Bounds
from routeopt.model.certificate import TOLERANCE
from routeopt.resilience.pruning import with_activities
from routeopt.solve.batch import Batch
from routeopt.solve.batch_problem import Changes, Counts, moved
from routeopt.solve.warm import WarmSession

__all__ = ["Found", "search"]

Floats = NDArray[np.float64]

_AWAY = 10 * TOLERANCE
_BLOCK = 1_000


@dataclass(frozen=True)
class Found:
    """Values of sets.

    Attributes
    ----------
    sets : list of tuple of int
        Options taken, in order; the empty set is first.
    values : float array, shape (sets, 3)
        Volume exported, shortage and net cost, inner units a day; each certified.
    complete : bool
        Whether every other set has the value of one of these that is part of it.
    """

    sets: list[tuple[int, ...]]
    values: Floats
    complete: bool


def search(batch: Batch, choices: Choices, limit: float = np.inf, until: float = np.inf) -> Found:
    """Go through all sets that the budget pays for.

    Parameters
    ----------
    batch : Batch
        Its decisions are the options.
    choices : Choices
    limit : float
        Give up before more sets than this would be solved.
    until : float
        Give up at this reading of `time.monotonic`.
    """
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
        self._batch, self._choices, self._plan = batch, choices, batch.plan
        self._session = WarmSession(batch.plan)
        closing = batch.plan.closing
        assert closing is not None
        # What each option cuts: legs, fields, groups.
        self._touches = [
            frozenset(closing.owner[closing.cut[closing.start[o] : closing.start[o + 1]]].tolist())
            for o in range(len(choices))
        ]
        self._options: dict[int, set[int]] = {}
        for o, touched in enumerate(self._touches):
            for owner in touched:
                self._options.setdefault(owner, set()).add(o)
        self._owners: dict[int, list[int]] = {}
        for owner in range(len(closing.in_service)):
            limits = closing.limit[closing.limit_start[owner] : closing.limit_start[owner + 1]]
            contracts = closing.contract_row[closing.due[closing.due_start[owner] : closing.due_start[owner + 1]]]
            for variable in (*limits.tolist(), *contracts.tolist()):
                self._owners.setdefault(variable, []).append(owner)

    def optima(self, sets: list[tuple[int, ...]]) -> tuple[Floats, Floats]:
        """Values of sets, and optima with the activities of the rows."""
        start, chosen = _listed(sets)
        points, proven, _ = self._session.solve(moved(self._plan, start, chosen), Counts())
        values = points @ self._plan.report.T
        values[:, :2] = np.column_stack([-values[:, 1] + 0.0, values[:, 0]])
        unsure = np.flatnonzero(~proven)
        if len(unsure):
            again = self._batch.solve([sets[place] for place in unsure], flows=True, engine="warm")
            values[unsure] = np.column_stack([again.exported, again.shortage, again.money])
            points[unsure] = again.x
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
        start, chosen = _listed([taken, (*taken, *allowed)])
        bad = _held(self._plan.bounds, moved(self._plan, start, chosen), point)
        owners = {owner for variable in bad for owner in self._owners[variable]}
        hit = set().union(*(self._options.get(owner, set()) for owner in owners)) if owners else set()
        chosen_next = [o for o in allowed if o in hit]
        return [((*taken, o), left_out | frozenset(chosen_next[:i])) for i, o in enumerate(chosen_next)]


def _held(bounds: Bounds, changes: Changes, point: Floats) -> list[int]:
    """Variables whose bounds the point breaks if all is taken, or that would hold it less."""
    a, z = changes.start[1], changes.start[2]
    variable, lower, upper = changes.variable[a:z], changes.lower[a:z], changes.upper[a:z]
    before = dict(zip(changes.variable[:a].tolist(), changes.lower[:a].tolist(), strict=True))
    base = np.concatenate([bounds.lower, bounds.row_lower])[variable]
    old_lower = np.array([before.get(j, low) for j, low in zip(variable.tolist(), base.tolist(), strict=True)])
    x = point[variable]
    scale = np.maximum(bounds.unit, np.abs(x))
    bad = (x > upper + TOLERANCE / 10 * scale) | (x < lower - TOLERANCE / 10 * scale)
    bad |= (lower < old_lower) & (x <= old_lower + _AWAY * scale)
    found: list[int] = variable[bad].tolist()
    return found


def _listed(sets: list[tuple[int, ...]]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    start = np.concatenate([[0], np.cumsum([len(one) for one in sets])]).astype(np.int64)
    return start, np.array([o for one in sets for o in one], np.int32)
