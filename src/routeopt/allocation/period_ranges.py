"""What is certain of a horizon: least and most of mean flows over all plans that are as good, or nearly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routeopt.allocation.exposure import index_of_shares
from routeopt.allocation.trajectory import Reading
from routeopt.errors import InputError, did_you_mean
from routeopt.model import Bounds, Program
from routeopt.model.sparse import with_row
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import face, proven
from routeopt.solve.near_optimal import read_slack
from routeopt.solve.quadratic_range import least_sum_of_squares, most_sum_of_squares

__all__ = ["concentration", "flow_ranges"]

Floats = NDArray[np.float64]

_CLOSE = 1e-4
"""So far outside of its true range an index of concentration may be: each step is a programme of the whole horizon."""


def flow_ranges(
    reading: Reading,
    scale: float,
    slack: str | float,
    sums: Mapping[str, Iterable[str]] | None,
    kinds: Iterable[str],
) -> pd.DataFrame:
    """See `HorizonAllocation.flow_ranges`; ``scale``: inner units a day in one unit of flow."""
    program, bounds = _region(reading, slack)
    session = Session(program, bounds)
    session.simplex(primal=True)
    rows = []
    for kind, name, weights, shift in _wanted(reading, sums, kinds):
        low = _end(program, bounds, session, weights, 1.0) + shift
        high = _end(program, bounds, session, -weights, -1.0) + shift
        value = float(weights @ reading.course.x) + shift
        low, high = min(low, value), max(high, value)
        rows.append((kind, name, low / scale, value / scale, high / scale, (high - low) / scale))
    return pd.DataFrame(rows, columns=["kind", "id", "low", "flow", "high", "width"]).set_index(["kind", "id"])


def concentration(reading: Reading, slack: str | float) -> pd.DataFrame:
    """See `HorizonAllocation.concentration`."""
    x, days = reading.course.x, reading.frame.periods.total
    found = [_weights(reading, "route", name) for name in reading.routes]
    weights, rest = np.array([form for form, _ in found]), np.array([shift for _, shift in found])
    volumes = weights @ x + rest
    total = float(volumes.sum())
    if total <= 1e-9 * reading.course.bounds.unit / days:
        return index_of_shares(float("nan"))
    program, bounds = _region(reading, slack)
    session = Session(program, bounds)
    session.simplex(primal=True)
    # What leaves within the horizon is not held, only what leaves in all: shares are at most of the least that leaves
    # and at least of the most.
    whole = weights.sum(axis=0)
    least, most = (
        sign * _end(program, bounds, session, sign * whole, sign) / total + float(rest.sum()) / total
        for sign in (1.0, -1.0)
    )
    forms = weights / total, rest / total
    low = least_sum_of_squares(program, bounds, *forms, x, _CLOSE) / max(1.0, most) ** 2
    high = most_sum_of_squares(program, bounds, *forms, _CLOSE) / min(1.0, least) ** 2
    return index_of_shares(float(((volumes / total) ** 2).sum()), low, high)


def _region(reading: Reading, slack: str | float) -> tuple[Program, Bounds]:
    """Plans of the whole horizon that are as good in all that comes before money, and cost little more."""
    course = reading.course
    program, answer, held = course.program, course.answer, course.held
    stages = course.stages()
    money = dict(stages)["money"]
    for name, cost in takewhile(lambda stage: stage[0] != "money", stages):
        if name in answer.duals:
            held = face(program, held, cost, answer.duals[name])
    spending = course.prepared.objectives.spending
    spent = float(np.abs(spending * answer.x[: len(spending)]).sum())
    limit = float(money @ answer.x) + read_slack(slack) * spent + 1e-9 * max(held.unit, spent)
    return with_row(program, held, money, -np.inf, limit)


def _end(program: Program, bounds: Bounds, session: Session, weights: Floats, sign: float) -> float:
    solution, _, _ = proven(program, bounds, weights, session, "range")
    return sign * float(weights @ solution.x)


def _wanted(
    reading: Reading, sums: Mapping[str, Iterable[str]] | None, kinds: Iterable[str]
) -> Iterator[tuple[str, str, Floats, float]]:
    """Kind, name, weights over the columns, and what the weights leave out since it left before."""
    system = reading.course.prepared.situation.system
    known = {
        "route": list(reading.routes),
        "leg": list(system.legs),
        "market": list(system.markets),
    }
    for kind in kinds:
        if kind not in known:
            raise InputError(f"unknown kind {kind!r}; {did_you_mean(kind, known)}")
        for name in known[kind]:
            yield kind, name, *_weights(reading, kind, name)
    for title, parts in (sums or {}).items():
        total, shift = np.zeros(reading.course.program.shape[1]), 0.0
        for part in parts:
            homes = [kind for kind, names in known.items() if part in names]
            if not homes:
                hint = did_you_mean(part, [name for names in known.values() for name in names])
                raise InputError(f"unknown leg, route or market {part!r}; {hint}")
            weights, more = _weights(reading, homes[0], part)
            total, shift = total + weights, shift + more
        yield "sum", title, total, shift


def _weights(reading: Reading, kind: str, name: str) -> tuple[Floats, float]:
    frame, prepared = reading.frame, reading.course.prepared
    system, layout, days = prepared.situation.system, frame.layout, frame.periods.total
    shown = frame.periods.reported
    weights = np.zeros(reading.course.program.shape[1])
    by_period = frame.by_period(weights)
    if kind == "market":
        mine = layout.columns("delivery").start + np.flatnonzero(
            layout.delivery_market == list(system.markets).index(name)
        )
        by_period[:, mine] = 1.0 / days  # what left within the horizon, whenever it lands
        place = list(system.markets).index(name)
        value = float(reading.left[layout.delivery_market == place].sum()) / days
        return weights, value - float(weights @ reading.course.x)
    if kind == "leg":
        by_period[:shown, np.flatnonzero(layout.flow_leg == layout.topology.leg_place[name])] = 1.0 / days
        return weights, 0.0
    found = reading.exports.destinations
    place, width = found.names.index(name), layout.column["landed"]
    if found.refined:  # refineries beyond the markers keep the mix that they have in each period of this plan
        mixed = np.array([found.weights(x)[place] for x in reading.x[:shown, :width]])
    else:
        mixed = found.weights(reading.x[0, :width])[place]
    by_period[:shown, :width] = mixed / days
    by_period[:shown, layout.columns("flow")] *= reading.exports.landing[:shown]
    value = float(np.sum(reading.routes[name][:shown])) / days
    return weights, value - float(weights @ reading.course.x)
