"""Numbers that stand for "without limit" and "never" get right answers, or errors that name them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import routeopt as ro
from helpers.small import near, network
from routeopt.testing import random_system

KT_D = {"flow": "kt/d"}
MANY = [f"1e{k} kt/d" for k in (4, 6, 8, 9, 10, 11, 12, 15)]


@pytest.mark.parametrize("output", MANY)
def test_an_output_without_limit(output):
    # Into the hub come 3 x 0.98 and 1, out go 1.5 and, of 1 with a tenth lost, 0.9: 2.4 exported. Cheapest: 2.5 must
    # enter the hub; 2.5 / 0.98 by fh, which costs nothing, 1.5 x 4 + 1 x 9 USD/t on the way out.
    system = network(
        {"fh": ("f", "h", {"capacity": "3 kt/d", "loss": "2 %"}), "gh": ("g", "h", {"tariff": "2 USD/t"}),
         "a": ("h", "market", {"capacity": "1.5 kt/d", "tariff": "4 USD/t"}),
         "b": ("h", "market", {"capacity": "1 kt/d", "tariff": "9 USD/t", "loss": "10 %"})},
        {"f": output, "g": "1 kt/d"}, units=KT_D, price="500 USD/t",
    )  # fmt: skip
    plan = ro.allocate(system)
    assert plan.exported == near(2.4)
    assert plan.legs["flow"].to_dict() == near({"fh": 2.5 / 0.98, "gh": 0, "a": 1.5, "b": 1})
    assert plan.netback == near(1e3 * (2.4 * 500 - 6 - 9))
    assert plan.fields.loc["f", "available"] == near(float(output.split()[0]))
    worth = plan.shadow_prices(["a"]).loc["a"]
    assert (worth["capacity"], worth["exports_up"]) == (near(1.5), near(1))
    found = plan.certificate.exact()
    assert found.optimal
    assert found.values["volume"] == Fraction(-24, 10)
    assert ro.contingencies(system, over="leg").table["lost"].max() == near(1.5)


def test_an_output_without_limit_behind_a_quota_and_a_hub():
    # The legs have no capacity of their own: a quota limits the first to 4, the market buys 3.
    system = network(
        {"fh": ("f", "h"), "hm": ("h", "m")}, {"f": "1e12 kt/d"}, {"m": {"demand": "3 kt/d"}},
        groups={"quota": {"legs": ["fh"], "capacity": "4 kt/d"}}, units=KT_D,
    )  # fmt: skip
    assert ro.allocate(system).exported == near(3)
    assert ro.allocate(system.override({"nodes.m.demand": "9 kt/d"})).exported == near(4)


@pytest.mark.parametrize("demand", ["1e9 kt/d", "1e12 kt/d", "1e15 kt/d"])
def test_a_demand_without_limit_is_named(demand):
    # What a refinery lacks is reported, so that its demand has to be a number.
    system = network(
        {"fh": ("f", "h", {"capacity": "9 kt/d"}), "hr": ("h", "r"), "hm": ("h", "market")},
        {"f": "10 kt/d"}, refineries={"r": {"demand": "1e6 kt/d"}}, units=KT_D,
    )  # fmt: skip
    plan = ro.allocate(system)
    assert (plan.exported, plan.shortage) == (near(0), near(1e6 - 9))
    with pytest.raises(ro.InputError, match=r"nodes\.r\.demand: 1e.* times what can reach.*; write what it can refine"):
        ro.allocate(system.override({"nodes.r.demand": demand}))


def test_a_way_out_that_is_built_counts_though_it_is_not_there_yet():
    system = network(
        {"old": ("f", "market", {"capacity": "1 t/d"}),
         "new": ("f", "market", {"status": "hypothetical",
                                 "build": {"sizes": ["20 kt/d"], "capex": ["1e6 USD"], "lifetime": "10 y"}})},
        {"f": "1e12 kt/d"}, units=KT_D,
    )  # fmt: skip
    assert ro.allocate(system).exported == near(0.001)
    assert ro.allocate(system, {"build": {"new": "20 kt/d"}}).exported == near(20.001)


@pytest.mark.parametrize("seed", range(25))
def test_random_systems_with_an_output_without_limit(seed):
    system = random_system(seed, plain=True)
    name = next(iter(system.fields))
    limits = {f"legs.{leg}.capacity": "400 kt/d" for leg, record in system.legs.items() if record.capacity is None}
    system = system.override({**limits, f"nodes.{name}.output": "1e5 kt/d"})
    if system.nodes[name].min_output is not None:
        system = system.override({f"nodes.{name}.min_output": "0 %"})
    plan = ro.allocate(system)
    for output in MANY[3:]:
        more = ro.allocate(system.override({f"nodes.{name}.output": output}))
        assert more.exported == near(plan.exported)
        assert more.shortage == near(plan.shortage)
        assert more.netback == pytest.approx(plan.netback, rel=1e-9, abs=1e-6)


def test_less_than_can_flow_is_no_reason_to_count_in_other_units():
    from routeopt.model import bounds_of, formulate
    from routeopt.scenario.case import Situation

    for seed in range(20):
        system = random_system(seed)
        bounds, columns = bounds_of(formulate(system), Situation(system)), formulate(system).layout.columns("output")
        assert bounds.upper[columns].sum() / bounds.unit >= 64 or system.refineries


@pytest.mark.parametrize("dear", ["1e5", "1e6", "1e7", "1e8", "1e9", "1e10", "1e12"])
@pytest.mark.parametrize("more", [0.001, 0.01, 0.05, 0.5])
@pytest.mark.parametrize("first", ["ab", "ba"])
def test_a_price_that_stands_for_never(dear, more, first):
    # All 10 take the way that costs 10 USD/t, though it crosses a border; the contract of 2 on the common leg is kept.
    tariff = {first[0]: 10.0, first[1]: 10.0 + more}
    abroad = {first[0]: {"countries": ["XX"]}, first[1]: {}}
    system = network(
        {"fh": ("f", "h", {"capacity": "10 kt/d"}),
         **{leg: ("h", "market", {"capacity": "10 kt/d", "tariff": f"{tariff[leg]} USD/t", **abroad[leg]})
            for leg in "ab"}},
        {"f": "10 kt/d"}, contracts={"k": {"legs": ["fh"], "volume": "2 kt/d", "deficiency": f"{dear} USD/t"}},
        units=KT_D, price="500 USD/t", exporter="YY",
    )  # fmt: skip
    plan = ro.allocate(system)
    assert plan.cost == near(1e5)
    assert plan.legs["flow"].to_dict() == near({"fh": 10, first[0]: 10, first[1]: 0})
    assert plan.certificate.cold_restarts == 0
    # Where the leg carries 1.5 only, half a kt/d is paid for, and the rest goes the cheap way still.
    short = ro.allocate(system.override({"legs.fh.capacity": "1.5 kt/d"}))
    assert short.cost == pytest.approx(1.5e4 + 0.5e3 * float(dear), rel=1e-9)
    if more * 1e13 > float(dear):
        assert short.legs.loc[first[0], "flow"] == near(1.5)


@pytest.mark.parametrize("engine", ["kernel", "warm"])
@pytest.mark.parametrize("dear", ["1e6", "1e9"])
def test_a_price_that_stands_for_never_in_a_batch(dear, engine):
    # Closing a sends all 10 by b: 10 x 0.05 USD/t more a day, 500 USD/d; closing b changes nothing.
    system = network(
        {"fh": ("f", "h", {"capacity": "10 kt/d"}), "a": ("h", "market", {"capacity": "10 kt/d", "tariff": "10 USD/t"}),
         "b": ("h", "market", {"capacity": "10 kt/d", "tariff": "10.05 USD/t"})},
        {"f": "10 kt/d"}, contracts={"k": {"legs": ["fh"], "volume": "2 kt/d", "deficiency": f"{dear} USD/t"}},
        units=KT_D, price="500 USD/t",
    )  # fmt: skip
    pytest.importorskip("numba") if engine == "kernel" else None
    table = ro.contingencies(system, over="leg", engine=engine).table
    lost = {tuple(names): row for names, row in zip(table["elements"], table.to_dict("records"), strict=True)}
    found = {str(names): (row["lost"], row["netback_lost"]) for names, row in lost.items()}
    assert [round(lost, 9) for lost, _ in sorted(found.values())] == near([0, 0, 10])
    assert sorted(cost for lost, cost in found.values() if lost < 1) == pytest.approx([0, 500], abs=1e-3)


def test_a_tariff_that_stands_for_never():
    # Nobody takes the third way; the first two differ by a cent.
    system = network(
        {"a": ("f", "market", {"capacity": "6 kt/d", "tariff": "10 USD/t"}),
         "b": ("f", "market", {"capacity": "6 kt/d", "tariff": "10.01 USD/t"}),
         "c": ("f", "market", {"capacity": "6 kt/d", "tariff": "1e9 USD/t"})},
        {"f": "10 kt/d"}, units=KT_D, price="500 USD/t",
    )  # fmt: skip
    plan = ro.allocate(system)
    assert plan.legs["flow"].to_dict() == near({"a": 6, "b": 4, "c": 0})
    assert plan.cost == near(6e4 + 40_040)


def test_streams_of_very_different_size():
    # Relative to the system: a millionth of what flows is there, to a ten-thousandth of itself at least.
    rng = np.random.default_rng(4)
    for _ in range(10):
        size = 10.0 ** rng.uniform(0, 6)
        system = network(
            {"big": ("f", "market", {"capacity": f"{size} kt/d"}), "tiny": ("g", "market", {"capacity": "1 kt/d"})},
            {"f": f"{2 * size} kt/d", "g": "2 kt/d"}, units=KT_D,
        )  # fmt: skip
        assert ro.allocate(system).legs["flow"].to_dict() == pytest.approx({"big": size, "tiny": 1}, rel=1e-9)
