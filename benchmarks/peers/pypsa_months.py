"""PyPSA: a year by month as one network, months as weighted snapshots and tanks as stores."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pypsa
from instances import Arrays, Sets
from numpy.typing import NDArray

from peers.pypsa_snapshots import solved

__all__ = ["Months"]


class Months:
    """For systems of fields, hubs, tanks and markets; built from columns that PyPSA takes as they are."""

    name = "PyPSA, months as snapshots"
    how = "links, generators and stores; snapshots weighted by days"
    closures, whole = False, True

    def refuses(self, arrays: Arrays) -> str:
        """It needs the year in nodes and links."""
        return "" if arrays.month else "is asked for whole years only"

    def prepare(self, arrays: Arrays) -> None:
        """Keep the arrays."""
        for name in ("pypsa", "linopy"):
            logging.getLogger(name).setLevel(logging.ERROR)
        self._arrays = arrays

    def solve(self, sets: Sets) -> NDArray[np.float64]:
        """Build and solve."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of pandas' text columns
            return self._solve()

    def _solve(self) -> NDArray[np.float64]:
        month: dict[str, Any] = self._arrays.month
        rows, columns, values = month["entries"]
        width, days, balances = month["width"], month["days"], month["balances"]
        tail, head, gain = np.full(width, -1), np.full(width, -1), np.ones(width)
        inside = (rows < balances) & (columns < width)
        out, into = inside & (values < 0), inside & (values > 0)
        tail[columns[out]] = rows[out]
        head[columns[into]], gain[columns[into]] = rows[into], values[into]
        volume, money = month["costs"]
        _, light, last = self._arrays.weights
        cost = light * volume + last * money
        most = 10.0 * month["upper"][:, tail < 0].sum(axis=1).max()
        upper = np.minimum(month["upper"], most)
        names = np.array([f"x{j}" for j in range(width)])
        network = pypsa.Network()
        network.set_snapshots(range(len(days)))
        for weight in ("objective", "stores", "generators"):
            network.snapshot_weightings[weight] = days
        network.add("Bus", [f"b{r}" for r in range(balances)])
        links = np.flatnonzero((tail >= 0) & (head >= 0))
        others = np.flatnonzero((tail >= 0) != (head >= 0))

        def limits(chosen: NDArray[np.intp]) -> pd.DataFrame:
            return pd.DataFrame(upper[:, chosen], index=network.snapshots, columns=names[chosen])

        network.add("Link", names[links], bus0=[f"b{r}" for r in tail[links]], bus1=[f"b{r}" for r in head[links]],
                    efficiency=gain[links], p_nom=1.0, p_max_pu=limits(links), marginal_cost=cost[links])  # fmt: skip
        bus = np.where(tail >= 0, tail, head)[others]
        network.add("Generator", names[others], bus=[f"b{r}" for r in bus],
                    sign=np.where(tail[others] >= 0, -1.0, 1.0), p_nom=1.0, p_max_pu=limits(others),
                    marginal_cost=cost[others])  # fmt: skip
        stores = month["stores"]
        tanks = [f"t{row}" for row, *_ in stores]
        least = pd.DataFrame([[heel for _, _, heel, _ in stores]] * len(days), network.snapshots, tanks)
        least.iloc[-1] = [held / size for _, size, _, held in stores]
        network.add("Store", tanks, bus=[f"b{row}" for row, *_ in stores], e_nom=[size for _, size, _, _ in stores],
                    e_initial=[held for *_, held in stores], e_min_pu=least)  # fmt: skip
        x_links, x_others = solved(network, names[links], names[others])
        x = np.zeros((len(days), width))
        x[:, links] = x_links
        x[:, others] = x_others
        amounts = days @ x
        return np.array([[0.0, volume @ amounts, money @ amounts]])
