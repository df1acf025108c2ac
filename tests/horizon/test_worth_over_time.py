"""What binds over a horizon is worth what a solve with a little more shows; ranges hold the plan."""

from __future__ import annotations

import datetime as dt

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

import routeopt as ro
from helpers.small import near, network

FIRST = dt.date(2025, 1, 1)


def day(place):
    return str(FIRST + dt.timedelta(days=place))


def drawn(seed):
    """Two fields, a tank on the way of each, three ways out; one of them is shut on some of twelve days."""
    rng = np.random.default_rng([seed, 23])
    fields = {f"f{i}": f"{rng.integers(4, 12)} kt/d" for i in range(2)}
    nodes = {
        f"t{i}": {"kind": "terminal",
                  "storage": {"capacity": f"{rng.integers(10, 40)} kt", "initial": f"{rng.integers(0, 100)} %"}}
        for i in range(2)
    }  # fmt: skip
    ends = [("f0", "t0"), ("f1", "t1"), ("t0", "t1"), ("t0", "m"), ("t1", "m"), ("t1", "n")]
    legs = {
        f"l{i}": (*pair, {"capacity": f"{rng.integers(3, 12)} kt/d", "tariff": f"{rng.uniform(1, 30):.2f} USD/t"})
        for i, pair in enumerate(ends)
    }
    system = network(legs, fields, ["m", "n"], units={"flow": "kt/d"}, nodes=nodes)
    first = int(rng.integers(0, 9))
    shut = {"leg": f"l{rng.integers(0, 6)}", "from": day(first), "to": day(int(rng.integers(first + 1, 13)))}
    return system, {"horizon": {"start": day(0), "end": day(12), "step": "day"}, "closures": [shut]}


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_a_full_leg_is_worth_what_a_little_more_of_it_exports(seed):
    system, scenario = drawn(seed)
    plan = ro.allocate(system, scenario)
    start = plan._horizon.prepared.start
    found = plan.bottlenecks
    for name in found.index[(found["kind"] == "leg") & (found["status"] == "full")]:
        if name == scenario["closures"][0]["leg"]:
            continue  # on some days a closure leaves nothing of what is added
        ends = []
        for step in (1e-3, -1e-3):
            wider = system.override({f"legs.{name}.capacity": f"{system.legs[name].capacity.value + step} kt/d"})
            ends.append((ro.allocate(wider, scenario, initial_state=start).exported - plan.exported) * 12 / step)
        # Between what one more earns and what one less costs.
        worth = float(found.loc[name, "marginal_exports"] * found.loc[name, "days"])
        assert ends[0] - 1e-4 <= worth <= ends[1] + 1e-4


@settings(max_examples=6)
@given(st.integers(0, 10_000))
def test_ranges_hold_the_plan_and_every_sum_of_it(seed):
    system, scenario = drawn(seed)
    plan = ro.allocate(system, scenario)
    ranges = plan.flow_ranges(kinds=["route", "leg", "market"], sums={"all": ["m", "n"]})
    assert (ranges["low"] <= ranges["flow"] + 1e-9).all()
    assert (ranges["flow"] <= ranges["high"] + 1e-9).all()
    assert ranges.xs("leg")["flow"].tolist() == near(plan.legs["flow"].tolist())
    assert ranges.xs("market")["flow"].tolist() == near(plan.markets["flow"].tolist())
    # All that is exported is certain.
    low, flow, high = ranges.loc[("sum", "all"), ["low", "flow", "high"]]
    assert (low, high) == (near(flow), near(flow))
    assert flow == near(plan.exported)
    # With a slack they are no narrower.
    wider = plan.flow_ranges(slack="5 %", kinds=["leg"])
    assert (wider["low"] <= ranges.xs("leg", drop_level=False)["low"] + 1e-6).all()
    assert (wider["high"] >= ranges.xs("leg", drop_level=False)["high"] - 1e-6).all()


def test_a_tie_is_a_range():
    # Two alike ways of 6 for 8: each takes 2 to 6.
    legs = {name: ("f", "m", {"capacity": "6 kt/d", "tariff": "7 USD/t"}) for name in ("a", "b")}
    system = network(legs, {"f": "8 kt/d"}, ["m"], units={"flow": "kt/d"})
    plan = ro.allocate(system, {"horizon": {"start": day(0), "end": day(10), "step": "day"}})
    ranges = plan.flow_ranges(kinds=["leg"])
    assert not plan.certificate.unique
    for name in ("a", "b"):
        assert ranges.loc[("leg", name), ["low", "high"]].tolist() == near([2, 6])
    # One is shut on 5 of the 10 days: 5 days of 6 by the other, which takes 2 to 6 on those days as well.
    shut = [{"leg": "a", "from": day(0), "to": day(5)}]
    plan = ro.allocate(system, {"horizon": {"start": day(0), "end": day(10), "step": "day"}, "closures": shut})
    ranges = plan.flow_ranges(kinds=["leg"])
    assert ranges.loc[("leg", "a"), ["low", "high"]].tolist() == near([(5 * 2) / 10, (5 * 6) / 10])
    assert ranges.loc[("leg", "b"), ["low", "high"]].tolist() == near([(30 + 10) / 10, (30 + 30) / 10])
