"""What is certain of a horizon: least and most of mean flows over all plans that are as good, or nearly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routeopt.allocation.course import Reading
from routeopt.errors import InputError, did_you_mean
from routeopt.program import Bounds, Program
from routeopt.program.extend import with_row
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import face, proven
from routeopt.solve.region import read_slack

__all__ = ["flow_ranges"]

Floats = NDArray[np.float64]


def flow_ranges(
    reading: Reading,
    scale: float,
    slack: str | float,
    sums: Mapping[str, Iterable[str]] | None,
    kinds: Iterable[str],
) -> pd.DataFrame:
    """See `HorizonAllocation.flow_ranges`; ``scale``: inner units a day in one unit of flow."""
    course, prepared = reading.course, reading.course.prepared
    program, answer = prepared.program, course.answer
    held, money = course.bounds, prepared.objectives.money
    for name, cost in prepared.stages():
        if name in answer.duals and name != "money":
            held = face(program, held, cost, answer.duals[name])
    spent = float(np.abs(prepared.objectives.spending * answer.x).sum())
    limit = float(money @ answer.x) + read_slack(slack) * spent + 1e-9 * max(held.unit, spent)
    extended, bounds = with_row(program, held, money, -np.inf, limit)
    session = Session(extended, bounds)
    session.simplex(primal=True)
    rows = []
    for kind, name, weights, shift in _wanted(reading, sums, kinds):
        low = _end(extended, bounds, session, weights, 1.0) + shift
        high = _end(extended, bounds, session, -weights, -1.0) + shift
        value = float(weights @ answer.x) + shift
        low, high = min(low, value), max(high, value)
        rows.append((kind, name, low / scale, value / scale, high / scale, (high - low) / scale))
    return pd.DataFrame(rows, columns=["kind", "id", "low", "flow", "high", "width"]).set_index(["kind", "id"])


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
        total, shift = np.zeros(reading.course.prepared.program.shape[1]), 0.0
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
    weights = np.zeros(prepared.program.shape[1])
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
    place, width = found.names.index(name), layout.column["end"]
    if found.refined:  # refineries beyond the markers keep the mix that they have in each period of this plan
        mixed = np.array([found.weights(x)[place] for x in reading.x[:shown, :width]])
    else:
        mixed = found.weights(reading.x[0, :width])[place]
    by_period[:shown, :width] = mixed / days
    by_period[:shown, layout.columns("flow")] *= reading.exports.landing[:shown]
    value = float(np.sum(reading.routes[name][:shown])) / days
    return weights, value - float(weights @ reading.course.x)
