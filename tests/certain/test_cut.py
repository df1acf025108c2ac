"""The minimum cut: what stops the next barrel, held against the max-flow min-cut theorem."""

from __future__ import annotations

import networkx
import numpy as np
import pytest

import routeopt as ro
from helpers.small import near, network
from routeopt.testing import random_scenario, random_system


def leg(capacity=None, **more):
    return {
        **more,
        **({} if capacity is None else {"capacity": capacity if isinstance(capacity, str) else f"{capacity} Mt/y"}),
    }


def carried(plan):
    """Sum of weight x capacity, and what it must be: exports, and what refineries take of what could be exported."""
    cut = plan.minimum_cut
    return float((cut["weight"] * cut["capacity"]).sum())


def weights(plan):
    return plan.minimum_cut["weight"].to_dict()


def test_by_hand():
    # Of 10 + 3 fields' output 5 pass the trunk, and 2 the line beside it.
    system = network(
        {
            "a": ("f", "h", leg()),
            "b": ("g", "h", leg()),
            "trunk": ("h", "market", leg(5)),
            "line": ("h", "market", leg(2)),
        },
        {"f": "10 Mt/y", "g": "3 Mt/y"},
    )
    plan = ro.allocate(system)
    assert weights(plan) == {"trunk": near(1), "line": near(1)}
    assert plan.minimum_cut["capacity"].tolist() == [near(5), near(2)]
    assert plan.bottleneck_summary == "exports are limited by trunk and line (at capacity)"


def test_a_field_and_a_leg():
    # f's own pipe takes 4, g's 3 are all produced.
    system = network(
        {"a": ("f", "h", leg(4)), "b": ("g", "h", leg()), "out": ("h", "market", leg())},
        {"f": "10 Mt/y", "g": "3 Mt/y"},
    )
    plan = ro.allocate(system)
    assert weights(plan) == {"a": near(1), "g": near(1)}
    assert plan.minimum_cut["kind"].tolist() == ["leg", "field"]
    assert plan.bottleneck_summary == "exports are limited by a and the output of g (at capacity)"


def test_nothing_stops_it():
    system = network({"a": ("f", "market", leg(40))}, {"f": "10 Mt/y"})
    assert ro.allocate(system).bottleneck_summary == "exports are limited by production: every field is at capacity"


def test_closed():
    system = network({"a": ("f", "market", leg(4)), "b": ("f", "market", leg(3))}, {"f": "10 Mt/y"})
    plan = ro.allocate(system, close=["a"])
    assert plan.bottleneck_summary == "exports are limited by b (at capacity) and a (closed)"
    assert ro.allocate(system, close=["a", "b"]).bottleneck_summary == ("exports are limited by a and b (closed)")


def test_the_only_way_does_not_stand():
    system = network(
        {"a": ("f", "market", leg(4, status="idle")), "home": ("f", "refinery", leg())}, {"f": "10 Mt/y"},
        refineries={"refinery": {"demand": "4 Mt/y"}},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert plan.exported == 0
    assert plan.minimum_cut.empty
    assert plan.bottleneck_summary == "nothing can be exported"


def test_a_market_that_wants_no_more():
    system = network({"a": ("f", "market", leg())}, {"f": "10 Mt/y"}, markets={"market": {"demand": "7 Mt/y"}})
    plan = ro.allocate(system)
    assert weights(plan) == {"market": near(1)}
    assert plan.minimum_cut.loc["market", "capacity"] == near(7)
    assert plan.bottleneck_summary == "exports are limited by the demand of market (at capacity)"


def test_a_demand_in_barrels():
    system = network(
        {"a": ("f", "market", leg())},
        {"f": {"output": "15 kt/d", "commodity": "light"}},
        markets={"market": {"demand": "80 kb/d"}},
        commodities={"light": {"barrels_per_tonne": 8}},
        units={"flow": "kt/d"},
    )
    plan = ro.allocate(system)
    assert plan.minimum_cut.loc["market", ["capacity", "weight"]].tolist() == [near(10), near(1)]


def test_an_embargo():
    system = network(
        {"a": ("f", "market", leg(8)), "b": ("g", "market", leg(3))},
        {"f": {"output": "10 Mt/y", "commodity": "light"}, "g": {"output": "5 Mt/y", "commodity": "heavy"}},
        commodities={"light": {}, "heavy": {}},
    )  # fmt: skip
    plan = ro.allocate(system, close=[{"commodity": "light"}])
    assert plan.exported == near(3)
    assert carried(plan) == near(3)
    assert plan.bottleneck_summary == "exports are limited by b (at capacity) and a for light (closed)"
    half = ro.allocate(system, close=[{"leg": "a", "commodity": "light", "availability": "50 %"}])
    assert half.exported == near(7)
    assert carried(half) == near(7)


def test_barrels_vessels_and_losses_are_weighed():
    # 80 kb/d at 8 barrels per tonne are 10 kt/d, less 5 %; two vessels of 10 kt in 5 d bring 4.
    system = network(
        {"line": ("f", "market", leg("80 kb/d", loss="5 %")), "ship": ("f", "market", leg())},
        {"f": {"output": "30 kt/d", "commodity": "light"}},
        commodities={"light": {"barrels_per_tonne": 8}},
        groups={"fleet": {"vessels": 2, "legs": {"ship": {"cargo": "10 kt", "round_trip": "5 d"}}}},
        units={"flow": "kt/d"},
    )
    plan = ro.allocate(system)
    assert plan.exported == near(13.5)
    cut = plan.minimum_cut
    assert cut.loc["line", ["unit", "capacity", "weight"]].tolist() == ["kt/d", near(10), near(0.95)]
    assert cut.loc["fleet", ["unit", "capacity", "weight"]].tolist() == ["vessels", near(2), near(2)]


def test_several_streams_in_barrels():
    system = network(
        {"a": ("f", "h", leg()), "b": ("g", "h", leg()), "out": ("h", "market", leg("100 kb/d"))},
        {"f": {"output": "10 kt/d", "commodity": "light"}, "g": {"output": "10 kt/d", "commodity": "heavy"}},
        commodities={"light": {"barrels_per_tonne": 8}, "heavy": {"barrels_per_tonne": 7}}, units={"flow": "kt/d"},
    )  # fmt: skip
    plan = ro.allocate(system)
    # All 10 of heavy (70 kb) and 3.75 of light: a barrel more of room is an eighth of a tonne of light, and a tonne
    # more of heavy takes the room of seven eighths of a tonne of light.
    assert plan.exported == near(13.75)
    assert carried(plan) == near(13.75)
    assert weights(plan) == {"out": near(100 / 13.75 / 8), "g": near(1 / 8)}


def test_ones_own_constraints_can_be_the_cut():
    system = network({"a": ("f", "market", leg(8)), "b": ("f", "market", leg(3))}, {"f": "20 Mt/y"})

    def few(problem, variables):
        problem += variables.leg("a") + variables.leg("b") <= 5, "few"

    plan = ro.allocate(system, constraints=few)
    assert weights(plan) == {"few": near(1)}
    assert carried(plan) == near(5)
    assert plan.bottleneck_summary == "exports are limited by the added constraints 'few'"


def test_what_does_not_pay_is_not_stopped():
    system = network(
        {"a": ("f", "market", leg(9, tariff="45 USD/t"))}, {"f": "10 Mt/y"}, markets={"market": {"price": "40 USD/t"}}
    )
    assert ro.allocate(system, economic=True).bottleneck_summary == "more could be exported, but at a loss"
    assert ro.allocate(system).bottleneck_summary == "exports are limited by a (at capacity)"
    paying = system.override({"nodes": {"market": {"price": "50 USD/t"}}})
    assert ro.allocate(paying, economic=True).bottleneck_summary == "exports are limited by a (at capacity)"


@pytest.mark.parametrize("seed", range(20))
def test_single_stream_whole_numbers_against_networkx(seed):
    rng = np.random.default_rng(seed)
    hubs = [f"h{i}" for i in range(6)]
    fields = {f"f{i}": int(rng.integers(3, 15)) for i in range(3)}
    ends = [(field, str(hub)) for field in fields for hub in rng.choice(hubs, 2, replace=False)]
    ends += [(str(a), str(b)) for a, b in (rng.choice(hubs, 2, replace=False) for _ in range(12))]
    ends += [(str(rng.choice(hubs)), "market") for _ in range(3)] + [(hubs[0], "market")]
    ends += [(hub, hubs[0]) for hub in hubs[1:]]
    sizes = [int(rng.integers(0, 9)) for _ in ends]
    system = network(
        {f"leg{i}": (*pair, leg(size)) for i, (pair, size) in enumerate(zip(ends, sizes, strict=True))},
        {name: f"{size} Mt/y" for name, size in fields.items()},
    )  # fmt: skip
    graph = networkx.DiGraph()
    for name, size in fields.items():
        graph.add_edge("source", name, capacity=size)
    for (start, end), size in zip(ends, sizes, strict=True):
        before = graph.get_edge_data(start, end, {"capacity": 0})["capacity"]
        graph.add_edge(start, end, capacity=before + size)
    plan = ro.allocate(system)
    expected = networkx.minimum_cut_value(graph, "source", "market")
    assert plan.exported == near(expected)
    assert carried(plan) == near(expected)
    # Every weight of a cut is one, and what is cut is full.
    assert plan.minimum_cut["weight"].tolist() == pytest.approx([1.0] * len(plan.minimum_cut))
    # Without what is cut nothing gets through.
    for name, kind in plan.minimum_cut["kind"].items():
        start, end = ("source", name) if kind == "field" else ends[int(name[3:])]
        if kind == "field":
            graph.remove_edge(start, end)
        else:
            graph[start][end]["capacity"] -= sizes[int(name[3:])]
    assert networkx.maximum_flow_value(graph, "source", "market") == 0


def taken(plan):
    """What refineries take."""
    return float(plan.refineries["flow"].sum())


@pytest.mark.parametrize("seed", range(400, 425))
def test_random_systems_by_duality(seed):
    # With groups, barrels, losses, embargoes; without refineries the weights add up to the exports.
    system = random_system(seed)
    plan = ro.allocate(system, random_scenario(system, seed))
    if taken(plan) < 1e-9:
        assert carried(plan) == pytest.approx(plan.exported, rel=1e-6, abs=1e-9)
    else:
        assert carried(plan) >= plan.exported - 1e-9


@pytest.mark.parametrize("scenario", [None, "cpc-closed", "russia", "kebco-embargo", "caspian-closed"])
def test_kazakhstan(kz, scenario):
    plan = ro.allocate(kz, scenario)
    cut = plan.minimum_cut
    full = {**plan.legs["utilisation"], **plan.groups["utilisation"]}
    for name, kind in cut["kind"].items():
        if kind in ("leg", "group"):
            assert cut.loc[name, "capacity"] == 0 or full[name] == near(1)
