"""What is left of an asset in each period, against areas worked out by hand. January 2025 unless said otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.small import network
from routeopt.scenario.periods import default_step, periods_of
from routeopt.scenario.resolve import resolve
from routeopt.scenario.timeline import timeline

PARTS = {
    "moored": {"capacity": "9 kt/d", "components": {"in": "parallel", "a": "4 kt/d", "b": "4 kt/d", "c": "4 kt/d"}},
    "pumped": {"capacity": "10 kt/d", "components": {"in": "series", "p": "6 kt/d", "q": "2 kt/d"}},
    "plain": {"capacity": "8 kt/d"},
}


def system(**legs):
    """Three kinds of leg from a field to a market; more keys for each."""
    ways = {name: ("f", "market", {**more, **legs.get(name, {})}) for name, more in PARTS.items()}
    return network(ways, {"f": {"output": "20 kt/d", **legs.get("f", {})}}, units={"flow": "kt/d"},
                   groups={"both": {"legs": ["moored", "plain"], "capacity": "12 kt/d"}})  # fmt: skip


def shares(closures, where=None, **horizon):
    """Shares over time; half a January by days if nothing is said."""
    horizon = {"start": "2025-01-01", "end": "2025-01-15", "step": "day", **horizon}
    horizon = {key: value for key, value in horizon.items() if value is not None}
    where = where or system()
    flat = resolve(where, {"horizon": horizon, "closures": closures})
    return timeline(where, flat, flat.closures, periods_of(where, flat, flat.horizon))


def near(values):
    return pytest.approx(values, rel=1e-12, abs=1e-12)


def cut(start=None, end=None, leg="plain", **more):
    """A closure by days of January 2025."""
    dates = {"from": start and f"2025-01-{start:02}", "to": end and f"2025-01-{end:02}"}
    return {"leg": leg, **{key: day for key, day in dates.items() if day}, **more}


def test_half_a_week_is_half_a_week():
    # Closed from the 4th up to and without the 8th: 4 of the first 7 days, none of the second 7.
    assert shares([cut(4, 8)], step="week").means["leg", "plain"] == near([3 / 7, 1])
    # From the 5th to before the 12th: 3 of 7 and 4 of 7; a quarter is left while it is closed.
    found = shares([cut(5, 12, availability="25 %")], step="week").means["leg", "plain"]
    assert found == near([(4 + 3 / 4) / 7, (3 + 4 / 4) / 7])


def test_days_are_half_open():
    found = shares([cut(3, 5)]).means["leg", "plain"]
    assert found == near([1, 1, 0, 0] + [1] * 10)


def test_a_linear_recovery_is_the_area_under_a_line():
    # Closed on the 1st and 2nd, then from 0 to 1 over 4 days: 1/8, 3/8, 5/8, 7/8 are the means of its days.
    found = shares([cut(1, 3, recovery="linear 4 d")]).means["leg", "plain"]
    assert found[:7] == near([0, 0, 1 / 8, 3 / 8, 5 / 8, 7 / 8, 1])
    # As one week: a triangle of 4 x 1 / 2 and a day of 1.
    week = shares([cut(1, 3, recovery="linear 4 d")], step="week").means["leg", "plain"]
    assert week == near([3 / 7, 1])
    # From 60 % over 2.5 days: 0.6 + 0.4 t / 2.5, so 0.68, 0.84 and half a day of mean 0.96 with half a day of 1.
    found = shares([cut(1, 3, availability="60 %", recovery="linear 2.5 d")]).means["leg", "plain"]
    assert found[:6] == near([0.6, 0.6, 0.68, 0.84, 0.98, 1])


def test_the_smallest_of_several_holds_at_every_instant():
    # 50 % on the 1st to 4th, 20 % on the 3rd to 5th. Week: 2 x 0.5 + 3 x 0.2 + 2 = 3.6.
    both = [cut(1, 5, availability="50 %"), cut(3, 6, availability="20 %")]
    assert shares(both, step="week").means["leg", "plain"] == near([3.6 / 7, 1])
    # The means of the two alone, 5/7 and 4.6/7, have a smaller minimum that is no answer.
    assert shares(both).means["leg", "plain"][:6] == near([0.5, 0.5, 0.2, 0.2, 0.2, 1])
    assert shares(both[::-1], step="week").means["leg", "plain"] == near([3.6 / 7, 1])


def test_recoveries_that_cross():
    # Both end on the 2nd, t days ago: steep from 0 over 2 days, t / 2; flat from 40 % over 6 days, 0.4 + 0.1 t. They
    # cross at t = 1: the 2nd has 1/4, the 3rd goes from 0.5 to 0.6, mean 0.55, then 0.65, 0.75, 0.85, 0.95.
    steep, flat = cut(1, 2, recovery="linear 2 d"), cut(1, 2, availability="40 %", recovery="linear 6 d")
    days = [0, 0.25, 0.55, 0.65, 0.75, 0.85, 0.95]
    assert shares([steep, flat]).means["leg", "plain"][:8] == near([*days, 1])
    # They cross inside the week, whose mean is that of its days; the least of two means would be larger.
    assert shares([flat, steep], step="week").means["leg", "plain"] == near([sum(days) / 7, 1])
    assert shares([steep], step="week").means["leg", "plain"][0] > sum(days) / 7 + 0.1
    # Parallel slopes do not cross: 0 from the 3rd over 4 days, t / 4, lies below 50 % from the 2nd over 2 days.
    later, sooner = cut(1, 3, recovery="linear 4 d"), cut(1, 2, availability="50 %", recovery="linear 2 d")
    assert shares([later, sooner]).means["leg", "plain"][:7] == near([0, 0, 1 / 8, 3 / 8, 5 / 8, 7 / 8, 1])


def test_recoveries_that_cross_inside_a_day():
    # t / 2 and 0.3 + 0.1 t cross at t = 0.75: 0.75 x 0.375 / 2 = 0.140625, and 0.25 x (0.375 + 0.4) / 2 = 0.096875.
    steep, flat = cut(1, 2, recovery="linear 2 d"), cut(1, 2, availability="30 %", recovery="linear 7 d")
    assert shares([steep, flat]).means["leg", "plain"][1:3] == near([0.2375, 0.45])


def test_one_of_three_moorings():
    # 3 x 4 = 12 stand before 9: without one 8 of 9, without two 4 of 9.
    found = shares([cut(2, 5, "moored", component="a"), cut(4, 6, "moored", component="b")]).means["leg", "moored"]
    assert found[:6] == near([1, 8 / 9, 8 / 9, 4 / 9, 8 / 9, 1])
    # Half of one is out: 10, still above 9. A closure is not a third lost.
    assert shares([cut(2, 5, "moored", component="a", availability="50 %")]).means["leg", "moored"][:5] == near([1] * 5)


def test_moorings_add_up_at_every_instant():
    # a comes back from the 2nd over 4 days: 8 + t, and 9 bind from t = 1 on: first day 8.5 / 9, then 1.
    found = shares([cut(1, 2, "moored", component="a", recovery="linear 4 d")]).means["leg", "moored"]
    assert found[:4] == near([8 / 9, 8.5 / 9, 1, 1])
    # As a week: 8 + 8.5 + 5 x 9, not the minimum of 9 and a mean of 12 - 4 x 3/7.
    week = shares([cut(1, 2, "moored", component="a", recovery="linear 4 d")], step="week").means["leg", "moored"]
    assert week == near([61.5 / 63, 1])


def test_series_components_leave_what_the_leg_can_do_without_them():
    # Without p 6 of 10, without q 2 of 10, without both the smaller; p at half gives 8.
    found = shares([cut(2, 4, "pumped", component="p"), cut(3, 5, "pumped", component="q")]).means["leg", "pumped"]
    assert found[:5] == near([1, 0.6, 0.2, 0.2, 1])
    half = shares([cut(2, 4, "pumped", component="p", availability="50 %")]).means["leg", "pumped"]
    assert half[:4] == near([1, 0.8, 0.8, 1])
    # q comes back from 0.2 over 4 days, 0.2 + 0.2 t, while p is out: 0.6 binds from t = 2 on: 0.3, 0.5, 0.6, 0.6.
    back = [cut(1, 2, "pumped", component="q", recovery="linear 4 d"), cut(1, 6, "pumped", component="p")]
    assert shares(back).means["leg", "pumped"][:7] == near([0.2, 0.3, 0.5, 0.6, 0.6, 1, 1])


def test_a_leg_and_its_component_at_once():
    # The leg at 70 % on the 2nd to 4th, one mooring out on the 3rd to 5th (8/9), two on the 4th (4/9).
    closures = [cut(2, 5, "moored", availability="70 %"), cut(3, 6, "moored", component="a"),
                cut(4, 5, "moored", component="b")]  # fmt: skip
    assert shares(closures).means["leg", "moored"][:6] == near([1, 0.7, 0.7, 4 / 9, 8 / 9, 1])


def test_maintenance_every_year():
    work = {"plain": {"maintenance": [{"from": "12-30", "to": "01-03", "availability": "50 %"}]}}
    horizon = {"start": "2024-12-25", "end": "2026-01-08"}
    found = shares([], system(**work), **horizon).means["leg", "plain"]
    out = np.flatnonzero(found < 1)
    # 30 and 31 December 2024, 1 and 2 January 2025: days 5 to 8; again 365 days later.
    assert out.tolist() == [5, 6, 7, 8, 370, 371, 372, 373]
    assert found[out] == near([0.5] * 8)
    # A closure meets it: the smaller holds.
    both = shares([cut(1, 2)], system(**work), **horizon).means["leg", "plain"]
    assert both[5:10] == near([0.5, 0.5, 0, 0.5, 1])
    # Of a field, on given days only.
    field = {"f": {"maintenance": [{"from": "2025-01-02", "to": "2025-01-04"}]}}
    assert shares([], system(**field)).means["field", "f"][:4] == near([1, 0, 0, 1])


def test_months_events_and_unequal_periods():
    closures = [{"leg": "plain", "from": "2025-01-22", "to": "2025-02-08"}]
    # 10 of the 31 days of January, 7 of the 28 of February.
    month = shares(closures, step="month", end="2025-04-01").means["leg", "plain"]
    assert month == near([21 / 31, 21 / 28, 1])
    # Breaks at every date: before, closed, after.
    assert shares(closures, step="event", end="2025-04-01").means["leg", "plain"] == near([1, 0, 1])
    # Periods of 30, 10 and 49 days: 9 of 30 and 8 of 10 closed (31 January to 7 February).
    breaks = shares(closures, step=None, end="2025-03-31", period_starts=["2025-01-31", "2025-02-10"]).means[
        "leg", "plain"
    ]
    assert breaks == near([21 / 30, 2 / 10, 1])
    # A month that begins in its middle ends with the calendar: 17 days, 7 of them open, then 28.
    middle = shares(closures, step="month", start="2025-01-15", end="2025-03-01").means["leg", "plain"]
    assert middle == near([7 / 17, 21 / 28])


def test_what_begins_before_and_ends_after_the_horizon():
    before = shares([{"leg": "plain", "from": "2024-11-05", "to": "2025-01-03"}]).means["leg", "plain"]
    assert before[:4] == near([0, 0, 1, 1])
    after = shares([{"leg": "plain", "from": "2025-01-13", "to": "2025-06-01"}]).means["leg", "plain"]
    assert after == near([1] * 12 + [0, 0])
    assert shares([{"leg": "plain"}]).means["leg", "plain"] == near([0] * 14)
    # A recovery that the horizon cuts off: from the 12th over 6 days, 1/12, 3/12, 5/12.
    late = shares([cut(10, 12, recovery="linear 6 d")]).means["leg", "plain"]
    assert late[9:] == near([0, 0, 1 / 12, 3 / 12, 5 / 12])


def test_fields_groups_and_embargoes_have_shares_of_their_own():
    found = shares([{"node": "f", "from": "2025-01-02", "to": "2025-01-03", "availability": "40 %"},
                    {"group": "both", "from": "2025-01-03", "to": "2025-01-04"},
                    cut(4, 5, commodity="crude")])  # fmt: skip
    assert found.means["field", "f"][:4] == near([1, 0.4, 1, 1])
    assert found.means["group", "both"][:4] == near([1, 1, 0, 1])
    assert found.means["stream", "plain", "crude"][:5] == near([1, 1, 1, 0, 1])
    assert not any(key[0] == "leg" for key in found.means)


def test_an_embargo_and_a_closure_of_the_leg_are_integrated_together():
    # The leg is shut on the 1st to 4th, the stream on the 4th to 7th: nothing of it in the first week, and 3 days of it
    # are left to others.
    found = shares([cut(1, 5), cut(4, 8, commodity="crude")], step="week")
    assert found.means["stream", "plain", "crude"] == near([0, 1])
    assert found.means["leg", "plain"] == near([3 / 7, 1])
    # At once the smaller holds: 50 % and 40 % leave 40 %, not 20 %; a mooring less (8/9) is more than 40 %.
    found = shares([cut(1, 3, availability="50 %"), cut(2, 4, availability="40 %", commodity="crude")])
    assert found.means["stream", "plain", "crude"][:4] == near([0.5, 0.4, 0.4, 1])
    both = [cut(1, 3, "moored", component="a"), cut(2, 4, "moored", availability="40 %", commodity="crude")]
    assert shares(both).means["stream", "moored", "crude"][:4] == near([8 / 9, 0.4, 0.4, 1])
    # They cross while both come back: (2 + t) / 8 of the leg, t / 4 of the stream, equal at t = 2.
    slopes = [
        cut(1, 3, availability="25 %", recovery="linear 6 d"),
        cut(1, 3, commodity="crude", recovery="linear 4 d"),
    ]
    week = shares(slopes, step="week").means["stream", "plain", "crude"][0]
    assert week == near(sum(shares(slopes).means["stream", "plain", "crude"][:7]) / 7)


def test_without_an_end_it_lasts_to_the_end_of_what_is_planned():
    where = system()
    horizon = {"start": "2025-01-01", "end": "2025-01-04", "lookahead_to": "2025-01-06", "step": "day"}
    flat = resolve(where, {"horizon": horizon, "closures": [cut(2)]})
    periods = periods_of(where, flat, flat.horizon, landing=2.5)
    # Three days that are reported, two that are planned for, three in which cargoes land.
    assert timeline(where, flat, flat.closures, periods).means["leg", "plain"] == near([1, 0, 0, 0, 0, 1, 1, 1])


def test_weeks_only_where_nothing_is_short():
    where = system()

    def step(end, *closures, of=where):
        return default_step(of, resolve(of, {"horizon": {"start": "2025-01-01", "end": end}, "closures": closures}))

    assert step("2026-12-31") == "day"  # 729 days
    assert step("2027-01-02") == "week"  # 731
    assert step("2027-01-02", cut(4, 18)) == "week"  # two weeks
    assert step("2027-01-02", cut(4, 17)) == "day"
    assert step("2027-01-02", of=system(plain={"maintenance": [{"from": "05-01", "to": "05-05"}]})) == "day"
