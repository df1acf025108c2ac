"""From a situation to bounds and right-hand sides: all that a closure changes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from routeopt.errors import Problem, SystemDataError
from routeopt.model.carriers import carriers_of
from routeopt.model.conversion import Conversion
from routeopt.model.formulate import Program
from routeopt.model.size import flow_limits
from routeopt.model.sparse import Bounds
from routeopt.scenario.case import Situation
from routeopt.system.commercial import Group
from routeopt.system.table import LegTable

__all__ = ["Bounds", "bounds_of", "leg_capacities"]

Floats = NDArray[np.float64]

_ASTRAY = 1024.0
"""Outputs and demands that say so many times what can flow do not tell the size of a system."""

_BEYOND = 1e6
"""What a refinery lacks is a number of its own, so its demand has to be comparable with what flows."""


def leg_capacities(program: Program, situation: Situation) -> Floats:
    """What the exporter can send into each leg, in the leg's own unit, shape (K,)."""
    table = LegTable.of(situation.system)
    capacities = np.where(table.operating, table.capacity, 0.0)
    position = program.layout.topology.leg_place
    for name in situation.touched:
        capacities[position[name]] = situation.capacity(name)
    return capacities


def bounds_of(program: Program, situation: Situation) -> Bounds:
    """Bounds of the programme in a situation.

    A closed leg has the bound zero and stays in the programme, so that every closure has the same matrix.
    """
    layout, system, convert = program.layout, situation.system, Conversion(situation.system)
    rows, columns = layout.shape
    lower, upper = np.zeros(columns), np.full(columns, np.inf)
    row_lower, row_upper = np.zeros(rows), np.zeros(rows)

    capacity = leg_capacities(program, situation)
    upper[layout.columns("flow")] = _flow_bounds(program, situation, convert, capacity)
    row_lower[layout.rows("leg")], row_upper[layout.rows("leg")] = -np.inf, capacity[layout.several]

    row_lower[layout.rows("group")] = -np.inf
    for offset, (name, group) in enumerate(system.groups.items()):
        row_upper[layout.row["group"] + offset] = _group_limit(group) * situation.groups.get(name, 1.0)

    output, minimum = _fields(situation, convert)
    upper[layout.columns("output")] = output
    row_lower[layout.rows("minimum")] = minimum[layout.minimum_fields]
    row_upper[layout.rows("minimum")] = np.inf

    demand = np.array([refinery.demand.inner for refinery in system.refineries.values()])
    row_lower[layout.rows("demand")] = row_upper[layout.rows("demand")] = demand
    upper[layout.columns("shortage")] = demand
    row_lower[layout.rows("market")] = -np.inf
    row_upper[layout.rows("market")] = [
        market.demand.inner if market.demand is not None else np.inf for market in system.markets.values()
    ]
    for offset, contract in enumerate(system.contracts.values()):
        carried = [sum(one.left(situation) for one in limit) for limit in carriers_of(situation, contract)]
        row_lower[layout.row["contract"] + offset] = min(contract.volume.inner, *carried, math.inf)
    row_upper[layout.rows("contract")] = np.inf
    row_lower[layout.exported_row], row_upper[layout.exported_row] = -np.inf, np.inf
    total = float(output.sum() + demand.sum())
    bounds = Bounds(lower, upper, row_lower, row_upper, _unit(total))
    limit = _limit(program, situation, bounds, capacity)
    if not 0.0 < limit * _ASTRAY < total:
        return bounds
    beyond = [name for name, size in zip(system.refineries, demand.tolist(), strict=True) if size > _BEYOND * limit]
    if beyond:
        demanded = system.refineries[beyond[0]].demand
        raise SystemDataError(Problem(f"{demanded} is more than {_BEYOND:.0e} times what can reach all refineries and "
                                      "markets, so that what it lacks would hide all else",
                                      ("nodes", beyond[0], "demand"), hint="write what it can refine"))  # fmt: skip
    return replace(bounds, unit=_unit(limit))


def _limit(program: Program, situation: Situation, bounds: Bounds, capacity: Floats) -> float:
    """The most that can be produced and refined with everything open and built, whatever outputs and demands say."""
    layout, system = program.layout, situation.system
    table, convert = LegTable.of(system), Conversion(system)
    full = np.maximum(capacity, table.capacity)
    for place, leg in enumerate(system.legs.values()):
        if leg.build is not None:
            stands = full[place] if leg.status == "operating" else 0.0
            full[place] = max(float(capacity[place]), stands + max(size.inner for size in leg.build.sizes))
    upper, row_upper = bounds.upper.copy(), bounds.row_upper.copy()
    upper[layout.columns("flow")] = _flow_bounds(program, replace(situation, embargo={}), convert, full)
    row_upper[layout.rows("leg")] = full[layout.several]
    row_upper[layout.rows("group")] = [_group_limit(group) for group in system.groups.values()]
    limits = flow_limits(program, upper, bounds.row_lower, row_upper)
    return float(limits[layout.columns("output")].sum() + limits[layout.columns("intake")].sum())


def _group_limit(group: Group) -> float:
    if group.capacity is not None:
        return group.capacity.inner
    vessels = group.vessels.inner if group.vessels else 0.0
    return vessels * (1.0 - (group.downtime.inner if group.downtime else 0.0))


def _unit(total: float) -> float:
    """A power of two in which all that is produced or demanded is a few hundred."""
    return math.ldexp(1.0, math.frexp(total)[1] - 8) if 0.0 < total < math.inf else 1.0


def _flow_bounds(program: Program, situation: Situation, convert: Conversion, capacity: Floats) -> Floats:
    layout, system = program.layout, situation.system
    leg, stream = layout.flow_leg, layout.flow_stream
    upper = capacity[leg]
    if situation.embargo:
        legs = layout.topology.leg_place
        streams = {name: i for i, name in enumerate(layout.topology.commodities)}
        for name, commodity in situation.embargo:
            upper[(leg == legs[name]) & (stream == streams[commodity])] = situation.capacity(name, commodity)
    # A capacity in the other unit: barrels over barrels per tonne.
    mine = np.isin(leg, LegTable.of(system).counted_otherwise)
    upper[mine] = upper[mine] / convert.to_other()[stream[mine]]
    return upper


def _fields(situation: Situation, convert: Conversion) -> tuple[Floats, Floats]:
    """Most and least output of each field in the system's unit."""
    system = situation.system
    streams = {name: i for i, name in enumerate(system.streams)}
    output, minimum = [], []
    for name, field in system.fields.items():
        kept = 1.0 - (field.own_use.inner if field.own_use else 0.0)
        factor = convert.to(field.output.basis)[streams[system.commodity_of(name)]]
        available = field.output.inner / factor * kept * situation.fields.get(name, 1.0)
        output.append(available)
        minimum.append(available * field.minimum.inner if field.minimum else 0.0)
    return np.array(output), np.array(minimum)
