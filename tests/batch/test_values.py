"""Both values of every optimum: kernel, warm session and single solves agree."""

import numpy as np
import pytest

from batch.conftest import assert_same, values_of
from routeopt.model import bounds_of
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.scenario.resolve import resolve
from routeopt.solve.batch import Batch, sets_of
from routeopt.solve.batch_problem import moved
from routeopt.solve.engine import program_of, solve


def test_random_systems_have_everything(cases):
    systems = [case.system for case in cases]
    assert any(len(system.streams) > 1 for system in systems)
    assert any(system.groups for system in systems)
    assert any(contract.force_majeure for system in systems for contract in system.contracts.values())
    legs = [leg for system in systems for leg in system.legs.values()]
    assert any(leg.loss for leg in legs)
    assert any(leg.blends_into for leg in legs)
    closed = [closure for case in cases for closure in case.decisions]
    assert any(closure.component for closure in closed)
    assert any(closure.commodity for closure in closed)
    assert any(0 < closure.left < 1 for closure in closed)


def test_moved_bounds_are_those_of_the_situation(cases):
    for case in cases:
        program = program_of(case.system)
        changes = moved(case.batch.plan, *sets_of(case.draws, len(case.decisions)))
        for draw, situation in enumerate(case.situations):
            expected, found = bounds_of(program, situation), changes.bounds(draw, case.batch.plan.bounds)
            for name in ("lower", "upper", "row_lower", "row_upper"):
                np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_components_of_one_leg_add_up(kz):
    parts = [{"leg": "cpc-loading", "component": name} for name in kz.legs["cpc-loading"].components.parts]
    extra = [{"leg": "cpc-loading", "availability": "70 %"}, {"country": "RU", "availability": "40 %"}, {"leg": "btc"}]
    closures = [resolve(kz, close=[one]).closures[0] for one in [*parts, *extra]]
    batch = Batch(kz, situate(kz, Scenario()), closures)
    every = (np.arange(2 ** len(closures))[:, None] >> np.arange(len(closures))) & 1
    changes = moved(batch.plan, *sets_of(every.astype(bool), len(closures)))
    for draw, row in enumerate(every):
        chosen = tuple(closures[k] for k in np.flatnonzero(row))
        expected = bounds_of(program_of(kz), situate(kz, Scenario(closures=chosen)))
        found = changes.bounds(draw, batch.plan.bounds)
        np.testing.assert_array_equal(found.upper, expected.upper)
        np.testing.assert_array_equal(found.row_upper, expected.row_upper)
        np.testing.assert_array_equal(found.row_lower, expected.row_lower)


@pytest.mark.parametrize("engine", ["kernel", "warm"])
def test_values_and_flows_are_those_of_single_solves(cases, engine):
    closed = 0
    for case in cases:
        values, flows = case.single()
        found = case.batch.solve(case.draws, engine=engine)
        assert_same(values_of(found), values)
        assert found.counts.certified == found.counts.closures == len(case.draws)
        if engine == "kernel" and not case.batch.plan.circular:
            assert found.counts.kernel == len(case.draws)
            assert found.counts.handed_over == found.counts.cold == 0
        kept = [1, len(case.draws) - 1]
        shown = case.batch.solve(case.draws, flows=kept, engine=engine)
        assert_same(values_of(shown), values)
        assert_same(shown.x, flows[kept])
        closed += int((np.abs(values - values[0]).max(axis=1) > 1e-6).sum())
    assert closed > 70  # the draws do change the optimum


def test_kazakhstan(kz, legs_of_kz, draws_of_kz):
    kernel = legs_of_kz.solve(draws_of_kz, engine="kernel")
    warm = legs_of_kz.solve(draws_of_kz[:150], engine="warm")
    assert kernel.counts.kernel == len(kernel)
    assert 0 < kernel.counts.learned < kernel.counts.pivots + kernel.counts.moved
    assert warm.counts.warm == 150
    assert_same(values_of(warm), values_of(kernel)[:150])
    legs = list(kz.legs)
    for draw in range(8):
        situation = situate(kz, resolve(kz, close=[legs[k] for k in np.flatnonzero(draws_of_kz[draw])]))
        solved = solve(kz, situation)
        x, objectives = solved.answer.x, solved.objectives
        expected = [-objectives.volume @ x, objectives.shortage @ x, objectives.money @ x]
        np.testing.assert_allclose(values_of(kernel)[draw], expected, rtol=1e-9, atol=1e-7)


def test_situations_of_every_depth(kz):
    data = [
        {}, {"closures": [{"route": "cpc"}]}, {"reopen": ["baku-supsa"]}, {"build": {"tcop": "20 Mt/y"}},
        {"build": {"tcop": "20 Mt/y"}, "closures": [{"country": "RU"}]}, {"tariffs": {"btc": "+6 USD/t"}},
        {"override": {"legs.btc.loss": "1 %"}}, {"override": {"nodes.tengiz.output": "50 Mt/y"}},
        {"override": {"legs.btc.capacity": "1.4 mb/d"}, "closures": [{"leg": "atyrau-samara"}]},
    ]  # fmt: skip
    situations = [situate(kz, resolve(kz, one)) for one in data]
    expected = []
    for situation in situations:
        solved = solve(kz, situation)
        x, objectives = solved.answer.x, solved.objectives
        expected.append([-objectives.volume @ x, objectives.shortage @ x, objectives.money @ x])
    for engine in ("kernel", "warm"):
        found = [Batch(kz, situation, []).solve([[]], engine=engine) for situation in situations]
        values = np.concatenate([values_of(one) for one in found])
        np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-6)
        assert all(one.counts.certified == 1 for one in found)


def test_a_base_that_is_built_holds_in_every_draw(kz):
    built = resolve(kz, build={"tcop": "20 Mt/y"})
    closures = [resolve(kz, close=[leg]).closures[0] for leg in ("cpc-loading", "tcop", "btc")]
    batch = Batch(kz, situate(kz, built), closures)
    found = batch.solve([[], [0], [0, 1], [0, 1, 2]], engine="kernel")
    for draw, legs in enumerate(([], ["cpc-loading"], ["cpc-loading", "tcop"], ["cpc-loading", "tcop", "btc"])):
        solved = solve(kz, situate(kz, resolve(kz, built, close=legs)))
        assert found.exported[draw] == pytest.approx(-solved.objectives.volume @ solved.answer.x, rel=1e-9)
    assert found.exported[1] > found.exported[2] > found.exported[3]
