"""Cost and netback count waiting, what is returned, and of a stretch that goes on nothing yet."""

from __future__ import annotations

from helpers.horizons import KT, contracted, day, planned
from helpers.small import near, network


def test_waiting_costs_what_it_costs():
    # 8 + 16 + 24 + 20 + 16 + 12 + 8 + 4 = 108 kt x days at 2 USD, in 20 days.
    system = network(
        {
            "ship": ("f", "port", {"mode": "tanker", "transit_time": "2 d"}),
            "pipe": ("port", "market", {"capacity": "12 kt/d"}),
        },
        {"f": "8 kt/d"},
        units=KT,
        recourse={"demurrage": "2 USD/t"},
    )
    plan = planned(system, [{"leg": "pipe", "from": day(4), "to": day(7)}], 20)
    assert plan.cost == near(108 * 2e3 / 20)


def test_what_is_returned_is_no_cost():
    # January: 310 x 10 and 124 x 30 for nothing. February: 224 x 30 + 56 x 10 less 112 x 30 that come back: 10,740
    # (11,860 without make-up).
    plan = planned(contracted(make_up="28 d"), [{"leg": "dear", "to": day(31)}], 59)
    assert plan.cost * 59 / 1e3 == near(310 * 10 + 124 * 30 + 224 * 30 + 56 * 10 - 112 * 30)


def test_the_parts_cost_what_the_whole_costs():
    # Shut all month: 310 x 10 + 124 x 30 = 6,820. The part in which the month ends pays the 124.
    closed = [{"leg": "dear"}]
    first = planned(contracted(), closed, 10, foresight="myopic", lookahead_to=day(31))
    second = planned(contracted(), closed, 31, first=10, foresight="myopic", state=first.end_state)
    assert (first.cost * 10 + second.cost * 21) / 1e3 == near(6820)
