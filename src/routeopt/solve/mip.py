"""Programmes with whole numbers: the best point, and how good a point could be at most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routeopt.errors import InfeasibleError, SolverError
from routeopt.model import Bounds, Program
from routeopt.solve.highs import Session

__all__ = ["WholeSession", "WholeSolution"]

Floats = NDArray[np.float64]

_FEASIBLE = 2
"""HiGHS' word for a point that keeps every constraint."""


@dataclass(frozen=True)
class WholeSolution:
    """What a solver says; there are no multipliers, so nothing of it is proven here.

    Attributes
    ----------
    x : float array, shape (columns,)
        The best point; None if time ran out before there was one.
    bound : float
        No point costs less.
    finished : bool
        Whether the point is optimal within the gap of 1e-9.
    """

    x: Floats | None
    bound: float
    finished: bool


class WholeSession(Session):
    """A session in which some columns are whole numbers.

    Parameters
    ----------
    program : Program
    bounds : Bounds
    whole : bool array, shape (columns,)
    """

    def __init__(self, program: Program, bounds: Bounds, whole: NDArray[np.bool_]) -> None:
        super().__init__(program, bounds, whole)

    def best(self, cost: Floats, seconds: float | None = None) -> WholeSolution:
        """Minimise a cost, for so many seconds at most.

        Raises
        ------
        InfeasibleError, SolverError
            There is no point, or the solver stopped for another reason than time.
        """
        highs, kinds = self._highs, self._api.HighsModelStatus
        highs.changeColsCost(len(self._columns), self._columns, cost)
        highs.setOptionValue("time_limit", float("inf") if seconds is None else highs.getRunTime() + seconds)
        self._run()
        status = highs.getModelStatus()
        if status == kinds.kInfeasible:
            raise InfeasibleError("no choice keeps every constraint")
        if status not in (kinds.kOptimal, kinds.kTimeLimit):
            raise SolverError(f"HiGHS stopped: {highs.modelStatusToString(status)}")
        info = highs.getInfo()
        known = int(info.primal_solution_status) == _FEASIBLE
        x = np.array(highs.getSolution().col_value) * self._unit if known else None
        return WholeSolution(x, float(info.mip_dual_bound) * self._unit, status == kinds.kOptimal)
