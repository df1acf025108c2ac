"""The program of a horizon in other hands: PuLP writes it down, its solvers find the same."""

from __future__ import annotations

import pulp
import pytest

import routeopt as ro
from helpers.small import near, network

NODES = {"tank": {"kind": "terminal", "storage": {"capacity": "30 kt", "initial": "20 %", "heel": "10 %"}}}


def system(flow="kt/d"):
    """A tank, ships with a lag to a market that is limited, a field that is slow, a promise, a quota."""
    return network(
        {"in": ("f", "tank", {"loss": "1 %"}),
         "pipe": ("tank", "m", {"capacity": "9 kt/d", "tariff": "10 USD/t"}),
         "ship": ("tank", "n", {"mode": "tanker", "transit_time": "2.5 d", "capacity": "5 kt/d", "tariff": "4 USD/t"})},
        {"f": {"output": "10 kt/d", "ramp_up": "20 %/d", "ramp_down": "40 %/d", "min_output": "10 %"}},
        {"m": {"price": "70 USD/t"}, "n": {"price": "72 USD/t", "demand": "5 kt/d"}},
        units={"flow": flow}, nodes=NODES, recourse={"demurrage": "1 USD/t", "below_min_output": "50 USD/t"},
        contracts={"promise": {"legs": ["pipe"], "volume": "6 kt/d", "accounting_period": "month", "make_up": "40 d"}},
        groups={"quota": {"legs": ["ship"], "capacity": "4 kt/d", "accounting_period": "month"}},
    )  # fmt: skip


SHUT = [{"leg": "pipe", "from": "2025-01-28", "to": "2025-02-03", "recovery": "linear 3 d"}]


def over(**more):
    return {"horizon": {"start": "2025-01-25", "end": "2025-02-08", "step": "day", **more}, "closures": SHUT}


def by_highs(problem):
    # The two lines of PuLP tell the status in different ways; a value that is no optimum fails all the same.
    problem.solve(pulp.HiGHS(msg=False))
    return problem


HORIZONS = [
    {},
    {"initial_in_transit": "none", "end_stocks": "free"},
    {"initial_in_transit": "cycle", "end_stocks": "cycle"},
    {"step": "week"},
]


@pytest.mark.parametrize("horizon", HORIZONS, ids=str)
@pytest.mark.parametrize("flow", ["kt/d", "Mt/y"])
def test_the_named_problem_has_the_same_optimum(horizon, flow):
    plan = ro.allocate(system(flow), over(**horizon))
    problem = by_highs(plan.to_pulp())
    # USD: thousands inside. Inner amounts are kt, so money does not depend on the unit of flow.
    money = 1000.0 * float(plan._horizon.prepared.objectives.money @ plan._horizon.x)
    assert money < 0
    assert pulp.value(problem.objective) == pytest.approx(money, rel=1e-6)


def test_its_names_are_readable_and_unique():
    problem = ro.allocate(system(), over()).to_pulp()
    columns = [variable.name for variable in problem.variables()]
    assert len(set(columns)) == len(columns)
    rows = [row.name for row in problem.constraints()]
    assert len(set(rows)) == len(rows)
    assert {"flow__pipe__crude__2025_01_28", "above__tank__crude__2025_02_01"} <= set(columns)
    assert {"short__promise__2025_01_25", "short__promise__2025_02_01"} <= set(columns)
    assert "made_up__promise__2025_01_25__promise__2025_02_01" in columns
    assert {"quota__quota__2025_01_25", "quota__quota__2025_02_01", "exported"} <= set(rows)
    assert {"volume__promise__2025_01_25", "restart__f__2025_01_26", "tank__tank__2025_01_26_most"} <= set(rows)


@pytest.mark.parametrize("horizon", HORIZONS, ids=str)
def test_another_solver_finds_the_same_plan(horizon):
    one, other = (ro.allocate(system(), over(**horizon), solver=solver) for solver in (None, "pulp:HiGHS"))
    assert other.certificate.valid
    assert other.exported == near(one.exported)
    assert other.netback == near(one.netback)
    goals = one._horizon.prepared.objectives
    for name in ("shortage", "volume", "refill", "trip", "money"):
        cost = getattr(goals, name)
        assert float(cost @ other._horizon.x) == near(float(cost @ one._horizon.x))


def test_another_solver_without_foresight():
    one, other = (ro.allocate(system(), over(), solver=solver, foresight="myopic") for solver in (None, "pulp:HiGHS"))
    assert (other.exported, other.netback) == (near(one.exported), near(one.netback))
    assert other.solver_stats.plans == one.solver_stats.plans == 2


def test_a_row_of_its_own_changes_the_plan_as_it_should():
    # The ship may carry no more than 10 in all: the market of the pipe earns 60 a tonne, that of the ship 68, so
    # that each of the kt that would have gone by ship costs 8 USD per tonne where the pipe has room.
    plan = ro.allocate(system(), over())
    shipped = float(plan.periods["leg", "ship"].sum())
    assert shipped > 20
    problem = plan.to_pulp()
    ships = [v for v in problem.variables() if v.name.startswith("flow__ship__")]
    problem += pulp.lpSum(ships) <= shipped - 1
    before = 1000.0 * float(plan._horizon.prepared.objectives.money @ plan._horizon.x)
    after = pulp.value(by_highs(problem).objective)
    assert after - before >= 8000 - 1e-3
