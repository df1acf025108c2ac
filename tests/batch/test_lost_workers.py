"""A worker that is killed in the middle: what it had is done again, with the same answer."""

import concurrent.futures as futures
import logging
import multiprocessing
import os

import numpy as np
import pytest

import routeopt as ro
from batch.conftest import values_of
from helpers.killing import Killing, assert_sweeps_are_the_same
from helpers.outages import fails, lines


def processes(many):
    return futures.ProcessPoolExecutor(many, mp_context=multiprocessing.get_context("spawn"))


@pytest.fixture(scope="module")
def pool():
    with processes(2) as pool:
        yield pool


@pytest.fixture(scope="module")
def separate():
    return lines(10, {"a": (6, fails(0.1)), "b": (5, fails(0.2)), "c": (3, fails(0.3))})


def assert_years_are_the_same(separate, pool):
    """Years through the time model, in which a thread or process keeps a solver from one to the next."""
    serial, found = (ro.simulate_outages(separate, years=3, intertemporal=True, executor=one) for one in (None, pool))
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
