"""From what a caller writes to one flat scenario, and what is wrong with it."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.small import near, network
from routeopt.scenario import Scenario
from routeopt.scenario.resolve import check_scenario, flatten, resolve

PARTS = {"in": "parallel", "one": "4 Mt/y", "two": "4 Mt/y"}


@pytest.fixture
def system():
    """A leg with everything that a closure can name, one without a capacity, one that is planned, one that is gone."""
    return network(
        {
            "main": (
                "f",
                "port",
                {
                    "capacity": "8 Mt/y",
                    "components": PARTS,
                    "countries": ["XX"],
                    "operator": "op",
                    "tags": ["storm"],
                    "chokepoints": ["strait"],
                },
            ),
            "free": ("port", "market"),
            "plan": (
                "f",
                "market",
                {
                    "status": "hypothetical",
                    "build": {
                        "sizes": ["10 Mt/y", "20 Mt/y"],
                        "capex": ["1e9 USD", "2e9 USD"],
                        "discount_rate": "8 %",
                        "lifetime": "25 y",
                    },
                },
            ),
            "gone": ("f", "market", {"status": "defunct"}),
            "asleep": ("f", "market", {"status": "idle"}),
        },
        {"f": {"output": "10 Mt/y", "country": "KZ"}},
        exporter="KZ",
        groups={"berths": {"capacity": "9 Mt/y", "legs": ["main"]}},
        routes={"by-sea": {"metering_legs": ["free"]}, "others": {"metering_legs": ["plan", "asleep"]}},
    )


def scenarios(**named):
    return {name: Scenario.model_validate(data) for name, data in named.items()}


# -- extends


def test_closures_add_and_other_keys_replace():
    known = scenarios(
        base={"closures": [{"leg": "a"}], "build": {"x": "1 Mt/y", "y": "1 Mt/y"}, "tariffs": {"a": "+1 USD/t"},
              "reopen": ["o"], "tags": ["t"], "probability": "5 %"},
        more={"extends": "base", "closures": [{"leg": "b"}, {"leg": "a"}], "build": {"y": "2 Mt/y"},
              "tariffs": {"b": "+2 USD/t"}, "reopen": ["p"], "tags": ["u"], "probability": "1 %"},
    )  # fmt: skip
    flat = flatten("more", known)
    assert [closure.leg for closure in flat.closures] == ["a", "b"]  # the same closure counts once
    assert {leg: str(size) for leg, size in flat.build.items()} == {"x": "1 Mt/y", "y": "2 Mt/y"}
    assert flat.tariffs == {"a": "+1 USD/t", "b": "+2 USD/t"}
    assert (flat.reopen, flat.tags) == (("o", "p"), ("t", "u"))
    assert str(flat.probability) == "1 %"
    assert flat.extends == ()


def test_overrides_merge_down_to_the_single_value():
    known = scenarios(
        base={"override": {"legs": {"a": {"capacity": "1 Mt/y", "tariff": {"value": "5 USD/t", "high": 9}}}}},
        more={"extends": ["base"], "override": {"legs": {"a": {"tariff": {"value": "6 USD/t"}}, "b": {"loss": "1 %"}}}},
    )
    assert flatten("more", known).override == {
        "legs": {"a": {"capacity": "1 Mt/y", "tariff": {"value": "6 USD/t"}}, "b": {"loss": "1 %"}}
    }


def test_several_parents_and_grandparents_in_order():
    known = scenarios(
        top={"closures": [{"leg": "a"}], "tariffs": {"a": "1 USD/t"}},
        left={"extends": "top", "closures": [{"leg": "b"}], "tariffs": {"a": "2 USD/t"}},
        right={"extends": "top", "closures": [{"leg": "c"}], "tariffs": {"b": "3 USD/t"}},
        both={"extends": ["left", "right"]},
    )
    flat = flatten("both", known)
    assert [closure.leg for closure in flat.closures] == ["a", "b", "c"]
    assert flat.tariffs == {"a": "1 USD/t", "b": "3 USD/t"}  # right comes last and brings the 1 of top


def test_circles_are_named():
    known = scenarios(a={"extends": "b"}, b={"extends": "c"}, c={"extends": "a"})
    with pytest.raises(ro.ScenarioError, match="a -> b -> c -> a"):
        flatten("a", known)
    with pytest.raises(ro.ScenarioError, match="extends itself: x -> x"):
        flatten("x", scenarios(x={"extends": "x"}))


def test_unknown_parents_get_a_suggestion():
    with pytest.raises(ro.ScenarioError, match="unknown scenario 'bse'; did you mean 'base'"):
        flatten("more", scenarios(base={}, more={"extends": "bse"}))


def test_merged_dates_must_fit_together():
    known = scenarios(
        base={"closures": [{"leg": "a", "from": "2025-01-01", "to": "2025-02-01"}]},
        more={"extends": "base", "horizon": {"start": "2026-01-01", "end": "2026-02-01"}},
    )
    with pytest.raises(ro.ScenarioError, match="outside the horizon"):
        flatten("more", known)


# -- what a caller may give


def test_names_data_and_closures_inline_come_to_the_same(system):
    named = system.with_scenarios(scenarios(shut={"closures": [{"leg": "main"}]}))
    wanted = Scenario.model_validate({"closures": [{"leg": "main"}]})
    assert resolve(named, "shut") == resolve(named, {"extends": "shut"}) == wanted
    assert resolve(system, close=["main"]) == resolve(system, close="main") == wanted
    assert resolve(system, close={"leg": "main"}) == resolve(system, wanted) == wanted
    assert resolve(system) == Scenario()


def test_inline_adds_to_a_named_scenario(system):
    named = system.with_scenarios(scenarios(shut={"closures": [{"leg": "main"}], "build": {"plan": "10 Mt/y"}}))
    flat = resolve(named, "shut", close=["free"], build={"plan": "20 Mt/y"})
    assert [closure.leg for closure in flat.closures] == ["main", "free"]
    assert str(flat.build["plan"]) == "20 Mt/y"


@pytest.mark.parametrize("nonsense", [3, 4.5, [1], ["main"], object()])
def test_what_is_no_scenario(system, nonsense):
    with pytest.raises(ro.ScenarioError):
        resolve(system, nonsense)


@pytest.mark.parametrize("nonsense", [3, [3], [None], [["main"]]])
def test_what_is_no_closure(system, nonsense):
    with pytest.raises(ro.ScenarioError):
        resolve(system, close=nonsense)


# -- what does not fit the system


@pytest.mark.parametrize(
    ("closure", "message"),
    [
        ({"leg": "mian"}, "unknown leg 'mian'; did you mean 'main'"),
        ({"node": "prt"}, "unknown node 'prt'; did you mean 'port'"),
        ({"group": "berth"}, "unknown group 'berth'; did you mean 'berths'"),
        ({"route": "by-see"}, "unknown route 'by-see'; did you mean 'by-sea'"),
        ({"country": "XY"}, "unknown country 'XY'; country names here: KZ, XX"),
        ({"chokepoint": "straits"}, "unknown chokepoint 'straits'; did you mean 'strait'"),
        ({"operator": "opp"}, "unknown operator 'opp'; did you mean 'op'"),
        ({"tag": "strom"}, "unknown tag 'strom'; did you mean 'storm'"),
        ({"commodity": "crud"}, "unknown commodity 'crud'; did you mean 'crude'"),
        ({"leg": "main", "commodity": "crud"}, "unknown commodity 'crud'"),
        ({"leg": "main", "component": "on"}, "unknown component 'on'; did you mean 'one'"),
        ({"leg": "free", "component": "one"}, "leg 'free' has no components"),
        ({"country": "KZ"}, "country 'KZ' closes nothing"),  # only a field lies there
        ({"leg": "free", "availability": "50 %"}, "no capacity of which a part could be closed"),
        ({"node": "f", "commodity": "crude"}, "has no legs to close to 'crude'"),
        ({"leg": "by-sea"}, "there is a route of that name"),
    ],
)
def test_closures_that_name_nothing(system, closure, message):
    with pytest.raises(ro.ScenarioError, match=message):
        resolve(system, close=[closure])


@pytest.mark.parametrize(
    ("closure", "message"),
    [
        ({}, "closes nothing; name one of"),
        ({"leg": "main", "node": "port"}, "names leg and node"),
        ({"component": "one"}, "a component belongs to a leg"),
        ({"leg": "main", "component": "one", "commodity": "crude"}, "cannot be closed to one commodity"),
        ({"leg": "main", "availability": "120 %"}, "more than the whole"),
        ({"leg": "main", "from": "2025-03-02", "to": "2025-03-01"}, "not after it starts"),
        ({"leg": "main", "from": "2025-02-29"}, "2025 is no leap year"),
        ({"leg": "main", "from": "2.3.2025"}, "needs a date"),
        ({"leg": "main", "avalability": "5 %"}, "did you mean 'availability'"),
    ],
)
def test_closures_that_contradict_themselves(system, closure, message):
    with pytest.raises(ro.ScenarioError, match=message):
        resolve(system, close=[closure])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"build": {"plna": "10 Mt/y"}}, "build.plna: unknown leg 'plna'; did you mean 'plan'"),
        ({"build": {"plan": "25 Mt/y"}}, "cannot be built at 25 Mt/y; studied from 10 Mt/y to 20 Mt/y"),
        ({"build": {"plan": "5 Mt/y"}}, "cannot be built at 5 Mt/y"),
        ({"build": {"plan": "100 kb/d"}}, "'plan' counts in tonnes, not in kb/d"),
        ({"build": {"asleep": "100 kb/d"}}, "'asleep' counts in tonnes, not in kb/d"),
        ({"build": {"free": "1 Mt/y"}}, "'free' has no limit to which 1 Mt/y could be added"),
        ({"build": {"gone": "1 Mt/y"}}, "'gone' is defunct"),
        ({"reopen": ["gone"]}, "reopen.0: 'gone' is defunct"),
        ({"reopen": ["aslep"]}, "unknown leg 'aslep'; did you mean 'asleep'"),
        ({"tariffs": {"mian": "+6 USD/t"}}, "tariffs.mian: unknown leg 'mian'; did you mean 'main'"),
        ({"tariffs": {"main": "six"}}, "tariffs.main: 'six' is not a number"),
        ({"tariffs": {"main": "6 Mt/y"}}, "Mt/y does not measure a price"),
        ({"tariffs": {"main": "+1 USD/bbl"}}, "needs barrels_per_tonne of crude; give the price in USD/t"),
        ({"override": {"legs.mian.tariff": "1 USD/t"}}, "override.legs.mian: there is no 'mian' in legs"),
        ({"override": {"legs.main.capacity": "much"}}, "override.legs.main.capacity"),
    ],
)
def test_other_changes_that_do_not_fit(system, data, message):
    with pytest.raises(ro.ScenarioError, match=message):
        resolve(system, data)


def test_all_mistakes_are_told_at_once(system):
    data = {"closures": [{"leg": "x"}, {"tag": "y"}], "build": {"z": "1 Mt/y"}, "reopen": ["w"]}
    with pytest.raises(ro.ScenarioError) as caught:
        resolve(system, data)
    assert [problem.path for problem in caught.value.problems] == [
        ("closures", 0, "leg"), ("closures", 1, "tag"), ("build", "z"), ("reopen", 0),
    ]  # fmt: skip


def test_a_file_may_use_what_the_scenario_it_extends_has_made(system):
    new = {"from": "f", "to": "market", "capacity": "1 Mt/y"}
    known = scenarios(
        wider={"override": {"legs.new": new, "routes.new.metering_legs": ["new"]}, "build": {"plan": "10 Mt/y"}},
        shut={"extends": "wider", "closures": [{"leg": "new"}, {"leg": "plan", "availability": "50 %"}]},
        wrong={"extends": "wider", "closures": [{"leg": "newer"}]},
    )
    (problem,) = check_scenario(system, known)
    assert problem.path == ("scenarios", "wrong", "closures", 0, "leg")
    # Half of what was built is left: 5, and 8 by sea.
    assert ro.allocate(system.with_scenarios(known), "shut").exported == near(10)
    five = {"extends": "shut", "closures": [{"leg": "main"}]}
    assert ro.allocate(system.with_scenarios(known), five).exported == near(5)


def test_mistakes_of_a_parent_are_told_once(system):
    known = scenarios(
        wrong={"override": {"legs.mian.loss": "1 %"}, "build": {"x": "1 Mt/y"}}, child={"extends": "wrong"}
    )
    assert {problem.path[1] for problem in check_scenario(system, known)} == {"wrong"}


# -- notes


def test_notes_say_what_is_not_resolved(system):
    assert ro.allocate(system, close=["main"]).notes == ()
    dated = ro.allocate(system, close=[{"leg": "main", "from": "2025-11-29", "to": "2026-01-25"}])
    assert "dates but the scenario has no horizon" in dated.notes[0]
    horizon = {"start": "2025-11-03", "end": "2026-03-01", "step": "week"}
    closure = {"leg": "main", "from": "2025-12-03", "to": "2025-12-05"}
    with_horizon = ro.allocate(system, {"horizon": horizon, "closures": [closure]})
    assert with_horizon.notes == ()  # weeks break where the closure begins and ends
    horizon = {**horizon, "step": None, "period_starts": ["2025-12-01", "2025-12-08"]}
    with_horizon = ro.allocate(system, {"horizon": horizon, "closures": [closure]})
    assert with_horizon.notes == (
        "periods of 7 days blur the 2 days of a closure (leg main); with step: day tanks would fill",
    )
    assert with_horizon.summary().count("note: ") == 1
    daily = ro.allocate(system, {"horizon": {**horizon, "step": "day", "period_starts": []}, "closures": [closure]})
    assert daily.notes == ()


def test_notes_say_what_stays_open(system):
    part = ro.allocate(system, close=[{"node": "port", "availability": "50 %"}])
    assert any("free" in note and "stay open" in note for note in part.notes)
    assert part.exported == near(4)
    embargo = ro.allocate(system, close=[{"commodity": "crude", "availability": "50 %"}])
    assert any("free" in note and "stay open" in note for note in embargo.notes)
