"""flow_ranges and the tables of a plan show the same flows."""

from __future__ import annotations

import routeopt as ro
from helpers.horizons import KT, day, planned
from helpers.small import near, network


def test_the_flow_in_the_middle_is_that_of_the_plan():
    # Ships of 3 days to n stop on the last two of 10 days: 8 x 4 left, 10 x 4 landed.
    system = network(
        {
            "pipe": ("f", "m", {"capacity": "6 kt/d"}),
            "ship": ("f", "n", {"mode": "tanker", "transit_time": "3 d", "capacity": "8 kt/d"}),
        },
        {"f": "10 kt/d"},
        ["m", "n"],
        units=KT,
    )
    plan = planned(system, [{"leg": "ship", "from": day(8)}], 10)
    ranges = plan.flow_ranges(kinds=["market", "route"])
    assert ranges.loc[("market", "n"), "flow"] == near(plan.markets.loc["n", "flow"])
    assert ranges.loc[("route", "ship"), "flow"] == near(plan.routes.loc["ship", "flow"])


def test_no_index_is_claimed_below_which_a_plan_may_lie():
    """What leaves within the horizon may grow: then shares of it, and the index, are smaller."""
    kz = ro.load("kazakhstan")
    found = ro.allocate(kz, "cpc-2023-11-storm").concentration("1 %").loc["hhi"]
    assert found["low"] < 0.658
    assert found["low"] < found["value"] < found["high"]
