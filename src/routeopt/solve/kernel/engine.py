"""The kernel with its memory, as Python calls it."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.model import bound_changes
from routeopt.solve.batch_problem import Changes, Counts, Plan
from routeopt.solve.highs import Session
from routeopt.solve.kernel.dual_simplex import PIVOT_LIMIT, walk
from routeopt.solve.kernel.jit import entry
from routeopt.solve.kernel.pool import Pool, Room, new_pool, new_room
from routeopt.solve.kernel.sets import distinct, listed, nearest
from routeopt.solve.kernel.start import Start, start_of
from routeopt.solve.lexicographic import lexicographic

__all__ = ["Kernel", "distinct", "listed", "moved_bounds", "prepared"]

Ints = NDArray[np.int64]

moved_bounds = entry(bound_changes.moved_bounds)


def _costs_of(plan: Plan) -> tuple[Floats, int, list[int]]:
    """Objectives in order for the kernel, how many of them are proven, and which are shortage, volume and money."""
    parts = [cost for _, cost in (*plan.stages, *plan.ties)]
    if plan.economic:
        # The volume is what the whole order makes of it, so the whole order is proven.
        return np.array([*parts, plan.report[1]]), len(parts), [0, len(parts), 1]
    return np.array(parts), len(plan.stages), [0, 1, 2]


def prepared(plan: Plan, flows: bool, opened: NDArray[np.intp]) -> Plan | None:
    """A plan with what the kernel starts from, or None if no start is found.

    ``flows``: whether flows will be shown; ``opened``: variables that a closure may open that are held in the plan.
    """
    session = Session(plan.program, plan.bounds)
    answer = lexicographic(plan.program, plan.bounds, plan.stages, plan.ties, session, check=False)
    costs, proven, _ = _costs_of(plan)
    # Flows are shown as ties decide them, so then the ties are proven too.
    proven = len(plan.stages) + len(plan.ties) if flows else proven
    start = start_of(plan.program, plan.bounds, costs, session.basic()[1], answer.x, proven, opened)
    return None if start is None else replace(plan, engine="kernel", start=start)


class Kernel:
    """Answers closures of one plan; each answer depends on the closure alone, not on what was asked before.

    - ``plan``: with a start.
    - ``megabytes``: size of the memory; when it is full, what was learned after the start is forgotten.
    """

    def __init__(self, plan: Plan, megabytes: float = 128.0) -> None:
        if plan.start is None:
            raise ValueError("this plan has no start for the kernel")
        self._plan, self._start = plan, plan.start
        _, _, self._reported = _costs_of(plan)
        self._objectives = max(self._reported) + 1
        self._pool, self._room = new_pool(plan.start, megabytes), new_room(plan.start)
        self._seeds = self._single(plan)

    def _single(self, plan: Plan) -> Seeds:
        if plan.closing is None:
            one = (np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0), np.zeros(0))
        else:
            many = len(plan.closing.start) - 1
            one = moved_bounds(plan.closing, np.arange(many + 1), np.arange(many, dtype=np.int32))
        return _single_seeds(self._start, self._pool, self._room, self._objectives, *one)

    def solve(
        self, ptr: Ints, chosen: NDArray[np.int32] | Changes, keep: Ints, x: Floats, counts: Counts
    ) -> tuple[Changes, Floats, Ints]:
        """Solve closures.

        Returns ``changes``, ``values``, ``left``: the bounds that were moved, the values, and closures whose optimum is
        not certified.
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


class Seeds(NamedTuple):
    """Optima to start from, for the optimum of each element alone is nearer to most closures than the base is.

    Every basis among them is dual feasible for every closure.

    - ``basis`` (seeds,): place in the pool.
    - ``x`` (seeds, N).
    - ``ptr``, ``var``: variables whose bounds each seed has moved.
    - ``effort`` (seeds,): pivots from the base.
    - ``values`` (seeds, objectives): what is asked for at each of them.
    - ``sure`` (seeds,): whether optimum and values have been proven and may be passed on.
    - ``used`` (4,): what of the pool the seeds need, see `Pool.used`.
    """

    basis: Ints
    x: Floats
    ptr: Ints
    var: NDArray[np.int32]
    effort: Ints
    values: Floats
    sure: NDArray[np.bool_]
    used: Ints


def _base_seed(start: Start, pool: Pool, objectives: int) -> Seeds:
    """The base alone, not proven yet."""
    one = np.zeros(1, np.int64)
    return Seeds(
        one, start.x[None, :].copy(), np.zeros(2, np.int64), np.zeros(0, np.int32), one, np.empty((1, objectives)),
        np.zeros(1, bool), pool.used.copy(),
    )  # fmt: skip


def _single_seeds(
    start: Start, pool: Pool, room: Room, objectives: int, ptr: Ints, var: NDArray[np.int32], low: Floats, up: Floats
) -> Seeds:
    """The base, and then each of some closures; those that are not answered are the base again."""
    # The base is one of them: the closure that moves nothing.
    ptr = np.concatenate([[0], ptr])
    base, many = _base_seed(start, pool, objectives), len(ptr) - 1
    x, ended, effort = np.empty((many, len(start.x))), np.zeros(many, np.int64), np.zeros(many, np.int64)
    values, answered, every = np.empty((many, objectives)), np.zeros(many, bool), np.arange(many)
    walk(start, base, pool, room, np.zeros(many, np.int64), ptr, var, low, up, values, answered, every, x, ended,
         effort, np.zeros(3, np.int64), PIVOT_LIMIT)  # fmt: skip
    ended[~answered], x[~answered], effort[~answered], values[~answered] = 0, start.x, 0, values[0]
    return Seeds(ended, x, ptr, var, effort, values, answered & answered[0], pool.used.copy())
