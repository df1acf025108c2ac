"""The certified value of any set of elements out: each distinct set is solved once."""

from __future__ import annotations

import concurrent.futures as futures
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Bools, Floats
from routeopt.model.certificate import TOLERANCE
from routeopt.solve.batch import Batch, BatchResult, Engine
from routeopt.solve.batch_problem import Changes, Counts
from routeopt.solve.warm import WarmSession

__all__ = ["Optima", "SetValues", "clean", "every_set", "resolution", "values_of"]


def resolution(unit: float, *figures: float | Floats) -> float:
    """What certificates do not tell from zero: figures of this size that differ by no more are equal.

    ``unit`` is the size of the system (`routeopt.model.Bounds.unit`), the least that counts.
    """
    return TOLERANCE * max([unit, *(float(np.abs(one).max(initial=0.0)) for one in figures)])


def clean(values: Floats, noise: float) -> Floats:
    """Zero what is within the noise."""
    return np.where(np.abs(values) <= noise, 0.0, values)


def every_set(many: int) -> Bools:
    """All sets of some elements, shape (2^n, n): element i is in set m if bit i of m is set.

    Examples
    --------
    >>> every_set(2).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    found: Bools = (np.arange(1 << many)[:, None] >> np.arange(many)) & 1 == 1
    return found


def values_of(found: BatchResult) -> Floats:
    """Volume exported, shortage of refineries and net cost, shape (sets, 3); inner units a day."""
    return np.column_stack([found.exported, found.shortage, found.money])


class SetValues:
    """Values of sets of a batch's elements, by `values_of`; ``remember`` limits how many are kept, ``executor`` and
    ``chunk`` are those of `Batch.solve`, and ``counts`` says how sets were solved."""

    def __init__(
        self,
        batch: Batch,
        *,
        engine: Engine = "auto",
        executor: futures.Executor | None = None,
        chunk: int | None = None,
        remember: int | None = None,
    ) -> None:
        self.batch, self.counts = batch, Counts()
        self._engine, self._executor, self._chunk, self._remember = engine, executor, chunk, remember
        self._known: dict[bytes, tuple[float, ...]] = {}

    def of(self, out: Bools | Sequence[Iterable[int]]) -> Floats:
        """Values of sets: of rows that say which elements are out, or of lists of their places."""
        sets = out if isinstance(out, np.ndarray) else self._rows(out)
        keys = [row.tobytes() for row in np.packbits(sets, axis=1)]
        new = {key: place for place, key in enumerate(keys) if key not in self._known}
        fresh: dict[bytes, tuple[float, ...]] = {}
        if new:
            found = self.batch.solve(
                sets[list(new.values())], engine=self._engine, executor=self._executor, chunk=self._chunk
            )
            self.counts.add(found.counts)
            fresh = dict(zip(new, map(tuple, values_of(found).tolist()), strict=True))
            room = len(fresh) if self._remember is None else max(0, self._remember - len(self._known))
            self._known.update(list(fresh.items())[:room])
        return np.array([fresh.get(key) or self._known[key] for key in keys], float).reshape(-1, 3)

    def _rows(self, sets: Sequence[Iterable[int]]) -> Bools:
        rows = np.zeros((len(sets), len(self.batch.names)), bool)
        for row, one in zip(rows, sets, strict=True):
            row[list(one)] = True
        return rows

    @property
    def solved(self) -> int:
        """Distinct sets that are remembered."""
        return len(self._known)

    @cached_property
    def base(self) -> Floats:
        """The value with everything in service."""
        found: Floats = self.of([()])[0]
        return found

    @property
    def exported(self) -> float:
        """Volume exported with everything in service."""
        return float(self.base[0])

    @property
    def shortage(self) -> float:
        """What refineries lack with everything in service."""
        return float(self.base[1])

    @property
    def money(self) -> float:
        """Net cost with everything in service."""
        return float(self.base[2])

    @cached_property
    def noise(self) -> float:
        """Volumes that differ by no more are equal."""
        return resolution(self.batch.plan.bounds.unit, self.base[:2])

    @cached_property
    def money_noise(self) -> float:
        """Net costs that differ by no more are equal."""
        return resolution(self.batch.plan.bounds.unit, self.base[2])

    def worse(self, values: Floats) -> Floats:
        """Exports lost, further shortage and further net cost against nothing out, shape (sets, 3)."""
        lost, lacking, money = (values - self.base).T
        return np.column_stack([
            clean(-lost, self.noise), clean(lacking, self.noise), clean(money, self.money_noise),
        ])  # fmt: skip

    def lost(self, out: Bools | Sequence[Iterable[int]]) -> Floats:
        """`worse` of sets."""
        return self.worse(self.of(out))

    def local(self) -> SetValues:
        """The same without an executor, which may be gone when a question comes later."""
        other = copy(self)
        other._executor, other.counts = None, replace(self.counts)
        return other


class Optima:
    """Values and any certified optimum of sets: ties are not broken, which would take several solves."""

    def __init__(self, batch: Batch) -> None:
        self.batch, self.counts = batch, Counts()
        self._session: WarmSession | None = None

    def of(self, sets: Sequence[Iterable[int]] | NDArray[np.int64], changes: Changes) -> tuple[Floats, Floats]:
        """Of sets and what they change: `values_of`, and points of shape (sets, columns)."""
        plan = self.batch.plan
        self._session = self._session or WarmSession(plan)
        points, proven, _ = self._session.solve(changes, Counts())
        values = points @ plan.report.T
        values[:, :2] = np.column_stack([-values[:, 1] + 0.0, values[:, 0]])
        self.counts.warm += int(proven.sum())
        unsure = np.flatnonzero(~proven).tolist()
        if unsure:
            found = self.batch.solve([sets[place] for place in unsure], flows=True, engine="warm")
            values[unsure], points[unsure] = values_of(found), found.x
            self.counts.add(found.counts)
        return values, points
