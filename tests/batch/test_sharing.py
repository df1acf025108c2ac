"""What is worked out once: equal draws, starts of equal systems, plans on their way to workers, compiled code."""

import concurrent.futures as futures
import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import routeopt as ro
from batch.conftest import assert_same, values_of
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.scenario.closure import Closure
from routeopt.solve import batch as batches
from routeopt.solve import kernel, worker
from routeopt.solve.batch import Batch, Series, sets_of
from routeopt.solve.batch_problem import Parcel, nearest
from routeopt.solve.engine import solve
from routeopt.solve.kernel import jit


def legs_of(system):
    return Batch(system, situate(system, Scenario()), [Closure(leg=leg) for leg in system.legs])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=12), st.integers(0, 9))
def test_sets_are_counted_and_compared(rows, seed):
    from routeopt.solve.kernel import sets

    draws = np.array(rows, bool)
    ptr, chosen = sets.listed(draws)
    expected = sets_of(draws, 3)
    np.testing.assert_array_equal(ptr, expected[0])
    np.testing.assert_array_equal(chosen, expected[1])
    first, of = sets.distinct(ptr, chosen)
    assert [tuple(row) for row in draws[first]] == list(dict.fromkeys(tuple(row) for row in draws))
    np.testing.assert_array_equal(draws[first][of], draws)
    plain_first, plain_of = batches._distinct(ptr, chosen, False)
    np.testing.assert_array_equal(first, plain_first)
    np.testing.assert_array_equal(of, plain_of)
    effort = np.random.default_rng(seed).integers(0, 3, 3)
    np.testing.assert_array_equal(sets.nearest(effort, ptr, chosen), nearest(effort, ptr, chosen))


def test_many_draws_outgrow_the_first_guess():
    from routeopt.solve.kernel import sets

    draws = np.random.default_rng(0).random((4_000, 9)) < np.linspace(0, 1, 4_000)[:, None]
    ptr, chosen = sets.listed(draws)
    np.testing.assert_array_equal(chosen, np.nonzero(draws)[1])
    assert ptr[-1] == draws.sum()


@pytest.mark.parametrize("engine", ["kernel", "warm"])
def test_equal_draws_are_solved_once(legs_of_kz, draws_of_kz, engine):
    few = draws_of_kz[:25]
    order = np.random.default_rng(2).integers(0, len(few), 90)
    once = legs_of_kz.solve(few, engine=engine, flows=True)
    many = legs_of_kz.solve(few[order], engine=engine, flows=[3, 50, 89])
    np.testing.assert_allclose(values_of(many), values_of(once)[order], rtol=1e-12, atol=1e-9)
    assert_same(many.x, once.x[order[[3, 50, 89]]])
    np.testing.assert_array_equal(many.kept, [3, 50, 89])
    assert many.counts.closures == many.counts.certified == 90
    assert many.counts.merged >= 90 - len(np.unique(few, axis=0))
    assert (many.counts.kernel if engine == "kernel" else many.counts.warm) == 90


def test_threads_give_the_same_to_the_last_digit(legs_of_kz, draws_of_kz):
    alone = legs_of_kz.solve(draws_of_kz, engine="kernel", flows=[0, 7])
    with futures.ThreadPoolExecutor(2) as pool:
        spread = legs_of_kz.solve(draws_of_kz, engine="kernel", flows=[0, 7], executor=pool, chunk=60)
    np.testing.assert_array_equal(values_of(spread), values_of(alone))
    np.testing.assert_array_equal(spread.x, alone.x)
    assert spread.counts.kernel == alone.counts.kernel == len(draws_of_kz)


def test_starts_are_remembered_by_content(kz, legs_of_kz):
    again = legs_of(ro.load("kazakhstan"))
    assert again.plan is not legs_of_kz.plan
    assert again.plan.key == legs_of_kz.plan.key
    mine = batches.with_engine(legs_of_kz.plan, "kernel", 1, False)
    assert batches.with_engine(again.plan, "kernel", 1, False) is mine
    assert batches.with_engine(again.plan, "kernel", 1, True) is not mine
    for more in range(12):
        other = legs_of(kz.override({"legs.btc.capacity": f"{0.61 + more / 50:.2f} mb/d"}))
        found = batches.with_engine(other.plan, "kernel", 1, False)
        assert found is not mine
        assert found.start.upper.tolist() != mine.start.upper.tolist()
        assert len(batches._starts) <= batches._KEPT


def test_a_changed_system_is_not_answered_from_an_old_start(kz, legs_of_kz, draws_of_kz):
    smaller = kz.override({"legs.cpc-loading.capacity": "30 Mt/y"})
    draws = np.vstack([np.zeros(draws_of_kz.shape[1], bool), draws_of_kz[:3]])
    before = legs_of_kz.solve(draws, engine="kernel")
    after = legs_of(smaller).solve(draws, engine="kernel")
    assert after.exported[0] < before.exported[0] - 1
    assert_same(values_of(after), values_of(legs_of(smaller).solve(draws, engine="warm")))


def test_small_batches_take_the_kernel_once_it_would_have_paid(legs_of_kz, monkeypatch):
    monkeypatch.setattr(batches, "_asked", [0])
    monkeypatch.setattr(kernel, "loaded", lambda: False)
    batch = [[k % 9] for k in range(700)]
    for _ in range(2):
        assert not batches.takes_kernel(legs_of_kz.plan, "auto", len(batch))
        assert legs_of_kz.solve(batch).counts.warm == 700
    assert batches.takes_kernel(legs_of_kz.plan, "auto", len(batch))
    assert not batches.takes_kernel(legs_of_kz.plan, "auto", batches.LOADED_CLOSURES - 1)
    assert not batches.takes_kernel(legs_of_kz.plan, "warm", 10**6)


def test_a_parcel_is_packed_once_and_opened_only_where_it_is_new(legs_of_kz, draws_of_kz):
    parcel = Parcel(legs_of_kz.plan)
    sent = [pickle.loads(pickle.dumps(parcel)) for _ in range(2)]
    sets_here, none = sets_of(draws_of_kz[:5], draws_of_kz.shape[1]), np.arange(0)
    with futures.ThreadPoolExecutor(1) as pool:
        found = [pool.submit(worker.work, one, *sets_here, none).result().values for one in sent]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)
    assert sent[0].key == sent[1].key == parcel.key
    assert sent[0]._plan is not None
    assert sent[1]._plan is None


def test_flows_of_the_warm_session_are_those_of_single_solves(kz, legs_of_kz, draws_of_kz, caplog):
    draws = draws_of_kz[:12]
    found = legs_of_kz.solve(draws, engine="warm", flows=True)
    assert found.counts.warm == 12
    assert found.counts.cold == 0
    names = list(kz.legs)
    for row, x in zip(draws, found.x, strict=True):
        closures = tuple(Closure(leg=names[k]) for k in np.flatnonzero(row))
        assert_same(x, solve(kz, situate(kz, Scenario(closures=closures))).answer.x)


def test_a_point_is_alone_only_where_nothing_can_move():
    # Two equal ways for one field: the optimum is not unique until one of them is closed.
    system = ro.ExportSystem.from_dict({
        "units": {"flow": "kt/d"},
        "nodes": {"field": {"kind": "field", "output": "5 kt/d"}, "port": {"kind": "market"}},
        "legs": {name: {"from": "field", "to": "port", "capacity": "9 kt/d"} for name in ("one", "two")},
    })  # fmt: skip
    from routeopt.solve.batch_problem import Counts, moved
    from routeopt.solve.warm import WarmSession

    batch = legs_of(system)
    changes = moved(batch.plan, *sets_of([[], [0], [1], [0, 1]], 2))
    _, proven, alone = WarmSession(batch.plan).solve(changes, Counts())
    assert proven.all()
    assert alone.tolist() == [False, True, True, True]
    shown = batch.solve([[], [0], [1], [0, 1]], flows=True, engine="warm")
    assert_same(shown.x, batch.solve([[], [0], [1], [0, 1]], flows=True, engine="kernel").x)


def test_a_series_is_a_sequence_of_draws(legs_of_kz):
    pairs = list(itertools.combinations(range(6), 2))
    series = Series(2 * np.arange(len(pairs) + 1), np.array(pairs, np.int32).ravel())
    assert len(series) == len(pairs)
    expected = values_of(legs_of_kz.solve(pairs, engine="kernel"))
    np.testing.assert_array_equal(values_of(legs_of_kz.solve(series, engine="kernel")), expected)


def test_tableaus_are_those_of_linear_algebra(legs_of_kz):
    from routeopt.solve.kernel.invert import tableau_into

    program = legs_of_kz.plan.program
    rows, columns = program.shape
    wide = np.zeros((rows, columns + rows))
    np.add.at(wide, (program.index, program.column_of_entry), program.value)
    wide[np.arange(rows), columns + np.arange(rows)] = -1.0
    rng = np.random.default_rng(4)
    # Logical variables are a basis; columns that exchange with one of their own rows keep it one.
    basic, cost = columns + np.arange(rows), rng.normal(size=(2, columns + rows))
    for column in rng.permutation(columns).tolist():
        tried = basic.copy()
        tried[program.index[program.start[column]]] = column
        if abs(np.linalg.det(wide[:, tried])) > 1e-3:
            basic = tried
    assert (basic < columns).sum() > rows / 4
    table, reduced = np.empty(wide.shape), np.empty(cost.shape)
    order = rng.permutation(rows)
    matrix = program.start, program.index, program.value
    assert tableau_into(*matrix, cost, basic, order, table, reduced)
    np.testing.assert_allclose(wide[:, basic] @ table, wide, atol=1e-9)
    np.testing.assert_allclose(reduced, cost - cost[:, basic] @ table, atol=1e-8)
    basic[1] = basic[0]
    assert not tableau_into(*matrix, cost, basic, order, table, reduced)


def test_compiled_code_is_kept_by_the_content_of_all_its_files(tmp_path):
    from routeopt.solve.kernel.dual_simplex import walk

    assert jit.fingerprint(jit._files()) in walk.py_func.__qualname__
    names = {path.name for path in jit._files()}
    assert {"dual_simplex.py", "pivot.py", "exchange.py", "proof.py", "bound_changes.py"} <= names
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    one.write_text("a = 1\n")
    other.write_text("b = 1\n")
    before = jit.fingerprint.__wrapped__((one, other))
    other.write_text("b = 2\n")
    assert jit.fingerprint.__wrapped__((one, other)) != before
    other.unlink()
    assert jit.fingerprint.__wrapped__((one, other)) != before
