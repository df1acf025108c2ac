"""On calm days tanks fill and ships pile up where that costs nothing: fields produce what cannot leave."""

from __future__ import annotations

import pytest

from helpers.horizons import KT, planned
from helpers.small import near, network


def test_a_calm_horizon_is_calm():
    # 10 could be produced, 8 can leave: 8 on every day, and the tank stays at 20. The tank fills to 40 and stays full:
    # in a scenario whose closure begins after that the clock of the tank runs from nothing.
    nodes = {"tank": {"kind": "terminal", "storage": {"capacity": "40 kt", "initial": "50 %"}}}
    system = network(
        {"in": ("f", "tank"), "out": ("tank", "market", {"capacity": "8 kt/d"})},
        {"f": "10 kt/d"},
        units=KT,
        nodes=nodes,
    )
    for foresight in ("perfect", "myopic"):
        plan = planned(system, [], 15, foresight=foresight)
        assert plan.periods["field", "f"].tolist() == near([8] * 15)
        assert plan.periods["terminal", "tank"].tolist() == near([20] * 15)


@pytest.mark.parametrize("under_way", ["usual", "none", "cycle"])
def test_what_nobody_buys_is_not_sent(under_way):
    # The market takes 8 of 10, so 2 a day are shut in. 10 are sent and wait at sea, 2 more each day, to the end: over
    # 59 days 115 kt are afloat, shut_in is 0, and exported (8.0) is less than the mean of periods (9.9).
    ship = {"mode": "tanker", "transit": "1.5 d", "capacity": "10 kt/d"}
    system = network({"ship": ("f", "market", ship)}, {"f": "10 kt/d"}, {"market": {"demand": "8 kt/d"}}, units=KT)
    plan = planned(system, [], 59, under_way=under_way)
    assert plan.periods["total", "afloat"].max() <= 20
    if under_way == "usual":
        assert plan.exported + plan.shut_in == near(10)
