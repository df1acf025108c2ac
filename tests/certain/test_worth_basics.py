"""The worth of capacity against hand calculations and against solving again with a little more or less."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest

import routeopt as ro
from helpers.small import near, network
from routeopt.allocation.capacity import capacities
from routeopt.solve.highs import Session

TEN = ["base", "cpc-closed", "cpc-closed-with-tcop-20", "one-mooring", "two-moorings", "russia", "turkish-straits",
       "btc-closed", "caspian-weather", "china-closed"]  # fmt: skip


def volume_and_money(solved, bounds, exported=None, shortage=None):
    """Most exported with refineries kept, and least money with that volume (or a given one) held."""
    layout, objectives = solved.program.layout, solved.objectives
    columns = layout.columns("shortage")
    upper = bounds.upper.copy()
    upper[columns] = solved.answer.x[columns]
    kept = type(bounds)(bounds.lower, upper, bounds.row_lower, bounds.row_upper, bounds.unit)
    session = Session(solved.program, kept)
    volume = -float(objectives.volume @ session.minimise(objectives.volume).x)
    target = volume if exported is None else exported
    held = kept.with_rows([layout.exported_row], target - 1e-9 * max(1, target), target)
    session.set_bounds(held)
    return volume, float(objectives.money @ session.minimise(objectives.money).x)


@pytest.mark.parametrize("name", TEN)
def test_every_capacity_of_kazakhstan_against_solving_again(name):
    kz = ro.load("kazakhstan")
    plan = ro.allocate(kz, None if name == "base" else name)
    solved, scale = plan._solved, plan._tables.scales.flow
    values = plan.shadow_prices()
    volume, money = volume_and_money(solved, solved.bounds)
    assert set(values.index) == {capacity.name for capacity in capacities(solved)}
    for capacity in capacities(solved):
        row = values.loc[capacity.name]
        step = 1e-3 * max(1.0, capacity.size)
        more, _ = volume_and_money(solved, capacity.at(solved.bounds, capacity.size + step))
        _, cheaper = volume_and_money(solved, capacity.at(solved.bounds, capacity.size + step), exported=volume)
        room = (row["exports_valid_to"] - row["capacity"]) * scale
        if room > step:
            assert (more - volume) / step == pytest.approx(row["exports_up"], abs=1e-5), capacity.name
        room = (row["saving_valid_to"] - row["capacity"]) * scale
        if room > step:
            assert (money - cheaper) / step == pytest.approx(row["saving_up"], abs=1e-3), capacity.name
        if capacity.size > step and (row["capacity"] - row["exports_valid_from"]) * scale > step:
            less, _ = volume_and_money(solved, capacity.at(solved.bounds, capacity.size - step))
            assert (volume - less) / step == pytest.approx(row["exports_down"], abs=1e-5), capacity.name
            if row["exports_down"] == 0 and (row["capacity"] - row["saving_valid_from"]) * scale > step:
                _, dearer = volume_and_money(solved, capacity.at(solved.bounds, capacity.size - step), exported=volume)
                assert (dearer - money) / step == pytest.approx(row["saving_down"], abs=1e-3), capacity.name
        # Beyond the end of a piece one more is worth less, and what binds there is full.
        if math.isfinite(row["exports_valid_to"]) and row["exports_up"] > 0:
            end = row["exports_valid_to"] * scale
            here, _ = volume_and_money(solved, capacity.at(solved.bounds, end))
            beyond, _ = volume_and_money(solved, capacity.at(solved.bounds, end + step))
            assert here - volume == pytest.approx(row["exports_up"] * (end - capacity.size), rel=1e-6)
            assert (beyond - here) / step < row["exports_up"] - 1e-6, capacity.name


def test_two_equal_capacities_in_series():
    # One more on either is worth nothing, one less costs one.
    system = network(
        {"a": ("f", "h", {"capacity": "5 Mt/y"}), "b": ("h", "market", {"capacity": "5 Mt/y"})}, {"f": "9 Mt/y"}
    )
    values = ro.allocate(system).shadow_prices()
    for name in ("a", "b"):
        assert values.loc[name, ["exports_up", "exports_down", "exports_valid_from"]].tolist() == [
            near(0),
            near(1),
            near(0),
        ]
        assert values.loc[name, "exports_valid_to"] == math.inf
    assert ro.allocate(system).bottlenecks.empty


def test_until_another_binds():
    # a 3 -> worth 1 until b's 5; then b binds.
    system = network(
        {"a": ("f", "h", {"capacity": "3 Mt/y"}), "b": ("h", "market", {"capacity": "5 Mt/y"})}, {"f": "9 Mt/y"}
    )
    row = ro.allocate(system).shadow_prices("a").loc["a"]
    assert row[["exports_up", "exports_valid_to", "exports_next_binding"]].tolist() == [near(1), near(5), "b"]
    words = ro.allocate(system).bottlenecks.loc["a", "description"]
    assert words == "a: one more Mt/y exports 1.00 Mt/y more, up to 5.00, where b binds"


def test_zero_capacity_has_nothing_to_the_left():
    system = network({"a": ("f", "market", {"capacity": "0 Mt/y"})}, {"f": "4 Mt/y"})
    row = ro.allocate(system).shadow_prices().loc["a"]
    assert row[["exports_up", "exports_valid_to"]].tolist() == [near(1), near(4)]
    assert np.isnan(row["exports_down"])
    assert np.isnan(row["saving_down"])


def test_money_left_and_right():
    # Cheap leg 5 of 8 at 10 USD/t, dear one at 25: one more saves 15 up to 8; one less costs 15 down to 0.
    system = network(
        {"cheap": ("f", "market", {"capacity": "5 Mt/y", "tariff": "10 USD/t"}),
         "dear": ("f", "market", {"tariff": "25 USD/t"})}, {"f": "8 Mt/y"},
    )  # fmt: skip
    row = ro.allocate(system).shadow_prices().loc["cheap"]
    assert row[["exports_up", "exports_down"]].tolist() == [near(0), near(0)]
    assert row[["saving_up", "saving_valid_to", "saving_down", "saving_valid_from"]].tolist() == [
        near(15),
        near(8),
        near(15),
        near(0),
    ]


def test_losses_count():
    # 20 % is lost behind the leg: one more at its inlet delivers 0.8.
    system = network({"a": ("f", "h", {"capacity": "3 Mt/y"}), "b": ("h", "market", {"loss": "20 %"})}, {"f": "9 Mt/y"})
    assert ro.allocate(system).shadow_prices().loc["a", "exports_up"] == near(0.8)


def test_a_refinery_comes_first():
    # The refinery takes 4 of the trunk's 6: one more is exported; with a trunk of 3 one more goes to the refinery.
    legs = {"trunk": ("f", "h", {"capacity": "6 Mt/y"}), "home": ("h", "plant", {}), "out": ("h", "market", {})}
    system = network(legs, {"f": "9 Mt/y"}, refineries={"plant": {"demand": "4 Mt/y"}})
    row = ro.allocate(system).shadow_prices().loc["trunk"]
    assert row[["exports_up", "exports_down", "exports_valid_from"]].tolist() == [near(1), near(1), near(4)]
    short = system.override({"legs.trunk.capacity": "3 Mt/y"})
    row = ro.allocate(short).shadow_prices().loc["trunk"]
    assert row[["exports_up", "exports_valid_to"]].tolist() == [near(0), near(4)]


def test_unknown_capacity():
    plan = ro.allocate(network({"a": ("f", "market", {"capacity": "1 Mt/y"})}, {"f": "2 Mt/y"}))
    with pytest.raises(ro.InputError, match="no leg or group 'b' has a capacity here"):
        plan.shadow_prices(["b"])


@pytest.mark.parametrize("seed", range(20))
def test_minimum_cut_is_that_of_the_network(seed):
    rng = np.random.default_rng(seed)
    graph = nx.DiGraph()
    legs = {}
    nodes = ["f", *(f"h{i}" for i in range(6)), "market"]
    for i, a in enumerate(nodes):
        for b in nodes[i + 1 :]:
            if rng.random() < 0.45:
                size = int(rng.integers(1, 9))
                legs[f"{a}-{b}"] = (a, b, {"capacity": f"{size} Mt/y"})
                graph.add_edge(a, b, capacity=size)
    if "f" not in graph or "market" not in graph or not nx.has_path(graph, "f", "market"):
        return
    plan = ro.allocate(network(legs, {"f": "1000 Mt/y"}))
    assert plan.exported == near(nx.minimum_cut_value(graph, "f", "market"))
    cut = plan.minimum_cut
    assert float((cut["capacity"] * cut["weight"]).sum()) == near(plan.exported)


def test_what_stops_in_words():
    system = network(
        {"a": ("f", "market", {"capacity": "3 Mt/y"}), "b": ("f", "market", {"capacity": "2 Mt/y"})}, {"f": "9 Mt/y"}
    )
    assert ro.allocate(system).bottleneck_summary == "exports are limited by a and b (at capacity)"
    assert ro.allocate(system, close=["a"]).bottleneck_summary == (
        "exports are limited by b (at capacity) and a (closed)"
    )
    plenty = system.override({"nodes.f.output": "4 Mt/y"})
    assert ro.allocate(plenty).bottleneck_summary == "exports are limited by production: every field is at capacity"
