"""One objective after the other, each on the optimal face of those before it.

A face is held by fixing every column and row whose multiplier is not zero at the bound that the
multiplier names. By complementary slackness that is the optimal face exactly: no weight and no
tolerance of one objective leaks into the next, or into a price.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routeopt.errors import CertificateError
from routeopt.program import Bounds, Program, Proof, prove
from routeopt.program.certificate import TOLERANCE, primal_violation
from routeopt.solve.proven import Minimiser, face, proven
from routeopt.solve.uniqueness import Question, is_unique

__all__ = ["Answer", "Guess", "Minimiser", "Split", "face", "lexicographic", "proven"]

Floats = NDArray[np.float64]

_ON_FACE = 1e-10
"""A point so near to an optimal face is on it."""


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
    basis
        Where a session can begin again.
    """

    x: Floats
    duals: Callable[[Floats], Floats | None]
    basis: Any

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
    told : bool or Question
        Whether the point was the only optimum before ties were broken, or who finds out when asked.
    cold : int
        Solves that had to be repeated from cold.
    """

    x: Floats
    proofs: tuple[Proof, ...]
    duals: dict[str, Floats]
    told: bool | Question
    cold: int

    @property
    def unique(self) -> bool:
        """Whether the point was the only optimum before ties were broken."""
        return self.told if isinstance(self.told, bool) else self.told.answer


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
        Whether to find out if the optimum is unique; if not, `Answer.unique` is false. After a guess it is found out
        when somebody asks, for it can take longer than the answer.
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
    held = reached = named = bounds
    proofs: list[Proof] = []
    duals: dict[str, Floats] = {}
    x = np.zeros(program.shape[1]) if guess is None else guess.x
    told: bool | Question = check
    cold = 0
    for place, (name, cost) in enumerate((*stages, *ties)):
        if place == len(stages):
            reached = held
            if check and guess is None:
                told = is_unique(program, held, solver, ties[-1][1])
        if place == len(stages) + len(ties) - 1:
            named = held
        if not cost.any():
            if name == "volume" and split is not None:  # nothing can be exported; what refineries take is shared
                held = split(held, solver)
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
        told = Question(program, reached, ties[-1][1], x, guess.basis, named)
    x = np.clip(x, bounds.lower, bounds.upper)
    _hold_all(program, bounds, x, [*stages], proofs)
    return Answer(x, tuple(proofs), duals, told, cold)


def _off(bounds: Bounds, x: Floats) -> float:
    """How far a point is outside the bounds of columns, in the usual size of a volume."""
    return float(np.maximum(bounds.lower - x, x - bounds.upper).max(initial=0.0)) / bounds.unit


def _hold_all(
    program: Program, bounds: Bounds, x: Floats, stages: list[tuple[str, Floats]], proofs: list[Proof]
) -> None:
    """The point at the end must keep every bound and lose nothing of any stage."""
    if primal_violation(program, bounds, x) > TOLERANCE:
        raise CertificateError("the allocation breaks a bound")
    best = {proof.stage: proof.value for proof in proofs}
    for name, cost in stages:
        terms = cost * x
        if name in best and float(terms.sum()) - best[name] > TOLERANCE * max(bounds.unit, float(np.abs(terms).sum())):
            raise CertificateError(f"breaking ties cost something in stage {name!r}")
