"""On calm days nothing is produced that cannot leave, even where tanks and ships would take it for nothing."""

from __future__ import annotations

import pytest

from helpers.horizons import KT, planned
from helpers.small import near, network


def test_a_calm_horizon_is_calm():
    # 10 could be produced, 8 can leave: 8 on every day, and the tank stays at 20, so that
    # a closure later on finds the room that the data say.
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


@pytest.mark.parametrize("initial_in_transit", ["usual", "none", "cycle"])
def test_what_nobody_buys_is_not_sent(initial_in_transit):
    # The market takes 8 of 10, so 2 a day are shut in and none waits at sea.
    ship = {"mode": "tanker", "transit_time": "1.5 d", "capacity": "10 kt/d"}
    system = network({"ship": ("f", "market", ship)}, {"f": "10 kt/d"}, {"market": {"demand": "8 kt/d"}}, units=KT)
    plan = planned(system, [], 59, initial_in_transit=initial_in_transit)
    assert plan.periods["total", "waiting_to_discharge"].max() <= 20
    if initial_in_transit == "usual":
        assert plan.exported + plan.shut_in == near(10)
