"""An executor that loses a worker, and sweeps that must not notice."""

import concurrent.futures as futures
import os
import signal

import pandas as pd
import pytest

import routeopt as ro


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


def assert_sweeps_are_the_same(kz, separate, pool):
    """Contingencies and random instants."""
    serial, found = (ro.contingencies(kz, 2, "leg", engine="kernel", executor=one, chunk=200) for one in (None, pool))
    pd.testing.assert_frame_equal(found.table, serial.table, check_exact=True)
    assert found.counts == serial.counts
    assert found.counts.kernel == found.counts.sets
    asked = {"draws": 3_000, "method": "sample", "seed": 4}
    serial, found = (ro.simulate_outages(separate, executor=one, chunk=2, **asked) for one in (None, pool))
    assert found.losses.tolist() == pytest.approx(serial.losses.tolist(), rel=1e-12)
