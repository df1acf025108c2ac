"""One basis: a volume is exported where a marker ends, and no route counts what goes on to refineries."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

import routeopt as ro
from helpers.horizons import KT, day, planned
from helpers.small import near, network
from routeopt.views import by_field_route_market

ROUTES = {"A": {"metering_legs": ["a1", "a2"]}, "B": {"metering_legs": ["b"]}}


def drawn(seed, lossless=False, ships=False):
    """Three fields, markers a1 and a2 of route A and b of B; beyond them two hubs feed markets and a refinery."""
    rng = np.random.default_rng(seed)
    legs = {}

    def leg(name, start, end):
        legs[name] = (
            start,
            end,
            {"capacity": f"{rng.uniform(4, 20):.2f} kt/d", "tariff": f"{rng.uniform(1, 30):.1f} USD/t"},
        )
        if not lossless and rng.random() < 0.4:
            legs[name][2]["loss"] = f"{rng.uniform(0.5, 4):.2f} %"
        if ships and rng.random() < 0.4:
            legs[name][2].update({"mode": "tanker", "transit_time": f"{rng.uniform(0.5, 5):.1f} d"})

    for place in range(3):
        leg(f"east{place}", f"f{place}", "h1")
        leg(f"west{place}", f"f{place}", "h2")
    for name, start, end in (("across", "h1", "h2"), ("a1", "h1", "x"), ("a2", "h2", "y"), ("b", "h2", "x"),
                             ("xy", "x", "y"), ("yx", "y", "x"), ("xm", "x", "m"), ("yn", "y", "n"),
                             ("xr", "x", "r"), ("yr", "y", "r"), ("home", "h1", "r0")):  # fmt: skip
        leg(name, start, end)
    fields = {f"f{place}": f"{rng.uniform(5, 15):.2f} kt/d" for place in range(3)}
    refineries = {name: {"demand": f"{rng.uniform(1, 6):.2f} kt/d"} for name in ("r", "r0")}
    return network(legs, fields, {"m": {"price": "400 USD/t"}, "n": {"price": "410 USD/t"}}, refineries, units=KT,
                   routes=ROUTES)  # fmt: skip


def by_hand(plan):
    """Route -> exports: barrels are pushed on, leg by leg, until all are at a market or in a refinery."""
    legs = plan.legs
    out = legs.groupby("origin")["flow"].sum()
    waiting = defaultdict(float)
    for leg, route in plan.system.metering_legs.items():
        waiting[route, legs.loc[leg, "destination"]] += legs.loc[leg, "arrives"]
    exported = dict.fromkeys(plan.system.routes, 0.0)
    for _ in range(400):
        pushed = defaultdict(float)
        for (route, node), volume in waiting.items():
            if node in plan.system.markets:
                exported[route] += volume
            elif node not in plan.system.refineries:
                for _, leg in legs[(legs["origin"] == node) & (legs["flow"] > 0)].iterrows():
                    pushed[route, leg["destination"]] += volume * leg["flow"] / out[node]
        waiting = pushed
    return exported


def test_what_is_lost_at_sea_is_exported_and_not_delivered():
    # 10 leave by the marker; 2 % are lost at sea: 9.8 arrive. In a year and in a horizon.
    system = network(
        {"load": ("f", "port", {"mode": "loading"}),
         "sea": ("port", "m", {"mode": "sea", "loss": "2 %", "transit_time": "3 d"})},
        {"f": "10 kt/d"}, ["m"], units=KT, routes={"r": {"metering_legs": ["load"]}},
    )  # fmt: skip
    for plan in (ro.allocate(system), planned(system, [], 10)):
        assert (plan.exported, plan.delivered) == (near(10), near(9.8))
        assert plan.routes.loc["r", "flow"] == near(10)
        assert "exported 10.0 kt/d (9.80 delivered)" in plan.summary()


def test_what_is_lost_on_the_marker_is_not_exported():
    system = network({"ship": ("f", "m", {"loss": "10 %"})}, {"f": "10 kt/d"}, ["m"], units=KT)
    plan = ro.allocate(system)
    assert (plan.exported, plan.delivered) == (near(9), near(9))


def test_a_refinery_beyond_two_markers_takes_of_both():
    # 6 by A and 4 by B meet; the refinery takes 2.5 of 10, a quarter of each: A exports 4.5, B 3.
    system = network(
        {"a": ("f", "x"), "b": ("g", "x"), "out": ("x", "m"), "home": ("x", "r")},
        {"f": "6 kt/d", "g": "4 kt/d"}, ["m"], {"r": {"demand": "2.5 kt/d"}}, units=KT,
        routes={"A": {"metering_legs": ["a"]}, "B": {"metering_legs": ["b"]}},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert plan.routes["flow"].to_dict() == {"A": near(4.5), "B": near(3.0)}
    assert plan.exported == near(7.5)


def test_a_refinery_that_takes_one_commodity_takes_it_from_its_route():
    # Heavy comes by A, light by B, through one hub; the refinery takes 2 of light only.
    system = network(
        {"a": ("f", "x"), "b": ("g", "x"), "out": ("x", "m"), "home": ("x", "r")},
        {"f": {"output": "6 kt/d", "commodity": "heavy"}, "g": {"output": "4 kt/d", "commodity": "light"}}, ["m"],
        {"r": {"demand": "2 kt/d", "commodities": ["light"]}}, units=KT, commodities={"heavy": {}, "light": {}},
        routes={"A": {"metering_legs": ["a"]}, "B": {"metering_legs": ["b"]}},
    )  # fmt: skip
    assert ro.allocate(system).routes["flow"].to_dict() == {"A": near(6.0), "B": near(2.0)}


@pytest.mark.parametrize("seed", range(12))
def test_routes_of_one_period_are_those_of_barrels_pushed_on(seed):
    plan = ro.allocate(drawn(seed))
    flow = plan.routes["flow"]
    assert flow.to_dict() == {route: pytest.approx(value, abs=1e-7) for route, value in by_hand(plan).items()}
    assert plan.exported == near(flow.sum())
    assert plan.exported >= plan.delivered - 1e-9
    ranges = plan.flow_ranges(kinds=["route"]).loc["route"]
    assert ranges["flow"].to_dict() == {route: near(value) for route, value in flow.items()}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("foresight", ["perfect", "myopic"])
def test_routes_of_a_horizon_without_ships_deliver_what_they_export(seed, foresight):
    closed = [{"leg": "a1", "from": day(3), "to": day(6)}, {"leg": "xr", "from": day(5), "to": day(8)}]
    plan = planned(drawn(seed, lossless=True), closed, 10, foresight=foresight)
    total = plan.periods["total"]
    assert total["exported"].tolist() == near(total["delivered"].tolist())
    assert plan.exported == near(plan.delivered)
    assert plan.periods["route"].min().min() >= -1e-9


@pytest.mark.parametrize("seed", range(6))
def test_periods_add_up_to_the_horizon(seed):
    closed = [{"leg": "a2", "from": day(3), "to": day(6)}]
    plan = planned(drawn(seed, ships=True), closed, 12, foresight="myopic")
    periods, days = plan.periods, plan.periods["total", "days"]
    assert (periods["total", "exported"] * days).sum() == near(plan.exported * days.sum())
    assert periods["route"].sum(axis=1).tolist() == near(periods["total", "exported"].tolist())
    assert (periods["route"].mul(days, axis=0).sum() / days.sum()).to_dict() == {
        route: near(flow) for route, flow in plan.routes["flow"].items()
    }
    assert plan.exported == near(plan.routes["flow"].sum())


def test_a_ship_is_exported_on_the_day_on_which_it_loads():
    # 8 a day, 3 days at sea; none loads on the 4th and 5th day, none lands three days later.
    system = network({"ship": ("f", "m", {"mode": "tanker", "transit_time": "3 d"})}, {"f": "8 kt/d"}, ["m"], units=KT)
    plan = planned(system, [{"leg": "ship", "from": day(3), "to": day(5)}], 12)
    assert plan.periods["total", "exported"].tolist() == near([8] * 3 + [0] * 2 + [8] * 7)
    assert plan.periods["total", "delivered"].tolist() == near([8] * 6 + [0] * 2 + [8] * 4)


def test_target_less_exports_is_lost_or_on_the_way_to_a_marker():
    # The shuttle takes 5 days to the port; the field stands still on the last 3 of 20. In the port nothing is short
    # yet, and what is short will be: 3 x 10 are lost, and 30 less are on the way.
    system = network(
        {"shuttle": ("f", "port", {"mode": "tanker", "transit_time": "5 d"}),
         "pipe": ("port", "m", {"capacity": "12 kt/d"})},
        {"f": "10 kt/d"}, ["m"], units=KT,
    )  # fmt: skip
    horizon = {"start": day(0), "end": day(20), "step": "day"}
    scenario = {"horizon": horizon, "closures": [{"node": "f", "from": day(17)}]}
    test = ro.stress_test(system, {"still": scenario})
    row = test.table.loc["still"]
    assert (row["lost"], row["on_the_way"]) == (near(30), near(-30))
    assert row["target"] - test["still"].exported * 20 == near(row["lost"] + row["on_the_way"])


def test_nothing_leaves_through_a_strait_that_is_shut():
    gulf = ro.load("gulf")
    test = ro.stress_test(gulf, ["hormuz-30-days"])
    plan = test["hormuz-30-days"]
    shut = plan.periods.loc["2026-03-01":"2026-03-30"]
    assert shut["route", "hormuz"].max() == near(0)
    curve = test.curve("hormuz-30-days")
    row = test.table.loc["hormuz-30-days"]
    assert curve.target.sum() - curve.exported.sum() == near(row["lost"] + row["on_the_way"])
    assert row["target"] == near(curve.target.sum())


@pytest.mark.parametrize("name", ["kazakhstan", "canada", "gulf"])
def test_shipped_systems_count_alike_in_all_verbs(name):
    system = ro.load(name)
    found = ro.contingencies(system, 1, over="route")
    assert found.exported == near(ro.allocate(system).exported)
    for _, row in found.table.iterrows():
        plan = ro.allocate(system, close=[{"route": route} for route in row["elements"]])
        assert plan.exported == near(plan.routes["flow"].sum())
        assert (plan.exported, plan.delivered) == (near(row["exported"]), near(row["exported"]))
        assert plan.netback == near(ro.allocate(system).netback - row["netback_lost"])


def test_a_range_leaves_out_what_a_refinery_takes_of_its_route():
    canada = ro.load("canada")
    ranges = ro.allocate(canada).flow_ranges("1 %")
    route, leg = ranges.loc[("route", "trans-mountain")], ranges.loc[("leg", "trans-mountain")]
    assert (route["low"], route["high"]) == (near(leg["low"] - 90), near(leg["high"] - 90))


def test_a_cargo_that_never_lands_is_not_exported():
    # Nothing is under way at first, and what has not landed after 8 days does not count: 1.5 days of 8 at the end.
    ships = network({"ship": ("f", "m", {"mode": "tanker", "transit_time": "1.5 d"})}, {"f": "8 kt/d"}, ["m"], units=KT)
    plan = planned(ships, [], 8, initial_in_transit="none")
    assert plan.exported == near(8 * 6.5 / 8)
    assert plan.routes["flow"].sum() == near(plan.exported)
    flows = by_field_route_market(plan)
    assert flows[flows["route"] == "ship"]["flow"].sum() == near(plan.exported)
    assert plan.flow_ranges().loc[("route", "ship"), "flow"] == near(plan.exported)
