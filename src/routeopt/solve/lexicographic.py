"""One objective after the other, each on the optimal face of those before it.

A face is held by fixing every column and row whose multiplier is not zero at the bound that the
multiplier names. By complementary slackness that is the optimal face exactly: no weight and no
tolerance of one objective leaks into the next, or into a price.

Multipliers come from a solver, and so does their face. The final point is therefore certified once more, for all
objectives in turn, on the original bounds: `routeopt.model.certificate.chain`.
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
"""Distance within which a point is on an optimal face."""


Sure = Callable[[Bounds, str, Floats, Solution], None]
"""Certifies on the original bounds an objective that a split minimised; raises if it cannot."""

Split = Callable[[Bounds, Minimiser, Sure], Bounds]
"""Narrows the optimal face of the volume."""


class _NotConfirmedError(CertificateError):
    """The chain of objectives is not certified; a cold solve may be."""


@dataclass(frozen=True)
class Guess:
    """Vertex of a solver that may be optimal for other costs too.

    ``duals``: multipliers that the solver's last basis gives to a cost, or None; ``basis``: where a session can
    restart.
    """

    x: Floats
    duals: Callable[[Floats], Floats | None]
    basis: Any

    def proven(
        self, program: Matrix, bounds: Bounds, cost: Floats, x: Floats, stage: str
    ) -> tuple[Floats, Proof] | None:
        """Return multipliers and proof of a point at the solver's last basis; None if not valid."""
        y = self.duals(cost)
        if y is None:
            return None
        proof = prove(program, bounds, cost, x, y, stage)
        # A gap within tolerance is no optimal basis: its face may not even hold the point.
        kept = proof.valid and _off(face(program, bounds, cost, y), x) <= _ON_FACE
        return (y, proof) if kept else None


@dataclass(frozen=True)
class Answer:
    """Optimum of every stage, with its proofs.

    - ``x``: the point, within its bounds.
    - ``proofs``: one for each stage.
    - ``duals``: multipliers of the rows by stage.
    - ``uniqueness``: whether the point was the only optimum before ties were broken, or a question for later.
    - ``cold``: solves that had to be repeated from cold.
    """

    x: Floats
    proofs: tuple[Proof, ...]
    duals: dict[str, Floats]
    uniqueness: bool | Question
    cold: int

    @property
    def unique(self) -> bool:
        """Whether the point was the only optimum before ties were broken."""
        return self.uniqueness if isinstance(self.uniqueness, bool) else self.uniqueness.answer


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
    - ``ties``: tie-breaking objectives between optima equal in every stage; the last one is generic.
    - ``solver``: holds the program with ``bounds`` in force.
    - ``check``: whether to check that the optimum is unique; if not, `Answer.unique` is false. After a guess the
      check is deferred to the first use of `Answer.unique`, for it can take longer than the answer.
    - ``split``: narrows the optimal face of the volume by an apportionment.
    - ``guess``: a point that may be the answer already; a stage for which it is certified is not solved.

    Raises CertificateError: a stage cannot be certified, even from cold.
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
    uniqueness: bool | Question = check
    cold = 0

    def sure(narrowed: Bounds, name: str, cost: Floats, solution: Solution) -> None:
        original = _narrowed(bounds, held, narrowed)
        _hold_all(program, original, [*links, (name, cost, solution.y)], solution.x)

    for place, (name, cost) in enumerate((*stages, *ties)):
        if place == len(stages):
            reached = held
            if check and guess is None:
                uniqueness = is_unique(program, held, solver, ties[-1][1])
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
        uniqueness = Question(program, reached, ties[-1][1], x, guess.basis, named)
    x = np.clip(x, bounds.lower, bounds.upper)
    proofs[: len(links)] = _hold_all(program, given, links, x)
    return Answer(x, tuple(proofs), duals, uniqueness, cold)


def _with_point(program: Matrix, held: Bounds, x: Floats) -> Bounds:
    """Bounds widened to hold a point."""
    rows = program.row_activity(x)
    return Bounds(np.minimum(held.lower, x), np.maximum(held.upper, x), np.minimum(held.row_lower, rows),
                  np.maximum(held.row_upper, rows), held.unit)  # fmt: skip


def _narrowed(bounds: Bounds, held: Bounds, shared: Bounds) -> Bounds:
    """Return bounds with the changes that ``shared`` made to ``held``, without the face."""

    def part(name: str) -> Floats:
        new = getattr(shared, name)
        same: Floats = np.where(new == getattr(held, name), getattr(bounds, name), new)
        return same

    return Bounds(part("lower"), part("upper"), part("row_lower"), part("row_upper"), bounds.unit)


def _off(bounds: Bounds, x: Floats) -> float:
    """Return the largest violation of column bounds, in `Bounds.unit`."""
    return float(np.maximum(bounds.lower - x, x - bounds.upper).max(initial=0.0)) / bounds.unit


def _hold_all(program: Matrix, bounds: Bounds, links: Sequence[Link], x: Floats) -> tuple[Proof, ...]:
    """Certify feasibility and optimality of a point for each objective in turn, on these bounds."""
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
