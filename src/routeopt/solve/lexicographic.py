"""One objective after the other, each on the optimal face of those before it.

A face is held by fixing every column and row whose multiplier is not zero at the bound that the
multiplier names. By complementary slackness that is the optimal face exactly: no weight and no
tolerance of one objective leaks into the next, or into a price.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from routeopt.errors import CertificateError, SolverError, UnboundedError
from routeopt.program import Bounds, Program, Proof, prove
from routeopt.program.certificate import TOLERANCE, primal_violation, reduced_costs
from routeopt.solve.highs import Solution

__all__ = ["Answer", "Guess", "Minimiser", "Split", "face", "lexicographic", "proven"]

Floats = NDArray[np.float64]

log = logging.getLogger("routeopt")

_ZERO = 1e-9
"""Multipliers below this share of the largest cost count as zero."""

_ON_FACE = 1e-10
"""A point so near to an optimal face is on it."""


class Minimiser(Protocol):
    """Anything that solves the programme; `routeopt.solve.highs.Session` is one."""

    def set_bounds(self, bounds: Bounds) -> None:
        """Change the bounds in force."""

    def restart(self) -> None:
        """Make the next solve cold."""

    def minimise(self, cost: Floats) -> Solution:
        """Minimise a cost."""


Split = Callable[[Bounds, Minimiser], Bounds]
"""Narrows the optimal face of the volume."""


@dataclass(frozen=True)
class Guess:
    """The vertex where a solver stands, to be asked whether it is optimal for other costs too.

    Attributes
    ----------
    x : float array
    duals : callable
        Multipliers that the solver's last basis gives to a cost, or None.
    steps : callable
        Where a few simplex steps for a cost lead, or None.
    """

    x: Floats
    duals: Callable[[Floats], Floats | None]
    steps: Callable[[Floats], Floats | None]

    def proven(
        self, program: Program, bounds: Bounds, cost: Floats, x: Floats, stage: str
    ) -> tuple[Floats, Proof] | None:
        """Multipliers and proof of a point at the solver's last basis; None if they prove nothing."""
        y = self.duals(cost)
        if y is None:
            return None
        proof = prove(program, bounds, cost, x, y, stage)
        # A gap within tolerance is no optimal basis: its face may not even hold the point.
        kept = proof.holds and _off(face(program, bounds, cost, y), x) <= _ON_FACE
        return (y, proof) if kept else None


@dataclass(frozen=True)
class Answer:
    """A point that is optimal for every stage, with the proofs.

    Attributes
    ----------
    x : float array
        The point, within its bounds.
    proofs : tuple of Proof
        One for each stage.
    duals : mapping of str to float array
        Multipliers of the rows by stage.
    unique : bool
        Whether the point was the only optimum before ties were broken.
    cold : int
        Solves that had to be repeated from cold.
    """

    x: Floats
    proofs: tuple[Proof, ...]
    duals: dict[str, Floats]
    unique: bool
    cold: int


def lexicographic(
    program: Program,
    bounds: Bounds,
    stages: Sequence[tuple[str, Floats]],
    ties: Sequence[tuple[str, Floats]],
    solver: Minimiser,
    *,
    check: bool = True,
    split: Split | None = None,
    guess: Guess | None = None,
) -> Answer:
    """Minimise the stages in turn, then break ties.

    Parameters
    ----------
    program : Program
    bounds : Bounds
    stages : sequence of (name, cost)
        Objectives, the most important first.
    ties : sequence of (name, cost)
        What decides between optima that are equal in every stage; the last one is generic.
    solver : Minimiser
        Holds the programme with ``bounds`` in force.
    check : bool
        Whether to find out if the optimum is unique; if not, `Answer.unique` is false.
    split : callable
        Narrows the optimal face of the volume: how it is shared.
    guess : Guess
        A point that may be the answer already; a stage of which it is proven is not solved.

    Returns
    -------
    Answer

    Raises
    ------
    CertificateError
        A stage cannot be proven, even from cold.
    """
    held = reached = bounds
    proofs: list[Proof] = []
    duals: dict[str, Floats] = {}
    x = np.zeros(program.shape[1]) if guess is None else guess.x
    unique, cold = check, 0
    for place, (name, cost) in enumerate((*stages, *ties)):
        if place == len(stages):
            reached = held
            if check and guess is None:
                unique = _is_unique(program, held, solver, ties[-1][1])
        if not cost.any():
            continue
        found = guess.proven(program, held, cost, x, name) if guess is not None else None
        if found is None:
            solver.set_bounds(held)
            solution, proof, repeated = proven(program, held, cost, solver, name)
            cold += repeated
            x, y = solution.x, solution.y
        else:
            y, proof = found
        duals[name] = y
        proofs.append(proof)
        held = face(program, held, cost, y)
        if name == "volume" and split is not None:
            held = split(held, solver)
    if check and guess is not None:
        # Asked last: it leaves the vertex from which ties are broken.
        unique = _is_unique(program, reached, solver, ties[-1][1], guess, x)
    x = np.clip(x, bounds.lower, bounds.upper)
    _hold_all(program, bounds, x, [*stages], proofs)
    return Answer(x, tuple(proofs), duals, unique, cold)


def proven(
    program: Program, bounds: Bounds, cost: Floats, solver: Minimiser, stage: str
) -> tuple[Solution, Proof, int]:
    """Minimise a cost with the bounds in force and prove it; from cold if the warm answer is not confirmed.

    Returns
    -------
    solution, proof, repeated
        ``repeated`` is 1 if the solve was repeated from cold.

    Raises
    ------
    CertificateError
        The cold answer is not confirmed either.
    """
    try:
        solution = solver.minimise(cost)
        proof = prove(program, bounds, cost, solution.x, solution.y, stage)
        if proof.holds:
            return solution, proof, 0
        log.warning("stage %s is not certified (gap %.1e, primal %.1e, dual %.1e): solving from cold",
                    stage, proof.gap, proof.primal, proof.dual)  # fmt: skip
    except SolverError as error:
        log.warning("stage %s has no answer (%s): solving from cold", stage, error)
    solver.restart()
    solution = solver.minimise(cost)
    proof = prove(program, bounds, cost, solution.x, solution.y, stage)
    if not proof.holds:
        raise CertificateError(f"the optimum of stage {stage!r} is not confirmed: gap {proof.gap:.1e}, "
                               f"primal {proof.primal:.1e}, dual {proof.dual:.1e}")  # fmt: skip
    return solution, proof, 1


def face(program: Program, bounds: Bounds, cost: Floats, y: Floats) -> Bounds:
    """Bounds that hold exactly the optimal face: what has a multiplier stays at its bound."""
    zero = _ZERO * max(1.0, float(np.abs(cost).max(initial=0.0)))
    d = reduced_costs(program, cost, y)
    lower, upper = _fix(d, bounds.lower, bounds.upper, zero)
    row_lower, row_upper = _fix(y, bounds.row_lower, bounds.row_upper, zero)
    return Bounds(lower, upper, row_lower, row_upper, bounds.unit)


def _off(bounds: Bounds, x: Floats) -> float:
    """How far a point is outside the bounds of columns, in the usual size of a volume."""
    return float(np.maximum(bounds.lower - x, x - bounds.upper).max(initial=0.0)) / bounds.unit


def _fix(multiplier: Floats, lower: Floats, upper: Floats, zero: float) -> tuple[Floats, Floats]:
    fixed_lower = np.where((multiplier < -zero) & np.isfinite(upper), upper, lower)
    fixed_upper = np.where((multiplier > zero) & np.isfinite(lower), lower, upper)
    return fixed_lower, fixed_upper


def _is_unique(
    program: Program,
    held: Bounds,
    solver: Minimiser,
    generic: Floats,
    guess: Guess | None = None,
    x: Floats | None = None,
) -> bool:
    """Whether a face is a single split: a generic cost has one minimum and one maximum, and they agree.

    What is only counted (output under a minimum, deficiencies, variables of the caller's own) is no split; where it
    is free of charge it could be anything.
    """
    counted = program.counted()
    generic = np.where(counted, 0.0, generic)
    if (held.lower == held.upper)[~counted].all():
        return True
    solver.set_bounds(held)
    if guess is not None and x is not None:
        other = guess.steps(-generic)
        if other is not None and primal_violation(program, held, other) <= TOLERANCE:
            least_of_two = min(abs(float(generic @ x)), abs(float(generic @ other)))
            if abs(float(generic @ (other - x))) > TOLERANCE * max(held.unit, least_of_two):
                return False  # two points of one face
    _, least, _ = proven(program, held, generic, solver, "uniqueness")
    try:
        _, most, _ = proven(program, held, -generic, solver, "uniqueness")
    except UnboundedError:  # a face without an end is not a point
        return False
    return abs(most.value + least.value) <= TOLERANCE * max(held.unit, abs(least.value))


def _hold_all(
    program: Program, bounds: Bounds, x: Floats, stages: list[tuple[str, Floats]], proofs: list[Proof]
) -> None:
    """The point at the end must keep every bound and lose nothing of any stage."""
    if primal_violation(program, bounds, x) > TOLERANCE:
        raise CertificateError("the allocation breaks a bound")
    best = {proof.stage: proof.value for proof in proofs}
    for name, cost in stages:
        if name in best and float(cost @ x) - best[name] > TOLERANCE * max(bounds.unit, float(np.abs(cost * x).sum())):
            raise CertificateError(f"breaking ties cost something in stage {name!r}")
