"""What is known of closures on a day, and how often a plan is made again. Days of January 2025."""

from __future__ import annotations

import datetime as dt

import pytest

import routeopt as ro
from helpers.small import near, network
from routeopt.scenario import Closure
from routeopt.solve.rolling_horizon import expected

MAIN = network({"main": ("f", "market", {"capacity": "10 kt/d"}), "side": ("f", "market", {"capacity": "4 kt/d"})},
               {"f": "10 kt/d"}, units={"flow": "kt/d"})  # fmt: skip


def date(day):
    return dt.date(2025, 1, day)


def closure(start=None, end=None, said=(), leg="main", **more):
    """A closure; ``said``: (day, end that was expected)."""
    data = {"leg": leg, "from": start and str(date(start)), "to": end and str(date(end)), **more}
    data["announced"] = [{"on": str(date(on)), "until": str(date(until))} for on, until in said]
    return Closure.model_validate({key: value for key, value in data.items() if value})


def ends(*closures, day, step=1):
    """Ends that are expected on a day, as days of January; a period that begins then lasts ``step`` days."""
    now = date(day).toordinal()
    return [c.end and (c.end - date(1)).days + 1 for c in expected(closures, now, now + step)]


def test_a_closure_is_not_known_before_it_begins():
    one = closure(5, 9)
    assert ends(one, day=4) == []
    # On its first day it is, and its end with it.
    assert ends(one, day=5) == [9]
    assert ends(one, day=8) == [9]
    # What has ended stays in the past of the plan.
    assert ends(one, day=12) == [9]
    # A period that lasts beyond its first day learns of it within.
    assert ends(one, day=2, step=4) == [9]
    assert ends(one, day=2, step=3) == []


def test_without_a_start_it_is_known_from_the_first_day():
    assert ends(closure(None, 9), day=1) == [9]
    assert ends(closure(), day=1) == [None]


def test_what_is_planned_is_known_beforehand():
    assert ends(closure(20, 25, planned=True), day=1) == [25]


def test_announced_ends():
    # From the 5th to the 20th. On the 6th it was to last to the 10th; on the 9th to the 18th.
    one = closure(5, 20, [(6, 10), (9, 18)])
    # Before anything is said no end is expected.
    assert ends(one, day=5) == [None]
    assert [ends(one, day=day) for day in (6, 7, 8)] == [[10], [10], [10]]
    assert [ends(one, day=day) for day in (9, 17)] == [[18], [18]]
    # It is overdue on the 18th, which should have been the first day back: no end is expected any more.
    assert [ends(one, day=day) for day in (18, 19)] == [[None], [None]]
    # On the 20th it is over.
    assert ends(one, day=20) == [20]


def test_an_end_that_comes_early():
    # It was to last to the 20th and ends on the 12th: that is known on the 12th.
    one = closure(5, 12, [(5, 20)])
    assert [ends(one, day=day) for day in (5, 11)] == [[20], [20]]
    assert ends(one, day=12) == [12]


def test_one_that_never_ends_was_expected_to():
    one = closure(5, None, [(5, 8)])
    assert [ends(one, day=day) for day in (5, 7, 8, 25)] == [[8], [8], [None], [None]]


def test_announced_before_it_begins():
    # Said on the 2nd: it will begin on the 5th and last to the 9th.
    one = closure(5, 9, [(2, 9)])
    assert ends(one, day=1) == []
    assert [ends(one, day=day) for day in (2, 4, 8)] == [[9], [9], [9]]
    # What was said to be over before it begins still lasts a day.
    early = closure(5, 9, [(2, 4)])
    assert ends(early, day=2) == [6]


def test_the_way_back_is_known_with_the_end_only():
    one = closure(5, 12, [(7, 12)], recovery="linear 4 d")
    days = [expected([one], date(day).toordinal(), date(day + 1).toordinal())[0] for day in (5, 7, 12)]
    assert [known.recovery is not None for known in days] == [False, True, True]
    assert [known.end for known in days] == [None, date(12), date(12)]


def planned(*closures, system=MAIN, end=26, **horizon):
    scenario = {"horizon": {"start": "2025-01-01", "end": str(date(end)), "step": "day", **horizon},
                "closures": [c.model_dump(by_alias=True, exclude_none=True) for c in closures]}  # fmt: skip
    return ro.allocate(system, scenario, foresight="myopic")


@pytest.mark.parametrize(
    ("closures", "plans"),
    [
        ([], [0]),
        # One that begins on the first day, or is planned, is no news.
        ([closure(None, 9)], [0]),
        ([closure(1, 9)], [0]),
        ([closure(5, 9, planned=True)], [0]),
        # It begins on the 5th, and its end is known.
        ([closure(5, 9)], [0, 4]),
        # 5th: begins; 6th and 9th: said; 18th: overdue; 20th: over.
        ([closure(5, 20, [(6, 10), (9, 18)])], [0, 4, 5, 8, 17, 19]),
        # 5th: begins and is said; 12th: over at last, three days before.
        ([closure(5, 12, [(5, 15)])], [0, 4, 11]),
        # Two that begin on one day are one piece of news; two days apart they are two.
        ([closure(5, 9), closure(5, 12, leg="side")], [0, 4]),
        ([closure(5, 9), closure(7, 12, leg="side")], [0, 4, 6]),
    ],
)
def test_a_plan_is_made_again_when_something_is_learnt(closures, plans):
    plan = planned(*closures)
    assert [now for now, _ in plan._horizon.plans] == plans
    assert plan.solver_stats.plans == len(plan.solver_stats.pivots) == len(plan.solver_stats.seconds) == len(plans)
    assert plan.solver_stats.solves > len(plans)


def test_what_not_knowing_costs():
    # A tank of 40, half full; 10 a day come, 14 can leave. Shut on 4 days, 40 want to be stored.
    nodes = {"tank": {"kind": "terminal", "storage": {"capacity": "40 kt", "initial": "50 %"}}}
    system = network({"in": ("f", "tank"), "out": ("tank", "market", {"capacity": "14 kt/d"})}, {"f": "10 kt/d"},
                     units={"flow": "kt/d"}, nodes=nodes)  # fmt: skip
    one = closure(11, 15, leg="out")
    # Not known, 20 of 40 find room. Known, the tank is emptied before, 4 a day: all 40 do.
    myopic = planned(one, system=system)
    assert myopic.exported * 25 == near(250 - 20)
    assert not myopic.optimal
    told = planned(closure(11, 15, [(1, 15)], "out"), system=system)
    assert told.exported * 25 == near(250)
    # Told on the 9th there are two days for it: 8 more find room.
    late = planned(closure(11, 15, [(9, 15)], "out"), system=system)
    assert late.exported * 25 == near(250 - 12)
    assert [now for now, _ in late._horizon.plans][:2] == [0, 8]


def test_the_state_of_alternatives_follows_what_is_known():
    # Alternatives are called when the closure begins, though it was announced before.
    system = MAIN.override({"legs.side.surge": {"delay": "1 d", "rate": "1 kt/d per day", "ceiling": "3 kt/d"},
                            "legs.side.tariff": "9 USD/t"})  # fmt: skip
    plan = planned(closure(5, 12, [(2, 12)]), system=system)
    # Nothing on a usual day; then a day of delay, and means of 0.5, 1.5, 2.5, 3.
    assert plan.periods["leg", "side"].tolist()[3:11] == near([0, 0, 0.5, 1.5, 2.5, 3, 3, 3])
    assert plan.end_state.calls.first == date(5).toordinal()


def test_unknown_foresight_is_refused():
    with pytest.raises(ro.ScenarioError, match=r"unknown foresight 'perfekt'; did you mean 'perfect'\?"):
        ro.allocate(MAIN, {"horizon": {"start": "2025-01-01", "end": "2025-01-03"}}, foresight="perfekt")
    with pytest.raises(ro.ScenarioError, match="belong to a horizon"):
        ro.allocate(MAIN, foresight="myopic")
