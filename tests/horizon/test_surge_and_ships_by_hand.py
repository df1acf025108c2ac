"""Alternatives that are slow to answer, and cargoes that are on their way. Flows are kt per day."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.small import near, network

KT = {"flow": "kt/d"}
SHUT = [{"leg": "main", "from": "2025-01-03", "to": "2025-01-12"}]


def over(end="2025-01-15", closures=(), start="2025-01-01", **horizon):
    horizon = {"start": start, "end": end, "step": "day", **horizon}
    return {"horizon": {k: v for k, v in horizon.items() if v is not None}, "closures": closures}


def money(plan):
    """What the horizon costs in thousand USD, as it was minimised; nothing is sold for money here."""
    return float(plan._horizon.prepared.objectives.money @ plan._horizon.x)


def column(plan, kind, name):
    return plan.periods[kind, name].tolist()


def called(surge=None, **more):
    """12 of which 10 leave by the main line; the alternative takes 2 on a usual day."""
    slow = {"delay": "2 d", "rate": "1 kt/d per day", "ceiling": "2.5 kt/d", **(surge or {})}
    alternative = {"capacity": "20 kt/d", "tariff": "5 USD/t", "surge": slow, **more}
    legs = {"main": ("f", "market", {"capacity": "10 kt/d"}), "alt": ("f", "market", alternative)}
    return network(legs, {"f": "12 kt/d"}, units=KT, commodities={"c": {"barrels_per_tonne": 8}})


def test_surge_by_formula():
    # Called on the 3rd, nothing for 2 days; t days after that t more, at most 2.5: means of days 0.5, 1.5, then from
    # 2 to 2.5 in half a day and 2.5 in the other: (2.25 + 2.5) / 2 = 2.375, then 2.5.
    plan = ro.allocate(called(), over(closures=SHUT))
    more = [0, 0, 0.5, 1.5, 2.375, 2.5, 2.5, 2.5, 2.5]
    assert column(plan, "leg", "alt") == near([2, 2, *[2 + one for one in more], 2, 2, 2])
    assert plan.exported == near((5 * 12 + 9 * 2 + sum(more)) / 14)


def test_surge_in_unequal_periods_is_the_same_area():
    # 3rd to 6th: 0.5 + 1.5 = 2 in 4 days; 7th to 11th: 2.375 + 4 x 2.5 in 5 days.
    plan = ro.allocate(
        called(), over(step=None, period_starts=["2025-01-03", "2025-01-07", "2025-01-12"], closures=SHUT)
    )
    assert column(plan, "leg", "alt") == near([2, 2 + 2 / 4, 2 + 12.375 / 5, 2])


def test_surge_with_a_part_of_a_day_of_delay():
    # From 1.5 days on: in the second half of the 4th up to 0.5, a triangle of 0.125; then 1, 2, and 2.5 is met at
    # t = 4, the end of the 6th: 0.5 to 1.5, 1.5 to 2.5.
    plan = ro.allocate(called({"delay": "1.5 d"}), over(closures=SHUT))
    assert column(plan, "leg", "alt")[2:8] == near([2, 2.125, 3, 4, 4.5, 4.5])


def test_surge_stays_under_the_capacity():
    plan = ro.allocate(called(capacity="3 kt/d"), over(closures=SHUT))
    assert column(plan, "leg", "alt")[2:8] == near([2, 2, 2.5, 3, 3, 3])
    # A rate of zero never climbs.
    plan = ro.allocate(called({"rate": "0 kt/d per day"}), over(closures=SHUT))
    assert column(plan, "leg", "alt") == near([2] * 14)
    # A ceiling of zero allows the usual only.
    plan = ro.allocate(called({"ceiling": "0 kt/d"}), over(closures=SHUT))
    assert column(plan, "leg", "alt") == near([2] * 14)


def test_surge_in_barrels():
    # 8 kb/d more each day are 1 kt, the ceiling of 20 kb/d is 2.5 kt: the same as in tonnes.
    plan = ro.allocate(called({"rate": "8 kb/d per day", "ceiling": "20 kb/d"}), over(closures=SHUT))
    assert column(plan, "leg", "alt")[2:8] == near([2, 2, 2.5, 3.5, 4.375, 4.5])
    plan = ro.allocate(called(capacity="160 kb/d"), over(closures=SHUT))
    assert column(plan, "leg", "alt")[2:8] == near([2, 2, 2.5, 3.5, 4.375, 4.5])


def test_without_a_closure_nothing_is_called():
    # The alternative keeps to what is usual, and a closure that leaves everything calls nothing.
    idle = [{"leg": "main", "from": "2025-01-03", "availability": "100 %"}]
    for closures in ((), idle):
        assert column(ro.allocate(called(), over(closures=closures)), "leg", "alt") == near([2] * 14)


def shipped(market=None, output="8 kt/d"):
    return network(
        {"ship": ("f", "market", {"mode": "tanker", "transit_time": "1.5 d", "capacity": "10 kt/d"})}, {"f": output},
        {"market": market or {}}, units=KT,
    )  # fmt: skip


STOP = [{"leg": "ship", "from": "2025-01-03", "to": "2025-01-05"}]


def test_ships_of_a_usual_day_are_under_way():
    # 8 days less two. Half of a day's cargo lands on the second day after it, half on the third: the 4th gets half
    # of the 2nd, the 5th nothing, the 6th half of the 5th.
    plan = ro.allocate(shipped(), over("2025-01-09", STOP))
    assert column(plan, "total", "delivered") == near([8, 8, 8, 4, 0, 4, 8, 8])
    assert column(plan, "leg", "ship") == near([8, 8, 0, 0, 8, 8, 8, 8])
    # 1.5 days of 8 are at sea, and nothing 1.5 days after the stop began.
    assert column(plan, "total", "in_transit") == near([12, 12, 4, 0, 8, 12, 12, 12])
    # What left counts, whenever it lands.
    assert plan.exported == near(6 * 8 / 8)


def test_ships_with_nothing_under_way():
    # Nothing lands for 1.5 days, and what leaves in the last 1.5 days does not count; half of the 7th does.
    plan = ro.allocate(shipped(), over("2025-01-09", STOP, initial_in_transit="none"))
    assert column(plan, "total", "delivered") == near([0, 4, 8, 4, 0, 4, 8, 8])
    assert plan.exported == near(36 / 8)


def test_ships_that_come_round():
    # What is under way at the end was so at the beginning: as on usual days.
    plan = ro.allocate(shipped(), over("2025-01-09", STOP, initial_in_transit="cycle"))
    assert column(plan, "total", "delivered") == near([8, 8, 8, 4, 0, 4, 8, 8])
    assert plan.exported == near(6 * 8 / 8)
    # Shut on the last two days, nothing lands on the first but half of the day before those.
    last = [{"leg": "ship", "from": "2025-01-07", "to": "2025-01-09"}]
    plan = ro.allocate(shipped(), over("2025-01-09", last, initial_in_transit="cycle"))
    assert column(plan, "total", "delivered") == near([0, 4, 8, 8, 8, 8, 8, 4])


def test_lags_over_unequal_periods():
    # Periods of 2, 5 and 3 days; the second is shut. Of the first 0.5 days land in it and 1.5 in the second, of the
    # third 1.5 days. Before it began, 1.5 days were under way.
    spans = {"step": None, "period_starts": ["2025-01-03", "2025-01-08"]}
    stop = [{"leg": "ship", "from": "2025-01-03", "to": "2025-01-08"}]
    plan = ro.allocate(shipped(), over("2025-01-11", stop, **spans))
    assert column(plan, "total", "delivered") == near([16 / 2, 12 / 5, 12 / 3])
    assert plan.exported == near((16 + 24) / 10)
    plan = ro.allocate(shipped(), over("2025-01-11", stop, initial_in_transit="none", **spans))
    assert column(plan, "total", "delivered") == near([4 / 2, 12 / 5, 12 / 3])
    assert plan.exported == near(28 / 10)
    plan = ro.allocate(shipped(), over("2025-01-11", stop, initial_in_transit="cycle", **spans))
    assert column(plan, "total", "delivered") == near([16 / 2, 12 / 5, 12 / 3])


def test_losses_on_the_way_are_lost_when_it_leaves():
    # A quarter is lost: 6 of 8 arrive; 9 are under way, as they come out.
    system = shipped().override({"legs.ship.loss": "25 %"})
    plan = ro.allocate(system, over("2025-01-09", STOP))
    assert column(plan, "total", "delivered") == near([6, 6, 6, 3, 0, 3, 6, 6])
    assert column(plan, "total", "in_transit")[:4] == near([9, 9, 3, 0])
    assert plan.exported == near(36 / 8)


def beyond(price=None, **pipe):
    """Ships of 2 days to a port from which a line leads on."""
    recourse = {"recourse": {"demurrage": price}} if price else {}
    return network(
        {"ship": ("f", "port", {"mode": "tanker", "transit_time": "2 d"}),
         "pipe": ("port", "market", {"capacity": "12 kt/d", **pipe})}, {"f": "8 kt/d"}, units=KT, **recourse,
    )  # fmt: skip


@pytest.mark.parametrize("foresight", ["perfect", "myopic"])
def test_cargoes_wait_where_they_cannot_land(foresight):
    # The line on land is shut on the 5th to 7th: 8 a day wait, 24 in the end; then 12 - 8 a day of them land. That
    # is 8 + 16 + 24 + 20 + 16 + 12 + 8 + 4 = 108 kt x days, at 2 USD each.
    stop = [{"leg": "pipe", "from": "2025-01-05", "to": "2025-01-08"}]
    plan = ro.allocate(beyond("2 USD/t"), over("2025-01-21", stop), foresight=foresight)
    assert column(plan, "total", "waiting_to_discharge") == near([0] * 4 + [8, 16, 24, 20, 16, 12, 8, 4] + [0] * 8)
    assert column(plan, "total", "delivered") == near([8] * 4 + [0] * 3 + [12] * 6 + [8] * 7)
    assert plan.exported == near(8)
    assert money(plan) == near(108 * 2)
    free = ro.allocate(beyond(), over("2025-01-21", stop), foresight=foresight)
    assert (free.exported, money(free)) == (near(8), near(0))


def test_a_cargo_does_not_wait_where_it_costs_more_than_it_earns():
    # Shut for good from the 5th: what leaves from the 3rd on could only wait. Known beforehand nothing leaves then;
    # 2 days of 8 at 1 USD land. The cargoes of the 3rd and 4th that left unknowing wait to the end: 8 on the 5th, 16
    # on 15 days after that, at 2 USD per day.
    stop = [{"leg": "pipe", "from": "2025-01-05"}]
    system = beyond("2 USD/t").override({"legs.ship.tariff": "1 USD/t"})
    plan = ro.allocate(system, over("2025-01-21", stop, initial_in_transit="none"))
    # Ships that leave on the first two days land on the 3rd and 4th.
    assert column(plan, "total", "delivered") == near([0, 0, 8, 8] + [0] * 16)
    assert column(plan, "leg", "ship") == near([8, 8] + [0] * 18)
    assert money(plan) == near(16)
    plan = ro.allocate(system, over("2025-01-21", stop, initial_in_transit="none"), foresight="myopic")
    assert column(plan, "leg", "ship") == near([8, 8, 8, 8] + [0] * 16)
    assert column(plan, "total", "waiting_to_discharge") == near([0] * 4 + [8] + [16] * 15)
    assert money(plan) == near(32 + 2 * (8 + 16 * 15))


@pytest.mark.parametrize("days", [8, 31])
def test_cargoes_that_wait_gain_nothing_at_the_end(days):
    # 10 could be produced. The market takes 8, or the line behind the port carries 8: 8 leave a day, however long.
    for system in (
        shipped({"demand": "8 kt/d"}, "10 kt/d"),
        beyond(capacity="8 kt/d").override({"nodes.f.output": "10 kt/d"}),
    ):
        assert ro.allocate(system).exported == near(8)
        assert ro.allocate(system, over(f"2025-{days // 31 + 1:02}-{days % 31 + 1:02}")).exported == near(8)


def test_what_could_not_land_is_lost():
    # The line is shut on 3 of 20 days and has nothing to spare: 17 x 8. After the end as much lands as usual.
    stop = [{"leg": "pipe", "from": "2025-01-05", "to": "2025-01-08"}]
    for foresight in ("perfect", "myopic"):
        plan = ro.allocate(beyond(capacity="8 kt/d"), over("2025-01-21", stop), foresight=foresight)
        assert plan.exported == near(17 * 8 / 20)
