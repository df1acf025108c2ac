"""PuLP: the problem is written again for every closure, as most scripts do. Works with both lines of PuLP."""

from __future__ import annotations

import numpy as np
import pulp
from instances import Arrays, Sets
from numpy.typing import NDArray

__all__ = ["WithCbc", "WithHighs"]

# The fastest that each line of PuLP has.
_terms = getattr(pulp.LpAffineExpression, "from_list", pulp.LpAffineExpression)


class WithHighs:
    """Solved by HiGHS."""

    name = "PuLP rebuilt, HiGHS"
    how = "LpProblem written from the arrays for each closure"
    closures, whole = True, True
    solvers = ("HiGHS",)

    def __init__(self) -> None:
        here = pulp.listSolvers(onlyAvailable=True)
        found = [name for name in self.solvers if name in here]
        self.missing = "" if found else f"PuLP {pulp.__version__} has no {self.solvers[0]} here"
        self._solver = found[0] if found else ""
        self.how += f"; PuLP {pulp.__version__}"

    def refuses(self, arrays: Arrays) -> str:
        """It takes any program."""
        return ""

    def prepare(self, arrays: Arrays) -> None:
        """Nothing is kept but the arrays, as lists."""
        self._arrays = arrays
        self._rows = [list(zip(columns.tolist(), values.tolist(), strict=True)) for columns, values in arrays.rows]
        self._cost = [(j, cost) for j, cost in enumerate(arrays.cost.tolist()) if cost]

    def solve(self, sets: Sets) -> NDArray[np.float64]:
        """Write and solve."""
        arrays, values = self._arrays, np.empty((len(sets), 3))
        for s in range(len(sets)):
            lower, upper, row_lower, row_upper = (part.tolist() for part in sets.bounds(s, arrays))
            problem = pulp.LpProblem("closure", pulp.LpMinimize)
            x = [
                problem.add_variable(f"x{j}", None if low == -np.inf else low, None if up == np.inf else up)
                for j, (low, up) in enumerate(zip(lower, upper, strict=True))
            ]
            problem += _terms([(x[j], cost) for j, cost in self._cost])
            for terms, low, up in zip(self._rows, row_lower, row_upper, strict=True):
                if low == up:
                    problem += _terms([(x[j], v) for j, v in terms]) == up
                    continue
                if up < np.inf:
                    problem += _terms([(x[j], v) for j, v in terms]) <= up
                if low > -np.inf:
                    problem += _terms([(x[j], v) for j, v in terms]) >= low
            problem.solve(pulp.getSolver(self._solver, msg=False))
            values[s] = arrays.values([one.varValue or 0.0 for one in x])
        return values


class WithCbc(WithHighs):
    """Solved by CBC."""

    name = "PuLP rebuilt, CBC"
    solvers = ("PULP_CBC_CMD", "COIN_CMD")
