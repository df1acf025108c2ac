"""Bounds of the program of a horizon, from closures, tanks, surge and the initial state."""

from __future__ import annotations

import numpy as np

from routeopt.arrays import Floats
from routeopt.model.bounds import Bounds, bounds_of
from routeopt.model.formulate import Program, stock_weights
from routeopt.model.limits import Limits, owner_of
from routeopt.model.temporal.commitments import apply_commitments
from routeopt.model.temporal.initial_state import Start, mean_ages
from routeopt.model.temporal.surge import apply_surge
from routeopt.model.temporal.surge_calls import Calls
from routeopt.model.transit import landings
from routeopt.scenario.case import Situation
from routeopt.scenario.timeline import Timeline
from routeopt.system.nodes import Terminal

__all__ = ["temporal_bounds"]


def temporal_bounds(
    program: Program,
    situation: Situation,
    shares: Timeline,
    start: Start,
    calls: Calls,
    stocks: str = "keep",
    initial_in_transit: str = "usual",
    paces: bool = True,
) -> Bounds:
    """Compute the bounds of the program of a horizon.

    `situation` is the scenario without its closures, `shares` the shares in service under closures and maintenance.
    `stocks` and `initial_in_transit` are those of `Horizon`; without `paces` output has no ramp rates.
    """
    layout, single = program.layout, bounds_of(program.single, situation)
    planned = layout.periods.planned
    days = layout.periods.days[:, None]
    lower, upper = np.zeros(program.shape[1]), np.full(program.shape[1], np.inf)
    row_lower, row_upper = np.full(program.shape[0], -np.inf), np.full(program.shape[0], np.inf)
    x_upper = layout.by_period(upper)
    r_lower, r_upper = layout.rows_by_period(row_lower), layout.rows_by_period(row_upper)

    width, height = layout.column["landed"], layout.row["landing"]
    x_upper[:, :width] = single.upper[:width] * days
    r_lower[:, :height], r_upper[:, :height] = single.row_lower[:height] * days, single.row_upper[:height] * days
    _cut(program, situation, shares, x_upper, r_lower, r_upper)
    lasting = planned == 1 and not start.handed  # a single period stands for a steady state
    if not lasting:
        apply_surge(program, situation, start, calls.legs, x_upper, r_upper)
    _freeze(program, x_upper, r_lower, r_upper)
    _storage(program, situation, start, stocks, x_upper, r_lower, r_upper)
    _arrivals(program, start, initial_in_transit, r_lower, r_upper)
    if not lasting and paces:
        _paces(program, situation, shares, start, single.upper, r_lower, r_upper)
    apply_commitments(program, situation, shares, start, upper, row_lower, row_upper)
    for place, bucket in enumerate(layout.contracts):
        if bucket.number < 0:  # paid for before the horizon began
            column = layout.after[1] + place
            lower[column] = upper[column] = sum(
                left for which, ends, left in start.paid if (which, ends) == (bucket.place, bucket.ends)
            )
    x_upper[planned:, layout.column["above"] : layout.column["end"]] = 0.0
    if planned < len(layout.periods):
        x_upper[planned:, layout.columns("landed")] = _landing_limits(program, start)
    return Bounds(lower, upper, row_lower, row_upper, single.unit * float(layout.periods.days[:planned].mean()))


def _cut(
    program: Program, situation: Situation, shares: Timeline, x_upper: Floats, r_lower: Floats, r_upper: Floats
) -> None:
    """Cut limits by shares in service: the stream's, which includes the leg's, or else the owner's.

    An infinite limit stays infinite for any share above zero.
    """
    limits = Limits(program.single, situation)
    for key, share in shares.means.items():
        for limit in limits.of(owner_of(key)):
            if key != (limit.stream if limit.stream in shares.means else owner_of(key)):
                continue
            held = limits.side(limit, x_upper, r_lower, r_upper)
            with np.errstate(invalid="ignore"):
                held[:] = np.where(share == 0.0, 0.0, held * share)


def _freeze(program: Program, x_upper: Floats, r_lower: Floats, r_upper: Floats) -> None:
    """Stop production, refining and commitments after the plan; volumes in transit still land."""
    layout, planned = program.layout, program.layout.periods.planned
    for name in ("output", "intake", "shortage", "under"):
        x_upper[planned:, layout.columns(name)] = 0.0
    r_lower[planned:, layout.rows("demand")] = r_upper[planned:, layout.rows("demand")] = 0.0
    r_lower[planned:, layout.rows("minimum")] = -np.inf
    r_lower[:, layout.rows("landing")] = r_upper[:, layout.rows("landing")] = 0.0


def _storage(
    program: Program, situation: Situation, start: Start, stocks: str, x_upper: Floats, r_lower: Floats,
    r_upper: Floats,
) -> None:  # fmt: skip
    layout, planned = program.layout, program.layout.periods.planned
    system, nodes = situation.system, list(situation.system.nodes)
    weights = stock_weights(system, layout)
    for place, node in enumerate(layout.tanks):
        record = system.nodes[nodes[node]]
        if not isinstance(record, Terminal) or record.storage is None:
            continue
        capacity = record.storage.capacity.inner
        heel = capacity * (record.storage.heel.inner if record.storage.heel else 0.0)
        mine = np.flatnonzero(layout.stock_tank == place)
        held = float(weights[mine] @ start.reference[mine])
        row = layout.row["tank"] + place
        r_lower[:planned, row], r_upper[:planned, row] = min(heel, held) - held, capacity - held
        above = slice(layout.column["above"], layout.column["below"])
        x_upper[:planned, above][:, mine] = capacity / weights[mine]
    below = layout.columns("below")
    x_upper[:planned, below] = start.reference
    if stocks != "cycle":
        # Initial stocks may differ from the end target.
        gap = start.stock - start.reference
        np.subtract.at(r_lower[0], layout.stock_row, gap)
        np.subtract.at(r_upper[0], layout.stock_row, gap)


def _arrivals(program: Program, start: Start, initial_in_transit: str, r_lower: Floats, r_upper: Floats) -> None:
    """Land the cargoes that departed before the horizon."""
    layout = program.layout
    graph, cargoes = layout.topology, start.cargoes
    leg, stream = layout.flow_leg[layout.lagged], layout.flow_stream[layout.lagged]
    into = layout.balance_row[graph.head[leg], graph.becomes[leg, stream]]
    into[layout.waiting] = layout.row["landing"] + np.arange(len(layout.waiting))
    for which in np.unique(cargoes.which):
        mine = cargoes.which == which
        amount = cargoes.amount[mine] * program.gain[leg[which]]
        landed = landings(layout.periods.edges, float(layout.lag[which]), cargoes.begun[mine], cargoes.ended[mine],
                          amount, initial_in_transit)  # fmt: skip
        r_lower[:, into[which]] -= landed
        r_upper[:, into[which]] -= landed
    rows = layout.row["landing"] + np.arange(len(layout.waiting))
    r_lower[0, rows] -= start.afloat
    r_upper[0, rows] -= start.afloat


def _landing_limits(program: Program, start: Start) -> Floats:
    """Limit landings after the plan to those of a usual day, so that waiting for the end gains nothing.

    Berths and tankers are free then, since nothing else uses them. Shape (T - planned, waiting).
    """
    layout, edges = program.layout, program.layout.periods.edges
    columns = layout.lagged[layout.waiting]
    leg = layout.flow_leg[columns]
    # Cargoes of the plan land for the mean age of their oil plus their own transit time.
    until = edges[layout.periods.planned] + mean_ages(program, start.usual)[columns] + layout.lag[layout.waiting]
    begun, ended = edges[layout.periods.planned : -1, None], edges[layout.periods.planned + 1 :, None]
    days = np.clip(np.minimum(ended, until) - begun, 0.0, None)
    limits: Floats = days * start.usual[columns] * program.gain[leg]
    return limits


def _paces(
    program: Program, situation: Situation, shares: Timeline, start: Start, upper: Floats, r_lower: Floats,
    r_upper: Floats,
) -> None:  # fmt: skip
    layout, planned = program.layout, program.layout.periods.planned
    # Output ramps daily from the end of the period before: the mean over the days of this one.
    gap = 0.5 * (layout.periods.days[:planned] + 1.0)
    names, fields = list(situation.system.fields), list(situation.system.fields.values())
    output = layout.columns("output")
    outputs = upper[output]
    for offset, place in enumerate(layout.slow):
        share = shares.means.get(("field", names[place]), np.ones(len(layout.periods)))[:planned]
        # A closure of the field itself is not ramped; one that leaves its usual output does not count.
        usual, before = (one[place] / (outputs[place] or 1.0) for one in (start.usual[output], start.output))
        drop = np.where(share < usual * (1.0 - 1e-9), np.maximum(-np.diff(share, prepend=min(1.0, before)), 0.0), 0.0)
        pace = fields[place].ramp_down
        fall = outputs[place] * ((pace.inner if pace else 0.0) * gap + drop)
        r_lower[:planned, layout.row["ramp_down"] + offset] = -fall
        r_lower[0, layout.row["ramp_down"] + offset] += start.output[place]
    for offset, place in enumerate(layout.slow_back):
        pace = fields[place].ramp_up
        r_upper[:planned, layout.row["restart"] + offset] = outputs[place] * (pace.inner if pace else 0.0) * gap
        r_upper[0, layout.row["restart"] + offset] += start.output[place]
