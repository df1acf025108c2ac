"""Alternatives that are called more than once. Flows are kt per day."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.small import near, network

SLOW = {"delay": "2 d", "rate": "1 kt/d per day", "ceiling": "2.5 kt/d"}
# A closure that begins today: nothing for two days, then half a kt, one and a half, and what is left to the ceiling.
CLIMB = [0, 0, 0.5, 1.5, 2.375]


@pytest.fixture(scope="module")
def system():
    """12 of which 10 leave by the main line; the alternative takes 2 on a usual day."""
    legs = {"main": ("f", "market", {"capacity": "10 kt/d"}),
            "alt": ("f", "market", {"capacity": "20 kt/d", "tariff": "5 USD/t", "surge": SLOW})}  # fmt: skip
    return network(legs, {"f": "12 kt/d"}, units={"flow": "kt/d"}, commodities={"c": {"barrels_per_tonne": 8}})


def closed(*days):
    """Main line shut from one day of January to another."""
    return [{"leg": "main", "from": f"2025-01-{a:02}", "to": f"2025-01-{b:02}"} for a, b in days]


def over(closures, start="2025-01-01", end="2025-01-31"):
    return {"horizon": {"start": start, "end": end, "step": "day"}, "closures": closures}


def alternative(system, scenario, **more):
    return ro.allocate(system, scenario, **more).periods["leg", "alt"].tolist()


@pytest.mark.parametrize("foresight", ["perfect", "myopic"])
def test_a_closure_after_a_calm_stretch_calls_anew(system, foresight):
    flow = alternative(system, over(closed((3, 8), (20, 25))), foresight=foresight)
    more = [2 + one for one in CLIMB]
    assert flow == near([2, 2, *more, *[2] * 12, *more, *[2] * 6])


def test_a_closure_that_follows_soon_finds_it_called(system):
    # Two days without a closure are no more than the delay: the clock of the 3rd goes on.
    flow = alternative(system, over(closed((3, 8), (10, 15))))
    assert flow[2:14] == near([*[2 + one for one in CLIMB], 2, 2, *[4.5] * 5])
    flow = alternative(system, over(closed((3, 8), (11, 16))))
    assert flow[2:15] == near([*[2 + one for one in CLIMB], 2, 2, 2, *[2 + one for one in CLIMB]])
    # One that overlaps, or that takes its time to come back, bridges the calm.
    slope = [{**closed((3, 8))[0], "recovery": {"duration": "2 d"}}, *closed((11, 16))]
    assert alternative(system, over(slope))[10:15] == near([4.5] * 5)


def test_each_year_is_a_year_of_its_own(system):
    """Losses of two closures far apart add up, as those of two years do."""

    def lost(*days):
        plan = ro.allocate(system, over(closed(*days)))
        return 30 * (12 - plan.exported)

    first, second, both = lost((3, 8)), lost((20, 25)), lost((3, 8), (20, 25))
    assert both == near(first + second)
    assert first == near(50 - sum(CLIMB))


def test_a_state_hands_the_clock_on(system):
    days = ((3, 8), (12, 16), (22, 26))
    whole = alternative(system, over(closed(*days)))
    for cut in (5, 9, 10, 13, 17, 24):
        day = f"2025-01-{cut:02}"
        before = closed(*((a, min(b, cut)) for a, b in days if a < cut))
        after = closed(*((max(a, cut), b) for a, b in days if b > cut))
        first = ro.allocate(system, over(before, end=day))
        second = ro.allocate(system, over(after, start=day), initial_state=first.end_state)
        assert [*first.periods["leg", "alt"], *second.periods["leg", "alt"]] == near(whole)
