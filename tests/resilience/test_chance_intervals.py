"""Intervals cover what they claim: of tails that were hardly met, of means of skewed years, of what was never drawn."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import routeopt as ro
from helpers.outages import fails, lines
from routeopt.intervals import student, tail_interval
from routeopt.resilience.risk.measures import Distribution

# Chance that each line is down, capacities, output: two rare ones, three unlike ones, three usual ones.
SYSTEMS = {
    "two rare lines": ((0.01, 0.01), (6, 6), 10),
    "three lines": ((0.05, 0.02, 0.01), (5, 4, 3), 10),
    "three that often fail": ((0.1, 0.1, 0.1), (4, 4, 4), 10),
}


def states(chances, capacities, output):
    """Every loss and its probability, written out."""
    losses, weights = [], []
    for down in itertools.product((False, True), repeat=len(chances)):
        up = sum(size for size, out in zip(capacities, down, strict=True) if not out)
        losses.append(output - min(output, up))
        weights.append(math.prod(q if out else 1 - q for q, out in zip(chances, down, strict=True)))
    return np.array(losses, float), np.array(weights)


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("draws", [300, 2_000])
def test_tail_intervals_cover(name, draws):
    """Of 250 samples at least 95 % hold the exact CVaR. By the normal it was 18 % (two rare lines, 0.99)."""
    losses, weights = states(*SYSTEMS[name])
    exact, most = Distribution.of(losses, weights), float(losses.max())
    rng = np.random.default_rng(7)
    for a in (0.9, 0.95, 0.99):
        covered = 0
        for _ in range(250):
            low, high = Distribution.of(rng.choice(losses, draws, p=weights)).cvar_interval(a, 0.0, most)
            covered += low - 1e-9 <= exact.cvar(a) <= high + 1e-9
        assert covered >= 0.95 * 250, (a, covered)


@pytest.mark.parametrize("name", SYSTEMS)
def test_intervals_of_the_mean_cover(name):
    losses, weights = states(*SYSTEMS[name])
    mean = float(losses @ weights)
    rng = np.random.default_rng(11)
    for draws in (30, 300, 2_000):
        covered = 0
        for _ in range(400):
            low, high = Distribution.of(rng.choice(losses, draws, p=weights)).mean_interval(0.0, float(losses.max()))
            covered += low - 1e-9 <= mean <= high + 1e-9
        assert covered >= 0.92 * 400, (draws, covered)  # 95 % less three standard errors of 400 trials


@pytest.mark.parametrize("years", [30, 100])
def test_means_of_skewed_years_cover(years):
    """Sums of a few lognormal outages: by the normal 0.90 at 30 years."""
    rng = np.random.default_rng(5)
    mean, covered = 3.0 * math.exp(0.5 * 0.8**2), 0
    for _ in range(1_500):
        each = [float(rng.lognormal(0.0, 0.8, n).sum()) for n in rng.poisson(3.0, years)]
        low, high = Distribution.of(np.array(each)).mean_interval()
        covered += low <= mean <= high
    assert 0.93 <= covered / 1_500 <= 0.975


def test_the_library_covers_what_it_claims():
    """The table of `simulate_outages` itself, seed by seed: two lines of 6 for 10, each down for 1 % of the time."""
    system = lines(10, {"a": (6, fails(0.01)), "b": (6, fails(0.01))})
    exact = ro.simulate_outages(system, draws=4)
    # With one down 4 are lost, with both 10: 0.01 of the tail of 0.01 loses 10, the rest 4.
    assert exact.cvar(0.99) == pytest.approx(4 + 0.01 * 6)
    assert exact.cvar_interval(0.99) == (exact.cvar(0.99),) * 2
    covered, seeds = 0, 40
    for seed in range(seeds):
        risk = ro.simulate_outages(system, draws=300, method="sample", seed=seed)
        low, high = risk.table.loc["cvar 0.99", ["low", "high"]]
        covered += low <= exact.cvar(0.99) <= high
        assert low <= risk.cvar(0.99) <= high
        assert high <= 10.0 + 1e-9
    assert covered >= 0.95 * seeds


def test_nothing_that_was_drawn_is_no_proof_of_nothing():
    system = lines(10, {"a": (12, fails(1e-4))})
    risk = next(
        one for one in (ro.simulate_outages(system, draws=50, method="sample", seed=seed) for seed in range(9))
        if one.expected_loss == 0
    )  # fmt: skip
    low, high = risk.expected_loss_interval
    assert low == 0.0
    assert 0.1 < high < 10.0  # about 10 x log(2 x 50 / 0.05) / 50
    assert math.isnan(risk.table.loc["cvar 0.95", "standard_error"])
    assert "0 to 1" in str(risk)


def test_an_end_that_nothing_bounds_is_missing():
    draws = np.sort(np.random.default_rng(0).exponential(1.0, 200))
    low, high = tail_interval(draws, 0.05, math.nan, math.nan)
    assert low > 0
    assert math.isnan(high)
    assert all(map(math.isnan, tail_interval(draws, 1.0, math.nan, math.nan)))


def test_intervals_are_those_of_any_order_and_narrow_with_draws():
    rng = np.random.default_rng(2)
    draws = rng.exponential(1.0, 100_000)
    whole = Distribution.of(draws).cvar_interval(0.95, 0.0, 50.0)
    assert Distribution.of(draws[::-1].copy()).cvar_interval(0.95, 0.0, 50.0) == whole
    widths = [
        np.diff(Distribution.of(draws[:n]).cvar_interval(0.95, 0.0, 50.0))[0] for n in (100, 1_000, 10_000, 100_000)
    ]
    assert widths == sorted(widths, reverse=True)
    # CVaR of an exponential: 1 + log(1 / 0.05).
    assert whole[0] < 1 + math.log(20) < whole[1]
    assert whole[1] - whole[0] < 0.5


def test_student_is_tabulated():
    # Table of the t distribution, two-sided 95 %.
    for free, value in ((7, 2.365), (10, 2.228), (29, 2.045), (120, 1.980)):
        assert student(free) == pytest.approx(value, abs=2e-3)


def test_an_event_that_no_draw_tells_has_no_error():
    """It stands at nothing with an error of 7e-17 otherwise, which no draw supports."""
    system = lines(10, {"a": (12, fails(0.2)), "b": (12, fails(0.002)), "c": (12, fails(0.002))})
    risk = ro.simulate_outages(system, draws=400, method="sample", seed=1)
    row = risk.importance.loc["leg a"]
    assert row["birnbaum"] == 0.0
    assert math.isnan(row["standard_error"])
