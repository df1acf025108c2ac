"""Every state and its probability, or the most likely states and the probability of the rest."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from routeopt.resilience.outages.process import YEAR, Process

__all__ = ["every_state", "likely_states", "probabilities"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_AT_ONCE = 2_048


def every_state(events: int) -> Bools:
    """All states of some events, shape (2^n, n); the first has everything up."""
    count = np.arange(1 << events)[:, None]
    found: Bools = (count >> np.arange(events)) & 1 == 1
    return found


def likely_states(chances: Sequence[float], most: int) -> Bools:
    """The most likely states of independent events, in falling order of probability.

    From the likeliest state an event that goes the other way costs |log odds|; sets of events are met by
    rising sum of costs (each set is followed by itself with the next event added, and with the last one replaced).

    Parameters
    ----------
    chances : sequence of float
        Probability that each is down, between 0 and 1 exclusive.
    most : int
        How many states.

    Examples
    --------
    >>> likely_states([0.1, 0.3], 3).astype(int).tolist()
    [[0, 0], [0, 1], [1, 0]]
    """
    usual = np.array([chance > 0.5 for chance in chances])
    costs = [abs(math.log(chance / (1.0 - chance))) for chance in chances]
    order = sorted(range(len(costs)), key=lambda place: costs[place])
    sets: list[tuple[int, ...]] = [()]
    waiting: list[tuple[float, tuple[int, ...]]] = [(costs[order[0]], (0,))] if order else []
    while waiting and len(sets) < most:
        cost, chosen = heapq.heappop(waiting)
        sets.append(chosen)
        last = chosen[-1]
        if last + 1 < len(order):
            step = costs[order[last + 1]]
            heapq.heappush(waiting, (cost + step, (*chosen, last + 1)))
            heapq.heappush(waiting, (cost + step - costs[order[last]], (*chosen[:-1], last + 1)))
    states = np.tile(usual, (len(sets), 1))
    for row, chosen in enumerate(sets):
        for place in chosen:
            states[row, order[place]] ^= True
    return states


def probabilities(states: Bools, processes: Sequence[Process]) -> Floats:
    """Probability of each state at a random instant of the year.

    Given the day events are independent; events with months share the day, so their joint probability is the mean
    over days of the product.

    Parameters
    ----------
    states : bool array, shape (S, events)
    processes : sequence of Process

    Returns
    -------
    float array, shape (S,)
    """
    found = np.ones(len(states))
    seasonal = [place for place, process in enumerate(processes) if process.seasonal]
    for place, process in enumerate(processes):
        if not process.seasonal:
            chance = float(process.down[0])
            found *= np.where(states[:, place], chance, 1.0 - chance)
    if seasonal:
        patterns, of = np.unique(states[:, seasonal], axis=0, return_inverse=True)
        mean = np.empty(len(patterns))
        for first in range(0, len(patterns), _AT_ONCE):
            part = patterns[first : first + _AT_ONCE]
            joint = np.ones((len(part), YEAR))
            for column, place in enumerate(seasonal):
                down = processes[place].down
                joint *= np.where(part[:, column, None], down, 1.0 - down)
            mean[first : first + _AT_ONCE] = joint.mean(axis=1)
        found *= mean[of.ravel()]
    return found
