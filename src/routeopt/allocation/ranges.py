"""What is certain: least and most of each flow over all answers that are as good, or nearly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from routeopt.allocation.trajectory import Trajectory, destinations_of, route_names
from routeopt.arrays import Floats
from routeopt.errors import InputError, did_you_mean
from routeopt.solve.acyclic import most_without_cycles
from routeopt.solve.cycles import refuse_circles
from routeopt.solve.engine import Solved
from routeopt.solve.highs import Session
from routeopt.solve.near_optimal import Region, must_be_optimal, near_optimal
from routeopt.solve.quadratic_range import least_sum_of_squares, most_sum_of_squares
from routeopt.solve.rolling_horizon import SolvedHorizon
from routeopt.system import ExportSystem

__all__ = ["concentration", "flow_ranges", "route_weights", "weights_of"]


_CLOSE = 1e-4
"""So far outside of its true range an index of concentration over a horizon may be: each step solves all of it."""


def flow_ranges(
    of: Solved | Trajectory,
    scale: float,
    slack: str | float = 0.0,
    sums: Mapping[str, Iterable[str]] | None = None,
    kinds: Iterable[str] = ("route", "leg", "market"),
) -> pd.DataFrame:
    """See `Allocation.flow_ranges`; ``scale``: inner units a day in one unit of flow."""
    solved = of.solved if isinstance(of, Trajectory) else of
    region = near_optimal(solved, slack)
    names = _names(solved.situation.system)
    wanted: list[tuple[str, str, Floats, float]] = []
    for kind in kinds:
        if kind not in names:
            raise InputError(f"unknown kind of range {kind!r}; {did_you_mean(kind, names)}")
        wanted += [(kind, name, *_weights(of, kind, name)) for name in names[kind]]
    wanted += [("sum", name, *_sum(of, members)) for name, members in (sums or {}).items()]
    rows = []
    session = region.session()
    for kind, name, weights, shift in wanted:
        flow = float(weights @ solved.x) + shift
        low, high = (end + shift for end in _ends(region, session, weights))
        # The optimum itself lies inside; what says otherwise is the last digit.
        ends = min(low, flow), flow, max(high, flow)
        rows.append((kind, name, *(value / scale + 0.0 for value in ends)))
    frame = pd.DataFrame(rows, columns=["kind", "id", "low", "flow", "high"]).set_index(["kind", "id"])
    return frame.assign(width=frame["high"] - frame["low"])


def _ends(region: Region, session: Session, weights: Floats) -> tuple[float, float]:
    """Least and most of a sum; in one period without what goes round in circles."""
    if not isinstance(region.solved, Solved):
        points = [region.least(session, sign * weights)[1] for sign in (1.0, -1.0)]
        return float(weights @ points[0]), float(weights @ points[1])
    # Where circles would fulfil a contract, what is saved by that may not be spent on other ways.
    circular = region.solved.circular
    low = -most_without_cycles(region, session, -weights) if circular else region.least(session, weights)[0]
    return low, most_without_cycles(region, session, weights)


def concentration(of: Solved | Trajectory, slack: str | float) -> pd.DataFrame:
    """See `Allocation.concentration`."""
    solved: Solved | SolvedHorizon
    if isinstance(of, Trajectory):
        solved, size = of.solved, 1e-9 * of.solved.bounds.unit / of.layout.periods.total
        if of.solved.best:
            must_be_optimal(of.solved)
        found = [_weights(of, "route", name) for name in of.routes]
        routes, rest = np.array([weights for weights, _ in found]), np.array([shift for _, shift in found])
        volumes = routes @ solved.x + rest if found else rest
    else:
        solved, size = of, 0.0
        routes = destinations_of(of.situation.system, of.program).weights(of.x)
        volumes, rest = routes @ of.x, np.zeros(len(routes))
    total = float(volumes.sum())
    if total <= size:
        return _index_of_shares(float("nan"))
    value = float(((volumes / total) ** 2).sum())
    if not solved.optimal:  # around an alternative there is no region of equals
        return _index_of_shares(value)
    forms = routes / total, rest / total
    if isinstance(of, Solved):
        # Shares of what the routes carry in the allocation shown; with volume held the sum hardly moves.
        refuse_circles(of.circular, "the range of a concentration")
        region = near_optimal(of, slack)
        low = least_sum_of_squares(region.program, region.bounds, *forms, of.x)
        return _index_of_shares(value, low, most_sum_of_squares(region.program, region.bounds, *forms))
    region = near_optimal(solved, slack)
    # What leaves within the horizon is not held, only what leaves in all: shares are at most of the least that leaves
    # and at least of the most.
    least, most = (end / total + float(rest.sum()) / total
                   for end in _ends(region, region.session(), routes.sum(axis=0)))  # fmt: skip
    low = least_sum_of_squares(region.program, region.bounds, *forms, solved.x, _CLOSE) / max(1.0, most) ** 2
    high = most_sum_of_squares(region.program, region.bounds, *forms, _CLOSE) / min(1.0, least) ** 2
    return _index_of_shares(value, low, high)


def _index_of_shares(value: float, low: float = np.inf, high: float = -np.inf) -> pd.DataFrame:
    """A Herfindahl-Hirschman index and its range, and the number of routes that it stands for."""
    low, high = min(value, low), max(value, high)
    rows = [(value, low, high), (1 / value, 1 / high, 1 / low)]
    return pd.DataFrame(rows, ["hhi", "effective_routes"], ["value", "low", "high"])


def _names(system: ExportSystem) -> dict[str, list[str]]:
    return {"route": list(route_names(system)), "leg": list(system.legs), "market": list(system.markets)}


def _weights(of: Solved | Trajectory, kind: str, name: str) -> tuple[Floats, float]:
    """Weights over the columns that add up to a flow, and what they leave out since it left before the horizon."""
    return _mean_weights(of, kind, name) if isinstance(of, Trajectory) else (weights_of(of, kind, name), 0.0)


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


def _mean_weights(trajectory: Trajectory, kind: str, name: str) -> tuple[Floats, float]:
    """As `weights_of`, for the mean day."""
    layout, solved = trajectory.layout, trajectory.solved
    system, days = solved.situation.system, layout.periods.total
    shown = layout.periods.reported
    weights = np.zeros(solved.program.shape[1])
    by_period = layout.by_period(weights)
    if kind == "leg":
        by_period[:shown, np.flatnonzero(layout.flow_leg == layout.topology.leg_place[name])] = 1.0 / days
        return weights, 0.0
    if kind == "market":
        mine = layout.delivery_market == list(system.markets).index(name)
        by_period[:, layout.columns("delivery").start + np.flatnonzero(mine)] = 1.0 / days  # whenever it lands
        value = float(trajectory.left[mine].sum()) / days
        return weights, value - float(weights @ solved.x)
    found = trajectory.exports.destinations
    place, width = found.names.index(name), layout.column["landed"]
    if found.refined:  # refineries beyond the markers keep the mix that they have in each period of this plan
        mixed = np.array([found.weights(x)[place] for x in trajectory.x[:shown, :width]])
    else:
        mixed = found.weights(trajectory.x[0, :width])[place]
    by_period[:shown, :width] = mixed / days
    by_period[:shown, layout.columns("flow")] *= trajectory.exports.landing[:shown]
    value = float(np.sum(trajectory.routes[name][:shown])) / days
    return weights, value - float(weights @ solved.x)


def _sum(of: Solved | Trajectory, members: Iterable[str]) -> tuple[Floats, float]:
    """Weights of a sum of legs, routes and markets; a leg goes before a route of the same name."""
    solved = of.solved if isinstance(of, Trajectory) else of
    names = _names(solved.situation.system)
    known = {name: kind for kind in ("market", "route", "leg") for name in names[kind]}
    weights, shift = np.zeros(solved.program.shape[1]), 0.0
    for name in [members] if isinstance(members, str) else members:
        if name not in known:
            raise InputError(f"unknown leg, route or market {name!r}; {did_you_mean(name, known)}")
        more, apart = _weights(of, known[name], name)
        weights, shift = weights + more, shift + apart
    return weights, shift
