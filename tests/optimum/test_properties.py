"""What holds for every system: balances, monotony, indifference to order and units, honest flags."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
import scipy.optimize
import scipy.sparse
from hypothesis import given

import routeopt as ro
from helpers.small import near, network, shuffled
from routeopt.scenario import Scenario
from routeopt.scenario.resolve import scenario_problems
from routeopt.testing import random_data, random_scenario, random_system

seeds = st.integers(0, 100_000)


def volumes(plan):
    """Refinery shortage first, then what is not exported: smaller is better."""
    return plan.shortage, -plan.exported


def no_better(one, other):
    """Whether a plan is at most as good as another in volume, in the order in which volumes count."""
    slack = 1e-7 * max(1.0, other.exported + other.shortage)
    if abs(one.shortage - other.shortage) > slack:
        return one.shortage > other.shortage
    return one.exported <= other.exported + slack


@given(seeds)
def test_what_comes_in_goes_out(seed):
    system = random_system(seed)
    plan = ro.allocate(system, random_scenario(system, seed))
    balance = dict.fromkeys(system.nodes, 0.0)
    for _, leg in plan.legs.iterrows():
        balance[leg["origin"]] -= leg["flow"]
        balance[leg["destination"]] += leg["arrives"]
    for table, sign in ((plan.fields, 1), (plan.markets, -1), (plan.refineries, -1)):
        for name, flow in table["flow"].items():
            balance[name] += sign * flow
    assert max(map(abs, balance.values())) <= 1e-9 * max(1.0, plan.exported)
    assert (plan.legs["flow"] >= 0).all()
    assert (plan.legs["utilisation"].fillna(0) <= 1 + 1e-9).all()
    assert plan.markets["flow"].sum() == near(plan.exported)
    assert plan.routes["flow"].sum() == near(plan.exported)
    assert plan.markets["revenue"].sum() == near(plan.revenue)


@given(seeds)
def test_totals_agree_with_the_tables(seed):
    system = random_system(seed)
    plan = ro.allocate(system, random_scenario(system, seed))
    assert plan.netback == near(plan.revenue - plan.cost)
    assert plan.shut_in == near((plan.fields["available"] - plan.fields["flow"]).sum())
    assert plan.flows["flow"].sum() == near(plan.legs["flow"].sum())


@given(seeds, st.integers(0, 5))
def test_closing_more_is_never_better(seed, more):
    system = random_system(seed)
    first = Scenario(closures=random_scenario(system, seed).closures)
    second = random_scenario(system, seed + 1 + more).closures
    both = Scenario(closures=(*first.closures, *second))
    assert no_better(ro.allocate(system, both), ro.allocate(system, first))


@given(seeds, st.integers(0, 27))
def test_more_capacity_is_never_worse(seed, place):
    system = random_system(seed)
    name = list(system.legs)[place % len(system.legs)]
    capacity = system.legs[name].capacity
    if capacity is None:
        return
    wider = system.override({f"legs.{name}.capacity": f"{capacity.value * 1.5} {capacity.unit}"})
    assert no_better(ro.allocate(system), ro.allocate(wider))


@given(seeds)
def test_closing_an_idle_leg_loses_nothing(seed):
    system = random_system(seed)
    plan = ro.allocate(system)
    idle = list(plan.legs.index[(plan.legs["flow"] == 0) & (plan.legs["status"] != "defunct")])
    shut = ro.allocate(system, close=idle)
    assert volumes(shut) == (near(plan.shortage), near(-plan.exported))
    # Force majeure may suspend a contract, so money can only gain.
    assert shut.netback >= plan.netback - 1e-6 * max(1.0, abs(plan.netback), plan.revenue)


@given(seeds, st.integers(0, 1000))
def test_the_order_of_the_data_does_not_matter(seed, order):
    data = random_data(seed)
    mixed = ro.ExportSystem.from_dict({**data, **shuffled({k: data[k] for k in ("nodes", "legs", "groups")}, order)})
    system = ro.ExportSystem.from_dict(data)
    scenario = random_scenario(system, seed)
    turned = scenario.model_copy(update={"closures": scenario.closures[::-1]})
    plan, again = ro.allocate(system, scenario), ro.allocate(mixed, turned)
    assert again.netback == near(plan.netback)
    assert again.certificate.unique == plan.certificate.unique
    difference = (again.flows["flow"].reindex(plan.flows.index) - plan.flows["flow"]).abs().max()
    assert difference <= 1e-6 * max(1.0, plan.exported)


@given(seeds)
def test_the_unit_of_results_changes_the_scale_only(seed):
    data = random_data(seed)
    mass = data["units"]["flow"] == "Mt/y"
    other, factor, time = ("kt/d", 1000 / 365, 1 / 365) if mass else ("mb/y", 0.365, 365)
    plan = ro.allocate(ro.ExportSystem.from_dict(data))
    shown = ro.allocate(ro.ExportSystem.from_dict({**data, "units": {"flow": other}}))
    assert shown.exported == near(plan.exported * factor)
    assert shown.cost == near(plan.cost * time)
    assert shown.legs["flow"].to_numpy() == pytest.approx(plan.legs["flow"].to_numpy() * factor, rel=1e-6, abs=1e-9)


@given(seeds)
def test_the_certificate_holds_without_a_gap(seed):
    system = random_system(seed)
    certificate = ro.allocate(system, random_scenario(system, seed)).certificate
    assert certificate.valid
    assert certificate.gap < 1e-9
    assert certificate.cold_restarts == 0
    for proof in certificate.proofs:
        assert proof.bound == pytest.approx(proof.value, rel=1e-7, abs=1e-7)


def spread(plan):
    """Widest range of a flow over all points that are as good, found with scipy and rows that hold the stages."""
    solved = plan._solved
    program, bounds, x = solved.program, solved.bounds, solved.answer.x
    matrix = scipy.sparse.csc_matrix((program.value, program.index, program.start), program.shape)
    stages = [cost for _, cost in solved.stages() if cost.any()]
    hold = scipy.sparse.csr_matrix(np.array(stages))
    everything = scipy.sparse.vstack([matrix, hold])
    most = np.array([cost @ x + 1e-9 * max(1.0, abs(cost) @ x) for cost in stages])
    low = np.concatenate([bounds.row_lower, np.full(len(stages), -np.inf)])
    high = np.concatenate([bounds.row_upper, most])
    rows = scipy.optimize.LinearConstraint(everything, low, high)
    widest = 0.0
    for column in range(solved.program.layout.column["output"]):
        cost = np.zeros(program.shape[1])
        cost[column] = 1.0
        ends = []
        for sign in (1, -1):
            limits = scipy.optimize.Bounds(bounds.lower, np.minimum(bounds.upper, 1e5))
            found = scipy.optimize.milp(sign * cost, constraints=rows, bounds=limits)
            assert found.success
            ends.append(found.x[column])
        widest = max(widest, ends[1] - ends[0])
    return widest


def test_the_flag_of_uniqueness_is_honest():
    seen = set()
    for seed in range(24):
        system = random_system(seed, nodes=8, legs=14)
        plan = ro.allocate(system)
        wide = spread(plan) > 1e-3
        seen.add(wide)
        assert plan.certificate.unique != wide, seed
    assert seen == {True, False}


def test_ties_on_purpose():
    for count in (2, 3, 5):
        legs = {f"way-{i}": ("f", "market", {"capacity": "4 Mt/y", "tariff": "7 USD/t"}) for i in range(count)}
        tied = ro.allocate(network(legs, {"f": "5 Mt/y"}))
        assert not tied.certificate.unique
        assert spread(tied) > 1
        full = ro.allocate(network(legs, {"f": f"{4 * count} Mt/y"}))
        assert full.certificate.unique
        assert spread(full) < 1e-6


@given(seeds)
def test_random_scenarios_fit_their_system(seed):
    system = random_system(seed)
    assert scenario_problems(system, random_scenario(system, seed)) == []
    assert ro.ExportSystem.from_dict(system.to_dict()) == system


def test_a_large_system_is_made_and_solved_quickly():
    system = random_system(1, nodes=2000, legs=8000, plain=True)
    assert (len(system.nodes), len(system.legs)) == (2000, 8000)
    plan = ro.allocate(system)
    assert plan.certificate.valid
    assert 0 < plan.exported <= sum(field.output.value for field in system.fields.values())
