"""Ranges hold every optimum that another solver finds, and their ends are those of an independent program."""

from __future__ import annotations

import numpy as np
import pulp
import pytest

import routeopt as ro
from helpers.face import Face
from helpers.small import whole_year
from routeopt.testing import random_scenario, random_system

SOLVERS = ["highs", *(f"pulp:{name}" for name in ("HiGHS", "PULP_CBC_CMD") if name in pulp.listSolvers(True))]

# PuLP 3 says that version 4 will not bring this solver along; there it is not in the list.
pytestmark = pytest.mark.filterwarnings("ignore:PULP_CBC_CMD:DeprecationWarning")


def size(plan):
    """What counts as nothing: a millionth of all that is produced."""
    return 1e-6 * max(float(plan.fields["available"].sum()), 1e-9)


def assert_contains(ranges, flows, hair):
    for name, flow in flows.items():
        low, high = ranges.loc[("leg", name), "low"], ranges.loc[("leg", name), "high"]
        assert low - hair <= flow <= high + hair, f"{name}: {flow} is not in {low} to {high}"


def check_random(seed, *, economic=False):
    system = random_system(seed, nodes=11, legs=24)
    scenario = random_scenario(system, seed + 1)
    plan = ro.allocate(system, scenario, economic=economic)
    hair = size(plan)
    ranges = plan.flow_ranges(kinds=["leg", "route", "market"])
    for solver in SOLVERS:
        other = ro.allocate(system, scenario, economic=economic, solver=solver)
        assert_contains(ranges, other.legs["flow"].to_dict(), hair)
        for market, flow in other.markets["flow"].items():
            low, high = ranges.loc[("market", market), "low"], ranges.loc[("market", market), "high"]
            assert low - hair <= flow <= high + hair
    face = Face(system, scenario, economic=economic)
    rng = np.random.default_rng(seed)
    for _ in range(3):
        assert_contains(ranges, face.tie_broken(rng), 100 * hair)
    for route in dict.fromkeys(system.metering_legs.values()):
        found = ranges.loc[("route", route)]
        assert (found["low"], found["high"]) == pytest.approx(face.range(face.route(route)), abs=100 * hair)
    for name in system.legs:
        found, (low, high) = ranges.loc[("leg", name)], face.range(face.leg(name))
        assert found["low"] == pytest.approx(low, abs=100 * hair)
        assert found["high"] <= high + 100 * hair  # which counts circles


@pytest.mark.parametrize("seed", range(40, 46))
def test_random_systems(seed):
    check_random(seed)


@pytest.mark.parametrize("seed", [81, 83])
def test_random_systems_where_money_comes_first(seed):
    check_random(seed, economic=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200, 215))
def test_many_random_systems(seed):
    check_random(seed, economic=seed % 5 == 0)


def check_routes(system, scenario, slack, hair=2e-4):
    plan = ro.allocate(system, scenario)
    ranges = plan.flow_ranges(slack, kinds=["route", "leg"])
    share = float(slack.split()[0]) / 100
    # Money in thousand USD per day.
    face = Face(system, plan.scenario, allowance=share * abs(plan.cost) / 365e3)
    for route in plan.routes.index:
        found = ranges.loc[("route", route)]
        assert (found["low"], found["high"]) == pytest.approx(face.range(face.route(route)), abs=hair), route
    if share == 0:
        assert_contains(ranges, face.tie_broken(np.random.default_rng(1)), hair)
    for solver in SOLVERS:
        assert_contains(ranges, ro.allocate(system, scenario, solver=solver).legs["flow"].to_dict(), 1e-6)


FEW = ["cpc-closed", "one-mooring", "russia", "kebco-embargo", "tcop-20"]


@pytest.mark.parametrize("slack", ["0 %", "1 %"])
@pytest.mark.parametrize("scenario", [None, *FEW])
def test_shipped_scenarios(kz, scenario, slack):
    check_routes(kz, scenario, slack)


@pytest.mark.slow
@pytest.mark.parametrize("slack", ["0 %", "0.25 %"])
def test_all_shipped_scenarios(kz, slack):
    for scenario in list(kz.scenarios)[:: 4 if slack == "0 %" else 9]:
        check_routes(kz, whole_year(kz, scenario), slack)


def test_ranges_grow_with_the_slack(kz):
    plan = ro.allocate(kz)
    before = plan.flow_ranges()
    for slack in ("0.1 %", "0.5 %", "2 %", "10 %"):
        after = plan.flow_ranges(slack)
        assert (after["low"] <= before["low"] + 1e-6).all()
        assert (after["high"] >= before["high"] - 1e-6).all()
        before = after
