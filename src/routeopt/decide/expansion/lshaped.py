"""The L-shaped method: a master of the first stage, and cuts from scenarios solved one by one."""

from __future__ import annotations

import numpy as np

from routeopt.arrays import Floats
from routeopt.decide.expansion.cuts import groups_of
from routeopt.decide.expansion.risk import CVaR
from routeopt.decide.expansion.twostage import (
    NEUTRAL,
    FirstStage,
    Found,
    TwoStage,
    extensive,
    first_stage,
    judged,
    mean_problem,
    minimum,
)
from routeopt.errors import SolveError

__all__ = ["expected_value", "l_shaped", "wait_and_see"]


ROUNDS = 500


def l_shaped(problem: TwoStage, risk: CVaR = NEUTRAL, tolerance: float = 1e-7) -> Found:
    """Solve a two-stage program by decomposition (Van Slyke and Wets 1969, SIAM J. Applied Mathematics 17, 638-663).

    Each round solves every scenario at the master's x in the batch engine, which proves it, and takes multipliers that
    attain its value for a cut θ >= Q(x̄) + g (x - x̄) of its own (multi-cut, Birge and Louveaux 1988). By duality a cut
    is below Q everywhere, so the master's value is a bound on the optimum. CVaR is a function of the θ, by the
    variables of Rockafellar and Uryasev, and stands in the master. Whole numbers stand there as well.

    ``problem``: with complete recourse; ``tolerance``: relative gap at which to stop.

    Raises SolveError: the bound and the answer do not meet.
    """
    first, second, p = problem.first, problem.second, problem.probability
    many = len(second)
    cuts: list[tuple[int, Floats, float]] = []
    groups = groups_of(second)
    x, bound = _master(problem, risk, [], np.full(many, -np.inf))
    best, at, there = np.inf, x, np.empty(many)
    floor = np.full(many, -np.inf)
    for rounds in range(1, ROUNDS + 1):
        values = np.empty(many)
        for group in groups:
            values[group.members], more = group.solve(x)
            cuts += more
        if rounds == 1:
            floor = _floor(first, cuts, floor)
        here = float(first.cost @ x) + risk.of(values, p)
        if here < best:
            best, at, there = here, x, values
        x, bound = _master(problem, risk, cuts, floor)
        if best - bound <= tolerance * max(1.0, abs(best)):
            return Found(at, best, bound, there, rounds)
    raise SolveError(f"the decomposition did not close within {ROUNDS} rounds: {best:g} and {bound:g}")


def _floor(first: FirstStage, cuts: list[tuple[int, Floats, float]], floor: Floats) -> Floats:
    """How low the first cuts go over the box of x: a floor for θ before it has cuts enough."""
    found = floor.copy()
    for s, slope, level in cuts:
        with np.errstate(invalid="ignore"):
            reach = np.where(slope > 0, slope * first.lower, slope * first.upper)
        low = level + float(np.where(slope == 0, 0.0, reach).sum())
        found[s] = low - 1.0 - abs(low) if np.isfinite(low) else -np.inf
    return found


def _master(
    problem: TwoStage, risk: CVaR, cuts: list[tuple[int, Floats, float]], floor: Floats
) -> tuple[Floats, float]:
    """The next x and a bound: columns x, then θ, η and u once there are cuts."""
    first, p = problem.first, problem.probability
    n, many = len(first.cost), len(p)
    built = first_stage(first)
    if not cuts:
        return minimum(built, first.whole)
    tail = risk.weight > 0.0
    costs = built.columns(floor, np.full(many, np.inf), (1.0 - risk.weight) * p)
    eta = built.column(-np.inf, np.inf, risk.weight) if tail else 0
    excess = built.columns(np.zeros(many), np.full(many, np.inf), risk.weight * p / (1.0 - risk.level)) if tail else 0
    owner, slopes = np.array([s for s, _, _ in cuts]), np.array([slope for _, slope, _ in cuts])
    # θ - g x >= level of every cut, and u - θ + η >= 0.
    at = built.rows(np.array([level for _, _, level in cuts]), np.full(len(cuts), np.inf))
    built.block_dense(-slopes, at, 0)
    built.add(at + np.arange(len(cuts)), costs + owner, 1.0)
    if tail:
        each = np.arange(many)
        at = built.rows(np.zeros(many), np.full(many, np.inf))
        built.add(at + each, costs + each, -1.0)
        built.add(at + each, np.full(many, eta), 1.0)
        built.add(at + each, excess + each, 1.0)
    whole = np.concatenate([first.whole, np.zeros(len(built.lower) - n, bool)])
    found, value = minimum(built, whole)
    return np.clip(found[:n], first.lower, first.upper), value


def wait_and_see(problem: TwoStage, risk: CVaR = NEUTRAL) -> tuple[float, Floats]:
    """What it would cost to know the scenario before the first stage.

    Returns ``value``: the measure of the total costs z(s) = min over x of c x + Q(x, s), and their values, shape (S,).
    As the measure rises with each cost and passes on sure ones, it is never above the optimum: the difference is the
    expected value of perfect information (Birge and Louveaux 2011, chapter 4).
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
