"""Exposure and concentration against hand calculations and against path flows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

import routeopt as ro
from helpers.small import near, network


def shares(plan, kind, name, slack=0.0):
    return plan.exposure_ranges(slack).loc[(kind, name), ["low", "high", "near_low", "near_high"]].tolist()


def crossroads(**more):
    """Two ways in, one hub, two ways out; which barrel goes where is anybody's guess."""
    return network(
        {
            "in1": ("f1", "h", {"countries": ["AA"]}),
            "in2": ("f2", "h", {}),
            "out1": ("h", "m1", {"countries": ["AA"], "capacity": "6 Mt/y", **more}),
            "out2": ("h", "m2", {"capacity": "4 Mt/y"}),
        },
        {"f1": "5 Mt/y", "f2": "5 Mt/y"},
        markets=("m1", "m2"),
    )


def test_decompositions_differ():
    # 5 of 10 cross on the way in, 6 on the way out. At best 5 of the 6 are the same barrels: 6 cross. At worst
    # 4 of in1's go out by out2: 5 + 5 = 10 of 10... in2's 5 all go by out1, in1 sends 1 by out1: all 10 cross.
    assert shares(ro.allocate(crossroads()), "country", "AA") == [near(0.6), near(1.0), near(0.6), near(1.0)]


def test_crossing_twice_counts_once():
    system = network(
        {"a": ("f", "h", {"countries": ["AA"]}), "b": ("h", "market", {"countries": ["AA", "BB"]}),
         "c": ("f", "market", {"capacity": "4 Mt/y", "tariff": "-5 USD/t"})}, {"f": "10 Mt/y"},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert shares(plan, "country", "AA")[:2] == [near(0.6), near(0.6)]
    assert shares(plan, "country", "BB")[:2] == [near(0.6), near(0.6)]


def test_the_exporter_is_not_foreign_and_hubs_count():
    system = network(
        {"a": ("f", "h", {"countries": ["KZ"]}), "b": ("h", "market", {"chokepoints": ["gate"]})}, {"f": "1 Mt/y"},
        exporter="KZ", nodes={"h": {"kind": "hub", "country": "RU"}},
    )  # fmt: skip
    frame = ro.allocate(system).exposure
    assert set(frame.index) == {("country", "RU"), ("chokepoint", "gate")}
    assert frame["low"].tolist() == [near(1), near(1)]


def test_a_refinery_is_no_export():
    # 4 go to the refinery across AA, 6 are exported without it, or the other way round for the oil of the hub.
    system = network(
        {"in1": ("f1", "h", {"countries": ["AA"]}), "in2": ("f2", "h"), "home": ("h", "plant"), "out": ("h", "market")},
        {"f1": "5 Mt/y", "f2": "5 Mt/y"}, refineries={"plant": {"demand": "4 Mt/y"}},
    )  # fmt: skip
    # Of 6 exported at least 1 (5 - 4) and at most 5 come from f1.
    assert shares(ro.allocate(system), "country", "AA")[:2] == [near(1 / 6), near(5 / 6)]


def test_near_optimal_flows_and_closures():
    system = network(
        {"a": ("f", "market", {"countries": ["AA"], "capacity": "8 Mt/y", "tariff": "10 USD/t"}),
         "b": ("f", "market", {"countries": ["BB"], "capacity": "8 Mt/y", "tariff": "20 USD/t"})}, {"f": "10 Mt/y"},
    )  # fmt: skip
    plan = ro.allocate(system)  # costs 80 + 40 = 120; 10 % buys 1.2 units moved from a to b
    assert shares(plan, "country", "AA", "10 %") == [near(0.8), near(0.8), near(0.68), near(0.8)]
    assert shares(ro.allocate(system, close=["a"]), "country", "BB")[:2] == [near(1), near(1)]
    assert (plan.exposure["high"].sum()) == near(1)


def ways_of(edges, start, end):
    stack, found = [(start, ())], []
    while stack:
        node, way = stack.pop()
        if node == end:
            found.append(way)
        stack += [(b, (*way, name)) for name, (a, b) in edges.items() if a == node]
    return found


@pytest.mark.parametrize("seed", range(15))
def test_against_path_flows(seed):
    rng = np.random.default_rng(seed)
    layers = [["f0", "f1"], ["a", "b"], ["c", "d"], ["m0", "m1"]]
    edges, legs = {}, {}
    for left, right in itertools.pairwise(layers):
        for x, y in itertools.product(left, right):
            name = x + y
            edges[name] = (x, y)
            legs[name] = (x, y, {"capacity": f"{rng.integers(1, 6)} Mt/y", "tariff": f"{rng.integers(1, 30)} USD/t",
                                 "countries": ["AA"] if rng.random() < 0.35 else []})  # fmt: skip
    legs["f0a"][2]["countries"] = ["AA"]
    plan = ro.allocate(network(legs, {"f0": "6 Mt/y", "f1": "6 Mt/y"}, markets=("m0", "m1")))
    flow = plan.legs["flow"]
    ways = [way for f in layers[0] for m in layers[-1] for way in ways_of(edges, f, m)]
    crossed = np.array([any(legs[name][2]["countries"] for name in way) for way in ways], float)
    uses = np.array([[name in way for way in ways] for name in edges], float)
    ends = []
    for sign in (1, -1):
        done = linprog(sign * crossed, A_eq=uses, b_eq=[flow[name] for name in edges])
        ends.append(sign * done.fun / plan.exported)
    assert shares(plan, "country", "AA")[:2] == [near(ends[0], 1e-5), near(ends[1], 1e-5)]


def test_concentration_by_hand():
    # Shares 0.5, 0.3, 0.2: HHI 0.38, 2.63 effective routes. With slack the last two may trade 2 of 10.
    legs = {name: ("f", "market", {"capacity": f"{size} Mt/y", "tariff": f"{tariff} USD/t"})
            for name, size, tariff in (("a", 5, 1), ("b", 3, 2), ("c", 4, 3))}  # fmt: skip
    plan = ro.allocate(network(legs, {"f": "10 Mt/y"}))
    frame = plan.concentration()
    assert frame.loc["hhi"].tolist() == [near(0.38), near(0.38), near(0.38)]
    assert frame.loc["effective_routes", "value"] == near(1 / 0.38)
    # 5 x 1 + 3 x 2 + 2 x 3 = 17; with 100 % slack every split within capacities is allowed.
    free = plan.concentration("100 %")
    grid = [((a, b, 10 - a - b)) for a in np.linspace(0, 5, 101) for b in np.linspace(0, 3, 61) if 0 <= 10 - a - b <= 4]
    values = [sum((v / 10) ** 2 for v in point) for point in grid]
    assert free.loc["hhi", "low"] == pytest.approx(min(values), abs=2e-4)
    assert free.loc["hhi", "high"] == pytest.approx(max(values), abs=1e-6)
    assert free.loc["hhi", "low"] <= min(values) + 1e-7


def test_nothing_exported():
    plan = ro.allocate(network({"a": ("f", "market", {"countries": ["AA"]})}, {"f": "1 Mt/y"}), close=["a"])
    assert plan.exposure["high"].tolist() == [0.0]
    assert plan.concentration()["value"].isna().all()
