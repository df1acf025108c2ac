"""Two-stage stochastic programs as arrays, and their deterministic equivalent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.decide.expansion.risk import CVaR
from routeopt.errors import InputError, Problem, SolveError
from routeopt.model import Bounds, Builder, Matrix
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import proven

__all__ = ["FirstStage", "Found", "SecondStage", "TwoStage", "extensive", "first_stage", "minimum"]


M = TypeVar("M", bound=Matrix)

NEUTRAL = CVaR(0.95, weight=0.0)


@dataclass(frozen=True)
class FirstStage:
    """What is decided before anything is known: min c x with r <= A x <= s, l <= x <= u.

    - ``cost``, ``lower``, ``upper`` (n,).
    - ``matrix`` (m, n).
    - ``row_lower``, ``row_upper`` (m,).
    - ``whole`` (n,): what must be a whole number.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    matrix: Floats
    row_lower: Floats
    row_upper: Floats
    whole: NDArray[np.bool_]


@dataclass(frozen=True)
class SecondStage:
    """What is decided once a scenario is known: Q(x) = constant + min q y with r <= T x + W y <= s, l <= y <= u.

    - ``cost`` (columns,): q.
    - ``program``: W. Scenarios that hold the same object are solved in one session.
    - ``technology`` (rows, n): T.
    - ``bounds``: of y and of the rows.
    """

    probability: float
    cost: Floats
    program: Matrix
    technology: Floats
    bounds: Bounds
    constant: float = 0.0

    def given(self, x: Floats) -> Bounds:
        """Bounds when the first stage is done."""
        moved = self.technology @ x
        bounds = self.bounds
        return Bounds(bounds.lower, bounds.upper, bounds.row_lower - moved, bounds.row_upper - moved, bounds.unit)


@dataclass(frozen=True)
class TwoStage:
    """min c x + (1 - weight) E[Q(x)] + weight CVaR[Q(x)]; every Q must be finite for every x that is allowed.

    ``second``: probabilities add up to one.
    """

    first: FirstStage
    second: tuple[SecondStage, ...]

    def __post_init__(self) -> None:
        chances = self.probability
        if (chances < 0).any() or abs(chances.sum() - 1.0) > 1e-9:
            text = f"probabilities must be positive and add up to 1, not {chances.sum():g}"
            raise InputError(Problem(text, ("probability",), code="probability"))

    @property
    def probability(self) -> Floats:
        """Probabilities of the scenarios, shape (S,)."""
        return np.array([one.probability for one in self.second])


@dataclass(frozen=True)
class Found:
    """An answer of a two-stage program.

    - ``x``: the first stage.
    - ``objective``: of x with its second stage solved again by itself and proven.
    - ``bound``: no x has an objective below this, as far as the solver says of whole numbers.
    - ``recourse`` (S,): Q(x) of each scenario.
    - ``rounds``: how often the master of the decomposition was solved; 0 for the deterministic equivalent.
    """

    x: Floats
    objective: float
    bound: float
    recourse: Floats
    rounds: int = 0

    @property
    def gap(self) -> float:
        """What the answer may be above the optimum, relative."""
        return max(0.0, self.objective - self.bound) / max(1.0, abs(self.objective))


def first_stage(first: FirstStage) -> Builder:
    """The first stage as the beginning of a linear program."""
    built = Builder()
    built.columns(first.lower, first.upper, first.cost)
    built.block_dense(first.matrix, built.rows(first.row_lower, first.row_upper), 0)
    return built


def minimum(built: Builder, whole: NDArray[np.bool_], unit: float = 1.0) -> tuple[Floats, float]:
    """A minimum and its value; certified if nothing must be whole, and otherwise what the solver says."""
    matrix, bounds, cost = built.matrix(), built.bounds(unit), np.array(built.cost)
    if not whole.any():
        solution, proof, _ = proven(matrix, bounds, cost, Session(matrix, bounds), "cost")
        return solution.x, proof.bound
    x = Session(matrix, bounds, whole).incumbent(cost).point
    x[whole] = np.round(x[whole])
    return x, float(cost @ x)


def recourse(problem: TwoStage, x: Floats) -> Floats:
    """Q(x) of every scenario, each one proven, shape (S,)."""
    sessions: dict[int, Session] = {}
    values = np.empty(len(problem.second))
    for place, one in enumerate(problem.second):
        bounds = one.given(x)
        session = sessions.get(id(one.program))
        if session is None:
            session = sessions[id(one.program)] = Session(one.program, bounds)
        session.set_bounds(bounds)
        solution, _, _ = proven(one.program, bounds, one.cost, session, f"scenario {place}")
        values[place] = one.constant + float(one.cost @ solution.x)
    return values


def judged(problem: TwoStage, x: Floats, risk: CVaR, bound: float, rounds: int = 0) -> Found:
    """The answer x with its second stage solved by itself."""
    values = recourse(problem, x)
    objective = float(problem.first.cost @ x) + risk.of(values, problem.probability)
    return Found(x, objective, bound, values, rounds)


def extensive(problem: TwoStage, risk: CVaR = NEUTRAL) -> Found:
    """Solve the deterministic equivalent: all scenarios in one program.

    CVaR enters by the variables of Rockafellar and Uryasev (2000, J. of Risk 2, 21-41): min over η of
    η + Σ p u / (1 - level), u >= Q - η, u >= 0.

    Raises SolveError: there is no optimum, or the optimum is not confirmed when each scenario is solved again by
    itself.
    """
    first, second, p = problem.first, problem.second, problem.probability
    n, tail = len(first.cost), risk.weight > 0.0
    built = first_stage(first)
    starts, rows = [], []
    for place, one in enumerate(second):
        cost = (1.0 - risk.weight) * p[place] * one.cost
        starts.append(built.columns(one.bounds.lower, one.bounds.upper, cost))
        rows.append(built.rows(one.bounds.row_lower, one.bounds.row_upper))
        built.block_dense(one.technology, rows[-1], 0)
        built.block(one.program, rows[-1], starts[-1])
    constant = (1.0 - risk.weight) * float(p @ [one.constant for one in second])
    if tail:
        eta = built.column(-np.inf, np.inf, risk.weight)
        excess = built.columns(
            np.zeros(len(second)), np.full(len(second), np.inf), risk.weight * p / (1.0 - risk.level)
        )
        for place, one in enumerate(second):  # q y + constant - η - u <= 0
            at = np.flatnonzero(one.cost)
            row = built.row(at + starts[place], one.cost[at], upper=-one.constant)
            built.add(row, np.array([eta, excess + place]), -1.0)
    whole = np.zeros(len(built.lower), bool)
    whole[:n] = first.whole
    # A session counts in the unit of its bounds, and whole numbers must be counted in ones.
    unit = 1.0 if whole.any() else max((one.bounds.unit for one in second), default=1.0)
    x, bound = minimum(built, whole, unit)
    found = judged(problem, np.clip(x[:n], first.lower, first.upper), risk, bound + constant)
    if found.gap > 1e-6:
        raise SolveError(f"scenarios solved one by one do not confirm the optimum (relative gap {found.gap:.1e})")
    return found


def mean_problem(problem: TwoStage) -> TwoStage:
    """The expected-value problem: one scenario in which every number is its mean.

    Raises InputError: the scenarios do not have the same rows and columns.
    """
    shapes = {one.program.shape for one in problem.second}
    if len(shapes) > 1:
        raise InputError(Problem("scenarios with other rows or columns have no mean", ("scenarios",)))
    p, second = problem.probability, problem.second
    return TwoStage(problem.first, (SecondStage(
        1.0, _mean(p, [one.cost for one in second]), mean_program(p, [one.program for one in second]),
        _mean(p, [one.technology for one in second]), mean_bounds(p, [one.bounds for one in second]),
        float(p @ [one.constant for one in second])),))  # fmt: skip


def _mean(p: Floats, several: Sequence[Floats]) -> Floats:
    mean: Floats = np.sum([share * part for share, part in zip(p, several, strict=True) if share > 0.0], axis=0)
    return mean


def mean_bounds(p: Floats, several: Sequence[Bounds]) -> Bounds:
    """Every bound its mean; one that is infinite in any scenario is infinite."""
    return Bounds(
        _mean(p, [one.lower for one in several]),
        _mean(p, [one.upper for one in several]),
        _mean(p, [one.row_lower for one in several]),
        _mean(p, [one.row_upper for one in several]),
        several[0].unit,
    )


def mean_program(p: Floats, several: Sequence[M]) -> M:
    """Every coefficient its mean."""
    if all(one is several[0] for one in several):
        return several[0]
    rows = np.concatenate([one.index for one in several]).astype(np.intp)
    columns = np.concatenate([one.column_of_entry for one in several]).astype(np.intp)
    values = np.concatenate([share * one.value for share, one in zip(p, several, strict=True)])
    width = several[0].shape[1]
    places, of = np.unique(rows * width + columns, return_inverse=True)
    total = np.bincount(of, values).astype(float)
    return several[0].with_matrix(Matrix.of(places // width, places % width, total, several[0].shape))
