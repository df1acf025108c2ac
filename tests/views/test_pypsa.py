"""An allocation in PyPSA has the same optimum."""

import sys
import warnings

import pulp
import pytest

import routeopt as ro
from helpers.small import network
from routeopt.errors import InputError


@pytest.fixture(scope="module")
def pypsa():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("pypsa")


@pytest.mark.parametrize("scenario", [None, "cpc-closed", "russia", "tcop-20"])
def test_same_optimum(pypsa, kz, scenario):
    plan = ro.allocate(kz, scenario) if scenario else ro.allocate(kz)
    made = plan.to_pypsa()
    assert made.optimize(log_to_console=False) == pytest.approx(-plan.netback, rel=1e-9)
    flows = made.network.links.p_max_pu
    assert (flows >= 0).all()


@pytest.mark.parametrize("rule", ["pro-rata", ["kashagan", "tengiz"]], ids=str)
def test_shares_are_held(pypsa, kz, rule):
    plan = ro.allocate(kz, "cpc-closed", apportion=rule)
    assert plan.netback < ro.allocate(kz, "cpc-closed").netback * (1 - 1e-6)
    assert plan.to_pypsa().optimize(log_to_console=False) == pytest.approx(-plan.netback, rel=1e-8)


def test_without_the_extra_rows_it_is_another_programme(pypsa, kz):
    plan = ro.allocate(kz, "cpc-closed")
    made = plan.to_pypsa()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.network.optimize(log_to_console=False)
    assert made.network.objective < -plan.netback * (1 + 1e-3)


SHUT = [{"leg": "pipe", "from": "2025-01-28", "to": "2025-02-03", "recovery": "linear 3 d"}]
HORIZON = {"horizon": {"start": "2025-01-25", "end": "2025-02-08", "step": "day"}, "closures": SHUT}


def with_memory(**more):
    """A tank, ships with a lag, a slow field and another, a commitment, a quota."""
    return network(
        {"in": ("f", "tank", {"loss": "1 %"}),
         "side": ("g", "tank", {"tariff": "1 USD/t"}),
         "pipe": ("tank", "m", {"capacity": "14 kt/d", "tariff": "10 USD/t"}),
         "ship": ("tank", "n", {"mode": "tanker", "transit_time": "2.5 d", "capacity": "5 kt/d", "tariff": "4 USD/t"})},
        {"f": {"output": "10 kt/d", "ramp_up": "20 %/d", "ramp_down": "40 %/d", "min_output": "10 %"}, "g": "4 kt/d"},
        {"m": {"price": "70 USD/t"}, "n": {"price": "72 USD/t", "demand": "5 kt/d"}}, units={"flow": "kt/d"},
        nodes={"tank": {"kind": "terminal", "storage": {"capacity": "30 kt", "initial": "20 %", "heel": "10 %"}}},
        recourse={"demurrage": "1 USD/t", "below_min_output": "50 USD/t"},
        contracts={"promise": {"legs": ["pipe"], "volume": "6 kt/d", "over": "month", "make_up": "40 d"}},
        groups={"quota": {"legs": ["ship"], "capacity": "4 kt/d", "over": "month"}}, **more,
    )  # fmt: skip


@pytest.mark.parametrize("more", [{}, {"apportion": "pro-rata"}, {"economic": True}, {"foresight": "myopic"}], ids=str)
def test_a_horizon_has_a_snapshot_a_period_and_the_optimum_of_its_pulp_problem(pypsa, more):
    plan = ro.allocate(with_memory(), HORIZON, **more)
    made, problem = plan.to_pypsa(), plan.to_pulp()
    assert len(made.network.snapshots) >= len(plan.periods)
    assert [str(day.date()) for day in made.network.snapshots[:2]] == ["2025-01-25", "2025-01-26"]
    assert made.flow_unit == "kt"
    cost = made.optimize(log_to_console=False)
    problem.solve(pulp.HiGHS(msg=False))
    assert cost == pytest.approx(pulp.value(problem.objective), rel=1e-7)
    if more != {"foresight": "myopic"}:
        # What a plan of the whole horizon spends and earns is what is minimised.
        goal = plan._horizon.prepared.objectives.money
        money = 1000.0 * float(goal @ plan._horizon.x[: len(goal)])
        assert cost == pytest.approx(money, rel=1e-6)


def test_pypsa_is_optional(results, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypsa", None)
    with pytest.raises(InputError, match="pip install pypsa"):
        results["plan"].to_pypsa()
