"""Networks whose optimum is known from elsewhere, written as export systems."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.small import near, network


def test_maximum_flow_of_cormen_et_al():
    # Introduction to Algorithms, 3rd edition, figure 26.1: the maximum flow is 23.
    arcs = {("s", "v1"): 16, ("s", "v2"): 13, ("v1", "v3"): 12, ("v2", "v1"): 4, ("v3", "v2"): 9,
            ("v2", "v4"): 14, ("v4", "v3"): 7, ("v3", "t"): 20, ("v4", "t"): 4}  # fmt: skip
    legs = {f"{a}-{b}": (a, b, {"capacity": f"{c} Mt/y"}) for (a, b), c in arcs.items()}
    assert ro.allocate(network(legs, {"s": "100 Mt/y"}, ["t"])).exported == near(23)


def test_maximum_flow_with_an_arc_that_must_be_given_back():
    # The diamond by which Ford and Fulkerson's method is shown to need residual arcs: 2000, not 1999 or less.
    arcs = {("s", "a"): 1000, ("s", "b"): 1000, ("a", "b"): 1, ("a", "t"): 1000, ("b", "t"): 1000}
    legs = {f"{a}-{b}": (a, b, {"capacity": f"{c} kt/d"}) for (a, b), c in arcs.items()}
    plan = ro.allocate(network(legs, {"s": "5000 kt/d"}, ["t"], units={"flow": "kt/d"}))
    assert plan.exported == near(2000)


def transport(supply, demand, cost):
    """Plants, cities and unit costs, as fields, markets and legs without capacity."""
    legs = {
        f"{i}-{j}": (f"plant{i}", f"city{j}", {"tariff": f"{cost[i][j]} USD/t"})
        for i in range(len(supply))
        for j in range(len(demand))
    }
    fields = {f"plant{i}": f"{amount} kt/d" for i, amount in enumerate(supply)}
    markets = {f"city{j}": {"demand": f"{amount} kt/d"} for j, amount in enumerate(demand)}
    return ro.allocate(network(legs, fields, markets, units={"flow": "kt/d"}))


def test_transport_of_dantzigs_canneries():
    # Dantzig, Linear Programming and Extensions, chapter 3.3, with the distances that GAMS made known
    # (model trnsport): 153.675 thousand dollars a day.
    miles = [[2.5, 1.7, 1.8], [2.5, 1.8, 1.4]]
    plan = transport([350, 600], [325, 300, 275], [[90 * d / 1000 for d in row] for row in miles])
    assert plan.exported == near(900)
    assert plan.cost == near(153.675e3)


def test_transport_of_winstons_powerco():
    # Winston, Operations Research, chapter 7.1: three power plants, four cities, 1,020.
    plan = transport([35, 50, 40], [45, 20, 30, 30], [[8, 6, 10, 9], [9, 12, 13, 7], [14, 9, 16, 5]])
    assert plan.exported == near(125)
    assert plan.cost == near(1020e3)


def test_minimum_cost_flow_of_the_networkx_manual():
    # The example of networkx.min_cost_flow: five units from a to d cost 24.
    arcs = {("a", "b"): (4, 3), ("a", "c"): (10, 6), ("b", "d"): (9, 1), ("c", "d"): (5, 2)}
    legs = {f"{a}-{b}": (a, b, {"capacity": f"{u} kt/d", "tariff": f"{c} USD/t"}) for (a, b), (u, c) in arcs.items()}
    plan = ro.allocate(network(legs, {"a": "5 kt/d"}, ["d"], units={"flow": "kt/d"}))
    assert (plan.exported, plan.cost) == (near(5), near(24e3))


def test_minimum_cost_flow_of_the_ortools_manual():
    # The example of OR-Tools' SimpleMinCostFlow: 20 units from node 0 to nodes 3 and 4 cost 150.
    arcs = [(0, 1, 15, 4), (0, 2, 8, 4), (1, 2, 20, 2), (1, 3, 4, 2), (1, 4, 10, 6), (2, 3, 15, 1), (2, 4, 4, 3),
            (3, 4, 20, 2), (4, 2, 5, 3)]  # fmt: skip
    legs = {f"{a}-{b}": (f"n{a}", f"n{b}", {"capacity": f"{u} kt/d", "tariff": f"{c} USD/t"}) for a, b, u, c in arcs}
    legs |= {"to-m3": ("n3", "m3"), "to-m4": ("n4", "m4")}
    markets = {"m3": {"demand": "5 kt/d"}, "m4": {"demand": "15 kt/d"}}
    plan = ro.allocate(network(legs, {"n0": "20 kt/d"}, markets, units={"flow": "kt/d"}))
    assert (plan.exported, plan.cost) == (near(20), near(150e3))


@pytest.mark.parametrize(("goal", "distance"), [("t", 2), ("y", 7), ("x", 4), ("z", -2)])
def test_shortest_paths_with_negative_costs_of_cormen_et_al(goal, distance):
    # Introduction to Algorithms, 3rd edition, figure 24.4 (Bellman-Ford): s to t 2, y 7, x 4, z -2.
    arcs = {("s", "t"): 6, ("s", "y"): 7, ("t", "x"): 5, ("t", "y"): 8, ("t", "z"): -4, ("x", "t"): -2,
            ("y", "x"): -3, ("y", "z"): 9, ("z", "s"): 2, ("z", "x"): 7}  # fmt: skip
    legs = {f"{a}-{b}": (a, b, {"tariff": f"{c} USD/t"}) for (a, b), c in arcs.items()}
    legs["out"] = (goal, "market")
    plan = ro.allocate(network(legs, {"s": "1 kt/d"}, units={"flow": "kt/d"}))
    assert (plan.exported, plan.cost) == (near(1), near(distance * 1e3))


def test_gas_in_billion_cubic_metres():
    """Russian gas to Europe in 2024: 16.1 through Ukraine, 16.7 through TurkStream's European string, which is full.

    When the transit of Ukraine ended on 1 January 2025 next to nothing could be re-routed.
    """
    system = network(
        {"ukraine": ("russia", "hub", {"capacity": "40 bcm/y", "countries": ["UA"]}),
         "turkstream": ("russia", "bulgaria", {"capacity": "16.7 bcm/y"}), "inland": ("bulgaria", "hub"),
         "sale": ("hub", "europe"), "tanap": ("shah-deniz", "greece", {"capacity": "16 bcm/y"}),
         "offtake": ("greece", "turkiye"), "tap": ("greece", "europe", {"capacity": "10 bcm/y"})},
        {"russia": "32.8 bcm/y", "shah-deniz": "17 bcm/y"}, {"europe": {}, "turkiye": {"demand": "5.7 bcm/y"}},
        units={"flow": "bcm/y"},
    )  # fmt: skip
    base = ro.allocate(system)
    # 32.8 of Russian gas; of Azerbaijan's, TAP takes 10 and Türkiye 5.7 of the 16 that TANAP could carry.
    assert base.exported == near(32.8 + 15.7)
    cut = ro.allocate(system, close=[{"country": "UA"}])
    assert base.exported - cut.exported == near(16.1)
    assert cut.bottlenecks.loc["turkstream", "marginal_exports"] == near(1)


def test_oil_in_barrels_a_day():
    """South Sudan: 100 kb/d of Dar Blend by Petrodar and 50 of Nile Blend by the Greater Nile line to Port Sudan.

    Petrodar broke in February 2024; the fields are not joined, so the other line's 250 kb/d did not help.
    """
    system = network(
        {"petrodar": ("palogue", "port-sudan", {"capacity": "410 kb/d", "tariff": "24 USD/bbl", "countries": ["SD"]}),
         "gnop": ("unity", "port-sudan", {"capacity": "250 kb/d", "tariff": "24 USD/bbl", "countries": ["SD"]})},
        {"palogue": "100 kb/d", "unity": "50 kb/d"}, ["port-sudan"], units={"flow": "kb/d"}, price="80 USD/bbl",
    )  # fmt: skip
    base = ro.allocate(system)
    assert (base.exported, base.money_unit) == (near(150), "USD/d")
    assert base.netback == near(150e3 * (80 - 24))
    assert ro.allocate(system, close=["petrodar"]).exported == near(50)
    assert ro.allocate(system, close=[{"country": "SD"}]).exported == 0
