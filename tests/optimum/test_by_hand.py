"""One small network for each rule, with its arithmetic. Flows are Mt/y, money is million USD per year."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.small import flows, near, network, shuffled

BARRELS = {"light": {"barrels_per_tonne": 8}, "heavy": {"barrels_per_tonne": 7}}


def leg(capacity=None, tariff=None, **more):
    """Capacity in Mt/y and tariff in USD/t, if given."""
    record = dict(more)
    if capacity is not None:
        record["capacity"] = f"{capacity} Mt/y"
    if tariff is not None:
        record["tariff"] = f"{tariff} USD/t"
    return record


def test_parallel_legs_are_both_kept_and_the_cheaper_fills_first():
    system = network({"dear": ("f", "market", leg(9, 30)), "cheap": ("f", "market", leg(7, 10))}, {"f": "10 Mt/y"})
    plan = ro.allocate(system)
    assert flows(plan) == {"cheap": near(7), "dear": near(3)}
    assert plan.cost == near(7 * 10e6 + 3 * 30e6)
    assert (plan.exported, plan.shut_in) == (near(10), near(0))


def test_losses_in_series_multiply():
    # 10 x 0.98 x 0.95 = 9.31; tariffs are paid on what enters: 10 x 5 + 9.8 x 4 = 89.2
    system = network(
        {"first": ("f", "h", leg(tariff=5, loss="2 %")), "second": ("h", "market", leg(tariff=4, loss="5 %"))},
        {"f": "10 Mt/y"},
    )
    plan = ro.allocate(system)
    assert plan.exported == near(9.31)
    assert plan.cost == near(89.2e6)
    assert plan.legs.loc["second", "arrives"] == near(9.31)


def test_capacity_counts_at_the_inlet():
    # 9 enter the second leg, 9 / 0.98 = 9.18367 the first; 9 x 0.95 = 8.55 arrive.
    system = network(
        {"first": ("f", "h", leg(loss="2 %")), "second": ("h", "market", leg(9, loss="5 %"))}, {"f": "10 Mt/y"}
    )
    plan = ro.allocate(system)
    assert (plan.exported, plan.shut_in) == (near(8.55), near(10 - 9 / 0.98))


def test_volume_comes_before_money():
    # The cheap leg loses a tenth: the dear one carries all that it can, 6, the cheap one 4, of which 3.6 arrive.
    system = network(
        {"cheap": ("f", "market", leg(tariff=1, loss="10 %")), "dear": ("f", "market", leg(6, 90))}, {"f": "10 Mt/y"}
    )
    plan = ro.allocate(system)
    assert flows(plan) == {"cheap": near(4), "dear": near(6)}
    assert plan.exported == near(9.6)


def test_capacity_zero_is_no_missing_capacity():
    system = network({"shut": ("f", "market", leg(0, 1)), "open": ("f", "market", leg(2, 9))}, {"f": "10 Mt/y"})
    plan = ro.allocate(system)
    assert flows(plan) == {"open": near(2)}
    assert (plan.exported, plan.shut_in) == (near(2), near(8))


def test_no_capacity_is_no_limit():
    system = network({"open": ("f", "market", leg(tariff=9))}, {"f": "1000 Mt/y"})
    assert ro.allocate(system).exported == near(1000)


def test_a_negative_tariff_attracts():
    # 4 at -20 and 6 at 5: -80 + 30 = -50
    system = network({"paid": ("f", "market", leg(4, -20)), "costs": ("f", "market", leg(9, 5))}, {"f": "10 Mt/y"})
    plan = ro.allocate(system)
    assert flows(plan) == {"paid": near(4), "costs": near(6)}
    assert plan.cost == near(-50e6)


def test_more_supply_than_the_market_buys():
    system = network({"line": ("f", "market")}, {"f": "10 Mt/y"}, {"market": {"demand": "3 Mt/y"}})
    plan = ro.allocate(system)
    assert (plan.exported, plan.shut_in) == (near(3), near(7))


def test_totals_that_agree_on_a_network_that_does_not():
    # Supply 10 and demand 10, but what a can reach buys 4 only: 4 + 5.
    system = network(
        {"la": ("a", "ma"), "lb": ("b", "mb")}, {"a": "5 Mt/y", "b": "5 Mt/y"},
        {"ma": {"demand": "4 Mt/y"}, "mb": {"demand": "6 Mt/y"}},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert (plan.exported, plan.shut_in) == (near(9), near(1))


def test_refineries_first_even_if_that_costs_more():
    system = network(
        {"home": ("f", "refinery", leg(tariff=50)), "abroad": ("f", "market", leg(tariff=1))},
        {"f": "10 Mt/y"}, refineries={"refinery": {"demand": "4 Mt/y"}}, price="500 USD/t",
    )  # fmt: skip
    plan = ro.allocate(system)
    assert flows(plan) == {"home": near(4), "abroad": near(6)}
    assert plan.exported == near(6)
    assert plan.revenue == near(6 * 500e6)  # nothing is paid for what stays at home
    assert plan.cost == near(4 * 50e6 + 6 * 1e6)


def test_refinery_that_lacks_what_cannot_reach_it():
    system = network(
        {"home": ("f", "refinery", leg(3)), "abroad": ("f", "market")}, {"f": "10 Mt/y"},
        refineries={"refinery": {"demand": "4 Mt/y"}},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert (plan.shortage, plan.exported) == (near(1), near(7))
    assert plan.refineries.loc["refinery", "shortage"] == near(1)


def test_refineries_that_want_more_than_there_is():
    system = network(
        {"home": ("f", "refinery"), "abroad": ("f", "market")}, {"f": "3 Mt/y"},
        refineries={"refinery": {"demand": "5 Mt/y"}},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert (plan.shortage, plan.exported, plan.shut_in) == (near(2), near(0), near(0))


def test_shortage_of_a_refinery_that_counts_in_barrels():
    # 7.5 barrels per tonne: 30 kb/d are 4 kt/d, of which 3 can come.
    system = network(
        {"home": ("f", "refinery", {"capacity": "3 kt/d"}), "abroad": ("f", "market")}, {"f": "10 kt/d"},
        refineries={"refinery": {"demand": "30 kb/d"}}, units={"flow": "kt/d"},
        commodities={"crude": {"barrels_per_tonne": 7.5}},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert (plan.shortage, plan.exported) == (near(1), near(7))
    assert plan.refineries.loc["refinery", "flow"] == near(3)


def test_dearest_market_first_and_then_the_rest():
    # 3 x 500 + 7 x 450 = 4650
    system = network(
        {"a": ("f", "good"), "b": ("f", "plain")}, {"f": "10 Mt/y"},
        {"good": {"demand": "3 Mt/y", "price": "500 USD/t"}, "plain": {"price": "450 USD/t"}},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert plan.netback == near(4650e6)
    assert plan.markets.loc["good", "flow"] == near(3)


def test_value_of_a_tonne_is_price_times_its_own_barrels_plus_the_differential():
    # light: 8 x (60 - 2) = 464; heavy: 7 x 60 + 5 USD/t = 425
    system = network(
        {"a": ("f", "market"), "b": ("g", "market")},
        {"f": {"output": "1 Mt/y", "commodity": "light"}, "g": {"output": "1 Mt/y", "commodity": "heavy"}},
        {"market": {"differential": {"light": "-2 USD/bbl", "heavy": "5 USD/t"}}},
        commodities=BARRELS, price="60 USD/bbl",
    )  # fmt: skip
    assert ro.allocate(system).revenue == near(464e6 + 425e6)


def test_a_markets_own_price_stands_in_place_of_the_benchmark():
    system = network({"a": ("f", "market")}, {"f": "1 Mt/y"}, {"market": {"price": "400 USD/t"}}, price="500 USD/t")
    assert ro.allocate(system).revenue == near(400e6)


def test_a_market_takes_only_what_it_names():
    system = network(
        {"a": ("f", "picky"), "b": ("g", "picky"), "c": ("g", "other")},
        {"f": {"output": "1 Mt/y", "commodity": "light"}, "g": {"output": "1 Mt/y", "commodity": "heavy"}},
        {"picky": {"commodities": ["light"], "price": "600 USD/t"}, "other": {"price": "100 USD/t"}},
        commodities=BARRELS,
    )
    plan = ro.allocate(system)
    assert flows(plan) == {"a": near(1), "c": near(1)}


def test_a_tariff_in_barrels_in_a_system_of_tonnes():
    # 2 USD/bbl x 8 bbl/t = 16 USD/t for light, 14 for heavy.
    system = network(
        {"a": ("f", "h"), "b": ("g", "h"), "c": ("h", "market", {"tariff": "2 USD/bbl"})},
        {"f": {"output": "3 Mt/y", "commodity": "light"}, "g": {"output": "5 Mt/y", "commodity": "heavy"}},
        commodities=BARRELS,
    )  # fmt: skip
    assert ro.allocate(system).cost == near((3 * 16 + 5 * 14) * 1e6)


def test_output_in_barrels_in_a_system_of_tonnes():
    # 80 kb/d of 8 barrels per tonne are 10 kt/d, 3.65 Mt/y
    system = network(
        {"a": ("f", "market")}, {"f": {"output": "80 kb/d", "commodity": "light"}}, commodities=BARRELS
    )  # fmt: skip
    assert ro.allocate(system).exported == near(3.65)


def test_a_capacity_in_barrels_holds_for_all_commodities_together():
    # 100 kb/d: heavy takes 7 barrels per tonne, so all 10 kt/d of it (70 kb) go, then 30 / 8 = 3.75 kt/d of light.
    system = network(
        {"a": ("f", "h"), "b": ("g", "h"), "c": ("h", "market", {"capacity": "100 kb/d"})},
        {"f": {"output": "10 kt/d", "commodity": "light"}, "g": {"output": "10 kt/d", "commodity": "heavy"}},
        commodities=BARRELS, units={"flow": "kt/d"},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert plan.exported == near(13.75)
    assert plan.flows.loc[("c", "light"), "flow"] == near(3.75)
    assert plan.legs.loc["c", "utilisation"] == near(1)
    assert plan.legs.loc["c", "capacity"] == near(13.75)  # in tonnes of the mix that flows


def test_a_market_limit_in_barrels():
    system = network(
        {"a": ("f", "market")}, {"f": {"output": "10 kt/d", "commodity": "light"}}, {"market": {"demand": "40 kb/d"}},
        commodities=BARRELS, units={"flow": "kt/d"},
    )  # fmt: skip
    assert ro.allocate(system).exported == near(5)


def test_blending_away_costs_the_quality():
    # Kept, a tonne earns 60 x 8 - 30 = 450; blended away 60 x 7 = 420. So the dear leg fills.
    system = network(
        {"keeps": ("f", "market", leg(4, 30)), "blends": ("f", "market", {"blends_into": "heavy"})},
        {"f": {"output": "10 Mt/y", "commodity": "light"}}, commodities=BARRELS, price="60 USD/bbl",
    )  # fmt: skip
    plan = ro.allocate(system)
    assert flows(plan) == {"keeps": near(4), "blends": near(6)}
    assert plan.revenue == near((4 * 480 + 6 * 420) * 1e6)
    dear = ro.allocate(system.override({"legs.keeps.tariff": "61 USD/t"}))
    assert flows(dear) == {"blends": near(10)}


def test_what_it_becomes_decides_where_it_may_go_next():
    system = network(
        {"in": ("f", "h", {"blends_into": {"light": "heavy"}}), "out": ("h", "market", {"commodities": ["heavy"]}),
         "no": ("h", "market", {"commodities": ["light"]})},
        {"f": {"output": "2 Mt/y", "commodity": "light"}}, commodities=BARRELS,
    )  # fmt: skip
    assert flows(ro.allocate(system)) == {"in": near(2), "out": near(2)}


def test_own_use_never_leaves():
    system = network({"a": ("f", "market")}, {"f": {"output": "10 Mt/y", "own_use": "7 %"}})
    plan = ro.allocate(system)
    assert (plan.exported, plan.shut_in) == (near(9.3), near(0))


def test_output_under_the_minimum_is_reported_and_priced():
    # 3 of 10 must flow, 2 can: 1 under the minimum at 70, and 2 x 5 of tariff.
    system = network(
        {"a": ("f", "market", leg(2, 5))}, {"f": {"output": "10 Mt/y", "min_output": "30 %"}},
        recourse={"below_min_output": "70 USD/t"},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert plan.fields.loc["f", "below_min_output"] == near(1)
    assert plan.cost == near(80e6)


def test_a_minimum_decides_who_shuts_in():
    # Five leave. Without a minimum all are b's, which is cheaper; with it a keeps 4.
    legs = {"a": ("fa", "h", leg(tariff=20)), "b": ("fb", "h", leg(tariff=5)), "out": ("h", "market", leg(5))}
    plain = {"fa": "10 Mt/y", "fb": "10 Mt/y"}
    assert flows(ro.allocate(network(legs, plain)))["b"] == near(5)
    bound = plain | {"fa": {"output": "10 Mt/y", "min_output": "40 %"}}
    plan = ro.allocate(network(legs, bound, recourse={"below_min_output": "70 USD/t"}))
    assert (flows(plan)["a"], flows(plan)["b"]) == (near(4), near(1))


def test_fields_may_shut_in_when_it_does_not_pay():
    # One field nets 100 - 120 = -20, the other 100 - 50 = 50.
    system = network(
        {"a": ("fa", "market", leg(tariff=120)), "b": ("fb", "market", leg(tariff=50))},
        {"fa": "5 Mt/y", "fb": "5 Mt/y"}, price="100 USD/t",
    )  # fmt: skip
    assert (ro.allocate(system).exported, ro.allocate(system).netback) == (near(10), near(150e6))
    paying = ro.allocate(system, economic=True)
    assert (paying.exported, paying.netback) == (near(5), near(250e6))


def test_circles_that_cost_nothing_carry_nothing():
    system = network(
        {"in": ("f", "h"), "there": ("h", "i"), "back": ("i", "h"), "out": ("i", "market")}, {"f": "10 Mt/y"}
    )
    assert flows(ro.allocate(system)) == {"in": near(10), "there": near(10), "out": near(10)}


@pytest.mark.parametrize("solver", ["highs", "pulp:HiGHS"])
def test_a_circle_that_earns_money_for_ever_is_named(solver):
    system = network(
        {"in": ("f", "h"), "there": ("h", "i", leg(tariff=-10)), "back": ("i", "h", leg(tariff=3)),
         "out": ("i", "market", leg(7, 1))},
        {"f": "10 Mt/y"},
    )  # fmt: skip
    with pytest.raises(ro.UnboundedError, match=r"the loop (there, back|back, there) earns without limit"):
        ro.allocate(system, solver=solver)
    assert ro.allocate(system.override({"legs.back.capacity": "1 Mt/y"})).exported == near(7)


def test_a_capped_leg_and_an_uncapped_one_with_one_tariff():
    # Nothing decides between them but ids: the answer is one and the same, and says that it is not the only one.
    system = network({"one": ("f", "market", leg(6, 5)), "two": ("f", "market", leg(6, 5))}, {"f": "10 Mt/y"})
    plan = ro.allocate(system)
    assert not plan.certificate.unique
    for seed in range(6):
        again = ro.allocate(ro.ExportSystem.from_dict(shuffled(system.to_dict(), seed)))
        assert flows(again) == {name: near(flow) for name, flow in flows(plan).items()}


def test_among_equals_the_one_with_least_foreign_transit():
    for first, second in (("abroad", "home"), ("zz", "aa")):
        system = network(
            {first: ("f", "market", leg(6, 5, countries=["XX"])), second: ("f", "market", leg(6, 5, countries=["KZ"]))},
            {"f": "5 Mt/y"}, exporter="KZ",
        )  # fmt: skip
        plan = ro.allocate(system)
        assert flows(plan) == {second: near(5)}
        assert not plan.certificate.unique


def test_a_split_that_money_decides_is_unique():
    system = network({"one": ("f", "market", leg(6, 5)), "two": ("f", "market", leg(6, 5.001))}, {"f": "10 Mt/y"})
    assert ro.allocate(system).certificate.unique


def test_storage_is_no_outlet():
    system = network(
        {"a": ("f", "tanks"), "b": ("tanks", "market", leg(4))}, {"f": "10 Mt/y"},
        nodes={"tanks": {"kind": "terminal", "storage": {"capacity": "5000 kt"}}},
    )  # fmt: skip
    assert ro.allocate(system).exported == near(4)
