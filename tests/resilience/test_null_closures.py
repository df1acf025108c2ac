"""A closure that takes nothing away changes nothing, whatever is asked."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

import routeopt as ro
from helpers.horizons import KT, day
from helpers.small import near, network
from routeopt.testing import random_data

HORIZON = {"start": day(0), "end": day(40), "step": "day"}
SURGE = {"delay": "2 d", "rate": "1 kt/d per day", "ceiling": "3 kt/d"}
OUTAGES = {"rate": "2 /y", "repair": {"mean": "9 d"}}

NOTHING = {
    "a mooring, where two of three carry all": {"leg": "main", "component": "a"},
    "a leg that is idle": {"leg": "idle"},
    "a leg that is not built": {"leg": "new"},
    "a component of it": {"leg": "new", "component": "pump"},
    "a route of it": {"route": "way-new"},
    "a group of nothing that runs": {"group": "sleeping"},
    "a leg that can carry nothing": {"leg": "dry"},
    "all of it left": {"leg": "main", "availability": "100 %"},
}
"""Closures that move no bound."""

SPARE = {
    "capacity that a usual day does not use": {"leg": "main", "availability": "85 %"},
    "of a group": {"group": "port", "availability": "60 %"},
    "of a stream": {"leg": "main", "commodity": "crude", "availability": "85 %"},
}
"""Closures that leave what a usual day needs."""


@pytest.fixture(scope="module")
def system():
    """10 from a field, 8 of them by the main line; a contract on the dear one, a way round, and much that sleeps."""
    moored = {"in": "parallel", "a": "5 kt/d", "b": "5 kt/d", "c": "5 kt/d"}
    legs = {
        "up": ("f", "t"),
        "main": ("t", "m", {"capacity": "10 kt/d", "components": moored, "tariff": "1 USD/t", "outages": OUTAGES}),
        "dear": ("t", "m", {"capacity": "6 kt/d", "tariff": "20 USD/t", "outages": OUTAGES}),
        "rail": ("t", "m", {"capacity": "5 kt/d", "tariff": "40 USD/t", "surge": SURGE}),
        "idle": ("t", "m", {"capacity": "9 kt/d", "status": "idle"}),
        "new": ("t", "m", {"capacity": "9 kt/d", "status": "hypothetical",
                           "components": {"in": "series", "pump": "5 kt/d"}}),
        "dry": ("t", "h", {"capacity": "3 kt/d"}),
        "slow": ("slack", "m", {"capacity": "1 kt/d", "tariff": "2 USD/t"}),
    }  # fmt: skip
    return network(
        legs, {"f": {"output": "10 kt/d", "ramp_up": "10 %/d"}, "slack": "4 kt/d"}, ["m"], units=KT,
        nodes={"t": {"kind": "terminal", "storage": {"capacity": "12 kt", "initial": "50 %"}}, "h": {"kind": "hub"}},
        groups={"port": {"legs": ["main", "slow"], "capacity": "20 kt/d"},
                "sleeping": {"legs": ["idle", "new"], "capacity": "5 kt/d"}},
        contracts={"pay": {"legs": ["dear"], "through": ["dear"], "volume": "2 kt/d", "deficiency": "30 USD/t"}},
        routes={f"way-{leg}": {"metering_legs": [leg]} for leg in ("main", "dear", "rail", "idle", "new", "slow")},
    )  # fmt: skip


def same(one, other):
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    else:
        assert one == other


def asked(system, closures):
    """Every question about a year, and what it answers."""
    held = {"closures": closures}
    plan, risk = ro.allocate(system, held), ro.simulate_outages(system, draws=500, scenario=held)
    pairs, worst = ro.contingencies(system, 2, scenario=held).table, ro.worst_case(system, 2, scenario=held)
    # What is closed already is no decision any more.
    pairs = pairs[["dry" not in names for names in pairs["elements"]]]
    return {
        "allocate": plan.legs["flow"].to_frame(), "netback": plan.netback, "contracts": plan.contracts,
        "contingencies": pairs.reset_index(drop=True), "worst case": (worst.attack, worst.lost),
        "risk": risk.expected_loss,
        "shapley": ro.shapley(system, scenario=held).table, "curve": ro.capacity_curve(system, "main", held).table,
    }  # fmt: skip


@pytest.fixture(scope="module")
def answers(system):
    return asked(system, [])


@pytest.mark.parametrize("what", NOTHING)
def test_of_a_year(system, answers, what):
    found = asked(system, [NOTHING[what]])
    for question, answer in answers.items():
        same(found[question], answer)


MAIN = {"leg": "main", "from": day(12), "to": day(20)}


def over_time(system, closures, foresight):
    scenario = {"horizon": HORIZON, "closures": closures}
    test = ro.stress_test(system, {"x": scenario}, foresight=foresight)
    plan = ro.allocate(system, scenario, foresight=foresight)
    return test, plan


@pytest.mark.parametrize("foresight", ["perfect", "myopic"])
@pytest.mark.parametrize("dates", [{}, {"from": day(3)}, {"from": day(14), "to": day(30)}], ids=str)
@pytest.mark.parametrize("what", NOTHING)
def test_over_time(system, what, dates, foresight):
    for closures in ([], [MAIN], [MAIN, {**MAIN, "from": day(24), "to": day(26), "availability": "20 %"}]):
        (test, plan), (bare, calm) = (
            over_time(system, listed, foresight) for listed in ([*closures, {**NOTHING[what], **dates}], closures)
        )
        same(test.table, bare.table)
        same(test.value_of_foresight[["perfect", "myopic"]], bare.value_of_foresight[["perfect", "myopic"]])
        same(plan.periods, calm.periods)
        assert plan._horizon.calls == calm._horizon.calls


@pytest.mark.parametrize("dates", [{"to": day(9)}, {"from": day(4), "to": day(11)}], ids=str)
@pytest.mark.parametrize("what", SPARE)
def test_spare_capacity_calls_nobody(system, what, dates):
    """Before anything else is closed: afterwards what was spare is needed to catch up."""
    (test, plan), (bare, calm) = (
        over_time(system, listed, "myopic") for listed in ([{**SPARE[what], **dates}, MAIN], [MAIN])
    )
    assert (plan._horizon.calls.legs, plan._horizon.span) == (calm._horizon.calls.legs, calm._horizon.span)
    assert np.abs(plan.periods - calm.periods).to_numpy().max() < 1e-9
    assert test.table.loc["x"].tolist() == pytest.approx(bare.table.loc["x"].tolist(), rel=1e-9, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("what", NOTHING)
def test_of_a_loss_curve(system, what):
    def curve(*more):
        return ro.loss_curve(
            system, [{"leg": "main", "recovery": "linear 2 d"}, *more], "6 d", step="3 d", recovery_window="9 d"
        )

    same(curve(NOTHING[what]).table, curve().table)


def test_what_is_not_there_is_said():
    """A note names it; ids that nobody knows are errors, and what carries nothing today may be of use tomorrow."""
    kz = ro.load("kazakhstan")
    for closure, words in (
        ({"leg": "tcop"}, "leg tcop is not built"),
        ({"leg": "baku-supsa"}, "leg baku-supsa is idle"),
    ):
        said = f"{words}: closing it changes nothing"
        assert said in ro.allocate(kz, close=[closure]).notes
        days = {"horizon": {"start": day(0), "end": day(4)}, "closures": [closure]}
        assert said in ro.allocate(kz, days).notes
        test = ro.stress_test(kz, {"x": days})
        assert f"x: {said}" in test.notes
        assert said in str(test)
    assert not any("changes nothing" in note for note in ro.allocate(kz, close=[{"country": "GE"}, "btc"]).notes)
    assert not any("not built" in note for note in ro.allocate(kz, close=["tcop"], build={"tcop": "20 Mt/y"}).notes)
    with pytest.raises(ro.ScenarioError, match="unknown leg 'tcpo'"):
        ro.allocate(kz, close=["tcpo"])


def test_groups_and_components_of_what_sleeps(system):
    for what in ("a component of it", "a route of it"):
        assert "is not built: closing it changes nothing" in ro.allocate(system, close=[NOTHING[what]]).notes[0]
    group = ro.allocate(system, close=[NOTHING["a group of nothing that runs"]])
    assert group.notes == ("group sleeping is not in use: closing it changes nothing",)


def test_a_leg_that_is_idle_but_would_be_used_matters_and_starts_no_clock(system):
    """Closing the dear line beside the main one loses more; alone it only calls what a usual day needs of it."""
    bare = system.override({"contracts.pay": None})
    alone = [MAIN]
    both = [MAIN, {"leg": "dear", "from": day(3), "to": day(20)}]
    (test, plan), (less, calm) = (over_time(bare, closures, "myopic") for closures in (both, alone))
    assert plan._horizon.calls == calm._horizon.calls
    assert test.table.loc["x", "lost"] > less.table.loc["x", "lost"] + 1
    assert test.table.loc["x", "days_of_ullage"] < less.table.loc["x", "days_of_ullage"]


@settings(max_examples=25)
@given(st.integers(0, 100_000), st.sampled_from(["perfect", "myopic"]))
def test_of_random_systems(seed, foresight):
    """Of a random system with ways round and contracts: legs that do not run, and legs that stay as they are."""
    rng, data = np.random.default_rng([seed, 83]), random_data(seed, nodes=8, legs=14)
    unit = data["units"]["flow"]
    for leg in data["legs"].values():
        if rng.random() < 0.4:
            leg["surge"] = {"delay": f"{rng.integers(0, 4)} d", "rate": f"1 {unit} per day", "ceiling": f"5 {unit}"}
    sleeping = str(rng.choice(list(data["legs"])))
    data["legs"]["sleeping"] = {**data["legs"][sleeping], "status": str(rng.choice(["idle", "hypothetical"]))}
    data.pop("routes", None)
    system = ro.ExportSystem.from_dict(data)
    hit = [{"leg": str(name), "from": day(int(first)), "to": day(int(first + rng.integers(1, 8)))}
           for name, first in zip(rng.choice(list(data["legs"]), 2), rng.integers(4, 12, 2), strict=True)]  # fmt: skip
    nothing = {"leg": "sleeping", "from": day(int(rng.integers(0, 12)))}
    plans = [ro.allocate(system, {"horizon": {"start": day(0), "end": day(20), "step": "day"}, "closures": closures},
                         foresight=foresight) for closures in (hit, [nothing, *hit])]  # fmt: skip
    one, other = plans
    assert one._horizon.bounds.same(other._horizon.bounds)
    assert (one._horizon.calls, one.solver_stats.plans) == (other._horizon.calls, other.solver_stats.plans)
    assert np.abs(one.periods - other.periods).to_numpy().max() < 1e-9 * max(1.0, one.exported)
    assert near(one.netback) == other.netback
