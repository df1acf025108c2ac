"""Upper limits of flows, from capacities and balances alone."""

from __future__ import annotations

import numpy as np

from routeopt.arrays import Floats
from routeopt.model.formulate import Program

__all__ = ["flow_limits"]


_ROUNDS = 50


def flow_limits(program: Program, upper: Floats, row_lower: Floats, row_upper: Floats) -> Floats:
    """Compute an upper limit of each column from bounds, rows and balances; shape (columns,).

    A column is limited by each row bound and by the other side of its balance: a field's output by the legs out of its
    node, a leg's flow by the legs downstream. Loops without a capacity give no limit.

    ``upper`` (columns,): bounds of the columns, none of which falls below zero; ``row_lower``, ``row_upper`` (rows,):
    bounds of the rows.
    """
    rows = len(row_upper)
    mine = (program.index < rows) & (program.column_of_entry < len(upper)) & (program.value != 0.0)
    index, column, value = program.index[mine], program.column_of_entry[mine], program.value[mine]
    plus, size = value > 0, np.abs(value)
    limits = upper.copy()
    for _ in range(_ROUNDS):
        terms = size * limits[column]
        most, least = (np.bincount(index, np.where(side, terms, 0.0), rows) for side in (plus, ~plus))
        # One side of a row is at most the row's bound plus the other side.
        limit = np.where(plus, (row_upper + least)[index], (most - row_lower)[index])
        new = limits.copy()
        np.minimum.at(new, column, limit / size)
        if (new == limits).all():
            break
        limits = new
    return limits
