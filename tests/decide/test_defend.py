"""defend: known answers, what the table says, and what must hold for every defence."""

from __future__ import annotations

import itertools
import random

import pytest

import routeopt as ro
from helpers.defences import drawn_options
from helpers.small import near, network
from routeopt.testing import random_system

UNITS = {"flow": "kt/d"}
BOTH = pytest.mark.parametrize("method", ["enumeration", "ccg"])


def two_ways():
    """One field has one line; another, larger one has two lines of which one is enough."""
    legs = {
        "alone": ("small", "market", {"capacity": "10 kt/d"}),
        "first": ("large", "market", {"capacity": "16 kt/d"}),
        "second": ("large", "market", {"capacity": "16 kt/d"}),
    }
    return network(legs, {"small": "10 kt/d", "large": "16 kt/d"}, units=UNITS)


def line_and_rail(**more):
    legs = {
        "line": ("field", "port", {"capacity": "7 kt/d"}),
        "rail": ("field", "port", {"capacity": "3 kt/d"}),
        "new": (
            "field",
            "port",
            {
                "status": "hypothetical",
                "build": {
                    "sizes": ["4 kt/d", "8 kt/d"],
                    "capex": ["1e9 USD", "1.5e9 USD"],
                    "discount_rate": "10 %",
                    "lifetime": "20 y",
                },
            },
        ),
    }
    return network(legs, {"field": "10 kt/d"}, markets=("port",), units=UNITS, **more)


@BOTH
def test_best_defences_are_not_nested(method):
    # One attack: "alone" is all that can hurt (10). Two: both lines of the large field (16), so one of these is first.
    found = ro.defend(
        two_ways(), 3, [{"protect": leg} for leg in ("alone", "first", "second")], max_options=1, method=method
    )
    assert found.by_k["defence"].tolist() == [(), ("protect alone",), ("protect first",), ("protect first",)]
    assert found.by_k["lost"].tolist() == near([0, 0, 10, 10])
    assert found.by_k["undefended"].tolist() == near([0, 10, 16, 26])
    assert found.by_k["nested"].tolist() == [True, True, False, True]
    assert found.by_k["attack"].tolist() == [(), (), ("alone",), ("alone",)]
    assert found.ties == (("protect second",),)
    assert "not nested" in found.summary()


@BOTH
def test_what_no_longer_helps_is_not_called_unnested(method):
    # Against two decisions nothing helps: what was best against one is as good as nothing.
    options = [{"build": {"rail": "4 kt/d"}}, {"build": {"line": "1 kt/d"}}]
    found = ro.defend(line_and_rail(), 2, options, max_options=1, method=method)
    assert found.by_k["defence"].tolist() == [(), ("rail 4 kt/d",), ()]
    assert found.by_k["nested"].tolist() == [True, True, True]
    assert "not nested" not in found.summary()


@BOTH
def test_two_protections_leave_nothing_to_attack(method):
    found = ro.defend(
        two_ways(), 2, [{"protect": leg} for leg in ("alone", "first", "second")], max_options=2, method=method
    )
    assert (found.chosen, found.lost, found.attack) == (("protect alone", "protect first"), near(0), ())


@BOTH
def test_builds_can_be_attacked_and_pay_their_capital(method):
    # 8 new: line or rail or new can go, the rest carries 10 unless new goes: then 10 as before. 4 new: 7 without line.
    found = ro.defend(line_and_rail(), 1, "new", budget="1e12 USD/y", method=method)
    assert (found.chosen, found.lost) == (("new 8 kt/d",), near(0))
    crf = 0.1 / (1 - 1.1**-20)
    assert found.cost == near(1.5e9 * crf)
    assert found.cost_unit == "USD/y"
    cheaper = ro.defend(line_and_rail(), 1, "new", budget=1.2e9 * crf, method=method)
    assert (cheaper.chosen, cheaper.lost, cheaper.attack) == (("new 4 kt/d",), near(3), ("line",))
    twice = ro.defend(line_and_rail(), 2, "new", max_options=2, method=method)
    # Line and new: only the rail is left, at either size. Sizes exclude each other.
    assert (twice.chosen, twice.lost, twice.undefended) == (("new 4 kt/d",), near(7), near(10))
    assert len(twice.by_k) == 3


@BOTH
def test_partial_protection_leaves_a_mode(method):
    options = {"walls": {"protect": {"line": "60 %"}}, "guards": {"protect": "rail"}}
    found = ro.defend(line_and_rail(), 2, options, max_options=1, method=method)
    # Walls: the adversary takes the line down to 4.2 and the rail: 5.8 lost. Guards: the line: 7 lost.
    assert (found.chosen, found.lost) == (("walls",), near(5.8))
    assert found.attack == ("line (60 % left)", "rail")
    assert found.by_k.loc[1, "lost"] == near(3.0)  # the rail, since 40 % of the line are 2.8


@BOTH
def test_a_defence_may_do_better_than_the_base(method):
    legs = {"line": ("field", "port", {"capacity": "7 kt/d"})}
    system = network(legs, {"field": "10 kt/d"}, markets=("port",), units=UNITS)
    found = ro.defend(
        system, 1, {"more": {"build": {"line": "2 kt/d"}, "protect": "line"}}, max_options=1, method=method
    )
    assert (found.target, found.lost, found.undefended) == (near(7), near(-2), near(7))
    assert found.table.loc[1, "no_attack"] == near(9)


@BOTH
def test_options_that_only_help_together(method):
    # A berth is worth nothing without the pipe behind it, and the pipe nothing without a berth.
    legs = {
        "line": ("field", "port", {"capacity": "5 kt/d", "components": {"in": "parallel", "one": "5 kt/d"}}),
        "rail": ("field", "port", {"capacity": "4 kt/d"}),
    }
    system = network(legs, {"field": "12 kt/d"}, markets=("port",), units=UNITS)
    options = {
        "pipe": {"override": {"legs.line.capacity": "9 kt/d"}},
        "berth": {"override": {"legs.line.components.two": "6 kt/d"}},
        "walls": {"protect": {"leg rail": "50 %"}},
    }
    found = ro.defend(system, 1, options, max_options=2, over=[{"leg": "rail"}], method=method)
    assert (found.chosen, found.lost) == (("berth", "pipe"), near(0))
    one = ro.defend(system, 1, options, max_options=1, over=[{"leg": "rail"}], method=method)
    assert (one.chosen, one.lost, one.over) == (("walls",), near(2), "closure")


@BOTH
def test_protecting_one_of_two_names_protects_nothing(method):
    legs = {"line": ("field", "hub"), "out": ("hub", "port", {"countries": ["BB", "CC"]}), "by": ("field", "port")}
    system = network({**legs, "by": ("field", "port", {"capacity": "2 kt/d", "countries": ["DD"]})},
                     {"field": "10 kt/d"}, markets=("port",), units=UNITS)  # fmt: skip
    options = {"bb": {"protect": "BB"}, "cc": {"protect": "CC"}, "all": {"protect": "BB = CC", "cost": 3}}
    one = ro.defend(system, 1, options, over="country", max_options=1, method=method)
    assert (one.chosen, one.lost) == (("all",), near(0))
    two = ro.defend(system, 1, options, over="country", budget=2, method=method)
    assert (two.chosen, two.lost) == (("bb", "cc"), near(0))
    assert ro.defend(system, 1, options, over="country", budget=1, method=method).lost == near(8)


@BOTH
def test_refineries_come_first(method):
    # What is built to the refinery takes from exports: the operator serves it first, whatever that does to the loss.
    legs = {
        "out": ("field", "port", {"capacity": "8 kt/d"}),
        "home": ("field", "plant", {"capacity": "2 kt/d"}),
        "other": ("field", "port", {"capacity": "8 kt/d"}),
    }
    system = network(legs, {"field": "12 kt/d"}, markets=("port",), refineries={"plant": {"demand": "5 kt/d"}},
                     units=UNITS)  # fmt: skip
    options = {"home": {"build": {"home": "3 kt/d"}}, "keep": {"protect": "out"}}
    found = ro.defend(system, 1, options, max_options=2, method=method, measure="exports")
    # Base: 2 at home, 10 abroad. One way closed: 8 are left.
    assert (found.chosen, found.lost) == ((), near(2))
    assert found.by_k.loc[0, "lost"] == near(0)
    assert found._search.lost((0,), 0) == pytest.approx(3.0)


def test_refineries_come_first_for_adversary_and_defender():
    legs = {
        "out": ("field", "port", {"capacity": "8 kt/d"}),
        "home": ("field", "plant", {"capacity": "2 kt/d"}),
        "other": ("field", "port", {"capacity": "8 kt/d"}),
    }
    system = network(legs, {"field": "12 kt/d"}, markets=("port",), refineries={"plant": {"demand": "5 kt/d"}},
                     units=UNITS)  # fmt: skip
    options = {"home": {"build": {"home": "3 kt/d"}}, "keep": {"protect": "out"}, "walls": {"protect": "home"}}
    # Base: the plant gets 2 of 5, 10 go abroad. Home closed: it lacks 2 more, and all 12 go abroad.
    nothing = ro.defend(system, 1, options, max_options=0)
    assert (nothing.attack, nothing.shortage, nothing.lost) == (("home",), near(2), near(-2))
    assert "unmet refinery demand 2.00 kt/d, 2.00 more exported" in nothing.summary()
    one = ro.defend(system, 1, options, max_options=1)
    # Behind walls the plant keeps its 2, and the worst that is left closes one way abroad: 8 of 10.
    assert (one.chosen, one.shortage, one.lost) == (("walls",), 0.0, near(2))
    assert (one.undefended_shortage, one.undefended) == (near(2), near(-2))
    two = ro.defend(system, 1, options, max_options=2)
    # A wider line behind walls: the plant has its 5, 3 more than in the base; 7 go abroad whatever else is closed.
    assert (two.chosen, two.shortage, two.lost) == (("home", "walls"), near(-3), near(3))
    assert two.by_k.loc[0, ["shortage", "lost"]].tolist() == near([-3, 3])
    assert two.table.loc[1, "defence"] == ("home", "walls")
    with pytest.raises(ro.InputError, match=r"refineries come first.*measure='exports'"):
        ro.defend(system, 1, options, max_options=1, method="ccg")


def test_netback_is_tried_out():
    legs = {
        "cheap": ("field", "port", {"capacity": "6 kt/d", "tariff": "10 USD/t"}),
        "dear": ("field", "port", {"capacity": "20 kt/d", "tariff": "40 USD/t"}),
    }
    system = network(legs, {"field": "10 kt/d"}, markets=("port",), units=UNITS, price="100 USD/t")
    options = {"cheap": {"protect": "cheap"}, "dear": {"protect": "dear"}}
    found = ro.defend(system, 1, options, max_options=1, measure="netback")
    # All goes: netback 6 x 90 + 4 x 60 = 780. Without cheap 10 x 60 = 600; without dear 6 x 90 = 540, kUSD/d.
    assert (found.chosen, found.lost, found.undefended) == (("dear",), near(180e3), near(240e3))
    assert (found.unit, found.target) == ("USD/d", near(780e3))
    assert ro.defend(system, 1, options, max_options=1).lost == near(0)


def test_what_only_changes_losses_is_tried_out():
    system = network({"line": ("field", "port", {"capacity": "7 kt/d", "loss": "10 %"}),
                      "rail": ("field", "port", {"capacity": "3 kt/d"})}, {"field": "10 kt/d"},
                     markets=("port",), units=UNITS)  # fmt: skip
    options = {"tight": {"override": {"legs.line.loss": "0 %"}}, "rail": {"build": {"rail": "2 kt/d"}}}
    found = ro.defend(system, 1, options, max_options=2)
    assert found.method == "enumeration"
    # Base 6.3 + 3. Line lost: 5 of the rail are left. Rail lost: 7, or 6.3.
    assert (found.chosen, found.lost) == (("rail",), near(4.3))
    with pytest.raises(ro.ScenarioError, match=r"'tight' changes losses.*enumeration"):
        ro.defend(system, 1, options, max_options=2, method="ccg")


@pytest.mark.parametrize("seed", range(4))
def test_more_never_hurts_and_larger_attacks_never_help(seed):
    system = random_system(seed, nodes=7, legs=10)
    options = drawn_options(system, seed)
    by_most = [ro.defend(system, 2, options, max_options=most) for most in range(4)]

    def order(found):
        return [(round(s, 6), round(v, 6)) for s, v in found.by_k[["shortage", "lost"]].to_numpy().tolist()]

    for fewer, more in itertools.pairwise(by_most):
        assert all(one <= other for one, other in zip(order(more), order(fewer), strict=True))
    assert by_most[0].lost == by_most[0].undefended
    for found in by_most:
        assert order(found) == sorted(order(found))
        best = found.table[["shortage", "lost"]].round(6).sort_values(["shortage", "lost"]).iloc[0]
        assert order(found)[-1] == (near(best["shortage"]), near(best["lost"]))


@pytest.mark.parametrize("seed", range(3))
def test_protecting_everything_loses_nothing(seed):
    system = random_system(seed, nodes=7, legs=10)
    everything = {"walls": {"protect": [name for name, leg in system.legs.items() if leg.status == "operating"]}}
    for method in ("enumeration", "ccg"):
        found = ro.defend(system, 2, everything, max_options=1, method=method, measure="exports")
        assert found.lost == near(0)
        assert found.attack == ()


@BOTH
def test_order_of_options_does_not_matter(method):
    system = random_system(5, nodes=7, legs=10)
    options = list(drawn_options(system, 5).items())
    first = ro.defend(system, 2, dict(options), max_options=2, method=method, measure="exports")
    for seed in range(2):
        random.Random(seed).shuffle(options)
        again = ro.defend(system, 2, dict(options), max_options=2, method=method, measure="exports")
        assert (again.chosen, again.ties, again.lost) == (first.chosen, first.ties, near(first.lost))


def test_what_is_shown():
    options = ["new", {"protect": "line"}, {"override": {"legs.rail.capacity": "5 kt/d"}}]
    found = ro.defend(line_and_rail(), 2, options, max_options=2)
    assert repr(found).startswith("Defence(")
    text = found.summary()
    assert text == str(found)
    for part in ("4 options", "cost", "all choices tried", "no cost is known of"):
        assert part in text
    table = found.table
    assert list(table.columns) == ["defence", "cost", "shortage", "lost", "saved", "attack", "ties", "no_attack"]
    assert table.index.name == "rank"
    assert len(table) == found.counts.choices
    assert table.loc[1, "defence"] == found.chosen
    assert (table["saved"] == found.undefended - table["lost"]).all()
    generated = ro.defend(line_and_rail(), 2, options, max_options=2, method="ccg")
    assert "columns and constraints" in generated.summary()
    assert generated.method == "column-and-constraint"
    assert generated.counts.mips_solved > 0
    assert 0 <= generated.gap <= 1e-6


def test_kazakhstan_against_allocations():
    kz = ro.load("kazakhstan")
    found = ro.defend(kz, 2, ["tcop", "tankers"], over="route", max_options=1)
    base = ro.allocate(kz).exported
    assert found.target == near(base)
    assert found.undefended == near(ro.contingencies(kz, 2, "route").table["lost"].max())
    for _, row in found.table.iterrows():
        options = {"tankers": {"reopen": ["aktau-baku-new"]}}
        for name in row["defence"]:
            scenario = dict(options.get(name) or {"build": {"tcop": name.removeprefix("tcop ")}})
            scenario["closures"] = [{"route": route} for route in row["attack"]]
            assert base - ro.allocate(kz, scenario).exported == near(row["lost"])
