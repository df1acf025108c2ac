"""What is certain: the range of a flow over all answers that are as good, or nearly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routeopt.allocation.tables import destinations_of, route_names
from routeopt.errors import InputError, did_you_mean
from routeopt.solve.acyclic import most_without_cycles
from routeopt.solve.engine import Solved
from routeopt.solve.highs import Session
from routeopt.solve.near_optimal import Region, near_optimal

__all__ = ["flow_ranges", "route_weights", "weights_of"]

Floats = NDArray[np.float64]


def flow_ranges(
    solved: Solved,
    scale: float,
    slack: str | float = 0.0,
    sums: Mapping[str, Iterable[str]] | None = None,
    kinds: Iterable[str] = ("route", "leg", "market"),
) -> pd.DataFrame:
    """See `Allocation.flow_ranges`."""
    region = near_optimal(solved, slack)
    wanted: dict[tuple[str, str], Floats] = {}
    system = solved.situation.system
    for kind in kinds:
        names = {"route": route_names(system), "leg": list(system.legs), "market": list(system.markets)}
        if kind not in names:
            raise InputError(f"unknown kind of range {kind!r}; {did_you_mean(kind, names)}")
        for name in names[kind]:
            wanted[kind, name] = weights_of(solved, kind, name)
    for name, members in (sums or {}).items():
        wanted["sum", name] = sum_weights(solved, members)
    rows = []
    session = region.session()
    for (kind, name), weights in wanted.items():
        low, high = _range(region, session, weights, solved.circular)
        flow = float(weights @ solved.answer.x)
        rows.append((kind, name, low / scale + 0.0, flow / scale + 0.0, high / scale + 0.0))
    frame = pd.DataFrame(rows, columns=["kind", "id", "low", "flow", "high"]).set_index(["kind", "id"])
    return frame.assign(width=frame["high"] - frame["low"])


def _range(region: Region, session: Session, weights: Floats, circular: bool) -> tuple[float, float]:
    # Where circles would fulfil a contract, what is saved by that may not be spent on other ways.
    low = -most_without_cycles(region, session, -weights) if circular else region.least(session, weights)[0]
    high = most_without_cycles(region, session, weights)
    # The optimum itself lies inside; what says otherwise is the last digit.
    flow = float(weights @ region.solved.x)
    return min(low, flow), max(high, flow)


def weights_of(solved: Solved, kind: str, name: str) -> Floats:
    """Weights over the columns that add up to the flow of a leg (inlet), a route (outlet) or a market."""
    layout, system = solved.program.layout, solved.situation.system
    weights = np.zeros(solved.program.shape[1])
    if kind == "market":
        place = list(system.markets).index(name)
        weights[layout.columns("delivery")][layout.delivery_market == place] = 1.0
        return weights
    if kind == "route":
        return route_weights(solved, name)
    weights[np.flatnonzero(layout.flow_leg == layout.topology.leg_place[name])] = 1.0
    return weights


def route_weights(solved: Solved, name: str) -> Floats:
    """Weights that add up to what a route exports; a refinery that several routes feed keeps its mix."""
    found = destinations_of(solved.situation.system, solved.program)
    weights: Floats = found.weights(solved.answer.x)[found.names.index(name)]
    return weights


def sum_weights(solved: Solved, members: Iterable[str]) -> Floats:
    """Weights of a sum of legs, routes and markets; a leg goes before a route of the same name."""
    system = solved.situation.system
    known: dict[str, str] = {
        **dict.fromkeys(system.markets, "market"),
        **dict.fromkeys(route_names(system), "route"),
        **dict.fromkeys(system.legs, "leg"),
    }
    weights = np.zeros(solved.program.shape[1])
    for name in [members] if isinstance(members, str) else members:
        if name not in known:
            raise InputError(f"unknown leg, route or market {name!r}; {did_you_mean(name, known)}")
        weights += weights_of(solved, known[name], name)
    return weights
