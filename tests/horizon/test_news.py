"""When an announced end comes as it was announced nothing is learnt, but a plan is made again."""

from __future__ import annotations

from helpers.horizons import KT, day, planned
from helpers.small import network


def test_an_end_that_was_announced_is_no_news():
    # Known on the 5th with its end; the copy of the closure with that end differs from the closure only in that the
    # latter still lists what was said. Plans are made on the first, the 5th, and once more on the 12th.
    system = network({"main": ("f", "m", {"capacity": "10 kt/d"})}, {"f": "10 kt/d"}, ["m"], units=KT)
    closed = {"leg": "main", "from": day(4), "to": day(11), "announced": [{"on": day(4), "until": day(11)}]}
    assert planned(system, [closed], 20, foresight="myopic").work.plans == 2
