"""CVaR and break-even probabilities against hand calculations and against brute force."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import routeopt as ro
from routeopt.decide.expansion.risk import crossing
from routeopt.decide.expansion.values import envelope


def test_an_atom_across_the_level_is_split():
    # Rockafellar and Uryasev: the worst 10 % are the 5 % at 100 and half of the 10 % at 10.
    costs, p = np.array([0.0, 10.0, 100.0]), np.array([0.85, 0.10, 0.05])
    assert ro.CVaR(0.90, weight=1).of(costs, p) == pytest.approx(0.5 * 100 + 0.5 * 10)
    assert ro.CVaR(0.95, weight=1).of(costs, p) == pytest.approx(100.0)
    assert ro.CVaR(0.0, weight=1).of(costs, p) == pytest.approx(6.0)
    assert ro.CVaR(0.90, weight=0.25).of(costs, p) == pytest.approx(0.75 * 6.0 + 0.25 * 55.0)


@pytest.mark.parametrize(("level", "weight"), [(1.0, 0.5), (-0.1, 0.5), (0.9, 1.5), (0.9, -1), ("a", 0.5), (0.9, True)])
def test_a_measure_out_of_range_is_refused(level, weight):
    with pytest.raises(ro.InputError, match="out of range"):
        ro.CVaR(level, weight=weight)


numbers = st.lists(st.floats(-100, 100), min_size=3, max_size=6)


@given(numbers, st.integers(0, 99), st.floats(0, 0.99), st.floats(0, 1))
def test_the_measure_is_coherent_where_it_is_used(costs, seed, level, weight):
    rng = np.random.default_rng(seed)
    costs = np.array(costs)
    p = rng.dirichlet(np.ones(len(costs)))
    risk = ro.CVaR(level, weight=weight)
    # It is the least of Rockafellar and Uryasev's function over every eta that can be the best one.
    least = min(eta + np.maximum(costs - eta, 0) @ p / (1 - level) for eta in costs)
    assert risk.of(costs, p) == pytest.approx((1 - weight) * costs @ p + weight * least, abs=1e-8)
    assert risk.of(costs + 5, p) == pytest.approx(risk.of(costs, p) + 5, abs=1e-8)
    assert risk.of(costs + rng.random(len(costs)), p) >= risk.of(costs, p) - 1e-9


def test_break_even_by_hand():
    # Certain 2, saves 10 in scenario 2 and 1 in scenario 1 (10 % likely): 0.1 + 10 p = 2.
    costs, instead = np.zeros(3), np.array([0.0, 1.0, 10.0])
    base, others = np.array([1.0, 0, 0]), np.array([0, 0.1, 0])
    assert crossing(2.0, costs, instead, 2, base, others, ro.CVaR(weight=0)).at == pytest.approx(0.19)
    # The worst tenth alone: (10 p + 1 (0.1 - p)) / 0.1 = 2.
    assert crossing(2.0, costs, instead, 2, base, others, ro.CVaR(0.9, weight=1)).at == pytest.approx(1 / 90)
    never = crossing(20.0, costs, instead, 2, base, others, ro.CVaR(weight=0))
    assert np.isnan(never.at)
    assert np.isnan(never.until)
    always = crossing(-1.0, costs, instead, 2, base, others, ro.CVaR(weight=0))
    assert (always.at, always.until) == (0.0, pytest.approx(0.9))


def test_a_choice_that_only_helps_the_calm_stops_to_pay():
    # It saves 3 in the base, costs 1 for certain and does nothing in the scenario: it pays up to 2/3.
    found = crossing(1.0, np.zeros(2), np.array([3.0, 0.0]), 1, np.array([1.0, 0.0]), np.zeros(2), ro.CVaR(weight=0))
    assert (found.at, found.until) == (0.0, pytest.approx(2 / 3))


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.3, 1.0]), st.sampled_from([0.5, 0.9]))
def test_break_even_against_a_grid(seed, weight, level):
    rng = np.random.default_rng(seed)
    many = 4
    costs, instead = rng.uniform(0, 10, many), rng.uniform(0, 10, many)
    base = np.array([*rng.dirichlet(np.ones(2)), 0, 0])
    others = np.array([0, 0, rng.uniform(0, 0.3), 0])
    risk, extra = ro.CVaR(level, weight=weight), float(rng.uniform(-3, 3))
    found = crossing(extra, costs, instead, 3, base, others, risk)
    most = 1 - others.sum()

    def gain(p):
        mass = others + (most - p) * base
        mass[3] = p
        return risk.of(instead, mass) - risk.of(costs, mass) - extra

    grid = np.linspace(0, most, 101)
    values = np.array([gain(p) for p in grid])
    if np.isnan(found.at):
        assert (values < 1e-9).all()
        return
    assert gain(found.at) >= -1e-7
    assert (values[grid < found.at - 1e-9] <= 1e-9).all()
    inside = (grid > found.at + 1e-9) & (grid < found.until - 1e-9)
    assert (values[inside] >= -1e-9).all()
    if 1e-6 < found.until < most - 1e-6:
        assert gain(min(found.until + 1e-7, most)) <= 1e-6


@given(st.integers(0, 10_000))
def test_the_envelope_has_the_best_choice_for_every_weight(seed):
    rng = np.random.default_rng(seed)
    expected = rng.integers(0, 8, 6).astype(float)
    tails = expected + rng.integers(0, 8, 6)
    corners = envelope(expected, tails)
    assert corners[0][1] == 0.0
    assert corners[-1][2] == 1.0
    for place, low, high in corners:
        for weight in (low, 0.5 * (low + high), high):
            value = (1 - weight) * expected + weight * tails
            assert value[place] == pytest.approx(value.min())
    assert all(one[2] == two[1] for one, two in itertools.pairwise(corners))
    chosen = [place for place, _, _ in corners]
    assert (np.diff(expected[chosen]) >= 0).all()
    assert (np.diff(tails[chosen]) <= 0).all()
