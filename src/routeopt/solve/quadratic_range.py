"""Least and most of a sum of squares of linear forms over a region, with linear programs only.

The least is a convex program: tangents are added until the model and the function agree. The most is not
convex: it is bounded from above by chords over intervals, which are halved until the bound is reached.
"""

from __future__ import annotations

import heapq
from dataclasses import replace
from itertools import count

import numpy as np

from routeopt.arrays import Floats
from routeopt.errors import InfeasibleError
from routeopt.model import Bounds, Matrix, with_rows
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import proven

__all__ = ["least_sum_of_squares", "most_sum_of_squares"]


_CLOSE = 1e-7


_CUTS, _BOXES = 500, 5_000
"""After so many steps the bound that has been reached is given: the true end lies inside of it."""


class _Forms:
    """A region with one column for each form (and what is fixed of it), so that the forms have bounds of their own.

    Columns are counted in the unit of the bounds, as flows are: the value of a form is its column over the unit.
    """

    def __init__(self, program: Matrix, bounds: Bounds, forms: Floats, fixed: Floats) -> None:
        self.unit, self.count, first = bounds.unit, len(forms), program.shape[1]
        rows = []
        for place, form in enumerate(forms):
            columns = np.flatnonzero(form)
            values = np.append(form[columns] * self.unit, -1.0)
            rows.append((np.append(columns, first + place).astype(np.intp), values))
        self.program = with_rows(program, rows, first + self.count)
        free, rest = np.full(self.count, np.inf), -fixed * self.unit
        self.bounds = bounds.extended(-free, free, rest, rest)
        self.columns = np.arange(first, first + self.count)

    def weights(self, values: Floats) -> Floats:
        """Costs of the forms as costs of columns."""
        cost = np.zeros(self.program.shape[1])
        cost[self.columns] = values
        return cost


def least_sum_of_squares(
    program: Matrix, bounds: Bounds, forms: Floats, fixed: Floats, x: Floats, close: float = _CLOSE
) -> float:
    """Least value of sum_i (forms_i x + fixed_i)^2 over a region, to 1e-7 and no higher than it is.

    - ``program``, ``bounds``: the region.
    - ``forms`` (k, columns): each a share, so that the values are of the order of one.
    - ``fixed`` (k,): what of each does not depend on the point.
    - ``x``: a point of the region, to begin at.
    - ``close``: how far below the least the bound that is given may lie.
    """
    wide, k = _Forms(program, bounds, forms, fixed), len(forms)
    n = wide.program.shape[1]
    best, bound = np.inf, 0.0
    cuts: list[Floats] = []
    shares = forms @ x[: forms.shape[1]] + fixed
    for _ in range(_CUTS):
        best = min(best, float(shares @ shares))
        cuts.append(shares.copy())
        # sum t_i, t_i >= 2 s_i v_i - s_i^2 for every cut s
        rows = [
            (np.array([n + i, wide.columns[i]], np.intp), np.array([1.0, -2.0 * cut[i]]))
            for cut in cuts
            for i in range(k)
        ]
        extended = with_rows(wide.program, rows, n + k)
        below = np.concatenate([-(cut**2) * wide.unit for cut in cuts])
        cut_off = wide.bounds.extended(np.zeros(k), np.full(k, np.inf), below, np.full(k * len(cuts), np.inf))
        cost = np.concatenate([np.zeros(n), np.ones(k)])
        solution, proof, _ = proven(extended, cut_off, cost, Session(extended, cut_off), "least concentration")
        bound = max(bound, proof.value / wide.unit)
        if best - bound <= close:
            return best if best - bound <= _CLOSE else bound
        shares = solution.x[wide.columns] / wide.unit
    return bound


def most_sum_of_squares(program: Matrix, bounds: Bounds, forms: Floats, fixed: Floats, close: float = _CLOSE) -> float:
    """Largest value of sum_i (forms_i x + fixed_i)^2 over a region, to 1e-7 and no lower than it is.

    By branch and bound on the forms: over intervals the squares lie below their chords. The bound that is given may
    lie ``close`` above the most.
    """
    wide, unit = _Forms(program, bounds, forms, fixed), bounds.unit
    session = Session(wide.program, wide.bounds)
    low, high = np.empty(wide.count), np.empty(wide.count)
    for i, one in enumerate(np.eye(wide.count)):
        for ends, sign in ((low, 1.0), (high, -1.0)):
            cost = sign * wide.weights(one)
            ends[i] = sign * proven(wide.program, wide.bounds, cost, session, "share")[1].value / unit
    high = np.maximum(low, high)
    order = count()
    queue: list[tuple[float, int, Floats, Floats, Floats]] = []
    best = 0.0

    def push(low: Floats, high: Floats) -> None:
        """Put a box in the queue by what its chords allow, unless that is no more than what was met."""
        nonlocal best
        lower, upper = wide.bounds.lower.copy(), wide.bounds.upper.copy()
        lower[wide.columns], upper[wide.columns] = low * unit, high * unit
        box = replace(wide.bounds, lower=lower, upper=upper)
        session.set_bounds(box)
        try:
            found, _, _ = proven(wide.program, box, -wide.weights(low + high), session, "most concentration")
        except InfeasibleError:
            return
        x = found.x[wide.columns] / unit
        allowed = float(((low + high) * x - low * high).sum())
        best = max(best, float(x @ x))
        if allowed > best + _CLOSE:
            heapq.heappush(queue, (-allowed, next(order), low, high, x))

    push(low, high)
    for _ in range(_BOXES):
        if not queue or -queue[0][0] <= best + close:
            break
        _, _, low, high, x = heapq.heappop(queue)
        widest = int(np.argmax((high - x) * (x - low)))
        left, right = high.copy(), low.copy()
        left[widest] = right[widest] = float(x[widest])
        push(low, left)
        push(right, high)
    return max(best, -queue[0][0]) if queue and -queue[0][0] > best + _CLOSE else best
