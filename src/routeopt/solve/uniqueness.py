"""Uniqueness of the optimal split of the volume."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from routeopt.arrays import Floats
from routeopt.errors import UnboundedError
from routeopt.model import Bounds, Matrix
from routeopt.model.certificate import TOLERANCE, primal_violation
from routeopt.solve.certified import Minimiser, proven
from routeopt.solve.highs import Session

__all__ = ["Question", "is_unique"]


def is_unique(program: Matrix, held: Bounds, solver: Minimiser, generic: Floats) -> bool:
    """Return whether a face is a single split: minimum and maximum of a generic cost agree.

    What is only counted (output under a minimum, deficiencies, variables of the caller's own) is no split; where it
    is free of charge it could be anything. ``generic`` tells any two vertices apart.
    """
    counted = program.counted()
    generic = np.where(counted, 0.0, generic)
    if (held.lower == held.upper)[~counted].all():
        return True
    solver.set_bounds(held)
    _, least, _ = proven(program, held, generic, solver, "uniqueness")
    try:
        _, most, _ = proven(program, held, -generic, solver, "uniqueness")
    except UnboundedError:  # a face without an end is not a point
        return False
    return abs(most.value + least.value) <= TOLERANCE * max(held.unit, abs(least.value))


@dataclass(frozen=True, eq=False)
class Question:
    """Deferred question whether a face has other splits than a point on it, decided at first use.

    ``held``: bounds of the face; ``generic``: a cost that tells any two vertices apart; ``x``: a point of the face,
    with its ``basis``; ``named``: the part of the face on which all ties are broken that have a reason.
    """

    program: Matrix
    held: Bounds
    generic: Floats
    x: Floats
    basis: Any = None
    named: Bounds | None = None

    def __getstate__(self) -> dict[str, Any]:
        # A solver's basis is not pickled.
        return {**self.__dict__, "basis": None}

    @cached_property
    def answer(self) -> bool:
        """Whether the point is the only split."""
        program, held = self.program, self.held
        generic = np.where(program.counted(), 0.0, self.generic)
        session = Session(program, held)
        if self.basis is not None:
            session.simplex(primal=True)
            session.begin_again(self.basis)
            other = session.steps(-generic)
            if other is not None and primal_violation(program, held, other) <= TOLERANCE:
                least_of_two = min(abs(float((generic * self.x).sum())), abs(float((generic * other).sum())))
                if abs(float((generic * (other - self.x)).sum())) > TOLERANCE * max(held.unit, least_of_two):
                    return False  # two points of one face
        return is_unique(program, held, session, self.generic)
