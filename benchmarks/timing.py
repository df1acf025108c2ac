"""Interleaved repeats: all that is compared takes turns, so that a slow minute of the machine hits everybody."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

REPEATS = 5


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """How long some work takes, and what it gives."""
    gc.collect()
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def interleaved(cases: Mapping[str, Callable[[], Any]], repeats: int = REPEATS) -> dict[str, float]:
    """Median seconds of each case over repeats in which all take turns."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(repeats):
        for name, work in cases.items():
            taken[name].append(seconds(work)[0])
    return {name: statistics.median(times) for name, times in taken.items()}


def sample(many: int, wanted: int, seed: int = 7) -> NDArray[np.int64]:
    """Places of so many closures out of all of them, in order."""
    if wanted >= many:
        return np.arange(many)
    return np.sort(np.random.default_rng(seed).choice(many, wanted, replace=False))
