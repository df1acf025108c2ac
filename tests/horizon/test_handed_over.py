"""A horizon cut in two forgets nothing: balances of earlier parts, quotas, deficiencies, paces."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.horizons import KT, contracted, day, planned
from helpers.small import near, network


def test_deficiencies_that_can_be_made_up():
    # January ships nothing and pays for 124. As a whole 224 go in February, 112 of them to make up, and so in
    # two parts.
    system, closed = contracted(make_up="28 d"), [{"leg": "dear", "from": day(0), "to": day(31)}]
    whole = planned(system, closed, 59, foresight="myopic")
    assert whole.periods["leg", "dear"].sum() == near(224)
    first = planned(system, closed, 31, foresight="myopic", lookahead_to=day(59))
    second = planned(system, [], 59, first=31, foresight="myopic", state=first.end_state)
    assert second.periods["leg", "dear"].sum() == near(224)


def test_a_month_in_three_parts():
    # 124 are due; shut on the first 10 days. The third part knows what both before it lacked.
    system = contracted()
    first = planned(
        system, [{"leg": "dear", "from": day(0), "to": day(10)}], 10, foresight="myopic", lookahead_to=day(31)
    )
    second = planned(system, [], 20, first=10, foresight="myopic", state=first.end_state, lookahead_to=day(31))
    third = planned(system, [], 31, first=20, foresight="myopic", state=second.end_state)
    assert sum(plan.periods["leg", "dear"].sum() for plan in (second, third)) == near(124)


def test_a_quota_of_a_month():
    # 155 a month; shut on the first 16 days, 150 go in the other 15.
    system = network(
        {"line": ("f", "m", {"capacity": "10 kt/d"})},
        {"f": "10 kt/d"},
        ["m"],
        units=KT,
        groups={"q": {"legs": ["line"], "capacity": "5 kt/d", "accounting_period": "month"}},
    )
    closed = [{"leg": "line", "from": day(0), "to": day(16)}]
    assert planned(system, closed, 31, foresight="myopic").exported * 31 == near(150)
    first = planned(system, closed, 16, foresight="myopic", lookahead_to=day(31))
    second = planned(system, [], 31, first=16, foresight="myopic", state=first.end_state)
    assert second.exported * 15 == near(150)


RESTART = network(
    {"line": ("f", "m", {"capacity": "10 kt/d"})}, {"f": {"output": "10 kt/d", "ramp_up": "1 %/d"}}, ["m"], units=KT
)


def test_coming_back_across_months():
    # Months turn into days while the field comes back: 0.1 a day more on each.
    closed = [{"leg": "line", "from": day(0), "to": day(31)}]
    whole = planned(RESTART, closed, 90, foresight="myopic", step="month")
    first = planned(RESTART, closed, 31, foresight="myopic", step="month", lookahead_to=day(90))
    second = planned(RESTART, [], 90, first=31, foresight="myopic", step="month", state=first.end_state)
    assert second.periods["field", "f"].tolist() == near(whole.periods["field", "f"].tolist()[31:])


def test_a_single_period_after_a_state():
    # The second part has one period, which still comes after another: the field is not back at once.
    closed = [{"leg": "line", "from": day(0), "to": day(31)}]
    first = planned(RESTART, closed, 31, foresight="myopic", step="month", lookahead_to=day(59))
    second = planned(RESTART, [], 59, first=31, foresight="myopic", step="month", state=first.end_state)
    assert second.periods["field", "f"].iloc[0] < 3


def test_the_state_of_something_else_is_refused():
    state = planned(RESTART, [], 5).end_state
    with pytest.raises(ro.ScenarioError):
        ro.allocate(
            ro.load("kazakhstan"), {"horizon": {"start": day(5), "end": day(9), "step": "day"}}, initial_state=state
        )


def test_the_state_of_another_day_is_refused():
    state = planned(RESTART, [], 5).end_state
    with pytest.raises(ro.ScenarioError):
        planned(RESTART, [], 405, first=400, state=state)


@pytest.mark.parametrize("foresight", ["perfect", "myopic"])
def test_cargoes_before_the_last_leg_are_earned_once(foresight):
    # 10 a day sail for 2 days to a terminal, from which a ship of 3 days or a pipe goes on. 20 are under way when it
    # begins; shut for the last 5 of 20 days, 150 leave the field, and markets pay 100 for each of them.
    for last in ({}, {"mode": "tanker", "transit_time": "3 d"}):
        legs = {"ship": ("f", "h", {"capacity": "10 kt/d", "mode": "tanker", "transit_time": "2 d"}),
                "out": ("h", "m", {"capacity": "10 kt/d", **last})}  # fmt: skip
        system = network(legs, {"f": "10 kt/d"}, {"m": {"price": "100 USD/t"}}, units=KT)
        closed = [{"leg": "ship", "from": day(15)}]
        whole = planned(system, closed, 20, foresight=foresight)
        assert whole.netback * 20 == near(15_000_000)
        for cut in (1, 8, 15, 18):
            first = planned(system, closed if cut > 15 else [], cut, foresight=foresight, lookahead_to=day(20))
            second = planned(system, closed, 20, first=cut, foresight=foresight, state=first.end_state)
            assert first.netback * cut + second.netback * (20 - cut) == near(15_000_000)
            assert first.exported * cut + second.exported * (20 - cut) == near(whole.exported * 20)
