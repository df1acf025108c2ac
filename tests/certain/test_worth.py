"""What one more unit of a capacity is worth, and one less: small systems with their arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest

import routeopt as ro
from helpers.small import near, network
from routeopt.testing import random_scenario, random_system


def leg(capacity=None, tariff=0, **more):
    """Mt/y and USD/t."""
    record = {"tariff": f"{tariff} USD/t", **more}
    if capacity is not None:
        record["capacity"] = capacity if isinstance(capacity, str) else f"{capacity} Mt/y"
    return record


def worth(system, name, *args, **more):
    return ro.allocate(system, *args, **more).shadow_prices([name]).loc[name]


def exports(row):
    return [row[key] for key in ("exports_up", "exports_valid_to", "exports_down", "exports_valid_from")]


def saves(row):
    return [row[key] for key in ("saving_up", "saving_valid_to", "saving_down", "saving_valid_from")]


def nothing():
    return pytest.approx(math.nan, nan_ok=True)


def test_a_single_way_up_to_what_the_field_produces():
    system = network({"out": ("f", "market", leg(4, 3))}, {"f": "10 Mt/y"})
    row = worth(system, "out")
    assert exports(row) == [near(1), near(10), near(1), near(0)]
    assert row["exports_next_binding"] == "f"
    assert saves(row) == [0.0, math.inf, nothing(), nothing()]
    assert (row["kind"], row["status"], row["unit"], row["capacity"], row["use"]) == (
        "leg",
        "full",
        "Mt/y",
        near(4),
        near(4),
    )


def test_two_equal_capacities_in_series():
    system = network({"a": ("f", "h", leg(4)), "b": ("h", "market", leg(4))}, {"f": "9 Mt/y"})
    for name in ("a", "b"):
        assert exports(worth(system, name)) == [0.0, math.inf, near(1), near(0)]
    # A hair more on one makes the other bind alone.
    wider = system.override({"legs": {"a": {"capacity": "4.5 Mt/y"}}})
    assert exports(worth(wider, "b")) == [near(1), near(4.5), near(1), near(0)]
    assert worth(wider, "b")["exports_next_binding"] == "a"
    assert exports(worth(wider, "a")) == [0.0, math.inf, 0.0, near(4)]


def test_nothing_lies_to_the_left_of_zero():
    system = network({"shut": ("f", "market", leg(0, 1)), "on": ("f", "market", leg(4, 1))}, {"f": "9 Mt/y"})
    row = worth(system, "shut")
    assert exports(row) == [near(1), near(5), nothing(), nothing()]
    assert (row["status"], row["exports_next_binding"]) == ("closed", "f")
    assert np.isnan(row["saving_down"])


def test_without_a_limit_there_is_nothing_to_value():
    system = network({"open": ("f", "market", leg()), "on": ("f", "market", leg(4, 1))}, {"f": "9 Mt/y"})
    plan = ro.allocate(system)
    assert list(plan.shadow_prices().index) == ["on"]
    with pytest.raises(ro.InputError, match="no leg or group 'open' has a capacity here"):
        plan.shadow_prices(["open"])


def test_money_has_corners_of_its_own():
    # 10 go out: 2 at 10, then 3 at 20, 4 at 40, 1 at 70. A tonne more of the cheap one saves 70 - 10 until the dearest
    # has lost its one tonne, at 3; then 40 - 10 until 7, and so on. A tonne less costs 60, and with it the last way is
    # full (9) at 2 - 8 < 0: it holds down to zero.
    system = network(
        {"cheap": ("f", "market", leg(2, 10)), "b": ("f", "market", leg(3, 20)), "c": ("f", "market", leg(4, 40)),
         "dear": ("f", "market", leg(9, 70))},
        {"f": "10 Mt/y"},
    )  # fmt: skip
    row = worth(system, "cheap")
    assert saves(row) == [near(60), near(3), near(60), near(0)]
    assert exports(row) == [0.0, math.inf, 0.0, near(0)]
    assert worth(system, "cheap")["exports_down"] == 0.0
    assert saves(worth(system, "c")) == [near(30), near(5), near(30), near(0)]
    # Exactly at a corner the two sides differ.
    corner = system.override({"legs": {"cheap": {"capacity": "3 Mt/y"}}})
    assert saves(worth(corner, "cheap")) == [near(30), near(7), near(60), near(0)]


def test_one_less_may_cost_nothing_before_it_costs_something():
    # 10 by a way of 13: three of it lie idle; below 10 a dearer one takes over.
    system = network({"cheap": ("f", "market", leg(13, 10)), "dear": ("f", "market", leg(13, 25))}, {"f": "10 Mt/y"})
    row = worth(system, "cheap")
    assert saves(row) == [0.0, math.inf, 0.0, near(10)]
    assert row["status"] == "free"
    # At the corner itself: one more is worth nothing, one less costs 15.
    assert saves(worth(system.override({"legs": {"cheap": {"capacity": "10 Mt/y"}}}), "cheap")) == [
        0.0, math.inf, near(15), near(0),
    ]  # fmt: skip


def test_no_money_to_the_left_where_exports_fall():
    system = network({"a": ("f", "market", leg(3, 5)), "b": ("f", "market", leg(4, 9))}, {"f": "10 Mt/y"})
    row = worth(system, "a")
    # A tonne more on the cheap one, with 7 held, empties the dear one: 9 - 5, until b carries nothing at 7.
    assert saves(row) == [near(4), near(7), nothing(), nothing()]
    assert exports(row) == [near(1), near(6), near(1), near(0)]


def test_losses_turn_a_tonne_at_the_outlet_into_more_at_the_inlet():
    # The market's pipe takes 4 at its inlet and loses 5 %; the way to it loses 10 %.
    system = network(
        {"a": ("f", "h", leg(None, 0, loss="10 %")), "b": ("h", "market", leg(4, 0, loss="5 %"))}, {"f": "9 Mt/y"}
    )
    row = worth(system, "b")
    assert exports(row) == [near(0.95), near(8.1), near(0.95), near(0)]
    # And where what comes in binds: both losses.
    other = network(
        {"a": ("f", "h", leg(4, 0, loss="10 %")), "b": ("h", "market", leg(5, 0, loss="5 %"))}, {"f": "9 Mt/y"}
    )
    assert exports(worth(other, "a")) == [near(0.9 * 0.95), near(5 / 0.9), near(0.9 * 0.95), near(0)]
    assert worth(other, "a")["exports_next_binding"] == "b"


def test_a_group_with_weights():
    # a counts once, b twice: 10 = 4 + 2 x 3. a is full, so a unit more of the group is half a tonne by b.
    system = network(
        {"a": ("f", "market", leg(4, 1)), "b": ("f", "market", leg(5, 2))}, {"f": "12 Mt/y"},
        groups={"berths": {"capacity": "10 Mt/y", "legs": {"a": 1, "b": 2}}},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert plan.legs["flow"].tolist() == [near(4), near(3)]
    row = plan.shadow_prices(["berths"]).loc["berths"]
    # It holds up to 4 + 2 x 5; below 4 b carries nothing and a tonne is a tonne.
    assert exports(row) == [near(0.5), near(14), near(0.5), near(4)]
    assert (row["exports_next_binding"], row["kind"]) == ("b", "group")
    # A tonne more for a frees none for b: it takes half a tonne of b's; one less gives half a tonne.
    assert exports(worth(system, "a")) == [near(0.5), near(10), near(0.5), near(0)]


def test_vessels_that_two_lines_share():
    # Six vessels; 10 kt in 5 d on the short line is 2 kt/d a vessel, 10 kt in 10 d on the long one is 1 kt/d. The short
    # line takes 8 kt/d, so four vessels; two are left for the long one, which could use five.
    system = network(
        {"short": ("f", "market", leg("8 kt/d")), "long": ("f", "market", leg("5 kt/d"))}, {"f": "20 kt/d"},
        groups={"fleet": {"vessels": 6, "legs": {"short": {"cargo": "10 kt", "round_trip": "5 d"},
                                                 "long": {"cargo": "10 kt", "round_trip": "10 d"}}}},
        units={"flow": "kt/d"},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert plan.legs["flow"].tolist() == [near(8), near(2)]
    row = plan.shadow_prices(["fleet"]).loc["fleet"]
    assert exports(row) == [near(1), near(9), near(1), near(4)]
    assert (row["unit"], row["capacity"], row["use"], row["exports_next_binding"]) == (
        "vessels",
        near(6),
        near(6),
        "long",
    )
    assert plan.bottlenecks.loc["fleet", "description"] == (
        "fleet: one more vessel exports 1.00 kt/d more, up to 9.00, where long binds"
    )


def test_what_a_vessel_saves_is_money_a_day():
    # A vessel carries 1 kt/d at 3 USD/t in place of 13 by rail: 10 000 USD per day.
    system = network(
        {"ship": ("f", "market", leg(None, 3)), "rail": ("f", "market", leg(None, 13))}, {"f": "20 kt/d"},
        groups={"fleet": {"vessels": 6, "legs": {"ship": {"cargo": "10 kt", "round_trip": "10 d"}}}},
        units={"flow": "kt/d"},
    )  # fmt: skip
    row = worth(system, "fleet")
    assert saves(row) == [near(10_000), near(20), near(10_000), near(0)]


def test_barrels_in_a_system_of_tonnes():
    # 80 kb/d of light crude, 8 barrels per tonne, are 10 kt/d of the 15.
    system = network(
        {"line": ("f", "market", leg("80 kb/d"))}, {"f": {"output": "15 kt/d", "commodity": "light"}},
        commodities={"light": {"barrels_per_tonne": 8}}, units={"flow": "kt/d"},
    )  # fmt: skip
    row = worth(system, "line")
    assert (row["capacity"], row["unit"]) == (near(10), "kt/d")
    assert exports(row) == [near(1), near(15), near(1), near(0)]


def test_a_group_in_barrels():
    system = network(
        {"a": ("f", "market", leg()), "b": ("f", "market", leg("1 kt/d"))},
        {"f": {"output": "15 kt/d", "commodity": "light"}},
        commodities={"light": {"barrels_per_tonne": 8}},
        units={"flow": "kt/d"},
        groups={"port": {"capacity": "80 kb/d", "legs": ["a", "b"]}},
    )
    row = worth(system, "port")
    assert (row["capacity"], row["use"]) == (near(10), near(10))
    assert exports(row) == [near(1), near(15), near(1), near(0)]


def test_a_refinery_on_the_trunk_comes_first():
    # 6 on the trunk, 4 of them for the refinery, 2 for export. One more is exported, up to the field's 10; one less is
    # exported less, down to 4, where the refinery begins to starve.
    system = network(
        {"trunk": ("f", "h", leg(6)), "home": ("h", "refinery", leg()), "out": ("h", "market", leg(9))},
        {"f": "10 Mt/y"}, refineries={"refinery": {"demand": "4 Mt/y"}},
    )  # fmt: skip
    assert exports(worth(system, "trunk")) == [near(1), near(10), near(1), near(4)]


def test_more_for_a_starving_refinery_exports_less():
    # home is full and the refinery short of 1: a tonne more there is a tonne less of the field's ten for export.
    system = network(
        {"home": ("f", "refinery", leg(3)), "out": ("f", "market", leg(9))},
        {"f": "10 Mt/y"}, refineries={"refinery": {"demand": "4 Mt/y"}},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert (plan.exported, plan.shortage) == (near(7), near(1))
    row = plan.shadow_prices(["home"]).loc["home"]
    assert row["exports_up"] == near(-1)
    assert row["exports_valid_to"] == near(4)
    assert (row["relief_up"], row["relief_valid_to"]) == (near(1), near(4))
    # What it costs says nothing while the refinery gets more; one less starves it further, and exports one more.
    assert np.isnan(row["saving_up"])
    assert (row["relief_down"], row["exports_down"]) == (near(1), near(-1))
    assert plan.bottlenecks.loc["home", "description"].startswith(
        "home: one more Mt/y meets 1.00 Mt/y of unmet refinery demand and exports 1.00 Mt/y less, up to 4.00"
    )


def test_a_contract_that_is_met_ends_a_piece():
    # The contract pays 50 for each tonne short of 6 on its leg, which takes 4 so far; the other way is cheaper by 5. A
    # tonne more there saves 50 - 5 until the contract is met, then nothing.
    system = network(
        {"sold": ("f", "market", leg(4, 15)), "free": ("f", "market", leg(None, 10))}, {"f": "10 Mt/y"},
        contracts={"deal": {"legs": ["sold"], "volume": "6 Mt/y", "deficiency": "50 USD/t"}},
    )  # fmt: skip
    plan = ro.allocate(system)
    row = plan.shadow_prices(["sold"]).loc["sold"]
    assert saves(row) == [near(45), near(6), near(45), near(0)]
    assert plan.bottlenecks.loc["sold", "description"] == (
        "sold: one more Mt/y saves 45.0 USD/t and adds no exports, up to 6.00, where deal is fulfilled"
    )


def test_the_demand_of_a_market_binds_next():
    system = network({"out": ("f", "market", leg(4))}, {"f": "10 Mt/y"}, markets={"market": {"demand": "7 Mt/y"}})
    plan = ro.allocate(system)
    row = plan.shadow_prices(["out"]).loc["out"]
    assert exports(row) == [near(1), near(7), near(1), near(0)]
    assert row["exports_next_binding"] == "market"
    assert "up to 7.00, where market binds" in plan.bottlenecks.loc["out", "description"]


def test_what_others_have_reserved_is_not_counted():
    # 5 of 9 are others': the exporter has 4, and one more of his own exports one more.
    system = network(
        {"out": ("f", "market", leg(9, 1, reserved={"others": "5 Mt/y"}, availability="50 %"))}, {"f": "10 Mt/y"}
    )
    row = worth(system, "out")
    assert (row["capacity"], exports(row)) == (near(2), [near(1), near(10), near(1), near(0)])


def test_economic_capacities_are_worth_money_alone():
    # g's oil does not pay at 30 + 15 for 40. A tonne more by the cheap way earns 40 - 10 for g's tonne.
    system = network(
        {"cheap": ("f", "market", leg(4, 10)), "dear": ("f", "market", leg(9, 45))}, {"f": "10 Mt/y"},
        markets={"market": {"price": "40 USD/t"}},
    )  # fmt: skip
    plan = ro.allocate(system, economic=True)
    assert plan.exported == near(4)
    row = plan.shadow_prices(["cheap"]).loc["cheap"]
    assert saves(row) == [near(30), near(10), near(30), near(0)]
    # Exports follow from money there, and are no measure of their own.
    assert exports(row) == [nothing()] * 4
    found = plan.bottlenecks
    assert list(found.index) == ["cheap"]
    assert (
        found.loc["cheap", "description"]
        == "cheap: one more Mt/y earns 30.0 USD/t, up to 10.0, where every field produces at capacity"
    )


def test_an_alternative_has_no_values():
    system = network(
        {"a": ("f", "market", leg(6, 10, countries=["RU"])), "b": ("f", "market", leg(6, 11))},
        {"f": "9 Mt/y"},
        exporter="KZ",
    )
    plan = ro.alternatives(system, slack="2 %", minimise={"country": "RU"}).plans[-1]
    assert not plan.optimal
    with pytest.raises(ro.InputError, match="no optimum"):
        plan.shadow_prices()
    with pytest.raises(ro.InputError, match="no optimum"):
        plan.bottlenecks  # noqa: B018
    with pytest.raises(ro.InputError, match="no optimum"):
        plan.flow_ranges()


def changed(plan, kind, name, factor):
    """Exports with a capacity scaled, by changing raw bounds and solving for volume alone."""
    from routeopt.solve.highs import Session

    solved = plan._solved
    layout, bounds = solved.program.layout, solved.bounds
    upper, row_upper = bounds.upper.copy(), bounds.row_upper.copy()
    if kind == "leg":
        place = layout.topology.leg_place[name]
        upper[: len(layout.flow_leg)][layout.flow_leg == place] *= factor
        row_upper[layout.row["leg"] + np.flatnonzero(layout.several == place)] *= factor
    else:
        row_upper[layout.row["group"] + list(solved.situation.system.groups).index(name)] *= factor
    resized = type(bounds)(bounds.lower, upper, bounds.row_lower, row_upper, bounds.unit)
    cost = solved.objectives.volume + 1e4 * solved.objectives.shortage
    x = Session(solved.program, resized).minimise(cost).x
    return float(x[layout.columns("delivery")].sum()) / plan._tables.scales.flow


def check_by_scaling(seed):
    system = random_system(seed, nodes=10, legs=22)
    plan = ro.allocate(system, random_scenario(system, seed))
    values = plan.shadow_prices()
    hair = 1e-6 * float(plan.fields["available"].sum())
    for name, row in values.iterrows():
        if row["capacity"] <= 1e3 * hair:
            continue
        for side, end, sign in (("exports_up", "exports_valid_to", 1), ("exports_down", "exports_valid_from", -1)):
            room = min(abs(row[end] - row["capacity"]), 0.5 * row["capacity"])
            if room < 1e3 * hair:
                continue
            inner = [
                changed(plan, row["kind"], name, 1 + sign * share * room / row["capacity"]) for share in (0, 0.3, 0.9)
            ]
            for share, value in zip((0.3, 0.9), inner[1:], strict=True):
                expected = inner[0] + sign * row[side] * share * room
                assert value == pytest.approx(expected, abs=5 * hair), (name, side)


@pytest.mark.parametrize("seed", range(300, 306))
def test_random_systems_by_scaling(seed):
    check_by_scaling(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(310, 325))
def test_many_random_systems_by_scaling(seed):
    check_by_scaling(seed)
