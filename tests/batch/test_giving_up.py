"""Where HiGHS gives up on the way, a batch solves from cold."""

from __future__ import annotations

import routeopt as ro
from helpers.small import near
from routeopt.testing import random_system


def test_a_start_that_fails_is_no_error():
    # On this system the first solve of a warm session ends in an error of HiGHS, and not with a status.
    system = random_system(95, nodes=8, legs=14)
    found = ro.contingencies(system, 1, engine="warm")
    assert found.exported == near(ro.allocate(system).exported)
    for name, exported in zip(found.table["elements"], found.table["exported"], strict=True):
        assert exported == near(ro.allocate(system, close=name[0].split(" = ")[:1]).exported)
