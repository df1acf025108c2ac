"""What share of the barrels crosses a country: by hand, and against programs over every path."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import scipy.optimize

import routeopt as ro
from helpers.paths import Paths, Region, random_acyclic
from helpers.small import near, network


def leg(capacity=None, tariff=0, countries=(), **more):
    record = {"tariff": f"{tariff} USD/t", "countries": list(countries), **more}
    if capacity is not None:
        record["capacity"] = f"{capacity} Mt/y"
    return record


def shares(plan, name, slack=0.0, kind="country"):
    """(low, high), (near low, near high)."""
    row = plan.exposure_ranges(slack).loc[(kind, name)]
    return near_pair(row["low"], row["high"]), near_pair(row["near_low"], row["near_high"])


def near_pair(low, high):
    return pytest.approx((low, high), abs=1e-7)


def crossing(ways_in, ways_out, out=("RU",), into=("RU",)):
    """Two fields by two ways into one hub and by two ways out of it; one way in and one way out touch RU."""
    a, b = ways_in
    c, d = ways_out
    return network(
        {"a": ("f", "h", leg(None, 1, into)), "b": ("g", "h", leg(None, 1)),
         "c": ("h", "m1", leg(c, 1, out)), "d": ("h", "m2", leg(d, 2))},
        {"f": f"{a} Mt/y", "g": f"{b} Mt/y"}, markets=["m1", "m2"], exporter="KZ",
    )  # fmt: skip


def test_barrels_mix_at_a_hub():
    # Half come in by RU, half go out by RU: they can be the same half, or between them all.
    plan = ro.allocate(crossing((5, 5), (5, 5)))
    assert shares(plan, "RU") == ((0.5, 1.0), (0.5, 1.0))
    # 3 of 10 in and 2 of 10 out: between 3 (the 2 are among them) and 5.
    plan = ro.allocate(crossing((3, 7), (2, 8)))
    assert shares(plan, "RU")[0] == (0.3, 0.5)
    # 8 in and 7 out of 10: at least 8, at most all.
    plan = ro.allocate(crossing((8, 2), (7, 3)))
    assert shares(plan, "RU")[0] == (0.8, 1.0)


def test_a_barrel_that_crosses_twice_counts_once():
    system = network(
        {"a": ("f", "h", leg(countries=["RU"])), "b": ("h", "g", leg(countries=["BY"])),
         "c": ("g", "market", leg(countries=["RU", "PL"]))},
        {"f": "10 Mt/y"}, exporter="KZ",
    )  # fmt: skip
    plan = ro.allocate(system)
    for name in ("RU", "BY", "PL"):
        assert shares(plan, name) == ((1.0, 1.0), (1.0, 1.0))
    # Shares do not add up to one, and are not made to.
    assert plan.exposure["high"].sum() == near(3)


def test_the_exporters_own_country_is_no_transit():
    system = network({"a": ("f", "market", leg(countries=["KZ", "AZ"]))}, {"f": "10 Mt/y"}, exporter="KZ")
    assert list(ro.allocate(system).exposure.index) == [("country", "AZ")]


def test_a_hub_in_a_country_counts_though_no_leg_names_it():
    # Closing AZ would close the hub, and so both legs.
    system = network(
        {"a": ("f", "port", leg()), "b": ("port", "market", leg()), "c": ("f", "market", leg(4, -1))}, {"f": "10 Mt/y"},
        nodes={"port": {"kind": "hub", "country": "AZ"}}, exporter="KZ",
    )  # fmt: skip
    assert shares(ro.allocate(system), "AZ") == ((0.6, 0.6), (0.6, 0.6))


def test_chokepoints():
    system = network(
        {"a": ("f", "market", leg(7, 1, chokepoints=["strait"])), "b": ("f", "market", leg(None, 2))}, {"f": "10 Mt/y"}
    )
    assert shares(ro.allocate(system), "strait", kind="chokepoint") == ((0.7, 0.7), (0.7, 0.7))


def test_ties_widen_the_near_range_and_not_the_point():
    system = network(
        {"a": ("f", "market", leg(7, 5, ["RU"])), "b": ("f", "market", leg(8, 5, ["AZ"]))},
        {"f": "10 Mt/y"},
        exporter="KZ",
    )
    plan = ro.allocate(system)
    flow = plan.legs["flow"]
    assert shares(plan, "RU") == ((flow["a"] / 10, flow["a"] / 10), (0.2, 0.7))
    assert shares(plan, "AZ") == ((flow["b"] / 10, flow["b"] / 10), (0.3, 0.8))


def test_slack_by_hand():
    # 7 by RU at 10, 3 by AZ at 30: 160 m. 5 % moves 8 / 20 = 0.4.
    system = network(
        {"a": ("f", "market", leg(7, 10, ["RU"])), "b": ("f", "market", leg(9, 30, ["AZ"]))},
        {"f": "10 Mt/y"},
        exporter="KZ",
    )
    plan = ro.allocate(system)
    assert shares(plan, "RU", "5 %") == ((0.7, 0.7), (0.66, 0.7))
    assert shares(plan, "AZ", "5 %") == ((0.3, 0.3), (0.3, 0.34))


def test_a_free_loop_through_a_country_is_no_transit():
    # From the hub into RU and back costs nothing: nobody goes there to come back.
    system = network(
        {
            "in": ("f", "h", leg(None, 1)),
            "there": ("h", "g", leg(countries=["RU"])),
            "back": ("g", "h", leg(countries=["RU"])),
            "out": ("h", "market", leg(8, 2)),
            "out-g": ("g", "market", leg(3, 2)),
        },
        {"f": "10 Mt/y"},
        exporter="KZ",
    )
    assert shares(ro.allocate(system), "RU")[1] == (0.2, 0.3)


def test_what_is_lost_is_not_exported():
    # 10 leave, 5 by each way; RU loses a fifth: 4 of 9.
    system = network(
        {"a": ("f", "market", leg(5, 0, ["RU"], loss="20 %")), "b": ("f", "market", leg(5, 0))},
        {"f": "10 Mt/y"},
        exporter="KZ",
    )
    assert shares(ro.allocate(system), "RU")[0] == (4 / 9, 4 / 9)


def test_what_a_refinery_takes_is_not_exported():
    # 4 come by RU and 6 do not; the refinery's 3 can be of the one or of the other.
    system = network(
        {"a": ("f", "h", leg(None, 0, ["RU"])), "b": ("g", "h", leg()), "home": ("h", "refinery", leg()),
         "out": ("h", "market", leg())},
        {"f": "4 Mt/y", "g": "6 Mt/y"}, refineries={"refinery": {"demand": "3 Mt/y"}}, exporter="KZ",
    )  # fmt: skip
    assert shares(ro.allocate(system), "RU")[0] == (1 / 7, 4 / 7)


def test_streams_do_not_mix_unless_they_are_blended():
    legs = {
        "a": ("f", "h", leg(None, 0, ["RU"])), "b": ("g", "h", leg()),
        "c": ("h", "m1", leg(commodities=["light"])), "d": ("h", "m2", leg(None, 0, ["RU"], commodities=["heavy"])),
    }  # fmt: skip
    fields = {"f": {"output": "4 Mt/y", "commodity": "light"}, "g": {"output": "6 Mt/y", "commodity": "heavy"}}
    streams = {"light": {}, "heavy": {}, "blend": {}}
    more = {"markets": ["m1", "m2"], "exporter": "KZ"}
    # Light came by RU, heavy leaves by it: everybody crosses.
    plan = ro.allocate(network(legs, fields, commodities=streams, **more))
    assert shares(plan, "RU")[0] == (1.0, 1.0)
    # Blended on the way in they are one stream; then the 4 that came by RU can be among the 6 that leave by it.
    for name in ("a", "b"):
        legs[name][2]["blends_into"] = "blend"
    legs["c"] = ("h", "m1", leg(4))
    legs["d"] = ("h", "m2", leg(6, 0, ["RU"]))
    plan = ro.allocate(network(legs, fields, commodities=streams, **more))
    assert shares(plan, "RU")[0] == (0.6, 1.0)


def test_closures_change_it():
    system = crossing((5, 5), (8, 9))
    before, after = ro.allocate(system), ro.allocate(system, close=["c"])
    assert shares(before, "RU")[0] == (0.8, 1.0)
    # Nobody leaves by RU now; of the 10 that want in 9 get out, and 4 to 5 of them came by RU.
    flow = after.legs["flow"]["a"]
    assert shares(after, "RU") == ((flow / 9, flow / 9), (4 / 9, 5 / 9))
    shut = ro.allocate(system, close=["c", "d"])
    assert shares(shut, "RU") == ((0.0, 0.0), (0.0, 0.0))


def test_a_closed_country_is_crossed_by_nobody(kz):
    for name in ("RU", "GE", "CN"):
        plan = ro.allocate(kz, close=[{"country": name}])
        assert shares(plan, name, "5 %") == ((0.0, 0.0), (0.0, 0.0))


@pytest.mark.parametrize("scenario", [None, "cpc-closed", "one-mooring", "kebco-embargo"])
def test_near_ranges_contain_the_point_ranges(kz, scenario):
    plan = ro.allocate(kz, scenario)
    before = plan.exposure
    assert ((before["low"] >= 0) & (before["low"] <= before["high"]) & (before["high"] <= 1)).all()
    for slack in ("0.5 %", "5 %"):
        found = plan.exposure_ranges(slack).loc[before.index]
        assert (found["near_low"] <= before["near_low"] + 1e-6).all()
        assert (found["near_high"] >= before["near_high"] - 1e-6).all()
        assert (found["near_low"] <= found["low"] + 1e-6).all()
        assert (found["near_high"] >= found["high"] - 1e-6).all()
        before = before.assign(near_low=found["near_low"], near_high=found["near_high"])


# -- against programs over every path


def check_point(system, country):
    """All ways to trace the barrels of one allocation."""
    plan = ro.allocate(system)
    paths = Paths(system, {k for k, record in system.legs.items() if country in record.countries})
    flows = plan.flows["flow"]
    rows = np.array([paths.use(lambda *step, key=key: step == key) for key in flows.index])
    sizes = flows.to_numpy()
    low, high = paths.range(rows, sizes - 1e-7, sizes + 1e-7)
    found = plan.exposure.loc[("country", country)]
    assert (found["low"], found["high"]) == pytest.approx((low / plan.exported, high / plan.exported), abs=1e-5)


def check_region(system, country, slack):
    """All allocations that are as good, over all paths."""
    plan = ro.allocate(system)
    least, most = Region(plan, country).range(slack * plan.cost / 1e6)
    found = plan.exposure_ranges(slack).loc[("country", country)]
    wanted = pytest.approx((least / plan.exported, most / plan.exported), abs=1e-5)
    assert (found["near_low"], found["near_high"]) == wanted


@pytest.mark.parametrize("seed", range(10))
def test_random_systems_over_every_path(seed):
    system = random_acyclic(seed)
    for country in ("RU", "AZ"):
        check_point(system, country)
        check_region(system, country, 0.0)
        check_region(system, country, 0.1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 150))
def test_many_random_systems_over_every_path(seed):
    system = random_acyclic(seed)
    for country in ("RU", "AZ"):
        check_point(system, country)
        check_region(system, country, 0.05 * (seed % 3))


# -- concentration


def test_concentration_by_hand():
    # 7, 2 and 1 of 10: 0.49 + 0.04 + 0.01.
    system = network(
        {"a": ("f", "market", leg(7, 1)), "b": ("f", "market", leg(2, 2)), "c": ("f", "market", leg(9, 3))},
        {"f": "10 Mt/y"},
    )  # fmt: skip
    found = ro.allocate(system).concentration()
    assert found.loc["hhi"].tolist() == pytest.approx([0.54] * 3, abs=1e-7)
    assert found.loc["effective_routes"].tolist() == pytest.approx([1 / 0.54] * 3, abs=1e-6)


def test_routes_and_not_legs_are_counted_where_they_end():
    # Two legs are one route; the other loses a fifth, so that 5 leave by it and 4 arrive: shares 5/9 and 4/9.
    system = network(
        {
            "a": ("f", "market", leg(3, 1)),
            "b": ("f", "market", leg(2, 1)),
            "c": ("f", "market", leg(9, 3, loss="20 %")),
        },
        {"f": "10 Mt/y"},
        routes={"north": {"metering_legs": ["a", "b"]}, "south": {"metering_legs": ["c"]}},
    )
    assert ro.allocate(system).concentration().loc["hhi", "value"] == near((25 + 16) / 81)


def test_nothing_exported_is_not_concentrated():
    system = network({"a": ("f", "market", leg(3))}, {"f": "10 Mt/y"})
    assert ro.allocate(system, close=["a"]).concentration().isna().all().all()


def brute(low, high, total):
    """Least and most of the sum of squared shares where each route may carry low..high and all of them a total."""

    def poured(level):
        return np.clip(level, low, high)

    level = scipy.optimize.brentq(lambda t: poured(t).sum() - total, -1.0, total + 1.0)
    least = ((poured(level) / total) ** 2).sum()
    most, n = 0.0, len(low)
    # A convex function is largest at a corner: all routes but one at a bound.
    for free, sides in product(range(n), product((0, 1), repeat=n - 1)):
        x = np.insert([(low if side == 0 else high)[i + (i >= free)] for i, side in enumerate(sides)], free, 0.0)
        x[free] = total - x.sum()
        if low[free] - 1e-12 <= x[free] <= high[free] + 1e-12:
            most = max(most, ((x / total) ** 2).sum())
    return least, most


def check_concentration(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    high = rng.integers(1, 12, n).astype(float)
    total = float(rng.integers(1, int(high.sum()) + 1))
    system = network({f"leg{i}": ("f", "market", leg(size, 5)) for i, size in enumerate(high)}, {"f": f"{total} Mt/y"})
    found = ro.allocate(system).concentration().loc["hhi"]
    least, most = brute(np.zeros(n), high, total)
    assert (found["low"], found["high"]) == pytest.approx((least, most), abs=3e-7)
    assert found["low"] - 1e-9 <= found["value"] <= found["high"] + 1e-9


@pytest.mark.parametrize("seed", range(12))
def test_concentration_of_ties_against_corners_and_levels(seed):
    check_concentration(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20, 40))
def test_concentration_of_more_ties(seed):
    check_concentration(seed)


@pytest.mark.parametrize("scenario", [None, "tcop-20", "cpc-closed"])
def test_concentration_of_kazakhstan_holds_many_near_optima(kz, scenario):
    plan = ro.allocate(kz, scenario)
    slack = "2 %"
    found = plan.concentration(slack).loc["hhi"]
    assert found["low"] <= found["value"] <= found["high"]
    from routeopt.allocation.ranges import route_weights
    from routeopt.solve.near_optimal import near_optimal

    region = near_optimal(plan._solved, slack)
    session = region.session()
    routes = np.array([route_weights(plan._solved, name) for name in plan.routes.index])
    rng = np.random.default_rng(0)
    points = []
    for _ in range(60):
        points.append(region.least(session, rng.normal(size=len(routes)) @ routes)[1])
    mixed = [rng.dirichlet(np.full(len(points), 0.2)) @ np.array(points) for _ in range(60)]
    for x in (*points, *mixed):
        volumes = routes @ x
        value = ((volumes / (routes @ plan._solved.answer.x).sum()) ** 2).sum()
        assert found["low"] - 1e-6 <= value <= found["high"] + 1e-6
    # The ends are not far from what was met by chance.
    seen = [(((routes @ x) / plan.exported * (1000 / 365) ** -1) ** 2).sum() for x in points]
    assert max(seen) >= found["high"] - 0.02


@pytest.mark.parametrize("unit", ["b/d", "Mt/d"])
def test_concentration_of_dwarfs_and_giants(unit):
    unit = {"b/d": "bbl/d"}.get(unit, unit)
    system = network(
        {"a": ("f", "market", {"capacity": f"7 {unit}"}), "b": ("f", "market", {"capacity": f"6 {unit}"})},
        {"f": f"10 {unit}"}, units={"flow": unit},
    )  # fmt: skip
    found = ro.allocate(system).concentration().loc["hhi"]
    assert (found["low"], found["high"]) == pytest.approx((0.5, 0.58), abs=3e-7)
