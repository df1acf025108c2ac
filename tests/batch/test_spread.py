"""Workers, parts and order do not matter; nothing is lost with a worker, nothing is left behind."""

import concurrent.futures as futures
import logging
import multiprocessing
import os
import pickle
import sys
import time
import types

import numpy as np
import pytest

from batch.conftest import values_of
from helpers.workers import die_away_from
from routeopt.solve import parallel as spreading
from routeopt.solve.parallel import spread


@pytest.mark.parametrize("engine", ["kernel", "warm"])
def test_parts_order_and_workers_do_not_matter(legs_of_kz, draws_of_kz, engine):
    draws = draws_of_kz if engine == "kernel" else draws_of_kz[:80]
    whole = values_of(legs_of_kz.solve(draws, engine=engine))
    parts = legs_of_kz.solve(draws, engine=engine, chunk=37, flows=[3, 50])
    order = np.random.default_rng(3).permutation(len(draws))
    shuffled = values_of(legs_of_kz.solve(draws[order], engine=engine))
    with futures.ThreadPoolExecutor(2) as pool:
        spread_out = values_of(legs_of_kz.solve(draws, engine=engine, chunk=101, executor=pool))
    if engine == "kernel":  # what the kernel says depends on the closure alone, to the last digit
        np.testing.assert_array_equal(spread_out, whole)
        np.testing.assert_array_equal(shuffled, whole[order])
    np.testing.assert_allclose(values_of(parts), whole, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(shuffled, whole[order], rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(spread_out, whole, rtol=1e-12, atol=1e-9)
    assert len(parts.x) == 2


def test_processes_get_plain_data(legs_of_kz, draws_of_kz):
    draws = draws_of_kz[:60]
    expected = values_of(legs_of_kz.solve(draws, engine="warm"))
    context = multiprocessing.get_context("spawn")
    with futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        found = legs_of_kz.solve(draws, engine="warm", chunk=30, executor=pool)
    np.testing.assert_allclose(values_of(found), expected, rtol=1e-12, atol=1e-9)
    assert len(pickle.dumps(legs_of_kz.plan)) < 300_000


def square(number):
    return number * number


def test_what_a_dead_worker_had_is_done_again(caplog):
    context = multiprocessing.get_context("spawn")
    tasks = [(os.getpid(), number) for number in range(6)]
    with futures.ProcessPoolExecutor(1, mp_context=context) as pool, caplog.at_level(logging.WARNING):
        found = spread(die_away_from, tasks, pool)
    assert found == [0, 1, 4, 9, 16, 25]
    assert "lost with their workers" in caplog.text


class Cancelling(futures.Executor):
    """An executor that drops every other task."""

    def __init__(self):
        self.futures = []

    def submit(self, function, /, *args, **kwargs):
        future = futures.Future()
        self.futures.append(future)
        if len(self.futures) % 2:
            future.cancel()
            future.set_running_or_notify_cancel()
        else:
            future.set_result(function(*args, **kwargs))
        return future


def test_cancelled_tasks_are_done_here():
    assert spread(square, [(n,) for n in range(5)], Cancelling()) == [0, 1, 4, 9, 16]


class Interrupted(futures.Executor):
    """An executor in which the first task is interrupted and the others wait for ever."""

    def __init__(self):
        self.futures = []

    def submit(self, function, /, *args, **kwargs):
        future = futures.Future()
        if not self.futures:
            future.set_exception(KeyboardInterrupt())
        self.futures.append(future)
        return future


def test_an_interrupt_cancels_what_waits():
    pool = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        spread(square, [(n,) for n in range(4)], pool)
    assert [future.cancelled() for future in pool.futures] == [False, True, True, True]


def test_an_error_is_passed_on_and_cancels_the_rest():
    with futures.ThreadPoolExecutor(1) as pool, pytest.raises(ZeroDivisionError):
        spread(divmod, [(1, 0), (4, 2), (6, 3)], pool)


def test_a_bar_shows_only_when_it_takes_long(monkeypatch):
    shown = []

    class Bar:
        def __init__(self, total, initial, desc, unit):
            shown.append([initial, total])

        def update(self, more):
            shown[-1][0] += more

        def close(self):
            shown[-1].append("closed")

    monkeypatch.setitem(sys.modules, "tqdm", types.SimpleNamespace(tqdm=Bar))
    spread(time.sleep, [(0.001,)] * 5)
    assert shown == []
    monkeypatch.setattr(spreading, "PATIENCE", 0.0)
    spread(time.sleep, [(0.001,)] * 5)
    assert shown == [[5, 5, "closed"]]
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert spread(square, [(2,), (3,)]) == [4, 9]
