"""An allocation as a PyPSA network."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routeopt.allocation import Allocation
from routeopt.allocation.exporters import Held, held_of
from routeopt.arrays import Floats
from routeopt.errors import InputError, Problem, SolverError

if TYPE_CHECKING:
    from routeopt.allocation import Allocation

__all__ = ["InPypsa", "to_pypsa"]


_ASIDE = "aside"
"""A bus for columns that touch no balance, such as what a contract lacks."""


@dataclass(frozen=True, eq=False)
class InPypsa:
    """An allocation in PyPSA.

    Attributes
    ----------
    network : pypsa.Network
        One snapshot; ``p`` is in `flow_unit`, costs in `money_unit`. Over a horizon each period is one, with amounts.
    extra_functionality : callable
        Rows that a network cannot have; for ``network.optimize(extra_functionality=...)``.
    flow_unit, money_unit : str
    """

    network: Any
    extra_functionality: Callable[[Any, Any], None]
    flow_unit: str
    money_unit: str

    def optimize(self, solver_name: str = "highs", **options: Any) -> float:
        """Optimise in PyPSA.

        Parameters
        ----------
        solver_name : str
            A solver that linopy knows.
        **options
            For ``network.optimize``.

        Returns
        -------
        float
            Net cost in `money_unit`: transport less revenue.

        Raises
        ------
        SolverError
            PyPSA found no optimum.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of PyPSA and its libraries about each other
            status, condition = self.network.optimize(
                solver_name=solver_name, extra_functionality=self.extra_functionality, **options
            )
        if status != "ok":
            raise SolverError(f"PyPSA says {status}: {condition}")
        return float(self.network.objective)

    def __repr__(self) -> str:
        parts = f"{len(self.network.buses)} buses, {len(self.network.links)} links"
        return f"<InPypsa: {parts}, {len(self.network.generators)} generators; {self.flow_unit}, {self.money_unit}>"


def to_pypsa(plan: Allocation) -> InPypsa:
    """See `routeopt.Allocation.to_pypsa`."""
    try:
        pypsa = importlib.import_module("pypsa")
    except ImportError:
        raise InputError(Problem("to_pypsa needs PyPSA", hint="pip install pypsa")) from None
    held = held_of(plan._optimum, plan._tables.scales)
    parts, layout, system = _Parts(held), held.program.layout, plan._point.situation.system
    graph = layout.topology
    states = [(graph.nodes[n], graph.commodities[c]) for n, c in np.argwhere(layout.balance_row >= 0)]
    buses = np.array([f"{node} {stream}" for node, stream in states])
    places = [system.nodes[node].at or (np.nan, np.nan) for node, _ in states]
    over_time = plan._over_time is not None
    snapshots = list(pd.to_datetime(plan._trajectory.layout.periods.starts)) if over_time else ["period"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = pypsa.Network(name=system.name)
        network.set_snapshots(snapshots)
        network.add("Carrier", [*dict.fromkeys(stream for _, stream in states), _ASIDE])
        network.add("Bus", buses, carrier=[stream for _, stream in states],
                    x=[at[1] for at in places], y=[at[0] for at in places])  # fmt: skip
        network.add("Bus", _ASIDE, carrier=_ASIDE)

        def series(values: Floats, names: NDArray[Any]) -> Any:
            return pd.DataFrame(values, network.snapshots, names)

        def limits(mine: NDArray[np.intp]) -> dict[str, Any]:
            names = parts.names[mine]
            return {"p_nom": 1.0, "marginal_cost": series(parts.cost[:, mine], names),
                    "p_min_pu": series(parts.lower[:, mine], names),
                    "p_max_pu": series(parts.upper[:, mine], names)}  # fmt: skip

        links, others = np.flatnonzero(parts.is_link), np.flatnonzero(~parts.is_link)
        network.add("Link", parts.names[links], bus0=buses[parts.tail[links]], bus1=buses[parts.head[links]],
                    efficiency=parts.gain[links], **limits(links))  # fmt: skip
        touched = np.where(parts.tail >= 0, parts.tail, parts.head)[others]
        network.add("Generator", parts.names[others], bus=[buses[b] if b >= 0 else _ASIDE for b in touched],
                    sign=np.where(parts.tail[others] >= 0, -1.0, 1.0), **limits(others))  # fmt: skip
        free = {"p_nom": parts.most * (parts.names.size + 1.0), "p_min_pu": -1.0}
        network.add("Generator", _ASIDE, bus=_ASIDE, **free)
        if len(parts.tied):
            network.add("Generator", [f"exchange {bus}" for bus in buses[parts.tied]], bus=buses[parts.tied], **free)
    exchanges = [f"exchange {bus}" for bus in buses[parts.tied]]
    unit = plan.stock_unit if over_time else plan.flow_unit
    return InPypsa(network, _extra(held, parts, exchanges), unit, plan.money_unit)


class _Parts:
    """What each column of a period is: from which balance, to which, and within which bounds; arrays by period.

    A column that balances in its own period alone is a link or a generator. Any other (a cargo that lands later, a
    stock) balances through the exchange of its buses, which a row of its own ties to it.
    """

    def __init__(self, held: Held) -> None:
        program, bounds, scale = held.program, held.bounds, held.scale
        width, height, times = program.shape[1], program.shape[0], 1
        names = held.columns
        if program.day is not None:
            width, height, times = program.layout.size, program.layout.height, len(program.layout.periods)
            names = [name[: -len("__2025_01_01")] for name in names[:width]] + names[width * times :]
        self.names, self.height, self.times = np.array(names, object), height, times
        single, balances = width, program.layout.rows("balance").stop
        self.place = np.arange(program.shape[1])
        self.time = np.minimum(self.place // single, times)
        after = self.time == times  # columns beyond all periods count in the first
        self.part = np.where(after, self.place - times * single + single, self.place % single)
        self.time = np.where(after, 0, self.time)
        count = len(names)
        self.tail, self.head, self.gain = np.full(count, -1), np.full(count, -1), np.ones(count)
        row, column, value = program.index.astype(int), program.column_of_entry.astype(int), program.value
        self.balances = (row < times * height) & (row % height < balances)
        strange = self.balances & (row // height != self.time[column])
        tied = np.zeros(count, bool)
        tied[self.part[column[strange]]] = True
        if times > 1:
            for name in ("above", "below", "landed", "afloat"):
                tied[program.layout.columns(name)] = True
        self.plain = ~tied[self.part]
        own = np.flatnonzero(self.balances & self.plain[column])
        for entry in own:
            part = self.part[column[entry]]
            if value[entry] < 0:
                self.tail[part] = row[entry] % height
            else:
                self.head[part], self.gain[part] = row[entry] % height, value[entry]
        self.is_link = (self.tail >= 0) & (self.head >= 0)
        # A generator has no efficiency: what it brings is what the column is.
        where = np.flatnonzero(self.balances & ~self.plain[column])
        due = np.flatnonzero((bounds.row_lower != 0.0) | (bounds.row_upper != 0.0))
        due = due[(due < times * height) & (due % height < balances)]
        self.tied = np.unique(np.concatenate([row[where] % height, due % height])).astype(int)
        # PyPSA wants a limit for everything; the optimum that is known is far within this one.
        supply = bounds.upper[program.layout.columns("output")] * times
        finite = bounds.upper[np.isfinite(bounds.upper)]
        self.most = 10.0 * max(float(supply[np.isfinite(supply)].sum()), float(finite.max(initial=0.0))) / scale + 1.0
        self.lower, self.upper, self.cost = (np.zeros((times, count)) for _ in range(3))
        at = self.time, self.part
        self.lower[at] = np.clip(bounds.lower / scale, -self.most, None)
        self.upper[at] = np.clip(bounds.upper / scale, None, self.most)
        self.cost[at] = held.cost


def _extra(held: Held, parts: _Parts, exchanges: list[str]) -> Callable[[Any, Any], None]:
    """Rows beyond the balances, and what ties exchanges to them, as PyPSA adds them."""
    program, bounds, scale = held.program, held.bounds, held.scale
    row, column, value = program.index.astype(int), program.column_of_entry.astype(int), program.value
    beyond = ~parts.balances
    limited = np.isfinite(bounds.row_lower) | np.isfinite(bounds.row_upper)
    rows = np.unique(row[beyond & limited[row]])
    ties = (np.arange(parts.times)[:, None] * parts.height + parts.tied).ravel()

    def extra_functionality(network: Any, snapshots: Any) -> None:
        model, linopy, xarray = network.model, importlib.import_module("linopy"), importlib.import_module("xarray")
        labels = np.full((parts.times, len(parts.names)), -1)
        links, rest = model.variables["Link-p"].labels, model.variables["Generator-p"].labels
        dim = rest.dims[1]
        names = parts.names.tolist()
        for found, wanted in ((links, True), (rest, False)):
            mine = np.flatnonzero(parts.is_link == wanted)
            labels[:, mine] = found.sel({dim: [names[place] for place in mine]}).to_numpy()
        swaps = rest.sel({dim: exchanges}).to_numpy().ravel() if exchanges else np.array([], int)

        def add(wanted: NDArray[np.intp], entries: NDArray[np.intp], more: NDArray[Any], name: str) -> None:
            """Rows as a block of linopy: what is missing to the longest has no variable."""
            if not len(wanted):
                return
            order = entries[np.argsort(row[entries], kind="stable")]
            starts = np.searchsorted(row[order], wanted)
            ends = np.searchsorted(row[order], wanted, "right")
            width = int((ends - starts).max(initial=0)) + 1
            numbers, factors = np.full((len(wanted), width), -1), np.full((len(wanted), width), np.nan)
            for at, (a, b) in enumerate(zip(starts, ends, strict=True)):
                mine = order[a:b]
                numbers[at, : b - a] = labels[parts.time[column[mine]], parts.part[column[mine]]]
                factors[at, : b - a] = value[mine]
            if len(more):
                numbers[:, -1], factors[:, -1] = more, -1.0
            low, high = bounds.row_lower[wanted] / scale, bounds.row_upper[wanted] / scale
            titles = [held.rows[place] for place in wanted]
            for sign, kept, right in (("=", low == high, low), ("<=", (low != high) & np.isfinite(high), high),
                                      (">=", (low != high) & np.isfinite(low), low)):  # fmt: skip
                if kept.any():
                    coords = {"row": np.array(titles, object)[kept]}
                    data = {"coeffs": (("row", "_term"), factors[kept]), "vars": (("row", "_term"), numbers[kept])}
                    left = linopy.LinearExpression(xarray.Dataset(data, coords), model)
                    limit = xarray.DataArray(right[kept], coords, ["row"])
                    model.add_constraints(left, sign, limit, name=f"{name} {sign}")

        add(rows, np.flatnonzero(beyond & limited[row]), np.array([]), "rows")
        tied = np.flatnonzero(parts.balances & ~parts.plain[column])
        add(ties, tied[np.isin(row[tied], ties)], swaps, "exchanges")

    return extra_functionality
