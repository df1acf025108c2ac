"""What the kernel remembers: bases that it has met, pivots between them, columns of their tableaus.

Reduced costs do not depend on bounds, so the variable that enters depends on the basis, the variable that leaves
and the side on which it leaves, and on nothing else. Every pivot is therefore computed once and then looked up,
whichever closure comes along, and every basis in which a closure ends is proven once. What is stored is a function of
the basis alone, so answers do not depend on what has been asked before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.solve.kernel.start import Start

__all__ = ["DEEPEST", "Pool", "Room", "new_pool", "new_room"]

Ints = NDArray[np.int32]

DEEPEST = 40
"""Bases that differ from the start by more exchanges are left to a solver."""

_BASES, _ENTRIES = 1 << 16, 1 << 17


class Pool(NamedTuple):
    """Bases, and entries that lead from them. Hash tables hold a place plus one; zero is empty.

    - ``used`` (4,): bases, entries, numbers in columns and members of sets in use.
    - ``basis_hash``, ``basis_key``, ``basis_set``, ``basis_side``, ``basis_proof``: A basis is the sets that left and
      entered the start basis, in order: ``basis_set`` says where in ``sets`` they begin and how large they are.
      ``basis_proof`` says whether it has been proven: 0 not tried, 1 yes, 2 no.
    - ``entry_hash``, ``entry_key``, ``entry``: from basis and leaving variable to basis and entering variable, and
      where its column begins and ends in ``at`` and ``by``. Or only the column of a variable that moves; then there is
      no basis (-1).
    """

    used: NDArray[np.int64]
    basis_hash: Ints
    basis_key: NDArray[np.int64]
    basis_set: Ints
    basis_side: NDArray[np.int8]
    basis_proof: NDArray[np.int8]
    sets: Ints
    entry_hash: Ints
    entry_key: NDArray[np.int64]
    entry: Ints
    at: NDArray[np.uint32]
    by: Floats


def new_pool(start: Start, megabytes: float = 128.0) -> Pool:
    """An empty pool that holds the start basis. Memory is only taken as it fills."""
    size = len(start.x)
    rows = int((start.side == 0).sum())
    # A column takes twelve bytes an entry and may be full; a basis takes its sides and two sets.
    fraction = megabytes * 2**20
    bases = int(min(_BASES, fraction / 4 / size))
    entries = min(_ENTRIES, 3 * bases)
    size_of_all = int(max(fraction / 2 / 12, 4 * rows))
    side = np.empty((bases, size), np.int8)
    side[0] = start.side
    pool = Pool(
        np.array([1, 0, 0, 0], np.int64), np.zeros(_power(2 * bases), np.int32), np.zeros(bases, np.int64),
        np.zeros((bases, 2), np.int32), side, np.zeros(bases, np.int8),
        np.empty(32 * bases, np.int32), np.zeros(_power(2 * entries), np.int32),
        np.empty(entries, np.int64), np.empty((entries, 4), np.int32), np.empty(size_of_all, np.uint32),
        np.empty(size_of_all),
    )  # fmt: skip
    pool.basis_hash[0] = 1
    return pool


def _power(least: int) -> int:
    return 1 << max(4, (least - 1).bit_length())


class Room(NamedTuple):
    """Scratch space of one worker; what is in it means nothing between two closures.

    ``now`` is the basis whose reduced costs are in ``reduced``, -1 if none is."""

    x: Floats
    lower: Floats
    upper: Floats
    stamp: NDArray[np.int64]
    touched: Ints
    activity: Floats
    multipliers: Floats
    gone: Ints
    come: Ints
    row: Floats
    lead: Floats
    column: Floats
    reduced: Floats
    weights: Floats
    tied: Ints
    known: Floats
    lu: Floats
    order: Ints
    where: Ints
    now: NDArray[np.int64]


def new_room(start: Start) -> Room:
    """Scratch space for a start."""
    size, rows, deep = len(start.x), len(start.begin) - 1 - len(start.x), DEEPEST + 2
    return Room(
        start.x.copy(), start.lower.copy(), start.upper.copy(), np.zeros(size, np.int64), np.zeros(size, np.int32),
        np.zeros(rows), np.zeros((rows, 3)), np.zeros(deep, np.int32), np.zeros(deep, np.int32),
        np.zeros(size), np.zeros(size), np.zeros(size),
        np.zeros(start.cost.shape), np.zeros(deep), np.zeros(size, np.int32), np.zeros(deep),
        np.zeros((deep, deep)), np.zeros(deep, np.int32), np.full(size, deep - 1, np.int32), np.full(1, -1),
    )  # fmt: skip
