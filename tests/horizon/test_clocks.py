"""When tanks are full and when exports are back, with their arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

import routeopt as ro
from helpers.horizons import KT, day
from helpers.small import near, network


def tank(initial="25 %", **field):
    """10 a day through a tank of 40; a way round takes 4."""
    storage = {"kind": "terminal", "storage": {"capacity": "40 kt", "initial": initial}}
    legs = {"in": ("f", "t"), "out": ("t", "m", {"capacity": "15 kt/d"}),
            "side": ("t", "m", {"capacity": "4 kt/d", "tariff": "1 USD/t"})}  # fmt: skip
    return network(legs, {"f": {"output": "10 kt/d", **field}}, ["m"], units=KT, nodes={"t": storage})


def clocks(system, first, last=None, count=40, foresight="myopic"):
    """Days to tank-top, of ullage and to recover; the way out is shut."""
    closed = {"leg": "out", "from": day(first)} | ({"to": day(last)} if last is not None else {})
    scenario = {"horizon": {"start": day(0), "end": day(count)}, "closures": [closed]}
    row = ro.stress_test(system, {"x": scenario}, foresight=foresight).table.loc["x"]
    return [float(row[f"days_{name}"]) for name in ("to_tank_top", "of_ullage", "to_recover")]


def test_a_plan_that_fills_as_fast_as_it_can():
    # 6 a day find room for 5 days; 10 days are shut, and then the tank is drawn down while exports are at target.
    assert clocks(tank(), 10, 20) == near([5, 5, 0])


def test_the_plan_and_the_clock_of_fields_that_go_on_differ():
    # The end is known when it begins. Output of 7 for 10 days and then 8 and 9 loses 33; 10 until the tank is full, 4
    # and then 5 to 9 would lose 45. So the tank is full when the way out opens; fields that know of no end fill it
    # in 5 days.
    assert clocks(tank(ramp_up="10 %/d"), 10, 20) == near([10, 5, 0])


def test_a_tank_that_is_full_already_has_no_ullage():
    assert clocks(tank("100 %"), 10, 20)[:2] == [0, 0]


def test_nothing_is_full_where_nothing_is_shut_in():
    top, ullage, back = clocks(tank(), 10, 14)
    assert np.isnan([top, ullage]).all()
    assert back == 0


def test_no_tank_is_full_while_a_field_without_one_is_shut_in():
    # Two days shut fill at most 20 of 30 empty; 2 a day of another field have no tank, and 4 are shut in. No tank is
    # ever full, which is not the same as one that is full at once.
    system = tank().override({
        "nodes.g": {"kind": "field", "output": "2 kt/d"}, "legs.alone": {"from": "g", "to": "m", "capacity": "2 kt/d"},
    })  # fmt: skip
    shut = [{"leg": leg, "from": day(10), "to": day(12)} for leg in ("out", "alone")]
    for foresight in ("myopic", "perfect"):
        scenario = {"horizon": {"start": day(0), "end": day(40)}, "closures": shut}
        row = ro.stress_test(system, {"x": scenario}, foresight=foresight).table.loc["x"]
        assert row["shut_in"] == near(4)
        assert np.isnan([row["days_to_tank_top"], row["days_of_ullage"]]).all()
    # Where that line alone is shut, no tank has to do with it: there was no room.
    row = ro.stress_test(system, {"x": {**scenario, "closures": shut[1:]}}).table.loc["x"]
    assert (row["days_to_tank_top"], row["days_of_ullage"]) == (0, 0)


@pytest.mark.parametrize("end", [None, 40, 60])
def test_recovery_is_found_without_an_end(end):
    # The way round takes 4 of 8 at once and, after 2 days, 1 more each day to 8: at target from the sixth day on.
    legs = {"out": ("f", "m", {"capacity": "8 kt/d"}),
            "side": ("f", "m", {"capacity": "8 kt/d", "tariff": "1 USD/t",
                                "surge": {"delay": "2 d", "rate": "4 kt/d per day", "ceiling": "8 kt/d"}})}  # fmt: skip
    system = network(legs, {"f": "8 kt/d"}, ["m"], units=KT)
    # 0, 0, then means of 2 and 6, then 8: four days after it was shut, since it does not end within the horizon.
    assert clocks(system, 10, end)[2] == near(4)
    # What is not back is missing.
    assert np.isnan(clocks(system.override({"legs.side.surge.ceiling": "7 kt/d"}), 10, end)[2])


def test_a_clock_begins_with_the_horizon():
    # Shut 20 days before: the room of 30 is filled in 5 days of the horizon, and 5 days later all is back.
    assert clocks(tank(), -20, 10) == near([5, 5, 0])
