"""From optimal values to losses, synergies and ranks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.model.certificate import TOLERANCE
from routeopt.resilience.sweep import Solved, rank

__all__ = ["Losses", "levels", "losses_of", "worst_first"]

Floats = NDArray[np.float64]
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
    """Of every set but the empty one, the small sets first; in inner units a day.

    Attributes
    ----------
    exported, lost, shortage, netback_lost, synergy : float array
        As in `Contingencies.table`.
    noise, money_noise : float
        What the certificates do not tell from zero.
    """

    exported: Floats
    lost: Floats
    shortage: Floats
    netback_lost: Floats
    synergy: Floats
    noise: float
    money_noise: float


def losses_of(solved: Solved, unit: float) -> Losses:
    """Losses against the empty set.

    Parameters
    ----------
    solved : Solved
    unit : float
        Size of the system.
    """
    base, values = solved.values[0][0], np.concatenate(solved.values[1:])
    exported, shortage, money = values.T
    noise = TOLERANCE * max(unit, float(base[:2].max()))
    money_noise = TOLERANCE * max(unit, float(np.abs(np.append(money, base[2])).max()))
    lost = _clean(base[0] - exported, noise)
    synergy = _clean(_synergy(solved, lost), 3 * noise)
    return Losses(exported, lost, _clean(shortage - base[1], noise), _clean(money - base[2], money_noise), synergy,
                  noise, money_noise)  # fmt: skip


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


def _clean(values: Floats, noise: float) -> Floats:
    return np.where(np.abs(values) <= noise, 0.0, values)


def _synergy(solved: Solved, lost: Floats) -> Floats:
    """What each set loses beyond the best way to split it into smaller sets."""
    by_size = np.split(lost, np.cumsum([len(sets) for sets in solved.sets[1:]])[:-1])
    alone, many = by_size[0], len(by_size[0])
    found = [np.zeros(many)]
    for size, mine in enumerate(by_size[1:], 2):
        sets = solved.sets[size]
        split = alone[sets].sum(axis=1)
        if size == 3:
            for one in range(3):
                pair = by_size[1][rank(np.delete(sets, one, axis=1), many)]
                split = np.maximum(split, pair + alone[sets[:, one]])
        found.append(mine - split)
    return np.concatenate(found)
