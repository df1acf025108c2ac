"""Tanks and fields over a horizon, with their arithmetic. Flows are kt per day unless said otherwise."""

from __future__ import annotations

import datetime as dt

import pytest

import routeopt as ro
from helpers.small import near, network

KT = {"flow": "kt/d"}


def days(closures=(), count=20, foresight="perfect", **horizon):
    """January 2025 by days; a closure is (leg, first day closed, first day back, more)."""
    written = [
        {"leg": leg, "from": f"2025-01-{first:02}", "to": f"2025-01-{back:02}", **(more[0] if more else {})}
        for leg, first, back, *more in closures
    ]
    end = str(dt.date(2025, 1, 1) + dt.timedelta(days=count))
    return {"horizon": {"start": "2025-01-01", "end": end, "step": "day", **horizon}, "closures": written}


def stored(out="10 kt/d", output="5 kt/d", tank=None, field=None, **more):
    """A field, a tank, a market."""
    storage = {"kind": "terminal", "storage": {"capacity": "100 kt", "initial": "50 %", **(tank or {})}}
    return network({"in": ("f", "tank"), "out": ("tank", "market", {"capacity": out})},
                   {"f": {"output": output, **(field or {})}}, nodes={"tank": storage}, units=KT, **more)  # fmt: skip


def column(plan, kind, name):
    return plan.periods[kind, name].tolist()


def test_a_tank_fills_and_then_the_field_shuts_in():
    # 90 kb/d leave; the main line shuts for 15 days, a bypass takes 30, the empty tank holds 300: full after
    # 300 / 60 = 5 days; 10 days x 60 = 600 are shut in. Then 120 a day leave until the 300 are gone, 10 days.
    system = network(
        {"in": ("f", "tank"), "main": ("tank", "market", {"capacity": "90 kb/d"}),
         "bypass": ("tank", "market", {"capacity": "30 kb/d", "tariff": "1 USD/bbl"})},
        {"f": "90 kb/d"}, units={"flow": "kb/d"},
        nodes={"tank": {"kind": "terminal", "storage": {"capacity": "300 kb", "initial": "0 %"}}},
    )  # fmt: skip
    for foresight in ("perfect", "myopic"):
        plan = ro.allocate(system, days([("main", 2, 17)], 31), foresight=foresight)
        filling = [0, 60, 120, 180, 240, 300]
        draining = [300 - 30 * day for day in range(1, 11)]
        assert column(plan, "terminal", "tank") == near([*filling, *[300] * 10, *draining, *[0] * 5])
        assert column(plan, "ullage", "tank")[:7] == near([300, 240, 180, 120, 60, 0, 0])
        assert column(plan, "shut_in", "f") == near([*[0] * 6, *[60] * 10, *[0] * 15])
        assert column(plan, "total", "exported") == near([90, *[30] * 15, *[120] * 10, *[90] * 5])
        # 31 x 90 less 600, as a mean day.
        assert (plan.exported, plan.shut_in) == (near((31 * 90 - 600) / 31), near(600 / 31))


def test_a_tank_that_cannot_be_emptied_shuts_nothing_in():
    # The same with a main line of 60, which has nothing to spare afterwards: 600 are shut in, and the 300 stay in the
    # tank: 900 did not leave.
    system = network(
        {"in": ("f", "tank"), "main": ("tank", "market", {"capacity": "60 kb/d"}),
         "bypass": ("tank", "market", {"capacity": "30 kb/d"})}, {"f": "90 kb/d"}, units={"flow": "kb/d"},
        nodes={"tank": {"kind": "terminal", "storage": {"capacity": "300 kb", "initial": "0 %"}}},
    )  # fmt: skip
    for foresight in ("perfect", "myopic"):
        plan = ro.allocate(system, days([("main", 2, 17)], 31), foresight=foresight)
        assert column(plan, "shut_in", "f") == near([*[0] * 6, *[60] * 10, *[0] * 15])
        assert column(plan, "terminal", "tank") == near([0, 60, 120, 180, 240, *[300] * 26])
        assert plan.exported == near((31 * 90 - 900) / 31)


def test_the_heel_is_not_drawn():
    # The way in is shut on 12 days; 50 less a heel of 10 leave at 5 a day for 8 days, then nothing.
    plan = ro.allocate(stored("5 kt/d", tank={"heel": "10 %"}), days([("in", 3, 15)], end_stocks="free"))
    left = column(plan, "total", "exported")[2:14]
    assert sum(left) == near(40)
    assert min(column(plan, "terminal", "tank")) >= 10 - 1e-9
    # 8 days of production and 40 from the tank: nothing else can leave.
    assert plan.exported == near((8 * 5 + 40) / 20)


def test_what_tanks_hold_at_the_end():
    # The way out is shut on the first 4 days; 90 of 100 are full, so 10 of the 20 produced then find room.
    def exported(stocks):
        return ro.allocate(stored(tank={"initial": "90 %"}), days([("out", 1, 5)], end_stocks=stocks))

    # keep: all that is produced leaves: 20 x 5 less 10.
    plan = exported("keep")
    assert plan.exported == near(90 / 20)
    assert column(plan, "terminal", "tank")[-1] == near(90)
    # cycle: with any level that comes back nothing is shut in.
    plan = exported("cycle")
    assert (plan.exported, plan.shut_in) == (near(100 / 20), near(0))
    # free: 16 days x 10, what the way out can carry: 90 in the tank and 90 produced are more.
    plan = exported("free")
    assert plan.exported == near(160 / 20)
    assert column(plan, "terminal", "tank")[-1] <= 20 + 1e-9


def test_a_tank_that_ran_dry_is_filled_again_first():
    # The way in is shut on 6 days: 30 leave from the tank, and must be back: production of 14 days leaves, 70.
    plan = ro.allocate(stored(output="8 kt/d"), days([("in", 3, 9)]))
    assert plan.exported == near(14 * 8 / 20)
    assert column(plan, "terminal", "tank")[-1] == near(50)
    # A surprise late leaves too little time for it: 5 a day are drawn on the 18th to 20th or nothing leaves; what is
    # missing at the end outranks exports, so nothing leaves once it is known.
    late = ro.allocate(stored(), days([("in", 18, 21)]), foresight="myopic")
    assert column(late, "total", "exported") == near([5] * 17 + [0] * 3)
    assert column(late, "terminal", "tank")[-1] == near(50)


def test_a_tank_in_barrels_that_two_commodities_share():
    # 120 kb are 24 kt at 5 barrels per tonne or 15 kt at 8. Closed for 4 days it takes all 20 of the heavy (100 kb) and
    # 20 kb of the light, 2.5: most tonnes leave afterwards so. 17.5 of 140 are shut in.
    system = network(
        {"a": ("light", "tank"), "b": ("heavy", "tank"), "out": ("tank", "market", {"capacity": "30 kt/d"})},
        {"light": {"output": "5 kt/d", "commodity": "l"}, "heavy": {"output": "5 kt/d", "commodity": "h"}},
        commodities={"l": {"barrels_per_tonne": 8}, "h": {"barrels_per_tonne": 5}}, units=KT,
        nodes={"tank": {"kind": "terminal", "storage": {"capacity": "120 kb", "initial": "0 %"}}},
    )  # fmt: skip
    plan = ro.allocate(system, days([("out", 3, 7)], 14))
    assert plan.shut_in == near(17.5 / 14)
    assert sum(column(plan, "shut_in", "light")) == near(17.5)
    assert column(plan, "terminal", "tank")[5] == near(22.5)
    assert column(plan, "ullage", "tank")[5] == pytest.approx(0, abs=1e-9)
    # An initial level is mixed as the inflow is, in tonnes: x of each with 8 x + 5 x = 65 kb of 130, so 5 and 5.
    half = system.override({"nodes.tank.storage": {"capacity": "130 kb", "initial": "50 %"}})
    plan = ro.allocate(half, days(count=5))
    assert column(plan, "terminal", "tank") == near([10] * 5)
    assert plan._trajectory.stocks[0] == near([5, 5])


def test_a_tank_in_barrels_of_a_system_in_tonnes():
    # 160 kb at 8 barrels per tonne are 20 kt, a quarter of it full: room for 15, three days of 5.
    system = stored(tank={"capacity": "160 kb", "initial": "25 %"}, commodities={"c": {"barrels_per_tonne": 8}})
    plan = ro.allocate(system, days([("out", 2, 9)]), foresight="myopic")
    assert column(plan, "terminal", "tank")[:6] == near([5, 10, 15, 20, 20, 20])
    assert column(plan, "ullage", "tank")[:6] == near([15, 10, 5, 0, 0, 0])
    # Four days of 5 find no room; and another 15 are back out within the horizon.
    assert plan.shut_in == near(4 * 5 / 20)


PACE = network(
    {"main": ("f", "market", {"capacity": "10 kt/d"})},
    {"f": {"output": "10 kt/d", "ramp_down": "30 %/d", "ramp_up": "20 %/d"}}, units=KT,
)  # fmt: skip


def test_turning_down_and_coming_back_take_time():
    # Shut on the 5th to 7th: 10 at once where 3 are possible, so 7 are a trip; then 2, 4, 6, 8, 10. Known beforehand or
    # not: 9, 6, 3 on the days before would avoid the trip and lose 12 more, and volume comes first.
    for foresight in ("perfect", "myopic"):
        plan = ro.allocate(PACE, days([("main", 5, 8)], 14), foresight=foresight)
        assert column(plan, "field", "f") == near([10, 10, 10, 10, 0, 0, 0, 2, 4, 6, 8, 10, 10, 10])
        assert column(plan, "trip", "f") == near([0, 0, 0, 0, 7, *[0] * 9])
        assert plan.notes == (
            "f trips on 2025-01-05: its output falls by up to 7 kt/d faster than it can be turned down",
        )
        assert plan.notes[0] in plan.summary()


def test_of_what_loses_as_much_the_plan_that_trips_least():
    # The way out stays shut from the 5th on, and the tank takes 30. Of 10, 10, 10, which trips by 10, and
    # 9, 7.5, 5.5, ..., which does not, the second: all 30 find room either way.
    system = stored("10 kt/d", "10 kt/d", tank={"capacity": "40 kt", "initial": "25 %"}, field={"ramp_down": "30 %/d"})
    plan = ro.allocate(system, days([("out", 5, 21)], 20), foresight="myopic")
    assert sum(column(plan, "trip", "f")) == pytest.approx(0, abs=1e-9)
    assert column(plan, "terminal", "tank")[-1] == near(40)
    assert plan.exported * 20 == near(40)


def test_a_trip_has_a_price_if_one_is_given():
    # 7 kt per day fall too fast, once, at 5 USD for each tonne per day: 35,000 USD. Nothing else costs anything.
    for step in ("day", "week", "event"):
        system = PACE.override({"recourse.trip": "5 USD/t"})
        plan = ro.allocate(system, days([("main", 5, 8)], 14, step=step), foresight="myopic")
        assert plan.cost * 14 == near(35e3)
        assert "; that costs 35,000 USD" in plan.notes[-1]


def test_what_a_closure_of_the_field_takes_away_is_no_trip():
    closed = {"node": "f", "from": "2025-01-05", "to": "2025-01-08", "availability": "40 %"}
    plan = ro.allocate(PACE, {**days(count=14), "closures": [closed]})
    # From 10 to 4 at once and back by 2 a day.
    assert column(plan, "field", "f") == near([10, 10, 10, 10, 4, 4, 4, 6, 8, 10, 10, 10, 10, 10])
    assert plan._trajectory.block("trip").sum() == pytest.approx(0, abs=1e-9)


def test_pace_between_periods_of_different_length():
    # Shut in the second period of 2 days, open in the third of 4: 2, 4, 6, 8 a day, mean 5; then 10. A period in which
    # it comes back may be off by half the output for 5 days, so a note says that.
    plan = ro.allocate(PACE, {"horizon": {"start": "2025-01-01", "end": "2025-01-15",
                                          "period_starts": ["2025-01-05", "2025-01-07", "2025-01-11"]},
                              "closures": [{"leg": "main", "from": "2025-01-05", "to": "2025-01-07"}]},
                       foresight="myopic")  # fmt: skip
    assert column(plan, "field", "f") == near([10, 0, 5, 10])
    assert "may be off by up to 25 kt a closure; write step: day" in plan.notes[0]


def test_a_field_goes_under_its_minimum_when_the_tank_is_full():
    # Shut for 4 days with room for 10: at a minimum of 5 a day 20 are asked for; 10 are under it, at 1 USD each.
    system = stored("12 kt/d", "10 kt/d", tank={"capacity": "20 kt"}, field={"min_output": "50 %"},
                    recourse={"below_min_output": "1 USD/t"})  # fmt: skip
    plan = ro.allocate(system, days([("out", 3, 7)]), foresight="myopic")
    assert plan.fields.loc["f", "below_min_output"] == near(10 / 20)
    assert plan.cost == near(10e3 / 20)
    assert column(plan, "terminal", "tank")[5] == near(20)
    assert plan.shut_in == near(30 / 20)
    assert sum(column(plan, "shut_in", "f")[2:6]) == near(30)


def test_refineries_before_exports():
    # 4 of 10 stay at home. The field is cut off for 5 days: 20 in the tank serve the refinery, and are put back.
    system = network(
        {"line": ("f", "tank"), "home": ("tank", "ref"), "out": ("tank", "market")}, {"f": "10 kt/d"},
        refineries={"ref": {"demand": "4 kt/d"}}, units=KT,
        nodes={"tank": {"kind": "terminal", "storage": {"capacity": "40 kt", "initial": "50 %"}}},
    )  # fmt: skip
    plan = ro.allocate(system, days([("line", 3, 8)], 14))
    # 9 days of 10 less 14 of 4.
    assert (plan.shortage, plan.exported) == (near(0), near((90 - 56) / 14))
    # Nothing is put back: 20 more.
    assert ro.allocate(system, days([("line", 3, 8)], 14, end_stocks="free")).exported == near((90 + 20 - 56) / 14)
    # For 7 days the refinery needs 28: known beforehand it is kept, otherwise 8 are missing, and 22 = 70 - 48 leave.
    plan = ro.allocate(system, days([("line", 3, 10)], 14))
    assert (plan.shortage, plan.exported) == (near(0), near((70 - 56) / 14))
    plan = ro.allocate(system, days([("line", 3, 10)], 14), foresight="myopic")
    assert (plan.shortage, plan.exported) == (near(8 / 14), near(22 / 14))
    assert sum(column(plan, "total", "shortage")[2:9]) == near(8)
