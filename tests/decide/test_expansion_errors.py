"""Each bad question is refused, and the message says what to write instead."""

import pytest

import routeopt as ro
from helpers.small import network

DATA = {"leg": "rail", "sizes": ["2 Mt/y"], "capex": ["1e8 USD"], "lifetime": "10 y"}


def small():
    system = network(
        {
            "line": ("field", "hub", {"capacity": "10 Mt/y"}),
            "ship": ("hub", "port", {"tariff": "1 USD/t"}),
            "rail": ("field", "port", {"capacity": "1 Mt/y", "tariff": "40 USD/t"}),
            "old": ("field", "port", {"status": "defunct", "capacity": "1 Mt/y"}),
            "new": ("field", "port", {"status": "hypothetical", "build": {
                "sizes": ["2 Mt/y", "5 Mt/y"], "capex": ["1e8 USD", "2e8 USD"], "lifetime": "10 y"}}),
            "free": ("field", "port", {"status": "hypothetical", "build": {"sizes": "2 Mt/y"}}),
        },
        {"field": "12 Mt/y"}, markets=["port"], price="100 USD/t",
    )  # fmt: skip
    return system.with_scenarios(
        {
            "shut": ro.Scenario.model_validate({"closures": [{"leg": "line"}]}),
            "shut-with-new": ro.Scenario.model_validate({"closures": [{"leg": "line"}], "build": {"new": "2 Mt/y"}}),
            "sure": ro.Scenario.model_validate({"closures": [{"leg": "line"}], "probability": "100 %"}),
        }
    )


SHUT = {"shut": 0.1}


@pytest.mark.parametrize(
    ("options", "scenarios", "more", "words"),
    [
        ("neww", SHUT, {}, "did you mean 'new'"),
        ([], SHUT, {}, "names nothing"),
        (5, SHUT, {}, "names nothing"),
        ([5], SHUT, {}, "an option is a leg"),
        (["new", "new"], SHUT, {}, "named twice"),
        ("line", SHUT, {}, "no sizes to choose from"),
        ("free", SHUT, {}, "no capex"),
        ({**DATA, "capex": ["-1e8 USD"]}, SHUT, {}, "negative capex"),
        ({**DATA, "sizes": ["0 Mt/y"]}, SHUT, {}, "above zero"),
        ({**DATA, "sizes": ["2 Mt/y", "1 Mt/y"]}, SHUT, {}, "must grow"),
        ({**DATA, "capex": ["1e8 USD", "2e8 USD"]}, SHUT, {}, "1 sizes need 1 costs"),
        ({**DATA, "lifetime": None}, SHUT, {}, "lifetime"),
        ({**DATA, "sizess": 1}, SHUT, {}, "sizess"),
        ({**DATA, "sizes": ["20 kb/d"]}, SHUT, {}, "both tonnes or both barrels"),
        ({**DATA, "leg": "old"}, SHUT, {}, "defunct"),
        ({**DATA, "leg": "ship"}, SHUT, {}, "no limit"),
        ("new", None, {}, "nothing is uncertain"),
        ("new", {}, {}, "nothing is uncertain"),
        ("new", {"shutt": 0.1}, {}, "did you mean 'shut'"),
        ("new", "shut", {}, "no probability"),
        ("new", ["shut"], {}, "no probability"),
        ("new", {"shut": 1.2}, {}, "more than the whole"),
        ("new", {"shut": "-5 %"}, {}, "negative"),
        ("new", {"shut": "often"}, {}, "write a share"),
        ("new", {"shut": 0.7, "sure": 0.4}, {}, "add up to 1.1"),
        ("new", {"shut-with-new": 0.1}, {}, "has new already"),
        ("new", ["sure", "sure"], {}, "two scenarios"),
        ("new", SHUT, {"risk": 0.95}, "CVaR"),
        ("new", SHUT, {"method": "guess"}, "enumeration"),
        ("new", SHUT, {"draws": 0}, "from 1"),
        ("new", SHUT, {"seed": -1}, "from 0"),
        ("new", SHUT, {"value_of_lost_exports": "5 USD/bbl"}, "USD/t"),
        ("new", SHUT, {"value_of_lost_exports": "much"}, "USD/t"),
        ("new", SHUT, {"value_of_unmet_demand": -1}, "no end"),
        ("new", SHUT, {"continuous": True}, "economic=True"),
        ("new", SHUT, {"method": "extensive"}, "economic=True"),
        ("new", SHUT, {"method": "l-shaped"}, "economic=True"),
        ("new", SHUT, {"continuous": True, "economic": True, "method": "enumeration"}, "cannot be enumerated"),
        ("new", SHUT, {"continuous": True, "economic": True, "annuity_as_toll": True}, "annuity_as_toll"),
        ("new", None, {"outages": True}, "nothing that runs here can fail"),
    ],
)
def test_bad_questions(options, scenarios, more, words):
    with pytest.raises(ro.InputError) as caught:
        ro.expand(small(), options, scenarios, **more)
    assert words in str(caught.value)


def test_a_scenario_with_a_probability_of_its_own():
    plan = ro.expand(small(), "new", ["sure"])
    assert plan.outcomes["probability"].tolist() == [0.0, 1.0]
    alone = ro.expand(small(), "new", [{"title": "shut", "closures": [{"leg": "line"}], "probability": 1}])
    assert alone.cost["total"] == plan.cost["total"]


def test_options_that_share_a_limit():
    """Force majeure lasts until both stand: neither alone changes what is due."""
    both = {"legs": ["line"], "through": ["new", "free"], "volume": "1 Mt/y", "deficiency": "9 USD/t"}
    system = small().override({"contracts": {"both": {**both, "force_majeure": True}}})
    options = ["new", {**DATA, "leg": "free"}]
    plan = ro.expand(system, options, SHUT, economic=True)
    assert plan.method == "enumeration"
    for method in ("extensive", "l-shaped"):
        with pytest.raises(ro.InputError, match="new and free change limits together"):
            ro.expand(system, options, SHUT, economic=True, method=method)


def test_reserved_capacity_is_not_in_proportion():
    system = small().override({"legs": {"new": {"reserved": {"other": "1 Mt/y"}, "capacity": "5 Mt/y"}}})
    ro.expand(system, "new", SHUT, economic=True)
    with pytest.raises(ro.InputError, match="not the exporter's in proportion"):
        ro.expand(system, "new", SHUT, economic=True, continuous=True)


def test_questions_to_an_answer():
    plan = ro.expand(small(), "new", SHUT)
    with pytest.raises(ro.InputError, match="was not solved"):
        plan.utilisation({"new": "3 Mt/y"})
    with pytest.raises(ro.InputError, match="has a range"):
        plan.tornado()
    ranged = small().override({"price": {"value": "100 USD/t", "low": 90}})
    plan = ro.expand(ranged, "new", SHUT)
    with pytest.raises(ro.InputError, match="unknown scenario 'shutt'"):
        plan.tornado(scenario="shutt")
    with pytest.raises(ro.InputError, match="from 1"):
        plan.ranges(0)
    with pytest.raises(ro.InputError, match="nothing is built"):
        plan.tornado({})
