"""Solving a part of a batch: the kernel first, what it hands over in the warm session, the rest from cold."""

from __future__ import annotations

import logging
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import lexicographic
from routeopt.solve.plan import Answers, Changes, Counts, Plan, moved
from routeopt.solve.warm import Sets, WarmSession

__all__ = ["Worker", "work"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

log = logging.getLogger("routeopt")

_mine = threading.local()


def work(plan: Plan, key: str, ptr: Ints, chosen: NDArray[np.int32] | Changes, keep: Ints) -> Answers:
    """Solve some closures with a worker of this thread that stays for the next part.

    Parameters
    ----------
    plan : Plan
    key : str
        The same for the same plan.
    ptr, chosen : int arrays, or int array and Changes
        Decisions of each closure, or changes of bounds.
    keep : int array
        Closures whose optimum is wanted, by place, in order.
    """
    worker: Worker | None = getattr(_mine, "worker", None)
    if worker is None or _mine.key != key:
        worker, _mine.key = Worker(plan), key
        _mine.worker = worker
    try:
        return worker.solve(ptr, chosen, keep)
    except BaseException:  # Ctrl-C may have come between two of its steps: what it remembers is not trusted again
        _mine.worker = None
        raise


class Worker:
    """Whatever holds state between closures; made where it works, never sent anywhere.

    Parameters
    ----------
    plan : Plan
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._warm: WarmSession | None = None
        self._cold: Session | None = None
        self._kernel: Any = None
        if plan.engine == "kernel":
            from routeopt.solve.kernel.engine import Kernel

            self._kernel = Kernel(plan)

    def solve(self, ptr: Ints, chosen: NDArray[np.int32] | Changes, keep: Ints) -> Answers:
        """See `work`."""
        plan, many = self._plan, len(ptr) - 1
        counts = Counts(closures=many)
        x = np.empty((len(keep), plan.program.shape[1]))
        if self._kernel is not None:
            changes, values, left = self._kernel.solve(ptr, chosen, keep, x, counts)
            counts.handed_over = len(left)
        else:
            changes = chosen if isinstance(chosen, Changes) else moved(plan, ptr, chosen)
            values, left = np.empty((many, 3)), np.arange(many)
        if len(left):
            sets = None if isinstance(chosen, Changes) or len(left) < many else (ptr, chosen)
            self._hand_over(changes, left, sets, values, keep, x, counts)
        return Answers(values, x, counts)

    def _hand_over(
        self, changes: Changes, left: Ints, sets: Sets | None, values: Floats, keep: Ints, x: Floats, counts: Counts
    ) -> None:
        plan = self._plan
        self._warm = self._warm or WarmSession(plan)
        points, proven = self._warm.solve(changes.only(left), counts, sets)
        # A flow that is shown is the one that ties decide on, as in a single solve.
        place = {int(s): k for k, s in enumerate(keep)}
        wanted = np.array([int(s) in place for s in left], bool)
        sure = proven & ~wanted
        values[left[sure]] = points[sure] @ plan.report.T
        counts.warm += int(sure.sum())
        if not proven.all():
            log.warning("%d of %d closures are not certified after a warm start: solving each objective in turn",
                        int((~proven).sum()), len(left))  # fmt: skip
        for s in left[~sure].tolist():
            point = self._from_cold(changes, s)
            values[s] = plan.report @ point
            if s in place:
                x[place[s]] = point
            counts.cold += 1

    def _from_cold(self, changes: Changes, closure: int) -> Floats:
        plan, bounds = self._plan, changes.bounds(closure, self._plan.bounds)
        self._cold = self._cold or Session(plan.program, plan.bounds)
        self._cold.restart()
        try:
            return lexicographic(plan.program, bounds, plan.stages, plan.ties, self._cold).x
        except Exception as error:
            error.add_note(f"in closure {closure} of this part of the batch")
            raise
