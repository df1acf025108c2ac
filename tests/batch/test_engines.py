"""Which engine answers, and what happens to what it cannot answer."""

from dataclasses import replace

import numpy as np
import pytest

from batch.conftest import assert_same, values_of
from routeopt.errors import InputError, SolverError
from routeopt.solve import batch as batches
from routeopt.solve import kernel, worker
from routeopt.solve.batch_problem import Changes
from routeopt.solve.highs import Session
from routeopt.solve.warm import WarmSession


def kernel_plan(batch):
    return batches.with_engine(batch.plan, "kernel", 1, False)


def test_what_takes_too_many_pivots_is_handed_over(legs_of_kz, draws_of_kz):
    draws = draws_of_kz[:60]
    plan = replace(kernel_plan(legs_of_kz), pivot_limit=0)
    sets = batches.sets_of(draws, draws.shape[1])
    found = worker.Worker(plan).solve(*sets, np.arange(0))
    # Closures that have a start of their own need no pivot, whatever the limit.
    assert 0 < found.counts.handed_over < 60
    assert found.counts.warm == found.counts.handed_over
    assert found.counts.pivots == 0
    expected = legs_of_kz.solve(draws, engine="kernel")
    assert expected.counts.handed_over == 0
    assert_same(found.values, np.column_stack([expected.shortage, -expected.exported, expected.money]))


def test_what_the_warm_session_cannot_prove_is_solved_from_cold(legs_of_kz, draws_of_kz, monkeypatch, caplog):
    draws = draws_of_kz[:12]
    expected = legs_of_kz.solve(draws, engine="warm")
    # A session that says that nothing is exported is refuted, whatever it believes.
    monkeypatch.setattr(Session, "point", lambda self: np.zeros(legs_of_kz.plan.program.shape[1]))
    found = worker.Worker(legs_of_kz.plan).solve(*batches.sets_of(draws, draws.shape[1]), np.arange(0))
    assert found.counts.cold == 12
    assert "12 of 12" in caplog.text
    assert_same(-found.values[:, 1], expected.exported)
    assert_same(found.values[:, 2], expected.money)


def test_a_point_that_is_not_optimal_is_not_proven(legs_of_kz):
    session = WarmSession(legs_of_kz.plan)
    none = Changes(np.zeros(2, np.int64), np.zeros(0, np.int32), np.zeros(0), np.zeros(0))
    sides = np.zeros(1, np.int64)
    point = session._x[None, : session._columns].copy()
    assert session._proven(none, point, sides)[0].all()
    output = legs_of_kz.plan.program.layout.column["output"]
    for change in (0.999, 1.001):
        moved = point.copy()
        moved[0, output] *= change
        assert not session._proven(none, moved, sides)[0].any()
    assert not session._proven(none, np.zeros_like(point), sides)[0].any()


def test_auto_takes_the_kernel_for_many_closures_only(legs_of_kz, draws_of_kz, monkeypatch):
    monkeypatch.setattr(batches, "KERNEL_CLOSURES", 100)
    few, many = legs_of_kz.solve(draws_of_kz[:20]), legs_of_kz.solve(draws_of_kz[:200])
    assert few.counts.warm == 20
    assert many.counts.kernel == 200
    assert_same(values_of(few), values_of(many)[:20])
    monkeypatch.setattr(batches, "KERNEL_ROWS", 50)
    assert legs_of_kz.solve(draws_of_kz[:200]).counts.kernel == 0


def test_without_numba_everything_works(legs_of_kz, draws_of_kz, monkeypatch):
    expected = legs_of_kz.solve(draws_of_kz[:100], engine="kernel")
    monkeypatch.setattr(kernel, "available", lambda: False)
    monkeypatch.setattr(batches, "KERNEL_CLOSURES", 10)
    found = legs_of_kz.solve(draws_of_kz[:100])
    assert found.counts.kernel == 0
    assert_same(values_of(found), values_of(expected))
    with pytest.raises(SolverError, match=r"routeopt\[fast\]"):
        legs_of_kz.solve(draws_of_kz[:100], engine="kernel")


def test_a_full_memory_is_emptied_and_nothing_changes(legs_of_kz, draws_of_kz):
    from routeopt.solve.kernel import engine as kernels

    plan, sets = kernel_plan(legs_of_kz), batches.sets_of(draws_of_kz, draws_of_kz.shape[1])
    expected = kernels.Kernel(plan)
    small = kernels.Kernel(plan, megabytes=0.5)
    answers = []
    for one in (expected, small):
        counts = worker.Counts()
        _, values, left = one.solve(*sets, np.arange(0), np.empty((0, plan.program.shape[1])), counts)
        assert len(left) == 0
        answers.append((values, counts.learned))
    np.testing.assert_array_equal(answers[0][0], answers[1][0])
    assert answers[1][1] > answers[0][1]  # some of it had to be learned again


def test_wrong_requests_are_named(legs_of_kz, draws_of_kz):
    with pytest.raises(InputError, match="no decision 99"):
        legs_of_kz.solve([[99]])
    with pytest.raises(InputError, match="decisions"):
        legs_of_kz.solve(draws_of_kz[:, :5])
    with pytest.raises(InputError, match="unknown engine 'fast'"):
        legs_of_kz.solve([[0]], engine="fast")
    with pytest.raises(InputError, match="flows"):
        legs_of_kz.solve([[0]], flows=[3])
    with pytest.raises(InputError, match="parts of 0"):
        legs_of_kz.solve([[0]], chunk=0)
    assert len(legs_of_kz.solve([])) == 0
