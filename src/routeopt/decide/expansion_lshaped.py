"""The L-shaped method: a master of the first stage, and cuts from scenarios solved one by one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routeopt.decide.expansion_risk import CVaR
from routeopt.decide.expansion_twostage import (
    NEUTRAL,
    Found,
    TwoStage,
    extensive,
    judged,
    mean_problem,
    minimum,
    rows_of,
)
from routeopt.errors import SolveError
from routeopt.program import Bounds
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import proven

__all__ = ["expected_value", "l_shaped", "wait_and_see"]

Floats = NDArray[np.float64]

ROUNDS = 500


def l_shaped(problem: TwoStage, risk: CVaR = NEUTRAL, tolerance: float = 1e-7) -> Found:
    """Solve a two-stage programme by decomposition (Van Slyke and Wets 1969, SIAM J. Applied Mathematics 17, 638-663).

    Each round solves every scenario at the master's x, proves it, and takes its multipliers for a cut
    θ >= Q(x̄) + g (x - x̄) of its own (multi-cut, Birge and Louveaux 1988). By duality a cut is below Q everywhere, so
    the master's value is a bound on the optimum. CVaR is a function of the θ, by the variables of Rockafellar and
    Uryasev, and stands in the master. Whole numbers stand there as well.

    Parameters
    ----------
    problem : TwoStage
        With complete recourse.
    risk : CVaR
    tolerance : float
        Relative gap at which to stop.

    Returns
    -------
    Found

    Raises
    ------
    SolveError
        The bound and the answer do not meet.
    """
    first, second, p = problem.first, problem.second, problem.probability
    many = len(second)
    cuts: list[tuple[int, Floats, float]] = []
    sessions: dict[int, Session] = {}
    x, _ = _master(problem, risk, [], np.full(many, -np.inf))
    best: tuple[float, Floats] | None = None
    floor = np.full(many, -np.inf)
    for rounds in range(1, ROUNDS + 1):
        values = np.empty(many)
        for s, one in enumerate(second):
            bounds = one.given(x)
            session = sessions.get(id(one.program))
            if session is None:
                session = sessions[id(one.program)] = Session(one.program, bounds)
            session.set_bounds(bounds)
            solution, proof, _ = proven(one.program, bounds, one.cost, session, f"scenario {s}")
            values[s] = one.constant + proof.value
            slope = -(one.technology.T @ _clean(solution.y, one.cost))
            cuts.append((s, slope, one.constant + proof.bound - float(slope @ x)))
            if rounds == 1:
                # The lowest the cut goes over the box of x: theta needs a floor before it has cuts enough.
                reach = np.where(slope > 0, slope * first.lower, slope * first.upper)
                low = cuts[-1][2] + float(np.where(slope == 0, 0.0, reach).sum())
                floor[s] = low - 1.0 - abs(low) if np.isfinite(low) else -np.inf
        here = float(first.cost @ x) + risk.of(values, p)
        if best is None or here < best[0]:
            best = here, x
        x, bound = _master(problem, risk, cuts, floor)
        if best[0] - bound <= tolerance * max(1.0, abs(best[0])):
            return judged(problem, best[1], risk, bound, rounds)
    raise SolveError(
        f"the decomposition did not close within {ROUNDS} rounds: {best[0] if best else 0:g} and {bound:g}"
    )


def _clean(y: Floats, cost: Floats) -> Floats:
    return np.where(np.abs(y) > 1e-12 * max(1.0, float(np.abs(cost).max(initial=0.0))), y, 0.0)


def _master(
    problem: TwoStage, risk: CVaR, cuts: list[tuple[int, Floats, float]], floor: Floats
) -> tuple[Floats, float]:
    """The next x and a bound: columns x, then θ, η and u once there are cuts."""
    first, p = problem.first, problem.probability
    n, many = len(first.cost), len(p)
    if not cuts:
        program = rows_of(first.matrix)
        bounds = Bounds(first.lower, first.upper, first.row_lower, first.row_upper)
        return minimum(program, bounds, first.cost, first.whole)
    tail = risk.weight > 0.0
    columns = n + many + (1 + many if tail else 0)
    eta, rows = n + many, len(first.row_lower)
    matrix = np.zeros((rows + len(cuts) + (many if tail else 0), columns))
    matrix[:rows, :n] = first.matrix
    row_lower, row_upper = [*first.row_lower], [*first.row_upper]
    for place, (s, slope, level) in enumerate(cuts):
        matrix[rows + place, :n], matrix[rows + place, n + s] = -slope, 1.0
        row_lower.append(level)
        row_upper.append(np.inf)
    cost = np.concatenate([first.cost, (1.0 - risk.weight) * p])
    lower, upper = np.concatenate([first.lower, floor]), np.concatenate([first.upper, np.full(many, np.inf)])
    whole = np.concatenate([first.whole, np.zeros(many, bool)])
    if tail:
        cost = np.concatenate([cost, [risk.weight], risk.weight * p / (1.0 - risk.level)])
        for s in range(many):
            row = rows + len(cuts) + s
            matrix[row, n + s], matrix[row, eta], matrix[row, eta + 1 + s] = -1.0, 1.0, 1.0
            row_lower.append(0.0)
            row_upper.append(np.inf)
        lower = np.concatenate([lower, [-np.inf], np.zeros(many)])
        upper = np.concatenate([upper, np.full(1 + many, np.inf)])
        whole = np.concatenate([whole, np.zeros(1 + many, bool)])
    program = rows_of(matrix)
    bounds = Bounds(lower, upper, np.array(row_lower), np.array(row_upper))
    found, value = minimum(program, bounds, cost, whole)
    return np.clip(found[:n], first.lower, first.upper), value


def wait_and_see(problem: TwoStage, risk: CVaR = NEUTRAL) -> tuple[float, Floats]:
    """What it would cost to know the scenario before the first stage.

    Returns
    -------
    value : float
        The measure of the total costs z(s) = min over x of c x + Q(x, s), and their values, shape (S,). As the
        measure rises with each cost and passes on sure ones, it is never above the optimum: the difference is the
        expected value of perfect information (Birge and Louveaux 2011, chapter 4).
    costs : float array
    """
    costs = np.empty(len(problem.second))
    for s, one in enumerate(problem.second):
        alone = TwoStage(problem.first, (type(one)(1.0, one.cost, one.program, one.technology, one.bounds,
                                                   one.constant),))  # fmt: skip
        costs[s] = extensive(alone).objective
    return risk.of(costs, problem.probability), costs


def expected_value(problem: TwoStage, risk: CVaR = NEUTRAL) -> Found:
    """The solution of the expected-value problem, judged in all scenarios.

    Its objective less the optimum is the value of the stochastic solution.
    """
    mean = extensive(mean_problem(problem))
    return judged(problem, mean.x, risk, -np.inf)
