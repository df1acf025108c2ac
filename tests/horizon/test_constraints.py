"""Constraints of the caller's own over a horizon, by hand and against cases that say the same in the file."""

import pytest

import routeopt as ro
from helpers.small import near, network

DAYS = {"horizon": {"start": "2025-01-01", "end": "2025-01-11", "step": "day"}}


def two_lines(**more):
    return network(
        {"a": ("f", "m", {"capacity": "10 kt/d", "tariff": "1 USD/t"}),
         "b": ("f", "m", {"capacity": "10 kt/d", "tariff": "2 USD/t"})},
        {"f": "10 kt/d"}, ["m"], units={"flow": "kt/d"}, **more,
    )  # fmt: skip


def with_tank():
    """What comes in leaves; the tank could hold 50 kt and holds 20."""
    return network(
        {"in": ("f", "tank"), "out": ("tank", "m", {"capacity": "12 kt/d", "tariff": "1 USD/t"})},
        {"f": "10 kt/d"}, ["m"], units={"flow": "kt/d"},
        nodes={"tank": {"kind": "terminal", "storage": {"capacity": "50 kt", "initial": "40 %"}}},
    )  # fmt: skip


@pytest.mark.parametrize("foresight", ["perfect", "myopic"])
def test_a_limit_over_the_whole_horizon_by_hand(foresight):
    def cap(problem, variables):
        problem += variables.leg("a") <= 50, "cap"

    free = ro.allocate(two_lines(), DAYS, foresight=foresight)
    plan = ro.allocate(two_lines(), DAYS, foresight=foresight, constraints=cap)
    # 50 of 100 kt by the dear line: 50 x 1 + 50 x 2 in place of 100, thousand USD over ten days.
    assert (free.cost * 10, plan.cost * 10) == (near(100e3), near(150e3))
    assert plan.exported == near(10)
    assert plan.legs.loc["b", "flow"] == near(5)
    assert plan.certificate.valid
    assert plan.certificate.rows == free.certificate.rows + 1


def test_a_limit_of_each_day_is_a_smaller_capacity():
    def cap(problem, variables):
        for day, one in variables.items():
            problem += one.flow["a", "crude"] <= 4 * variables.days[day], f"cap {day}"

    closed = {**DAYS, "closures": [{"leg": "b", "from": "2025-01-04", "to": "2025-01-06"}]}
    plan = ro.allocate(two_lines(), closed, constraints=cap)
    smaller = ro.allocate(two_lines().override({"legs.a.capacity": "4 kt/d"}), closed)
    assert plan.periods["total", "exported"].tolist() == near(smaller.periods["total", "exported"].tolist())
    assert plan.cost == near(smaller.cost)
    # Two days with a alone, eight with both.
    assert plan.exported == near((2 * 4 + 8 * 10) / 10)


@pytest.mark.parametrize("foresight", ["perfect", "myopic"])
def test_stock_and_dates_by_hand(foresight):
    def keep(problem, variables):
        problem += variables.stock["tank", "2025-01-05"] >= 32, "winter stock"

    plan = ro.allocate(with_tank(), DAYS, foresight=foresight, constraints=keep)
    assert plan.periods["terminal", "tank"].loc["2025-01-05"] >= 32 - 1e-6
    # 2 kt per day more may leave than comes in: what the tank holds above 20 at the end is no export.
    assert plan.exported == near(9.8)


def test_a_bound_and_a_variable_of_ones_own():
    def function(problem, variables):
        variables["2025-01-03"].flow["a", "crude"].upBound = 3
        slack = problem.add_variable("slack", 0, 1)
        problem += variables["2025-01-04"].flow["a", "crude"] <= 2 + slack, "soft"

    plan = ro.allocate(two_lines(), DAYS, constraints=function)
    flow = plan.periods["leg", "a"]
    assert flow.loc["2025-01-03"] == near(3)
    assert flow.loc["2025-01-04"] == near(3)
    assert flow.drop(flow.index[[2, 3]]).tolist() == near([10.0] * 8)
    assert "own_" not in str(list(plan.periods.columns))
    assert plan.to_pulp() is not None


def test_what_cannot_be_is_said_with_the_name():
    def much(problem, variables):
        problem += variables.market("m") >= 120, "much"

    with pytest.raises(ro.InfeasibleError, match="'much'"):
        ro.allocate(two_lines(), DAYS, constraints=much)


def test_a_day_that_begins_no_period_is_named():
    def wrong(problem, variables):
        problem += variables["2025-02-01"].leg("a") <= 1

    with pytest.raises(ro.InputError, match="no period begins on 2025-02-01"):
        ro.allocate(two_lines(), DAYS, constraints=wrong)


def test_our_own_constraints_stay():
    def loosen(problem, variables):
        variables["2025-01-03"].flow["a", "crude"].upBound = 30

    with pytest.raises(ro.InputError, match="loosened"):
        ro.allocate(two_lines(), DAYS, constraints=loosen)
