"""What can be attacked, for what, and what the answer says."""

import numpy as np
import pytest

import routeopt as ro
from helpers.small import near, network
from routeopt.testing import random_system


@pytest.fixture
def three():
    """Three ways of 6, 5 and 4 for a field of 12: 3 to spare."""
    return network(
        {"a": ("f", "market", {"capacity": "6 Mt/y", "tariff": "10 USD/t"}),
         "b": ("f", "market", {"capacity": "5 Mt/y", "tariff": "20 USD/t"}),
         "c": ("f", "market", {"capacity": "4 Mt/y", "tariff": "30 USD/t"})},
        {"f": "12 Mt/y"}, price="700 USD/t",
    )  # fmt: skip


@pytest.fixture
def swaps():
    """The worst pair does not hold the worst single leg: ``big`` alone stops 6, ``left`` and ``right`` together 10."""
    return network(
        {"left": ("f", "market", {"capacity": "10 Mt/y"}), "right": ("f", "market", {"capacity": "10 Mt/y"}),
         "big": ("g", "market", {"capacity": "6 Mt/y"})},
        {"f": "10 Mt/y", "g": "6 Mt/y"},
    )  # fmt: skip


def test_curve_by_hand(three):
    worst = ro.worst_case(three, k=3)
    curve = worst.curve
    assert curve.index.tolist() == [1, 2, 3]
    assert curve.index.name == "k"
    assert curve["attack"].tolist() == [("a",), ("a", "b"), ("a", "b", "c")]
    assert curve["lost"].tolist() == near([3.0, 8.0, 12.0])
    assert curve["added"].tolist() == near([3.0, 5.0, 4.0])
    assert curve["share"].tolist() == near([0.25, 8 / 12, 1.0])
    assert curve["in"].tolist() == [("a",), ("b",), ("c",)]
    assert curve["out"].tolist() == [(), (), ()]
    assert worst.table is curve
    assert (worst.attack, worst.lost, worst.unit, worst.gap) == (("a", "b", "c"), near(12.0), "Mt/y", 0.0)
    # All three lose 12; two of them at best 8, and the third 1 alone.
    assert worst.synergy == near(12 - 9)
    assert worst.allocation.exported == near(0.0)


def test_worst_sets_need_not_be_nested(swaps):
    worst = ro.worst_case(swaps, k=2)
    assert worst.curve["attack"].tolist() == [("big",), ("left", "right")]
    assert worst.curve["in"].iloc[1] == ("left", "right")
    assert worst.curve["out"].iloc[1] == ("big",)
    assert worst.synergy == near(10.0)  # neither hurts alone
    assert "in place of big" in worst.summary()
    assert str(worst) == worst.summary()


def test_netback_counts_money(three):
    worst = ro.worst_case(three, measure="netback")
    base = ro.allocate(three)
    lost = {leg: base.netback - ro.allocate(three, close=[leg]).netback for leg in three.legs}
    assert worst.lost == near(max(lost.values()))
    assert worst.attack == (max(lost, key=lost.get),)
    assert worst.unit == "USD/y"
    assert np.isnan(worst.curve["share"]).all()
    assert "bn" in repr(worst)


def test_economic_operator(three):
    poor = three.override({"price": "25 USD/t"})  # c does not pay
    found = ro.worst_case(poor, 2, economic=True)
    assert found.exported == near(11.0)
    assert found.attack == ("a", "b")
    assert found.lost == near(11.0)
    assert found.allocation.exported == near(0.0)
    assert ro.worst_case(poor, 2).exported == near(12.0)


def test_protected_decisions_are_not_attacked(three):
    assert ro.worst_case(three, protect=["a"]).attack == ("b",)
    assert ro.worst_case(three, protect=["a"]).lost == near(2.0)
    assert ro.worst_case(three, k=5, protect=["a", "c"]).attack == ("b",)


def test_equal_decisions_are_one_and_either_name_protects_it():
    system = network(
        {"one": ("f", "h", {"capacity": "3 Mt/y", "operator": "x"}), "two": ("h", "market")}, {"f": "3 Mt/y"}
    )
    worst = ro.worst_case(system, over=[{"leg": "one"}, {"operator": "x"}])
    assert worst.attack == ("leg one = operator x",)
    with pytest.raises(ro.ScenarioError, match="everything is protected"):
        ro.worst_case(system, over=[{"leg": "one"}, {"operator": "x"}], protect=["operator x"])


@pytest.mark.parametrize("check", [False, True])
def test_budget_and_costs(three, check):
    dear = ro.worst_case(three, budget=3, attack_costs={"a": 3, "b": 2}, enumerate=check)
    assert dear.attack == ("b", "c")  # 2 + 1 for 6; a alone costs 3 and loses 3
    assert dear.lost == near(6.0)
    assert dear.curve.index.tolist() == [3]
    assert dear.curve.index.name == "budget"
    assert ro.worst_case(three, budget=2.5, attack_costs={"a": 2.5, "b": 3}, enumerate=check).attack == ("a",)
    nothing = ro.worst_case(three, budget=0.5, enumerate=check)
    assert (nothing.attack, nothing.lost, nothing.ties, nothing.gap) == ((), 0.0, ((),), 0.0)
    assert "nothing" in repr(nothing)


@pytest.mark.parametrize("check", [False, True])
def test_at_most_one_mode_of_a_decision(three, check):
    over = {
        "storm": [{"leg": "a", "availability": "50 %"}, [{"leg": "b"}, {"leg": "c", "availability": "75 %"}]],
        "strike": {"leg": "a"},
    }
    one = ro.worst_case(three, over=over, enumerate=check)
    # Modes lose 12 - (3 + 5 + 4) = 0 and 12 - (6 + 3) = 3; the strike 12 - 9 = 3.
    assert one.lost == near(3.0)
    assert sorted(one.ties) == [("storm (leg b and leg c at 75%)",), ("strike",)]
    both = ro.worst_case(three, 3, over=over, enumerate=check)
    assert both.attack == ("storm (leg b and leg c at 75%)", "strike")
    assert both.lost == near(9.0)


@pytest.mark.parametrize("check", [False, True])
def test_partial_closures_of_one_thing_do_not_add_up(check):
    system = network({"a": ("f", "market", {"capacity": "10 Mt/y"})}, {"f": "10 Mt/y"})
    over = [{"leg": "a", "availability": "40 %"}, {"leg": "a", "availability": "70 %"}]
    worst = ro.worst_case(system, 2, over=over, enumerate=check)
    assert worst.attack == ("leg a at 40%",)  # the smallest holds, the other adds nothing
    assert worst.lost == near(6.0)


@pytest.mark.parametrize("check", [False, True])
def test_moorings_hurt_together(check):
    system = network(
        {"port": ("f", "market", {"capacity": "8 Mt/y",
                                  "components": {"in": "parallel", "m1": "4 Mt/y", "m2": "4 Mt/y", "m3": "4 Mt/y"}})},
        {"f": "8 Mt/y"},
    )  # fmt: skip
    worst = ro.worst_case(system, 2, over="component", enumerate=check)
    assert worst.curve["lost"].tolist() == near([0.0, 4.0])
    assert worst.curve["attack"].iloc[0] == ()
    assert len(worst.ties) == 3
    assert worst.synergy == near(4.0)
    assert worst.ties_complete


def test_stations_in_a_series(three):
    system = network(
        {"line": ("f", "market", {"capacity": "10 Mt/y", "reserved": {"x": "2 Mt/y"},
                                  "components": {"in": "series", "s1": "7 Mt/y", "s2": "5 Mt/y"}})},
        {"f": "20 Mt/y"},
    )  # fmt: skip
    worst = ro.worst_case(system, 2, over="component", enumerate=False)
    assert worst.attack == ("line/s2",)  # the smaller of the two is left, pro rata with what is reserved
    assert worst.lost == near(4.0)


def test_all_ties_are_found_with_and_without_enumeration():
    legs = {name: ("f", "market", {"capacity": "2 Mt/y"}) for name in "abcd"}
    system = network(legs, {"f": "8 Mt/y"})
    for check in (False, True):
        worst = ro.worst_case(system, 2, enumerate=check)
        assert len(worst.ties) == 6
        assert worst.ties_complete
        assert worst.confirmed_by_enumeration is check
        assert worst.proven
    assert "5 more" in repr(worst)
    assert "equally bad" in worst.summary()


def test_a_scenario_holds_besides(three):
    worst = ro.worst_case(three, scenario={"closures": [{"leg": "a"}]})
    assert worst.exported == near(9.0)
    assert worst.attack == ("b",)
    assert worst.lost == near(5.0)
    assert worst.allocation.exported == near(4.0)


def test_a_refinery_first(three):
    system = network(
        {"up": ("f", "h", {"capacity": "10 Mt/y"}), "home": ("h", "r"), "out": ("h", "market", {"capacity": "9 Mt/y"})},
        {"f": "10 Mt/y"}, refineries={"r": {"demand": "4 Mt/y"}},
    )  # fmt: skip
    over = [{"leg": "up", "availability": "50 %"}, {"leg": "home"}, {"leg": "out", "availability": "50 %"}]
    for check in (False, True):
        worst = ro.worst_case(system, over=over, enumerate=check)
        assert worst.exported == near(6.0)
        # Without its line the refinery lacks all 4; out carries 9 of the 10 in its place: three more are exported.
        assert (worst.attack, worst.shortage, worst.lost) == (("leg home",), near(4.0), near(-3.0))
        assert "unmet refinery demand 4.00 Mt/y, 3.00 more exported" in worst.summary()
        assert "unmet refinery demand 4.00 Mt/y" in repr(worst)
        exports = ro.worst_case(system, over=over, enumerate=check, measure="exports")
        # Four of the five that are left stay at home.
        assert (exports.attack, exports.shortage, exports.lost) == (("leg up at 50%",), 0.0, near(5.0))
        # With two, half of up goes as well: 5 are left, home takes none, 4.5 of out carry 4.5: 4 lacking, 1.5 lost.
        both = ro.worst_case(system, 2, over=over, enumerate=check)
        assert (both.attack, both.shortage, both.lost) == (("leg home", "leg out at 50%"), near(4.0), near(1.5))
        assert both.curve["shortage"].tolist() == near([4.0, 4.0])


def test_time_that_runs_out_is_said():
    system = random_system(3, nodes=60, legs=160, plain=True)
    worst = ro.worst_case(system, 4, enumerate=False, time_limit=1e-3)
    assert worst.gap > 0
    assert not worst.proven
    assert not worst.ties_complete
    assert "time ran out" in worst.verification
    assert worst.allocation.exported == near(worst.exported - worst.lost)


def test_enumeration_that_is_needed_and_takes_too_long_is_refused():
    system = random_system(3, nodes=60, legs=160, plain=True)
    with pytest.raises(ro.ScenarioError, match="too many sets to go through in this time"):
        ro.worst_case(system, 4, measure="netback", time_limit=1e-3)


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"k": 0}, "cannot take 0 decisions"),
        ({"k": True}, "cannot take True"),
        ({"k": 1.5}, "cannot take 1.5"),
        ({"over": "legs"}, "did you mean 'leg'"),
        ({"over": []}, "none of these"),
        ({"over": {"x": [{"leg": "zz"}]}}, "over.x.*unknown leg 'zz'"),
        ({"over": 3}, "over needs"),
        ({"measure": "supply"}, "unknown measure 'supply'"),
        ({"measure": "money"}, "unknown measure 'money'"),
        ({"protect": "a"}, "write protect="),
        ({"protect": ["zz"]}, "nothing here is called 'zz'"),
        ({"protect": ["a", "b", "c"]}, "everything is protected"),
        ({"attack_costs": {"a": 1}}, "attack_costs need a budget"),
        ({"attack_costs": {"zz": 1}, "budget": 1}, "nothing here is called 'zz'"),
        ({"attack_costs": {"a": 0}, "budget": 1}, "attack_costs.a: a cost of 0"),
        ({"attack_costs": {"a": float("nan")}, "budget": 1}, "a cost of nan"),
        ({"attack_costs": [1], "budget": 1}, "attack_costs are a mapping"),
        ({"budget": -1}, "a budget of -1"),
        ({"budget": float("inf")}, "a budget of inf"),
        ({"enumerate": "yes"}, "enumerate='yes'"),
        ({"time_limit": 0}, "time limit of 0"),
        ({"measure": "netback", "enumerate": False}, "full enumeration"),
        ({"economic": True, "enumerate": False}, "full enumeration"),
        ({"scenario": "nowhere"}, "unknown scenario"),
    ],
)
def test_bad_input(three, more, match):
    with pytest.raises(ro.ScenarioError, match=match):
        ro.worst_case(three, **more)


def test_one_decision_with_two_costs():
    system = network({"one": ("f", "market", {"capacity": "3 Mt/y", "operator": "x"})}, {"f": "3 Mt/y"})
    over = [{"leg": "one"}, {"operator": "x"}]
    with pytest.raises(ro.ScenarioError, match="several costs"):
        ro.worst_case(system, over=over, budget=2, attack_costs={"leg one": 1, "operator x": 2})


@pytest.mark.parametrize("over", ["leg", "route", "country"])
def test_kazakhstan_as_in_contingencies(kz, over):
    worst = ro.worst_case(kz, 2, over)
    table = ro.contingencies(kz, 2, over, engine="warm")
    assert worst.confirmed_by_enumeration
    assert worst.shortage == near(table.worst["shortage"].iloc[0])
    assert worst.lost == near(table.worst["lost"].iloc[0])
    assert set(worst.ties) <= set(table.worst["elements"])
    assert worst.allocation.exported == near(worst.exported - worst.lost)
    assert worst.curve[["shortage", "lost"]].to_numpy().tolist() == sorted(
        worst.curve[["shortage", "lost"]].to_numpy().tolist()
    )
    exports = ro.worst_case(kz, 2, over, measure="exports")
    assert exports.lost == near(table.table.query("size == 2")["lost"].max())
    assert exports.curve["lost"].is_monotonic_increasing
