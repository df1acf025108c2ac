"""Proof of an optimum by arithmetic that does not trust the solver.

For  min c x  with  l <= x <= u  and  r <= A x <= s,  any y gives the lower bound

    sum_i (r_i if y_i > 0 else s_i) y_i + sum_j (l_j if d_j > 0 else u_j) d_j,    d = c - A' y,

so a point that keeps all bounds and attains this value is optimal, wherever x and y came from.
Sums are taken with numpy from the arrays of the programme.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routeopt.program.bounds import Bounds
from routeopt.program.formulate import Program

__all__ = ["TOLERANCE", "Proof", "primal_violation", "prove", "reduced_costs"]

Floats = NDArray[np.float64]

TOLERANCE = 1e-7
"""Relative tolerance of every certificate."""


@dataclass(frozen=True)
class Proof:
    """How far a point is from being a proven optimum; every measure is relative.

    Attributes
    ----------
    stage : str
        Which objective.
    value : float
        c x.
    bound : float
        The dual bound.
    gap : float
        |c x - bound| over the larger of the unit of the bounds and the sum of |c_j x_j|.
    primal : float
        Largest violation of a bound or row, over the larger of that unit and the size of the row's terms.
    dual : float
        Largest reduced cost of the wrong sign on a column or row without the bound that it would need,
        over the larger of 1 and the largest cost.
    """

    stage: str
    value: float
    bound: float
    gap: float
    primal: float
    dual: float

    @property
    def holds(self) -> bool:
        """Whether every measure is within `TOLERANCE`."""
        return max(self.gap, self.primal, self.dual) <= TOLERANCE


def reduced_costs(program: Program, cost: Floats, y: Floats) -> Floats:
    """d = c - A' y, shape (columns,)."""
    return cost - program.column_activity(y)


def primal_violation(program: Program, bounds: Bounds, x: Floats) -> float:
    """Largest relative violation of bounds and rows; infinite if the point is not finite."""
    if not np.isfinite(x).all():
        return float("inf")
    activity = program.row_activity(x)
    terms = np.bincount(program.index, np.abs(program.value * x[program.column_of_entry]), program.shape[0])
    columns = np.maximum(bounds.lower - x, x - bounds.upper)
    rows = np.maximum(bounds.row_lower - activity, activity - bounds.row_upper)
    worst = (columns / np.maximum(bounds.unit, np.abs(x)), rows / np.maximum(bounds.unit, terms))
    return float(max((part.max() for part in worst if len(part)), default=0.0))


def prove(program: Program, bounds: Bounds, cost: Floats, x: Floats, y: Floats, stage: str) -> Proof:
    """Measure a point x against the bound that the duals y give."""
    d = reduced_costs(program, cost, y)
    y_bound, y_open = _side(y, bounds.row_lower, bounds.row_upper)
    d_bound, d_open = _side(d, bounds.lower, bounds.upper)
    size = max(1.0, float(np.abs(cost).max(initial=0.0)))
    # Not `cost @ x`: for long vectors it wakes threads, and their waiting for each other takes longer than the sum.
    terms = cost * x
    value = float(terms.sum())
    bound = y_bound + d_bound
    scale = max(bounds.unit, float(np.abs(terms).sum()))
    return Proof(
        stage,
        value,
        bound,
        abs(value - bound) / scale,
        primal_violation(program, bounds, x),
        max(y_open, d_open) / size,
    )


def _side(multiplier: Floats, lower: Floats, upper: Floats) -> tuple[float, float]:
    """Contribution to the dual bound, and the largest multiplier that lacks its bound."""
    bound = np.where(multiplier > 0, lower, upper)
    open_ended = ~np.isfinite(bound)
    lacking = np.abs(multiplier[open_ended])
    # A multiplier without its bound counts as a violation, not as minus infinity in the bound.
    total = float((np.where(open_ended, 0.0, bound) * multiplier).sum())
    return total, float(lacking.max(initial=0.0))
