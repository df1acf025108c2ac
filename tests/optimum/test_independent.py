"""The optimum against a formulation that was written independently and is solved by another library."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.independent import independent_optimum
from helpers.small import whole_year
from routeopt.scenario.resolve import resolve
from routeopt.testing import random_scenario, random_system
from routeopt.units import parse_unit


def assert_same(system, scenario, plan, economic=False):
    """Shortage, exports and netback to 1e-6 of their own size, or of the money that changes hands."""
    other = independent_optimum(system, resolve(system, scenario), economic)
    flow = parse_unit(system.units.flow).factor
    money = 1000 * parse_unit(system.units.flow.partition("/")[2]).factor
    if system.measured_by == "mass" and all(r.demand.measured_by == "mass" for r in system.refineries.values()):
        assert plan.shortage * flow == pytest.approx(other.shortage, rel=1e-6, abs=1e-7)
    turnover = (abs(plan.revenue) + abs(plan.cost)) / money
    if not economic:
        assert plan.exported * flow == pytest.approx(other.exported, rel=1e-6, abs=1e-7)
    if plan.certificate.cycle_checks:  # the other formulation lets oil go round in circles for a contract
        assert plan.netback / money < other.netback
    else:
        assert plan.netback / money == pytest.approx(other.netback, rel=1e-6, abs=1e-6 * max(1.0, turnover))


@pytest.mark.parametrize("solver", ["highs", "pulp:HiGHS"])
def test_every_shipped_scenario(kz, solver):
    assert len(kz.scenarios) >= 25
    for name in (None, *kz.scenarios):
        scenario = whole_year(kz, name)
        assert_same(kz, scenario, ro.allocate(kz, scenario, solver=solver))


def test_every_shipped_scenario_when_fields_may_shut_in(kz):
    for name in (None, *list(kz.scenarios)[::4]):
        scenario = whole_year(kz, name)
        assert_same(kz, scenario, ro.allocate(kz, scenario, economic=True), economic=True)


@pytest.mark.parametrize("block", range(5))
def test_random_systems_under_random_scenarios(block):
    for seed in range(50 * block, 50 * (block + 1)):
        system = random_system(seed)
        scenario = random_scenario(system, seed)
        assert_same(system, scenario, ro.allocate(system, scenario))


@pytest.mark.parametrize("seed", range(250, 290))
def test_random_systems_when_fields_may_shut_in(seed):
    # Netbacks below zero are common in these systems, so that shutting in pays.
    system = random_system(seed).override({"price": "4 USD/bbl"})
    assert_same(system, None, ro.allocate(system, economic=True), economic=True)


def test_random_systems_through_pulp():
    for seed in range(290, 320):
        system = random_system(seed)
        scenario = random_scenario(system, seed)
        assert_same(system, scenario, ro.allocate(system, scenario, solver="pulp:HiGHS"))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_more_random_systems_with_more_closures(block):
    for seed in range(1000 + 100 * block, 1100 + 100 * block):
        system = random_system(seed, nodes=20, legs=50)
        for more in range(2):
            scenario = random_scenario(system, 7 * seed + more, closures=6)
            assert_same(system, scenario, ro.allocate(system, scenario))
