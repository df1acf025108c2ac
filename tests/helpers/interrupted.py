"""A sweep that is interrupted in the middle; a script that `tests/batch/test_interrupt.py` runs and interrupts."""

import concurrent.futures as futures
import multiprocessing
import sys
import threading

import numpy as np

import routeopt as ro
from routeopt.scenario import Closure, Scenario
from routeopt.scenario.case import situate
from routeopt.solve import batch as batches
from routeopt.solve import worker
from routeopt.solve.batch import Batch

PARTS = 1_500


class Counting(futures.Executor):
    """An executor, or this thread, that tells when the first part is done."""

    def __init__(self, pool=None):
        self.pool, self.done, self.work, self.lock = pool, 0, worker.work, threading.Lock()

    def submit(self, function, /, *args, **kwargs):
        future = self.pool.submit(function, *args, **kwargs)
        future.add_done_callback(lambda one: one.cancelled() or self.count())
        return future

    def here(self, *task):
        answer = self.work(*task)
        self.count()
        return answer

    def count(self):
        with self.lock:
            self.done += 1
            third = self.done == 3
        if third:
            print("begun", *(process.pid for process in multiprocessing.active_children()), flush=True)


def main(engine, where):
    kz = ro.load("kazakhstan")
    batch = Batch(kz, situate(kz, Scenario()), [Closure(leg=leg) for leg in kz.legs])
    size = 400 if engine == "kernel" else 20
    draws = np.random.default_rng(1).random((PARTS * size, len(kz.legs))) < 0.1
    few = draws[:50]
    expected = batch.solve(few, engine="kernel").exported
    counting = Counting()
    try:
        if where == "here":
            batches.worker.work = counting.here
            batch.solve(draws, engine=engine, chunk=size)
        else:
            with futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
                counting.pool = pool
                batch.solve(draws, engine=engine, chunk=size, executor=counting)
    except KeyboardInterrupt:
        print("interrupted", counting.done, len(multiprocessing.active_children()), flush=True)
    batches.worker.work = counting.work
    again = batch.solve(few, engine=engine).exported
    print("again", float(np.abs(again - expected).max()) < 1e-6, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
