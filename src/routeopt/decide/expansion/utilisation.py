"""How full an option is, and what a tonne on it must pay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from routeopt.arrays import Floats
from routeopt.decide.expansion.options import Sizes
from routeopt.decide.expansion.outcomes import Source
from routeopt.decide.expansion.solve import Solution
from routeopt.model import Bounds
from routeopt.model.conversion import Conversion
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import proven
from routeopt.system import Quantity

if TYPE_CHECKING:
    import pandas

__all__ = ["tariffs", "utilisation"]


def _flows(solution: Solution, place: int) -> tuple[Floats, Floats, Floats, list[str]]:
    """Flow and capacity of every option in every state, shape (options, S), and what is re-routed in each state;
    inner units a day of the system."""
    ledger, states = solution.ledger, solution.ledger.states
    sizes = ledger.choices[place]
    if solution.model is not None and solution.found is not None and place == solution.chosen:
        several: list[Bounds] = solution.model.at(solution.found.x)
    else:
        several = states.bounds(sizes)
    legs = [option.leg for option in solution.setup.options if option.leg in sizes]
    flow, capacity = np.zeros((len(legs), len(several))), np.zeros((len(legs), len(several)))
    moved = np.zeros(len(several))
    first = 0
    for source, bounds in states.split(several):
        layout = source.program.layout
        _, x = source.solve_bounds(bounds, sizes, flows=True)
        convert = Conversion(source.situation(sizes).system)
        for k, leg in enumerate(legs):
            mine = np.flatnonzero(layout.flow_leg == layout.topology.leg_place[leg])
            if not len(mine):  # nothing can reach it: its columns are gone, what is built stands all the same
                capacity[k, first : first + len(bounds)] = _unreached(source, convert, sizes, leg)
                continue
            flow[k, first : first + len(bounds)] = x[:, mine].sum(axis=1)
            counted = convert.to(sizes[leg].measured_by)[layout.flow_stream[mine]]
            for s, one in enumerate(bounds):
                row = np.flatnonzero(layout.several == layout.topology.leg_place[leg])
                if len(row):
                    limit = float(one.row_upper[layout.row["leg"] + row[0]])
                    # A capacity in barrels of several streams: in tonnes of what flows, or of their mean.
                    use = float(x[s, mine] @ counted)
                    each = use / x[s, mine].sum() if x[s, mine].sum() > 0 else float(np.mean(counted))
                    capacity[k, first + s] = limit / each
                else:
                    capacity[k, first + s] = float(one.upper[mine].sum())
        _, before = source.solve_bounds(source.bounds({}), {}, flows=True)
        moved[first : first + len(bounds)] = _rerouted(source, legs, x, before)
        first += len(bounds)
    small = 1e-9 * max(1.0, float(flow.max(initial=0.0)))
    return np.where(np.abs(flow) < small, 0.0, flow), capacity, moved, legs


def _unreached(source: Source, convert: Conversion, sizes: Sizes, leg: str) -> float:
    """Capacity of an option that no stream can reach."""
    situation = source.situation(sizes)
    record, built = situation.system.legs[leg], sizes[leg]
    stands = record.nominal if record.status == "operating" else 0.0
    streams = record.commodities or situation.system.streams
    whole = (stands + built.inner) / convert.mean(built.measured_by, streams)
    return whole * situation.legs.get(leg, 1.0)


def _rerouted(source: Source, legs: list[str], x: Floats, before: Floats) -> Floats:
    """Barrels that leave through what is built although they left without it, state by state.

    What can leave without it is a flow within the one that there is, which uses no option beyond what the leg carried
    before. The most of it, by one program, leaves the fewest barrels that must have gone through an option, each
    counted once however many options it crosses.
    """
    program, layout = source.program, source.program.layout
    cost = np.zeros(program.shape[1])
    cost[layout.columns("delivery")] = -1.0
    at_options = np.isin(layout.flow_leg, [layout.topology.leg_place[leg] for leg in legs]).nonzero()[0]
    states = layout.row["leg"]
    low, high = source.base.row_lower.copy(), source.base.row_upper.copy()
    low[states:], high[states:] = -np.inf, np.inf
    left, had = -(x @ cost), -(before @ cost)
    noise = 1e-7 * max(source.base.unit, float(had.max(initial=0.0)))
    upper = np.maximum(x, 0.0)
    upper[:, at_options] = np.minimum(upper[:, at_options], np.maximum(before[:, at_options], 0.0))
    apart, session, known = left.copy(), None, dict[bytes, float]()
    for s in np.flatnonzero(((x - upper) > noise).any(axis=1)).tolist():
        key = upper[s].tobytes()
        if key not in known:
            bounds = Bounds(np.zeros(len(cost)), upper[s], low, high, source.base.unit)
            if session is None:
                session = Session(program, bounds)
            else:
                session.set_bounds(bounds)
            solution, _, _ = proven(program, bounds, cost, session, "what leaves without the options")
            known[key] = -float(cost @ solution.x)
        apart[s] = known[key]
    found = np.minimum(left, had) - apart
    return np.where(found > noise, found, 0.0)


def utilisation(solution: Solution, build: Mapping[str, str | Quantity] | None) -> pandas.DataFrame:
    """See `ExpansionPlan.utilisation`."""
    import pandas

    place = solution.place(build)
    flow, capacity, rerouted, legs = _flows(solution, place)
    ledger, scale = solution.ledger, solution.scales.flow
    gained = ledger.values[place, :, 0] - ledger.values[0, :, 0]
    gained = np.where(np.abs(gained) < 1e-7 * max(ledger.target, 1e-12), 0.0, gained)
    names = solution.state_names
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(capacity > 0, flow / capacity, np.nan)
    return pandas.DataFrame(
        {
            "probability": np.tile(ledger.states.probability, len(legs)),
            "flow": flow.ravel() / scale,
            "capacity": capacity.ravel() / scale,
            "utilisation": share.ravel(),
            "incremental_exports": np.tile(gained / scale, len(legs)),
            "rerouted": np.tile(rerouted / scale, len(legs)),
        },
        index=pandas.MultiIndex.from_product([legs, names], names=["leg", "outcome"]),
    )


def tariffs(solution: Solution, build: Mapping[str, str | Quantity] | None) -> pandas.DataFrame:
    """See `ExpansionPlan.tariffs`."""
    import pandas

    place = solution.place(build)
    flow, capacity, _, legs = _flows(solution, place)
    ledger = solution.ledger
    p, first = ledger.states.probability, len(ledger.states.base)
    options = {option.leg: option for option in solution.setup.options}
    sizes = ledger.choices[place]
    annuity = np.array([options[leg].capital_of(sizes[leg].inner) for leg in legs])
    usual = flow[:, :first] @ ledger.states.base
    expected, full = flow @ p, capacity.max(axis=1, initial=0.0)
    gained = float((ledger.values[place, :, 0] - ledger.values[0, :, 0]) @ p)
    some = gained > 1e-7 * max(ledger.target, 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        return pandas.DataFrame(
            {
                "capital": annuity * solution.scales.money,
                "size": full / solution.scales.flow,
                "expected_flow": expected / solution.scales.flow,
                "base_flow": usual / solution.scales.flow,
                "full_utilisation": annuity / full,
                "expected_case": annuity / expected,
                "base_case": annuity / usual,
                "per_incremental_export": np.full(len(legs), annuity.sum() / gained if some else np.inf),
            },
            index=pandas.Index(legs, name="leg"),
        )
