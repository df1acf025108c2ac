"""What a batch is solved from: plain data that goes to workers, never a solver's object."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.model import Bounds, Objectives, Program, bound_changes
from routeopt.model.closure_bounds import Closing, as_lists
from routeopt.solve.cycles import circles_may_pay

if TYPE_CHECKING:
    from routeopt.solve.kernel.start import Start

__all__ = ["COLD", "KERNEL", "WARM", "Answers", "Changes", "Counts", "Parcel", "Plan", "moved", "nearest", "plan_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


KERNEL, WARM, COLD = 0, 1, 2
"""What answered a closure."""


class Changes(NamedTuple):
    """Bounds that differ from the unchanged ones, closure after closure.

    Attributes
    ----------
    start : int array, shape (S + 1,)
        Those of closure s are at ``start[s]`` to ``start[s + 1]``.
    variable : int array
        Columns, then rows.
    lower, upper : float array
        The bounds there.
    """

    start: Ints
    variable: NDArray[np.int32]
    lower: Floats
    upper: Floats

    def only(self, chosen: Ints) -> Changes:
        """The changes of some closures."""
        sizes = np.diff(self.start)[chosen]
        start = np.concatenate([[0], np.cumsum(sizes)])
        at = np.arange(start[-1]) + np.repeat(self.start[:-1][chosen] - start[:-1], sizes)
        return Changes(start, self.variable[at], self.lower[at], self.upper[at])

    def bounds(self, closure: int, base: Bounds) -> Bounds:
        """All bounds of one closure."""
        columns = len(base.lower)
        lower, upper = base.lower.copy(), base.upper.copy()
        row_lower, row_upper = base.row_lower.copy(), base.row_upper.copy()
        for e in range(self.start[closure], self.start[closure + 1]):
            j = self.variable[e]
            if j < columns:
                lower[j], upper[j] = self.lower[e], self.upper[e]
            else:
                row_lower[j - columns], row_upper[j - columns] = self.lower[e], self.upper[e]
        return Bounds(lower, upper, row_lower, row_upper, base.unit)


@dataclass
class Counts:
    """How a batch was solved.

    Attributes
    ----------
    closures : int
        How many were asked for; each has been certified.
    kernel, warm, cold : int
        Answered by the kernel, by the warm session, and, because that could not be certified, by solving each
        objective in turn, from cold if need be.
    unchanged, merged : int
        In the warm session those whose closure does not touch the optimum; those equal to another closure, which
        are solved once.
    handed_over : int
        What the kernel could not certify and gave to the warm session.
    pivots, moved, learned : int
        In the kernel: pivots, non-basic variables that moved with their bound, and pivots and columns that were
        computed and not looked up.
    """

    closures: int = 0
    kernel: int = 0
    warm: int = 0
    cold: int = 0
    unchanged: int = 0
    merged: int = 0
    handed_over: int = 0
    pivots: int = 0
    moved: int = 0
    learned: int = 0

    def add(self, other: Counts) -> None:
        """Add the counts of another part of the batch."""
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def certified(self) -> int:
        """Closures whose two values have been proven: all of them, or the batch would have raised."""
        return self.kernel + self.warm + self.cold


@dataclass(frozen=True)
class Answers:
    """Optima of a part of a batch.

    Attributes
    ----------
    values : float array, shape (S, 3)
        Shortage, minus the volume exported, and net cost.
    x : float array, shape (kept, columns)
        Optima that were asked for.
    by : int8 array, shape (S,)
        What answered each closure: `KERNEL`, `WARM` or `COLD`.
    """

    values: Floats
    x: Floats
    by: NDArray[np.int8]
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True)
class Plan:
    """One programme and how to solve it under many closures.

    Attributes
    ----------
    program, bounds
        The unchanged programme.
    stages, ties : tuple of (name, cost)
        What is minimised in turn, and what decides between equals.
    report : float array, shape (3, columns)
        Costs behind `Answers.values`.
    closing : Closing or None
        What decisions do to bounds; None if changes are given as such.
    engine : str
        ``"kernel"`` or ``"warm"``.
    start : Start or None
        What the kernel starts from.
    pivot_limit : int
        More pivots a closure are handed over.
    circular : bool
        Whether oil that goes round in circles might fulfil a contract: then each closure is solved by itself.
    """

    program: Program
    bounds: Bounds
    stages: tuple[tuple[str, Floats], ...]
    ties: tuple[tuple[str, Floats], ...]
    report: Floats
    closing: Closing | None
    engine: str = "warm"
    start: Start | None = None
    pivot_limit: int = 400
    circular: bool = False

    @cached_property
    def key(self) -> str:
        """The same for plans that are equal, in every process."""
        return hashlib.sha256(pickle.dumps(self)).hexdigest()

    @property
    def economic(self) -> bool:
        """Whether money came before volume."""
        return all(name != "volume" for name, _ in self.stages)


class Parcel:
    """A plan on its way to workers: pickled once, and unpickled only by a worker that does not have it yet.

    Parameters
    ----------
    plan : Plan

    Attributes
    ----------
    key : str
        The same for plans with the same content.
    """

    def __init__(self, plan: Plan) -> None:
        self.key = plan.key
        self._plan: Plan | None = plan
        self._packed: bytes | None = None

    @property
    def plan(self) -> Plan:
        """What is inside."""
        if self._plan is None:
            assert self._packed is not None
            self._plan = pickle.loads(self._packed)
        return self._plan

    def __getstate__(self) -> tuple[str, bytes]:
        if self._packed is None:
            self._packed = pickle.dumps(self._plan, pickle.HIGHEST_PROTOCOL)
        return self.key, self._packed

    def __setstate__(self, state: tuple[str, bytes]) -> None:
        self.key, self._packed = state
        self._plan = None


def plan_of(
    program: Program, bounds: Bounds, objectives: Objectives, closing: Closing | None, *, economic: bool = False
) -> Plan:
    """A plan for the warm session; `routeopt.solve.batch` adds the kernel."""
    shortage, volume, money = objectives.shortage, objectives.volume, objectives.money
    stages: Sequence[tuple[str, Floats]] = [("shortage", shortage), ("volume", volume), ("money", money)]
    if economic:
        stages = [stages[0], stages[2]]
    ties = (("transit", objectives.transit), ("generic", objectives.generic))
    circular = circles_may_pay(program, objectives)
    return Plan(program, bounds, tuple(stages), ties, np.array([shortage, volume, money]), closing, circular=circular)


def nearest(effort: Ints, ptr: Ints, chosen: NDArray[np.int32]) -> Ints:
    """The decision of each set that takes the most effort by itself; -1 where none takes any.

    Its optimum is the nearest start: what remains is to take the others. Among equals the last decision counts.
    """
    found = np.full(len(ptr) - 1, -1, np.int64)
    of, taken = np.repeat(np.arange(len(found)), np.diff(ptr)), effort[chosen]
    order = np.lexsort((chosen, taken))
    order = order[taken[order] > 0]
    found[of[order]] = chosen[order]  # of several written to one place the last one stays
    return found


def moved(plan: Plan, ptr: Ints, chosen: NDArray[np.int32]) -> Changes:
    """Changes that sets of decisions make, without anything compiled."""
    if plan.closing is None:
        raise ValueError("this plan has no decisions")
    found: Any = bound_changes.moved_bounds
    return Changes(*found(as_lists(plan.closing), ptr.tolist(), chosen.tolist()))
