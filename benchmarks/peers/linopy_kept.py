"""linopy: one model that is kept; bounds and right-hand sides are written into it before each solve."""

from __future__ import annotations

import logging

import linopy
import numpy as np
import xarray as xr
from instances import Arrays, Sets
from numpy.typing import NDArray

__all__ = ["Kept"]


class Kept:
    """Rows with about as many terms are one constraint each, so that little is padded."""

    name = "linopy"
    how = "one model, bounds and right-hand sides written into it, solve('highs', io_api='direct')"
    closures, whole = True, True

    def refuses(self, arrays: Arrays) -> str:
        """It takes any program."""
        return ""

    def prepare(self, arrays: Arrays) -> None:
        """Keep the arrays; the model is made at the first closure, as part of its time where it is solved once."""
        logging.getLogger("linopy").setLevel(logging.ERROR)
        self._arrays, self._model = arrays, None

    def _build(self) -> None:
        arrays = self._arrays
        model = linopy.Model()
        places = np.arange(arrays.shape[1])
        self._x = model.add_variables(
            xr.DataArray(arrays.lower, [("column", places)]), xr.DataArray(arrays.upper, [("column", places)]), name="x"
        )
        model.add_objective((xr.DataArray(arrays.cost, [("column", places)]) * self._x).sum())
        sizes = np.bincount(arrays.index, minlength=arrays.shape[0])
        order = np.argsort(arrays.index, kind="stable")
        begin = np.concatenate([[0], np.cumsum(sizes)])
        equal = arrays.row_lower == arrays.row_upper
        kinds = (
            ("=", equal, arrays.row_upper),
            ("<=", ~equal & (arrays.row_upper < np.inf), arrays.row_upper),
            (">=", ~equal & (arrays.row_lower > -np.inf), arrays.row_lower),
        )
        labels = self._x.labels.to_numpy()
        self._blocks = []
        width = 2 ** np.ceil(np.log2(np.maximum(sizes, 1))).astype(int)
        for sign, wanted, right in kinds:
            for most in np.unique(width[wanted & (sizes > 0)]):
                rows = np.flatnonzero(wanted & (sizes > 0) & (width == most))
                slot = np.arange(most)
                held = slot < sizes[rows][:, None]
                entry = order[np.where(held, begin[rows][:, None] + slot, 0)]
                variables = np.where(held, labels[arrays.column_of_entry[entry]], -1)
                coefficients = np.where(held, arrays.value[entry], np.nan)
                data = xr.Dataset(
                    {"coeffs": (("row", "_term"), coefficients), "vars": (("row", "_term"), variables)},
                    coords={"row": rows},
                )
                left = linopy.LinearExpression(data, model)
                limit = xr.DataArray(right[rows], [("row", rows)])
                made = model.add_constraints(left, sign, limit, name=f"{len(self._blocks)}")
                self._blocks.append((made, rows, sign))
        self._model = model

    def solve(self, sets: Sets) -> NDArray[np.float64]:
        """Write, solve, read."""
        arrays, values = self._arrays, np.empty((len(sets), 3))
        if self._model is None:
            self._build()
        now = (arrays.lower, arrays.upper, arrays.row_lower, arrays.row_upper)
        for s in range(len(sets)):
            lower, upper, row_lower, row_upper = sets.bounds(s, arrays)
            if s or len(sets) > 1 or any((a != b).any() for a, b in zip(now, sets.bounds(s, arrays), strict=True)):
                self._x.lower = xr.DataArray(lower, self._x.lower.coords)
                self._x.upper = xr.DataArray(upper, self._x.upper.coords)
                for made, rows, sign in self._blocks:
                    right = row_lower[rows] if sign == ">=" else row_upper[rows]
                    made.rhs = xr.DataArray(right, [("row", rows)])
            self._model.solve("highs", io_api="direct", output_flag=False, log_to_console=False, progress=False)
            values[s] = arrays.values(self._x.solution.to_numpy())
        return values
