"""Exact pieces and corners of concave functions, held against functions whose corners are known."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeopt.solve.parametric import Line, breakpoints, end_of

TOLERANCE = 1e-9


class Concave:
    """A concave function from its corners; at a corner it tells any slope that is possible there."""

    def __init__(self, begin, corners, slopes, pick):
        # slopes[i] holds between corners[i - 1] and corners[i]
        self.corners, self.slopes, self.pick, self.calls = corners, slopes, pick, 0
        self.points = [(begin, 0.0)]
        for slope, corner in zip(slopes, corners, strict=False):
            at, value = self.points[-1]
            self.points.append((corner, value + slope * (corner - at)))

    def value(self, t):
        for (at, value), slope, corner in zip(self.points, self.slopes, [*self.corners, math.inf], strict=True):
            if t <= corner:
                return value + slope * (t - at)
        raise AssertionError(t)

    def sides(self, t):
        """Slope to the left and to the right."""
        left = right = None
        for slope, corner in zip(self.slopes, [*self.corners, math.inf], strict=True):
            if left is None and t <= corner + 1e-12:
                left = slope
            if right is None and t < corner - 1e-12:
                right = slope
        return left, right

    def __call__(self, t):
        self.calls += 1
        left, right = self.sides(t)
        return Line(t, self.value(t), right + self.pick * (left - right))


@st.composite
def concave(draw):
    count = draw(st.integers(0, 9))
    # Steps are of all sizes, and slopes may be nearly equal; what differs less is not to be told apart.
    steps = draw(st.lists(st.integers(1, 4000), min_size=count + 1, max_size=count + 1))
    falls = draw(st.lists(st.sampled_from([1e-4, 1e-3, 0.01, 0.3, 1.0, 40.0]), min_size=count, max_size=count))
    slope = draw(st.sampled_from([-2.0, 0.0, 0.5, 1.0, 120.0]))
    corners, slopes, at = [], [slope], 1.0
    for step, fall in zip(steps, falls, strict=False):
        at += step / 40
        corners.append(at)
        slopes.append(slopes[-1] - fall)
    function = Concave(1.0, corners, slopes, draw(st.sampled_from([0.0, 1.0, 0.37])))
    return function, at + steps[-1] / 40


@given(concave(), st.integers(0, 60), st.sampled_from([0.0125, 0.5, 0.9]), st.booleans())
def test_a_piece_ends_at_the_next_corner_on_either_side(case, place, share, right):
    function, far = case
    ends = [1.0, *function.corners, far]
    low, high = ends[place % (len(ends) - 1)], ends[place % (len(ends) - 1) + 1]
    inside = function(low + share * (high - low))
    found = end_of(function, inside, far if right else 1.0, TOLERANCE)
    assert found == pytest.approx(high if right else low, abs=1e-3, rel=1e-9)
    assert abs(function.value(found) - inside(found)) <= 1e-6


@given(concave())
def test_all_corners_are_found_and_no_others(case):
    function, far = case
    found = breakpoints(function, 1.0, far, TOLERANCE)
    # A corner at which the slope falls by little between short pieces is below the tolerance of values.
    assert [line.at for line in found] == pytest.approx([1.0, *function.corners, far], abs=1e-3)
    for line in found:
        assert line.value == pytest.approx(function.value(line.at), abs=1e-9, rel=1e-12)
    assert function.calls <= 4 * len(function.slopes) + 4


@given(concave())
def test_between_corners_the_function_is_straight_where_it_is_looked_at_densely(case):
    function, far = case
    found = breakpoints(function, 1.0, far, TOLERANCE)
    for step in range(301):
        t = min(far, 1.0 + (far - 1.0) * step / 300)
        before = [line for line in found if line.at <= t][-1]
        after = next(line for line in found if line.at >= t)
        share = 0.0 if after.at == before.at else (t - before.at) / (after.at - before.at)
        straight = before.value + share * (after.value - before.value)
        assert straight == pytest.approx(function.value(t), abs=1e-7)


def test_few_evaluations_even_of_many_corners():
    corners = [1.0 + i for i in range(1, 300)]
    function = Concave(1.0, corners, [300.0 - i for i in range(300)], 0.5)
    assert end_of(function, function(1.5), 301.0, TOLERANCE) == pytest.approx(2.0)
    assert function.calls < 60


def test_a_flat_function_has_one_piece():
    flat = Concave(1.0, [], [0.0], 0.0)
    assert end_of(flat, flat(1.0), 9.0, TOLERANCE) == 9.0
    assert [line.at for line in breakpoints(flat, 1.0, 9.0, TOLERANCE)] == [1.0, 9.0]
