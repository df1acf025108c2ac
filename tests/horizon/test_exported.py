"""With lookahead_to, and after a state, exported is what left within the horizon."""

from __future__ import annotations

from helpers.horizons import KT, day, planned
from helpers.small import near, network


def test_exports_are_what_left_within():
    # Ships of 1.5 days, 8 a day; none leave on the 3rd and 4th. In the first 4 days 16 left,
    # in the next 4 days 32.
    system = network(
        {"ship": ("f", "m", {"mode": "tanker", "transit_time": "1.5 d"})}, {"f": "8 kt/d"}, ["m"], units=KT
    )
    closed = [{"leg": "ship", "from": day(2), "to": day(4)}]
    first = planned(system, closed, 4, foresight="myopic", lookahead_to=day(8))
    second = planned(system, [], 8, first=4, foresight="myopic", state=first.end_state)
    assert first.exported * 4 == near(16)
    assert second.exported * 4 == near(32)
