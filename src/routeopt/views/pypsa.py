"""An allocation as a PyPSA network."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation import Allocation
from routeopt.allocation.exporters import held_of
from routeopt.errors import InputError, Problem, SolverError
from routeopt.model import Bounds, Program

if TYPE_CHECKING:
    from routeopt.allocation import Allocation

__all__ = ["InPypsa", "to_pypsa"]

Floats = NDArray[np.float64]

_ASIDE = "aside"
"""A bus for columns that touch no balance, such as what a contract lacks."""


@dataclass(frozen=True, eq=False)
class InPypsa:
    """An allocation in PyPSA.

    Attributes
    ----------
    network : pypsa.Network
        One snapshot; ``p`` is in `flow_unit`, costs in `money_unit`.
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
    if plan._over_time is not None:
        raise InputError(Problem("to_pypsa is about one period", hint="write to_mps() of the horizon"))
    try:
        pypsa = importlib.import_module("pypsa")
    except ImportError:
        raise InputError(Problem("to_pypsa needs PyPSA", hint="pip install pypsa")) from None
    solved, scales = plan._solved, plan._tables.scales
    program, system = solved.program, solved.situation.system
    held = held_of(solved, scales)
    bounds, cost = held.bounds, held.cost
    shape = _Shape(program, bounds, scales.flow, np.asarray(solved.answer.x))
    names, rows = np.array(held.columns), held.rows
    graph = program.layout.topology
    states = [(graph.nodes[n], graph.commodities[c]) for n, c in np.argwhere(program.layout.balance_row >= 0)]
    buses = np.array([f"{node} {stream}" for node, stream in states])
    places = [system.nodes[node].at or (np.nan, np.nan) for node, _ in states]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = pypsa.Network(name=system.name)
        network.set_snapshots(["period"])
        network.add("Carrier", list(dict.fromkeys(stream for _, stream in states)))
        network.add("Bus", buses, carrier=[stream for _, stream in states],
                    x=[at[1] for at in places], y=[at[0] for at in places])  # fmt: skip
        common = {"p_nom": 1.0}
        links, others = np.flatnonzero(shape.is_link), np.flatnonzero(~shape.is_link)
        network.add("Link", names[links], bus0=buses[shape.tail[links]], bus1=buses[shape.head[links]],
                    efficiency=shape.gain[links], marginal_cost=cost[links], p_min_pu=shape.lower[links],
                    p_max_pu=shape.upper[links], **common)  # fmt: skip
        touched = np.where(shape.tail >= 0, shape.tail, shape.head)[others]
        if (touched < 0).any():
            network.add("Carrier", _ASIDE)
            network.add("Bus", _ASIDE, carrier=_ASIDE)
            most = float(np.abs(shape.upper).sum() + np.abs(shape.lower).sum()) + 1.0
            network.add("Generator", _ASIDE, bus=_ASIDE, p_nom=most, p_min_pu=-1.0)
        network.add("Generator", names[others], bus=[buses[b] if b >= 0 else _ASIDE for b in touched],
                    sign=np.where(shape.tail[others] >= 0, -1.0, 1.0), marginal_cost=cost[others],
                    p_min_pu=shape.lower[others], p_max_pu=shape.upper[others], **common)  # fmt: skip
    more = _extra(program, bounds, scales.flow, names, rows, shape.is_link)
    return InPypsa(network, more, plan.flow_unit, plan.money_unit)


class _Shape:
    """What each column is: from which balance, to which, and within which bounds."""

    def __init__(self, program: Program, bounds: Bounds, scale: float, x: Floats) -> None:
        width = program.shape[1]
        self.tail, self.head = np.full(width, -1), np.full(width, -1)
        self.gain = np.ones(width)
        balances = program.layout.rows("balance").stop
        entries = zip(program.index.tolist(), program.column_of_entry.tolist(), program.value.tolist(), strict=True)
        for row, column, value in entries:
            if row < balances and value < 0:
                self.tail[column] = row
            elif row < balances:
                self.head[column], self.gain[column] = row, value
        self.is_link = (self.tail >= 0) & (self.head >= 0)
        # PyPSA wants a limit for everything; the optimum that is known is far within this one.
        supply = bounds.upper[(self.tail < 0) & (self.head >= 0)]
        most = 10.0 * max(float(supply[np.isfinite(supply)].sum()), float(np.abs(x).max(initial=0.0))) / scale + 1.0
        self.lower, self.upper = np.clip(bounds.lower / scale, -most, None), np.clip(bounds.upper / scale, None, most)


def _extra(
    program: Program, bounds: Bounds, scale: float, names: NDArray[Any], labels: list[str], is_link: NDArray[np.bool_]
) -> Callable[[Any, Any], None]:
    """Rows beyond the balances, as PyPSA adds them."""
    balances = program.layout.rows("balance").stop
    rows: dict[int, list[tuple[int, float]]] = {}
    for row, column, value in zip(program.index, program.column_of_entry, program.value, strict=True):
        if row >= balances and (np.isfinite(bounds.row_lower[row]) or np.isfinite(bounds.row_upper[row])):
            rows.setdefault(int(row), []).append((int(column), float(value)))

    def extra_functionality(network: Any, snapshots: Any) -> None:
        model = network.model
        flows, rest = model.variables["Link-p"], model.variables["Generator-p"]
        where = flows.dims[1]
        array = importlib.import_module("xarray").DataArray
        for row, terms in rows.items():
            parts = []
            for variables, wanted in ((flows, True), (rest, False)):
                mine = [(names[column], value) for column, value in terms if is_link[column] == wanted]
                if mine:
                    chosen = [name for name, _ in mine]
                    weights = array([value for _, value in mine], [(where, chosen)])
                    parts.append((variables.sel({where: chosen}) * weights).sum(where))
            left = sum(parts[1:], parts[0])
            low, high = float(bounds.row_lower[row]) / scale, float(bounds.row_upper[row]) / scale
            if low == high:
                model.add_constraints(left, "=", low, name=labels[row])
                continue
            if np.isfinite(high):
                model.add_constraints(left, "<=", high, name=f"{labels[row]}_most")
            if np.isfinite(low):
                model.add_constraints(left, ">=", low, name=f"{labels[row]}_least")

    return extra_functionality
