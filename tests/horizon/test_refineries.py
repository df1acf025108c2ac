"""A refinery lives from its tank as long as that lasts."""

from __future__ import annotations

from helpers.horizons import KT, day, planned
from helpers.small import near, network


def test_the_tank_serves_the_refinery_first():
    # 20 in the tank, 4 a day: enough for 5 of the 7 days, short on the last two.
    system = network(
        {"line": ("f", "tank"), "home": ("tank", "ref"), "out": ("tank", "market")},
        {"f": "10 kt/d"},
        refineries={"ref": {"demand": "4 kt/d"}},
        units=KT,
        nodes={"tank": {"kind": "terminal", "storage": {"capacity": "40 kt", "initial": "50 %"}}},
    )
    plan = planned(system, [{"leg": "line", "from": day(2), "to": day(9)}], 14, foresight="myopic")
    assert plan.periods["total", "shortage"].tolist() == near([*[0] * 7, 4, 4, *[0] * 5])
