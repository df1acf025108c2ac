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

__all__ = ["Line", "Piece", "breakpoints", "piece_at"]


@dataclass(frozen=True)
class Line:
    """Value of a concave function at a point and one of its slopes there."""

    at: float
    value: float
    slope: float

    def __call__(self, t: float) -> float:
        return self.value + self.slope * (t - self.at)


@dataclass(frozen=True)
class Piece:
    """A slope and how far it holds.

    Attributes
    ----------
    slope : float
        Change of the value for each unit of the parameter, in its growing direction.
    until : float
        Where the slope changes next; ``far`` itself if it does not before.
    """

    slope: float
    until: float


def piece_at(evaluate: Callable[[float], Line], start: Line, far: float, tolerance: float) -> Piece:
    """The piece of a concave function that begins at a point and runs towards another.

    Parameters
    ----------
    evaluate : callable
        t -> value and any slope (supergradient) at t.
    start : Line
        The function at the point where the piece begins; its slope may be any of those possible there.
    far : float
        Where to look, on either side of the start. Must be finite.
    tolerance : float
        Difference of values that counts as none.

    Returns
    -------
    Piece
        One-sided slope at the start, and the exact end of the piece.

    Examples
    --------
    >>> def rate(t):  # min(t, 4, 2 + t/2)
    ...     return min(Line(t, t, 1.0), Line(t, 2 + t / 2, 0.5), Line(t, 4.0, 0.0), key=lambda line: line.value)
    >>> piece_at(rate, rate(1.0), 10.0, 1e-9)
    Piece(slope=1.0, until=4.0)
    >>> piece_at(rate, rate(4.0), 10.0, 1e-9)
    Piece(slope=0.0, until=10.0)
    """
    end, slope = _on_first_piece(evaluate, start, far, tolerance)
    exact = Line(start.at, start.value, slope)
    # Now with the right slope: come back from afar until the piece is reached.
    reached, other = far, evaluate(far)
    while abs(exact(reached) - other.value) > tolerance:
        crossing = _crossing(exact, other)
        if (
            crossing is None
            or _beyond(crossing, reached, start.at)
            or abs(crossing - reached) <= 1e-12 * max(abs(start.at), abs(far))
        ):
            break
        reached, other = crossing, evaluate(crossing)
    until = reached if _beyond(reached, end, start.at) or reached == end else end
    return Piece(slope, until)


def _on_first_piece(
    evaluate: Callable[[float], Line], start: Line, far: float, tolerance: float
) -> tuple[float, float]:
    """Some point on the piece that begins at the start, and its slope."""
    reached = far
    for _ in range(200):
        other = evaluate(reached)
        if abs(other(start.at) - start.value) <= tolerance:
            # Concave, and the line of the other end passes through the start: linear in between. Its own slope is
            # exact; one from the two values would lose its digits where they are close.
            return reached, other.slope
        crossing = _crossing(start, other)
        if crossing is None or not _between(crossing, start.at, reached):
            crossing = 0.5 * (start.at + reached)
        reached = crossing
        if abs(reached - start.at) <= 1e-11 * max(abs(start.at), abs(far)):
            break
    return reached, evaluate(reached).slope


def _crossing(one: Line, two: Line) -> float | None:
    if math.isclose(one.slope, two.slope, rel_tol=1e-12, abs_tol=1e-12):
        return None
    return (two.value - two.slope * two.at - one.value + one.slope * one.at) / (one.slope - two.slope)


def _between(t: float, start: float, end: float) -> bool:
    low, high = min(start, end), max(start, end)
    margin = 1e-12 * (high - low)
    return low + margin < t < high - margin


def _beyond(t: float, reached: float, start: float) -> bool:
    """Whether t lies further from the start than what was reached."""
    return abs(t - start) > abs(reached - start)


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
