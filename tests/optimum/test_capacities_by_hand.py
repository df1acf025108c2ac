"""What a leg can carry: fleets, groups, components, reservations, builds. Flows are Mt/y unless said."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.small import flows, near, network

MOORINGS = {"in": "parallel", "spm-1": "42 Mt/y", "spm-2": "42 Mt/y", "spm-3": "42 Mt/y"}


def line(**record):
    """A field of 90 Mt/y and one leg."""
    return network({"line": ("f", "market", record)}, {"f": "90 Mt/y"})


def test_fleet():
    # 5 x 9.6 kt x 0.9 / 6 d = 7.2 kt/d = 2.628 Mt/y
    fleet = {"vessels": 5, "cargo": "9.6 kt", "round_trip": "6 d", "downtime": "10 %"}
    assert ro.allocate(line(mode="tanker", fleet=fleet)).exported == near(2.628)


def test_a_fleet_on_a_leg_that_has_a_capacity_too():
    fleet = {"vessels": 5, "cargo": "9.6 kt", "round_trip": "6 d", "downtime": "10 %"}
    assert ro.allocate(line(mode="tanker", fleet=fleet, capacity="2 Mt/y")).exported == near(2)


@pytest.mark.parametrize(
    ("out", "expected"),
    [
        ((), 83 - 6.7),
        (("spm-1",), 83 - 6.7),  # the other two carry 84
        (("spm-1", "spm-2"), (83 - 6.7) * 42 / 83),
        (("spm-1", "spm-2", "spm-3"), 0.0),
    ],
)
def test_parallel_components(out, expected):
    system = line(capacity="83 Mt/y", components=MOORINGS, reserved={"others": "6.7 Mt/y"})
    close = [{"leg": "line", "component": list(out)}] if out else []
    assert ro.allocate(system, close=close).exported == near(expected)


def test_half_a_component():
    # 42 + 42 + 21 are still more than 83; two gone and half of the third: 21 / 83 of 76.3
    system = line(capacity="83 Mt/y", components=MOORINGS, reserved={"others": "6.7 Mt/y"})
    half = {"leg": "line", "component": "spm-3", "availability": "50 %"}
    assert ro.allocate(system, close=[half]).exported == near(76.3)
    two = {"leg": "line", "component": ["spm-1", "spm-2"]}
    assert ro.allocate(system, close=[half, two]).exported == near(76.3 * 21 / 83)


def test_components_alone_are_the_capacity():
    assert ro.allocate(line(components={"in": "parallel", "a": "10 Mt/y", "b": "5 Mt/y"})).exported == near(15)


@pytest.mark.parametrize(
    ("closures", "expected"),
    [
        ([], 80.0),
        ([{"component": "one"}], 55.0),
        ([{"component": ["one", "two"]}], 55.0),  # 60 without two, 55 without one: the smaller
        ([{"component": "one", "availability": "50 %"}], 67.5),  # half way between 80 and 55
        ([{"component": "big"}], 80.0),  # without it more than the line can carry
    ],
)
def test_series_components(closures, expected):
    parts = {"in": "series", "one": "55 Mt/y", "two": "60 Mt/y", "big": "95 Mt/y"}
    system = line(capacity="80 Mt/y", components=parts)
    assert ro.allocate(system, close=[{"leg": "line", **c} for c in closures]).exported == near(expected)


def test_reserved_shares_scarcity_pro_rata():
    # availability x (60 - 20)
    system = line(capacity="60 Mt/y", reserved={"others": "15 Mt/y", "more": "5 Mt/y"})
    assert ro.allocate(system).exported == near(40)
    assert ro.allocate(system, close=[{"leg": "line", "availability": "50 %"}]).exported == near(20)
    assert ro.allocate(system.override({"legs.line.availability": "90 %"})).exported == near(36)


def test_reserved_in_barrels():
    # (1.2 - 0.535) mb/d of 8 barrels per tonne: 83.125 kt/d = 30.340625 Mt/y
    system = network(
        {"line": ("f", "market", {"capacity": "1.2 mb/d", "reserved": {"azeri": "0.535 mb/d"}})}, {"f": "90 Mt/y"},
        commodities={"crude": {"barrels_per_tonne": 8}},
    )  # fmt: skip
    assert ro.allocate(system).exported == near(30.340625)


def test_smallest_availability_of_several_closures_holds():
    system = line(capacity="60 Mt/y", countries=["XX"], tags=["storm"])
    closures = [{"leg": "line", "availability": "50 %"}, {"country": "XX", "availability": "20 %"},
                {"tag": "storm", "availability": "80 %"}]  # fmt: skip
    assert ro.allocate(system, close=closures).exported == near(12)
    assert ro.allocate(system, close=closures[::-1]).exported == near(12)


def test_a_closure_and_a_component_out_do_not_multiply():
    # Half closed leaves 41.5 of 83; one mooring alone leaves 42: the smaller.
    system = line(capacity="83 Mt/y", components=MOORINGS)
    closures = [{"leg": "line", "availability": "50 %"}, {"leg": "line", "component": ["spm-1", "spm-2"]}]
    assert ro.allocate(system, close=closures).exported == near(41.5)


def test_group_with_weights():
    # x + 2 y <= 10 with x <= 6: x = 6, y = 2.
    system = network(
        {"a": ("fa", "market"), "b": ("fb", "market")}, {"fa": "6 Mt/y", "fb": "9 Mt/y"},
        groups={"port": {"capacity": "10 Mt/y", "legs": {"a": 1, "b": 2}}},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert flows(plan) == {"a": near(6), "b": near(2)}
    assert plan.groups.loc["port", "utilisation"] == near(1)
    # Half the port: 5 for a alone.
    half = ro.allocate(system, close=[{"group": "port", "availability": "50 %"}])
    assert flows(half) == {"a": near(5)}
    assert ro.allocate(system, close=[{"group": "port"}]).exported == 0


def test_a_quota_is_a_group():
    system = network(
        {"a": ("f", "market"), "b": ("f", "market")}, {"f": "9 Mt/y"},
        groups={"quota": {"capacity": "3 Mt/y", "legs": ["a", "b"]}},
    )  # fmt: skip
    assert ro.allocate(system).exported == near(3)


def test_group_in_barrels():
    # 8 x + 7 y <= 100 kb/d: heavy first: 10 kt/d, then 30 / 8.
    system = network(
        {"a": ("f", "market"), "b": ("g", "market")},
        {"f": {"output": "10 kt/d", "commodity": "light"}, "g": {"output": "10 kt/d", "commodity": "heavy"}},
        commodities={"light": {"barrels_per_tonne": 8}, "heavy": {"barrels_per_tonne": 7}}, units={"flow": "kt/d"},
        groups={"port": {"capacity": "100 kb/d", "legs": ["a", "b"]}},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert flows(plan) == {"a": near(3.75), "b": near(10)}
    assert (plan.groups.loc["port", "use"], plan.groups.loc["port", "unit"]) == (near(100), "kb/d")


def test_shared_vessels():
    # 4 vessels x 0.75 = 3 at work. A kilotonne a day takes 5 / 10 of a vessel on a, 10 / 10 on b: 4 kt/d on a
    # take 2 vessels, the third carries 1 kt/d on b.
    system = network(
        {"a": ("fa", "market", {"mode": "tanker"}), "b": ("fb", "market", {"mode": "tanker"})},
        {"fa": "4 kt/d", "fb": "9 kt/d"}, units={"flow": "kt/d"},
        groups={"fleet": {"vessels": 4, "downtime": "25 %", "legs": {
            "a": {"cargo": "10 kt", "round_trip": "5 d"}, "b": {"cargo": "10 kt", "round_trip": "10 d"}}}},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert flows(plan) == {"a": near(4), "b": near(1)}
    assert plan.groups.loc["fleet", ["use", "capacity", "unit"]].tolist() == [near(3), near(3), "vessels"]
    worth = plan.bottlenecks.loc["fleet"]
    assert worth["marginal_exports"] == near(1)  # one more vessel on b: 1 kt/d
    assert (worth["capacity"], worth["unit"]) == (near(3), "vessels")


BUILD = {"sizes": ["10 Mt/y", "20 Mt/y"], "capex": ["3e9 USD", "5e9 USD"], "discount_rate": "8 %", "lifetime": "25 y"}
RECOVERY = 0.0936787791  # 0.08 / (1 - 1.08 ** -25)


def planned(**record):
    return network(
        {"old": ("f", "market", {"capacity": "5 Mt/y", "tariff": "10 USD/t"}),
         "new": ("f", "market", {"status": "hypothetical", "tariff": "4 USD/t", "build": BUILD, **record})},
        {"f": "90 Mt/y"},
    )  # fmt: skip


def test_what_is_not_built_is_not_there():
    assert flows(ro.allocate(planned())) == {"old": near(5)}


@pytest.mark.parametrize(
    ("size", "capex"),
    [("10 Mt/y", 3e9), ("15 Mt/y", 4e9), ("20 Mt/y", 5e9)],  # between sizes costs are interpolated
)
def test_what_is_built_earns_back_its_capital(size, capex):
    plan = ro.allocate(planned(), build={"new": size})
    million = float(size.split()[0])
    assert flows(plan) == {"old": near(5), "new": near(million)}
    assert plan.legs.loc["new", "cost"] == near(million * 4e6 + capex * RECOVERY)
    assert plan.legs.loc["new", "status"] == "built"


def test_sizes_in_barrels_on_a_leg_without_a_capacity():
    # 160 kb/d of 8 barrels per tonne are 20 kt/d = 7.3 Mt/y; it earns back 1e9 x the recovery factor.
    build = {"sizes": ["160 kb/d"], "capex": ["1e9 USD"], "discount_rate": "8 %", "lifetime": "25 y"}
    system = network(
        {"new": ("f", "market", {"status": "hypothetical", "build": build})}, {"f": "90 Mt/y"},
        commodities={"crude": {"barrels_per_tonne": 8}}, markets={"market": {}},
    )  # fmt: skip
    plan = ro.allocate(system, build={"new": "160 kb/d"})
    assert plan.exported == near(7.3)
    assert plan.cost == near(1e9 * RECOVERY)


def test_what_is_added_to_a_leg_is_paid_by_all_that_it_carries():
    # 5 + 10 flow; together they earn back the capital of the 10, and pay the tariff of 10.
    system = planned().override({"legs.old.build": BUILD})
    plan = ro.allocate(system, build={"old": "10 Mt/y"})
    assert plan.exported == near(15)
    assert plan.cost == near(15 * 10e6 + 3e9 * RECOVERY)


def test_reopening_and_what_is_part_of_it():
    system = network(
        {"sleeping": ("f", "h", {"status": "idle", "capacity": "3 Mt/y"}),
         "its-port": ("h", "market", {"status": "hypothetical", "part_of": "sleeping"}),
         "gone": ("f", "market", {"status": "defunct"}), "open": ("f", "market", {"capacity": "1 Mt/y"})},
        {"f": "90 Mt/y"},
    )  # fmt: skip
    assert ro.allocate(system).exported == near(1)
    assert ro.allocate(system, {"reopen": ["sleeping"]}).exported == near(4)
    assert ro.allocate(system, build={"sleeping": "2 Mt/y"}).exported == near(3)
    assert ro.allocate(system, {"reopen": ["its-port"]}).exported == near(1)


def test_embargo_stops_one_stream_only():
    system = network(
        {"a": ("f", "h"), "b": ("g", "h"), "c": ("h", "market", {"capacity": "10 Mt/y"})},
        {"f": {"output": "4 Mt/y", "commodity": "light"}, "g": {"output": "5 Mt/y", "commodity": "heavy"}},
        commodities={"light": {}, "heavy": {}},
    )  # fmt: skip
    on_leg = ro.allocate(system, close=[{"leg": "c", "commodity": "light"}])
    assert flows(on_leg) == {"b": near(5), "c": near(5)}
    assert flows(ro.allocate(system, close=[{"commodity": "heavy"}])) == {"a": near(4), "c": near(4)}
    # A partial embargo leaves the stream that share of the leg: 2 of 10.
    part = ro.allocate(system, close=[{"leg": "c", "commodity": "light", "availability": "20 %"}])
    assert part.exported == near(7)


def test_closing_a_country_closes_legs_and_hubs_but_not_fields_and_markets():
    system = network(
        {"across": ("f", "market", {"countries": ["XX"]}), "in": ("f", "h"), "out": ("h", "market"),
         "round": ("f", "market", {"capacity": "3 Mt/y"})},
        {"f": {"output": "9 Mt/y", "country": "XX"}}, {"market": {"country": "XX"}},
        nodes={"h": {"kind": "hub", "country": "XX"}},
    )  # fmt: skip
    plan = ro.allocate(system, close=[{"country": "XX"}])
    assert flows(plan) == {"round": near(3)}
    assert plan.legs.loc["in", "status"] == plan.legs.loc["across", "status"] == "closed"
    assert plan.fields.loc["f", "unavailable"] == 0


def test_closing_a_field_loses_output_and_not_its_legs():
    system = network({"a": ("f", "g"), "b": ("g", "market")}, {"f": "4 Mt/y", "g": "6 Mt/y"})
    plan = ro.allocate(system, close=[{"node": "g", "availability": "50 %"}])
    assert (plan.exported, plan.shut_in) == (near(7), near(0))
    assert plan.fields.loc["g", "unavailable"] == near(3)


def test_closing_a_market_closes_the_legs_that_lead_there():
    system = network({"a": ("f", "x"), "b": ("f", "y", {"capacity": "2 Mt/y"})}, {"f": "9 Mt/y"}, ["x", "y"])
    assert flows(ro.allocate(system, close=[{"node": "x"}])) == {"b": near(2)}
