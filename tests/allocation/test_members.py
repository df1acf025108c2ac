"""Everything that a plan offers answers, or refuses in words: all public members, all kinds of plan."""

from __future__ import annotations

import random

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

import routeopt as ro
from helpers.small import near, network
from routeopt.allocation import ranges
from routeopt.solve.highs import Session
from routeopt.solve.near_optimal import near_optimal

mpl.use("Agg")

SHUT = [{"leg": "pipe", "from": "2025-01-28", "to": "2025-02-03", "recovery": "linear 3 d"}]
HORIZON = {"horizon": {"start": "2025-01-25", "end": "2025-02-08", "step": "day"}, "closures": SHUT}


def system():
    """A tank, ships with a lag, a slow field and another, a promise, a quota, a strait."""
    return network(
        {"in": ("f", "tank", {"loss": "1 %"}),
         "side": ("g", "tank", {"tariff": "1 USD/t"}),
         "pipe": ("tank", "m", {"capacity": "14 kt/d", "tariff": "10 USD/t", "countries": ["XX"]}),
         "ship": ("tank", "n", {"mode": "tanker", "transit_time": "2.5 d", "capacity": "5 kt/d", "tariff": "4 USD/t",
                                "chokepoints": ["strait"]})},
        {"f": {"output": "10 kt/d", "ramp_up": "20 %/d", "ramp_down": "40 %/d", "min_output": "10 %", "at": [0, 0]},
         "g": {"output": "4 kt/d", "at": [1, 0]}},
        {"m": {"price": "70 USD/t", "at": [2, 2]}, "n": {"price": "72 USD/t", "demand": "5 kt/d", "at": [3, 1]}},
        units={"flow": "kt/d"}, exporter="YY",
        nodes={"tank": {"kind": "terminal", "storage": {"capacity": "30 kt", "initial": "20 %", "heel": "10 %"},
                        "at": [1, 1]}},
        recourse={"demurrage": "1 USD/t", "below_min_output": "50 USD/t"},
        contracts={"promise": {"legs": ["pipe"], "volume": "6 kt/d", "accounting_period": "month", "make_up": "40 d"}},
        groups={"quota": {"legs": ["ship"], "capacity": "4 kt/d", "accounting_period": "month"}},
    )  # fmt: skip


def stressed():
    return ro.stress_test(system(), {"x": HORIZON})


KINDS = {
    "a period": lambda: ro.allocate(system()),
    "a period, closed": lambda: ro.allocate(system(), close=["pipe"]),
    "a period, money first": lambda: ro.allocate(system(), economic=True),
    "a period, shared": lambda: ro.allocate(system(), close=["pipe"], apportion="pro-rata"),
    "an alternative": lambda: ro.alternatives(system(), minimise={"country": "XX"}).plans[-1],
    "an alternative over a horizon": lambda: ro.alternatives(system(), HORIZON, minimise={"country": "XX"}).plans[-1],
    "a horizon": lambda: ro.allocate(system(), HORIZON),
    "a horizon, money first": lambda: ro.allocate(system(), HORIZON, economic=True),
    "a horizon, shared": lambda: ro.allocate(system(), HORIZON, apportion="pro-rata"),
    "a horizon of one period": lambda: ro.allocate(system(), {"horizon": {**HORIZON["horizon"], "step": "month"}}),
    "myopic": lambda: ro.allocate(system(), HORIZON, foresight="myopic"),
    "myopic, shared": lambda: ro.allocate(system(), HORIZON, foresight="myopic", apportion=["g"]),
    "stressed": lambda: stressed()["x"],
    "without closures": lambda: stressed().targets["x"],
}

REFUSED = {
    "an alternative": {"bottlenecks", "shadow_prices", "flow_ranges"},
    "horizon": {"minimum_cut"},
    "myopic": {"shadow_prices", "concentration", "flow_ranges"},
}
"""What kinds of plan do not answer; a period answers everything."""

SLACK = {"flow_ranges", "exposure_ranges", "concentration"}
"""What takes a slack."""

INSTEAD = ("over a horizon use", "ask ", "write ", "pip install", "leave ", "allocate again")


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param, KINDS[request.param]()


def refused(plan, name: str) -> set[str]:
    if name.startswith("an alternative"):
        return REFUSED["an alternative"] | (REFUSED["horizon"] | {"bottleneck_summary"} if plan._over_time else set())
    if plan._over_time is None:
        return set()
    return REFUSED["horizon"] | (set() if plan.optimal else REFUSED["myopic"])


def asked(plan, member: str, folder):
    """The member, called if it is a verb."""
    found = getattr(plan, member)
    if member in ("to_parquet", "report"):
        return found(folder / f"{member}.{'html' if member == 'report' else 'parquet'}")
    if callable(found) and member != "plot":
        return found()
    return found


def test_every_public_member_answers_or_refuses_in_words(kind, tmp_path):
    name, plan = kind
    silent = {}
    # A page takes two seconds, and its parts are members too: one of each sort of plan is enough.
    left_out = {"report"} if name not in ("a period", "a horizon, shared", "stressed") else set()
    for member in [member for member in dir(plan) if not member.startswith("_") and member not in left_out]:
        try:
            asked(plan, member, tmp_path)
        except ro.RouteoptError as error:
            silent[member] = str(error)
    wordless = {member: text for member, text in silent.items() if not any(words in text for words in INSTEAD)}
    assert wordless == {}
    assert {member for member, text in silent.items() if "pip install" not in text} == refused(plan, name)


def test_every_figure_is_drawn(kind):
    _, plan = kind
    for figure in [name for name in dir(plan.plot) if not name.startswith("_")]:
        assert getattr(plan.plot, figure)() is not None
        plt.close("all")


def test_a_slack_is_used_or_refused(kind):
    name, plan = kind
    for member in sorted(SLACK if not name.startswith("an alternative") else ()):
        # Where only the plan itself answers, a slack has no meaning and is refused.
        if plan._over_time and (member == "exposure_ranges" or not plan.optimal):
            with pytest.raises(ro.RouteoptError):
                getattr(plan, member)("5 %")
        else:
            tight, wide = getattr(plan, member)(), getattr(plan, member)("5 %")
            low, high = ("near_low", "near_high") if "near_low" in tight else ("low", "high")
            wide = wide.loc[tight.index]
            assert (wide[low] <= tight[low] + 2e-4).all()
            assert (wide[high] >= tight[high] - 2e-4).all()
            if name in ("a period", "a horizon"):
                assert ((wide[high] - wide[low]) > 1e-3).any(), member


def test_nothing_has_the_multipliers_of_another_programme(kind):
    _, plan = kind
    if plan._over_time:
        assert not hasattr(plan._point, "answer")
        with pytest.raises(ro.SolveError, match="leave the horizon out"):
            plan._solved  # noqa: B018
    else:
        y = plan._solved.answer.duals
        assert {len(duals) for duals in y.values()} <= {plan._solved.program.shape[0]}


def two_lines(*, tariff="1 USD/t", **more):
    return network(
        {"a": ("f", "m", {"capacity": "10 kt/d", "tariff": "1 USD/t"}),
         "b": ("f", "m", {"capacity": "10 kt/d", "tariff": tariff})},
        {"f": "10 kt/d"}, ["m"], units={"flow": "kt/d"}, **more,
    )  # fmt: skip


DAYS = {"horizon": {"start": "2025-01-01", "end": "2025-01-11"}}


def test_concentration_over_a_horizon_by_hand():
    # Both lines are as good: all through one, or half and half.
    found = ro.allocate(two_lines(), DAYS).concentration()
    assert found.loc["hhi", "low"] == near(0.5, 1e-6)
    assert found.loc["hhi", "high"] == near(1.0, 1e-6)
    assert found.loc["effective_routes", ["low", "high"]].tolist() == [near(1.0), near(2.0)]
    # b costs 2 in place of 1: with 10 % more than 10 x 1 a day, one of ten goes by b, 0.9^2 + 0.1^2.
    found = ro.allocate(two_lines(tariff="2 USD/t"), DAYS).concentration("10 %").loc["hhi"]
    assert (found["value"], found["high"]) == (near(1.0), near(1.0))
    assert found["low"] <= 0.82
    assert found["low"] == near(0.82, 2e-4)
    # Nothing leaves.
    shut = {**DAYS, "closures": [{"leg": "a"}, {"leg": "b"}]}
    assert ro.allocate(two_lines(), shut).concentration().isna().all(axis=None)


def random_system(seed: int):
    """Fields, a hub, some lines to two markets; round numbers, so that there are ties."""
    rng = random.Random(seed)
    legs = {f"in{i}": (f"f{i}", "h", {"tariff": f"{rng.randint(0, 2)} USD/t"}) for i in range(2)}
    for i in range(rng.randint(2, 4)):
        legs[f"out{i}"] = ("h", f"m{i % 2}", {"capacity": f"{rng.randint(2, 9)} kt/d",
                                              "tariff": f"{rng.randint(1, 3)} USD/t"})  # fmt: skip
    fields = {f"f{i}": f"{rng.randint(2, 9)} kt/d" for i in range(2)}
    return network(legs, fields, ["m0", "m1"], units={"flow": "kt/d"})


@pytest.mark.parametrize("seed", range(12))
def test_a_horizon_without_memory_has_the_concentration_of_one_period(seed):
    # Days that do not touch each other: their means are the points of one day, and no others.
    system = random_system(seed)
    for slack in (0.0, "10 %"):
        year, days = (ro.allocate(system, given).concentration(slack).loc["hhi"] for given in (None, DAYS))
        assert days["low"] <= year["low"] + 1e-7
        assert days["high"] >= year["high"] - 1e-7
        assert days["low"] == pytest.approx(year["low"], abs=1.1e-4)
        assert days["high"] == pytest.approx(year["high"], abs=1.1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_no_plan_of_a_horizon_lies_outside_of_its_concentration(seed):
    # Cargoes land late, so that what leaves within the horizon is not the same in all plans.
    rng, plan = np.random.default_rng(seed), ro.allocate(system(), HORIZON)
    found = plan.concentration("20 %").loc["hhi"]
    region = near_optimal(plan._horizon, "20 %")
    program, bounds = region.program, region.bounds
    forms = [ranges._weights(plan._trajectory, "route", name) for name in plan._trajectory.routes]
    for _ in range(10):
        x = Session(program, bounds).minimise(rng.normal(size=program.shape[1])).x
        volumes = np.array([weights @ x + shift for weights, shift in forms])
        value = float(((volumes / volumes.sum()) ** 2).sum())
        assert found["low"] - 1e-7 <= value <= found["high"] + 1e-7
