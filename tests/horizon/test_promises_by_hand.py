"""Contracts, quotas and planned stops over a horizon. Flows are kt per day, money thousand USD, January has 31 days."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.small import near, network

KT = {"flow": "kt/d"}


def promised(over=None, **more):
    """A cheap leg for all 10, a dear one for 8 on which 4 a day are promised."""
    contract = {"legs": ["dear"], "volume": "4 kt/d", **({"accounting_period": over} if over else {}), **more}
    return network(
        {"cheap": ("f", "market", {"capacity": "10 kt/d", "tariff": "10 USD/t"}),
         "dear": ("f", "market", {"capacity": "8 kt/d", "tariff": "30 USD/t"})},
        {"f": "10 kt/d"}, units=KT, contracts={"promise": contract},
    )  # fmt: skip


def planned(system, *closures, start="2025-01-01", end="2025-02-01", step="day"):
    return ro.allocate(system, {"horizon": {"start": start, "end": end, "step": step}, "closures": closures})


def spent(system, *closures, **more):
    """Cost of the whole horizon in thousand USD, as it was minimised; nothing is sold for money here."""
    plan = planned(system, *closures, **more)
    assert plan.exported == near(10)
    return float(plan._horizon.prepared.objectives.money @ plan._horizon.x)


TEN = {"leg": "dear", "from": "2025-01-05", "to": "2025-01-15"}


def test_a_promise_of_every_day_is_kept_or_paid_on_every_day():
    # 4 x 30 + 6 x 10 = 180 a day.
    assert spent(promised()) == near(31 * 180)
    # Without force majeure 10 days cost 10 x 10 + 4 x 30 = 220.
    assert spent(promised(force_majeure=False), TEN) == near(21 * 180 + 10 * 220)
    # Force majeure: 10 x 10.
    assert spent(promised(), TEN) == near(21 * 180 + 10 * 100)


def test_a_promise_of_a_month_is_kept_on_other_days():
    # 124 in 21 days of 8: 124 x 30 + 186 x 10.
    assert spent(promised("month", force_majeure=False), TEN) == near(124 * 30 + 186 * 10)
    # Force majeure takes 10 days off it: 84 x 30 + 226 x 10.
    assert spent(promised("month"), TEN) == near(84 * 30 + 226 * 10)
    # Half of its 8 are enough for 4: nothing is suspended. A quarter leaves 2 on each of the 10 days.
    half, quarter = ({**TEN, "availability": share} for share in ("50 %", "25 %"))
    assert spent(promised("month"), half) == near(124 * 30 + 186 * 10)
    assert spent(promised("month"), quarter) == near(104 * 30 + 206 * 10)
    # Shut on 20 days, 11 x 8 = 88 can be shipped; 36 are paid for.
    twenty = {"leg": "dear", "from": "2025-01-05", "to": "2025-01-25"}
    assert spent(promised("month", force_majeure=False), twenty) == near(88 * 30 + 222 * 10 + 36 * 30)
    # A price of its own that is less than the difference of 20 is paid at once: 124 x 15.
    assert spent(promised("month", deficiency="15 USD/t")) == near(310 * 10 + 124 * 15)


def test_weeks_see_the_same_month():
    # Three days off the fourth of the weeks: 28 of 31 days are due, 112.
    closed = {"leg": "dear", "from": "2025-01-22", "to": "2025-01-25"}
    assert spent(promised("month"), closed, step="week") == near(112 * 30 + 198 * 10)


def test_what_is_left_is_compared_at_every_instant():
    # Coming back over 10 days from nothing, 0.8 t of 8: less than 4 for 5 days: 4 x 5 / 2 are off.
    back = {"leg": "dear", "from": "2025-01-04", "to": "2025-01-05", "recovery": "linear 10 d"}
    for step in ("day", "month"):
        plan = planned(promised(deficiency="99 USD/t"), back, step=step)
        assert plan.contracts.loc["promise", "due"] == near((124 - 4 - 10) / 31)
    # Two halves of the month at 25 % and 75 % leave 2 and 4, not min(4, 8 x 50 %).
    halves = [{"leg": "dear", "from": "2025-01-01", "to": "2025-01-17", "availability": "25 %"},
              {"leg": "dear", "from": "2025-01-17", "availability": "75 %"}]  # fmt: skip
    plan = planned(promised(), *halves, step="month")
    assert plan.contracts.loc["promise", "due"] == near((16 * 2 + 15 * 4) / 31)


def test_the_cost_of_a_mean_day_is_that_of_the_horizon():
    # 124 x 30 + 186 x 10 thousand USD in 31 days.
    plan = planned(promised("month", force_majeure=False), TEN)
    assert plan.cost == near((124 * 30 + 186 * 10) * 1e3 / 31)
    assert plan.contracts.loc["promise"].tolist() == [near(4), near(0)]
    # Half of it paid for: 62 that could not be shipped.
    closed = {"leg": "dear", "from": "2025-01-01", "to": "2025-01-17", "availability": "0 %"}
    plan = planned(promised("month", force_majeure=False, volume="8 kt/d"), closed)
    # 15 days of 8 are 120 of 248.
    assert plan.contracts.loc["promise", "deficiency"] == near(128 / 31)
    assert plan.cost == near((120 * 30 + 190 * 10 + 128 * 30) * 1e3 / 31)


JANUARY = {"leg": "dear", "to": "2025-02-01"}


def test_what_was_paid_is_returned_when_it_is_shipped_later():
    # January: 310 x 10, and 124 x 30 for nothing. February has 28 days: 112 are due; all 224 that go are shipped,
    # since what is beyond 112 earns back 30 and costs 20 more than the cheap way.
    paid = 310 * 10 + 124 * 30
    system = promised("month", make_up="28 d", force_majeure=False)
    assert spent(system, JANUARY, end="2025-03-01") == near(paid + 224 * 30 + 56 * 10 - 112 * 30)
    # Without it only 112.
    system = promised("month", force_majeure=False)
    assert spent(system, JANUARY, end="2025-03-01") == near(paid + 112 * 30 + 168 * 10)


def test_no_more_is_returned_than_was_paid():
    # Shut on 20 days of January: 36 are short. In February 36 more than the 112 are shipped.
    closed = {"leg": "dear", "from": "2025-01-05", "to": "2025-01-25"}
    system = promised("month", make_up="28 d", force_majeure=False)
    paid = 88 * 30 + 222 * 10 + 36 * 30
    assert spent(system, closed, end="2025-03-01") == near(paid + 148 * 30 + 132 * 10 - 36 * 30)


def test_a_promise_of_the_horizon_counts_it_once():
    # 59 days of 4 are 236, in 28 days of 8 only 224: 12 are paid for.
    system = promised("horizon", force_majeure=False)
    assert spent(system, JANUARY, end="2025-03-01") == near(224 * 30 + (590 - 224) * 10 + 12 * 30)


def test_a_year_ends_on_its_last_day():
    # December is one year, January another: each has 124 due, whatever went in the other.
    system = promised("year", force_majeure=False)
    closed = {"leg": "dear", "from": "2024-12-01", "to": "2025-01-01"}
    plan = planned(system, closed, start="2024-12-01", step="week")
    # Weeks begin on 1 December; the fifth breaks where the closure ends, on 1 January: nothing of 124 goes in December.
    december = 310 * 10 + 124 * 30
    january = 124 * 30 + (310 - 124) * 10
    assert plan.cost * 62 / 1e3 == near(december + january)
    daily = planned(system, closed, start="2024-12-01")
    # By days: nothing of 124 in December, all of 124 in January.
    assert daily.cost * 62 / 1e3 == near(310 * 10 + 124 * 30 + 124 * 30 + 186 * 10)


def limited(over=None, **more):
    """10 a day by a leg of 10 with a quota of 5."""
    group = {"legs": ["line"], "capacity": "5 kt/d", **({"accounting_period": over} if over else {})}
    return network({"line": ("f", "market", {"capacity": "10 kt/d", **more})}, {"f": "10 kt/d"}, units=KT,
                   groups={"quota": group})  # fmt: skip


def exported(system, *closures, **more):
    plan = planned(system, *closures, **more)
    return plan.exported * plan._trajectory.layout.periods.total


HALF = {"leg": "line", "from": "2025-01-01", "to": "2025-01-17"}


def test_a_quota_of_a_month_is_used_on_other_days():
    # 15 days are left. Every day 5, or in all 155, of which 150 can go.
    assert exported(limited(), HALF) == near(75)
    assert exported(limited("month"), HALF) == near(150)
    assert exported(limited("month")) == near(155)
    # It is no more than a month's: 150 in January, 140 in February.
    assert exported(limited("month"), HALF, end="2025-03-01") == near(290)
    # Of the year to the end of February 59 x 5 = 295 go in any of its 43 days.
    assert exported(limited("year"), HALF, end="2025-03-01") == near(295)
    assert exported(limited("horizon"), HALF, end="2025-03-01") == near(295)


def test_a_quota_of_a_year_ends_with_the_year():
    # December is shut but for 4 days: 40 of its 155. January has 155 of its own, not 270.
    closed = {"leg": "line", "from": "2024-12-05", "to": "2025-01-01"}
    assert exported(limited("year"), closed, start="2024-12-01") == near(40 + 155)
    assert exported(limited("horizon"), closed, start="2024-12-01") == near(310)


def test_closing_a_quota_takes_its_days_off():
    # 10 of 31 days: 105 of 155.
    closed = {"group": "quota", "from": "2025-01-05", "to": "2025-01-15"}
    assert exported(limited("month"), closed) == near(105)
    assert exported(limited(), closed) == near(105)


def test_planned_stops_belong_to_every_year():
    # Six days at 30 %: 25 x 10 + 6 x 3.
    work = {"maintenance": [{"from": "01-10", "to": "01-16", "availability": "30 %"}]}
    system = network({"line": ("f", "market", {"capacity": "10 kt/d", **work})}, {"f": "10 kt/d"}, units=KT)
    for year in (2025, 2026):
        assert exported(system, start=f"{year}-01-01", end=f"{year}-02-01") == near(268)
    # Of the field, 4 days of nothing; at once with the line they count once.
    both = system.override({"nodes.f.maintenance": [{"from": "2025-01-14", "to": "2025-01-18"}]})
    assert exported(both) == near(268 - 2 * 3 - 2 * 10)
    # A scenario without a horizon knows no dates.
    assert ro.allocate(both).exported == near(10)


@pytest.mark.parametrize("foresight", ["perfect", "myopic"])
def test_planned_stops_are_known_beforehand(foresight):
    # The way in stops for 5 days. On the 14 days before 2 a day are stored beyond the 8 that the market takes: 28 of
    # the 40 that it takes in those days come from there.
    nodes = {"tank": {"kind": "terminal", "storage": {"capacity": "30 kt", "initial": "0 %"}}}
    system = network(
        {"in": ("f", "tank", {"maintenance": [{"from": "01-15", "to": "01-20"}]}), "out": ("tank", "market")},
        {"f": "10 kt/d"}, {"market": {"demand": "8 kt/d"}}, units=KT, nodes=nodes,
    )  # fmt: skip
    plan = ro.allocate(system, {"horizon": {"start": "2025-01-01", "end": "2025-02-01", "step": "day"}},
                       foresight=foresight)  # fmt: skip
    assert plan.exported * 31 == near(31 * 8 - 12)
    assert plan.solver_stats.plans == 1
