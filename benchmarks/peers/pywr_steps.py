"""pywr: every closure is a time step of one model, whose linear program GLPK solves step by step.

A node and commodity is a link that its flows pass; limits that several flows share, contracts and minima are
aggregated nodes. Losses at the inlet, as routeopt counts them, have no counterpart.
"""

from __future__ import annotations

import numpy as np
from instances import Arrays, Sets
from numpy.typing import NDArray
from pywr.core import AggregatedNode, Input, Link, Model, Output
from pywr.parameters import ArrayIndexedParameter
from pywr.recorders import NumpyArrayNodeRecorder

__all__ = ["Steps"]


class Steps:
    """One step a closure."""

    name = "pywr"
    how = "closures as time steps, GLPK by routes, in a large network by edges; what counts or costs is recorded"
    closures, whole = True, False
    at_once = 300  # fewer would be all building, for it is built each time

    def refuses(self, arrays: Arrays) -> str:
        """Losses cannot be expressed."""
        gains = arrays.value[(arrays.index < arrays.balances) & (arrays.value > 0)]
        return "cannot express losses by leg as they are counted here" if (gains != 1.0).any() else ""

    def prepare(self, arrays: Arrays) -> None:
        """Find tails and heads."""
        self._arrays = arrays
        # By routes it is faster, but it lists them all first, which in a large network never ends.
        self._solver = "glpk" if arrays.shape[0] < 150 else "glpk-edge"
        width = arrays.shape[1]
        self._tail, self._head = np.full(width, -1), np.full(width, -1)
        for row, column, value in zip(arrays.index, arrays.column_of_entry, arrays.value, strict=True):
            if row < arrays.balances:
                (self._tail if value < 0 else self._head)[column] = row

    def solve(self, sets: Sets) -> NDArray[np.float64]:
        """Build the model with the limits of all steps, and run it."""
        arrays, (rows, width) = self._arrays, self._arrays.shape
        many = len(sets)
        bounds = [sets.bounds(s, arrays) for s in range(many)]
        upper = np.array([one[1] for one in bounds])
        low, up = np.array([one[2] for one in bounds]), np.array([one[3] for one in bounds])
        # Days that begin long ago, since the calendar of a step is of no meaning here.
        last = np.datetime64("1700-01-01") + np.timedelta64(many - 1, "D")
        model = Model(solver=self._solver, start="1700-01-01", end=str(last), timestep=1)

        def limit(values: NDArray[np.float64]) -> object:
            if (values == values[0]).all():
                return float(values[0]) if np.isfinite(values[0]) else np.inf
            return ArrayIndexedParameter(model, np.ascontiguousarray(values))

        buses = [Link(model, f"b{r}") for r in range(arrays.balances)]
        columns = []
        for j in range(width):
            tail, head = self._tail[j], self._head[j]
            given = {"max_flow": limit(upper[:, j]), "cost": float(arrays.cost[j])}
            if tail >= 0 and head >= 0:
                node = Link(model, f"x{j}", **given)
                buses[tail].connect(node)
                node.connect(buses[head])
            elif tail >= 0:
                node = Output(model, f"x{j}", **given)
                buses[tail].connect(node)
            elif head >= 0:
                node = Input(model, f"x{j}", **given)
                node.connect(buses[head])
            else:
                node = Input(model, f"x{j}", **given)
                node.connect(Output(model, f"end{j}"))
            columns.append(node)
        for row in range(arrays.balances, rows):
            mine, values = arrays.rows[row]
            given = {}
            if np.isfinite(up[:, row]).all():
                given["max_flow"] = limit(up[:, row])
            if np.isfinite(low[:, row]).all():
                given["min_flow"] = limit(low[:, row])
            if given and len(mine):
                node = AggregatedNode(model, f"row{row}", [columns[j] for j in mine])
                for name, value in given.items():
                    setattr(node, name, value)
                node.flow_weights = values.tolist()
        counted = np.flatnonzero(arrays.costs.any(axis=0))
        recorders = [NumpyArrayNodeRecorder(model, columns[j]) for j in counted]
        model.run()
        x = np.zeros((many, width))
        for j, recorder in zip(counted, recorders, strict=True):
            x[:, j] = np.asarray(recorder.data)[:, 0]
        return np.array([arrays.values(row) for row in x])
