"""All sets of so many decisions, solved or settled by a smaller set."""

from __future__ import annotations

import concurrent.futures as futures
import itertools
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from routeopt.resilience.pruning import stands, with_activities
from routeopt.solve import kernel
from routeopt.solve.batch import Batch, BatchResult, Engine, Series, takes_kernel
from routeopt.solve.batch_problem import Changes, Counts, Plan, moved
from routeopt.solve.parallel import interruptible
from routeopt.solve.warm import WarmSession

__all__ = ["Solved", "SweepCounts", "all_sets", "rank", "sweep"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

log = logging.getLogger("routeopt")

_KEPT = 256e6
"""Bytes of optima that are kept to settle larger sets with; those beyond are not kept, and settle nothing."""

_BLOCK = 20_000

_SMALL = 150
"""Up to so many rows the kernel solves a set in the time that it takes to compare it with smaller ones."""


@dataclass(frozen=True)
class SweepCounts:
    """How the sets of a sweep got their values.

    Attributes
    ----------
    sets : int
        All of them, with the empty one.
    solved, pruned : int
        Those with an optimum of their own, each certified, and those in which the optimum of a smaller set stands.
    kernel, warm, cold : int
        The solved ones by what answered.
    handed_over : int
        What the kernel could not certify and gave to the warm session.
    """

    sets: int
    solved: int
    pruned: int
    kernel: int
    warm: int
    cold: int
    handed_over: int


@dataclass(frozen=True)
class Solved:
    """Values of all sets, by size.

    Attributes
    ----------
    sets : tuple of int array
        Sets of s decisions, shape (sets, s), in order; the first entry is the empty set.
    values : tuple of float array
        Volume exported, shortage and net cost of each, shape (sets, 3), in inner units a day.
    counts : SweepCounts
    """

    sets: tuple[Ints, ...]
    values: tuple[Floats, ...]
    counts: SweepCounts


def all_sets(decisions: int, size: int) -> Ints:
    """All sets of a size, shape (sets, size), in order.

    Examples
    --------
    >>> all_sets(3, 2).tolist()
    [[0, 1], [0, 2], [1, 2]]
    """
    flat = itertools.chain.from_iterable(itertools.combinations(range(decisions), size))
    many = comb(decisions, size)
    return np.fromiter(flat, np.int64, many * size).reshape(many, size)


def rank(sets: Ints, decisions: int) -> Ints:
    """Place of each set among `all_sets` of its size; up to pairs.

    Examples
    --------
    >>> rank(np.array([[0, 2], [1, 2]]), 3).tolist()
    [1, 2]
    """
    if sets.shape[1] == 0:
        return np.zeros(len(sets), np.int64)
    if sets.shape[1] == 1:
        return sets[:, 0]
    first, second = sets.T
    place: Ints = first * (2 * decisions - first - 1) // 2 + second - first - 1
    return place


@interruptible
def sweep(
    batch: Batch,
    k: int,
    *,
    prune: bool | None = None,
    engine: Engine = "auto",
    executor: futures.Executor | None = None,
    chunk: int | None = None,
) -> Solved:
    """Solve all sets of up to ``k`` decisions.

    Parameters
    ----------
    batch : Batch
    k : int
        No more than three, nor than there are decisions.
    prune : bool, optional
        Look in smaller sets first (`routeopt.resilience.pruning.stands`); where it pays if not given.
    engine, executor, chunk
        As in `Batch.solve`; only the largest sets are spread, for they are nearly all.
    """
    decisions, counts = len(batch.names), Counts()
    sets = [all_sets(decisions, size) for size in range(k + 1)]
    quick = takes_kernel(batch.plan, engine, sum(len(part) for part in sets))
    if prune is None:
        prune = not quick or batch.plan.program.shape[0] > _SMALL
    if not prune:
        found = batch.solve(_series(sets), engine=engine, executor=executor, chunk=chunk)
        ends = np.cumsum([len(part) for part in sets])[:-1]
        values = np.split(_values(found), ends)
        return Solved(tuple(sets), tuple(values), _counts(found.counts, 0))
    levels = _Levels(batch, decisions, counts, quick)
    values = [levels.climb(part) for part in sets[:k]]
    settled, last = levels.settled(sets[k])
    left = np.flatnonzero(~settled)
    found = batch.solve(_series([sets[k][left]]), engine=engine, executor=executor, chunk=chunk)
    last[left] = _values(found)
    counts.add(found.counts)
    pruned = levels.pruned + int(settled.sum())
    log.info("%d of %d sets are settled by smaller ones", pruned, sum(len(part) for part in sets))
    return Solved(tuple(sets), (*values, last), _counts(counts, pruned))


class _Levels:
    """Sizes one after the other, with the optima that settle what comes next."""

    def __init__(self, batch: Batch, decisions: int, counts: Counts, quick: bool) -> None:
        self._batch, self._decisions, self._counts = batch, decisions, counts
        self._moves: Callable[..., Changes] = _compiled if quick else moved
        self._session: WarmSession | None = None
        rows, columns = batch.plan.program.shape
        self._limit = max(1, int(_KEPT / (8 * (rows + columns))))
        self._points = np.empty((0, rows + columns))
        self._values, self._point = np.empty((0, 3)), np.empty(0, np.int64)
        self._changes: Changes | None = None
        self.pruned = 0

    def climb(self, sets: Ints) -> Floats:
        """Values of all sets of the next size; their optima are kept."""
        settled, values, point = self._settled(sets)
        changes = self._moved(sets)
        for left in _blocks(np.flatnonzero(~settled)):
            values[left], points = self._optima(sets[left], changes.only(left))
            kept = left[: max(0, self._limit - len(self._points))]
            point[kept] = len(self._points) + np.arange(len(kept))
            more = with_activities(self._batch.plan.program, points[: len(kept)])
            self._points = np.vstack([self._points, more])
        self.pruned += int(settled.sum())
        self._values, self._point, self._changes = values, point, changes
        return values

    def settled(self, sets: Ints) -> tuple[NDArray[np.bool_], Floats]:
        """Sets of the next size in which a smaller optimum stands, and their values."""
        settled, values, _ = self._settled(sets)
        return settled, values

    def _settled(self, sets: Ints) -> tuple[NDArray[np.bool_], Floats, Ints]:
        many, plan = len(sets), self._batch.plan
        settled, values, point = np.zeros(many, bool), np.empty((many, 3)), np.full(many, -1, np.int64)
        if self._changes is None:
            return settled, values, point
        for block in _blocks(np.arange(many)):
            changes, open_still = self._moved(sets[block]), np.arange(len(block))
            for dropped in range(sets.shape[1]):
                mine = block[open_still]
                parent = rank(np.delete(sets[mine], dropped, axis=1), self._decisions)
                has = stands(
                    plan.bounds, changes.only(open_still), self._changes, parent, self._point[parent], self._points
                )
                settled[mine[has]] = True
                values[mine[has]], point[mine[has]] = self._values[parent[has]], self._point[parent[has]]
                open_still = open_still[~has]
        return settled, values, point

    def _moved(self, sets: Ints) -> Changes:
        many, size = sets.shape
        return self._moves(self._batch.plan, size * np.arange(many + 1), sets.astype(np.int32).ravel())

    def _optima(self, sets: Ints, changes: Changes) -> tuple[Floats, Floats]:
        """Values and optima. Any optimum will do, so ties are not broken, which would take several solves."""
        plan = self._batch.plan
        self._session = self._session or WarmSession(plan)
        points, proven, _ = self._session.solve(changes, Counts())
        values = points @ plan.report.T
        values[:, :2] = np.column_stack([-values[:, 1] + 0.0, values[:, 0]])
        self._counts.warm += int(proven.sum())
        unsure = np.flatnonzero(~proven)
        if len(unsure):
            found = self._batch.solve(_series([sets[unsure]]), flows=True, engine="warm")
            values[unsure], points[unsure] = _values(found), found.x
            self._counts.add(found.counts)
        return values, points


def _compiled(plan: Plan, ptr: Ints, chosen: NDArray[np.int32]) -> Changes:
    return Changes(*kernel.load().moved_bounds(plan.closing, ptr, chosen))


def _series(parts: Sequence[Ints]) -> Series:
    sizes = np.concatenate([np.zeros(1, np.int64), *(np.full(len(part), part.shape[1]) for part in parts)])
    return Series(np.cumsum(sizes), np.concatenate([part.ravel() for part in parts]).astype(np.int32))


def _blocks(places: Ints) -> Sequence[Ints]:
    return [places[first : first + _BLOCK] for first in range(0, len(places), _BLOCK)]


def _values(found: BatchResult) -> Floats:
    return np.column_stack([found.exported, found.shortage, found.money])


def _counts(counts: Counts, pruned: int) -> SweepCounts:
    solved = counts.kernel + counts.warm + counts.cold
    return SweepCounts(solved + pruned, solved, pruned, counts.kernel, counts.warm, counts.cold, counts.handed_over)
