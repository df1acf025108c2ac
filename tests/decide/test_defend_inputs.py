"""What defend says when something does not fit."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.small import near, network

LEGS = {
    "line": ("field", "port", {"capacity": "7 kt/d"}),
    "rail": ("field", "hub", {"capacity": "3 kt/d"}),
    "free": ("hub", "port"),
    "old": ("field", "port", {"status": "defunct"}),
    "new": ("field", "port", {"status": "hypothetical", "build": {
        "sizes": ["4 kt/d", "8 kt/d"], "capex": ["1e9 USD", "1.5e9 USD"], "lifetime": "20 y"}}),
    "plain": ("field", "port", {"status": "hypothetical", "build": {"sizes": "2 kt/d"}}),
}  # fmt: skip
NODES = {"hub": {"kind": "terminal", "storage": {"capacity": "50 kt"}}}


def system(**more):
    return network(LEGS, {"field": "10 kt/d"}, markets=("port",), units={"flow": "kt/d"}, nodes=NODES, **more)


def known():
    from routeopt.scenario import Scenario

    names = {"bigger": {"override": {"legs.line.capacity": "9 kt/d"}}, "shut": {"closures": [{"leg": "line"}]}}
    return system().with_scenarios({name: Scenario.model_validate(data) for name, data in names.items()})


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "there is nothing to choose from"),
        ({}, "there is nothing to choose from"),
        (7, "options are data, not int"),
        ([7], r"options\.0: an option is a name or a mapping, not int"),
        ({"a": "new"}, r"options\.a: an option is a mapping, not 'new'"),
        ("nev", r"options\.0: there is no scenario 'nev'.*did you mean 'new'"),
        ("line", r"leg 'line' has no sizes to build.*'protect': 'line'"),
        ({"a": {"biuld": {"line": "1 kt/d"}}}, r"options\.a\.biuld: unknown key 'biuld'; did you mean 'build'"),
        ({"a": {}}, r"options\.a: changes nothing and protects nothing"),
        ({"a": {"build": {"nix": "1 kt/d"}}}, r"options\.a\.build\.nix: unknown leg 'nix'"),
        ({"a": {"build": {"old": "1 kt/d"}}}, r"options\.a\.build\.old: 'old' is defunct"),
        ({"a": {"build": {"new": "9 kt/d"}}}, r"options\.a\.build\.new: 'new' cannot be built at 9 kt/d"),
        ({"a": {"reopen": ["old"]}}, "'old' is defunct"),
        ({"a": {"override": {"legs.nix.capacity": "1 kt/d"}}}, r"options\.a\.override\.legs\.nix"),
        ({"a": {"override": {"nodes.hub.storage.capacity": "90 kt"}}}, r"only over a horizon.*stress_test"),
        ({"a": {"extends": "shut"}}, "an option cannot bring closures"),
        ({"a": {"protect": "nix"}}, r"options\.a\.protect: there is no decision 'nix' that could be protected"),
        ({"a": {"protect": "liné"}}, "did you mean 'line'"),
        ({"a": {"protect": 3}}, r"options\.a\.protect: names what cannot be attacked"),
        ({"a": {"protect": [3]}}, r"options\.a\.protect: names what cannot be attacked"),
        ({"a": {"protect": {"line": "half"}}}, r"options\.a\.protect\.line: 'half' is no share"),
        ({"a": {"protect": {"line": True}}}, "True is no share"),
        ({"a": {"protect": {"line": "50 kt"}}}, "'50 kt' is no share"),
        ({"a": {"protect": {"line": 0}}}, "an attack cannot leave 0"),
        ({"a": {"protect": {"line": "120 %"}}}, "an attack cannot leave 120 %"),
        ({"a": {"protect": {"free": "50 %"}}}, r"options\.protect\.free: .*no capacity of which a part"),
        ({"a": {"protect": "line", "cost": -1}}, r"options\.a\.cost: cannot cost -1"),
        ({"a": {"protect": "line", "cost": float("nan")}}, "cannot cost nan"),
        ({"a": {"protect": "line", "cost": True}}, "True is no cost"),
        ({"a": {"protect": "line", "cost": "1e9 USD"}}, "a cost is money a year, not USD"),
        ({"a": {"protect": "line", "cost": "cheap"}}, "is not a number with a unit"),
        ({"a": {"protect": "line", "excludes": "b"}}, r"options\.a\.excludes: unknown option 'b'"),
        ([{"protect": "line"}, {"protect": "line"}], "two options are called 'protect line'"),
        (
            {"a": {"protect": "line", "cost": 2}, "b": {"protect": "rail", "cost": "3 USD/y"}},
            "'a' costs points and 'b' costs money",
        ),
    ],
)
def test_options_that_do_not_fit(options, says):
    with pytest.raises(ro.ScenarioError, match=says):
        ro.defend(known(), 1, options, max_options=1)


def test_all_mistakes_at_once():
    options = {"a": {"protect": {"line": 0}}, "b": {"nix": 1}, "c": {"build": {"nix": "1 kt/d"}}}
    with pytest.raises(ro.ScenarioError) as found:
        ro.defend(system(), 1, options, max_options=1)
    assert [problem.path[:2] for problem in found.value.problems] == [("options", name) for name in "abc"]


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"k": 0, "max_options": 1}, "cannot attack with 0 decisions"),
        ({"k": True, "max_options": 1}, "cannot attack with True"),
        ({"k": 1.5, "max_options": 1}, "cannot attack with 1.5"),
        ({}, "neither how many options nor what they may cost"),
        ({"max_options": -1}, "cannot choose -1 options"),
        ({"max_options": True}, "cannot choose True options"),
        ({"budget": -1}, "cannot spend -1"),
        ({"budget": float("nan")}, "cannot spend nan"),
        ({"budget": True}, "True is no budget"),
        ({"budget": [1]}, "is no budget"),
        ({"budget": "3 kt/d"}, "a budget is money a year, not kt/d"),
        ({"budget": "5e9 USD"}, "a budget is money a year, not USD"),
        ({"budget": "5e9 USD/y"}, r"no cost in money is known of plain 2 kt/d, protect line"),
        ({"max_options": 1, "method": "cgc"}, "unknown method 'cgc'; did you mean 'ccg'"),
        ({"max_options": 1, "measure": "volumes"}, "unknown measure 'volumes'; did you mean 'volume'"),
        ({"max_options": 1, "measure": "netback", "method": "ccg"}, "columns are generated for exports only"),
        ({"max_options": 1, "over": "legs"}, "did you mean 'leg'"),
        ({"max_options": 1, "over": "chokepoint"}, "no chokepoint"),
        ({"max_options": 1, "over": 3}, "over needs a kind or closures"),
        ({"max_options": 1, "scenario": "nix"}, "unknown scenario 'nix'"),
        ({"max_options": 1, "over": [{"leg": "line", "availability": "60 %"}, {"leg": "rail"}]}, "no decision 'line'"),
    ],
)
def test_limits_that_do_not_fit(how, says):
    how = {"k": 1, **how}
    with pytest.raises(ro.InputError, match=says):
        ro.defend(system(), how.pop("k"), ["new", "plain", {"protect": "line"}], **how)


def test_a_protection_must_leave_more_than_the_attack():
    over = [{"leg": "line", "availability": "60 %"}]
    with pytest.raises(ro.ScenarioError, match="leaves 60 % already"):
        ro.defend(system(), 1, {"a": {"protect": {"leg line at 60%": "50 %"}}}, max_options=1, over=over)
    name = ro.defend(system(), 1, {"new": {"build": {"new": "4 kt/d"}}}, max_options=0, over=over).attack[0]
    found = ro.defend(system(), 1, {"a": {"protect": {name: "80 %"}}}, max_options=1, over=over)
    assert (found.lost, found.undefended) == (near(1.4), near(2.8))


def test_too_much_to_try(monkeypatch):
    import importlib

    defend, defence_budget, defence_adversary = (
        importlib.import_module(f"routeopt.decide.defence.{name}") for name in ("defend", "budget", "adversary")
    )
    options = {f"o{i}": {"build": {"line": f"{i + 1} kt/d"}} for i in range(6)} | {"p": {"protect": "rail"}}
    monkeypatch.setattr(defend, "MOST_CHOICES", 5)
    with pytest.raises(ro.ScenarioError, match=r"more than 5 choices; write method='ccg'"):
        ro.defend(system(), 1, options, max_options=2, method="enumeration")
    monkeypatch.undo()
    monkeypatch.setattr(defence_budget, "MOST_SUBSETS", 3)
    with pytest.raises(ro.ScenarioError, match=r"6 options act on the same things"):
        ro.defend(system(), 1, options, max_options=2, method="ccg")
    monkeypatch.undo()
    monkeypatch.setattr(defence_adversary, "MOST_ATTACKS", 3)
    with pytest.raises(ro.ScenarioError, match=r"3 decisions make 4 attacks of up to 1"):
        ro.defend(system(), 1, options, max_options=1)


def test_costs_are_read_in_their_unit():
    options = {"a": {"protect": "line", "cost": "365e6 USD/y"}, "b": {"protect": "rail", "cost": "1e6 USD/d"}}
    found = ro.defend(system(), 1, {**options, "new": {"build": {"new": "4 kt/d"}}}, budget="400e6 USD/y")
    assert found.cost_unit == "USD/y"
    assert found._search.budget.costs == (near(365e6), near(365e6), near(50e6))
    points = ro.defend(system(), 1, {"a": {"protect": "line", "cost": 2}, "b": {"protect": "rail"}}, budget=2)
    assert (points.cost_unit, points._search.budget.costs, points._search.budget.note) == (
        "points", (2.0, 1.0), "one point each: b")  # fmt: skip


def test_options_that_exclude_each_other():
    options = {"a": {"protect": "line", "excludes": "b"}, "b": {"protect": "rail"}, "c": {"protect": "free"}}
    tried = {frozenset(names) for names in ro.defend(system(), 1, options, max_options=3).table["defence"]}
    assert tried == {frozenset(names) for names in ((), "a", "b", "c", "ac", "bc")}
    same = {
        "x": {"override": {"legs.line.capacity": "8 kt/d"}},
        "y": {"override": {"legs": {"line": {"capacity": "9 kt/d"}}}},
    }
    assert len(ro.defend(system(), 1, same, max_options=2).table) == 3


def test_names_of_scenarios_and_legs_stand_for_what_they_bring():
    found = ro.defend(known(), 1, ["bigger", "new"], max_options=1)
    assert set(found.table["defence"]) == {(), ("bigger",), ("new 4 kt/d",), ("new 8 kt/d",)}
    at_once = ro.defend(known(), 1, "bigger", max_options=1, scenario="shut", over=[{"leg": "rail"}])
    assert at_once.target == near(3)


def test_options_in_a_list_are_called_after_what_they_do():
    options = [
        {"build": {"line": "1 kt/d"}, "protect": ["line", "rail"]}, {"reopen": "plain"},
        {"override": {"legs.line.capacity": "8 kt/d"}}, {"override": {"legs.line.capacity": "9 kt/d"}},
        {"override": {"legs": {"rail": {"capacity": "4 kt/d"}}}}, {"extends": "bigger"},
    ]  # fmt: skip
    found = ro.defend(known(), 1, options, max_options=1)
    assert {names[0] for names in found.table["defence"] if names} == {
        "line 1 kt/d + protect line + protect rail", "reopen plain", "legs.line.capacity 8 kt/d",
        "legs.line.capacity 9 kt/d", "legs.rail.capacity", "bigger",
    }  # fmt: skip


NONSENSE = [
    (key, value)
    for key in ("build", "reopen", "override", "extends", "protect", "cost", "excludes")
    for value in (3, "line", [3], {"line": 3}, [["line"]], True, {"line": None})
    if value != "line" or key not in ("protect", "reopen")
]


@pytest.mark.parametrize(("key", "value"), NONSENSE)
def test_any_nonsense_in_an_option_is_an_input_error(key, value):
    for options in ([{key: value}], {"a": {key: value}}):
        with pytest.raises(ro.InputError) as found:
            ro.defend(known(), 1, options, max_options=1)
        assert found.value.problems[0].path[:1] == ("options",)
