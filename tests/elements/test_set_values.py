"""Elements, and the certified value of any set of them: by hand, by brute force, and solved once."""

import itertools

import numpy as np
import pytest

import routeopt as ro
from routeopt.elements.elements import elements_over
from routeopt.elements.losses import synergies
from routeopt.elements.outages import failing
from routeopt.elements.sweep import all_sets, sweep
from routeopt.elements.values import SetValues, clean, every_set, resolution
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.solve.batch import Batch


def two_lines(**more):
    """A field of 10, a line of 7 and a rail of 2; the port is one leg that both names close."""
    return ro.ExportSystem.from_dict({
        "units": {"flow": "kt/d"},
        "nodes": {"field": {"kind": "field", "output": "10 kt/d"}, "quay": {"kind": "hub"},
                  "port": {"kind": "market"}},
        "legs": {"line": {"from": "field", "to": "quay", "capacity": "7 kt/d", "components": {
                     "in": "parallel", "one": "4 kt/d", "two": "3 kt/d"}, **more},
                 "rail": {"from": "field", "to": "quay", "capacity": "2 kt/d"},
                 "berth": {"from": "quay", "to": "port", "capacity": "8 kt/d"}},
    })  # fmt: skip


def values_over(system, over):
    situation = situate(system, Scenario())
    elements = elements_over(system, Scenario(), situation, over)
    return elements, SetValues(Batch(system, situation, [element.closure for element in elements]))


def test_values_of_sets_by_hand_and_each_solved_once():
    elements, values = values_over(two_lines(), "leg")
    assert [element.name for element in elements] == ["berth", "line", "rail"]
    assert values.of([(), (1,), (2,), (1, 2), (0,)])[:, 0].tolist() == [8.0, 2.0, 7.0, 0.0, 0.0]
    assert values.solved == values.counts.closures == 5
    again = values.of(np.array([[False, True, False], [False, True, True]]))
    assert again[:, 0].tolist() == [2.0, 0.0]
    assert (values.solved, values.counts.closures) == (5, 5)
    assert values.lost([(1,), ()])[:, 0].tolist() == [6.0, 0.0]


def test_what_is_not_remembered_is_solved_again_and_is_the_same():
    _, values = values_over(two_lines(), "leg")
    few = SetValues(values.batch, remember=1)
    every = every_set(3)
    assert np.array_equal(few.of(every), values.of(every))
    assert np.array_equal(few.of(every), values.of(every))
    assert few.solved == 1
    assert few.counts.closures > values.counts.closures


def test_one_tolerance():
    assert resolution(2.0) == pytest.approx(2e-7)
    assert resolution(2.0, 3.0, np.array([-5.0, 1.0])) == pytest.approx(5e-7)
    assert clean(np.array([1e-8, -1e-8, 1.0]), 1e-7).tolist() == [0.0, 0.0, 1.0]
    _, values = values_over(two_lines(), "leg")
    assert values.noise == pytest.approx(1e-7 * max(values.batch.plan.bounds.unit, 8.0))


def test_elements_that_hit_the_same_parts_are_one_and_know_each_closure():
    system = two_lines(operator="north")
    elements, _ = values_over(system, [{"leg": "line"}, {"operator": "north"}, {"leg": "rail"}])
    both = next(element for element in elements if len(element.names) == 2)
    assert [str(closure) for closure in both.behind] == list(both.names)
    assert both.closure == both.behind[0]


def test_an_element_that_fails_has_its_outages():
    system = two_lines(outages={"rate": "9.125 /y", "repair": {"mean": "10 d"}})
    (line,) = failing(situate(system, Scenario()))
    assert (line.name, line.kind, line.closure.leg) == ("leg line", "leg", "line")
    assert line.outages is not None
    assert line.outages.rate.inner == pytest.approx(9.125 / 365)


@pytest.mark.parametrize("seed", range(3))
def test_synergy_is_what_the_best_split_leaves(seed):
    rng = np.random.default_rng(seed)
    sets = [all_sets(5, size) for size in (1, 2, 3, 4)]
    lost = [rng.integers(0, 9, len(part)).astype(float) for part in sets]
    known = {tuple(one): loss for part, some in zip(sets, lost, strict=True)
             for one, loss in zip(part.tolist(), some.tolist(), strict=True)}  # fmt: skip

    def split(one):
        """The most that a partition into smaller sets loses, by going through all two-part splits."""
        found = -np.inf
        for size in range(1, len(one)):
            for part in itertools.combinations(one, size):
                rest = tuple(o for o in one if o not in part)
                found = max(found, best(part) + best(rest))
        return found

    def best(one):
        return max(known[one], split(one))

    for part, found in zip(sets[1:], synergies(sets, lost, 0.0)[1:], strict=True):
        assert found.tolist() == [known[one] - split(one) for one in map(tuple, part.tolist())]


@pytest.mark.parametrize("prune", [False, True])
def test_a_sweep_of_any_size_has_the_values_of_its_sets(prune):
    legs, values = values_over(two_lines(), "leg")
    swept = sweep(values.batch, len(legs), prune=prune)
    for sets, found in zip(swept.sets, swept.values, strict=True):
        assert np.abs(found - values.of(sets.tolist())).max() <= values.noise


def test_n_minus_one_takes_every_kind_of_element():
    system = two_lines()
    found = ro.n_minus_one(system, over="component")
    assert found.table["exported"].to_dict() == pytest.approx({"line/one": 5.0, "line/two": 6.0})
    assert (found.critical_element, found.network_ratio) == ("line/one", pytest.approx(5 / 8))
    assert set(found.closed) == {"line/one", "line/two"}
    for name, plan in found.closed.items():
        assert plan.exported == pytest.approx(found.table.loc[name, "exported"])
    assert ro.n_minus_one(system, over="field").network_ratio == 0.0
    assert (
        ro.n_minus_one(system, over="node").critical_element == "field = quay"
        or ro.n_minus_one(system, over="node").network_ratio == 0
    )
    with pytest.raises(ro.ScenarioError, match="cannot close one 'planet' at a time"):
        ro.n_minus_one(system, over="planet")


def test_what_could_be_attacked_and_what_can_fail_is_public():
    system = two_lines(outages={"rate": "9.125 /y", "repair": {"mean": "10 d"}})
    worst = ro.worst_case(system, over={"line": [{"leg": "line", "availability": "50 %"}, {"leg": "line"}]})
    assert list(worst.elements) == ["line (leg line at 50%)", "line (leg line)"]
    risk = ro.simulate_outages(system, draws=10)
    assert risk.events == ("leg line",)
    assert risk.system is system
    assert risk.name == "base"
    # Down for 10 of 10 + 40 days: then 6 of 8 are lost.
    assert risk.outcomes.to_numpy().tolist() == [pytest.approx([0.0, 0.8]), pytest.approx([6.0, 0.2])]


def test_no_result_shows_what_is_inside(kz):
    results = [ro.contingencies(kz, 1, "route"), ro.worst_case(kz, 1, "route"), ro.shapley(kz, "route"),
               ro.defend(kz, 1, [{"protect": "cpc"}], over="route", max_options=1), ro.simulate_outages(kz, draws=10),
               ro.n_minus_one(kz)]  # fmt: skip
    inside = ("routeopt.elements.", "routeopt.decide.interdiction.", "routeopt.decide.defence.", "routeopt.model.")
    for result in results:
        for name, value in vars(result).items():
            if not name.startswith("_"):
                assert not type(value).__module__.startswith(inside), f"{type(result).__name__}.{name}"
