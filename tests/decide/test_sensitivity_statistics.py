"""Formulas against hand calculations, scipy and simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from routeopt.decide.uncertainty.correlations import ranks, spearman, spearman_error
from routeopt.decide.uncertainty.draws import triangular
from routeopt.intervals import digits, order_interval, share_error, wilson


def test_wilson_by_hand():
    # z² = 3.8415: middle (0.8 + 0.19207) / 1.38415, half 1.95996 sqrt(0.016 + 0.0096036) / 1.38415
    assert wilson(8, 10) == pytest.approx((0.490162, 0.943318), abs=1e-6)


@pytest.mark.parametrize(("hits", "draws"), [(0, 1), (1, 1), (3, 7), (50, 1000), (999, 1000)])
def test_wilson_is_the_score_test_turned_round(hits, draws):
    low, high = wilson(hits, draws)
    expected = stats.binomtest(hits, draws).proportion_ci(0.95, method="wilson")
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert 0 <= low < high <= 1


def test_wilson_does_not_believe_that_all_draws_are_all_there_is():
    assert wilson(100, 100)[0] == pytest.approx(1 / (1 + 1.959964**2 / 100), abs=1e-6)
    assert wilson(100, 100)[1] == 1.0
    assert wilson(0, 100) == (0.0, pytest.approx(1 - wilson(100, 100)[0]))
    assert share_error(100, 100) == 0.0
    assert share_error(80, 100) == pytest.approx(0.04)


def test_ranks_share_ties():
    assert ranks(np.array([2.0, 7.0, 7.0, 1.0, 7.0])).tolist() == [2.0, 4.0, 4.0, 1.0, 4.0]


def test_spearman_by_hand():
    # Ranks 1 2 3 4 5 against 2 1 3 5 4: 1 - 6 * 4 / (5 * 24)
    found = spearman(np.array([[1.0, 2.0, 3.0, 4.0, 5.0]]).T, np.array([20.0, 10.0, 30.0, 500.0, 40.0]))
    assert found == pytest.approx([0.8])


def test_spearman_with_ties_as_scipy_has_it():
    rng = np.random.default_rng(3)
    inputs = rng.integers(0, 6, (60, 5)).astype(float)
    result = inputs[:, 0] - inputs[:, 1] + rng.integers(0, 4, 60)
    expected = [stats.spearmanr(column, result).statistic for column in inputs.T]
    assert spearman(inputs, result) == pytest.approx(expected, abs=1e-12)


def test_spearman_of_what_does_not_move_is_missing():
    inputs = np.column_stack([np.arange(5.0), np.ones(5)])
    assert np.isnan(spearman(inputs, np.arange(5.0))).tolist() == [False, True]
    assert np.isnan(spearman(inputs, np.ones(5))).all()


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.5])
def test_standard_error_of_spearman_is_what_simulation_shows(slope):
    rng = np.random.default_rng(5)
    found = []
    for _ in range(1500):
        x = rng.normal(size=60)
        found.append(spearman(x[:, None], slope * x + rng.normal(size=60))[0])
    expected = spearman_error(np.array([np.mean(found)]), 60)[0]
    assert np.std(found) == pytest.approx(expected, rel=0.08)


def test_no_standard_error_from_three_draws():
    assert np.isnan(spearman_error(np.array([0.5]), 3)).all()
    assert spearman_error(np.array([0.0]), 4) == pytest.approx([1.0])


@pytest.mark.parametrize("draws", [1, 5, 20, 100, 1000])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.95])
def test_order_statistics_enclose_the_quantile(draws, share):
    low, high = order_interval(draws, share)
    below = stats.binom(draws, share)  # how many draws fall below the quantile
    # X(l) <= q needs at least l draws below (counted from 1); the next one in would break the promise.
    miss_low = below.cdf(low) if low is not None else 0.0
    assert miss_low <= 0.025 + 1e-12
    assert below.cdf(low + 1 if low is not None else 0) > 0.025 - 1e-12
    miss_high = 1 - below.cdf(high) if high is not None else 0.0
    assert miss_high <= 0.025 + 1e-12
    assert below.cdf((high if high is not None else draws) - 1) < 0.975


def test_order_statistics_of_a_hundred_by_hand():
    assert order_interval(100, 0.5) == (39, 60)  # the 40th and the 61st, as every table has it
    assert order_interval(5, 0.5) == (None, None)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (78.123, 0.4, "78.1"),
        (78.123, 0.034, "78.12"),
        (78.123, 12.0, "80"),
        (1234.0, 40.0, "1230"),
        (0.0123, 0.0004, "0.0123"),
        (-0.04, 0.3, "0.0"),
        (-2.46, 0.3, "-2.5"),
        (0.0, 0.0, "0"),
        (1.0 / 3.0, 0.0, "0.3333"),
        (123456.0, 0.0, "123500"),
        (5.0, math.nan, "5"),
    ],
)
def test_no_more_digits_than_the_error_supports(value, error, text):
    assert digits(value, error) == text


@pytest.mark.parametrize(("low", "mode", "high"), [(5, 7, 9), (0, 0, 4), (1, 4, 4), (-5, -1.5, 0.5)])
def test_triangular_numbers(low, mode, high):
    n = 40_000
    drawn = triangular(np.random.default_rng(11).random(n), low, mode, high)
    variance = (low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18
    assert drawn.mean() == pytest.approx((low + mode + high) / 3, abs=4 * math.sqrt(variance / n))
    # A triangular distribution has kurtosis 2.4, so its sample variance has a relative error of sqrt(1.4 / n).
    assert drawn.var() == pytest.approx(variance, rel=4 * math.sqrt(1.4 / n))
    exact = stats.triang((mode - low) / (high - low), low, high - low)
    for share in (0.1, 0.5, 0.9):
        assert np.mean(drawn <= exact.ppf(share)) == pytest.approx(share, abs=4 * math.sqrt(0.25 / n))
    assert low <= drawn.min() < drawn.max() <= high
