"""Which way round is called by what, and from when on. Flows are kt per day, days those of January 2025."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.horizons import KT, day
from helpers.small import near, network

SLOW = {"delay": "2 d", "rate": "1 kt/d per day", "ceiling": "3 kt/d"}


def system(legs=None, fields=None, **more):
    """12 of which 10 of 20 leave by the main line and 2 by a rail line of 6; what a test needs besides."""
    ways = {
        "main": ("f", "m", {"capacity": "20 kt/d", "components": {"in": "parallel", "a": "10 kt/d", "b": "10 kt/d"}}),
        "rail": ("f", "m", {"capacity": "6 kt/d", "tariff": "9 USD/t", "surge": SLOW}),
        **(legs or {}),
    }
    return network(ways, fields or {"f": "10 kt/d"}, ["m"], units=KT, **more)


def called(where, *closures, **horizon):
    """Days of January (the first is 0) on which ways round are called, and how long what calls them lasts."""
    horizon = {"start": day(0), "end": day(30), "step": "day", **horizon}
    plan = ro.allocate(where, {"horizon": horizon, "closures": closures})
    first = plan._horizon.prepared.program.layout.periods.edges[0]
    return {leg: [(a - first, b - first) for a, b in spans] for leg, spans in plan._horizon.calls.legs.items()}


def shut(first=3, last=9, **what):
    return {**({"leg": "main"} if not {"leg", "node", "group"} & set(what) else {}), "from": day(first),
            "to": day(last), **what}  # fmt: skip


def test_the_shortfall_calls_not_the_closure():
    where = system()
    assert called(where, shut()) == {"rail": [(3, 9)]}
    # 10 of 20 are enough, 9 are not; nor are 10 less a tenth.
    assert called(where, shut(availability="50 %")) == called(where, shut(component="a")) == {}
    assert called(where, shut(availability="45 %")) == {"rail": [(3, 9)]}
    assert called(where, shut(component="a"), shut(5, 20, component="b")) == {"rail": [(5, 9)]}
    assert called(where, shut(component="a"), shut(5, 20, component="b", availability="90 %")) == {"rail": [(5, 9)]}


def test_a_slope_is_short_until_it_carries_a_usual_day():
    # Back over 8 days: half after 4.
    assert called(system(), shut(recovery="linear 8 d")) == {"rail": [(3, near(13))]}
    assert called(system(), shut(availability="25 %", recovery="linear 9 d")) == {"rail": [(3, near(12))]}


def test_two_that_are_harmless_alone_call_together():
    group = {"g": {"legs": {"main": 1, "other": 1}, "capacity": "15 kt/d"}}
    where = system({"other": ("f", "m", {"tariff": "50 USD/t"})}, groups=group)
    assert called(where, shut(group="g", availability="70 %")) == {}
    assert called(where, shut(group="g", availability="60 %")) == {"rail": [(3, 9)]}


def test_an_embargo_calls_what_may_carry_the_stream():
    legs = {
        "fa": ("a", "f"), "fb": ("b", "f"), "main": ("f", "m", {"capacity": "20 kt/d"}),
        "rail-a": ("f", "m", {"commodities": ["a"], "tariff": "9 USD/t", "surge": SLOW}),
        "rail-b": ("f", "m", {"commodities": ["b"], "tariff": "9 USD/t", "surge": SLOW}),
    }  # fmt: skip
    fields = {name: {"output": "5 kt/d", "commodity": name} for name in "ab"}
    where = network(legs, fields, ["m"], units=KT, nodes={"f": {"kind": "hub"}}, commodities={"a": {}, "b": {}})
    assert called(where, shut(commodity="a")) == {"rail-a": [(3, 9)]}
    # A quarter of 20 is enough for the 5; with the leg at a fifth it is not, whichever comes first.
    assert called(where, shut(commodity="b", availability="25 %")) == {}
    both = [shut(3, 6, commodity="b", availability="20 %"), shut(9, 12, availability="20 %")]
    assert called(where, *both) == {"rail-b": [(3, 6), (9, 12)], "rail-a": [(9, 12)]}


def test_only_what_can_relieve_is_called():
    far = {"far-main": ("g", "m"), "far-rail": ("g", "m", {"tariff": "9 USD/t", "surge": SLOW})}
    where = system(far, {"f": "10 kt/d", "g": "5 kt/d"})
    assert called(where, shut()) == {"rail": [(3, 9)]}
    assert called(where, shut(leg="far-main")) == {"far-rail": [(3, 9)]}
    # Nothing relieves what leads to it, nor itself, nor a field, nor what carries nothing.
    chain = {"in": ("f", "h"), "main": ("h", "m", {"capacity": "20 kt/d"}), "spare": ("h", "m", {"tariff": "20 USD/t"}),
             "rail": ("h", "m", {"tariff": "9 USD/t", "surge": SLOW})}  # fmt: skip
    where = network(chain, {"f": "10 kt/d"}, ["m"], units=KT)
    for none in ("in", "rail", "spare"):
        assert called(where, shut(leg=none)) == {}
    assert called(where, shut(node="f")) == {}
    assert called(where, shut(node="h")) == called(where, shut()) == {"rail": [(3, 9)]}


def test_what_makes_room_elsewhere_is_relief():
    # f's oil goes on by a pipe of 6 that g fills: g takes the rail, and f the pipe.
    legs = {"main": ("f", "m"), "side": ("f", "h", {"tariff": "5 USD/t"}), "gh": ("g", "h"),
            "pipe": ("h", "n", {"capacity": "6 kt/d"}),
            "rail": ("g", "n", {"tariff": "9 USD/t", "surge": SLOW})}  # fmt: skip
    where = network(legs, {"f": "4 kt/d", "g": "6 kt/d"}, ["m", "n"], units=KT)
    assert called(where, shut()) == {"rail": [(3, 9)]}
    plan = ro.allocate(where, {"horizon": {"start": day(0), "end": day(9)}, "closures": [shut()]})
    assert plan.periods["leg", "rail"].iloc[-1] == near(2.5 + 0.5)


def test_what_brings_oil_to_a_refinery_is_relief():
    legs = {"main": ("f", "r"), "gm": ("g", "m"), "rail": ("g", "r", {"tariff": "9 USD/t", "surge": SLOW}),
            "else": ("g", "n", {"tariff": "9 USD/t", "surge": SLOW})}  # fmt: skip
    where = network(legs, {"f": "4 kt/d", "g": "6 kt/d"}, ["m", "n"], {"r": {"demand": "4 kt/d"}}, units=KT)
    assert called(where, shut()) == {"rail": [(3, 9)]}


def test_planned_work_calls_nobody_and_a_closure_in_it_takes_nothing_away():
    work = {"maintenance": [{"from": day(3), "to": day(12)}]}
    where = system({"main": ("f", "m", {"capacity": "20 kt/d", **work})})
    assert called(where) == called(where, shut()) == {}
    assert called(where, shut(9, 15)) == {"rail": [(12, 15)]}


@pytest.mark.parametrize("foresight", ["perfect", "myopic"])
def test_a_clock_does_not_start_before_the_horizon(foresight):
    where = system({"main": ("f", "m", {"capacity": "20 kt/d"})})
    found = []
    for start in ({}, {"from": day(0)}, {"from": "2024-11-01"}):
        closed = {"leg": "main", "to": day(20), **start}
        horizon = {"start": day(0), "end": day(30), "step": "day"}
        test = ro.stress_test(where, {"x": {"horizon": horizon, "closures": [closed]}}, foresight=foresight)
        found.append((test.table.loc["x"].tolist(), test["x"].periods["leg", "rail"].tolist()))
        horizon, periods = test["x"]._horizon, test["x"]._trajectory.layout.periods
        assert horizon.calls.first == horizon.span[0] == periods.edges[0]
    assert repr(found[0]) == repr(found[1]) == repr(found[2])
    # Two days of delay, then 0.5, 1.5, 2.5, 3 a day.
    assert found[0][1][:7] == near([0, 0, 0.5, 1.5, 2.5, 3, 3])


def test_what_only_the_closed_leg_feeds_is_no_way_round_to_a_refinery():
    # The refinery lives by up, link and home. The link can bring nothing past up, unless a tank stands before it.
    legs = {"up": ("f", "h", {"capacity": "9 kt/d"}), "link": ("h", "t", {"capacity": "8 kt/d", "surge": SLOW}),
            "home": ("t", "ref"), "out": ("f", "m", {"capacity": "9 kt/d"})}  # fmt: skip
    for storage, calls in (({}, {}), ({"storage": {"capacity": "40 kt", "initial": "50 %"}}, {"link": [(3, 9)]})):
        where = network(legs, {"f": "10 kt/d"}, ["m"], refineries={"ref": {"demand": "4 kt/d"}}, units=KT,
                        nodes={"h": {"kind": "terminal", **storage}})  # fmt: skip
        assert called(where, shut(leg="up")) == calls
