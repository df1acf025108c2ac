"""Sweeps on a real cluster of two worker processes (extra ``dask``), of which one is killed in the middle."""

import logging
import os

import numpy as np
from distributed import Client, LocalCluster

from batch.conftest import values_of
from helpers.killing import Killing, assert_sweeps_are_the_same
from helpers.outages import fails, lines


def test_a_worker_of_dask_is_killed_in_the_middle(kz, legs_of_kz, draws_of_kz):
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
        separate = lines(10, {"a": (6, fails(0.1)), "b": (5, fails(0.2))})
        assert_sweeps_are_the_same(kz, separate, client.get_executor())
