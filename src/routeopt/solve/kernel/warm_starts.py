"""Where closures start from: the optimum of each decision alone is nearer to most closures than the base is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.solve.kernel.dual_simplex import PIVOT_LIMIT, walk
from routeopt.solve.kernel.pool import Pool
from routeopt.solve.kernel.start import Start
from routeopt.solve.kernel.workspace import Room

__all__ = ["Seeds", "base_seed", "single_seeds"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Seeds(NamedTuple):
    """Optima to start from; every basis among them is dual feasible for every closure.

    Attributes
    ----------
    basis : int array, shape (seeds,)
        Place in the pool.
    x : float array, shape (seeds, N)
    ptr, var : int arrays
        Variables whose bounds each seed has moved.
    effort : int array, shape (seeds,)
        Pivots from the base.
    values : float array, shape (seeds, objectives)
        What is asked for at each of them.
    sure : bool array, shape (seeds,)
        Whether optimum and values have been proven and may be passed on.
    used : int array, shape (4,)
        What of the pool the seeds need, see `Pool.used`.
    """

    basis: Ints
    x: Floats
    ptr: Ints
    var: NDArray[np.int32]
    effort: Ints
    values: Floats
    sure: NDArray[np.bool_]
    used: Ints


def base_seed(start: Start, pool: Pool, objectives: int) -> Seeds:
    """The base alone, not proven yet."""
    one = np.zeros(1, np.int64)
    return Seeds(
        one, start.x[None, :].copy(), np.zeros(2, np.int64), np.zeros(0, np.int32), one, np.empty((1, objectives)),
        np.zeros(1, bool), pool.used.copy(),
    )  # fmt: skip


def single_seeds(
    start: Start, pool: Pool, room: Room, objectives: int, ptr: Ints, var: NDArray[np.int32], low: Floats, up: Floats
) -> Seeds:
    """The base, and then each of some closures; those that are not answered are the base again."""
    # The base is one of them: the closure that moves nothing.
    ptr = np.concatenate([[0], ptr])
    base, many = base_seed(start, pool, objectives), len(ptr) - 1
    x, ended, effort = np.empty((many, len(start.x))), np.zeros(many, np.int64), np.zeros(many, np.int64)
    values, answered, every = np.empty((many, objectives)), np.zeros(many, bool), np.arange(many)
    walk(start, base, pool, room, np.zeros(many, np.int64), ptr, var, low, up, values, answered, every, x, ended,
         effort, np.zeros(3, np.int64), PIVOT_LIMIT)  # fmt: skip
    ended[~answered], x[~answered], effort[~answered], values[~answered] = 0, start.x, 0, values[0]
    return Seeds(ended, x, ptr, var, effort, values, answered & answered[0], pool.used.copy())
