"""OR-Tools' GLOP, incremental: one model, bounds change, the dual simplex method goes on."""

from __future__ import annotations

import numpy as np
from instances import Arrays, Sets
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

__all__ = ["Glop"]


class Glop:
    """``pywraplp`` with incrementality on and presolve off, without which it would start from cold."""

    name = "OR-Tools GLOP incremental"
    how = "pywraplp, incremental, dual simplex, presolve off; only the columns that are counted are read"
    closures, whole = True, False

    def refuses(self, arrays: Arrays) -> str:
        """It takes any program."""
        return ""

    def prepare(self, arrays: Arrays) -> None:
        """Fill the model and solve it without closures."""
        self._arrays, solver = arrays, pywraplp.Solver.CreateSolver("GLOP")
        self._solver = solver
        columns = [solver.NumVar(low, up, "") for low, up in zip(arrays.lower, arrays.upper, strict=True)]
        rows = [solver.Constraint(low, up) for low, up in zip(arrays.row_lower, arrays.row_upper, strict=True)]
        for row, column, value in zip(arrays.index, arrays.column_of_entry, arrays.value, strict=True):
            rows[row].SetCoefficient(columns[column], float(value))
        for column, cost in zip(columns, arrays.cost, strict=True):
            solver.Objective().SetCoefficient(column, float(cost))
        solver.Objective().SetMinimization()
        self._things = [*columns, *rows]
        self._counted = [columns[j] for j in arrays.counted]
        self._lower = np.concatenate([arrays.lower, arrays.row_lower]).tolist()
        self._upper = np.concatenate([arrays.upper, arrays.row_upper]).tolist()
        self._parameters = pywraplp.MPSolverParameters()
        made = pywraplp.MPSolverParameters
        self._parameters.SetIntegerParam(made.INCREMENTALITY, made.INCREMENTALITY_ON)
        self._parameters.SetIntegerParam(made.PRESOLVE, made.PRESOLVE_OFF)
        self._parameters.SetIntegerParam(made.LP_ALGORITHM, made.DUAL)
        solver.Solve(self._parameters)

    def solve(self, sets: Sets) -> NDArray[np.float64]:
        """Change bounds, solve, read, change back."""
        solver, things, values = self._solver, self._things, np.empty((len(sets), 3))
        objective, counted = solver.Objective(), self._counted
        for s in range(len(sets)):
            variable, lower, upper = (part.tolist() for part in sets.one(s))
            for j, low, up in zip(variable, lower, upper, strict=True):
                things[j].SetBounds(low, up)
            if solver.Solve(self._parameters) != pywraplp.Solver.OPTIMAL:
                raise RuntimeError(f"GLOP found no optimum of closure {s}")
            values[s] = self._arrays.values_from(objective.Value(), [one.solution_value() for one in counted])
            for j in variable:
                things[j].SetBounds(self._lower[j], self._upper[j])
        return values
