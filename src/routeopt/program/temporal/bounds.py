"""Bounds of the programme of a horizon: all that closures, tanks, clocks and the start change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routeopt.program.bounds import Bounds, bounds_of
from routeopt.program.conversion import Conversion
from routeopt.program.temporal.lags import landings
from routeopt.program.temporal.matrix import TemporalProgram, stock_weights
from routeopt.program.temporal.start import Start, mean_ages
from routeopt.scenario.situation import Situation
from routeopt.scenario.timeline import Timeline
from routeopt.system.nodes import Terminal
from routeopt.system.shared import Contract

__all__ = ["contract_dues", "surge_limits", "temporal_bounds"]

Floats = NDArray[np.float64]


def temporal_bounds(
    program: TemporalProgram,
    situation: Situation,
    shares: Timeline,
    start: Start,
    called: float,
    stocks: str = "keep",
    under_way: str = "usual",
    paces: bool = True,
) -> Bounds:
    """Bounds of the programme of a horizon.

    Parameters
    ----------
    program : TemporalProgram
    situation : Situation
        The scenario without its closures.
    shares : Timeline
        What closures and planned maintenance leave in each period.
    start : Start
        How things stand when the horizon begins.
    called : float
        The day on which alternatives are called, as an ordinal.
    stocks, under_way : str
        As `routeopt.scenario.scenario.Horizon` has them.
    paces : bool
        Whether fields turn down and come back at limited paces.
    """
    frame, single = program.frame, bounds_of(program.single, situation)
    planned = frame.periods.planned
    days = frame.periods.days[:, None]
    lower, upper = np.zeros(program.shape[1]), np.full(program.shape[1], np.inf)
    row_lower, row_upper = np.full(program.shape[0], -np.inf), np.full(program.shape[0], np.inf)
    x_upper = frame.by_period(upper)
    r_lower, r_upper = frame.rows_by_period(row_lower), frame.rows_by_period(row_upper)

    width, height = frame.column["landed"], frame.row["landing"]
    x_upper[:, :width] = single.upper[:width] * days
    r_lower[:, :height], r_upper[:, :height] = single.row_lower[:height] * days, single.row_upper[:height] * days
    _cut(program, situation, shares, x_upper, r_lower, r_upper)
    if planned > 1:
        _surge(program, situation, start, called, x_upper, r_upper)
    _freeze(program, x_upper, r_lower, r_upper)
    _storage(program, situation, start, stocks, x_upper, r_lower, r_upper)
    _arrivals(program, start, under_way, r_lower, r_upper)
    if planned > 1 and paces:
        _paces(program, situation, shares, start, single.upper, r_lower, r_upper)
    _stretches(program, situation, shares, start, upper, row_lower, row_upper)
    x_upper[planned:, frame.column["above"] : frame.column["end"]] = 0.0
    if planned < len(frame.periods):
        x_upper[planned:, frame.block("landed")] = _landing_limits(program, start)
    return Bounds(lower, upper, row_lower, row_upper, single.unit * float(frame.periods.days[:planned].mean()))


def _cut(
    program: TemporalProgram, situation: Situation, shares: Timeline, x_upper: Floats, r_lower: Floats, r_upper: Floats
) -> None:
    frame, layout = program.frame, program.frame.layout
    legs = layout.topology.leg_place
    several = {int(leg): row for row, leg in enumerate(layout.several)}
    for name, share in shares.legs.items():
        leg = legs[name]
        mine = np.flatnonzero(layout.flow_leg == leg)
        x_upper[:, mine] = _part(x_upper[:, mine], share[:, None])
        if leg in several:
            row = layout.row["leg"] + several[leg]
            r_upper[:, row] = _part(r_upper[:, row], share)
    streams = {name: i for i, name in enumerate(layout.topology.commodities)}
    for (name, stream), share in shares.embargo.items():
        mine = np.flatnonzero((layout.flow_leg == legs[name]) & (layout.flow_stream == streams[stream]))
        x_upper[:, mine] = _part(x_upper[:, mine], share[:, None])
    for place, name in enumerate(situation.system.groups):
        if name in shares.groups:
            r_upper[:, layout.row["group"] + place] *= shares.groups[name]
    minima = {int(field): row for row, field in enumerate(layout.minimum_fields)}
    for place, name in enumerate(situation.system.fields):
        if name in shares.fields:
            x_upper[:, frame.column["output"] + place] *= shares.fields[name]
            if place in minima:
                r_lower[:, layout.row["minimum"] + minima[place]] *= shares.fields[name]


def _part(limit: Floats, share: Floats) -> Floats:
    """Share of a limit; where there is none only a full closure cuts."""
    with np.errstate(invalid="ignore"):
        return np.where(share == 0.0, 0.0, limit * share)


def surge_limits(program: TemporalProgram, situation: Situation, start: Start, called: float) -> dict[int, Floats]:
    """What legs with a surge can take in each period, in the leg's own unit a period; leg -> shape (T,).

    usual + min(ceiling, rate x (days since called - delay)), averaged exactly over each period.
    """
    frame, layout, convert = program.frame, program.frame.layout, Conversion(situation.system)
    edges = frame.periods.edges
    limits = {}
    for place, leg in enumerate(situation.system.legs.values()):
        if leg.surge is None:
            continue
        mine = np.flatnonzero(layout.flow_leg == place)
        basis, streams = leg.basis or situation.system.basis, leg.carries or situation.system.streams
        usual = float(convert.to(basis)[layout.flow_stream[mine]] @ start.usual[mine])
        ceiling, rate = (
            figure.inner * convert.mean(basis, streams) / convert.mean(figure.basis, streams)
            if figure.basis != basis
            else figure.inner
            for figure in (leg.surge.ceiling, leg.surge.rate)
        )
        more = np.zeros(len(edges) - 1)
        if np.isfinite(called):
            since = np.maximum(edges - called - leg.surge.delay.inner, 0.0)
            full = ceiling / rate if rate else np.inf
            # Integral of the slope, and of the ceiling after it.
            climbed = np.minimum(since, full)
            more = np.diff(0.5 * rate * climbed**2 + (since - climbed) * ceiling)
        limits[place] = usual * frame.periods.days + more
    return limits


def _surge(
    program: TemporalProgram, situation: Situation, start: Start, called: float, x_upper: Floats, r_upper: Floats
) -> None:
    layout, convert = program.frame.layout, Conversion(situation.system)
    several = {int(leg): row for row, leg in enumerate(layout.several)}
    legs = list(situation.system.legs.values())
    for leg, limit in surge_limits(program, situation, start, called).items():
        mine = np.flatnonzero(layout.flow_leg == leg)
        factor = convert.to(legs[leg].basis or situation.system.basis)[layout.flow_stream[mine]]
        if leg in several:
            row = layout.row["leg"] + several[leg]
            r_upper[:, row] = np.minimum(r_upper[:, row], limit)
        elif len(mine):
            x_upper[:, mine] = np.minimum(x_upper[:, mine], limit[:, None] / factor)


def _freeze(program: TemporalProgram, x_upper: Floats, r_lower: Floats, r_upper: Floats) -> None:
    """After the plan nothing is produced, refined or promised; what is under way lands."""
    frame, planned = program.frame, program.frame.periods.planned
    for name in ("output", "intake", "shortage", "under"):
        x_upper[planned:, frame.block(name)] = 0.0
    r_lower[planned:, frame.rows("demand")] = r_upper[planned:, frame.rows("demand")] = 0.0
    r_lower[planned:, frame.rows("minimum")] = -np.inf
    r_lower[:, frame.rows("landing")] = r_upper[:, frame.rows("landing")] = 0.0


def _storage(
    program: TemporalProgram, situation: Situation, start: Start, stocks: str, x_upper: Floats, r_lower: Floats,
    r_upper: Floats,
) -> None:  # fmt: skip
    frame, planned = program.frame, program.frame.periods.planned
    system, nodes = situation.system, list(situation.system.nodes)
    weights = stock_weights(system, frame)
    for place, node in enumerate(frame.tanks):
        record = system.nodes[nodes[node]]
        if not isinstance(record, Terminal) or record.storage is None:
            continue
        capacity = record.storage.capacity.inner
        heel = capacity * (record.storage.heel.inner if record.storage.heel else 0.0)
        mine = np.flatnonzero(frame.stock_tank == place)
        held = float(weights[mine] @ start.reference[mine])
        row = frame.row["tank"] + place
        r_lower[:planned, row], r_upper[:planned, row] = min(heel, held) - held, capacity - held
        above = slice(frame.column["above"], frame.column["below"])
        x_upper[:planned, above][:, mine] = capacity / weights[mine]
    below = frame.block("below")
    x_upper[:planned, below] = start.reference
    if stocks != "cycle":
        # Before the first period tanks may differ from what they shall hold at the end.
        gap = start.stock - start.reference
        np.subtract.at(r_lower[0], frame.stock_row, gap)
        np.subtract.at(r_upper[0], frame.stock_row, gap)


def _arrivals(program: TemporalProgram, start: Start, under_way: str, r_lower: Floats, r_upper: Floats) -> None:
    """What left before the horizon began lands in it."""
    frame, layout = program.frame, program.frame.layout
    graph, cargoes = layout.topology, start.cargoes
    leg, stream = layout.flow_leg[frame.lagged], layout.flow_stream[frame.lagged]
    into = layout.balance_row[graph.head[leg], graph.becomes[leg, stream]]
    into[frame.waiting] = frame.row["landing"] + np.arange(len(frame.waiting))
    for which in np.unique(cargoes.which):
        mine = cargoes.which == which
        amount = cargoes.amount[mine] * program.gain[leg[which]]
        landed = landings(frame.periods.edges, float(frame.lag[which]), cargoes.begun[mine], cargoes.ended[mine],
                          amount, under_way)  # fmt: skip
        r_lower[:, into[which]] -= landed
        r_upper[:, into[which]] -= landed
    rows = frame.row["landing"] + np.arange(len(frame.waiting))
    r_lower[0, rows] -= start.afloat
    r_upper[0, rows] -= start.afloat


def _landing_limits(program: TemporalProgram, start: Start) -> Floats:
    """What may land in each period after the plan: what would on a usual day, so that nothing is gained at the end.

    Nobody competes for berths and tankers then, and what waits would find them empty. Shape (T - planned, waiting).
    """
    frame, edges = program.frame, program.frame.periods.edges
    columns = frame.lagged[frame.waiting]
    leg = frame.layout.flow_leg[columns]
    # Cargoes of the plan go on landing for as long as their oldest oil has been, and will be, on its way.
    until = edges[frame.periods.planned] + mean_ages(program, start.usual)[columns] + frame.lag[frame.waiting]
    begun, ended = edges[frame.periods.planned : -1, None], edges[frame.periods.planned + 1 :, None]
    days = np.clip(np.minimum(ended, until) - begun, 0.0, None)
    limits: Floats = days * start.usual[columns] * program.gain[leg]
    return limits


def _paces(
    program: TemporalProgram, situation: Situation, shares: Timeline, start: Start, upper: Floats, r_lower: Floats,
    r_upper: Floats,
) -> None:  # fmt: skip
    frame, planned = program.frame, program.frame.periods.planned
    days = frame.periods.days[:planned]
    gap = np.concatenate([days[:1], 0.5 * (days[1:] + days[:-1])])
    names, fields = list(situation.system.fields), list(situation.system.fields.values())
    outputs = upper[frame.layout.columns("output")]
    for offset, place in enumerate(frame.slow):
        share = shares.fields.get(names[place], np.ones(len(frame.periods)))[:planned]
        # What a closure of the field itself takes away is no turning down.
        drop = np.maximum(-np.diff(share, prepend=min(1.0, start.output[place] / (outputs[place] or 1.0))), 0.0)
        pace = fields[place].turn_down
        fall = outputs[place] * ((pace.inner if pace else 0.0) * gap + drop)
        r_lower[:planned, frame.row["turn_down"] + offset] = -fall
        r_lower[0, frame.row["turn_down"] + offset] += start.output[place]
    for offset, place in enumerate(frame.slow_back):
        pace = fields[place].restart
        r_upper[:planned, frame.row["restart"] + offset] = outputs[place] * (pace.inner if pace else 0.0) * gap
        r_upper[0, frame.row["restart"] + offset] += start.output[place]


def contract_dues(program: TemporalProgram, situation: Situation, shares: Timeline) -> Floats:
    """What is due of each contract in each period after force majeure, in the contract's unit; shape (contracts, T)."""
    system, days = situation.system, program.frame.periods.days
    dues = np.zeros((len(system.contracts), len(days)))
    for place, contract in enumerate(system.contracts.values()):
        left = np.ones(len(days))
        if contract.force_majeure:
            for name in (*contract.legs, *contract.through):
                left = np.minimum(left, _left(situation, shares, name, contract, len(days)))
        dues[place] = contract.volume.inner * left * days
    return dues


def _left(situation: Situation, shares: Timeline, name: str, contract: Contract, count: int) -> Floats:
    """Share of a leg that is left to a contract in each period; as in the programme of one period."""
    leg = situation.system.legs[name]
    if not situation.runs(name):
        return np.zeros(count)
    streams = list(leg.carries or situation.system.streams)
    if contract.commodities and name in contract.legs:
        streams = [stream for stream in streams if stream in contract.commodities]
    whole = np.ones(count)
    allowed = [shares.embargo.get((name, stream), whole) for stream in streams] or [whole]
    working = leg.availability.inner if leg.availability else 1.0
    left: Floats = working * shares.legs.get(name, whole) * np.max(allowed, axis=0)
    return left


def _stretches(
    program: TemporalProgram, situation: Situation, shares: Timeline, start: Start, upper: Floats,
    row_lower: Floats, row_upper: Floats,
) -> None:  # fmt: skip
    frame, layout = program.frame, program.frame.layout
    rows, _ = frame.after
    dues = contract_dues(program, situation, shares)
    under_way = _under_way(program, situation, start, dues)
    number = len(frame.contracts)
    by_day = frame.rows_by_period(row_lower)[:, frame.rows("contract")]
    by_day[:] = dues.T
    x_upper, planned = frame.by_period(upper)[:, frame.block("deficiency")], frame.periods.planned
    by_day[planned:], x_upper[planned:] = -np.inf, 0.0
    for place, bucket in enumerate(frame.contracts):
        row_lower[rows + place] = dues[bucket.place, bucket.periods[bucket.periods < planned]].sum()
        by_day[bucket.periods, bucket.place], x_upper[bucket.periods, bucket.place] = -np.inf, 0.0
        if bucket.periods[-1] >= planned - 1:
            row_lower[rows + place] += under_way[bucket.place]
        if bucket.number == 0 and frame.periods.edges[bucket.periods[0]] == frame.periods.edges[0]:
            # What was shipped beyond what was due, in the part of the stretch that is over.
            row_lower[rows + place] -= sum(ahead for which, ahead in start.begun if which == bucket.place)
        row_lower[rows + number + place] = 0.0
    by_period = frame.rows_by_period(row_upper)
    for place, bucket in enumerate(frame.quotas):
        row = layout.row["group"] + bucket.place
        row_upper[rows + 2 * number + place] = by_period[bucket.periods, row].sum()
    for bucket in frame.quotas:
        by_period[bucket.periods, layout.row["group"] + bucket.place] = np.inf


def _under_way(program: TemporalProgram, situation: Situation, start: Start, dues: Floats) -> Floats:
    """What is due of each contract for the oil that is on its way to it at the end, in the contract's unit.

    What lands after the end counts; on a usual day that is the inflow times its mean age. As much is asked of it as
    of the inflow of the last day, so that nothing is gained or lost at the end.
    """
    system, single, frame = situation.system, program.single, program.frame
    asked = np.zeros(len(system.contracts))
    if len(frame.periods) == frame.periods.planned or not len(asked):
        return asked
    age = mean_ages(program, start.usual)
    columns = frame.layout.columns("flow").stop
    for place, contract in enumerate(system.contracts.values()):
        row = frame.layout.row["contract"] + place
        mine = (single.index == row) & (single.column_of_entry < columns)
        inflow = single.value[mine] * start.usual[single.column_of_entry[mine]]
        last = dues[place, frame.periods.planned - 1] / frame.periods.days[frame.periods.planned - 1]
        usual = float(inflow.sum())
        if usual > 0.0 and contract.volume.inner > 0.0:
            asked[place] = min(1.0, last / usual) * float(inflow @ age[single.column_of_entry[mine]])
    return asked
