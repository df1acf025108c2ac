"""scipy.optimize.linprog: a call a closure, on matrices that are made once."""

from __future__ import annotations

import numpy as np
from instances import Arrays, Sets
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csc_matrix, vstack

__all__ = ["Linprog"]


class Linprog:
    """Rows are split once into equal, at most and at least."""

    name = "scipy linprog"
    how = "linprog(method='highs'), a call a closure, matrices made once"
    closures, whole = True, False

    def refuses(self, arrays: Arrays) -> str:
        """It takes any program."""
        return ""

    def prepare(self, arrays: Arrays) -> None:
        """Split the rows."""
        self._arrays = arrays
        matrix = csc_matrix((arrays.value, arrays.index, arrays.start), arrays.shape).tocsr()
        equal = arrays.row_lower == arrays.row_upper
        self._equal = np.flatnonzero(equal)
        self._most = np.flatnonzero(~equal & (arrays.row_upper < np.inf))
        self._least = np.flatnonzero(~equal & (arrays.row_lower > -np.inf))
        self._same = matrix[self._equal]
        self._limited = vstack([matrix[self._most], -matrix[self._least]]).tocsr()

    def solve(self, sets: Sets) -> NDArray[np.float64]:
        """Call it."""
        arrays, values = self._arrays, np.empty((len(sets), 3))
        for s in range(len(sets)):
            lower, upper, row_lower, row_upper = sets.bounds(s, arrays)
            limits = np.concatenate([row_upper[self._most], -row_lower[self._least]])
            found = linprog(
                arrays.cost, A_ub=self._limited, b_ub=limits, A_eq=self._same, b_eq=row_upper[self._equal],
                bounds=np.column_stack([lower, upper]), method="highs",
            )  # fmt: skip
            values[s] = arrays.values(found.x)
        return values
