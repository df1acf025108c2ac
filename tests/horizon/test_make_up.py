"""What is made up is shipped while it can be, not later in the stretch in which that ends."""

from __future__ import annotations

from helpers.horizons import KT, day, planned
from helpers.small import near, network


def test_a_day_is_a_day():
    # January is short of 124; a deficiency can be made up for one day; the leg opens on 11 February, ten days later:
    # nothing comes back. 310 x 10 + 124 x 30, then 112 x 30 + 168 x 10 = 11,860.
    legs = {
        "cheap": ("f", "m", {"capacity": "10 kt/d", "tariff": "10 USD/t"}),
        "dear": ("f", "m", {"capacity": "8 kt/d", "tariff": "30 USD/t"}),
    }
    contract = {
        "legs": ["dear"],
        "volume": "4 kt/d",
        "accounting_period": "month",
        "force_majeure": False,
        "make_up": "1 d",
    }
    system = network(legs, {"f": "10 kt/d"}, ["m"], units=KT, contracts={"c": contract})
    plan = planned(system, [{"leg": "dear", "from": day(0), "to": day(41)}], 59)
    assert float(plan._horizon.prepared.objectives.money @ plan._horizon.x) == near(11860)
