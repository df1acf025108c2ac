"""A horizon in longer and shorter periods, and a horizon in two parts with the state handed over."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import routeopt as ro
from helpers.small import near, network

KT = {"flow": "kt/d"}
FIRST = dt.date(2025, 1, 1)


def day(place):
    return str(FIRST + dt.timedelta(days=place))


def drawn(seed, ships=False, paces=False):
    """Two fields, two tanks, two ways out of each, drawn at random."""
    rng = np.random.default_rng([seed, 11])
    fields = {f"f{i}": {"output": f"{rng.integers(4, 12)} kt/d"} for i in range(2)}
    if paces:
        fields["f0"]["ramp_up"] = f"{rng.integers(5, 30)} %/d"
    tanks = {
        f"t{i}": {"kind": "terminal", "storage": {"capacity": f"{rng.integers(10, 60)} kt",
                                                  "initial": f"{rng.integers(0, 100)} %"}}
        for i in range(2)
    }  # fmt: skip
    legs = {}
    for place, ends in enumerate([("f0", "t0"), ("f1", "t1"), ("t0", "t1"), ("t1", "t0"), ("t0", "m"), ("t1", "m"),
                                  ("t0", "n"), ("t1", "n")]):  # fmt: skip
        more = {"capacity": f"{rng.integers(3, 12)} kt/d", "tariff": f"{rng.uniform(1, 30):.2f} USD/t"}
        if ships and place > 3:
            more |= {"mode": "tanker", "transit_time": f"{rng.integers(1, 9) / 2} d"}
        if rng.random() < 0.2:
            more["loss"] = "2 %"
        legs[f"l{place}"] = (*ends, more)
    return network(legs, fields, ["m", "n"], units=KT, nodes=tanks)


def shut(seed, count, most=2):
    rng = np.random.default_rng([seed, 13])
    found = []
    for _ in range(int(rng.integers(1, most + 1))):
        first = int(rng.integers(1, count - 4))
        last = int(rng.integers(first + 2, count))
        found.append({"leg": f"l{rng.integers(0, 8)}", "from": day(first), "to": day(last)})
    return found


def planned(system, closures, count, spans=None, first=0, foresight="perfect", state=None, **more):
    horizon = {"start": day(first), "end": day(count), **more}
    if spans is None:
        horizon["step"] = "day"
    elif isinstance(spans, str):
        horizon["step"] = spans
    elif len(spans):
        horizon["period_starts"] = [day(place) for place in spans]
    scenario = {"horizon": horizon, "closures": closures}
    return ro.allocate(system, scenario, foresight=foresight, initial_state=state)


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_shorter_periods_come_nearer_to_the_exact_loss(seed):
    # A plan by days, averaged, is one by longer periods: they never lose more. By events nothing is blurred: between
    # two dates all days are alike, and what is feasible at both ends of a straight line is so between them.
    system, closures = drawn(seed), shut(seed, 32)
    by_day = planned(system, closures, 32)
    lost = [planned(system, closures, 32, range(size, 32, size)).exported for size in (8, 4, 2, 1)]
    slack = 1e-7 * by_day.exported
    assert all(longer >= shorter - slack for longer, shorter in pairwise(lost))
    assert lost[-1] == near(by_day.exported)
    assert planned(system, closures, 32, "event").exported == near(by_day.exported)


def test_only_periods_that_were_asked_for_one_by_one_blur():
    # The way out is shut on 7 days of 28, the tank has room for 20 of 70 and 15 can leave: 50 are lost. One period
    # of 27 days sees 20/27 of 15 = 11.1 a day, more than is produced: nothing.
    nodes = {"t": {"kind": "terminal", "storage": {"capacity": "40 kt", "initial": "50 %"}}}
    system = network({"in": ("f", "t"), "out": ("t", "m", {"capacity": "15 kt/d"})}, {"f": "10 kt/d"}, ["m"],
                     units=KT, nodes=nodes)  # fmt: skip
    closures = [{"leg": "out", "from": day(3), "to": day(10)}]
    lost = {
        step: 10 * 28 - 28 * planned(system, closures, 28, spans, foresight="myopic").exported
        for step, spans in (("all", [27]), ("weeks", [7, 14, 21]), ("day", None), ("week", "week"), ("month", "month"),
                            ("event", "event"))
    }  # fmt: skip
    assert lost["all"] == near(0)
    # By weeks: 3 of 7 days open, 45 of 70 leave and 20 find room, 5 are lost; then 4 of 7, 60 of 70 leave, 10 lost.
    assert lost["weeks"] == near(15)
    # Steps break where the closure begins and ends, and are days in between.
    assert [lost[step] for step in ("day", "week", "month", "event")] == near([50] * 4)


@pytest.mark.parametrize("ships", [False, True])
@settings(max_examples=8)
@given(seed=st.integers(0, 10_000), cut=st.integers(4, 16))
def test_a_horizon_cut_in_two_is_the_same(ships, seed, cut):
    system, closures = drawn(seed, ships, paces=True), shut(seed, 20, 3)
    whole = planned(system, closures, 20, foresight="myopic")
    begun = [closure for closure in closures if closure["from"] < day(cut)]
    first = planned(system, begun, cut, foresight="myopic", lookahead_to=day(20))
    left = [closure for closure in closures if closure["to"] > day(cut)]
    second = planned(system, left, 20, first=cut, foresight="myopic", state=first.end_state)
    close = 1e-6 * max(1.0, whole.exported)
    assert np.abs(whole.periods.iloc[:cut] - first.periods).to_numpy().max() <= close
    rest = np.abs(whole.periods.iloc[cut:] - second.periods).drop(columns=[("total", "in_transit")])
    assert rest.to_numpy().max() <= close
    both = (first.exported * cut + second.exported * (20 - cut)) / 20
    assert both == near(whole.exported)


def test_what_is_handed_over():
    # Two days of ships of 3 days under way, a tank that has taken 10 a day for two days, output as it was.
    nodes = {"t": {"kind": "terminal", "storage": {"capacity": "90 kt", "initial": "0 %"}}}
    system = network(
        {"in": ("f", "t"), "ship": ("t", "m", {"mode": "tanker", "transit_time": "3 d", "capacity": "15 kt/d"})},
        {"f": {"output": "10 kt/d", "ramp_up": "10 %/d"}}, ["m"], units=KT, nodes=nodes,
    )  # fmt: skip
    closed = [{"leg": "ship", "from": day(4), "to": day(9)}]
    first = planned(system, closed, 6, foresight="myopic", lookahead_to=day(20))
    state = first.end_state
    assert state.stock.tolist() == near([20])
    assert state.reference.tolist() == near([0])
    assert state.output.tolist() == near([10])
    # What left on the third and fourth day lands on the sixth and seventh: of those only the fourth is under way.
    assert state.cargoes.amount.tolist() == near([10])
    assert (state.cargoes.ended - FIRST.toordinal()).tolist() == [4]
    assert state.calls.first == FIRST.toordinal() + 4
    second = planned(system, closed, 20, first=6, foresight="myopic", state=state)
    assert second.periods["total", "delivered"].tolist() == near([10, 0, 0, 0, 0, 0, *[15] * 8])


def contracted(over=None, **more):
    legs = {"cheap": ("f", "m", {"capacity": "10 kt/d", "tariff": "10 USD/t"}),
            "dear": ("f", "m", {"capacity": "8 kt/d", "tariff": "30 USD/t"})}  # fmt: skip
    return network(
        legs,
        {"f": "10 kt/d"},
        ["m"],
        units=KT,
        contracts={"c": {"legs": ["dear"], "volume": "4 kt/d", "accounting_period": over, **more}},
    )


def money(plan):
    return float(plan._horizon.prepared.objectives.money @ plan._horizon.x)


def test_a_promise_goes_on_in_the_second_part():
    # Of a month of 31 x 4 = 124 the first 10 days could ship nothing; the other 21 can ship 168.
    closed = {"leg": "dear", "from": day(0), "to": day(10)}
    system = contracted("month", force_majeure=False)
    whole = planned(system, [closed], 31, foresight="myopic")
    assert money(whole) == near(124 * 30 + 186 * 10)
    first = planned(system, [closed], 10, foresight="myopic", lookahead_to=day(31))
    second = planned(system, [], 31, first=10, foresight="myopic", state=first.end_state)
    assert money(second) == near(124 * 30 + 86 * 10)
    assert second.periods["leg", "dear"].sum() == near(124)


def test_the_clock_of_alternatives_runs_on():
    # Called on day 2; a day of delay, then 1 more each day up to 3: means 0, 0.5, 1.5, 2.5, 3. Cut on day 4, when the
    # line has come back, and shut again on day 5: the clock has run from day 2.
    slow = {"capacity": "9 kt/d", "tariff": "9 USD/t",
            "surge": {"delay": "1 d", "rate": "1 kt/d per day", "ceiling": "3 kt/d"}}  # fmt: skip
    system = network({"main": ("f", "m", {"capacity": "10 kt/d"}), "side": ("f", "m", slow)}, {"f": "10 kt/d"}, ["m"],
                     units=KT)  # fmt: skip
    one, two = {"leg": "main", "from": day(2), "to": day(4)}, {"leg": "main", "from": day(5)}
    whole = planned(system, [one, two], 9, foresight="myopic")
    assert whole.periods["leg", "side"].tolist() == near([0, 0, 0, 0.5, 0, 2.5, 3, 3, 3])
    first = planned(system, [one], 4, foresight="myopic", lookahead_to=day(9))
    second = planned(system, [two], 9, first=4, foresight="myopic", state=first.end_state)
    assert second.periods["leg", "side"].tolist() == near([0, 2.5, 3, 3, 3])
    # Without the state it would begin anew on day 5.
    assert planned(system, [two], 9, first=4, foresight="myopic").periods["leg", "side"].tolist() == near(
        [0, 0, 0.5, 1.5, 2.5]
    )


def test_what_was_announced_before_the_cut_still_holds():
    # Shut from day 2 to 10; said on day 3 that it lasts to day 7, on day 7 that it lasts to 12. A field that comes back
    # at 2 a day makes plans matter; the parts are the whole.
    system = drawn(3, ships=True, paces=True)
    said = [{"on": day(3), "until": day(7)}, {"on": day(7), "until": day(12)}]
    closed = [{"leg": "l4", "from": day(2), "to": day(10), "announced": said}]
    whole = planned(system, closed, 16, foresight="myopic")
    for cut in (4, 7, 8, 9):
        first = planned(system, closed, cut, foresight="myopic", lookahead_to=day(16))
        second = planned(system, closed, 16, first=cut, foresight="myopic", state=first.end_state)
        for kind in ("leg", "field", "terminal", "market"):
            both = np.concatenate([first.periods[kind], second.periods[kind]])
            assert np.abs(whole.periods[kind].to_numpy() - both).max() <= 1e-6 * max(1.0, whole.exported)


@pytest.mark.parametrize("step", ["day", "month"])
@pytest.mark.parametrize("turned", [False, True])
def test_an_embargo_after_a_closure_is_no_product_of_means(step, turned):
    # The way out is shut in the first half of April and closed to crude a in the second: none of it in 30 of 92 days.
    fields = {"f": {"output": "10 kt/d", "commodity": "a"}, "g": {"output": "1 kt/d", "commodity": "b"}}
    system = network(
        {"lf": ("f", "h"), "lg": ("g", "h"), "out": ("h", "m", {"capacity": "12 kt/d"})}, fields, ["m"], units=KT,
        commodities={"a": {}, "b": {}},
    )  # fmt: skip
    halves = [{"from": "2025-04-01", "to": "2025-04-16"}, {"from": "2025-04-16", "to": "2025-05-01"}]
    closures = [{"leg": "out", **half} for half in (halves[::-1] if turned else halves)]
    closures[1]["commodity"] = "a"
    horizon = {"start": "2025-03-01", "end": "2025-06-01", "step": step}
    plan = ro.allocate(system, {"horizon": horizon, "closures": closures})
    assert plan.legs.loc["lf", "flow"] == near(10 * 62 / 92)
