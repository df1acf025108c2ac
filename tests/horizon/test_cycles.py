"""A horizon that comes back to its start is planned with foresight only: a surprise breaks the circle."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.horizons import KT, day, planned
from helpers.small import near, network


def test_ships_that_come_round():
    # The ships of the last day land on the first; that they were stopped is learnt too late.
    system = network(
        {"ship": ("f", "m", {"mode": "tanker", "transit_time": "1.5 d"})}, {"f": "8 kt/d"}, ["m"], units=KT
    )
    closed = [{"leg": "ship", "from": day(7), "to": day(8)}]
    with pytest.raises(ro.ScenarioError, match="comes back to its start") as error:
        planned(system, closed, 8, foresight="myopic", initial_in_transit="cycle")
    assert error.value.problems[0].path == ("horizon",)
    assert planned(system, closed, 8, initial_in_transit="cycle").exported == near(7 * 8 / 8)


def test_tanks_that_come_round():
    # The refinery lives from the tank while the way in is shut; before all is put back the way in is shut again.
    system = network(
        {"in": ("f", "t", {"capacity": "12 kt/d"}), "out": ("t", "m"), "home": ("t", "r")},
        {"f": "10 kt/d"},
        ["m"],
        refineries={"r": {"demand": "2 kt/d"}},
        units=KT,
        nodes={"t": {"kind": "terminal", "storage": {"capacity": "60 kt", "initial": "50 %"}}},
    )
    closed = [{"leg": "in", "from": day(0), "to": day(3)}, {"leg": "in", "from": day(4), "to": day(8)}]
    with pytest.raises(ro.ScenarioError, match="comes back to its start"):
        planned(system, closed, 8, foresight="myopic", end_stocks="cycle")
    assert planned(system, closed, 8, end_stocks="cycle").shortage >= 0
