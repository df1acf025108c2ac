"""Problem data of a batch: plain data that goes to workers, never solver objects."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.model import Bounds, Matrix, Objectives, Program, bound_changes
from routeopt.model.closure_bounds import Closing, as_lists
from routeopt.solve.cycles import circles_may_pay

__all__ = [
    "COLD",
    "KERNEL",
    "WARM",
    "Answers",
    "Changes",
    "Counts",
    "Parcel",
    "Plan",
    "differences",
    "moved",
    "nearest",
    "plan_of",
]

Ints = NDArray[np.int64]


KERNEL, WARM, COLD = 0, 1, 2
"""Engine that answered a closure."""


class Changes(NamedTuple):
    """Bounds that differ from the base, by closure.

    ``start`` (S + 1,): those of closure s are at ``start[s]`` to ``start[s + 1]``; ``variable``: columns, then rows;
    ``lower``, ``upper``: the bounds there.
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

    - ``closures``: how many were asked for; each has been certified.
    - ``kernel``, ``warm``, ``cold``: answered by the kernel, by the warm session, and, because that could not be
      certified, by solving each objective in turn, from cold if need be.
    - ``merged``: closures that the warm session solved once with another equal one.
    - ``handed_over``: what the kernel could not certify and gave to the warm session.
    - ``pivots``, ``moved``, ``learned``: in the kernel: pivots, non-basic variables that moved with their bound, and
      pivots and columns that were computed and not looked up.
    """

    closures: int = 0
    kernel: int = 0
    warm: int = 0
    cold: int = 0
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
        """Closures with both values certified: all of them, or the batch would have raised."""
        return self.kernel + self.warm + self.cold


@dataclass(frozen=True)
class Answers:
    """Optima of a part of a batch.

    ``values`` (S, 3): shortage, minus the volume exported, and net cost; ``x`` (kept, columns): optima that were asked
    for; ``by`` (S,): what answered each closure: `KERNEL`, `WARM` or `COLD`.
    """

    values: Floats
    x: Floats
    by: NDArray[np.int8]
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True)
class Plan:
    """One program and how to solve it under many closures.

    - ``program``, ``bounds``: the base program.
    - ``stages``, ``ties``: what is minimised in turn, and what decides between equals.
    - ``report`` (3, columns): costs behind `Answers.values`.
    - ``closing``: what decisions do to bounds; None if changes are given as such.
    - ``engine``: ``"kernel"`` or ``"warm"``.
    - ``start``: what the kernel starts from.
    - ``pivot_limit``: more pivots a closure are handed over.
    - ``circular``: whether oil that goes round in circles might fulfil a contract: then each closure is solved by
      itself.
    """

    program: Matrix
    bounds: Bounds
    stages: tuple[tuple[str, Floats], ...]
    ties: tuple[tuple[str, Floats], ...]
    report: Floats
    closing: Closing | None
    engine: str = "warm"
    start: Any = None
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

    ``key``: the same for plans with the same content.
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


def differences(plan: Plan, several: Sequence[Bounds]) -> Changes:
    """Bounds of several situations as changes from those of the first."""
    lower0 = np.concatenate([plan.bounds.lower, plan.bounds.row_lower])
    upper0 = np.concatenate([plan.bounds.upper, plan.bounds.row_upper])
    start, variables, lowers, uppers = [0], [], [], []
    for bounds in several:
        lower = np.concatenate([bounds.lower, bounds.row_lower])
        upper = np.concatenate([bounds.upper, bounds.row_upper])
        at = np.flatnonzero((lower != lower0) | (upper != upper0))
        start.append(start[-1] + len(at))
        variables.append(at.astype(np.int32))
        lowers.append(lower[at])
        uppers.append(upper[at])
    return Changes(np.array(start), np.concatenate(variables), np.concatenate(lowers), np.concatenate(uppers))
