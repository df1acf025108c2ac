"""Ranges of flows against instances whose ranges are known, and against every optimum that solvers find."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

import routeopt as ro
from helpers.small import near, network, whole_year
from routeopt.solve.near_optimal import near_optimal
from routeopt.testing import random_scenario, random_system


def span(frame, kind, name):
    return tuple(frame.loc[(kind, name), ["low", "high"]])


def test_two_equal_legs():
    # 10 units, two legs of 7 at one price: either carries 3 to 7, together always 10.
    system = network(
        {"a": ("f", "market", {"capacity": "7 Mt/y"}), "b": ("f", "market", {"capacity": "7 Mt/y"})}, {"f": "10 Mt/y"}
    )
    ranges = ro.allocate(system).flow_ranges(sums={"both": ["a", "b"]})
    assert list(span(ranges, "leg", "a")) == [near(3), near(7)]
    assert list(span(ranges, "sum", "both")) == [near(10), near(10)]
    assert ranges.loc[("market", "market"), "width"] == near(0)


def test_slack_by_hand():
    # a costs 10, b 12 USD/t; cost 70 + 3 x 12 = 106 with a at its limit of 7. Moving one unit to b costs 2, so
    # 4 % of 106 = 4.24 moves 2.12 units.
    system = network(
        {"a": ("f", "market", {"capacity": "7 Mt/y", "tariff": "10 USD/t"}),
         "b": ("f", "market", {"capacity": "7 Mt/y", "tariff": "12 USD/t"})}, {"f": "10 Mt/y"},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert list(span(plan.flow_ranges(), "leg", "a")) == [near(7), near(7)]
    assert list(span(plan.flow_ranges("4 %"), "leg", "a")) == [near(7 - 2.12), near(7)]
    assert list(span(plan.flow_ranges(0.04), "leg", "b")) == [near(3), near(5.12)]
    # The exported volume is held: no slack ships less.
    assert list(span(plan.flow_ranges("1000 %"), "market", "market")) == [near(10), near(10)]


def test_ties_through_two_hubs_after_a_closure():
    legs = {
        "in1": ("f", "h1", {"capacity": "6 Mt/y"}), "in2": ("f", "h2", {"capacity": "6 Mt/y"}),
        "out1": ("h1", "market", {}), "out2": ("h2", "market", {"capacity": "5 Mt/y"}), "cross": ("h1", "h2", {}),
    }  # fmt: skip
    system = network(legs, {"f": "8 Mt/y"})
    # in2 at most 5 (what out2 takes), so in1 at least 3; cross at most what out2 has left.
    ranges = ro.allocate(system).flow_ranges()
    assert list(span(ranges, "leg", "in1")) == [near(3), near(6)]
    assert list(span(ranges, "leg", "cross")) == [near(0), near(3)]
    shut = ro.allocate(system, close=["out1"]).flow_ranges()
    assert list(span(shut, "leg", "cross")) == [near(0), near(5)]
    assert list(span(shut, "market", "market")) == [near(5), near(5)]


@pytest.mark.parametrize("capacity", [{}, {"capacity": "3 Mt/y"}])
def test_a_loop_that_costs_nothing_does_not_count(capacity):
    legs = {
        "fa": ("f", "a"), "ab": ("a", "b", capacity), "ba": ("b", "a", capacity), "direct": ("a", "b"),
        "bm": ("b", "market", {"capacity": "7 Mt/y"}),
    }  # fmt: skip
    ranges = ro.allocate(network(legs, {"f": "10 Mt/y"})).flow_ranges()
    most = 3 if capacity else 7
    assert list(span(ranges, "leg", "ab")) == [near(0), near(most)]
    assert list(span(ranges, "leg", "ba")) == [near(0), near(0)]  # no way to the market uses it
    assert list(span(ranges, "leg", "direct")) == [near(7 - most), near(7)]


def all_ways(edges, start, end):
    """Every way without a repeated node, as tuples of edges."""
    found, stack = [], [(start, (), {start})]
    while stack:
        node, way, seen = stack.pop()
        if node == end:
            found.append(way)
            continue
        for name, (a, b) in edges.items():
            if a == node and b not in seen:
                stack.append((b, (*way, name), seen | {b}))
    return found


def acyclic_most(edges, capacity, supply, target):
    """Largest flow of an edge over all flows without cycles, by trying every acyclic set of edges."""
    best = 0.0
    nodes = sorted({n for ends in edges.values() for n in ends})
    inner = [n for n in nodes if n not in ("f", "market")]
    names = list(edges)
    for order in itertools.permutations(inner):
        rank = {"f": -1, "market": len(inner), **{n: i for i, n in enumerate(order)}}
        upper = [capacity[n] if rank[edges[n][0]] < rank[edges[n][1]] else 0.0 for n in names]
        balance = np.array([[(edges[n][1] == v) - (edges[n][0] == v) for n in names] for v in inner], float)
        out = np.array([[1.0 if edges[n][1] == "market" else 0.0 for n in names]])
        cost = [-1.0 if n == target else 0.0 for n in names]
        rows = np.vstack([balance, out])
        done = linprog(
            cost, A_eq=rows, b_eq=[0.0] * len(inner) + [supply], bounds=list(zip([0] * len(names), upper, strict=True))
        )
        if done.status == 0:
            best = max(best, -done.fun)
    return best


@pytest.mark.parametrize("seed", range(8))
def test_loops_against_every_acyclic_flow(seed):
    rng = np.random.default_rng(seed)
    hubs = ["a", "b", "c"]
    edges = {"fa": ("f", "a"), "cm": ("c", "market"), "bm": ("b", "market")}
    for x, y in itertools.permutations(hubs, 2):
        if x + y == "ab" or rng.random() < 0.8:
            edges[x + y] = (x, y)
    capacity = {name: float(rng.integers(1, 7)) for name in edges}
    system = network({n: (*ends, {"capacity": f"{capacity[n]} Mt/y"}) for n, ends in edges.items()}, {"f": "20 Mt/y"})
    plan = ro.allocate(system)
    if plan.exported == 0:
        return
    ranges = plan.flow_ranges(kinds=["leg"])
    for name in edges:
        assert ranges.loc[("leg", name), "high"] == near(acyclic_most(edges, capacity, plan.exported, name), 1e-5), name


@pytest.mark.parametrize("seed", range(25))
def test_ranges_hold_every_optimum_and_are_attained(seed):
    system = random_system(seed)
    scenario = random_scenario(system, seed + 100)
    plan = ro.allocate(system, scenario)
    ranges = plan.flow_ranges("1 %")
    assert (ranges["low"] <= ranges["flow"] + 1e-9).all()
    assert (ranges["flow"] <= ranges["high"] + 1e-9).all()
    for solver in ("pulp:HiGHS",):
        other = ro.allocate(system, scenario, solver=solver)
        exact = plan.flow_ranges(kinds=["leg"]).droplevel("kind")
        assert (other.legs["flow"] >= exact["low"] - 1e-6).all()
        assert (other.legs["flow"] <= exact["high"] + 1e-6).all()
    # Points that another solver finds for random costs on the same face lie inside.
    region = near_optimal(plan._solved)
    program, bounds = region.program, region.bounds
    matrix = np.zeros(program.shape)
    np.add.at(matrix, (program.index, program.column_of_entry), program.value)
    equal = bounds.row_lower == bounds.row_upper
    up, down = np.isfinite(bounds.row_upper) & ~equal, np.isfinite(bounds.row_lower) & ~equal
    exact = plan.flow_ranges(kinds=["leg"]).droplevel("kind")
    layout = plan._solved.program.layout
    rng = np.random.default_rng(seed)
    for _ in range(3):
        # Positive costs: nothing goes round.
        done = linprog(
            rng.uniform(0.1, 1.0, program.shape[1]),
            A_ub=np.vstack([matrix[up], -matrix[down]]),
            b_ub=np.r_[bounds.row_upper[up], -bounds.row_lower[down]] + 1e-9,
            A_eq=matrix[equal], b_eq=bounds.row_upper[equal], bounds=np.c_[bounds.lower, bounds.upper],
        )  # fmt: skip
        assert done.status == 0
        flow = np.bincount(layout.flow_leg, done.x[layout.columns("flow")], len(exact)) / plan._tables.scales.flow
        assert (flow >= exact["low"].to_numpy() - 1e-6).all()
        assert (flow <= exact["high"].to_numpy() + 1e-6).all()


def test_every_shipped_scenario_has_its_flows_inside():
    kz = ro.load("kazakhstan")
    for name in list(kz.scenarios)[::4]:
        plan = ro.allocate(kz, whole_year(kz, name))
        ranges = plan.flow_ranges("0.5 %", kinds=["route", "market"])
        assert (ranges["low"] <= ranges["flow"] + 1e-7).all(), name
        assert (ranges["high"] >= ranges["flow"] - 1e-7).all(), name
        tight = plan.flow_ranges(kinds=["route", "market"])
        assert (tight["width"] <= ranges["width"] + 1e-6).all(), name


def test_bad_arguments():
    plan = ro.allocate(network({"a": ("f", "market")}, {"f": "1 Mt/y"}))
    with pytest.raises(ro.InputError, match="unknown kind of range 'legs'; did you mean 'leg'"):
        plan.flow_ranges(kinds=["legs"])
    with pytest.raises(ro.InputError, match="unknown leg, route or market"):
        plan.flow_ranges(sums={"x": ["b"]})
    with pytest.raises(ro.InputError, match="a slack cannot be"):
        plan.flow_ranges("-1 %")
    with pytest.raises(ro.InputError, match="a slack is a share"):
        plan.flow_ranges("1 Mt/y")
