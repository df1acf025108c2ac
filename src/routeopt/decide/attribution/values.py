"""The Shapley value: exactly from all coalitions, and estimated from random orders."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Bools, Floats
from routeopt.intervals import student

__all__ = ["Estimate", "exact", "half_width", "sampled"]


ROUND = 64
"""Pairs of orders that are drawn before the stop rule is asked; it depends on nothing else."""


class Estimate(NamedTuple):
    """Shapley values from random orders: the mean over pairs of orders and its standard error, whether the player
    changed anything in any order, and how many orders were drawn."""

    value: Floats
    error: Floats
    moved: Bools
    orders: int


def exact(values: Floats) -> Floats:
    """Shapley values from the value of every coalition, in the order of `routeopt.elements.values.every_set`.

    phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S)) (Shapley 1953).

    Examples
    --------
    One right glove and two left ones; a pair is worth 1.

    >>> exact(np.array([0, 0, 0, 0, 0, 1, 1, 1.0])).round(6).tolist()
    [0.166667, 0.166667, 0.666667]
    """
    players = len(values).bit_length() - 1
    size = np.array([mask.bit_count() for mask in range(len(values))])
    weight = np.array([1.0 / (players * math.comb(players - 1, s)) for s in range(players)])
    found = np.empty(players)
    for player in range(players):
        # Neighbours that differ in this player alone: the bit is the middle axis.
        v, s = (array.reshape(-1, 2, 1 << player) for array in (values, size))
        found[player] = (weight[s[:, 0]] * (v[:, 1] - v[:, 0])).sum()
    return found


def sampled(
    value: Callable[[Bools], Floats], players: int, orders: int, seed: int, tolerance: float | None = None
) -> Estimate:
    """Shapley values as mean contributions over random orders of arrival.

    Orders come in pairs, one and its reverse: who comes early in one comes late in the other, so where players stand
    in for one another the mean of a pair varies less than that of two separate orders. Pairs are independent; the
    standard error is over them.

    ``value`` gives the values of coalitions of shape (S, players). The first orders of a longer run with one seed are
    the same. With a tolerance it stops, after a multiple of `ROUND` pairs, when no standard error is larger.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    means: list[Floats] = []
    moved = np.zeros(players, bool)
    error = np.full(players, np.inf)
    done, pairs = 0, orders // 2
    while done < pairs:
        count = min(ROUND, pairs - done)
        order = rng.permuted(np.tile(np.arange(players), (count, 1)), axis=1)
        gains = _contributions(value, np.concatenate([order, order[:, ::-1]]))
        moved |= (gains != 0).any(axis=0)
        means.append(0.5 * (gains[:count] + gains[count:]))
        done += count
        every = np.concatenate(means)
        error = every.std(axis=0, ddof=1) / math.sqrt(done) if done > 1 else error
        if tolerance is not None and done >= ROUND and error.max() <= tolerance:
            break
    return Estimate(np.concatenate(means).mean(axis=0), error, moved, 2 * done)


def _contributions(value: Callable[[Bools], Floats], order: NDArray[np.intp]) -> Floats:
    """What each player adds where it comes in each order, shape (orders, players)."""
    many, players = order.shape
    rank = np.argsort(order, axis=1)
    inside = rank[:, None, :] < np.arange(players + 1)[None, :, None]
    along = value(inside.reshape(-1, players)).reshape(many, players + 1)
    gains: Floats = np.take_along_axis(np.diff(along, axis=1), rank, axis=1)
    return gains


def half_width(error: Floats, pairs: int) -> Floats:
    """Half of an interval of Student's t around a mean of independent pairs."""
    return student(pairs - 1) * error
