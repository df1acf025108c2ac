"""The most that can flow without going round in circles.

Where a loop of legs costs nothing, the optimal face holds flows that circulate, and the largest flow of a
leg in it means nothing. A flow without cycles is one that decomposes into ways from fields to buyers. If
the largest flow found has a cycle, the question is put again with an order of the states that the flow on that
cycle must respect (a mixed-integer program), until none is left.

Where going round pays, since a tariff is negative, the optimum itself has a cycle. Such a loop is part of the answer,
and stays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.errors import CertificateError, UnboundedError
from routeopt.model import Bounds, with_rows
from routeopt.solve.cycles import ends, loops
from routeopt.solve.highs import Session
from routeopt.solve.near_optimal import Region

__all__ = ["most_without_cycles"]

Ints = NDArray[np.intp]


def most_without_cycles(region: Region, session: Session, weights: Floats) -> float:
    """Largest value of ``weights x`` over the flows of a region that have no cycle."""
    dust, layout = 1e-9 * region.bounds.unit, region.solved.program.layout
    paying = loops(layout, region.solved.x > dust)
    bounded = _capped(region, paying)
    try:
        value, x = region.most(session, weights)
    except UnboundedError:
        value, x = bounded.most(bounded.session(), weights)
    inside = np.array([], np.intp)
    while True:
        # What is found again lies between loops that pay, and is ordered already.
        found = np.setdiff1d(loops(layout, x > dust), np.union1d(paying, inside))
        if not len(found):
            return value
        inside = np.union1d(inside, found)
        value, x = _ordered(bounded, weights, inside)


def _capped(region: Region, paying: Ints) -> Region:
    """No leg carries more than all fields produce, unless it goes round."""
    layout = region.solved.program.layout
    total = float(region.solved.bounds.upper[layout.columns("output")].sum())
    upper = region.bounds.upper.copy()
    flow = np.setdiff1d(np.arange(len(layout.flow_leg)), paying)
    upper[flow] = np.minimum(upper[flow], np.maximum(total, region.bounds.lower[flow]))
    bounds = Bounds(region.bounds.lower, upper, region.bounds.row_lower, region.bounds.row_upper, region.bounds.unit)
    return Region(region.solved, region.program, bounds, region.slack)


def _ordered(region: Region, weights: Floats, inside: Ints) -> tuple[float, Floats]:
    """Maximise with binaries: a column of a loop flows only if its head comes after its tail."""
    program, bounds, unit = region.program, region.bounds, region.bounds.unit
    tail, head = ends(region.solved.program.layout, inside)
    states = np.unique(np.concatenate([tail, head]))
    n, k, s = program.shape[1], len(inside), len(states)
    used, place = n + np.arange(k), n + k + np.arange(s)
    first, second = np.searchsorted(states, tail), np.searchsorted(states, head)
    rows: list[tuple[Ints, Floats]] = []
    for i, column in enumerate(inside):
        limit = float(bounds.upper[column]) / unit
        rows.append((np.array([column, used[i]]), np.array([1.0, -limit])))  # x <= limit z
        # p_head - p_tail >= 1 - s (1 - z)
        rows.append((np.array([place[second[i]], place[first[i]], used[i]]), np.array([1.0, -1.0, -float(s)])))
    extended = with_rows(program, rows, n + k + s)
    # Binaries are counted as they are, so flows are counted here in the unit that the solver would use.
    new = Bounds(
        np.concatenate([bounds.lower / unit, np.zeros(k + s)]),
        np.concatenate([bounds.upper / unit, np.ones(k), np.full(s, float(s))]),
        np.concatenate([bounds.row_lower / unit, np.tile([-np.inf, 1.0 - s], k)]),
        np.concatenate([bounds.row_upper / unit, np.tile([0.0, np.inf], k)]),
    )
    whole = np.zeros(n + k + s, bool)
    whole[used] = True
    cost = np.concatenate([-weights, np.zeros(k + s)])
    point = Session(extended, new, whole).incumbent(cost).point
    # What the binaries allow is proven as a linear program.
    allowed = bounds.upper.copy()
    allowed[inside[point[used] < 0.5]] = 0.0
    fixed = Bounds(bounds.lower, allowed, bounds.row_lower, bounds.row_upper, unit)
    ordered = Region(region.solved, program, fixed, region.slack)
    value, x = ordered.most(ordered.session(), weights)
    if value < -float(cost @ point) * unit - 1e-6 * max(unit, abs(value)):
        raise CertificateError("the largest flow without cycles is not confirmed")
    return value, x
