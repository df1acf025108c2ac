"""Two-stage programs from the literature with known answers, and both methods against each other."""

import numpy as np
import pytest

import routeopt as ro
from routeopt.decide.expansion.lshaped import expected_value, l_shaped, wait_and_see
from routeopt.decide.expansion.twostage import FirstStage, SecondStage, TwoStage, extensive
from routeopt.model import Bounds, Builder

INF = np.inf
MEAN = ro.CVaR(0.95, weight=0)


def rows_of(matrix):
    built, full = Builder(), np.asarray(matrix, float)
    built.block_dense(full, 0, 0)
    return built.matrix(full.shape)


def first_stage(cost, upper, rows, low, high, whole=False):
    n = len(cost)
    rows = np.array(rows, float).reshape(-1, n)
    return FirstStage(np.array(cost, float), np.zeros(n), np.full(n, float(upper)), rows, np.array(low, float),
                      np.array(high, float), np.full(n, whole))  # fmt: skip


def farmer():
    """Birge and Louveaux, section 1.1: 500 acres of wheat, corn and beets; yields 20 % up or down."""
    land = first_stage([150, 230, 260], 500, [1, 1, 1], [-INF], [500])
    cost = np.array([238.0, 210, -170, -150, -36, -10])  # buy wheat, corn; sell wheat, corn, beets, beets above quota
    rows = rows_of([[1, 0, -1, 0, 0, 0], [0, 1, 0, -1, 0, 0], [0, 0, 0, 0, -1, -1]])
    bounds = Bounds(np.zeros(6), np.array([INF, INF, INF, INF, 6000, INF]), np.array([200.0, 240, 0]), np.full(3, INF))
    yields = np.diag([2.5, 3.0, 20.0])
    return TwoStage(land, tuple(SecondStage(1 / 3, cost, rows, f * yields, bounds) for f in (1.2, 1.0, 0.8)))


def electricity():
    """Louveaux and Smeers (1988), known as LandS: four technologies, three modes of demand."""
    first = first_stage([10, 7, 16, 6], 12, [[1, 1, 1, 1], [10, 7, 16, 6]], [12, -INF], [INF, 120])
    cost = np.array([40, 24, 4, 45, 27, 4.5, 32, 19.2, 3.2, 55, 33, 5.5])
    matrix = np.zeros((7, 12))
    for i in range(4):
        matrix[i, 3 * i : 3 * i + 3] = 1.0
    for j in range(3):
        matrix[4 + j, j::3] = 1.0
    technology = np.zeros((7, 4))
    technology[:4] = -np.eye(4)
    rows, second = rows_of(matrix), []
    for demand, p in ((3.0, 0.3), (5.0, 0.4), (7.0, 0.3)):
        low = np.array([-INF] * 4 + [demand, 3.0, 2.0])
        bounds = Bounds(np.zeros(12), np.full(12, INF), low, np.array([0.0] * 4 + [INF] * 3))
        second.append(SecondStage(p, cost, rows, technology, bounds))
    return TwoStage(first, tuple(second))


def newsvendor(demands, chances):
    """A paper costs 4 and is sold for 10; what is left is worth nothing."""
    first = first_stage([4], 100, [1], [-INF], [100])
    bounds = [Bounds(np.zeros(1), np.array([d]), np.array([-INF]), np.zeros(1)) for d in demands]
    second = [SecondStage(p, np.array([-10.0]), rows_of([[1.0]]), -np.eye(1), b)
              for p, b in zip(chances, bounds, strict=True)]  # fmt: skip
    return TwoStage(first, tuple(second))


@pytest.mark.parametrize("solve", [extensive, l_shaped])
def test_the_farmer(solve):
    problem = farmer()
    found = solve(problem)
    assert found.objective == pytest.approx(-108_390)
    assert found.x == pytest.approx([170, 80, 250], abs=1e-5)
    assert found.gap < 1e-7
    known, costs = wait_and_see(problem)
    assert known == pytest.approx(-115_405.56, abs=0.01)
    assert costs == pytest.approx([-167_666.67, -118_600, -59_950], abs=0.01)
    assert found.objective - known == pytest.approx(7_015.56, abs=0.01)  # the book rounds to 7,016
    mean = expected_value(problem)
    assert mean.x == pytest.approx([120, 80, 300], abs=1e-5)
    assert mean.objective - found.objective == pytest.approx(1_150, abs=0.01)


@pytest.mark.parametrize("solve", [extensive, l_shaped])
def test_electricity(solve):
    found = solve(electricity())
    assert found.objective == pytest.approx(381.853, abs=0.001)
    assert found.x == pytest.approx([2.667, 4, 3.333, 2], abs=0.001)


@pytest.mark.parametrize("solve", [extensive, l_shaped])
@pytest.mark.parametrize("risk", [MEAN, ro.CVaR(0.5, weight=0.4), ro.CVaR(0.7, weight=1), ro.CVaR(0.0, weight=1)])
def test_the_newsvendor(solve, risk):
    demands, chances = np.array([10.0, 30, 50, 80]), np.array([0.2, 0.3, 0.3, 0.2])
    problem = newsvendor(demands, chances)
    # Piecewise linear in the order: the best order is one of the demands.
    by_hand = {q: 4 * q + risk.of(-10 * np.minimum(q, demands), chances) for q in (0.0, *demands)}
    found = solve(problem, risk)
    assert found.objective == pytest.approx(min(by_hand.values()))
    if risk is MEAN:  # critical ratio 0.6: the smallest demand with a cumulative probability of it
        assert found.x == pytest.approx([50.0])


@pytest.mark.parametrize("seed", range(12))
def test_both_methods_and_brute_force_on_random_programmes(seed):
    rng = np.random.default_rng(seed)
    n, many, columns = 3, int(rng.integers(2, 7)), 5
    first = first_stage(rng.uniform(1, 5, n), 1, np.eye(n), [-INF] * n, [1] * n, whole=True)
    rows, second = rows_of(rng.uniform(0, 2, (4, columns))), []
    for p in rng.dirichlet(np.ones(many)):
        bounds = Bounds(np.zeros(columns), rng.uniform(1, 9, columns), np.full(4, -INF), rng.uniform(0, 5, 4))
        second.append(SecondStage(p, -rng.uniform(0, 4, columns), rows, -rng.uniform(0, 3, (4, n)), bounds, 7.0))
    problem = TwoStage(first, tuple(second))
    risk = [MEAN, ro.CVaR(0.6, weight=0.5), ro.CVaR(0.9, weight=1)][seed % 3]
    from scipy.optimize import linprog

    def brute(x):
        dense = np.zeros(rows.shape)
        dense[rows.index, rows.column_of_entry] = rows.value
        q = [linprog(one.cost, A_ub=dense, b_ub=one.bounds.row_upper - one.technology @ x,
                     bounds=list(zip(one.bounds.lower, one.bounds.upper, strict=True))).fun + 7.0
             for one in second]  # fmt: skip
        return float(first.cost @ x) + risk.of(np.array(q), problem.probability)

    least = min(brute(np.array(x, float)) for x in np.ndindex(2, 2, 2))
    one, two = extensive(problem, risk), l_shaped(problem, risk)
    assert one.objective == pytest.approx(least, rel=1e-7)
    assert two.objective == pytest.approx(least, rel=1e-6)
    assert one.x == pytest.approx(np.round(one.x), abs=1e-9)
    known, _ = wait_and_see(problem, risk)
    assert known <= least + 1e-7
    assert expected_value(problem, risk).objective >= least - 1e-7


def test_probabilities_that_do_not_add_up_are_refused():
    problem = farmer()
    with pytest.raises(ro.InputError, match="add up to 1"):
        TwoStage(problem.first, problem.second[:2])
