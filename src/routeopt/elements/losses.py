"""From optimal values to losses, synergies and ranks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.elements.sweep import Swept, rank
from routeopt.elements.values import clean, resolution

__all__ = ["Losses", "levels", "losses_of", "synergies", "worst_first"]

Ints = NDArray[np.int64]


def worst_first(shortage: Ints, lost: Ints, *then: Ints) -> Ints:
    """Places of sets, the worst first: what refineries lack decides, then what is lost, then the rest; by `levels`.

    Examples
    --------
    A set that starves a refinery comes first although more is exported then.

    >>> lacking, lost = np.array([0.0, 8.0, 0.0]), np.array([9.0, -4.0, 60.0])
    >>> worst_first(levels(lacking, 1e-6), levels(lost, 1e-6)).tolist()
    [1, 2, 0]
    """
    keys = (shortage, lost, *then, np.arange(len(lost)))
    return np.lexsort(keys[::-1]).astype(np.int64)


class Losses(NamedTuple):
    """Of every set but the empty one, the small sets first, in inner units a day: columns of `Contingencies.table`, and
    what the certificates do not tell from zero."""

    exported: Floats
    lost: Floats
    shortage: Floats
    netback_lost: Floats
    synergy: Floats
    noise: float
    money_noise: float


def losses_of(swept: Swept, unit: float) -> Losses:
    """Losses against the empty set; ``unit`` is the size of the system."""
    base, values = swept.values[0][0], np.concatenate(swept.values[1:])
    exported, shortage, money = values.T
    noise, money_noise = resolution(unit, base[:2]), resolution(unit, money, base[2])
    lost = clean(base[0] - exported, noise)
    ends = np.cumsum([len(sets) for sets in swept.sets[1:]])[:-1]
    synergy = np.concatenate(synergies(swept.sets[1:], np.split(lost, ends), noise))
    return Losses(exported, lost, clean(shortage - base[1], noise), clean(money - base[2], money_noise), synergy,
                  noise, money_noise)  # fmt: skip


def synergies(sets: Sequence[Ints], lost: Sequence[Floats], noise: float) -> list[Floats]:
    """What each set loses beyond the best way to split it into smaller sets; sets and losses by size, from one on.

    Examples
    --------
    Two that stand in for each other lose nothing alone.

    >>> sets = [np.array([[0], [1]]), np.array([[0, 1]])]
    >>> [found.tolist() for found in synergies(sets, [np.zeros(2), np.array([5.0])], 0.0)]
    [[0.0, 0.0], [5.0]]
    """
    many = len(sets[0])
    best, found = [lost[0]], [np.zeros(many)]
    for size in range(2, len(sets) + 1):
        mine, split = sets[size - 1], np.full(len(sets[size - 1]), -np.inf)
        # Of each two parts one has the first element.
        for part in range(1, size):
            for others in itertools.combinations(range(1, size), part - 1):
                inside = (0, *others)
                rest = [place for place in range(size) if place not in inside]
                one, other = best[part - 1][rank(mine[:, inside], many)], best[len(rest) - 1][rank(mine[:, rest], many)]
                split = np.maximum(split, one + other)
        found.append(clean(lost[size - 1] - split, 3 * noise))
        best.append(np.maximum(lost[size - 1], split))
    return found


def levels(values: Floats, noise: float) -> Ints:
    """Places in falling order, from 0; values that differ by no more than the noise share one.

    Examples
    --------
    >>> levels(np.array([1.0, 3.0, 3.0 + 1e-9, 2.0]), 1e-6).tolist()
    [2, 0, 0, 1]
    """
    order = np.argsort(-values, kind="stable")
    falls = -np.diff(values[order]) > noise
    result = np.empty(len(values), np.int64)
    result[order] = np.concatenate([[0], np.cumsum(falls)])[: len(values)]
    return result
