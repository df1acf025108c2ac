"""Plans without foresight whose totals hang on which of two equal ways was taken before something was known."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.horizons import KT, day, planned
from helpers.small import near, network

TIE = "arbitrary weights"


def two_tanks(*, second="100 kt"):
    """What 5 days of a shut border leave in two tanks, each behind a pipe of its own."""
    tanks = {"s": "100 kt", "t": second}
    return network(
        {"fs": ("f", "s"), "ft": ("f", "t"),
         "s-out": ("s", "m", {"capacity": "20 kt/d"}), "t-out": ("t", "m", {"capacity": "20 kt/d"})},
        {"f": "10 kt/d"}, ["m"], units=KT,
        nodes={name: {"kind": "terminal", "storage": {"capacity": size, "initial": "0 %"}}
               for name, size in tanks.items()},
    )  # fmt: skip


BORDER = [{"leg": leg, "from": day(3), "to": day(8)} for leg in ("s-out", "t-out")]


def ends(leg):
    """A pipe that breaks the day on which the border opens, and is not mended."""
    return {"leg": leg, "from": day(8), "to": day(20)}


def said(plan):
    return [note for note in plan.notes if TIE in note]


def test_a_tie_that_decides_what_is_lost_is_said():
    # 50 kt are stored while nobody knows which pipe will break. In the tank behind it they are lost, in the other
    # they leave: from the ninth day on 10 kt/d and the stock go by the pipe that works.
    lost = {}
    for leg in ("s-out", "t-out"):
        plan = planned(two_tanks(), [*BORDER, ends(leg)], 20, foresight="myopic", end_stocks="free")
        lost[leg] = 200 - plan.exported * 20
        assert len(said(plan)) == 1
        assert day(8) in said(plan)[0]
        assert said(plan)[0] in plan.summary()
    assert sum(lost.values()) == near(50.0)


def test_nothing_is_said_where_nothing_was_open():
    closures = [*BORDER, ends("s-out")]
    # One tank only, the other has no room: there was one way.
    assert said(planned(two_tanks(second="0 kt"), closures, 20, foresight="myopic", end_stocks="free")) == []
    # Everything was known, or nothing was learnt after the first plan.
    assert said(planned(two_tanks(), closures, 20, end_stocks="free")) == []
    assert (
        said(planned(two_tanks(), [{"leg": "t-out", "from": day(0)}], 20, foresight="myopic", end_stocks="free")) == []
    )


def test_a_split_that_leaves_nothing_behind_decides_nothing():
    # Which of two equal lines is used hands no state on: the totals are the same whatever was done.
    lines = {name: ("f", "m", {"capacity": "10 kt/d"}) for name in ("a", "b")}
    plan = planned(network(lines, {"f": "10 kt/d"}, ["m"], units=KT), [{"leg": "a", "from": day(5)}], 10,
                   foresight="myopic")  # fmt: skip
    assert plan.solver_stats.plans == 2
    assert said(plan) == []
    assert plan.exported == near(10.0)


@pytest.mark.parametrize("what", ["cargo", "contract", "quota", "share"])
def test_every_state_that_is_handed_on_counts(what):
    # Two equal ways until the fifth day; what was sent by one of them is remembered.
    legs = {name: ("f", "m", {"capacity": "10 kt/d"}) for name in ("a", "b")}
    fields, more, rule = {"f": "10 kt/d"}, {}, "economic"
    if what == "cargo":
        legs = {
            name: ("f", name, {"capacity": "10 kt/d", "mode": "tanker", "transit_time": "3 d"}) for name in ("a", "b")
        }
        legs |= {f"{name}-on": (name, "m") for name in ("a", "b")}
    elif what == "contract":
        more = {
            "contracts": {
                "c": {"legs": ["a"], "volume": "2 kt/d", "accounting_period": "month", "deficiency": "0 USD/t"}
            }
        }
    elif what == "quota":
        more = {"groups": {"q": {"legs": ["a"], "capacity": "5 kt/d", "accounting_period": "month"}}}
    else:
        legs = {"a": ("f", "h"), "b": ("g", "h"), "out": ("h", "m", {"capacity": "10 kt/d"})}
        fields, rule = {"f": "10 kt/d", "g": "10 kt/d"}, "pro-rata"
    system = network(legs, fields, ["m"], units=KT, **more)
    horizon = {"start": day(0), "end": day(20)}
    late = {"leg": "b-on" if what == "cargo" else "b", "from": day(5), "to": day(9)}
    plan = ro.allocate(system, {"horizon": horizon, "closures": [late]}, foresight="myopic", apportion=rule)
    assert plan.solver_stats.plans == 2
    assert len(said(plan)) == 1


def test_stress_tests_say_it_too():
    horizon = {"start": day(0), "end": day(20), "end_stocks": "free"}
    test = ro.stress_test(two_tanks(), {"x": {"horizon": horizon, "closures": [*BORDER, ends("s-out")]}})
    assert len(said(test["x"])) == 1
