"""Committed volumes and quotas over the accounting periods of a horizon."""

from __future__ import annotations

import math
from functools import reduce

import numpy as np

from routeopt.arrays import Floats
from routeopt.model.formulate import Program
from routeopt.model.limits import Carrier, carriers_of
from routeopt.model.temporal.initial_state import Start, mean_ages
from routeopt.scenario.case import Situation
from routeopt.scenario.lines import Line
from routeopt.scenario.timeline import Timeline

__all__ = ["apply_commitments", "contract_dues"]


def contract_dues(program: Program, situation: Situation, shares: Timeline) -> Floats:
    """Compute the volume due of each contract in each period after force majeure; shape (contracts, T).

    In the contract's unit; at any instant at most the capacity of its legs in service.
    """
    system, periods = situation.system, program.layout.periods
    span = float(periods.edges[0]), float(periods.edges[-1])
    dues = np.zeros((len(system.contracts), len(periods)))
    for place, contract in enumerate(system.contracts.values()):
        volume = contract.volume.inner
        due = Line.flat(*span, volume)
        for limit in carriers_of(situation, contract):
            due = due.least(reduce(Line.plus, (_left(shares, one, volume) for one in limit)))
        dues[place] = due.mean(periods.edges) * periods.days
    return dues


def _left(shares: Timeline, carrier: Carrier, volume: float) -> Line:
    """Return the capacity of a leg in service; without a limit the whole commitment, while the leg is open."""
    leg = shares.line("leg", carrier.leg)
    if not carrier.streams:
        return leg.scaled(0.0)
    if all(key in shares.lines for key in carrier.keys):
        leg = leg.least(reduce(Line.plus, (shares.lines[key] for key in carrier.keys)))
    return leg.opened().scaled(volume) if carrier.size == math.inf else leg.scaled(carrier.size)


def apply_commitments(
    program: Program, situation: Situation, shares: Timeline, start: Start, upper: Floats,
    row_lower: Floats, row_upper: Floats,
) -> None:  # fmt: skip
    layout = program.layout
    rows, _ = layout.after
    dues = contract_dues(program, situation, shares)
    initial_in_transit = _under_way(program, situation, start, dues)
    number = len(layout.contracts)
    by_day = layout.rows_by_period(row_lower)[:, layout.rows("contract")]
    by_day[:] = dues.T
    x_upper, planned = layout.by_period(upper)[:, layout.columns("deficiency")], layout.periods.planned
    by_day[planned:], x_upper[planned:] = -np.inf, 0.0
    for place, bucket in enumerate(layout.contracts):
        row_lower[rows + number + place] = 0.0
        if bucket.number < 0:
            continue
        row_lower[rows + place] = dues[bucket.place, bucket.periods[bucket.periods < planned]].sum()
        by_day[bucket.periods, bucket.place], x_upper[bucket.periods, bucket.place] = -np.inf, 0.0
        if bucket.periods[-1] >= planned - 1:
            row_lower[rows + place] += initial_in_transit[bucket.place]
        if bucket.number == 0 and layout.periods.edges[bucket.periods[0]] == layout.periods.edges[0]:
            # Shipments beyond the volume due, in the past part of the accounting period.
            row_lower[rows + place] -= sum(ahead for which, ahead in start.begun if which == bucket.place)
    late = 2 * number + len(layout.quotas)
    row_lower[rows + late : rows + late + len(layout.make_ups)] = 0.0
    by_period = layout.rows_by_period(row_upper)
    for place, bucket in enumerate(layout.quotas):
        row = layout.row["group"] + bucket.place
        row_upper[rows + 2 * number + place] = by_period[bucket.periods, row].sum()
        if bucket.number == 0:
            row_upper[rows + 2 * number + place] -= sum(more for which, more in start.used if which == bucket.place)
    for bucket in layout.quotas:
        by_period[bucket.periods, layout.row["group"] + bucket.place] = np.inf


def _under_way(program: Program, situation: Situation, start: Start, dues: Floats) -> Floats:
    """Compute the volume due of each contract for oil in transit to it at the end, in the contract's unit.

    What lands after the end counts; on a usual day that is the inflow times its mean age. As much is asked of it as
    of the inflow of the last day, so that nothing is gained or lost at the end.
    """
    system, single, layout = situation.system, program.single, program.layout
    asked = np.zeros(len(system.contracts))
    if len(layout.periods) == layout.periods.planned or not len(asked):
        return asked
    age = mean_ages(program, start.usual)
    columns = layout.columns("flow").stop
    for place, contract in enumerate(system.contracts.values()):
        row = layout.row["contract"] + place
        mine = (single.index == row) & (single.column_of_entry < columns)
        inflow = single.value[mine] * start.usual[single.column_of_entry[mine]]
        last = dues[place, layout.periods.planned - 1] / layout.periods.days[layout.periods.planned - 1]
        usual = float(inflow.sum())
        if usual > 0.0 and contract.volume.inner > 0.0:
            asked[place] = min(1.0, last / usual) * float(inflow @ age[single.column_of_entry[mine]])
    return asked
