"""Which elements are out together: distinct states, the likeliest ones, and the probability of each."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Bools, Floats
from routeopt.resilience.outages.process import YEAR, Process

__all__ = ["States", "all_are_solved", "distinct", "likely_states", "merged", "pack", "probabilities", "unpack"]

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

_AT_ONCE = 2_048

ALWAYS_EXACT = 4_096
"""Up to this number all states are solved, however few draws were requested."""

_LISTED = 20
"""Number of events up to which all states may be listed."""


class States(NamedTuple):
    """Distinct states, one bit per element, each with its frequency or probability."""

    packed: Bytes
    weight: Floats


def all_are_solved(events: int, draws: int) -> bool:
    """Whether there are no more states than draws, or few states."""
    return events <= _LISTED and 1 << events <= max(draws, ALWAYS_EXACT)


def pack(states: Bools) -> Bytes:
    """Pack states into one bit per element."""
    return np.packbits(states, axis=1)


def unpack(packed: Bytes, elements: int) -> Bools:
    """Undo `pack`."""
    return np.unpackbits(packed, axis=1, count=elements).astype(bool)


def distinct(packed: Bytes) -> tuple[Bytes, Ints]:
    """Distinct states in a fixed order, and the place of each state among them."""
    if packed.shape[1] <= 8:
        wide = np.zeros((len(packed), 8), np.uint8)
        wide[:, 8 - packed.shape[1] :] = packed
        keys: NDArray[Any] = wide.view(">u8").ravel().astype(np.uint64)
    else:
        # Text ends at its last byte that is not zero, which keeps states of one width apart all the same.
        keys = np.ascontiguousarray(packed).view(f"S{packed.shape[1]}").ravel()
    _, first, of = np.unique(keys, return_index=True, return_inverse=True)
    return packed[first], of.ravel()


def merged(parts: Sequence[States], total: float) -> States:
    """Merge parts, equal states once; weights are divided by the total."""
    unique, of = distinct(np.concatenate([part.packed for part in parts]))
    weight = np.bincount(of, np.concatenate([part.weight for part in parts]), len(unique)).astype(float)
    return States(unique, weight / total)


def likely_states(chances: Sequence[float], most: int) -> Bools:
    """The ``most`` likely states of independent events that are down with some chances, the likeliest first.

    Each event that differs from the likeliest state costs |log odds|; sets of events are visited by rising cost (the
    successors of a set add the next event, or replace the last event by it).

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
    """Probability of each state, shape (S, events), at a random time of the year.

    Events are independent given the day; the joint probability of events with months is the mean over days of the
    product.
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
