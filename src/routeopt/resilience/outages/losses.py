"""What is lost in each state: each distinct one is solved once, a million of them in little memory."""

from __future__ import annotations

import concurrent.futures as futures
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.scenario.case import Situation
from routeopt.scenario.outages import Event
from routeopt.solve.batch import Batch
from routeopt.solve.batch_problem import Counts
from routeopt.system import ExportSystem

__all__ = ["Losses", "States"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

_REMEMBERED = 200_000


class States(NamedTuple):
    """Distinct states.

    Attributes
    ----------
    packed : uint8 array, shape (S, bytes)
        One bit an event.
    weight : float array, shape (S,)
        How often each was met, or how likely it is.
    """

    packed: Bytes
    weight: Floats


class Losses:
    """Solves states of a system, each distinct one once as long as it is remembered.

    Parameters
    ----------
    system : ExportSystem
    situation : Situation
        What holds with everything up.
    events : sequence of Event
    economic : bool
    executor, chunk
        As in `routeopt.solve.batch.Batch.solve`.

    Attributes
    ----------
    base : float array, shape (3,)
        With everything up: volume exported, shortage of refineries, net cost; inner units.
    counts : Counts
        How states were solved.
    """

    def __init__(
        self, system: ExportSystem, situation: Situation, events: Sequence[Event], *, economic: bool = False,
        executor: futures.Executor | None = None, chunk: int | None = None,
    ) -> None:  # fmt: skip
        self._batch = Batch(system, situation, [event.closure for event in events], economic=economic)
        self._executor, self._chunk, self._events = executor, chunk, len(events)
        self._known: dict[bytes, tuple[float, float, float]] = {}
        self.counts = Counts()
        self.base: Floats = np.zeros(3)
        self.base = self._solve(np.zeros((1, self._events), bool))[0] * [-1.0, 1.0, 1.0]

    def local(self) -> Losses:
        """The same without an executor, which may be gone when a question comes later."""
        copy = object.__new__(Losses)
        copy.__dict__ = {**self.__dict__, "_executor": None, "counts": replace(self.counts)}
        return copy

    def pack(self, states: Bools) -> Bytes:
        """One bit an event."""
        return np.packbits(states, axis=1)

    def unpack(self, packed: Bytes) -> Bools:
        """The other way round."""
        return np.unpackbits(packed, axis=1, count=self._events).astype(bool)

    def distinct(self, packed: Bytes) -> tuple[Bytes, Ints]:
        """Distinct states in a fixed order, and which of them each state is."""
        if packed.shape[1] <= 8:
            wide = np.zeros((len(packed), 8), np.uint8)
            wide[:, 8 - packed.shape[1] :] = packed
            keys: NDArray[Any] = wide.view(">u8").ravel().astype(np.uint64)
        else:
            # Text ends at its last byte that is not zero, which keeps states of one width apart all the same.
            keys = np.ascontiguousarray(packed).view(f"S{packed.shape[1]}").ravel()
        _, first, of = np.unique(keys, return_index=True, return_inverse=True)
        return packed[first], of.ravel()

    def of(self, packed: Bytes) -> Floats:
        """Lost volume, further shortage and further net cost of distinct states, shape (S, 3), inner units."""
        keys = [row.tobytes() for row in packed]
        new = [place for place, key in enumerate(keys) if key not in self._known]
        values = np.empty((len(keys), 3))
        if new:
            solved = self._solve(self.unpack(packed[new]))
            values[new] = solved
            room = max(0, _REMEMBERED - len(self._known))
            for place, row in zip(new[:room], solved[:room].tolist(), strict=True):
                self._known[keys[place]] = tuple(row)
        fresh = set(new)
        for place, key in enumerate(keys):
            if place not in fresh:
                values[place] = self._known[key]
        return values

    def _solve(self, states: Bools) -> Floats:
        found = self._batch.solve(states, executor=self._executor, chunk=self._chunk)
        self.counts.add(found.counts)
        lost = self.base[0] - found.exported
        values = np.column_stack([lost, found.shortage - self.base[1], found.money - self.base[2]])
        # What is within the certificate's tolerance of nothing is nothing.
        size = max(abs(self.base[0]), 1e-12)
        values[:, :2] = np.where(np.abs(values[:, :2]) < 1e-7 * size, 0.0, values[:, :2])
        return values

    def merged(self, parts: Sequence[States]) -> States:
        """Parts put together, equal states once."""
        packed = np.concatenate([part.packed for part in parts])
        weight = np.concatenate([part.weight for part in parts])
        unique, of = self.distinct(packed)
        return States(unique, np.bincount(of, weight, len(unique)).astype(float))
