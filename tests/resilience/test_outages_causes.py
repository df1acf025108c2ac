"""Common causes: in the data, in the result, and against the same outages one by one."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.outages import fails, lines
from routeopt.errors import FileError, ScenarioError, SystemDataError
from routeopt.scenario.effect import Effect, effect_of

STORM = {"closes": {"tag": "coast"}, "outages": fails(0.1), "title": "Storm"}


@pytest.fixture(scope="module")
def coast():
    """Two lines of 5 on one coast; each fails by itself for 5 % of the time, storms take 10 %."""
    legs = {name: (5, fails(0.05), {"tags": ["coast"]}) for name in ("a", "b")}
    return lines(10, legs, {"storm": STORM})


def test_a_cause_by_hand(coast):
    risk = ro.simulate_outages(coast, draws=1)
    assert [(event.name, event.kind) for event in risk._setup.events] == [
        ("leg a", "leg"), ("leg b", "leg"), ("cause storm", "cause")]  # fmt: skip
    found = dict(zip(risk._distribution.values.tolist(), risk._distribution.weights.tolist(), strict=True))
    assert found == pytest.approx({0: 0.9 * 0.95**2, 5: 0.9 * 2 * 0.05 * 0.95, 10: 0.1 + 0.9 * 0.05**2})
    storm = risk.importance.loc["cause storm"]
    assert storm["kind"] == "cause"
    assert storm["loss_when_down"] == pytest.approx(10)
    assert storm["loss_when_up"] == pytest.approx(0.5)


def test_independent_outages_keep_margins_and_thin_the_tail(coast):
    risk = ro.simulate_outages(coast, draws=1)
    apart = risk.independent
    margin = 1 - (1 - 0.05) * (1 - 0.1)
    assert not apart._setup.common_causes
    assert apart.expected_loss == pytest.approx(10 * margin)
    assert risk.expected_loss == pytest.approx(apart.expected_loss)  # each line carries its own half
    found = dict(zip(apart._distribution.values.tolist(), apart._distribution.weights.tolist(), strict=True))
    assert found == pytest.approx({0: (1 - margin) ** 2, 5: 2 * margin * (1 - margin), 10: margin**2})
    assert risk.probability(above=9) > 4 * apart.probability(above=9)
    assert risk.cvar(0.95) > apart.cvar(0.95) + 1
    assert ro.simulate_outages(coast, draws=1, common_causes=False).expected_loss == pytest.approx(apart.expected_loss)


def test_independent_draws_agree_too(coast):
    risk = ro.simulate_outages(coast, draws=20_000, method="sample", seed=2)
    assert abs(risk.independent.expected_loss - 10 * 0.145) < 4 * risk.independent.standard_error
    assert risk.independent.draws == 20_000
    # Own outages are those of the other profile: only storms differ.
    assert risk.compare(risk.independent).paired


def test_parts_that_stand_in_for_each_other():
    # Each of two moorings carries everything: only both at once lose.
    moorings = {"in": "parallel", "spm-1": "10 kt/d", "spm-2": "10 kt/d"}
    pair = {"closes": {"leg": "port", "component": ["spm-1", "spm-2"]}, "outages": fails(0.04)}
    system = lines(10, {"port": (10, None, {"components": moorings})}, {"pair": pair})
    risk = ro.simulate_outages(system, draws=1)
    assert risk.expected_loss == pytest.approx(0.4)
    assert risk.independent.expected_loss == pytest.approx(10 * 0.04**2)
    names = [event.name for event in risk.independent._setup.events]
    assert names == ["cause pair on component port/spm-1", "cause pair on component port/spm-2"]


@pytest.mark.parametrize(
    "closes",
    [{"leg": "a"}, {"route": "a"}, {"operator": "firm"}, {"country": "TR"}, {"chokepoint": "strait"}, {"tag": "x"},
     {"leg": "a", "commodity": "crude"}],
)  # fmt: skip
def test_a_cause_can_name_what_a_closure_can(closes):
    named = {"operator": "firm", "countries": ["TR"], "chokepoints": ["strait"], "tags": ["x"]}
    legs = {"a": (4, None, named), "b": (6, None)}
    system = lines(10, legs, {"cause": {"closes": closes, "outages": fails(0.25, derating="50 %")}})
    risk = ro.simulate_outages(system, draws=1)
    assert risk.expected_loss == pytest.approx(0.25 * 2)
    assert risk.independent.expected_loss == pytest.approx(0.25 * 2)


def test_a_group_and_a_field():
    causes = {"berths": {"closes": {"group": "both"}, "outages": fails(0.1)},
              "fire": {"closes": {"node": "field"}, "outages": fails(0.2)}}  # fmt: skip
    groups = {"both": {"legs": ["a", "b"], "capacity": "10 kt/d"}}
    system = lines(10, {"a": (5, None), "b": (5, None)}, causes, groups=groups)
    risk = ro.simulate_outages(system, draws=1)
    assert risk.expected_loss == pytest.approx(10 * (1 - 0.9 * 0.8))
    assert risk.independent.expected_loss == pytest.approx(risk.expected_loss)


@pytest.mark.parametrize(
    ("cause", "path", "words"),
    [
        ({"closes": {"tag": "cost"}}, "common_causes.storm.closes.tag", "unknown tag 'cost'; did you mean 'coast'"),
        ({"closes": {"leg": "aa"}}, "common_causes.storm.closes.leg", "unknown leg 'aa'; did you mean 'a'"),
        (
            {"closes": {"leg": "a", "component": "spm"}},
            "common_causes.storm.closes.component",
            "leg 'a' has no components",
        ),
        (
            {"closes": {"tag": "coast", "commodity": "x"}},
            "common_causes.storm.closes.commodity",
            "unknown commodity 'x'",
        ),
        ({"closes": {"tag": "coast", "leg": "a"}}, "common_causes.storm.closes.", "names leg and tag"),
        ({"closes": {}}, "common_causes.storm.closes", "closes nothing"),
        ({"closes": {"component": "a", "tag": "coast"}}, "common_causes.storm.closes.component", "belongs to a leg"),
        ({"closes": {"tgg": "coast"}}, "common_causes.storm.closes.tgg", "unknown key 'tgg'; did you mean 'tag'"),
        (
            {"outages": {"rate": "2 /y", "repair": {"mean": "0 d"}}},
            "common_causes.storm.outages.repair.mean",
            "takes time",
        ),
        ({"outages": {"rate": "2 d", "repair": {"mean": "1 d"}}}, "common_causes.storm.outages.rate", ""),
    ],
)
def test_what_is_wrong_with_a_cause_is_located(coast, cause, path, words):
    data = coast.to_dict()
    data["common_causes"] = {"storm": {**STORM, **cause}}
    with pytest.raises(SystemDataError) as caught:
        ro.ExportSystem.from_dict(data)
    assert str(caught.value).startswith(path)
    assert words in str(caught.value)


def test_in_a_file_with_line_and_column(tmp_path, coast):
    path = tmp_path / "small.yaml"
    ro.to_yaml(coast, path)
    assert ro.load(path) == coast
    path.write_text(path.read_text(encoding="utf-8").replace("tag: coast", "tag: coats"), encoding="utf-8")
    with pytest.raises((SystemDataError, FileError)) as caught:
        ro.load(path)
    problem = caught.value.problems[0]
    line = path.read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("coats")


def test_a_country_with_fields_alone_closes_nothing():
    field = {"nodes": {"field": {"country": "KZ"}}}
    system = lines(10, {"a": (6, None)}).override(field)
    system = system.override({"common_causes.war": {"closes": {"country": "KZ"}, "outages": fails(0.1)}})
    with pytest.raises(ScenarioError, match=r"common_causes\.war\.closes.*closes nothing"):
        ro.simulate_outages(system, draws=1)


def test_overriding_a_cause_leaves_the_programme_alone(coast):
    scenario = ro.Scenario.model_validate({"override": {"common_causes.storm.outages.rate": "0 /y"}})
    assert effect_of(scenario) == Effect.BOUNDS
    assert effect_of(ro.Scenario.model_validate({"override": {"common_causes": {"storm": None}}})) == Effect.BOUNDS
    calm = ro.simulate_outages(coast, draws=1, scenario=scenario)
    assert calm.expected_loss == pytest.approx(0.5)
    with pytest.raises(SystemDataError, match="did you mean 'storm'"):
        coast.override({"common_causes.strom.outages.rate": "1 /y"})


def test_the_audit_knows_causes_and_sensitivity_leaves_them_out(kz):
    assert "common_causes.novorossiysk-storm.outages.rate" in kz.sources().index
    assert not [place for place in ro.sensitivity(kz, draws=2).inputs_table.index if place.startswith("common_causes")]


def test_causes_of_kazakhstan(kz):
    assert set(kz.common_causes) == {"novorossiysk-storm", "moorings-1-and-2", "moorings-2-and-3"}
    risk = ro.simulate_outages(kz, draws=1)
    assert risk.exact
    assert set(risk.importance.index[:3]) == {f"cause {name}" for name in kz.common_causes}
    # Two of three moorings carry everything, so independent outages of single ones lose far less.
    assert risk.independent.exact
    assert 0.2 * risk.expected_loss < risk.independent.expected_loss < 0.5 * risk.expected_loss
    assert all(event.kind != "cause" or " on " in event.name for event in risk.independent._setup.events)
    assert risk.cvar(0.95) > risk.independent.cvar(0.95)


def test_common_causes_and_independent_outages_side_by_side(coast):
    risk = ro.simulate_outages(coast, draws=1)
    both = risk.compare(risk.independent)
    assert both.names == ("base", "base, independent")
    table = both.table
    assert table.columns.tolist() == ["base", "base, independent", "difference"]
    margin = 1 - (1 - 0.05) * (1 - 0.1)
    assert table.loc["exported"].tolist() == [10, 10, 0]
    assert table.loc["expected_loss"].tolist() == pytest.approx([10 * margin, 10 * margin, 0])
    # Both lines are down for 0.1 + 0.9 x 0.05² of the time, or for the square of the margin.
    together, apart = 0.1 + 0.9 * 0.05**2, margin**2
    tails = [10, (apart * 10 + (0.05 - apart) * 5) / 0.05]
    assert together > 0.05 > apart
    assert table.loc["cvar 0.95"].tolist() == pytest.approx([*tails, tails[1] - tails[0]])
    assert both.cvar == pytest.approx(tails[1] - tails[0])
    assert str(both).startswith("base, independent loses")
    # The same outages twice are told apart by name, too.
    again = risk.compare(ro.simulate_outages(coast, draws=1)).table
    assert again.columns.tolist() == ["base", "base, other", "difference"]
    assert (again["difference"] == 0).all()
