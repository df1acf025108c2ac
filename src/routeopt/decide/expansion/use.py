"""How full an option is, and what a tonne on it must pay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from routeopt.program import Bounds
from routeopt.program.conversion import Conversion
from routeopt.system import Quantity

if TYPE_CHECKING:
    import pandas

    from routeopt.decide.expansion.plan import ExpansionPlan

__all__ = ["tariffs", "utilisation"]

Floats = NDArray[np.float64]


def _flows(plan: ExpansionPlan, place: int) -> tuple[Floats, Floats, list[str]]:
    """Flow and capacity of every option in every state, inner units a day of the system, shape (options, S)."""
    ledger, states = plan._ledger, plan._ledger.states
    sizes = ledger.choices[place]
    optimum = plan._model is not None and plan._found is not None and place == plan._chosen
    if optimum and plan._model is not None and plan._found is not None:
        several: list[Bounds] = plan._model.at(plan._found.x)
    else:
        several = states.bounds(sizes)
    legs = [option.leg for option in plan._setup.options if option.leg in sizes]
    flow, capacity = np.zeros((len(legs), len(several))), np.zeros((len(legs), len(several)))
    first = 0
    for source, bounds in states.split(several):
        layout = source.program.layout
        _, x = source.solve_bounds(bounds, sizes, flows=True)
        convert = Conversion(source.situation(sizes).system)
        for k, leg in enumerate(legs):
            mine = np.flatnonzero(layout.flow_leg == layout.topology.leg_place[leg])
            flow[k, first : first + len(bounds)] = x[:, mine].sum(axis=1)
            counted = convert.to(sizes[leg].basis)[layout.flow_stream[mine]]
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
        first += len(bounds)
    small = 1e-9 * max(1.0, float(flow.max(initial=0.0)))
    return np.where(np.abs(flow) < small, 0.0, flow), capacity, legs


def utilisation(plan: ExpansionPlan, build: Mapping[str, str | Quantity] | None) -> pandas.DataFrame:
    """See `ExpansionPlan.utilisation`."""
    import pandas

    place = plan._place(build)
    flow, capacity, legs = _flows(plan, place)
    ledger, scale = plan._ledger, plan._scales.flow
    gained = ledger.values[place, :, 0] - ledger.values[0, :, 0]
    gained = np.where(np.abs(gained) < 1e-7 * max(ledger.target, 1e-12), 0.0, gained)
    rerouted = np.maximum(flow.sum(axis=0) - np.maximum(gained, 0.0), 0.0)
    rerouted = np.where(rerouted < 1e-7 * max(ledger.target, 1e-12), 0.0, rerouted)
    names = plan._state_names
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(capacity > 0, flow / capacity, np.nan)
    return pandas.DataFrame(
        {
            "probability": np.tile(ledger.states.probability, len(legs)),
            "flow": flow.ravel() / scale,
            "capacity": capacity.ravel() / scale,
            "utilisation": share.ravel(),
            "gained": np.tile(gained / scale, len(legs)),
            "rerouted": np.tile(rerouted / scale, len(legs)),
        },
        index=pandas.MultiIndex.from_product([legs, names], names=["leg", "state"]),
    )


def tariffs(plan: ExpansionPlan, build: Mapping[str, str | Quantity] | None) -> pandas.DataFrame:
    """See `ExpansionPlan.tariffs`."""
    import pandas

    place = plan._place(build)
    flow, capacity, legs = _flows(plan, place)
    ledger = plan._ledger
    p, first = ledger.states.probability, len(ledger.states.base)
    options = {option.leg: option for option in plan._setup.options}
    sizes = ledger.choices[place]
    annuity = np.array([options[leg].capital_of(sizes[leg].inner) for leg in legs])
    usual = flow[:, :first] @ ledger.states.base
    expected, full = flow @ p, capacity.max(axis=1, initial=0.0)
    gained = float((ledger.values[place, :, 0] - ledger.values[0, :, 0]) @ p)
    some = gained > 1e-7 * max(ledger.target, 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        return pandas.DataFrame(
            {
                "capital": annuity * plan._scales.money,
                "size": full / plan._scales.flow,
                "expected_flow": expected / plan._scales.flow,
                "base_flow": usual / plan._scales.flow,
                "at_full": annuity / full,
                "at_expected": annuity / expected,
                "at_base": annuity / usual,
                "per_gained": np.full(len(legs), annuity.sum() / gained if some else np.inf),
            },
            index=pandas.Index(legs, name="leg"),
        )
