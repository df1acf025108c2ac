"""Closures at the edges of a horizon that matter inside it."""

from __future__ import annotations

from helpers.horizons import KT, day, planned
from helpers.small import near, network

SYSTEM = network({"main": ("f", "m", {"capacity": "10 kt/d"})}, {"f": "10 kt/d"}, ["m"], units=KT)


def test_a_recovery_that_reaches_into_the_horizon():
    # It ended on the first day and comes back over 4 days: 1/8, 3/8, 5/8, 7/8 of 10.
    closed = [{"leg": "main", "from": day(-9), "to": day(0), "recovery": "linear 4 d"}]
    plan = planned(SYSTEM, closed, 5)
    assert plan.periods["total", "exported"].tolist() == near([1.25, 3.75, 6.25, 8.75, 10])


def test_what_is_planned_between_the_end_and_the_end_of_plans():
    # A tank of 40 at 20: the way out stops on the 6th to 9th, which is known; 4 more a day leave from the first.
    nodes = {"t": {"kind": "terminal", "storage": {"capacity": "40 kt", "initial": "50 %"}}}
    system = network(
        {"in": ("f", "t"), "main": ("t", "m", {"capacity": "14 kt/d"})}, {"f": "10 kt/d"}, ["m"], units=KT, nodes=nodes
    )
    closed = [{"leg": "main", "from": day(5), "to": day(9), "planned": True}]
    whole = planned(system, closed, 20, foresight="myopic")
    first = planned(system, closed, 5, foresight="myopic", lookahead_to=day(20))
    assert first.periods["total", "exported"].tolist() == near(whole.periods["total", "exported"].tolist()[:5])
