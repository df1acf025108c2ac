"""HiGHS through highspy, the loop that a user who knows it writes by hand: one model, bounds change, run again."""

from __future__ import annotations

import highspy
import numpy as np
from instances import Arrays, Sets
from numpy.typing import NDArray

__all__ = ["FromBase", "Warm", "model_of"]


def model_of(arrays: Arrays, solver: str = "choose") -> highspy.Highs:
    """A model filled from arrays by its fastest door."""
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.setOptionValue("solver", solver)
    rows, columns = arrays.shape
    model.passModel(
        columns, rows, len(arrays.value), int(highspy.MatrixFormat.kColwise), int(highspy.ObjSense.kMinimize), 0.0,
        arrays.cost, arrays.lower, arrays.upper, arrays.row_lower, arrays.row_upper, arrays.start, arrays.index,
        arrays.value, np.zeros(columns, np.int32),
    )  # fmt: skip
    return model


class Warm:
    """Each closure starts where the one before ended."""

    name = "highspy warm"
    how = "one model, changeColsBounds and changeRowBounds, run() from the basis of the closure before"
    closures, whole = True, False
    from_base = False

    def refuses(self, arrays: Arrays) -> str:
        """It takes any program."""
        return ""

    def prepare(self, arrays: Arrays) -> None:
        """Solve the program without closures."""
        self._arrays, self._model = arrays, model_of(arrays)
        self._model.run()
        self._model.setOptionValue("solver", "simplex")
        self._basis = self._model.getBasis()

    def solve(self, sets: Sets) -> NDArray[np.float64]:
        """Change bounds, run, read, change back."""
        arrays, model, width = self._arrays, self._model, self._arrays.shape[1]
        values = np.empty((len(sets), 3))
        for s in range(len(sets)):
            variable, lower, upper = sets.one(s)
            column = variable < width
            mine, rows = variable[column], variable[~column] - width
            model.changeColsBounds(len(mine), mine, lower[column], upper[column])
            for row, low, up in zip(rows.tolist(), lower[~column].tolist(), upper[~column].tolist(), strict=True):
                model.changeRowBounds(row, low, up)
            if self.from_base:
                model.setBasis(self._basis)
            model.run()
            values[s] = arrays.values(model.getSolution().col_value)
            model.changeColsBounds(len(mine), mine, arrays.lower[mine], arrays.upper[mine])
            for row in rows.tolist():
                model.changeRowBounds(row, float(arrays.row_lower[row]), float(arrays.row_upper[row]))
        return values


class FromBase(Warm):
    """Each closure starts from the basis of the program without closures."""

    name = "highspy warm, from the base basis"
    how = "the same with setBasis(base) before each run()"
    from_base = True
