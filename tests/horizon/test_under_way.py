"""What is under way counts cargoes that wait, comes round in a cycle, and goes on from a state."""

from __future__ import annotations

from helpers.horizons import KT, day, planned
from helpers.small import near, network


def ships(transit="1.5 d", **more):
    return network({"ship": ("f", "m", {"mode": "tanker", "transit_time": transit})}, {"f": "8 kt/d"}, ["m"], units=KT)


def test_cargoes_that_wait_are_under_way():
    system = network(
        {
            "ship": ("f", "port", {"mode": "tanker", "transit_time": "2 d"}),
            "pipe": ("port", "market", {"capacity": "12 kt/d"}),
        },
        {"f": "8 kt/d"},
        units=KT,
    )
    plan = planned(system, [{"leg": "pipe", "from": day(4), "to": day(7)}], 20)
    # 16 at sea and 8, 16, 24 that wait.
    assert plan.periods["total", "in_transit"].tolist()[3:7] == near([16, 24, 32, 40])


def test_half_a_day_of_a_lag_that_comes_round():
    # 1.5 days of 8 are under way on every day: 12.
    plan = planned(ships(), [], 8, initial_in_transit="cycle")
    assert plan.periods["total", "in_transit"].tolist() == near([12] * 8)


def test_a_lag_longer_than_the_horizon():
    # 20 days of 8.
    plan = planned(ships("20 d"), [], 8, initial_in_transit="cycle")
    assert plan.periods["total", "in_transit"].tolist() == near([160] * 8)


def test_what_has_landed_is_not_under_way():
    # 12 on every day; the state holds two whole days (16), of which half a day has landed.
    first = planned(ships(), [], 4, foresight="myopic", lookahead_to=day(8))
    second = planned(ships(), [], 8, first=4, foresight="myopic", state=first.end_state)
    assert second.periods["total", "in_transit"].tolist() == near([12] * 4)
