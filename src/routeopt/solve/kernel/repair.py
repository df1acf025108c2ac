"""A basis that is optimal for one objective after the other.

A solver that minimises objectives in turn ends in the right point, but at a degenerate vertex its last basis need not
be optimal for the earlier objectives. Primal simplex steps mend that: for each objective in turn, only variables whose
reduced costs in all earlier ones are zero may enter, so that what has been reached is not lost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routeopt.model import Matrix
from routeopt.solve.certified import zeros
from routeopt.solve.kernel.invert import tableau_into

__all__ = ["Tableau", "lexicographic_basis"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_PIVOT = 1e-7
"""No smaller element is divided by."""


@dataclass
class Tableau:
    """A basis with everything that follows from it: x_B + table x_N = 0.

    Attributes
    ----------
    basic : int array, shape (rows,)
    table : float array, shape (rows, N)
        Over all variables; basic ones have unit columns.
    reduced : float array, shape (K, N)
    zero : float array, shape (K,)
    x : float array, shape (N,)
    side : int8 array, shape (N,)
        0 basic, -1 at the lower bound, 1 at the upper.
    """

    basic: Ints
    table: Floats
    reduced: Floats
    zero: Floats
    x: Floats
    side: NDArray[np.int8]


def lexicographic_basis(
    program: Matrix,
    lower: Floats,
    upper: Floats,
    cost: Floats,
    basic: Ints,
    x: Floats,
    held: NDArray[np.bool_],
) -> Tableau | None:
    """Mend a basis until it is optimal for all objectives in turn; None if that does not work out."""
    zero = zeros(cost)
    tableau = _fresh(program, basic.copy(), cost, zero, x.copy())
    if tableau is None:
        return None
    given = tableau.basic.copy()
    for stage in range(len(cost)):
        if not _optimise(tableau, lower, upper, stage):
            return None
    if (tableau.basic != given).any():
        tableau = _fresh(program, tableau.basic, cost, zero, tableau.x)
    return tableau if tableau is not None and _settle(tableau, lower, upper, held) else None


def _fresh(program: Matrix, basic: Ints, cost: Floats, zero: Floats, x: Floats) -> Tableau | None:
    rows, columns = program.shape
    table, reduced = np.empty((rows, rows + columns)), np.empty(cost.shape)
    entries = np.concatenate([np.diff(program.start), np.zeros(rows, program.start.dtype)])
    order = np.argsort(entries[basic], kind="stable")
    if not tableau_into(program.start, program.index, program.value, cost, basic, order, table, reduced):
        return None
    return Tableau(basic, table, reduced, zero, x, np.zeros(len(x), np.int8))


def _optimise(tableau: Tableau, lower: Floats, upper: Floats, stage: int) -> bool:
    """Primal simplex for one objective, among variables that are free of cost in all earlier ones."""
    most = 20 * tableau.table.shape[1]
    for turn in range(most):
        reduced, zero = tableau.reduced, tableau.zero[:, None]
        free: NDArray[np.bool_] = np.all(np.abs(reduced[:stage]) <= zero[:stage], axis=0)
        free[tableau.basic] = False
        slack = _slack(tableau.x)
        gain = np.where(reduced[stage] < 0, upper - tableau.x > slack, tableau.x - lower > slack)
        wanted = np.flatnonzero(free & gain & (np.abs(reduced[stage]) > zero[stage]))
        if not len(wanted):
            return True
        # The steepest first; in the end the first in order, which cannot go round in circles.
        steepest = int(np.argmax(np.abs(reduced[stage, wanted]))) if turn < most // 4 else 0
        if not _enter(tableau, lower, upper, int(wanted[steepest]), stage):
            return False
    return False


def _slack(x: Floats) -> Floats:
    slack: Floats = 1e-9 * np.maximum(1.0, np.abs(x))
    return slack


def _enter(tableau: Tableau, lower: Floats, upper: Floats, q: int, stage: int) -> bool:
    basic, x = tableau.basic, tableau.x
    up = 1.0 if tableau.reduced[stage, q] < 0 else -1.0
    change = -up * tableau.table[:, q]
    moving = np.abs(change) > _PIVOT
    room = np.full(len(basic), np.inf)
    to = np.where(change > 0, upper[basic], lower[basic])
    room[moving] = np.maximum((to - x[basic])[moving] / change[moving], 0.0)
    least = float(room.min(initial=np.inf))
    own = float(upper[q] - lower[q])
    if min(least, own) == np.inf:
        return False
    step = min(least, own)
    x[basic] += step * change
    x[q] += up * step
    if own <= least:
        x[q] = upper[q] if up > 0 else lower[q]
        return True
    tied = np.flatnonzero(room <= least + 1e-12)
    r = int(tied[np.argmax(np.abs(change[tied]))]) if least > 0 else int(tied[np.argmin(basic[tied])])
    x[basic[r]] = to[r]
    row = tableau.table[r] / tableau.table[r, q]
    tableau.table -= np.outer(tableau.table[:, q], row)
    tableau.table[r] = row
    tableau.reduced -= np.outer(tableau.reduced[:, q], row)
    basic[r] = q
    tableau.reduced[:, basic] = 0.0
    return True


def _settle(tableau: Tableau, lower: Floats, upper: Floats, held: NDArray[np.bool_]) -> bool:
    """Put every non-basic variable on the bound that its reduced costs ask for; say whether all is feasible."""
    clean = np.where(np.abs(tableau.reduced) <= tableau.zero[:, None], 0.0, tableau.reduced)
    first = np.argmax(clean != 0, axis=0)
    lead = clean[first, np.arange(clean.shape[1])]
    side = np.where(lead > 0, -1, 1).astype(np.int8)
    side[tableau.basic] = 0
    off = ~held
    off[tableau.basic] = False
    if (lead[off] == 0).any():
        return False
    x = np.where((side < 0) | held, lower, upper)
    x[tableau.basic] = 0.0
    if not np.isfinite(x).all():
        return False
    x[tableau.basic] = -np.einsum("ij,j->i", tableau.table, x)  # not by a threaded library
    slack = 1e3 * _slack(x)
    tableau.x, tableau.side = x, side
    return bool((x >= lower - slack).all() and (x <= upper + slack).all())
