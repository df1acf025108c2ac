"""How an optimum changes with one number: exact slopes and the points where they change.

The optimum of a maximisation over a polytope is a concave, piecewise linear function of a capacity. Its
pieces are found exactly with a few solves, by intersecting supporting lines, and not by a grid
(Eisner and Severance 1976).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Line", "breakpoints", "end_of"]


@dataclass(frozen=True)
class Line:
    """Value of a concave function at a point and one of its slopes there."""

    at: float
    value: float
    slope: float

    def __call__(self, t: float) -> float:
        return self.value + self.slope * (t - self.at)


def end_of(evaluate: Callable[[float], Line], inside: Line, far: float, tolerance: float) -> float:
    """How far a piece of a concave function runs towards a point.

    - ``evaluate``: t -> value and any slope (supergradient) at t.
    - ``inside``: the function at a point of the piece that is no corner.
    - ``far``: where to look, on either side. Must be finite.
    - ``tolerance``: difference of values that counts as none.

    Returns: the exact end of the piece; ``far`` itself if it does not end before.

    Examples
    --------
    >>> def rate(t):  # min(t, 4, 2 + t/2)
    ...     return min(Line(t, t, 1.0), Line(t, 2 + t / 2, 0.5), Line(t, 4.0, 0.0), key=lambda line: line.value)
    >>> end_of(rate, rate(1.0), 10.0, 1e-9), end_of(rate, rate(5.0), 10.0, 1e-9), end_of(rate, rate(5.0), 0.0, 1e-9)
    (4.0, 10.0, 4.0)
    """
    reached, other = far, evaluate(far)
    # Concave: the line lies above the function beyond its piece, and crosses every other line before that line's own.
    while inside(reached) - other(reached) > tolerance:
        crossing = _crossing(inside, other)
        if crossing is None or math.isclose(crossing, reached, rel_tol=1e-12, abs_tol=1e-300):
            break
        if not _between(crossing, inside.at, reached):
            return inside.at
        reached, other = crossing, evaluate(crossing)
    return reached


def _crossing(one: Line, two: Line) -> float | None:
    if math.isclose(one.slope, two.slope, rel_tol=1e-12, abs_tol=1e-12):
        return None
    return (two.value - two.slope * two.at - one.value + one.slope * one.at) / (one.slope - two.slope)


def _between(t: float, start: float, end: float) -> bool:
    low, high = min(start, end), max(start, end)
    margin = 1e-12 * (high - low)
    return low + margin < t < high - margin


def breakpoints(evaluate: Callable[[float], Line], low: float, high: float, tolerance: float) -> list[Line]:
    """All corners of a concave piecewise linear function between two points, the ends included.

    Examples
    --------
    >>> def rate(t):
    ...     return min(Line(t, t, 1.0), Line(t, 2 + t / 2, 0.5), key=lambda line: line.value)
    >>> [(line.at, line.value) for line in breakpoints(rate, 0.0, 10.0, 1e-9)]
    [(0.0, 0.0), (4.0, 4.0), (10.0, 7.0)]
    """
    ends = evaluate(low), evaluate(high)
    found = [ends[0], *_inner(evaluate, *ends, tolerance), ends[1]]
    corners = found[:1]
    for point, following in pairwise(found[1:]):
        # A point inside a piece is met where a slope belonged to the piece before; it is no corner.
        before = corners[-1]
        share = (point.at - before.at) / (following.at - before.at)
        if point.value - (before.value + share * (following.value - before.value)) > tolerance:
            corners.append(point)
    return [*corners, found[-1]]


def _inner(evaluate: Callable[[float], Line], left: Line, right: Line, tolerance: float) -> list[Line]:
    crossing = _crossing(left, right)
    if crossing is None or not _between(crossing, left.at, right.at):
        return []
    if abs(left(right.at) - right.value) <= tolerance or abs(right(left.at) - left.value) <= tolerance:
        return []
    middle = evaluate(crossing)
    if abs(middle.value - left(crossing)) <= tolerance:
        return [middle]
    return [
        *_inner(evaluate, left, middle, tolerance),
        middle,
        *_inner(evaluate, middle, right, tolerance),
    ]
