"""Bounds and right-hand sides of a situation: everything that a closure changes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from routeopt.arrays import Floats
from routeopt.errors import Problem, SystemDataError
from routeopt.model.formulate import Program
from routeopt.model.limits import Limits, carriers_of, group_limit, owner_of
from routeopt.model.size import flow_limits
from routeopt.model.sparse import Bounds
from routeopt.scenario.case import Situation
from routeopt.system.table import LegTable

__all__ = ["Bounds", "bounds_of", "leg_capacities"]


_OUTSIZED = 1024.0
"""Outputs and demands beyond this multiple of the possible flow do not set the size of a system."""

_BEYOND = 1e6
"""Largest demand of a refinery as a multiple of the possible flow: its shortage is a number to the same tolerance."""


def leg_capacities(program: Program, situation: Situation) -> Floats:
    """Compute the capacity of each leg for the exporter, in the leg's own unit, shape (K,)."""
    capacities = _capacities_open(program, situation)
    for name in situation.touched:
        capacities[program.layout.topology.leg_place[name]] = situation.capacity(name)
    return capacities


def _capacities_open(program: Program, situation: Situation) -> Floats:
    """Compute capacities with nothing closed."""
    table = LegTable.of(situation.system)
    rooms = np.where(table.operating, table.capacity, 0.0)
    for name in situation.started:
        rooms[program.layout.topology.leg_place[name]] = situation.room(name)
    return rooms


def bounds_of(program: Program, situation: Situation) -> Bounds:
    """Compute the bounds of the program in a situation.

    A closed leg has the bound zero and stays in the program, so that every closure has the same matrix.
    """
    layout, system = program.layout, situation.system
    rooms, limits = _capacities_open(program, situation), Limits(program, situation)
    bounds, demand = _open(program, situation, limits, rooms)
    _close(program, situation, limits, bounds)
    limit = _limit(program, situation, limits, bounds, rooms)
    total = float(bounds.upper[layout.columns("output")].sum() + demand.sum())
    if not 0.0 < limit * _OUTSIZED < total:
        return replace(bounds, unit=_unit(total))
    beyond = [name for name, size in zip(system.refineries, demand.tolist(), strict=True) if size > _BEYOND * limit]
    if beyond:
        demanded = system.refineries[beyond[0]].demand
        raise SystemDataError(Problem(f"{demanded} is more than {_BEYOND:.0e} times what can reach all refineries and "
                                      "markets, so that what it lacks would hide all else",
                                      ("nodes", beyond[0], "demand"), hint="write what it can refine"))  # fmt: skip
    return replace(bounds, unit=_unit(limit))


def _open(program: Program, situation: Situation, limits: Limits, rooms: Floats) -> tuple[Bounds, Floats]:
    """Compute bounds with nothing closed, and the demand of refineries."""
    layout, system = program.layout, situation.system
    rows, columns = layout.shape
    lower, upper = np.zeros(columns), np.full(columns, np.inf)
    row_lower, row_upper = np.zeros(rows), np.zeros(rows)
    upper[layout.columns("flow")] = rooms[layout.flow_leg] / limits.barrels
    row_lower[layout.rows("leg")], row_upper[layout.rows("leg")] = -np.inf, rooms[layout.several]
    row_lower[layout.rows("group")] = -np.inf
    row_upper[layout.rows("group")] = [group_limit(group) for group in system.groups.values()]
    upper[layout.columns("output")] = limits.outputs
    least = np.array([field.min_output.inner if field.min_output else 0.0 for field in system.fields.values()])
    row_lower[layout.rows("minimum")] = (limits.outputs * least)[layout.minimum_fields]
    row_upper[layout.rows("minimum")] = np.inf
    demand = np.array([refinery.demand.inner for refinery in system.refineries.values()])
    row_lower[layout.rows("demand")] = row_upper[layout.rows("demand")] = demand
    upper[layout.columns("shortage")] = demand
    row_lower[layout.rows("market")] = -np.inf
    row_upper[layout.rows("market")] = [
        market.demand.inner if market.demand is not None else np.inf for market in system.markets.values()
    ]
    row_lower[layout.rows("contract")] = [contract.volume.inner for contract in system.contracts.values()]
    row_upper[layout.rows("contract")] = np.inf
    row_lower[layout.exported_row], row_upper[layout.exported_row] = -np.inf, np.inf
    return Bounds(lower, upper, row_lower, row_upper), demand


def _close(program: Program, situation: Situation, limits: Limits, bounds: Bounds) -> None:
    """Cut open bounds by the shares in service."""
    shares = situation.shares
    for owner in dict.fromkeys(map(owner_of, shares)):
        left = situation.in_service(owner[1]) if owner[0] == "leg" else shares[owner]
        for limit in limits.of(owner):
            new = limit.at(min(left, shares.get(limit.stream, 1.0)))
            limits.side(limit, bounds.upper, bounds.row_lower, bounds.row_upper)[...] = new
    for row, contract in enumerate(situation.system.contracts.values(), program.layout.row["contract"]):
        for carriers in carriers_of(situation, contract):
            left = sum(one.at(shares, situation.in_service(one.leg)) for one in carriers)
            bounds.row_lower[row] = min(bounds.row_lower[row], left)


def _limit(program: Program, situation: Situation, limits: Limits, bounds: Bounds, rooms: Floats) -> float:
    """Compute the largest production and refining with all capacity open and built."""
    layout, system = program.layout, situation.system
    table = LegTable.of(system)
    full = np.maximum(rooms, table.capacity)
    for place, leg in enumerate(system.legs.values()):
        if leg.build is not None:
            stands = full[place] if leg.status == "operating" else 0.0
            full[place] = max(float(rooms[place]), stands + max(size.inner for size in leg.build.sizes))
    upper, row_upper = bounds.upper.copy(), bounds.row_upper.copy()
    upper[layout.columns("flow")] = full[layout.flow_leg] / limits.barrels
    row_upper[layout.rows("leg")] = full[layout.several]
    row_upper[layout.rows("group")] = [group_limit(group) for group in system.groups.values()]
    most = flow_limits(program, upper, bounds.row_lower, row_upper)
    return float(most[layout.columns("output")].sum() + most[layout.columns("intake")].sum())


def _unit(total: float) -> float:
    """Return a power of two in which total production or demand is a few hundred."""
    return math.ldexp(1.0, math.frexp(total)[1] - 8) if 0.0 < total < math.inf else 1.0
