"""Contracts: what is sunk, what is suspended, and that they never cost volume. Money is million USD per year."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.small import flows, near, network


def promised(contract=None, **dear):
    """A cheap leg for all 10, and a dear one on which 4 are promised."""
    return network(
        {"cheap": ("f", "market", {"capacity": "10 Mt/y", "tariff": "10 USD/t"}),
         "dear": ("f", "market", {"capacity": "8 Mt/y", "tariff": "30 USD/t", **dear})},
        {"f": "10 Mt/y"}, contracts={"ship-or-pay": {"legs": ["dear"], "volume": "4 Mt/y", **(contract or {})}},
    )  # fmt: skip


def test_below_the_floor_the_tariff_is_due_anyway():
    # 4 x 30 are due in any case; sending the 4 saves 4 x 10 on the cheap leg: 120 + 60 = 180.
    plan = ro.allocate(promised())
    assert flows(plan) == {"cheap": near(6), "dear": near(4)}
    assert plan.cost == near(180e6)
    assert plan.contracts.loc["ship-or-pay"].tolist() == [near(4), near(0)]


def test_a_contract_never_reduces_exports():
    # A fifth is lost on the way: all 10 go the other way, and 4 x 30 are paid for nothing: 100 + 120.
    plan = ro.allocate(promised(loss="20 %"))
    assert flows(plan) == {"cheap": near(10)}
    assert (plan.exported, plan.cost) == (near(10), near(220e6))
    assert plan.contracts.loc["ship-or-pay", "deficiency"] == near(4)


def test_a_deficiency_below_the_difference_is_paid():
    # Sending costs 20 more, the shortfall 15: 100 + 60.
    plan = ro.allocate(promised({"deficiency": "15 USD/t"}))
    assert (flows(plan), plan.cost) == ({"cheap": near(10)}, near(160e6))
    # At 25 it is met: 60 + 120.
    plan = ro.allocate(promised({"deficiency": "25 USD/t"}))
    assert (flows(plan), plan.cost) == ({"cheap": near(6), "dear": near(4)}, near(180e6))


def test_force_majeure_suspends_what_is_left_cannot_carry():
    close = [{"leg": "dear"}]
    assert ro.allocate(promised(), close=close).cost == near(100e6)
    # Not so if it does not count: 100 + 4 x 30.
    assert ro.allocate(promised({"force_majeure": False}), close=close).cost == near(220e6)
    # Half closed, 4 of 8 are left: all 4 are due. At a quarter 2 are: 2 x 30 + 8 x 10.
    half = ro.allocate(promised(), close=[{"leg": "dear", "availability": "50 %"}])
    assert (flows(half), half.cost) == ({"cheap": near(6), "dear": near(4)}, near(180e6))
    quarter = ro.allocate(promised(), close=[{"leg": "dear", "availability": "25 %"}])
    assert (flows(quarter), quarter.cost) == ({"cheap": near(8), "dear": near(2)}, near(140e6))


def test_what_others_take_cannot_carry_it():
    # 8 - 3 = 5, of which 60 % are 3.
    plan = ro.allocate(promised(reserved={"others": "3 Mt/y"}), close=[{"leg": "dear", "availability": "60 %"}])
    assert plan.contracts.loc["ship-or-pay", "due"] == near(3)


def test_too_small_a_capacity_is_no_force_majeure():
    # 10 are promised where 8 can go: all of it is due, and a closure suspends its share.
    for share, due in (("100 %", 10), ("99 %", 9.9), ("50 %", 5), ("0 %", 0)):
        plan = ro.allocate(promised({"volume": "10 Mt/y"}), close=[{"leg": "dear", "availability": share}])
        assert plan.contracts.loc["ship-or-pay", "due"] == near(due)
    # None at all, and a year in which it worked for half the time.
    assert ro.allocate(promised(capacity="0 Mt/y")).contracts.loc["ship-or-pay", "due"] == near(4)
    half = promised({"volume": "10 Mt/y"}, availability="50 %")
    assert ro.allocate(half).contracts.loc["ship-or-pay", "due"] == near(5)
    # A leg that is not built promises nothing.
    assert ro.allocate(promised(status="hypothetical")).contracts.loc["ship-or-pay", "due"] == near(0)


def test_one_of_two_legs_carries_for_the_other():
    legs = {name: ("f", "market", {"capacity": "5 Mt/y", "tariff": "30 USD/t"}) for name in ("a", "b")}
    system = network({**legs, "cheap": ("f", "market", {})}, {"f": "10 Mt/y"},
                     contracts={"c": {"legs": ["a", "b"], "volume": "6 Mt/y", "deficiency": "40 USD/t"}})  # fmt: skip

    def due(*close):
        return ro.allocate(system, close=close).contracts.loc["c", "due"]

    assert (due(), due("a"), due("a", "b")) == (near(6), near(5), near(0))
    assert due({"leg": "a", "availability": "40 %"}) == near(6)
    assert due({"leg": "a", "availability": "10 %"}) == near(5.5)


def test_streams_under_an_embargo_add_up():
    system = network(
        {"a": ("f", "h"), "b": ("g", "h"), "out": ("h", "market", {"tariff": "30 USD/t", "capacity": "10 Mt/y"})},
        {"f": {"output": "9 Mt/y", "commodity": "light"}, "g": {"output": "1 Mt/y", "commodity": "heavy"}},
        commodities={"light": {}, "heavy": {}}, contracts={"c": {"legs": ["out"], "volume": "6 Mt/y"}},
    )  # fmt: skip

    def due(light, heavy, whole="100 %"):
        shares = {"light": light, "heavy": heavy, None: whole}
        close = [{"leg": "out", "availability": share} | ({"commodity": c} if c else {}) for c, share in shares.items()]
        return ro.allocate(system, close=close).contracts.loc["c", "due"]

    # 3 + 2 of 10 can flow; with half of the leg 5, which is no less; at 40 % 4.
    assert (due("30 %", "20 %"), due("30 %", "20 %", "50 %"), due("30 %", "20 %", "40 %")) == (
        near(5),
        near(5),
        near(4),
    )


def test_a_leg_in_barrels_carries_as_many_tonnes_as_its_heaviest_crude():
    # 80 kb/d are 10 kt of the light crude (8 barrels per tonne), 12.5 kt of the heavy (6.4).
    system = network(
        {"a": ("f", "h"), "b": ("g", "h"), "out": ("h", "market", {"tariff": "30 USD/t", "capacity": "80 kb/d"})},
        {"f": {"output": "9 kt/d", "commodity": "light"}, "g": {"output": "1 kt/d", "commodity": "heavy"}},
        units={"flow": "kt/d"}, commodities={"light": {"barrels_per_tonne": 8}, "heavy": {"barrels_per_tonne": 6.4}},
        contracts={"c": {"legs": ["out"], "volume": "11 kt/d"}},
    )  # fmt: skip

    def due(**shares):
        close = [
            {"leg": "out", "availability": s, **({} if c == "all" else {"commodity": c})} for c, s in shares.items()
        ]
        return ro.allocate(system, close=close).contracts.loc["c", "due"]

    assert due() == near(11)
    assert due(all="60 %") == near(7.5)
    assert due(heavy="0 %") == near(10)
    # 40 % for heavy crude: 5; the other 60 % of the barrels carry 6 of light crude. At 20 %: 2.5 and 8.
    assert (due(heavy="40 %"), due(heavy="20 %")) == (near(11), near(10.5))


def test_an_embargo_on_all_that_could_fulfil_it_is_force_majeure():
    assert ro.allocate(promised(), close=[{"commodity": "crude"}]).cost == near(0)
    system = network(
        {"a": ("f", "h"), "b": ("g", "h"), "out": ("h", "market", {"tariff": "30 USD/t"})},
        {"f": {"output": "9 Mt/y", "commodity": "light"}, "g": {"output": "1 Mt/y", "commodity": "heavy"}},
        commodities={"light": {}, "heavy": {}}, contracts={"c": {"legs": ["out"], "volume": "6 Mt/y"}},
    )  # fmt: skip
    # A leg without a limit: heavy crude could still fulfil it, so the 6 stay due: 1 flows, 5 are short.
    plan = ro.allocate(system, close=[{"leg": "out", "commodity": "light"}])
    assert plan.contracts.loc["c"].tolist() == [near(6), near(5)]
    only = system.override({"contracts.c.commodities": ["light"]})
    assert ro.allocate(only, close=[{"leg": "out", "commodity": "light"}]).contracts.loc["c", "due"] == 0


def test_a_leg_further_on_suspends_it_too():
    system = network(
        {"cheap": ("f", "market", {"tariff": "10 USD/t"}), "dear": ("f", "h", {"tariff": "30 USD/t"}),
         "on": ("h", "market", {"capacity": "20 Mt/y"})},
        {"f": "10 Mt/y"}, contracts={"c": {"legs": ["dear"], "through": ["on"], "volume": "4 Mt/y"}},
    )  # fmt: skip
    assert ro.allocate(system).cost == near(180e6)
    assert ro.allocate(system, close=[{"leg": "on"}]).cost == near(100e6)
    # A quarter is left of it: 5, and all is due. Of a twentieth 1: 1 x 30 + 9 x 10.
    assert ro.allocate(system, close=[{"leg": "on", "availability": "25 %"}]).cost == near(180e6)
    assert ro.allocate(system, close=[{"leg": "on", "availability": "5 %"}]).cost == near(90e6 + 30e6)


def test_a_year_in_which_the_leg_did_not_work_whole():
    # 75 % of 8 are enough for 4, 30 % are 2.4.
    for share, due in (("75 %", 4), ("30 %", 2.4)):
        assert ro.allocate(promised(availability=share)).contracts.loc["ship-or-pay", "due"] == near(due)


def test_a_tariff_that_a_scenario_sets_is_what_is_due():
    # 41 in place of 30, and due in any case: sending the 4 saves 4 x 10 on the cheap leg: 4 x 41 + 6 x 10.
    # Were 30 due, paying them for nothing would be cheaper: 4 x 30 + 10 x 10.
    plan = ro.allocate(promised(), {"tariffs": {"dear": "41 USD/t"}})
    assert (flows(plan), plan.cost) == ({"cheap": near(6), "dear": near(4)}, near(224e6))


def test_what_a_scenario_adds_to_a_tariff_is_paid_by_what_flows():
    # 6 more for what flows, still less than 10 on the cheap leg: 4 x 36 + 6 x 10.
    plan = ro.allocate(promised(), {"tariffs": {"dear": "+6 USD/t"}})
    assert (flows(plan), plan.cost) == ({"cheap": near(6), "dear": near(4)}, near(204e6))
    # 11 more: 10 x 10 + 4 x 30 for nothing.
    plan = ro.allocate(promised(), {"tariffs": {"dear": "+11 USD/t"}})
    assert (flows(plan), plan.cost) == ({"cheap": near(10)}, near(220e6))


def test_a_contract_that_counts_barrels():
    # 32 kb/d of 8 barrels per tonne are 4 kt/d; 3 USD/bbl are 24 USD/t; so 4 x 24 + 6 x 10 a day, in thousands.
    system = network(
        {"cheap": ("f", "market", {"tariff": "10 USD/t"}), "dear": ("f", "market", {"tariff": "3 USD/bbl"})},
        {"f": "10 kt/d"}, units={"flow": "kt/d"}, commodities={"crude": {"barrels_per_tonne": 8}},
        contracts={"c": {"legs": ["dear"], "volume": "32 kb/d"}},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert plan.cost == near(156e3)
    assert plan.contracts.loc["c"].tolist() == [near(4), near(0)]
    shut = ro.allocate(system.override({"contracts.c.force_majeure": False}), close=["dear"])
    assert shut.contracts.loc["c"].tolist() == [near(4), near(4)]
    assert shut.cost == near(100e3 + 96e3)


@pytest.mark.parametrize("volume", ["0 Mt/y", "9 Mt/y", "40 Mt/y"])
def test_exports_do_not_depend_on_what_was_promised(volume):
    assert ro.allocate(promised({"volume": volume})).exported == near(10)
