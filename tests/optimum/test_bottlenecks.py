"""What one more unit of a capacity is worth, held against solving the enlarged system."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.small import near, network
from routeopt.testing import random_system


def test_by_hand():
    # The cheap leg saves 20 a tonne and exports no more. The narrow one behind g exports a tonne per tonne; with the
    # volume held a tonne there stands in for one on the dear leg: 30 - 5.
    system = network(
        {"cheap": ("f", "market", {"capacity": "7 Mt/y", "tariff": "10 USD/t"}),
         "dear": ("f", "market", {"capacity": "9 Mt/y", "tariff": "30 USD/t"}),
         "narrow": ("g", "market", {"capacity": "2 Mt/y", "tariff": "5 USD/t"})},
        {"f": "10 Mt/y", "g": "6 Mt/y"},
    )  # fmt: skip
    found = ro.allocate(system).bottlenecks
    assert list(found.index) == ["narrow", "cheap"]
    assert found.loc["narrow", ["kind", "capacity", "unit", "marginal_exports", "marginal_saving"]].tolist() == [
        "leg", near(2), "Mt/y", near(1), near(25),
    ]  # fmt: skip
    assert found.loc["cheap", ["marginal_exports", "marginal_saving"]].tolist() == [0.0, near(20)]


def test_two_equal_capacities_in_series_are_worth_nothing_alone():
    system = network(
        {"a": ("f", "h", {"capacity": "4 Mt/y"}), "b": ("h", "market", {"capacity": "4 Mt/y"})}, {"f": "9 Mt/y"}
    )
    assert ro.allocate(system).bottlenecks.empty


def test_losses_on_the_way_count():
    system = network({"a": ("f", "h", {"capacity": "4 Mt/y"}), "b": ("h", "market", {"loss": "5 %"})}, {"f": "9 Mt/y"})
    assert ro.allocate(system).bottlenecks.loc["a", "marginal_exports"] == near(0.95)


def test_a_capacity_in_barrels_is_valued_in_tonnes():
    # 100 kb/d carry all 70 kb of heavy crude and 30 of light: 13.75 kt/d, so a tonne of capacity is 100 / 13.75
    # barrels. One barrel more carries an eighth of a tonne of light: 100 / 13.75 / 8 = 0.909.
    system = network(
        {"a": ("f", "h"), "b": ("g", "h"), "c": ("h", "market", {"capacity": "100 kb/d"})},
        {"f": {"output": "10 kt/d", "commodity": "light"}, "g": {"output": "10 kt/d", "commodity": "heavy"}},
        commodities={"light": {"barrels_per_tonne": 8}, "heavy": {"barrels_per_tonne": 7}}, units={"flow": "kt/d"},
    )  # fmt: skip
    found = ro.allocate(system).bottlenecks.loc["c"]
    assert (found["capacity"], found["unit"]) == (near(13.75), "kt/d")
    assert found["marginal_exports"] == near(100 / 13.75 / 8)


def test_more_capacity_does_not_lift_an_embargo():
    system = network(
        {"line": ("f", "market", {"capacity": "4 Mt/y", "commodities": ["light"]})},
        {"f": {"output": "9 Mt/y", "commodity": "light"}}, commodities={"light": {}, "heavy": {}},
    )  # fmt: skip
    assert ro.allocate(system).bottlenecks.loc["line", "marginal_exports"] == near(1)
    assert ro.allocate(system, close=[{"leg": "line", "commodity": "light"}]).bottlenecks.empty


def test_a_closed_leg_shows_what_reopening_would_bring():
    system = network(
        {"line": ("f", "market", {"capacity": "4 Mt/y"}), "on": ("f", "market", {"capacity": "1 Mt/y"})},
        {"f": "9 Mt/y"},
    )
    found = ro.allocate(system, close=["line"]).bottlenecks
    assert found.loc["line", ["status", "capacity", "marginal_exports"]].tolist() == ["closed", 0, near(1)]
    assert found.loc["on", "status"] == "full"


def test_what_refineries_lack_comes_first():
    # The leg home is full and the refinery short of 1; the field has 2 left, so a tonne more costs no exports.
    system = network(
        {"home": ("f", "refinery", {"capacity": "3 Mt/y"}), "out": ("f", "market", {"capacity": "5 Mt/y"})},
        {"f": "10 Mt/y"}, refineries={"refinery": {"demand": "4 Mt/y"}},
    )  # fmt: skip
    found = ro.allocate(system).bottlenecks
    assert list(found.index) == ["home", "out"]
    assert found["marginal_relief"].tolist() == [near(1), 0.0]
    assert found["marginal_exports"].tolist() == [0.0, near(1)]
    assert found.loc["home", "description"] == (
        "home: one more Mt/y meets 1.00 Mt/y of unmet refinery demand, up to 4.00, where it is no longer full"
    )


@pytest.mark.parametrize("seed", range(40))
def test_worth_is_what_solving_again_with_more_gives(seed):
    system = random_system(seed, plain=True, nodes=14, legs=30)
    plan = ro.allocate(system)
    for name, found in plan.bottlenecks[lambda table: table["status"] == "full"].iterrows():
        step = 1e-4 * found["capacity"]
        wider = ro.allocate(system.override({f"legs.{name}.capacity": f"{found['capacity'] + step!r} Mt/y"}))
        assert (wider.exported - plan.exported) / step == pytest.approx(found["marginal_exports"], abs=1e-5)
        if not found["marginal_exports"]:
            saved = (wider.netback - plan.netback) / (step * 1e6)
            assert saved == pytest.approx(found["marginal_saving"], abs=1e-3)
    worthless = set(plan.legs.index[plan.legs["utilisation"] > 1 - 1e-9]) - set(plan.bottlenecks.index)
    for name in sorted(worthless)[:2]:
        wider = ro.allocate(
            system.override({f"legs.{name}.capacity": f"{plan.legs.loc[name, 'capacity'] * 1.001} Mt/y"})
        )
        assert wider.exported == near(plan.exported)
        assert wider.netback == near(plan.netback)


@pytest.mark.parametrize("rule", ["pro-rata", ["g", "f"]])
def test_how_it_is_shared_does_not_change_what_stops_the_next_barrel(rule):
    # 12 want through 6: by money f's are the first, by either rule they are not. The line is the cut all the same.
    system = network(
        {"a": ("f", "h"), "b": ("g", "h", {"tariff": "1 USD/t"}), "line": ("h", "market", {"capacity": "6 Mt/y"})},
        {"f": "8 Mt/y", "g": "4 Mt/y"},
    )
    plan, plain = ro.allocate(system, apportion=rule), ro.allocate(system)
    assert plan.fields["flow"].to_dict() != plain.fields["flow"].to_dict()
    assert plan.minimum_cut["weight"].to_dict() == {"line": near(1)}
    assert str(plan).splitlines()[:4] == str(plain).splitlines()[:4]
    assert plan.bottleneck_summary == plain.bottleneck_summary
    # What a unit more would save depends on who then sends less: that is the rule's to say, not money's.
    assert plan.shadow_prices()["saving_up"].isna().all()
    assert plain.shadow_prices()["saving_up"].notna().all()
