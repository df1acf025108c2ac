"""Mixed-integer programs: the incumbent and its dual bound."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.model import Bounds, Matrix
from routeopt.solve.highs import Session

__all__ = ["Incumbent", "solve_mip"]

Floats = NDArray[np.float64]


class Incumbent(NamedTuple):
    """What a solver says; there are no multipliers, so nothing of it is certified here.

    ``x``: the best point, None if time ran out before there was one; ``bound``: no point costs less; ``finished``:
    whether the point is optimal within a gap of 1e-9.
    """

    x: Floats | None
    bound: float
    finished: bool


def solve_mip(
    matrix: Matrix, bounds: Bounds, cost: Floats, whole: NDArray[np.bool_], seconds: float | None = None
) -> Incumbent:
    """Minimise a cost with some columns ``whole`` numbers, for so many seconds at most.

    Raises
    ------
    InfeasibleError, UnboundedError, SolverError
        There is no point, or the solver stopped for another reason than time.
    """
    return Incumbent(*Session(matrix, bounds, whole).incumbent(cost, seconds))
