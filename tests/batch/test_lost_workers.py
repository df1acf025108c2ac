"""A worker that is killed in the middle, on processes and on Dask: what it had is done again, with the same answer."""

import concurrent.futures as futures
import logging
import multiprocessing
import os
import signal

import numpy as np
import pandas as pd
import pytest
from distributed import Client, LocalCluster

import routeopt as ro
from batch.conftest import values_of
from helpers.outages import fails, lines


class Killing(futures.Executor):
    """An executor of which one worker is killed when some parts are done and the others are not."""

    def __init__(self, pool, victim, after=3):
        self.pool, self.victim, self.after = pool, victim, after
        self.submitted, self.done = 0, 0
        self.left = None

    def submit(self, function, /, *args, **kwargs):
        future = self.pool.submit(function, *args, **kwargs)
        self.submitted += 1
        future.add_done_callback(self._count)
        return future

    def _count(self, _):
        self.done += 1
        if self.done == self.after:
            os.kill(self.victim, signal.SIGKILL)
            self.left = self.submitted - self.done


def processes(many):
    return futures.ProcessPoolExecutor(many, mp_context=multiprocessing.get_context("spawn"))


@pytest.fixture(scope="module")
def pool():
    with processes(2) as pool:
        yield pool


@pytest.fixture(scope="module")
def separate():
    return lines(10, {"a": (6, fails(0.1)), "b": (5, fails(0.2)), "c": (3, fails(0.3))})


def assert_sweeps_are_the_same(kz, separate, pool):
    """Contingencies and random instants."""
    serial, found = (ro.contingencies(kz, 2, "leg", engine="kernel", executor=one, chunk=200) for one in (None, pool))
    pd.testing.assert_frame_equal(found.table, serial.table, check_exact=True)
    assert found.counts == serial.counts
    assert found.counts.kernel == found.counts.sets
    asked = {"draws": 3_000, "method": "sample", "seed": 4}
    serial, found = (ro.simulate_outages(separate, executor=one, chunk=2, **asked) for one in (None, pool))
    assert found.losses.tolist() == pytest.approx(serial.losses.tolist(), rel=1e-12)


def assert_years_are_the_same(separate, pool):
    """Years through the time model, in which a thread or process keeps a solver from one to the next."""
    serial, found = (ro.simulate_outages(separate, years=3, days="linked", executor=one) for one in (None, pool))
    assert (serial.losses > 0).all()
    assert found.losses.tolist() == pytest.approx(serial.losses.tolist(), rel=1e-9)


def test_every_sweep_on_processes(kz, separate, pool):
    assert_sweeps_are_the_same(kz, separate, pool)
    assert_years_are_the_same(separate, pool)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_any_number_of_threads(kz, separate, workers):
    with futures.ThreadPoolExecutor(workers) as threads:
        assert_sweeps_are_the_same(kz, separate, threads)


def test_threads_do_not_share_a_solver(separate):
    with futures.ThreadPoolExecutor(2) as threads:
        assert_years_are_the_same(separate, threads)


def test_a_process_is_killed_in_the_middle(legs_of_kz, draws_of_kz, caplog):
    serial = values_of(legs_of_kz.solve(draws_of_kz, engine="kernel"))
    with processes(2) as pool, caplog.at_level(logging.WARNING):
        killing = Killing(pool, pool.submit(os.getpid).result())
        found = legs_of_kz.solve(draws_of_kz, engine="kernel", chunk=20, executor=killing)
        assert killing.left > 0
        assert found.counts.certified == len(draws_of_kz)
        np.testing.assert_array_equal(values_of(found), serial)
        # A pool that has broken takes nothing any more: all is done here.
        again = legs_of_kz.solve(draws_of_kz, engine="kernel", chunk=500, executor=pool)
        np.testing.assert_array_equal(values_of(again), serial)
    assert "lost with their workers" in caplog.text
    assert "takes no more work" in caplog.text


def test_a_worker_of_dask_is_killed_in_the_middle(kz, separate, legs_of_kz, draws_of_kz):
    serial = values_of(legs_of_kz.solve(draws_of_kz, engine="kernel"))
    order = np.random.default_rng(1).permutation(len(draws_of_kz))
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with LocalCluster(**options, silence_logs=logging.CRITICAL) as cluster, Client(cluster) as client:
        workers = set(client.run(os.getpid).values())
        killing = Killing(client.get_executor(), min(workers))
        found = legs_of_kz.solve(draws_of_kz, engine="kernel", chunk=50, executor=killing)
        assert killing.left > 0
        np.testing.assert_array_equal(values_of(found), serial)
        client.wait_for_workers(2)
        assert min(workers) not in client.run(os.getpid).values()
        # With the worker that came in its place.
        shuffled = legs_of_kz.solve(draws_of_kz[order], engine="kernel", chunk=90, executor=client.get_executor())
        np.testing.assert_array_equal(values_of(shuffled), serial[order])
        assert_sweeps_are_the_same(kz, separate, client.get_executor())
