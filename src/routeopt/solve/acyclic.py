"""The most that can flow without going round in circles.

Where a loop of legs costs nothing, the optimal face holds flows that circulate, and the largest flow of a
leg in it means nothing. A flow without cycles is one that decomposes into ways from fields to buyers. If
the largest flow found has a cycle, the question is put again with an order of the states that every flow
must respect (a mixed-integer programme over the loops alone).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routeopt.errors import CertificateError, InfeasibleError, UnboundedError
from routeopt.program import Bounds
from routeopt.program.extend import with_rows
from routeopt.solve.highs import Session
from routeopt.solve.region import Region

__all__ = ["loops", "most_without_cycles"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def most_without_cycles(region: Region, session: Session, weights: Floats) -> float:
    """Largest value of ``weights x`` over the flows of a region that have no cycle."""
    bounded = _capped(region)
    try:
        value, x = region.most(session, weights)
    except UnboundedError:
        region = bounded
        value, x = region.most(region.session(), weights)
    if not len(loops(region, x > 1e-9 * region.bounds.unit)):
        return value
    try:
        return _ordered(bounded, weights, loops(bounded, bounded.bounds.upper > 0))
    except InfeasibleError:  # a loop that earns money is part of every optimum and not a matter of taste
        return value


def _capped(region: Region) -> Region:
    """No leg carries more than all fields produce, unless it goes round."""
    layout = region.solved.program.layout
    total = float(region.solved.bounds.upper[layout.columns("output")].sum())
    upper = region.bounds.upper.copy()
    flow = layout.columns("flow")
    upper[flow] = np.minimum(upper[flow], np.maximum(total, region.bounds.lower[flow]))
    bounds = Bounds(region.bounds.lower, upper, region.bounds.row_lower, region.bounds.row_upper, region.bounds.unit)
    return Region(region.solved, region.program, bounds, region.slack)


def loops(region: Region, open_columns: NDArray[np.bool_]) -> Ints:
    """Flow columns that lie on a directed cycle of states through open columns."""
    layout = region.solved.program.layout
    graph, count = layout.topology, len(layout.flow_leg)
    width = len(graph.commodities)
    tail = graph.tail[layout.flow_leg] * width + layout.flow_stream
    head = graph.head[layout.flow_leg] * width + graph.becomes[layout.flow_leg, layout.flow_stream]
    alive = open_columns[:count].copy()
    # Peel off what nothing enters or leaves; what stays lies on cycles or between them.
    while True:
        entered, left = np.unique(head[alive]), np.unique(tail[alive])
        keep = alive & np.isin(tail, entered) & np.isin(head, left)
        if (keep == alive).all():
            return np.flatnonzero(alive)
        alive = keep


def _ordered(region: Region, weights: Floats, inside: Ints) -> float:
    """Maximise with binaries: a column of a loop flows only if its head comes after its tail."""
    program, bounds = region.program, region.bounds
    layout = region.solved.program.layout
    graph, width = layout.topology, len(layout.topology.commodities)
    tail = graph.tail[layout.flow_leg[inside]] * width + layout.flow_stream[inside]
    head = (
        graph.head[layout.flow_leg[inside]] * width + graph.becomes[layout.flow_leg[inside], layout.flow_stream[inside]]
    )
    states = np.unique(np.concatenate([tail, head]))
    n, k, s = program.shape[1], len(inside), len(states)
    used, place = n + np.arange(k), n + k + np.arange(s)
    rows: list[tuple[Ints, Floats]] = []
    lower: list[float] = []
    upper: list[float] = []
    for i, column in enumerate(inside):
        limit = float(bounds.upper[column])
        rows.append((np.array([column, used[i]]), np.array([1.0, -limit])))  # x <= limit z
        lower.append(-np.inf)
        upper.append(0.0)
        a, b = np.searchsorted(states, [tail[i], head[i]])
        rows.append((np.array([place[b], place[a], used[i]]), np.array([1.0, -1.0, -float(s)])))
        lower.append(1.0 - s)  # p_head - p_tail >= 1 - s (1 - z)
        upper.append(np.inf)
    extended = with_rows(program, rows, n + k + s)
    # Binaries are counted as they are, so everything is: the unit is one.
    new = Bounds(
        np.concatenate([bounds.lower, np.zeros(k + s)]),
        np.concatenate([bounds.upper, np.ones(k), np.full(s, float(s))]),
        np.concatenate([bounds.row_lower, lower]),
        np.concatenate([bounds.row_upper, upper]),
    )
    whole = np.zeros(n + k + s, bool)
    whole[used] = True
    cost = np.concatenate([-weights, np.zeros(k + s)])
    point = Session(extended, new, whole).minimise(cost).x
    # What the binaries allow is proven as a linear programme.
    allowed = bounds.upper.copy()
    allowed[inside[point[used] < 0.5]] = 0.0
    fixed = Bounds(bounds.lower, allowed, bounds.row_lower, bounds.row_upper, bounds.unit)
    ordered = Region(region.solved, program, fixed, region.slack)
    value, _ = ordered.most(ordered.session(), weights)
    if value < -float(cost @ point) - 1e-6 * max(1.0, abs(value)):
        raise CertificateError("the largest flow without cycles is not confirmed")
    return value
