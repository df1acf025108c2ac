"""Least and most of a sum of squares of linear forms over a region, with linear programmes only.

The least is a convex programme: tangents are added until the model and the function agree. The most is not
convex: it is bounded from above by chords over intervals, which are halved until the bound is reached.
"""

from __future__ import annotations

import heapq
from itertools import count

import numpy as np
from numpy.typing import NDArray

from routeopt.errors import InfeasibleError
from routeopt.program import Bounds
from routeopt.program.extend import with_rows
from routeopt.solve.highs import Session
from routeopt.solve.region import Region

__all__ = ["least_sum_of_squares", "most_sum_of_squares"]

Floats = NDArray[np.float64]

_CLOSE = 1e-7


def _split(region: Region, forms: Floats) -> tuple[Region, NDArray[np.intp]]:
    """The region with one column for each form, so that the forms have bounds of their own."""
    program, bounds = region.program, region.bounds
    n, k = program.shape[1], len(forms)
    rows = []
    for place, form in enumerate(forms):
        columns = np.flatnonzero(form)
        values = form[columns]
        rows.append((np.append(columns, n + place).astype(np.intp), np.append(values, -1.0)))
    extended = with_rows(program, rows, n + k)
    new = Bounds(
        np.concatenate([bounds.lower, np.full(k, -np.inf)]),
        np.concatenate([bounds.upper, np.full(k, np.inf)]),
        np.concatenate([bounds.row_lower, np.zeros(k)]),
        np.concatenate([bounds.row_upper, np.zeros(k)]),
    )
    return Region(region.solved, extended, new, region.slack), np.arange(n, n + k)


def least_sum_of_squares(region: Region, forms: Floats) -> float:
    """Least value of sum_i (forms_i x)^2 over a region, to 1e-7.

    Parameters
    ----------
    forms : float array, shape (k, columns)
        Each a share, so that the values are of the order of one.
    """
    wide, at = _split(region, _padded(region, forms))
    best = np.inf
    cuts: list[Floats] = []
    n, k = wide.program.shape[1], len(at)
    point = region.solved.answer.x
    shares = _padded(region, forms) @ np.pad(point, (0, n - k - len(point)))
    for _ in range(500):
        best = min(best, float(shares @ shares))
        cuts.append(shares.copy())
        # sum t_i, t_i >= 2 s_i v_i - s_i^2 for every cut s
        rows = [(np.array([n + i, at[i]], np.intp), np.array([1.0, -2.0 * cut[i]])) for cut in cuts for i in range(k)]
        extended = with_rows(wide.program, rows, n + k)
        bounds = Bounds(
            np.concatenate([wide.bounds.lower, np.zeros(k)]),
            np.concatenate([wide.bounds.upper, np.full(k, np.inf)]),
            np.concatenate([wide.bounds.row_lower, *[-(cut**2) for cut in cuts]]),
            np.concatenate([wide.bounds.row_upper, np.full(k * len(cuts), np.inf)]),
        )
        cost = np.concatenate([np.zeros(n), np.ones(k)])
        solution = Session(extended, bounds).minimise(cost)
        if best - float(cost @ solution.x) <= _CLOSE:
            break
        shares = solution.x[at]
    return best


def most_sum_of_squares(region: Region, forms: Floats) -> float:
    """Largest value of sum_i (forms_i x)^2 over a region, to 1e-7, by branch and bound on the forms."""
    wide, at = _split(region, _padded(region, forms))
    session = Session(wide.program, wide.bounds)
    n = wide.program.shape[1]
    low, high = np.empty(len(at)), np.empty(len(at))
    for i, column in enumerate(at):
        weights = np.zeros(n)
        weights[column] = 1.0
        low[i], high[i] = session.minimise(weights).x[column], session.minimise(-weights).x[column]
    order = count()
    best = 0.0

    def bound(low: Floats, high: Floats) -> tuple[float, Floats] | None:
        """Chords over the intervals: an upper bound, and a point."""
        lower, upper = wide.bounds.lower.copy(), wide.bounds.upper.copy()
        lower[at], upper[at] = low, high
        session.set_bounds(Bounds(lower, upper, wide.bounds.row_lower, wide.bounds.row_upper, wide.bounds.unit))
        cost = np.zeros(n)
        cost[at] = -(low + high)
        try:
            x = session.minimise(cost).x[at]
        except InfeasibleError:
            return None
        return float(((low + high) * x - low * high).sum()), x

    queue: list[tuple[float, int, Floats, Floats, Floats]] = []

    def push(low: Floats, high: Floats) -> None:
        nonlocal best
        found = bound(low, high)
        if found is not None:
            value, x = found
            best = max(best, float(x @ x))
            if value > best + _CLOSE:
                heapq.heappush(queue, (-value, next(order), low, high, x))

    push(low, high)
    for _ in range(5_000):
        if not queue or -queue[0][0] <= best + _CLOSE:
            break
        _, _, low, high, x = heapq.heappop(queue)
        widest = int(np.argmax((high - x) * (x - low)))
        middle = float(x[widest])
        left, right = high.copy(), low.copy()
        left[widest] = right[widest] = middle
        push(low, left)
        push(right, high)
    return best


def _padded(region: Region, forms: Floats) -> Floats:
    """Forms over the columns of the region, which may have more than the programme."""
    return np.pad(forms, ((0, 0), (0, region.program.shape[1] - forms.shape[1])))
