"""What the kernel starts every closure from: one basis, its tableau, its reduced costs.

All variables are counted together: first the columns of the programme, then one logical variable for each row, the
row's activity. With them the programme is  A x - r = 0,  lower <= (x, r) <= upper, and a basis splits it into
x_B + T x_N = 0. No right-hand side is left: a closure only moves bounds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.model import Bounds, Matrix
from routeopt.solve.kernel.repair import Tableau, lexicographic_basis

__all__ = ["Start", "start_of", "whole_bounds"]

Floats = NDArray[np.float64]

_SPARSE = 1e-12
"""Entries of the tableau below this are rounding."""


class Start(NamedTuple):
    """Arrays that no closure changes; N variables, K objectives.

    Attributes
    ----------
    cost, reduced : float array, shape (K, N)
        Objectives, the most important first, and their reduced costs in the start basis.
    zero : float array, shape (K,)
        Reduced costs within this count as zero.
    lower, upper, x : float array, shape (N,)
        Bounds and optimum of the unchanged programme.
    side : int8 array
        0 basic, -1 at the lower bound, 1 at the upper, 2 held (see `held`) and not basic.
    held : bool array
        Variables whose bounds are equal in every closure: they never enter, whatever their reduced costs.
    row_of : int array
        Row of the tableau of a basic variable, -1 of others.
    begin, at, by : arrays
        The tableau of the non-basic variables, sparse: first its rows (``at`` is a variable), then for each of the
        N variables its column (``at`` is a basic variable). Row or column v is at ``begin[v]`` to ``begin[v + 1]``.
    first, row, value : arrays
        The matrix of the programme by columns.
    mark : int64 array
        Random numbers; their exclusive or over a set of variables is a key of the set.
    proven : int
        So many of the objectives are values that are asked for; the rest only decides between equals.
    unit : float
        The size of the system, see `Bounds`.
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

    Parameters
    ----------
    program, bounds
        The unchanged programme.
    costs : float array, shape (K, columns)
        Objectives, the most important first.
    basic : int array, shape (rows,)
        Basic variables of an optimum, as a solver left them.
    x : float array, shape (columns,)
        That optimum.
    proven : int
        How many of the objectives are values that are asked for.
    opened : int array, optional
        Variables with equal bounds here that have others in some closure.

    Returns
    -------
    Start or None
        None if no basis was found that is optimal for all objectives in turn.
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
