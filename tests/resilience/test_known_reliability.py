"""Instances from outside with known answers: generating systems of the literature, and networks that fail.

A generating unit is a line from one source, of which as much as the load is asked for: 1 MW is 1 kt/d. What cannot be
met is the loss. Unit data are hours to failure and to repair, from

- IEEE RTS Task Force 1979, IEEE Reliability Test System, IEEE Trans. PAS-98, 2047-2054 (table 6: 32 units, 3,405 MW,
  peak of 2,850 MW);
- Billinton and others 1989, A reliability test system for educational purposes: basic data, IEEE Trans. Power Systems
  4, 1238-1244 (RBTS: 11 units, 240 MW, peak of 185 MW).

With the peak all year the first has a loss of load probability of 0.084578; the second one of 73.07 hours a year and an
expected loss of 823.26 MWh a year. A capacity outage probability table, which is a convolution of the units, gives
the same and the rest.
"""

from __future__ import annotations

from itertools import product

import networkx as nx
import numpy as np
import pytest

import routeopt as ro
from helpers.outages import fails, lines

# MW, how many, mean time to failure, mean time to repair.
RTS = [(12, 5, 2940, 60), (20, 4, 450, 50), (50, 6, 1980, 20), (76, 4, 1960, 40), (100, 3, 1200, 50),
       (155, 4, 960, 40), (197, 3, 950, 50), (350, 1, 1150, 100), (400, 2, 1100, 150)]  # fmt: skip
# RBTS has rounded forced outage rates, from which its published figures come: MW, how many, rate, hours to repair.
RATES = [
    (40, 2, 0.03, 45),
    (20, 1, 0.025, 45),
    (10, 1, 0.02, 45),
    (40, 1, 0.02, 60),
    (20, 4, 0.015, 55),
    (5, 2, 0.01, 45),
]
RBTS = [(mw, many, repair * (1 - out) / out, repair) for mw, many, out, repair in RATES]


def generating(units, load):
    """The system; failures are counted by hours up, so that a rate of n a year means n in 8,760 hours up."""
    legs = {}
    for mw, many, failure, repair in units:
        for number in range(many):
            outages = {"rate": f"{8760 / failure!r} /y", "repair": {"mean": f"{repair / 24!r} d"}}
            legs[f"unit-{mw}-{failure:.0f}-{number}"] = (mw, outages)
    return lines(load, legs)


def outage_table(units):
    """Probability of each number of MW out of service."""
    chance = np.ones(1)
    for mw, many, failure, repair in units:
        out = repair / (failure + repair)
        for _ in range(many):
            longer = np.zeros(len(chance) + mw)
            longer[: len(chance)] += chance * (1 - out)
            longer[mw:] += chance * out
            chance = longer
    return chance


def short_of(units, load):
    """Probability that the load is not met, and what is missing on average."""
    chance = outage_table(units)
    missing = np.maximum(load - (len(chance) - 1 - np.arange(len(chance))), 0)
    return float(chance[missing > 0].sum()), float(chance @ missing)


@pytest.fixture(scope="module")
def rts():
    return generating(RTS, 2850)


def test_rates_and_repairs_give_the_forced_outage_rates(rts):
    risk = ro.simulate_outages(rts, draws=10, method="sample")
    found = {int(event.name.split("-")[1]): process.mean for event, process in
             zip(risk._setup.events, risk._setup.processes, strict=True)}  # fmt: skip
    published = {12: 0.02, 20: 0.1, 50: 0.01, 76: 0.02, 100: 0.04, 155: 0.04, 197: 0.05, 350: 0.08, 400: 0.12}
    assert found == pytest.approx(published)


def test_rbts_exactly():
    risk = ro.simulate_outages(generating(RBTS, 185), draws=1)
    assert risk.exact
    assert risk.outage_states == 2**11
    probability, missing = short_of(RBTS, 185)
    assert risk.loss_probability == pytest.approx(probability, rel=1e-9)
    assert risk.expected_loss == pytest.approx(missing, rel=1e-9)
    assert 8760 * risk.loss_probability == pytest.approx(73.0728, abs=2e-3)  # hours a year
    assert 8760 * risk.expected_loss == pytest.approx(823.26, abs=0.01)  # MWh a year


def test_rts_lies_within_what_is_said(rts):
    probability, missing = short_of(RTS, 2850)
    assert probability == pytest.approx(0.084578, abs=5e-7)
    assert missing == pytest.approx(14.69, abs=0.01)
    risk = ro.simulate_outages(rts, draws=30_000, method="sample", seed=1)
    low, high = risk.loss_probability_interval
    assert low < probability < high
    assert high - low < 0.007
    assert abs(risk.expected_loss - missing) < 2 * risk.standard_error
    # The worst 5 % by the table: an atom that lies across the level is split.
    chance = outage_table(RTS)
    worst = np.maximum(2850 - (len(chance) - 1 - np.arange(len(chance))), 0).astype(float)
    left, tail = 0.05, 0.0
    for place in np.argsort(-worst, kind="stable"):
        share = min(left, float(chance[place]))
        tail, left = tail + share * worst[place], left - share
    assert abs(risk.cvar(0.95) - tail / 0.05) < 2.5 * risk._distribution.cvar_error(0.95)


def test_rts_by_its_likeliest_states(rts):
    _, missing = short_of(RTS, 2850)
    risk = ro.simulate_outages(rts, draws=8_000, method="exact")
    assert not risk.exact
    assert risk.expected_loss - risk.error_bound <= missing <= risk.expected_loss


def bridge(p, capacity=1):
    """Two ways of two links with a link between their middles, each up with probability ``p``."""
    link = {"capacity": f"{capacity} kt/d"}
    ends = {"sa": ("s", "a"), "sb": ("s", "b"), "at": ("a", "t"), "bt": ("b", "t"), "ab": ("a", "b"), "ba": ("b", "a")}
    legs = {name: {"from": start, "to": end, **link} for name, (start, end) in ends.items()}
    for name in ("sa", "sb", "at", "bt"):
        legs[name]["outages"] = fails(1 - p)
    for name in ("ab", "ba"):  # one link, both ways: it fails as one
        legs[name]["tags"] = ["middle"]
    nodes = {"s": {"kind": "field", "output": "1 kt/d"}, "a": {"kind": "hub"}, "b": {"kind": "hub"},
             "t": {"kind": "market"}}  # fmt: skip
    causes = {"middle": {"closes": {"tag": "middle"}, "outages": fails(1 - p)}}
    return ro.ExportSystem.from_dict({"units": {"flow": "kt/d"}, "nodes": nodes, "legs": legs, "common_causes": causes})


@pytest.mark.parametrize("p", [0.9, 0.5, 0.99])
def test_the_bridge(p):
    """Two-terminal reliability of the bridge is 2p² + 2p³ - 5p⁴ + 2p⁵; 0.97848 at p = 0.9."""
    risk = ro.simulate_outages(bridge(p), draws=1)
    reliability = 2 * p**2 + 2 * p**3 - 5 * p**4 + 2 * p**5
    assert 1 - risk.loss_probability == pytest.approx(reliability)
    assert risk.expected_loss == pytest.approx(1 - reliability)
    # Birnbaum's importance of a link is the derivative of the reliability by its own probability. For the middle:
    # with it (1 - q²)² connect, without it 1 - (1 - p²)² do.
    q = 1 - p
    assert risk.importance.loc["cause middle", "birnbaum"] == pytest.approx((1 - q**2) ** 2 - (1 - (1 - p**2) ** 2))
    if p == 0.9:
        assert reliability == pytest.approx(0.97848)


def test_expected_maximum_flow():
    """A network of nine links with capacities: mean maximum flow by networkx over all 512 states."""
    ends = {"sa": ("s", "a", 4, 0.9), "sb": ("s", "b", 3, 0.8), "ab": ("a", "b", 2, 0.95), "ac": ("a", "c", 3, 0.85),
            "bc": ("b", "c", 1, 0.7), "bd": ("b", "d", 4, 0.9), "cd": ("c", "d", 2, 0.75), "ct": ("c", "t", 3, 0.9),
            "dt": ("d", "t", 4, 0.8)}  # fmt: skip
    legs = {name: {"from": a, "to": b, "capacity": f"{most} kt/d", "outages": fails(1 - p)}
            for name, (a, b, most, p) in ends.items()}  # fmt: skip
    nodes = {"s": {"kind": "field", "output": "6 kt/d"}, **{name: {"kind": "hub"} for name in "abcd"},
             "t": {"kind": "market"}}  # fmt: skip
    risk = ro.simulate_outages(
        ro.ExportSystem.from_dict({"units": {"flow": "kt/d"}, "nodes": nodes, "legs": legs}), draws=1
    )
    flows = {}
    for up in product((False, True), repeat=len(ends)):
        graph = nx.DiGraph([("s", "t", {"capacity": 0})])
        chance = 1.0
        for works, (a, b, most, p) in zip(up, ends.values(), strict=True):
            chance *= p if works else 1 - p
            if works:
                graph.add_edge(a, b, capacity=most)
        flow = min(6, nx.maximum_flow_value(graph, "s", "t"))
        flows[flow] = flows.get(flow, 0.0) + chance
    assert risk.exported - risk.expected_loss == pytest.approx(sum(flow * p for flow, p in flows.items()))
    found = dict(zip((risk.exported - risk._distribution.values).round(9).tolist(),
                     risk._distribution.weights.tolist(), strict=True))  # fmt: skip
    assert found == pytest.approx(flows)
