"""Certificates of an optimum by arithmetic that does not trust the solver.

For  min c x  with  l <= x <= u  and  r <= A x <= s,  any y gives the lower bound

    sum_i (r_i if y_i > 0 else s_i) y_i + sum_j (l_j if d_j > 0 else u_j) d_j,    d = c - A' y,

so a point that keeps all bounds and attains this value is optimal, wherever x and y came from. The gap between the
two is a sum with one term a variable, a column or the activity of a row,

    sum_j (d_j (z_j - l_j) if d_j > 0 else d_j (z_j - u_j)) + the same of y over the rows,    z = (x, A x),

and a variable without the bound that its multiplier asks for counts as `REACH` from where it stands.

Several objectives in turn are certified by the same sum. With multipliers e_k = (d_k, y_k) of each objective and a
weight w >= 0 on those before,

    E_k = w E_(k-1) + e_k

bounds  w (all before) + c_k x  over the *original* bounds: no point as good in all objectives before is better in c_k.
The weight is the smallest in a series of powers for which that holds within the tolerance. A multiplier accurate only
to 5e-8 on a column that earns money needs a weight of 1e9 and more, which multiplies its error and reveals it.

A gap is relative to the larger of `Bounds.unit` and the sum of |c_j x_j|; a violation to the larger of that unit and
the size of the row's terms. A stream of a millionth of the total flow may be off by a tenth of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from routeopt.arrays import Floats
from routeopt.model.sparse import Bounds, Matrix

__all__ = ["TOLERANCE", "Link", "Proof", "chain", "primal_violation", "prove", "reduced_costs"]


TOLERANCE = 1e-7
"""Relative tolerance of every certificate."""

REACH = 512.0
"""Largest move of a variable, in units of `Bounds.unit`; total production or demand is less than half of it."""

_HEAVIEST = 2.0**60
_STEP = 4.0
_ROUNDING = 1e-11
"""Relative gap at which the weight is increased no further."""

Link = tuple[str, Floats, Floats]
"""Name, cost and multipliers of an objective."""


@dataclass(frozen=True)
class Proof:
    """Measures of a point against its certificate of optimality; all are relative.

    - ``stage``: the objective.
    - ``value``: c x.
    - ``bound``: the dual bound: no point as good in all objectives before has a lower value.
    - ``gap``: c x - bound over the larger of the unit of the bounds and the sum of |c_j x_j|.
    - ``primal``: largest violation of a bound or row, over the larger of that unit and the size of the row's terms.
    - ``dual``: largest reduced cost of the wrong sign on a column or row without the bound that it would need, over the
      larger of 1 and the largest cost.
    """

    stage: str
    value: float
    bound: float
    gap: float
    primal: float
    dual: float

    @property
    def valid(self) -> bool:
        """Whether every measure is within `TOLERANCE`."""
        return max(self.gap, self.primal, self.dual) <= TOLERANCE


def reduced_costs(program: Matrix, cost: Floats, y: Floats) -> Floats:
    """d = c - A' y, shape (columns,)."""
    return cost - program.column_activity(y)


def primal_violation(program: Matrix, bounds: Bounds, x: Floats) -> float:
    """Return the largest relative violation of bounds and rows; infinite if the point is not finite."""
    if not np.isfinite(x).all():
        return float("inf")
    activity = program.row_activity(x)
    terms = np.bincount(program.index, np.abs(program.value * x[program.column_of_entry]), program.shape[0])
    columns = np.maximum(bounds.lower - x, x - bounds.upper)
    rows = np.maximum(bounds.row_lower - activity, activity - bounds.row_upper)
    worst = (columns / np.maximum(bounds.unit, np.abs(x)), rows / np.maximum(bounds.unit, terms))
    return float(max((part.max() for part in worst if len(part)), default=0.0))


def prove(program: Matrix, bounds: Bounds, cost: Floats, x: Floats, y: Floats, stage: str) -> Proof:
    """Measure a point x against the dual bound of y."""
    return chain(program, bounds, [(stage, cost, y)], x)[0]


def chain(program: Matrix, bounds: Bounds, links: Sequence[Link], x: Floats) -> tuple[Proof, ...]:
    """Measure a point against each objective in turn, with all objectives before it held.

    ``bounds``: the original ones, not those of a face; ``links``: objectives with their multipliers, the most important
    first; ``x`` (columns,).

    Returns: one for each objective; the point is certified if all are valid.
    """
    primal = primal_violation(program, bounds, x)
    if not np.isfinite(primal):
        return tuple(Proof(name, np.nan, np.nan, np.inf, primal, np.inf) for name, _, _ in links)
    z = np.concatenate([x, program.row_activity(x)])
    lower, upper = np.concatenate([bounds.lower, bounds.row_lower]), np.concatenate([bounds.upper, bounds.row_upper])
    inside = np.clip(z, lower, upper)
    open_down, open_up = ~np.isfinite(lower), ~np.isfinite(upper)
    reach = np.maximum(REACH * bounds.unit, np.abs(inside))
    most = 2.0**20 * bounds.unit  # a bound beyond the total flow never binds
    down = np.minimum(np.where(open_down, reach, inside - lower), most)
    up = np.minimum(np.where(open_up, reach, upper - inside), most)

    def missing(multipliers: Floats) -> float:
        return float((np.maximum(multipliers, 0.0) * down - np.minimum(multipliers, 0.0) * up).sum())

    before: Floats = np.zeros(len(z))
    proofs = []
    for name, cost, y in links:
        own = np.concatenate([reduced_costs(program, cost, y), y])
        # Not `cost @ x`: for long vectors BLAS starts threads, which takes longer than the sum.
        terms = cost * x
        value, scale = float(terms.sum()), max(bounds.unit, float(np.abs(terms).sum()))
        weight = _weight(before, own, missing, scale)
        joint = weight * before + own
        gap = missing(joint)
        lacking = np.where(((joint > 0) & open_down) | ((joint < 0) & open_up), np.abs(joint), 0.0)
        dual = float(lacking.max(initial=0.0)) / max(1.0, float(np.abs(cost).max(initial=0.0)))
        gap += abs(float((own * (z - inside)).sum()))
        proofs.append(Proof(name, value, value - gap, gap / scale, primal, dual))
        # One step more for later objectives: earlier multipliers must still hold their columns.
        if own.any():  # an objective without costs changes nothing
            before = _STEP * weight * before + own
    return tuple(proofs)


def _weight(before: Floats, own: Floats, missing: Callable[[Floats], float], scale: float) -> float:
    """Find the weight of the objectives before that certifies the next one."""
    if not before.any():
        return 0.0
    size = float(np.abs(own).max(initial=0.0)) / float(np.abs(before).max(initial=0.0))
    best, least, weight = 0.0, np.inf, size
    while weight <= _HEAVIEST * size:
        gap = missing(weight * before + own)
        if gap < least:
            best, least = weight, gap
        if least <= _ROUNDING * scale or weight == 0.0:
            break
        weight *= _STEP
    return best
