"""The kernel with its memory, as Python calls it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routeopt.model import bound_changes
from routeopt.solve.batch_problem import Changes, Counts, Plan
from routeopt.solve.kernel.dual_simplex import walk
from routeopt.solve.kernel.jit import entry
from routeopt.solve.kernel.pool import new_pool
from routeopt.solve.kernel.sets import nearest
from routeopt.solve.kernel.warm_starts import Seeds, single_seeds
from routeopt.solve.kernel.workspace import new_room

__all__ = ["Kernel", "costs_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

moved_bounds = entry(bound_changes.moved_bounds)


def costs_of(plan: Plan) -> tuple[Floats, int, list[int]]:
    """Objectives in order for the kernel, how many of them are proven, and which are shortage, volume and money."""
    parts = [cost for _, cost in (*plan.stages, *plan.ties)]
    if plan.economic:
        # The volume is what the whole order makes of it, so the whole order is proven.
        return np.array([*parts, plan.report[1]]), len(parts), [0, len(parts), 1]
    return np.array(parts), len(plan.stages), [0, 1, 2]


class Kernel:
    """Answers closures of one plan; each answer depends on the closure alone, not on what was asked before.

    Parameters
    ----------
    plan : Plan
        With a start.
    megabytes : float
        Size of the memory; when it is full, what was learned after the start is forgotten.
    """

    def __init__(self, plan: Plan, megabytes: float = 128.0) -> None:
        if plan.start is None:
            raise ValueError("this plan has no start for the kernel")
        self._plan, self._start = plan, plan.start
        _, _, self._reported = costs_of(plan)
        self._objectives = max(self._reported) + 1
        self._pool, self._room = new_pool(plan.start, megabytes), new_room(plan.start)
        self._seeds = self._single(plan)

    def _single(self, plan: Plan) -> Seeds:
        if plan.closing is None:
            one = (np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0), np.zeros(0))
        else:
            many = len(plan.closing.start) - 1
            one = moved_bounds(plan.closing, np.arange(many + 1), np.arange(many, dtype=np.int32))
        return single_seeds(self._start, self._pool, self._room, self._objectives, *one)

    def solve(
        self, ptr: Ints, chosen: NDArray[np.int32] | Changes, keep: Ints, x: Floats, counts: Counts
    ) -> tuple[Changes, Floats, Ints]:
        """Solve closures.

        Returns
        -------
        changes, values, left
            The bounds that were moved, the values, and closures whose optimum is not certified.
        """
        many, plan = len(ptr) - 1, self._plan
        if isinstance(chosen, Changes):
            changes, seed = chosen, np.zeros(many, np.int64)
        else:
            changes, seed = (
                Changes(*moved_bounds(plan.closing, ptr, chosen)),
                1 + nearest(self._seeds.effort[1:], ptr, chosen),
            )
        values, answered = np.empty((many, self._objectives)), np.zeros(many, bool)
        row, points = np.full(many, -1, np.int64), np.empty((len(keep), len(self._start.x)))
        row[keep] = np.arange(len(keep))
        pivots = np.zeros(3, np.int64)
        walk(self._start, self._seeds, self._pool, self._room, seed, *changes, values, answered, row, points,
             np.empty(many, np.int64), np.empty(many, np.int64), pivots, plan.pivot_limit)  # fmt: skip
        x[:] = np.clip(points[:, : x.shape[1]], *self._between(changes, keep, x.shape[1]))
        counts.pivots, counts.moved, counts.learned = (int(count) for count in pivots)
        counts.kernel = int(answered.sum())
        return changes, np.ascontiguousarray(values[:, self._reported]), np.flatnonzero(~answered)

    def _between(self, changes: Changes, keep: Ints, columns: int) -> tuple[Floats, Floats]:
        """Bounds of the columns in the closures whose optimum is wanted."""
        part = changes.only(keep)
        of = np.repeat(np.arange(len(keep)), np.diff(part.start))
        lower, upper = np.tile(self._start.lower, (len(keep), 1)), np.tile(self._start.upper, (len(keep), 1))
        lower[of, part.variable], upper[of, part.variable] = part.lower, part.upper
        return lower[:, :columns], upper[:, :columns]
