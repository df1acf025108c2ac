"""networkx: a network simplex method on whole numbers, for a plain network without losses or shared limits."""

from __future__ import annotations

import networkx as nx
import numpy as np
from instances import Arrays, Sets
from numpy.typing import NDArray

__all__ = ["NetworkSimplex"]


class NetworkSimplex:
    """A circulation through one node outside."""

    name = "networkx network simplex"
    how = "one MultiDiGraph, capacities changed, network_simplex a closure on whole numbers"
    closures, whole = True, False

    def refuses(self, arrays: Arrays) -> str:
        """One commodity, no losses, nothing shared, whole numbers."""
        inside = arrays.index < arrays.balances
        if (np.abs(arrays.value[inside]) != 1.0).any():
            return "losses make it no pure network"
        bounded = np.isfinite(arrays.row_lower) | np.isfinite(arrays.row_upper)
        if bounded[arrays.balances :].any():
            return "limits that flows share, contracts and minima make it no pure network"
        return ""

    def prepare(self, arrays: Arrays) -> None:
        """Make the graph; whole numbers are found by the unit that makes bounds and costs whole."""
        self._arrays, self._graph = arrays, nx.MultiDiGraph()
        finite = arrays.upper[arrays.upper < np.inf]
        self._size = next(2.0**k for k in range(-20, 30) if (np.mod(finite * 2.0**k, 1.0) == 0).all())
        money = arrays.costs[2]
        self._heavy = int(20 * np.abs(money).max())
        # Circulating volume is paid by the deliveries' cost, which is where the volume is counted.
        cost = np.rint(money + self._heavy * arrays.costs[1]).astype(int)
        if not np.allclose(cost, money + self._heavy * arrays.costs[1]):
            raise ValueError("costs are not whole numbers")
        ends = np.full((arrays.shape[1], 2), -1)
        for row, column, value in zip(arrays.index, arrays.column_of_entry, arrays.value, strict=True):
            if row < arrays.balances:
                ends[column, int(value > 0)] = row
        self._ends, self._cost = ends.tolist(), cost.tolist()
        for j, (tail, head) in enumerate(self._ends):
            most = {} if arrays.upper[j] == np.inf else {"capacity": round(float(arrays.upper[j]) * self._size)}
            self._graph.add_edge(tail, head, key=j, weight=self._cost[j], **most)

    def solve(self, sets: Sets) -> NDArray[np.float64]:
        """Change capacities, solve, read, change back."""
        arrays, values = self._arrays, np.empty((len(sets), 3))
        for s in range(len(sets)):
            variable, _, upper = sets.one(s)
            for j, up in zip(variable.tolist(), upper.tolist(), strict=True):
                self._graph.edges[(*self._ends[j], j)]["capacity"] = round(up * self._size)
            _, flows = nx.network_simplex(self._graph)
            x = np.zeros(arrays.shape[1])
            for heads in flows.values():
                for keys in heads.values():
                    for j, flow in keys.items():
                        x[j] = flow
            values[s] = arrays.values(x / self._size)
            for j in variable.tolist():
                self._graph.edges[(*self._ends[j], j)]["capacity"] = round(float(arrays.upper[j]) * self._size)
        return values
