"""Against single solves, with and without pruning, on workers or not."""

import concurrent.futures as futures
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import routeopt as ro
from helpers.small import near, network
from routeopt.elements import pruning, sweep, values
from routeopt.model import Bounds
from routeopt.scenario import Scenario
from routeopt.solve.batch_problem import Changes
from routeopt.testing import random_scenario, random_system


def closures_of(system, many):
    """Closures of all kinds, partial ones and embargoes too."""
    found = (random_scenario(system, seed, closures=1).closures for seed in range(60))
    return list({str(one): one for several in found for one in several}.values())[:many]


@pytest.mark.parametrize("seed", [1, 4, 5, 8])
@pytest.mark.parametrize("economic", [False, True])
def test_every_set_is_that_of_a_single_solve(seed, economic):
    system = random_system(seed)
    closures = {str(one): one for one in closures_of(system, 6)}
    base = ro.allocate(system, economic=economic)
    found = ro.contingencies(system, k=3, over=closures.values(), economic=economic, prune=True)
    assert len(found.table) == sum(len(list(combinations(found.elements, size))) for size in (1, 2, 3))
    money = max(abs(base.netback), base.cost)
    for _, row in found.table.iterrows():
        chosen = tuple(closures[name.split(" = ")[0]] for name in row["elements"])
        plan = ro.allocate(system, Scenario(closures=chosen), economic=economic)
        assert row["exported"] == near(plan.exported)
        assert row["lost"] == pytest.approx(base.exported - plan.exported, abs=1e-6 * base.exported)
        assert row["shortage"] == pytest.approx(plan.shortage - base.shortage, abs=1e-6 * base.exported)
        assert row["netback_lost"] == pytest.approx(base.netback - plan.netback, abs=1e-6 * money)


def assert_pruning_changes_nothing(system, over, k, **more):
    pruned = ro.contingencies(system, k, over, prune=True, **more)
    whole = ro.contingencies(system, k, over, prune=False, **more)
    assert whole.counts.pruned == 0
    assert pruned.counts.solved + pruned.counts.pruned == whole.counts.solved == pruned.counts.sets
    for one, other in zip(pruned._swept.values, whole._swept.values, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-8 * max(1.0, np.abs(other).max()))
    pd.testing.assert_frame_equal(pruned.table, whole.table, rtol=1e-8, atol=1e-6 * whole.table["exported"].max())
    return pruned.counts


def test_pruning_changes_nothing_on_random_systems():
    pruned = suspended = 0
    for seed in range(12):
        system = random_system(seed)
        suspended += sum(contract.force_majeure for contract in system.contracts.values())
        assert_pruning_changes_nothing(system, closures_of(system, 12), 3, engine="kernel")
        pruned += assert_pruning_changes_nothing(system, "leg", 2, engine="kernel").pruned
    assert suspended > 5
    assert pruned > 12 * 50


@pytest.mark.parametrize("over", ["leg", "component", "country", "group"])
def test_pruning_changes_nothing_on_kazakhstan(kz, over):
    counts = assert_pruning_changes_nothing(kz, over, 2, engine="kernel")
    assert counts.pruned > 0


def test_a_contract_that_is_suspended_is_not_pruned_away():
    system = network(
        {"cheap": ("f", "market", {"capacity": "10 Mt/y", "tariff": "10 USD/t"}),
         "dear": ("f", "market", {"capacity": "8 Mt/y", "tariff": "90 USD/t"}),
         "third": ("f", "market", {"capacity": "8 Mt/y", "tariff": "95 USD/t"})},
        {"f": "10 Mt/y"},
        contracts={"due": {"legs": ["dear"], "volume": "4 Mt/y", "deficiency": "5 USD/t", "force_majeure": True}},
    )  # fmt: skip
    found = ro.contingencies(system, k=2, prune=True)
    cost = found.table.set_index("elements")["netback_lost"]
    # The dear leg carries nothing, yet closing it saves what is due.
    assert cost[[("dear",)]].item() == near(-20e6)
    assert found.counts.pruned == 2  # the third leg, alone and after the dear one
    firm = ro.contingencies(system.override({"contracts.due.force_majeure": False}), k=2, prune=True)
    assert firm.table.set_index("elements")["netback_lost"][[("dear",)]].item() == 0
    assert firm.counts.pruned == 3  # the dear leg as well


def test_a_minimum_that_ends_with_the_field_is_not_pruned_away():
    system = network(
        {"way": ("f", "market", {"capacity": "10 Mt/y"}), "shut": ("g", "market", {"capacity": "0 Mt/y"})},
        {"f": "5 Mt/y", "g": {"output": "4 Mt/y", "min_output": "50 %"}}, recourse={"below_min_output": "7 USD/t"},
    )  # fmt: skip
    found = ro.contingencies(system, over=[{"node": "g"}, {"leg": "shut"}], prune=True)
    cost = found.table.set_index("elements")["netback_lost"]
    assert cost[[("node g",)]].item() == near(-14e6)
    assert cost[[("leg shut",)]].item() == 0


def one_change(variable, lower, upper):
    return Changes(np.array([0, 1]), np.array([variable], np.int32), np.array([lower]), np.array([upper]))


NOTHING = Changes(np.zeros(2, np.int64), np.zeros(0, np.int32), np.zeros(0), np.zeros(0))


@pytest.mark.parametrize(
    ("changes", "smaller", "stands"),
    [
        (one_change(0, 0.0, 3.0), NOTHING, True),  # the point, 3, keeps the tighter bound
        (one_change(0, 0.0, 2.9), NOTHING, False),
        (one_change(0, 4.0, 9.0), NOTHING, False),
        (one_change(1, 1.0, 9.0), NOTHING, True),  # 5 was away from the bound 2 that becomes 1
        (one_change(2, 1.0, 9.0), NOTHING, False),  # 2 was at it
        (one_change(2, 1.0, 9.0), one_change(2, 1.0, 9.0), True),  # no difference
        (one_change(2, 1.0, 9.0), one_change(2, 1.5, 9.0), True),  # it became looser before, and bound no more
        (one_change(0, 0.0, 4.0), one_change(0, 0.0, 3.0), False),  # looser, and the point was at the old one
        (one_change(0, 0.0, 4.0), one_change(0, 0.0, 3.5), True),
        (NOTHING, one_change(0, 0.0, 3.0), False),  # changed back: not judged
        (NOTHING, NOTHING, True),
    ],
)
def test_when_an_optimum_stands(changes, smaller, stands):
    bounds = Bounds(np.array([0.0, 2.0]), np.array([9.0, 9.0]), np.array([2.0]), np.array([9.0]))
    points, parent = np.array([[3.0, 5.0, 2.0]]), np.zeros(1, np.int64)
    assert pruning.stands(bounds, changes, smaller, parent, parent, points).tolist() == [stands]
    assert not pruning.stands(bounds, changes, smaller, parent, parent - 1, points).any()


def test_optima_that_are_not_proven_or_not_kept_change_nothing(kz, monkeypatch):
    expected = ro.contingencies(kz, 2, "country", prune=True)
    solve = values.WarmSession.solve

    def doubtful(self, changes, counts, sets=None):
        points, proven, alone = solve(self, changes, counts, sets)
        return np.full_like(points, np.nan), np.zeros_like(proven), np.zeros_like(alone)

    monkeypatch.setattr(sweep, "_KEPT", 0.0)  # room for one optimum
    kept = ro.contingencies(kz, 2, "country", prune=True)
    assert kept.counts.pruned <= expected.counts.pruned
    pd.testing.assert_frame_equal(kept.table, expected.table, rtol=1e-9, atol=1e-3)
    monkeypatch.setattr(values.WarmSession, "solve", doubtful)
    found = ro.contingencies(kz, 2, "country", prune=True)
    assert found.counts.cold > 0
    pd.testing.assert_frame_equal(found.table, expected.table, rtol=1e-9, atol=1e-3)


def test_workers_and_parts_do_not_matter(kz):
    expected = ro.contingencies(kz, 2, "operator")
    with futures.ThreadPoolExecutor(2) as pool:
        for chunk in (7, 40):
            found = ro.contingencies(kz, 2, "operator", executor=pool, chunk=chunk)
            pd.testing.assert_frame_equal(found.table, expected.table, rtol=1e-9, atol=1e-3)
            assert found.counts.sets == expected.counts.sets


def test_pruning_is_chosen_where_it_pays(kz):
    assert ro.contingencies(kz, 2, "leg", engine="kernel").counts.pruned == 0
    few = ro.contingencies(kz, 2, "operator", engine="warm")
    assert few.counts.pruned > 0
    assert few.counts.kernel == 0


def test_places_of_sets():
    for size in (1, 2, 3, 5):
        sets = sweep.all_sets(7, size)
        assert sweep.rank(sets, 7).tolist() == list(range(len(sets)))
    assert sweep.rank(np.empty((3, 0), np.int64), 7).tolist() == [0, 0, 0]
    assert sweep.all_sets(4, 0).shape == (1, 0)
