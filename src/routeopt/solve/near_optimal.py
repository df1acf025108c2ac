"""Answers that are as good, or nearly: the optimal face, or what costs a little more with volume held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routeopt.errors import InputError
from routeopt.model import Bounds, Program
from routeopt.model.sparse import with_row
from routeopt.solve.engine import Flows, Solved
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import face, lexicographic, proven

__all__ = ["Region", "near_optimal", "read_slack"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Region:
    """A set of allocations, as a programme and its bounds.

    Attributes
    ----------
    solved : Solved or MeanDay
        What it surrounds.
    program, bounds
        All points of the region.
    slack : float
        By how much of the transport cost an answer may be worse.
    """

    solved: Flows
    program: Program
    bounds: Bounds
    slack: float

    def session(self) -> Session:
        """A solver that holds the region."""
        return Session(self.program, self.bounds)

    def least(self, session: Session, weights: Floats, name: str = "range") -> tuple[float, Floats]:
        """Smallest value of ``weights x`` in the region, proven, and a point that has it."""
        solution, proof, _ = proven(self.program, self.bounds, weights, session, name)
        return proof.value, solution.x

    def most(self, session: Session, weights: Floats, name: str = "range") -> tuple[float, Floats]:
        """Largest value of ``weights x`` in the region, proven, and a point that has it."""
        value, x = self.least(session, -weights, name)
        return -value, x


def read_slack(slack: str | float) -> float:
    """``"2 %"`` or 0.02 as a share.

    Examples
    --------
    >>> read_slack("0.25 %"), read_slack(0.02)
    (0.0025, 0.02)
    """
    if isinstance(slack, str):
        from routeopt.units import parse_number_with_unit, parse_unit

        value, unit = parse_number_with_unit(slack)
        if unit and unit != "%":
            raise InputError(f"a slack is a share of the transport cost, not {slack!r}; write 2 %")
        slack = value * (parse_unit(unit).factor if unit else 1.0)
    if not 0.0 <= slack <= 1e6:
        raise InputError(f"a slack cannot be {slack}; write 2 %")
    return float(slack)


def near_optimal(solved: Solved, slack: str | float = 0.0) -> Region:
    """Allocations that serve refineries and export as much as the optimum, and cost little more.

    Parameters
    ----------
    solved : Solved
    slack : str or float
        By how much net cost (cost less revenue) may be worse, as a share of the transport cost of the optimum.
        Zero gives the optimal face exactly, held by its multipliers and not by a tolerance.

    Returns
    -------
    Region
    """
    share = read_slack(slack)
    if not solved.optimal:
        raise InputError("this is an alternative and no optimum; ask the optimum that it comes from")
    duals = solved.answer.duals
    held = solved.whole_bounds
    if solved.sharing is not None:
        held = solved.sharing.holding(held, solved.x)
    stages = solved.stages()
    exact = share == 0.0 and not solved.closed
    if solved.closed:
        # Other legs than those that were closed against circles could be; their cost holds whichever they are.
        duals = lexicographic(solved.program, held, stages[:-1], [], Session(solved.program, held), check=False).duals
    for name, cost in stages if exact else stages[:-1]:
        if name in duals:
            held = face(solved.program, held, cost, duals[name])
    if exact:
        return Region(solved, solved.program, held, 0.0)
    money, x = solved.objectives.money, solved.answer.x
    allowed = float(money @ x) + share * abs(float(solved.objectives.spending @ x))
    program, bounds = with_row(solved.program, held, money, -np.inf, allowed)
    return Region(solved, program, bounds, share)
