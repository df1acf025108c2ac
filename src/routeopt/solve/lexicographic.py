"""One objective after the other, each on the optimal face of those before it.

A face is held by fixing every column and row whose multiplier is not zero at the bound that the
multiplier names. By complementary slackness that is the optimal face exactly: no weight and no
tolerance of one objective leaks into the next, or into a price.

The multipliers come from a solver, and so does the face that they draw. The point at the end is therefore proven
once more, for all objectives in turn, on the bounds as they were given: `routeopt.model.certificate.chain`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from routeopt.arrays import Floats
from routeopt.errors import CertificateError, InfeasibleError
from routeopt.model import Bounds, Matrix, Proof, prove
from routeopt.model.certificate import TOLERANCE, Link, chain, primal_violation
from routeopt.solve.certified import Minimiser, face, proven
from routeopt.solve.highs import Solution
from routeopt.solve.uniqueness import Question, is_unique

__all__ = ["Answer", "Guess", "Minimiser", "Split", "Sure", "face", "lexicographic", "proven"]

Stages = Sequence[tuple[str, Floats]]

log = logging.getLogger("routeopt")

_ON_FACE = 1e-10
"""A point so near to an optimal face is on it."""


Sure = Callable[[Bounds, str, Floats, Solution], None]
"""Proves an objective that a split minimises under some bounds, on the original ones; raises if it cannot."""

Split = Callable[[Bounds, Minimiser, Sure], Bounds]
"""Narrows the optimal face of the volume."""


class _NotConfirmedError(CertificateError):
    """The chain of objectives is not proven; another attempt from cold may be."""


@dataclass(frozen=True)
class Guess:
    """The vertex where a solver stands, to be asked whether it is optimal for other costs too.

    ``duals``: multipliers that the solver's last basis gives to a cost, or None; ``basis``: where a session can begin
    again.
    """

    x: Floats
    duals: Callable[[Floats], Floats | None]
    basis: Any

    def proven(
        self, program: Matrix, bounds: Bounds, cost: Floats, x: Floats, stage: str
    ) -> tuple[Floats, Proof] | None:
        """Multipliers and proof of a point at the solver's last basis; None if they prove nothing."""
        y = self.duals(cost)
        if y is None:
            return None
        proof = prove(program, bounds, cost, x, y, stage)
        # A gap within tolerance is no optimal basis: its face may not even hold the point.
        kept = proof.valid and _off(face(program, bounds, cost, y), x) <= _ON_FACE
        return (y, proof) if kept else None


@dataclass(frozen=True)
class Answer:
    """A point that is optimal for every stage, with the proofs.

    - ``x``: the point, within its bounds.
    - ``proofs``: one for each stage.
    - ``duals``: multipliers of the rows by stage.
    - ``told``: whether the point was the only optimum before ties were broken, or who finds out when asked.
    - ``cold``: solves that had to be repeated from cold.
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
    program: Matrix,
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

    - ``stages``: objectives, the most important first.
    - ``ties``: what decides between optima that are equal in every stage; the last one is generic.
    - ``solver``: holds the program with ``bounds`` in force.
    - ``check``: whether to find out if the optimum is unique; if not, `Answer.unique` is false. After a guess it is
      found out when somebody asks, for it can take longer than the answer.
    - ``split``: narrows the optimal face of the volume: how it is shared.
    - ``guess``: a point that may be the answer already; a stage of which it is proven is not solved.

    Raises CertificateError: a stage cannot be proven, even from cold.
    """
    try:
        return _in_turn(program, bounds, stages, ties, solver, check, split, guess)
    except _NotConfirmedError as error:
        log.warning("%s: solving all objectives from cold", error)
    solver.restart()
    try:
        answer = _in_turn(program, bounds, stages, ties, solver, check, split, None)
    except _NotConfirmedError as error:
        raise CertificateError(str(error)) from None
    return replace(answer, cold=answer.cold + len(answer.proofs))


def _in_turn(
    program: Matrix, bounds: Bounds, stages: Stages, ties: Stages, solver: Minimiser, check: bool,
    split: Split | None, guess: Guess | None,
) -> Answer:  # fmt: skip
    held = reached = given = named = bounds
    links: list[Link] = []
    proofs: list[Proof] = []
    duals: dict[str, Floats] = {}
    x = np.zeros(program.shape[1]) if guess is None else guess.x
    told: bool | Question = check
    cold = 0

    def sure(narrowed: Bounds, name: str, cost: Floats, solution: Solution) -> None:
        original = _narrowed(bounds, held, narrowed)
        _hold_all(program, original, [*links, (name, cost, solution.y)], solution.x)

    for place, (name, cost) in enumerate((*stages, *ties)):
        if place == len(stages):
            reached = held
            if check and guess is None:
                told = is_unique(program, held, solver, ties[-1][1])
        if place == len(stages) + len(ties) - 1:
            named = held
        if not cost.any() and not (name == "volume" and split is not None):
            continue
        found = guess.proven(program, held, cost, x, name) if guess is not None else None
        if found is None:
            solver.set_bounds(held)
            try:
                solution, proof, repeated = proven(program, held, cost, solver, name)
            except InfeasibleError:
                if not proofs:
                    raise
                # The optimum before lies on this face but for its last digits: with them the face is not empty.
                held = _with_point(program, held, x)
                solver.set_bounds(held)
                solution, proof, repeated = proven(program, held, cost, solver, name)
            cold += repeated
            x, y = solution.x, solution.y
        else:
            y, proof = found
        duals[name] = y
        proofs.append(proof)
        if place < len(stages):
            links.append((name, cost, y))
        held = face(program, held, cost, y)
        if name == "volume" and split is not None:
            shared = split(held, solver, sure)
            given, held = _narrowed(given, held, shared), shared
    if check and guess is not None:
        told = Question(program, reached, ties[-1][1], x, guess.basis, named)
    x = np.clip(x, bounds.lower, bounds.upper)
    proofs[: len(links)] = _hold_all(program, given, links, x)
    return Answer(x, tuple(proofs), duals, told, cold)


def _with_point(program: Matrix, held: Bounds, x: Floats) -> Bounds:
    """Bounds widened to hold a point."""
    rows = program.row_activity(x)
    return Bounds(np.minimum(held.lower, x), np.maximum(held.upper, x), np.minimum(held.row_lower, rows),
                  np.maximum(held.row_upper, rows), held.unit)  # fmt: skip


def _narrowed(bounds: Bounds, held: Bounds, shared: Bounds) -> Bounds:
    """Bounds with what was narrowed on a face, and without the face."""

    def part(name: str) -> Floats:
        new = getattr(shared, name)
        same: Floats = np.where(new == getattr(held, name), getattr(bounds, name), new)
        return same

    return Bounds(part("lower"), part("upper"), part("row_lower"), part("row_upper"), bounds.unit)


def _off(bounds: Bounds, x: Floats) -> float:
    """How far a point is outside the bounds of columns, in the usual size of a volume."""
    return float(np.maximum(bounds.lower - x, x - bounds.upper).max(initial=0.0)) / bounds.unit


def _hold_all(program: Matrix, bounds: Bounds, links: Sequence[Link], x: Floats) -> tuple[Proof, ...]:
    """Prove that a point keeps every bound and that no other is better, objective by objective, on these bounds."""
    off = primal_violation(program, bounds, x)
    if not off <= TOLERANCE:
        raise _NotConfirmedError(f"the allocation breaks a bound (by {off:.1e})")
    proofs = chain(program, bounds, links, x)
    for proof in proofs:
        if not proof.valid:
            raise _NotConfirmedError(
                f"the allocation is not confirmed in stage {proof.stage!r} on the original bounds: "
                f"gap {proof.gap:.1e}, dual {proof.dual:.1e}"
            )
    return proofs
