"""Solving a part of a batch: the kernel first, what it hands over in the warm session, the rest step by step."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.model import Bounds, Program
from routeopt.solve import kernel
from routeopt.solve.batch_problem import COLD, KERNEL, WARM, Answers, Changes, Counts, Parcel, Plan, moved
from routeopt.solve.cycles import settled
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import Answer, lexicographic
from routeopt.solve.warm import Sets, WarmSession

__all__ = ["Worker", "work"]

Ints = NDArray[np.int64]

log = logging.getLogger("routeopt")

_mine = threading.local()


_KEPT = 2
"""So many workers stay in a thread: what one has learned is of use when its plan comes again."""


def work(parcel: Parcel, ptr: Ints, chosen: NDArray[np.int32] | Changes, keep: Ints) -> Answers:
    """Solve some closures with a worker of this thread that stays for the next part.

    - ``parcel``: the plan; the same plan finds the same worker.
    - ``ptr``, ``chosen``: decisions of each closure, or changes of bounds.
    - ``keep``: closures whose optimum is wanted, by place, in order.
    """
    if not hasattr(_mine, "workers"):
        _mine.workers = OrderedDict()
    workers: OrderedDict[str, Worker] = _mine.workers
    # Taken out while it works: one that fails or is interrupted half-way is not used again.
    worker = workers.pop(parcel.key) if parcel.key in workers else Worker(parcel.plan)
    answers = worker.solve(ptr, chosen, keep)
    workers[parcel.key] = worker
    while len(workers) > _KEPT:
        workers.popitem(last=False)
    return answers


class Worker:
    """Whatever holds state between closures; made where it works, never sent anywhere."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._warm: WarmSession | None = None
        self._turns: Session | None = None
        self._kernel: Any = None
        if plan.engine == "kernel":
            self._kernel = kernel.load().Kernel(plan)

    def solve(self, ptr: Ints, chosen: NDArray[np.int32] | Changes, keep: Ints) -> Answers:
        """See `work`."""
        plan, many = self._plan, len(ptr) - 1
        counts = Counts(closures=many)
        x, by = np.empty((len(keep), plan.program.shape[1])), np.full(many, KERNEL, np.int8)
        if self._kernel is not None:
            changes, values, left = self._kernel.solve(ptr, chosen, keep, x, counts)
            counts.handed_over = len(left)
        else:
            changes = chosen if isinstance(chosen, Changes) else moved(plan, ptr, chosen)
            values, left = np.empty((many, 3)), np.arange(many)
        if len(left):
            sets = None if isinstance(chosen, Changes) or len(left) < many else (ptr, chosen)
            self._hand_over(changes, left, sets, values, keep, x, by, counts)
        return Answers(values, x, by, counts)

    def _hand_over(
        self, changes: Changes, left: Ints, sets: Sets | None, values: Floats, keep: Ints, x: Floats,
        by: NDArray[np.int8], counts: Counts,
    ) -> None:  # fmt: skip
        plan = self._plan
        self._warm = self._warm or WarmSession(plan)
        points, proven, alone = self._warm.solve(changes.only(left), counts, sets)
        # A flow that is shown is the one that ties decide on, as in a single solve; where there is one optimum only,
        # there is nothing to decide.
        row = np.full(len(by), -1, np.int64)
        row[keep] = np.arange(len(keep))
        shown = row[left] >= 0
        sure = proven & (alone | ~shown)
        values[left[sure]] = points[sure] @ plan.report.T
        by[left] = np.where(proven, WARM, COLD)
        if not proven.all() and not plan.circular:
            log.warning("%d of %d closures are not certified after a warm start: solving each objective in turn",
                        int((~proven).sum()), len(left))  # fmt: skip
        for place in np.flatnonzero(sure & shown).tolist():
            bounds = changes.bounds(int(left[place]), plan.bounds)
            x[row[left[place]]] = np.clip(points[place], bounds.lower, bounds.upper)
        for s in left[~sure].tolist():
            point = self._in_turn(changes, s)
            values[s] = plan.report @ point
            if row[s] >= 0:
                x[row[s]] = point
        counts.warm += int(proven.sum())
        counts.cold += int((~proven).sum())

    def _in_turn(self, changes: Changes, closure: int) -> Floats:
        """Objective by objective, each proven by itself, and repeated from cold if it cannot be."""
        plan, bounds = self._plan, changes.bounds(closure, self._plan.bounds)
        session = self._turns = self._turns or Session(plan.program, plan.bounds)

        def again(bounds: Bounds) -> Answer:
            return lexicographic(plan.program, bounds, plan.stages, plan.ties, session, check=False)

        try:
            answer = again(bounds)
            if plan.circular and isinstance(plan.program, Program):
                answer = settled(plan.program, bounds, plan.stages, answer, again).answer
            return answer.x
        except Exception as error:
            error.add_note(f"in closure {closure} of this part of the batch")
            raise
