"""Near-optimal region: the optimal face, or allocations within a slack of cost with volume held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routeopt.arrays import Floats
from routeopt.errors import InputError, Problem
from routeopt.model import Bounds, Program
from routeopt.model.sparse import with_row
from routeopt.solve.engine import Flows, Solved
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import face, lexicographic, proven
from routeopt.solve.rolling_horizon import SolvedHorizon

__all__ = ["Region", "must_be_optimal", "near_optimal", "read_slack"]


@dataclass(frozen=True)
class Region:
    """A set of allocations around one, as a program and its bounds; no worse than ``slack`` of the transport cost."""

    solved: Flows | SolvedHorizon
    program: Program
    bounds: Bounds
    slack: float

    def session(self) -> Session:
        """Solver session with the region loaded."""
        session = Session(self.program, self.bounds)
        if isinstance(self.solved, SolvedHorizon):
            session.simplex(primal=True)
        return session

    def least(self, session: Session, weights: Floats, name: str = "range") -> tuple[float, Floats]:
        """Return the certified minimum of ``weights x`` in the region, and a point that attains it."""
        solution, proof, _ = proven(self.program, self.bounds, weights, session, name)
        return proof.value, solution.x

    def most(self, session: Session, weights: Floats, name: str = "range") -> tuple[float, Floats]:
        """Return the certified maximum of ``weights x`` in the region, and a point that attains it."""
        value, x = self.least(session, -weights, name)
        return -value, x


def read_slack(slack: str | float) -> float:
    """Read ``"2 %"`` or 0.02 as a share.

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


def must_be_optimal(solved: Solved | SolvedHorizon) -> None:
    """Say where to ask instead, for a plan that has no optimum around it.

    Raises
    ------
    InputError
        An alternative, or a plan without foresight.
    """
    if isinstance(solved, SolvedHorizon) and solved.best and not solved.optimal:
        text = "a plan without foresight is no optimum of the horizon: no plans are as good, no multiplier is a price"
        raise InputError(Problem(text, hint="ask for foresight='perfect'"))
    if not solved.optimal:
        raise InputError("this is an alternative and no optimum; ask the optimum that it comes from")


def near_optimal(solved: Solved | SolvedHorizon, slack: str | float = 0.0) -> Region:
    """Build the region of allocations optimal in all objectives before money, within a slack of cost.

    Net cost (cost less revenue) may be worse by ``slack``, a share of the optimum's transport cost. Zero gives the
    optimal face of one period exactly, held by its multipliers; of a horizon, within rounding of the cost.
    """
    share = read_slack(slack)
    must_be_optimal(solved)
    duals, stages = solved.answer.duals, solved.stages()
    money, x = stages[-1][1], solved.answer.x
    if isinstance(solved, SolvedHorizon):
        exact, held, spending = False, solved.held, solved.prepared.objectives.spending
        # A rounding margin above the optimum.
        spent = float(np.abs(spending * x[: len(spending)]).sum())
        margin = 1e-9 * max(held.unit, spent)
    else:
        exact, held, spending = share == 0.0 and not solved.closed, solved.whole_bounds, solved.objectives.spending
        if solved.sharing is not None:
            held = solved.sharing.holding(held, x)
        if solved.closed:
            # Other legs than those that were closed against circles could be; their cost holds whichever they are.
            session = Session(solved.program, held)
            duals = lexicographic(solved.program, held, stages[:-1], [], session, check=False).duals
        spent, margin = abs(float(spending @ x)), 0.0
    for name, cost in stages if exact else stages[:-1]:
        if name in duals:
            held = face(solved.program, held, cost, duals[name])
    if exact:
        return Region(solved, solved.program, held, 0.0)
    limit = float(money @ x) + share * spent + margin
    return Region(solved, *with_row(solved.program, held, money, -np.inf, limit), share)
