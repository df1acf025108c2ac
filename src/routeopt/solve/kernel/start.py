"""What the kernel starts every closure from: one basis, its tableau, its reduced costs.

All variables are counted together: first the columns of the program, then one logical variable for each row, the
row's activity. With them the program is  A x - r = 0,  lower <= (x, r) <= upper, and a basis splits it into
x_B + T x_N = 0. No right-hand side is left: a closure only moves bounds.

A solver that minimises objectives in turn ends in the right point, but at a degenerate vertex its last basis need not
be optimal for the earlier objectives. Primal simplex steps mend that: for each objective in turn, only variables whose
reduced costs in all earlier ones are zero may enter, so that what has been reached is not lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.model import Bounds, Matrix
from routeopt.solve.certified import zeros
from routeopt.solve.kernel.invert import tableau_into

__all__ = ["Start", "start_of", "whole_bounds"]

Ints = NDArray[np.intp]

_SPARSE = 1e-12
"""Entries of the tableau below this are rounding."""

_PIVOT = 1e-7
"""No smaller element is divided by."""


class Start(NamedTuple):
    """Arrays that no closure changes; N variables, K objectives.

    - ``cost``, ``reduced`` (K, N): objectives, the most important first, and their reduced costs in the start basis.
    - ``zero`` (K,): reduced costs within this count as zero.
    - ``lower``, ``upper``, ``x`` (N,): bounds and optimum of the unchanged program.
    - ``side``: 0 basic, -1 at the lower bound, 1 at the upper, 2 held (see `held`) and not basic.
    - ``held``: variables whose bounds are equal in every closure: they never enter, whatever their reduced costs.
    - ``row_of``: row of the tableau of a basic variable, -1 of others.
    - ``begin``, ``at``, ``by``: the tableau of the non-basic variables, sparse: first its rows (``at`` is a variable),
      then for each of the N variables its column (``at`` is a basic variable). Row or column v is at ``begin[v]`` to
      ``begin[v + 1]``.
    - ``first``, ``row``, ``value``: the matrix of the program by columns.
    - ``mark``: random numbers; their exclusive or over a set of variables is a key of the set.
    - ``proven``: so many of the objectives are values that are asked for; the rest only decides between equals.
    - ``unit``: the size of the system, see `Bounds`.
    """

    cost: Floats
    reduced: Floats
    zero: Floats
    lower: Floats
    upper: Floats
    x: Floats
    side: NDArray[np.int8]
    held: NDArray[np.bool_]
    row_of: NDArray[np.int32]
    begin: NDArray[np.uint32]
    at: NDArray[np.uint32]
    by: Floats
    first: NDArray[np.uint32]
    row: NDArray[np.uint32]
    value: Floats
    mark: NDArray[np.int64]
    proven: int
    unit: float


def start_of(
    program: Matrix,
    bounds: Bounds,
    costs: Floats,
    basic: NDArray[np.intp],
    x: Floats,
    proven: int,
    opened: NDArray[np.intp] | None = None,
) -> Start | None:
    """Prepare the start from an optimum.

    - ``program``, ``bounds``: the unchanged program.
    - ``costs`` (K, columns): objectives, the most important first.
    - ``basic`` (rows,): basic variables of an optimum, as a solver left them.
    - ``x`` (columns,): that optimum.
    - ``proven``: how many of the objectives are values that are asked for.
    - ``opened``: variables with equal bounds here that have others in some closure.

    Returns: None if no basis was found that is optimal for all objectives in turn.
    """
    rows, columns = program.shape
    # One more objective, over the logical variables too: no reduced cost is zero in all of them, so every basis
    # says itself at which bound each variable sits.
    last = np.random.default_rng(20_260_101).uniform(1.0, 2.0, rows + columns)
    cost = np.vstack([np.hstack([costs, np.zeros((len(costs), rows))]), last])
    lower, upper = whole_bounds(bounds)
    held = lower == upper
    if opened is not None:
        held[opened] = False
    activity = program.row_activity(x)
    tableau = lexicographic_basis(program, lower, upper, cost, basic, np.concatenate([x, activity]), held)
    if tableau is None:
        return None
    row_of = np.full(rows + columns, -1, np.int32)
    side = np.where(held & (tableau.side != 0), 2, tableau.side).astype(np.int8)
    row_of[tableau.basic] = np.arange(rows)
    mark = np.random.default_rng(7).integers(-(2**62), 2**62, rows + columns)
    return Start(
        cost, tableau.reduced, tableau.zero, lower, upper, tableau.x, side, held, row_of, *_sparse(tableau),
        program.start.astype(np.uint32), program.index.astype(np.uint32), program.value, mark, proven, bounds.unit,
    )  # fmt: skip


def whole_bounds(bounds: Bounds) -> tuple[Floats, Floats]:
    """Bounds of all variables: columns, then rows."""
    return np.concatenate([bounds.lower, bounds.row_lower]), np.concatenate([bounds.upper, bounds.row_upper])


def _sparse(tableau: Tableau) -> tuple[NDArray[np.uint32], NDArray[np.uint32], Floats]:
    """The tableau of the non-basic variables; indices without a sign, which compile to less."""
    table = np.where(tableau.side == 0, 0.0, tableau.table)
    row, variable = np.nonzero(np.abs(table) > _SPARSE)
    order = np.argsort(variable, kind="stable")
    count = np.concatenate([np.bincount(row, minlength=len(table)), np.bincount(variable, minlength=table.shape[1])])
    values = table[row, variable]
    return (
        np.concatenate([[0], np.cumsum(count)]).astype(np.uint32),
        np.concatenate([variable, tableau.basic[row[order]]]).astype(np.uint32),
        np.concatenate([values, values[order]]),
    )


@dataclass
class Tableau:
    """A basis with everything that follows from it: x_B + table x_N = 0.

    - ``basic`` (rows,).
    - ``table`` (rows, N): over all variables; basic ones have unit columns.
    - ``reduced`` (K, N).
    - ``zero`` (K,).
    - ``x`` (N,).
    - ``side`` (N,): 0 basic, -1 at the lower bound, 1 at the upper.
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
