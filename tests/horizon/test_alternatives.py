"""What avoids something over a horizon: by hand, and against one period."""

import random

import pytest

import routeopt as ro
from helpers.small import near, network

DAYS = {"horizon": {"start": "2025-01-01", "end": "2025-01-11", "step": "day"}}


def random_system(seed: int):
    """Two fields, two hubs, lines through XX and around it; some barrels would cross twice."""
    rng = random.Random(seed)

    def line(start, end, country=None):
        more = {"countries": [country]} if country else {}
        return (start, end, {"capacity": f"{rng.randint(3, 9)} kt/d", "tariff": f"{rng.randint(1, 5)} USD/t", **more})

    legs = {
        "in0": line("f0", "h", "XX"),
        "in1": line("f1", "h"),
        "over": line("h", "k", "XX"),
        "by": line("h", "k"),
        "out0": line("k", "m0", "XX"),
        "out1": line("k", "m1"),
        "far": line("h", "m1"),
    }
    fields = {f"f{i}": f"{rng.randint(2, 8)} kt/d" for i in range(2)}
    return network(legs, fields, ["m0", "m1"], units={"flow": "kt/d"}, exporter="YY")


@pytest.mark.parametrize("seed", range(8))
def test_days_without_memory_have_the_frontier_of_one_period(seed):
    system = random_system(seed)
    year, days = (ro.alternatives(system, given, slack="30 %", minimise={"country": "XX"}) for given in (None, DAYS))
    a, b = year.frontier, days.frontier
    assert b["exposed"].iloc[[0, -1]].tolist() == near(a["exposed"].iloc[[0, -1]].tolist(), 1e-5)
    # Corners of the year lie on the frontier of its days.
    for cost, exposed in zip(a["netback_lost"], a["exposed"], strict=True):
        after = b["netback_lost"].searchsorted(cost * (1 - 1e-9) - 1e-3)
        after = min(max(after, 1), len(b) - 1) if len(b) > 1 else 0
        if after == 0:
            assert exposed == near(b["exposed"].iloc[0], 1e-5)
            continue
        (x0, x1), (y0, y1) = (b[key].iloc[[after - 1, after]].tolist() for key in ("netback_lost", "exposed"))
        assert y0 + (y1 - y0) * (cost - x0) / (x1 - x0) == pytest.approx(exposed, rel=1e-4, abs=1e-5)
    for one in days.plans:
        assert one.exported == near(days.base.exported)
        assert one.certificate.valid


def two_ways(**more):
    return network(
        {"in": ("f", "tank"),
         "cheap": ("tank", "m", {"capacity": "10 kt/d", "tariff": "1 USD/t", "countries": ["XX"]}),
         "dear": ("tank", "m", {"capacity": "6 kt/d", "tariff": "3 USD/t"})},
        {"f": "10 kt/d"}, ["m"], units={"flow": "kt/d"}, exporter="YY",
        nodes={"tank": {"kind": "terminal", "storage": {"capacity": "50 kt", "initial": "40 %"}}}, **more,
    )  # fmt: skip


def test_a_tank_waits_for_the_way_that_avoids_it_by_hand():
    # All by the cheap way, 100 kt for 100 thousand USD. The dear one takes 60 kt in ten days, at 2 USD per tonne more.
    found = ro.alternatives(two_ways(), DAYS, slack="200 %", minimise={"country": "XX"})
    assert found.frontier["exposed"].tolist() == near([10.0, 4.0])
    assert found.frontier["netback_lost"].tolist() == near([0.0, 120e3 / 10])
    assert found.frontier["extra_share"].tolist() == near([0.0, 1.2])
    # Shut for five days it takes 30 kt, and half of the price buys half of it.
    shut = {**DAYS, "closures": [{"leg": "dear", "from": "2025-01-01", "to": "2025-01-06"}]}
    found = ro.alternatives(two_ways(), shut, slack="30 %", minimise={"country": "XX"})
    assert found.frontier["exposed"].iloc[-1] == near(10.0 - 1.5)
    last = found.plans[-1]
    assert last.legs.loc["dear", "flow"] == near(1.5)
    assert last.exported == near(10.0)
    assert not last.optimal
    assert "XX" in found.headline


def test_an_alternative_of_a_horizon_shows_itself_and_refuses_what_only_an_optimum_has():
    last = ro.alternatives(two_ways(), DAYS, slack="200 %", minimise={"country": "XX"}).plans[-1]
    assert len(last.periods) == 10
    assert "less country XX" in last.name
    assert "dear" in last.summary() or last.summary()
    assert last.digest().tables[1].name == "periods"
    for member in ("flow_ranges", "shadow_prices"):
        with pytest.raises(ro.InputError, match="ask the optimum"):
            getattr(last, member)()


def test_ships_that_cross_late_by_hand():
    # Ships take two days; what left before counts as not having crossed. 10 kt/d by ship over a strait, none around it.
    system = network(
        {"ship": ("f", "m", {"mode": "tanker", "transit_time": "2 d", "capacity": "10 kt/d", "tariff": "1 USD/t",
                             "chokepoints": ["strait"]}),
         "rail": ("f", "m", {"capacity": "4 kt/d", "tariff": "2 USD/t"})},
        {"f": "10 kt/d"}, {"m": {"price": "50 USD/t"}}, units={"flow": "kt/d"}, exporter="YY",
    )  # fmt: skip
    found = ro.alternatives(system, DAYS, slack="100 %", minimise={"chokepoint": "strait"})
    assert found.frontier["exposed"].tolist() == near([10.0, 6.0])
    assert found.frontier["netback_lost"].iloc[-1] == near(4e3)


def test_a_face_that_is_empty_but_for_the_last_digits():
    """Of this system HiGHS called the last face of a corner infeasible, though the point before lies on it."""
    system = network(
        {"in": ("f", "tank", {"tariff": "0.1 USD/t"}), "in2": ("g", "tank", {"tariff": "0.2 USD/t"}),
         "x": ("tank", "m", {"capacity": "2.83 kt/d", "tariff": "8.59 USD/t", "countries": ["XX"]}),
         "rail": ("tank", "m", {"capacity": "6.569 kt/d", "tariff": "8.893 USD/t"}),
         "ship": ("tank", "n", {"capacity": "4.89 kt/d", "tariff": "8.84 USD/t", "mode": "tanker",
                                "transit_time": "2 d"}),
         "by": ("g", "n", {"capacity": "5.451 kt/d", "tariff": "3.551 USD/t"})},
        {"f": {"output": "6.919 kt/d", "commodity": "c1"}, "g": {"output": "3.359 kt/d", "commodity": "c2"}},
        {"m": {"price": "500 USD/t"}, "n": {"price": "480 USD/t"}}, units={"flow": "kt/d"}, exporter="YY",
        commodities={"c1": {"barrels_per_tonne": 7.9}, "c2": {"barrels_per_tonne": 7.1}},
        nodes={"tank": {"kind": "terminal", "storage": {"capacity": "19.444 kt", "initial": "40 %"}}},
        groups={"grp": {"legs": ["x", "rail"], "capacity": "6.765 kt/d"}},
        contracts={"k": {"legs": ["ship"], "volume": "1.588 kt/d", "accounting_period": "month"}},
    )  # fmt: skip
    shut = {
        "horizon": {"start": "2025-01-01", "end": "2025-01-13", "step": "day"},
        "closures": [{"leg": "by", "from": "2025-01-04", "to": "2025-01-05"},
                     {"leg": "rail", "from": "2025-01-01", "to": "2025-01-02", "availability": "60 %"}],
    }  # fmt: skip
    base = ro.allocate(system, shut)
    frontier = ro.alternatives(system, shut, slack="40 %", minimise={"leg": "x"})
    assert [plan.exported for plan in frontier.plans] == near([base.exported] * len(frontier.plans))
