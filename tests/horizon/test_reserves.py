"""Tanks that no field feeds: reserves, and stocks where crude is imported."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.horizons import KT, day, planned
from helpers.small import near, network

TANK = {"kind": "terminal", "storage": {"capacity": "100 kt", "initial": "80 %", "heel": "10 %"}}


def reserve(refineries=None, field=None, **more):
    legs = {
        "fa": ("f", "a"),
        "spr-out": ("spr", "a", {"capacity": "5 kt/d"}),
        "am": ("a", "m", {"capacity": "20 kt/d"}),
    }
    if refineries:
        legs["home"] = ("a", "ref")
    return network(legs, {"f": {"output": "10 kt/d", **(field or {})}}, ["m"], units=KT,
                   nodes={"a": {"kind": "hub"}, "spr": TANK},
                   refineries=refineries or {}, **more)  # fmt: skip


CLOSED = [{"node": "f", "from": day(4), "to": day(14)}]


def test_all_of_it_can_be_exported_if_it_may():
    # 10 days of 10 from the field, and 80 less the heel of 10 at 5 a day.
    plan = planned(reserve(), CLOSED, 20, end_stocks="free")
    assert plan.exported * 20 == near(170)
    assert plan.periods["terminal", "spr"].iloc[-1] == near(10)


def test_it_is_kept_for_refineries():
    # Nothing is gained by exporting what cannot be put back; 3 a day at home for 10 days are 30.
    assert planned(reserve(), CLOSED, 20).exported * 20 == near(100)
    system = reserve({"ref": {"demand": "3 kt/d"}})
    for foresight in ("perfect", "myopic"):
        test = ro.stress_test(
            system, {"x": {"horizon": {"start": day(0), "end": day(20)}, "closures": CLOSED}}, foresight=foresight
        )
        row = test.table.loc["x"]
        # 140 less 70 left; with the 30 that were drawn, the 100 that were not produced.
        assert (row["shortage"], row["drawn"], row["lost"]) == (near(0), near(30), near(100))
    assert test["x"].periods["terminal", "spr"].iloc[[0, -1]].tolist() == near([80, 50])


def test_a_year_and_a_lasting_state_know_nothing_of_it():
    plan, without = ro.allocate(reserve()), ro.allocate(network({"fm": ("f", "m")}, {"f": "10 kt/d"}, ["m"], units=KT))
    assert (plan.exported, plan.legs.loc["spr-out", "flow"]) == (near(without.exported), 0)
    assert planned(reserve(), [{"node": "f"}], 30, step="event").exported == near(0)


def test_of_two_commodities_nothing_says_which():
    system = reserve(field={"commodity": "x"}, commodities={"x": {}, "y": {}})
    plan = planned(system, CLOSED, 20, end_stocks="free")
    assert "no field feeds spr: its stock is taken as equal parts of x, y" in plan.notes
    assert plan.exported * 20 == near(170)
    said = system.override({"legs.spr-out.commodities": ["y"]})
    assert planned(said, CLOSED, 20, end_stocks="free").notes == ()


def test_its_barrels_are_counted_where_they_leave():
    legs = {"fm": ("f", "m"), "spr-out": ("spr", "m", {"capacity": "5 kt/d"})}
    with pytest.raises(ro.SystemDataError, match="no marker on the way spr - m"):
        network(
            legs, {"f": "10 kt/d"}, ["m"], units=KT, nodes={"spr": TANK}, routes={"main": {"metering_legs": ["fm"]}}
        )


def test_it_goes_on_in_the_second_part():
    first = planned(reserve(), CLOSED, 8, end_stocks="free", lookahead_to=day(20))
    second = planned(reserve(), CLOSED, 20, first=8, end_stocks="free", state=first.end_state)
    assert first.exported * 8 + second.exported * 12 == near(170)


def test_the_age_of_what_arrives():
    # Half goes by a pipeline of 6 days of line fill, half by ships of 2 days; both come through 1 day of pipeline.
    system = network(
        {"in": ("f", "t", {"transit_time": "1 d"}), "pipe": ("t", "m", {"capacity": "5 kt/d", "transit_time": "6 d"}),
         "ship": ("t", "n", {"capacity": "5 kt/d", "mode": "tanker", "transit_time": "2 d"})},
        {"f": "10 kt/d"}, ["m", "n"], units=KT, nodes={"t": {"kind": "hub"}},
    )  # fmt: skip
    plan = planned(system, [], 20)
    assert plan.markets["days"].to_dict() == {"m": near(7), "n": near(3)}
    # It dates the barrels and moves none.
    assert plan.periods["total", "in_transit"].tolist() == near([10] * 20)
