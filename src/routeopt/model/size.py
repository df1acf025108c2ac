"""How much can flow in a system, whatever its numbers say."""

from __future__ import annotations

import numpy as np

from routeopt.arrays import Floats
from routeopt.model.formulate import Program

__all__ = ["flow_limits"]


_ROUNDS = 50


def flow_limits(program: Program, upper: Floats, row_lower: Floats, row_upper: Floats) -> Floats:
    """The most that each column can carry, from bounds, rows and balances; shape (columns,).

    A column is limited by every row in which all count on one side, and by what the other side of its balance can
    take: what a field produces by the legs out of its node, what a leg carries by the legs that lead on. Loops without
    a capacity are not seen through.

    ``upper`` (columns,): bounds of the columns, none of which falls below zero; ``row_lower``, ``row_upper`` (rows,):
    bounds of the rows.
    """
    rows = len(row_upper)
    mine = (program.index < rows) & (program.column_of_entry < len(upper)) & (program.value != 0.0)  # none of a caller
    index, column, value = program.index[mine], program.column_of_entry[mine], program.value[mine]
    plus, size = value > 0, np.abs(value)
    limits = upper.copy()
    for _ in range(_ROUNDS):
        terms = size * limits[column]
        most, least = (np.bincount(index, np.where(side, terms, 0.0), rows) for side in (plus, ~plus))
        # What counts on one side of a row is at most the row's bound and what there is on the other.
        room = np.where(plus, (row_upper + least)[index], (most - row_lower)[index])
        new = limits.copy()
        np.minimum.at(new, column, room / size)
        if (new == limits).all():
            break
        limits = new
    return limits
