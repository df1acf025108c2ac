"""Measures of a distribution with atoms, and what a profile shows."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

import routeopt as ro
from helpers.outages import fails, lines
from routeopt.resilience.risk.measures import Distribution


@pytest.fixture(scope="module")
def drawn():
    legs = {f"line-{k}": (k + 2, fails(0.1), {"tariff": "10 USD/t"}) for k in range(5)}
    system = lines(20, legs, price="500 USD/t")
    return ro.simulate_outages(system, draws=2_000, method="sample", seed=1)


def test_an_atom_across_the_level_is_split():
    losses = Distribution.of(np.array([0.0, 10.0, 100.0]), np.array([0.9, 0.08, 0.02]))
    assert losses.quantile(0.95) == 10
    assert losses.cvar(0.95) == pytest.approx((0.02 * 100 + 0.03 * 10) / 0.05)
    assert losses.cvar(0.98) == pytest.approx(100)
    assert losses.cvar(0.5) == pytest.approx((0.02 * 100 + 0.08 * 10) / 0.5)
    assert losses.mean == pytest.approx(2.8)
    # The definition: least over every level of level + mean excess / (1 - a).
    levels = np.linspace(0, 100, 2_001)
    excess = np.maximum(losses.values[:, None] - levels, 0)
    assert (levels + losses.weights @ excess / 0.05).min() == pytest.approx(losses.cvar(0.95))


def test_an_atom_that_ends_at_the_level():
    losses = Distribution.of(np.array([1.0, 2.0]), np.array([0.95, 0.05]))
    assert losses.quantile(0.95) == 1
    assert losses.cvar(0.95) == pytest.approx(2)
    assert losses.quantile(0.951) == 2
    assert losses.quantile(0.001) == 1


def test_draws_by_hand():
    losses = Distribution.of(np.array([3.0, 0.0, 0.0, 1.0]))
    assert (losses.draws, losses.mean) == (4, 1.0)
    assert losses.standard_error == pytest.approx(np.std([3, 0, 0, 1], ddof=1) / 2)
    assert losses.values.tolist() == [0, 1, 3]
    share, error, low, high = losses.above(0.5)
    assert share == 0.5
    assert error == pytest.approx(0.25)
    assert 0 < low < 0.5 < high < 1
    assert math.isnan(Distribution.of(np.array([2.0])).standard_error)


def test_quantile_intervals_cover_as_often_as_they_say():
    rng, hits = np.random.default_rng(3), 0
    truth = -np.log(1 - 0.9)
    for _ in range(400):
        low, high = Distribution.of(rng.exponential(1.0, 200)).interval(0.9)
        hits += low <= truth <= high
    assert 0.93 * 400 <= hits <= 400  # at least 95 %, less two standard errors of the share
    low, high = Distribution.of(rng.exponential(1.0, 20)).interval(0.99)
    assert low > 0
    assert math.isnan(high)  # twenty draws do not bound it from above
    exact = Distribution.of(np.array([0.0, 1.0]), np.array([0.5, 0.5]))
    assert exact.interval(0.7) == (1, 1)


def test_order_statistics_count_equal_draws():
    # 100 draws: the 40th and the 61st smallest enclose the median.
    losses = Distribution.of(np.repeat([0.0, 1.0, 2.0], [39, 21, 40]))
    assert losses.interval(0.5) == (1, 2)
    losses = Distribution.of(np.repeat([0.0, 1.0, 2.0], [40, 21, 39]))
    assert losses.interval(0.5) == (0, 1)


def test_cvar_error_is_the_spread_over_samples():
    rng = np.random.default_rng(5)
    samples = [Distribution.of(rng.exponential(1.0, 2_000)) for _ in range(200)]
    spread = np.std([one.cvar(0.9) for one in samples])
    assert np.mean([one.cvar_error(0.9) for one in samples]) == pytest.approx(spread, rel=0.15)


@pytest.mark.parametrize("p", [0, 1, -0.1, 95, float("nan"), "0.9", True, None])
def test_what_is_no_probability(drawn, p):
    for ask in (drawn.quantile, drawn.value_at_risk, drawn.cvar, drawn.interval):
        with pytest.raises(ro.InputError, match="no probability between 0 and 1"):
            ask(p)


def test_measures_are_in_order(drawn):
    assert drawn.value_at_risk(0.95) == drawn.quantile(0.95)
    assert drawn.quantile(0.5) <= drawn.quantile(0.9) <= drawn.cvar(0.9) <= drawn.cvar(0.99)
    assert drawn.expected_loss == pytest.approx(drawn.losses.mean())
    assert drawn.standard_error == pytest.approx(drawn.losses.std(ddof=1) / 2_000**0.5)
    assert drawn.loss_probability == pytest.approx((drawn.losses > 0).mean())


def test_table_and_histogram(drawn):
    table = drawn.table
    assert table.loc["expected_loss", ["value", "standard_error", "unit"]].tolist() == [
        drawn.expected_loss, drawn.standard_error, "kt/d"]  # fmt: skip
    assert table.loc["cvar 0.95", "value"] == drawn.cvar(0.95)
    assert table.loc["quantile 0.9", ["low", "high"]].tolist() == list(drawn.interval(0.9))
    assert table.loc["expected_cost", "unit"] == "USD/d"
    assert table.loc["expected_cost", "value"] == pytest.approx(490_000 * drawn.expected_loss)  # 500 less 10 a tonne
    bars = drawn.histogram(7)
    assert len(bars) == 7
    assert bars["probability"].sum() == pytest.approx(1)
    assert bars["high"].iloc[-1] == drawn.losses.max()
    for bins in (0, 2.5, True):
        with pytest.raises(ro.InputError, match="needs a positive whole number of bins"):
            drawn.histogram(bins)


def test_a_profile_in_words(drawn):
    text = str(drawn)
    assert "5 events, 0 of them common causes" in text
    assert "2,000 snapshots (seed 1)" in text
    assert "standard error" in text
    assert "at any time" in text
    assert "worst 5% of snapshots" in text
    assert repr(drawn).startswith("RiskProfile('system', base, 2000 snapshots: ")
    exact = ro.simulate_outages(drawn.system, draws=1)
    assert "exact: all 32 states" in str(exact)
    assert "±" not in repr(exact)
    years = ro.simulate_outages(drawn.system, years=30, intertemporal=False)
    assert "30 chronological years (seed 0); each day is solved separately" in str(years)
    assert years.table.loc["expected_cost", "unit"] == "USD per year"
    assert years.table.loc["expected_cost", "value"] == pytest.approx(490_000 * years.expected_loss)


def test_a_profile_can_be_kept(drawn):
    again = pickle.loads(pickle.dumps(drawn))
    assert again.table.equals(drawn.table)
    assert again.importance.equals(drawn.importance)


def test_a_shortage_of_refineries_is_told():
    system = ro.ExportSystem.from_dict({
        "units": {"flow": "kt/d"},
        "nodes": {"field": {"kind": "field", "output": "10 kt/d"}, "port": {"kind": "market"},
                  "plant": {"kind": "refinery", "demand": "4 kt/d"}},
        "legs": {"to-port": {"from": "field", "to": "port", "capacity": "8 kt/d"},
                 "to-plant": {"from": "field", "to": "plant", "outages": fails(0.25)}},
    })  # fmt: skip
    risk = ro.simulate_outages(system, draws=1)
    assert risk.expected_shortage == pytest.approx(0.25 * 4)
    assert risk.expected_loss == pytest.approx(-0.25 * 2)  # what the plant cannot take is exported
    assert risk.loss_probability == 0
