"""All sets of up to k elements, solved or settled by a smaller set."""

from __future__ import annotations

import concurrent.futures as futures
import itertools
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.elements.pruning import stands, with_activities
from routeopt.elements.values import Optima, values_of
from routeopt.solve import kernel
from routeopt.solve.batch import Batch, Engine, Series, takes_kernel
from routeopt.solve.batch_problem import Changes, Counts, Plan, moved
from routeopt.solve.parallel import interruptible

__all__ = ["SweepCounts", "Swept", "all_sets", "count_sets", "rank", "sweep"]

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


class Swept(NamedTuple):
    """All sets of up to k elements, by size: ``sets[s]`` has shape (sets, s) and is in order; ``values`` as
    `routeopt.elements.values.values_of` has them."""

    sets: tuple[Ints, ...]
    values: tuple[Floats, ...]
    counts: SweepCounts


def count_sets(many: int, k: int) -> int:
    """How many sets of up to k elements there are, with the empty one."""
    return sum(math.comb(many, size) for size in range(k + 1))


def all_sets(many: int, size: int) -> Ints:
    """All sets of a size, shape (sets, size), in order.

    Examples
    --------
    >>> all_sets(3, 2).tolist()
    [[0, 1], [0, 2], [1, 2]]
    """
    flat = itertools.chain.from_iterable(itertools.combinations(range(many), size))
    count = math.comb(many, size)
    return np.fromiter(flat, np.int64, count * size).reshape(count, size)


def rank(sets: Ints, many: int) -> Ints:
    """Place of each set, whose members are in order, among `all_sets` of its size.

    Examples
    --------
    >>> rank(np.array([[0, 2], [1, 2]]), 3).tolist()
    [1, 2]
    """
    size = sets.shape[1]
    place, before = np.zeros(len(sets), np.int64), np.full(len(sets), -1, np.int64)
    for column in range(size):
        # How many sets have a smaller member here, all before it being the same.
        smaller = np.cumsum([0, *(math.comb(many - 1 - member, size - 1 - column) for member in range(many))])
        place += smaller[sets[:, column]] - smaller[before + 1]
        before = sets[:, column]
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
) -> Swept:
    """Solve all sets of up to ``k`` elements, or settle them by smaller ones (`routeopt.elements.pruning.stands`).

    By default sets are pruned where that pays. ``engine``, ``executor`` and ``chunk`` are those of `Batch.solve`; only
    the largest sets are spread, for they are nearly all.
    """
    sets = [all_sets(len(batch.names), size) for size in range(k + 1)]
    many = count_sets(len(batch.names), k)
    quick = takes_kernel(batch.plan, engine, many)
    if prune is None:
        prune = not quick or batch.program.shape[0] > _SMALL
    if not prune:
        found = batch.solve(_series(sets), engine=engine, executor=executor, chunk=chunk)
        values = np.split(values_of(found), np.cumsum([len(part) for part in sets])[:-1])
        return Swept(tuple(sets), tuple(values), _counts(found.counts, 0))
    levels = _Levels(batch, quick)
    climbed = [levels.climb(part) for part in sets[:k]]
    settled, last, _ = levels.settled(sets[k])
    left = np.flatnonzero(~settled)
    found = batch.solve(_series([sets[k][left]]), engine=engine, executor=executor, chunk=chunk)
    last[left] = values_of(found)
    levels.counts.add(found.counts)
    pruned = levels.pruned + int(settled.sum())
    log.info("%d of %d sets are settled by smaller ones", pruned, many)
    return Swept(tuple(sets), (*climbed, last), _counts(levels.counts, pruned))


class _Levels:
    """Sizes one after the other, with the optima that settle what comes next."""

    def __init__(self, batch: Batch, quick: bool) -> None:
        self._plan, self._many, self._optima = batch.plan, len(batch.names), Optima(batch)
        self._moves: Callable[..., Changes] = _compiled if quick else moved
        rows, columns = batch.program.shape
        self._limit = max(1, int(_KEPT / (8 * (rows + columns))))
        self._points = np.empty((0, rows + columns))
        self._values, self._point = np.empty((0, 3)), np.empty(0, np.int64)
        self._changes: Changes | None = None
        self.pruned = 0

    @property
    def counts(self) -> Counts:
        """How sets were solved."""
        return self._optima.counts

    def climb(self, sets: Ints) -> Floats:
        """Values of all sets of the next size; their optima are kept."""
        settled, values, point = self.settled(sets)
        changes = self._moved(sets)
        for left in _blocks(np.flatnonzero(~settled)):
            values[left], points = self._optima.of(sets[left], changes.only(left))
            kept = left[: max(0, self._limit - len(self._points))]
            point[kept] = len(self._points) + np.arange(len(kept))
            self._points = np.vstack([self._points, with_activities(self._plan.program, points[: len(kept)])])
        self.pruned += int(settled.sum())
        self._values, self._point, self._changes = values, point, changes
        return values

    def settled(self, sets: Ints) -> tuple[NDArray[np.bool_], Floats, Ints]:
        """Sets of the next size in which a smaller optimum stands, their values, and which optimum it is."""
        many = len(sets)
        settled, values, point = np.zeros(many, bool), np.empty((many, 3)), np.full(many, -1, np.int64)
        if self._changes is None:
            return settled, values, point
        for block in _blocks(np.arange(many)):
            changes, open_still = self._moved(sets[block]), np.arange(len(block))
            for dropped in range(sets.shape[1]):
                mine = block[open_still]
                parent = rank(np.delete(sets[mine], dropped, axis=1), self._many)
                has = stands(self._plan.bounds, changes.only(open_still), self._changes, parent, self._point[parent],
                             self._points)  # fmt: skip
                settled[mine[has]] = True
                values[mine[has]], point[mine[has]] = self._values[parent[has]], self._point[parent[has]]
                open_still = open_still[~has]
        return settled, values, point

    def _moved(self, sets: Ints) -> Changes:
        many, size = sets.shape
        return self._moves(self._plan, size * np.arange(many + 1), sets.astype(np.int32).ravel())


def _compiled(plan: Plan, ptr: Ints, chosen: NDArray[np.int32]) -> Changes:
    return Changes(*kernel.load().moved_bounds(plan.closing, ptr, chosen))


def _series(parts: Sequence[Ints]) -> Series:
    sizes = np.concatenate([np.zeros(1, np.int64), *(np.full(len(part), part.shape[1]) for part in parts)])
    return Series(np.cumsum(sizes), np.concatenate([part.ravel() for part in parts]).astype(np.int32))


def _blocks(places: Ints) -> Sequence[Ints]:
    return [places[first : first + _BLOCK] for first in range(0, len(places), _BLOCK)]


def _counts(counts: Counts, pruned: int) -> SweepCounts:
    solved = counts.kernel + counts.warm + counts.cold
    return SweepCounts(solved + pruned, solved, pruned, counts.kernel, counts.warm, counts.cold, counts.handed_over)
