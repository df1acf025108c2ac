"""Scratch space of the kernel."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.solve.kernel.pool import DEEPEST
from routeopt.solve.kernel.start import Start

__all__ = ["Room", "new_room"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


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
