"""PyPSA: every closure is a snapshot of one network, all in one solve.

A node and commodity is a bus, a flow a link with an efficiency, whatever enters or leaves a bus a generator. What
PyPSA has no word for (capacities that several flows share, contracts, minima) goes in through extra_functionality.
"""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pypsa
import xarray as xr
from instances import Arrays, Sets
from numpy.typing import NDArray

__all__ = ["Snapshots"]

BLOCK = 1000
"""Snapshots in one network; more take more memory and hardly less time each."""


def solved(
    network: Any, links: NDArray[Any], generators: NDArray[Any], more: Any = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Flows of links and generators, snapshot by snapshot.

    As ``network.optimize`` does it, but without writing prices and topology back, which takes most of its time.
    """
    model = network.optimize.create_model(include_objective_constant=False)
    if more is not None:
        more(network, network.snapshots)
    model.solve("highs", io_api="direct", output_flag=False, log_to_console=False, progress=False)
    found = []
    for name, columns in (("Link-p", links), ("Generator-p", generators)):
        flows = model.variables[name].solution
        found.append(flows.sel({flows.dims[1]: columns}).to_numpy())
    return found[0], found[1]


class Snapshots:
    """Blocks of so many closures."""

    name = "PyPSA snapshots"
    how = f"closures as snapshots, {BLOCK} a network; rows beyond the network by extra_functionality"
    closures, whole = True, False
    at_once = 100

    def refuses(self, arrays: Arrays) -> str:
        """It takes any program whose columns touch two balances at most."""
        return ""

    def prepare(self, arrays: Arrays) -> None:
        """Find what is a link and what a generator."""
        for name in ("pypsa", "linopy"):
            logging.getLogger(name).setLevel(logging.ERROR)
        self._arrays = arrays
        # Few would be all building; many of a large network are one very large program.
        self.at_once = BLOCK if arrays.shape[0] < 150 else 100
        width = arrays.shape[1]
        self._tail, self._head = np.full(width, -1), np.full(width, -1)
        self._gain = np.ones(width)
        for row, column, value in zip(arrays.index, arrays.column_of_entry, arrays.value, strict=True):
            if row < arrays.balances:
                if value < 0:
                    self._tail[column] = row
                else:
                    self._head[column], self._gain[column] = row, value
        supply = arrays.upper[(self._tail < 0) & (self._head >= 0)]
        self._most = 10.0 * float(supply[supply < np.inf].sum())

    def solve(self, sets: Sets) -> NDArray[np.float64]:
        """Block by block."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of pandas' text columns
            parts = [self._block(sets, range(a, min(a + BLOCK, len(sets)))) for a in range(0, len(sets), BLOCK)]
        return np.concatenate(parts)

    def _block(self, sets: Sets, closures: range) -> NDArray[np.float64]:
        arrays, width = self._arrays, self._arrays.shape[1]
        bounds = [sets.bounds(s, arrays) for s in closures]
        upper = np.minimum(np.array([one[1] for one in bounds]), self._most)
        network = pypsa.Network()
        network.set_snapshots(range(len(closures)))
        network.add("Bus", [f"b{r}" for r in range(arrays.balances)])
        network.add("Bus", "aside")
        network.add("Generator", "aside", bus="aside", p_nom=1e6, p_min_pu=-1.0)
        tail, head = self._tail, self._head
        links = np.flatnonzero((tail >= 0) & (head >= 0))
        others = np.flatnonzero((tail < 0) | (head < 0))
        names = np.array([f"x{j}" for j in range(width)])

        def limits(columns: NDArray[np.intp]) -> pd.DataFrame:
            return pd.DataFrame(upper[:, columns], index=network.snapshots, columns=names[columns])

        network.add("Link", names[links], bus0=[f"b{r}" for r in tail[links]], bus1=[f"b{r}" for r in head[links]],
                    efficiency=self._gain[links], p_nom=1.0, p_max_pu=limits(links),
                    marginal_cost=arrays.cost[links])  # fmt: skip
        bus = np.where(tail >= 0, tail, head)[others]
        network.add("Generator", names[others], bus=[f"b{r}" if r >= 0 else "aside" for r in bus],
                    sign=np.where(tail[others] >= 0, -1.0, 1.0), p_nom=1.0, p_max_pu=limits(others),
                    marginal_cost=arrays.cost[others])  # fmt: skip
        low, up = np.array([one[2] for one in bounds]), np.array([one[3] for one in bounds])
        is_link = np.isin(np.arange(width), links)

        def more(network: Any, snapshots: Any) -> None:
            model = network.model
            flows, rest = model.variables["Link-p"], model.variables["Generator-p"]
            time, where = flows.dims[0], flows.dims[1]
            for row in range(arrays.balances, arrays.shape[0]):
                columns, values = arrays.rows[row]
                if not len(columns) or not (np.isfinite(low[:, row]).any() or np.isfinite(up[:, row]).any()):
                    continue
                parts = []
                for variables, chosen in ((flows, is_link[columns]), (rest, ~is_link[columns])):
                    if chosen.any():
                        mine = variables.sel({where: names[columns[chosen]]})
                        weight = xr.DataArray(values[chosen], [(where, names[columns[chosen]])])
                        parts.append((mine * weight).sum(where))
                left = sum(parts[1:], parts[0])
                for sign, right in (("=", up), ("<=", up), (">=", low)):
                    equal = (low[:, row] == up[:, row]).all()
                    if np.isfinite(right[:, row]).all() and equal == (sign == "="):
                        limit = xr.DataArray(right[:, row], [(time, network.snapshots)])
                        model.add_constraints(left, sign, limit, name=f"row{row}{sign}")

        x_links, x_others = solved(network, names[links], names[others], more)
        x = np.zeros((len(closures), width))
        x[:, links] = x_links
        x[:, others] = x_others
        return np.array([arrays.values(row) for row in x])
