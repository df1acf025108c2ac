"""When an announced end comes as it was announced nothing is learnt, and no plan is made again."""

from __future__ import annotations

from helpers.horizons import KT, day, planned
from helpers.small import network


def test_an_end_that_was_announced_is_no_news():
    # Known on the 5th with its end: plans are made on the first and the 5th.
    system = network({"main": ("f", "m", {"capacity": "10 kt/d"})}, {"f": "10 kt/d"}, ["m"], units=KT)
    closed = {"leg": "main", "from": day(4), "to": day(11), "announced": [{"on": day(4), "until": day(11)}]}
    assert planned(system, [closed], 20, foresight="myopic").solver_stats.plans == 2
