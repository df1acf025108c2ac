"""Two cores against one, and memory."""

from __future__ import annotations

import concurrent.futures as futures
import json
import multiprocessing
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from instances import Instance
from timing import REPEATS, interleaved

__all__ = ["cores", "main", "memory"]

LIMITS = {100_000: 300.0, 1_000_000: 1000.0}
"""MB wanted at most."""


def _ready(_: int) -> int:
    from routeopt.solve import kernel

    kernel.load()  # a worker has loaded what it works with before time counts

    return 0


def cores(instance: Instance, many: int, engine: Any = "auto", repeats: int = REPEATS) -> list[str]:
    """Seconds on one core, by two threads and by two processes that are up and have worked before."""
    drawn = instance.draws(many)
    batch = instance.batch()
    chunk = max(1, min(8192, many // 8))
    spawn = multiprocessing.get_context("spawn")
    with futures.ThreadPoolExecutor(2) as threads, futures.ProcessPoolExecutor(2, mp_context=spawn) as processes:

        def ask(executor: futures.Executor | None) -> Any:
            return batch.solve(drawn, engine=engine, executor=executor, chunk=chunk)

        values = [ask(executor) for executor in (None, threads, processes)]  # everybody has worked before
        size = np.abs(values[0].money).max()
        same = all(np.allclose(values[0].money, other.money, rtol=0, atol=1e-9 * size) for other in values[1:])
        taken = interleaved({"one": lambda: ask(None), "threads": lambda: ask(threads),
                             "processes": lambda: ask(processes)}, repeats)  # fmt: skip
    one = taken["one"]
    lines = [f"{instance.name}, {many:,} draws, engine {engine}: one core {1e6 * one / many:.2f} us a closure"]
    lines += [f"  two {name}: {one / taken[name]:.2f} x (wanted: 1.6)" for name in ("threads", "processes")]
    return lines + ([] if same else ["  FAILED: the values depend on the executor"])


def memory(many: int) -> str:
    """Largest memory of a fresh process that draws and solves so many closures of Kazakhstan."""
    here = str(Path(__file__).resolve())
    done = subprocess.run([sys.executable, here, str(many)], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    verdict = "yes" if found["peak"] < LIMITS[many] else "above"
    parts = f"{found['loaded']:.0f} MB of it before the first draw"
    return f"{many:,} draws: {found['peak']:.0f} MB, {parts} (wanted: under {LIMITS[many]:.0f}): {verdict}"


def peak_memory() -> float:
    """MB that this process has had at most; getrusage would count what the process that started it had."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    """In the fresh process."""
    from instances import kazakhstan

    many = int(sys.argv[1])
    instance = kazakhstan()
    batch = instance.batch()
    batch.solve(instance.draws(2_500))
    loaded = peak_memory()
    found = batch.solve(instance.draws(many))
    print(json.dumps({"peak": peak_memory(), "loaded": loaded, "mean": float(found.exported.mean())}))


if __name__ == "__main__":
    main()
