"""Minimise and certify one objective, and find the optimal face from its multipliers."""

from __future__ import annotations

import logging
from typing import Protocol

import numpy as np

from routeopt.arrays import Floats
from routeopt.errors import CertificateError, SolverError
from routeopt.model import Bounds, Matrix, Proof, prove
from routeopt.model.certificate import reduced_costs
from routeopt.solve.highs import Solution

__all__ = ["Minimiser", "face", "proven", "zeros"]


log = logging.getLogger("routeopt")

_ZERO = 1e-9
"""Multipliers below this share of the terms that they are sums of count as zero."""

_ROUNDING = 1e-16
"""And those below this share of the largest cost: they are rounding."""


_USUAL = 1e3
"""A cost so many times the median is one that stands for "never"."""


class Minimiser(Protocol):
    """Anything that solves the program; `routeopt.solve.highs.Session` is one."""

    def set_bounds(self, bounds: Bounds) -> None:
        """Change the bounds in force."""

    def restart(self) -> None:
        """Make the next solve cold."""

    def minimise(self, cost: Floats) -> Solution:
        """Minimise a cost."""


def proven(program: Matrix, bounds: Bounds, cost: Floats, solver: Minimiser, stage: str) -> tuple[Solution, Proof, int]:
    """Minimise a cost with the bounds in force and prove it; from cold if the warm answer is not confirmed.

    Returns ``solution``, ``proof``, ``repeated``: ``repeated`` is 1 if the solve was repeated from cold.

    Raises CertificateError: the cold answer is not confirmed either.
    """
    try:
        solution = solver.minimise(cost)
        proof = prove(program, bounds, cost, solution.x, solution.y, stage)
        if proof.valid:
            return solution, proof, 0
        log.warning("stage %s is not certified (gap %.1e, primal %.1e, dual %.1e): solving from cold",
                    stage, proof.gap, proof.primal, proof.dual)  # fmt: skip
    except SolverError as error:
        log.warning("stage %s has no answer (%s): solving from cold", stage, error)
    solver.restart()
    solution = solver.minimise(cost)
    proof = prove(program, bounds, cost, solution.x, solution.y, stage)
    if not proof.valid:
        raise CertificateError(f"the optimum of stage {stage!r} is not confirmed: gap {proof.gap:.1e}, "
                               f"primal {proof.primal:.1e}, dual {proof.dual:.1e}")  # fmt: skip
    return solution, proof, 1


def face(program: Matrix, bounds: Bounds, cost: Floats, y: Floats) -> Bounds:
    """Bounds that hold exactly the optimal face: what has a multiplier stays at its bound."""
    d = reduced_costs(program, cost, y)
    zero, row_zero = _zeros(program, cost, y)
    lower, upper = _fix(d, bounds.lower, bounds.upper, zero)
    row_lower, row_upper = _fix(y, bounds.row_lower, bounds.row_upper, row_zero)
    return Bounds(lower, upper, row_lower, row_upper, bounds.unit)


def zeros(costs: Floats) -> Floats:
    """Below what reduced costs of each objective count as zero where one number has to do, shape (objectives,)."""
    found = np.empty(len(costs))
    for place, size in enumerate(np.abs(costs)):
        some = size[size > 0]
        largest = float(some.max(initial=0.0))
        usual = min(largest, _USUAL * float(np.median(some))) if len(some) else 0.0
        found[place] = max(_ZERO * max(1.0, usual), _ROUNDING * largest)
    return found


def _zeros(program: Matrix, cost: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Below what multipliers of columns and rows count as zero: a share of the terms that they are sums of.

    Not of the largest cost, for one price that stands for "never" would blind all others.
    """
    column, row = program.column_of_entry, program.index
    size = np.abs(cost)
    terms = size + np.bincount(column, np.abs(program.value * y[row]), program.shape[1])
    some = size[size > 0]
    least = max(_ZERO * float(np.median(some)), _ROUNDING * float(some.max())) if len(some) else 0.0
    zero = np.maximum(_ZERO * terms, least)
    row_zero = np.full(program.shape[0], least)
    np.maximum.at(row_zero, row, zero[column])
    return zero, row_zero


def _fix(multiplier: Floats, lower: Floats, upper: Floats, zero: Floats) -> tuple[Floats, Floats]:
    fixed_lower = np.where((multiplier < -zero) & np.isfinite(upper), upper, lower)
    fixed_upper = np.where((multiplier > zero) & np.isfinite(lower), lower, upper)
    return fixed_lower, fixed_upper
