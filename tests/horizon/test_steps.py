"""Days, weeks, months and events lose the same: periods break where something changes and are days while it moves."""

from __future__ import annotations

import datetime as dt

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import routeopt as ro
from helpers.horizons import FIRST, KT, day, planned
from helpers.small import near, network
from routeopt.scenario import Closure, Scenario
from routeopt.scenario.periods import LONGEST, change_days

STEPS = ("day", "week", "month", "event")
SLOW = network({"main": ("f", "m", {"capacity": "12 kt/d"})}, {"f": {"output": "10 kt/d", "ramp_up": "5 %/d"}}, ["m"],
               units=KT)  # fmt: skip


def lost(system, closures, count, foresight="myopic", **more):
    horizon = {"start": day(0), "end": day(count), **more}
    test = ro.stress_test(system, {"x": {"horizon": horizon, "closures": closures}}, foresight=foresight)
    return float(test.table.loc["x", "lost"])


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("foresight", ["perfect", "myopic"])
def test_a_field_that_comes_back_slowly(step, foresight):
    # 10 days of 10, and then 9.5, 9, ..., 0.5 a day: 100 + 95.
    closed = [{"leg": "main", "from": day(10), "to": day(20)}]
    assert lost(SLOW, closed, 59, foresight, step=step) == near(195)


def test_the_default_step_does_not_matter():
    # 21 days of 10 and 95. Two years are days, a day more is weeks.
    closed = [{"leg": "main", "from": day(35), "to": day(56)}]
    assert [lost(SLOW, closed, count) for count in (730, 731)] == near([305, 305])


@pytest.mark.parametrize("step", ["week", "event"])
def test_other_scenarios_of_a_call_are_nothing_to_it(step):
    horizon = {"start": day(0), "end": day(59), "step": step}
    one, two = (
        {"horizon": horizon, "closures": [{"leg": "main", "from": day(a), "to": day(b)}]}
        for a, b in ((10, 20), (24, 26))
    )
    both = ro.stress_test(SLOW, {"one": one, "two": two})
    for name, alone in (("one", one), ("two", two)):
        single = ro.stress_test(SLOW, {name: alone})
        assert both.table.loc[name].tolist() == pytest.approx(single.table.loc[name].tolist(), nan_ok=True)
        assert both[name].periods.index.equals(single[name].periods.index)
    assert both["one"]._horizon.prepared is not both["two"]._horizon.prepared
    same = ro.stress_test(SLOW, {"one": one, "again": one})
    assert same["one"]._horizon.prepared is same["again"]._horizon.prepared


@settings(max_examples=8)
@given(st.integers(0, 100_000))
def test_all_steps_lose_the_same(seed):
    rng = np.random.default_rng([seed, 41])
    tank = {
        "kind": "terminal",
        "storage": {"capacity": f"{rng.integers(20, 90)} kt", "initial": f"{rng.integers(0, 90)} %"},
    }
    paces = {"ramp_up": f"{rng.integers(4, 30)} %/d", "ramp_down": f"{rng.integers(4, 30)} %/d"}
    surge = {"delay": f"{rng.integers(0, 5)} d", "rate": "0.5 kt/d per day", "ceiling": f"{rng.integers(1, 4)} kt/d"}
    ship = {"mode": "tanker", "transit_time": f"{rng.integers(1, 9) / 2} d"} if rng.random() < 0.5 else {}
    system = network(
        {"a": ("f", "t"), "b": ("g", "t", {"capacity": "9 kt/d"}), "main": ("t", "m", {"capacity": "19 kt/d"}),
         "side": ("t", "m", {"capacity": "9 kt/d", "tariff": "9 USD/t", "surge": surge, **ship})},
        {"f": {"output": "10 kt/d", **paces}, "g": "6 kt/d"}, ["m"], units=KT, nodes={"t": tank},
    )  # fmt: skip
    first = int(rng.integers(3, 30))
    last = first + int(rng.integers(1, 25))
    closed = {"leg": "main", "from": day(first), "to": day(last), "availability": f"{rng.choice([0, 30])} %"}
    closed |= [{}, {"recovery": "linear 5 d"}, {"announced": [{"on": day(first + 1), "until": day(last + 2)}]}][
        seed % 3
    ]
    again = {"leg": "b", "from": day(first + 5), "to": day(last + 9)}
    for foresight in ("perfect", "myopic"):
        found = [lost(system, [closed, again], 90, foresight, step=step) for step in STEPS]
        assert found == near([found[0]] * 4)


def test_steps_cut_in_two_change_nothing():
    closed = [{"leg": "main", "from": day(10), "to": day(20)}]
    calm = [d for d in range(1, 59) if not 10 < d < 45]
    whole = planned(SLOW, closed, 59, period_starts=[day(d) for d in range(10, 45)])
    cut = planned(SLOW, closed, 59, period_starts=[day(d) for d in sorted({*range(10, 45), *calm})])
    assert whole.exported == near(cut.exported)
    assert whole.exported * 59 == near(590 - 195)


def days(step, closures=(), system=SLOW, count=400, **more):
    scenario = Scenario(closures=tuple(Closure.model_validate(c) for c in closures))
    horizon = ro.scenario.Horizon.model_validate({"start": day(0), "end": day(count), "step": step, **more})
    return [(found - FIRST).days for found in change_days(system, scenario, horizon)]


def test_which_days_are_added():
    closed = {"leg": "main", "from": day(100), "to": day(103)}
    # While it is closed, and then the 20 days of 5 % each.
    assert days("event", [closed]) == list(range(100, 124))
    assert days("month", [closed]) == days("week", [closed])
    assert days("day", [closed]) == days(None, [closed], period_starts=[day(7)]) == days("week") == []
    # A slope back belongs to it, and what was announced.
    slope = {**closed, "recovery": "linear 4 d", "announced": [{"on": day(90), "until": day(105)}]}
    assert days("event", [slope]) == list(range(90, 128))
    # Nothing that moves: the dates alone, and the days of the slope.
    still = network({"main": ("f", "m", {"capacity": "12 kt/d"})}, {"f": "10 kt/d"}, ["m"], units=KT)
    assert days("week", [closed], still) == [100, 103]
    assert days("week", [{**closed, "recovery": "linear 4 d"}], still) == [100, 103, 104, 105, 106, 107]
    # What takes nothing away changes nothing; what lasts for ever is followed for a quarter of a year.
    assert days("week", [{**closed, "availability": "100 %"}]) == []
    assert days("week", [{"leg": "main", "from": day(100)}]) == list(range(100, 100 + LONGEST + 1))
    # Tanks alone: what is planned fills none that was not meant to.
    stored = network({"in": ("f", "t"), "main": ("t", "m")}, {"f": "10 kt/d"}, ["m"], units=KT, nodes={
        "t": {"kind": "terminal", "storage": {"capacity": "40 kt", "initial": "50 %"}}})  # fmt: skip
    assert days("month", [{**closed, "to": day(105)}], stored) == list(range(100, 106))
    assert days("month", [{**closed, "to": day(105), "planned": True}], stored) == [100, 105]
    # Planned work is a change as well.
    worked = still.override({"legs.main.maintenance": [{"from": day(10), "to": day(12)}]})
    assert days("month", (), worked) == [10, 12]
    # A horizon of one period asks what lasts.
    assert days("event", [{"leg": "main"}]) == []


def test_a_week_is_whole_without_anything_that_moves():
    # 12 a day could carry 36 on 3 days of a week, and the field gives 30: by whole weeks 34 of 40 would be lost.
    still = network({"main": ("f", "m", {"capacity": "12 kt/d"})}, {"f": "10 kt/d"}, ["m"], units=KT)
    closed = [{"leg": "main", "from": day(8), "to": day(12)}]
    assert [lost(still, closed, 28, step=step) for step in STEPS] == near([40] * 4)


def test_days_by_name_and_by_breaks_are_the_same_periods():
    # Also those after the end, in which cargoes land: a pipe behind ships takes no more on a day than on any other.
    legs = {"ship": ("f", "h", {"capacity": "10 kt/d", "mode": "tanker", "transit_time": "4 d"}), "pipe": ("h", "m")}
    system = network(legs, {"f": "10 kt/d"}, ["m"], units=KT)
    one, other = (
        planned(system, [{"leg": "ship", "from": day(3), "to": day(5)}], 9, **steps)._horizon.prepared.program.layout
        for steps in ({}, {"period_starts": [day(i) for i in range(1, 9)]})
    )
    assert one.periods.edges.tolist() == other.periods.edges.tolist()


@pytest.mark.parametrize("step", STEPS)
def test_cargoes_that_fill_a_tank_again_land_before_the_end(step):
    # Without a for 4 days the tank gives 20; b has 1 a day more, and its ships of 4 days are cheaper than its pipe. By
    # day the ships bring all 20 back: 20 more barrels by ship at 5 USD/t in place of 20 of a at 1 USD/t.
    legs = {"a-line": ("a", "t", {"tariff": "1 USD/t"}), "out": ("t", "m", {"capacity": "10 kt/d"}),
            "ship": ("b", "t", {"mode": "tanker", "transit_time": "4 d", "tariff": "5 USD/t"}),
            "pipe": ("b", "t", {"tariff": "40 USD/t"})}  # fmt: skip
    tank = {"kind": "terminal", "storage": {"capacity": "50 kt", "initial": "50 %"}}
    system = network(legs, {"a": "5 kt/d", "b": "6 kt/d"}, ["m"], units=KT, nodes={"t": tank})
    shut = {"horizon": {"start": day(0), "end": day(58), "step": step},
            "closures": [{"node": "a", "from": day(10), "to": day(14)}]}  # fmt: skip
    assert ro.stress_test(system, {"x": shut}).table.loc["x", "extra_cost"] == near(80_000)


@pytest.mark.parametrize("step", STEPS)
def test_quotas_and_contracts_of_a_month_end_with_it(step):
    # 8 of 10 a day could leave, 6 on the mean of each month; shut for 20 days of January.
    legs = {"main": ("f", "m", {"capacity": "10 kt/d", "tariff": "1 USD/t"})}
    quota = network(legs, {"f": "8 kt/d"}, ["m"], units=KT,
                    groups={"q": {"legs": ["main"], "capacity": "6 kt/d", "accounting_period": "month"}})  # fmt: skip
    closed = [{"leg": "main", "from": day(5), "to": day(25)}]
    # January: 11 x 8 = 88, well below its 186; February: 14 x 6 = 84, and no more.
    assert planned(quota, closed, 45, step=step).exported * 45 == near(172)
    # Of 4 a day that are due on a dear leg it carries 160 on the 20 days, more than the 124 of January; February lacks
    # 56.
    both = {**legs, "dear": ("f", "m", {"capacity": "10 kt/d", "tariff": "9 USD/t"})}
    due = {
        "legs": ["dear"],
        "volume": "4 kt/d",
        "accounting_period": "month",
        "deficiency": "1 USD/t",
        "force_majeure": False,
    }
    pays = network(both, {"f": "8 kt/d"}, ["m"], units=KT, contracts={"c": due})
    # 160 x 9 + 200 x 1 + 56, in thousands.
    assert planned(pays, closed, 45, step=step).cost * 45 == near(1_696_000)


def test_a_period_across_the_end_of_a_month_is_named():
    quota = network({"main": ("f", "m", {"capacity": "9 kt/d"})}, {"f": "8 kt/d"}, ["m"], units=KT,
                    groups={"q": {"legs": ["main"], "capacity": "6 kt/d", "accounting_period": "month"}})  # fmt: skip
    notes = planned(quota, [], 45, period_starts=[day(20)]).notes
    assert notes == ("q is counted by the month, but one ends within the period from 2025-01-21, which counts where it "
                     "begins; break it there",)  # fmt: skip
    assert planned(quota, [], 45, period_starts=[day(20), day(31)]).notes == ()
    assert planned(quota, [], 45, step="week").notes == ()


@pytest.mark.parametrize("step", STEPS)
def test_what_moves_before_a_closure_is_said_to_be_coarse(step):
    # 5 of 10 leave on a usual day. Known beforehand, the field comes up by 1 a day to fill the tank that is drawn on
    # while the field is shut.
    system = network({"in": ("f", "t"), "out": ("t", "m", {"capacity": "5 kt/d"})},
                     {"f": {"output": "8 kt/d", "ramp_up": "10 %/d"}}, ["m"], units=KT,
                     nodes={"t": {"kind": "terminal", "storage": {"capacity": "300 kt"}}})  # fmt: skip
    plan = planned(system, [{"node": "f", "from": day(16), "to": day(30)}], 50, step=step)
    if step == "day":
        assert plan.notes == ("t has no initial level: taken as empty",)
    else:
        assert any("coarse where fields move slowly" in note for note in plan.notes)


def test_coarse_periods_say_by_how_much_they_may_be_off():
    closed = [{"leg": "main", "from": day(10), "to": day(20)}]
    note = "may be off by up to 100 kt a closure; write step: day"
    assert note in planned(SLOW, closed, 59, period_starts=[day(30)]).notes[-1]
    # A closure that outlasts the days that are followed.
    horizon = {"start": day(0), "end": str(FIRST + dt.timedelta(days=300)), "step": "week"}
    long = [{"leg": "main", "from": day(10), "to": day(200)}]
    assert note in ro.allocate(SLOW, {"horizon": horizon, "closures": long}).notes[-1]
    assert planned(SLOW, closed, 59, step="week").notes == planned(SLOW, closed, 59).notes == ()


def test_what_comes_back_when_a_part_begins():
    # The second part begins while the field is on its way back, by weeks as by days.
    closed = [{"leg": "main", "from": day(10), "to": day(20)}]
    first = planned(SLOW, closed, 21, foresight="myopic", lookahead_to=day(59))
    rest = [
        planned(SLOW, [], 59, first=21, foresight="myopic", state=first.end_state, step=step).exported for step in STEPS
    ]
    # 9.5 of the 95 are over on the 20th.
    assert [38 * (10 - one) for one in rest] == near([85.5] * 4)
