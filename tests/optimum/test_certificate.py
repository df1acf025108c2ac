"""A proof refuses what is not optimal, and a solver that errs is asked again and then refused."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import pytest

import routeopt as ro
from helpers.small import near, network
from routeopt.model import bounds_of, formulate, objectives_of, prove
from routeopt.scenario.case import Situation
from routeopt.solve.highs import Session, Solution
from routeopt.solve.lexicographic import lexicographic
from routeopt.testing import random_system


def parts(system):
    situation = Situation(system)
    program = formulate(system)
    return program, bounds_of(program, situation), objectives_of(program, situation)


@pytest.fixture
def small():
    """Field of 10, legs of 7 at 10 and 6 at 30."""
    return parts(
        network(
            {
                "a": ("f", "market", {"capacity": "7 kt/d", "tariff": "10 USD/t"}),
                "b": ("f", "market", {"capacity": "6 kt/d", "tariff": "30 USD/t"}),
            },
            {"f": "10 kt/d"},
            units={"flow": "kt/d"},
            price="500 USD/t",
        )
    )


def test_an_optimum_holds(small):
    program, bounds, objectives = small
    cost = objectives.money
    found = Session(program, bounds).minimise(cost)
    proof = prove(program, bounds, cost, found.x, found.y, "money")
    assert proof.valid
    assert proof.value == near(70 + 90 - 5000)
    assert proof.bound == near(proof.value)


def test_a_point_that_could_be_better_is_refused(small):
    program, bounds, objectives = small
    found = Session(program, bounds).minimise(objectives.money)
    less = found.x * (1 - 1e-5)  # feasible, since all rows are balances
    proof = prove(program, bounds, objectives.money, less, found.y, "money")
    assert proof.primal < 1e-9
    assert proof.gap > 5e-6
    assert not proof.valid


def test_a_point_that_breaks_a_row_or_a_bound_is_refused(small):
    program, bounds, objectives = small
    found = Session(program, bounds).minimise(objectives.money)
    for column in range(len(found.x)):
        x = found.x.copy()
        x[column] += 1e-4
        proof = prove(program, bounds, objectives.money, x, found.y, "money")
        assert proof.primal > 1e-6
        assert not proof.valid
    x = found.x.copy()
    x[0] = np.nan
    assert not prove(program, bounds, objectives.money, x, found.y, "money").valid


def test_wrong_multipliers_are_refused(small):
    program, bounds, objectives = small
    found = Session(program, bounds).minimise(objectives.money)
    assert not prove(program, bounds, objectives.money, found.x, 0 * found.y, "money").valid
    used = np.flatnonzero(found.y)
    assert len(used)
    for row in used:
        y = found.y.copy()
        y[row] *= 1.001
        proof = prove(program, bounds, objectives.money, found.x, y, "money")
        assert not proof.valid
    y = found.y.copy()
    y[used[0]] = np.nan
    assert not prove(program, bounds, objectives.money, found.x, y, "money").valid


def test_multipliers_that_overlook_a_better_way_are_refused():
    # Both legs are without limit. Solved with the cheap one shut, point and multipliers agree to the last digit,
    # and only the sign of the cheap leg's reduced cost tells that ten tonnes take the dear way.
    program, bounds, objectives = parts(
        network(
            {"cheap": ("f", "market", {"tariff": "10 USD/t"}), "dear": ("f", "market", {"tariff": "30 USD/t"})},
            {"f": "10 kt/d"},
            units={"flow": "kt/d"},
            price="500 USD/t",
        )
    )
    upper = bounds.upper.copy()
    upper[program.layout.topology.legs.index("cheap")] = 0.0
    found = Session(program, replace(bounds, upper=upper)).minimise(objectives.money)
    proof = prove(program, bounds, objectives.money, found.x, found.y, "money")
    assert (proof.value, proof.primal) == (near(300 - 5000), near(0))
    assert proof.dual == near(20 / 500)
    assert not proof.valid


def test_a_bound_is_a_bound_wherever_the_multipliers_come_from():
    # Weak duality: no multipliers whatever give a bound above the optimum, unless they are marked as not dual feasible.
    rng = np.random.default_rng(3)
    for seed in range(30):
        program, bounds, objectives = parts(random_system(seed))
        cost = objectives.spending
        best = float(cost @ Session(program, bounds).minimise(cost).x)
        for _ in range(5):
            y = rng.normal(0, 20, program.shape[0])
            proof = prove(program, bounds, cost, np.zeros(program.shape[1]), y, "money")
            assert proof.dual > 0 or proof.bound <= best + 1e-6 * max(1, abs(best))


class Liar:
    """Gives a feasible point that is not optimal, until it has been restarted often enough."""

    def __init__(self, program, bounds, honest_after):
        self.session, self.restarts, self.honest_after = Session(program, bounds), 0, honest_after

    def set_bounds(self, bounds):
        self.session.set_bounds(bounds)

    def restart(self):
        self.restarts += 1
        self.session.restart()

    def minimise(self, cost):
        found = self.session.minimise(cost)
        return found if self.restarts >= self.honest_after else Solution(found.x * 0.9, found.y)


def solve_with(liar, small):
    program, bounds, objectives = small
    stages = [("volume", objectives.volume), ("money", objectives.money)]
    return lexicographic(program, bounds, stages, [("generic", objectives.generic)], liar)


def test_a_solver_that_errs_once_is_asked_again_from_cold(small, caplog):
    liar = Liar(*small[:2], honest_after=1)
    with caplog.at_level(logging.WARNING, "routeopt"):
        answer = solve_with(liar, small)
    assert (answer.cold, liar.restarts) == (1, 1)
    assert all(proof.valid for proof in answer.proofs)
    assert "not certified" in caplog.text
    assert small[2].volume @ answer.x == near(-10)


def test_a_solver_that_always_errs_is_refused(small):
    with pytest.raises(ro.CertificateError, match="stage 'volume' is not confirmed"):
        solve_with(Liar(*small[:2], honest_after=99), small)


def test_a_wrong_point_found_while_breaking_ties_is_refused(small):
    class LateLiar(Liar):
        """Honest about volume and money, not about what comes after."""

        def minimise(self, cost):
            found = self.session.minimise(cost)
            honest = cost is small[2].volume or cost is small[2].money
            return found if honest else Solution(found.x * 0.5, found.y)

    with pytest.raises(ro.CertificateError):
        solve_with(LateLiar(*small[:2], honest_after=99), small)


@pytest.mark.parametrize(("size", "unit"), [
    (1e-6, "t/y"), (1.0, "t/y"), (1e-3, "bbl/y"), (1.0, "bbl/d"), (1.0, "Mt/y"), (6e7, "mb/y"), (6e12, "mb/y"),
])  # fmt: skip
def test_size_does_not_matter(size, unit):
    # Into the hub come 7 x 0.99 from f and all 3.3 from g; out go 6.1 and 1.7: 7.8.
    def amount(number):
        return f"{number * size} {unit}"

    piece = "t" if "t/" in unit else "bbl"
    system = network(
        {"a": ("f", "h", {"capacity": amount(7), "tariff": f"3 USD/{piece}", "loss": "1 %"}), "b": ("g", "h"),
         "c": ("h", "m", {"capacity": amount(6.1)}), "d": ("h", "n")},
        {"f": amount(10), "g": amount(3.3)}, {"m": {}, "n": {"demand": amount(1.7)}},
        units={"flow": unit}, price=f"400 USD/{piece}",
    )  # fmt: skip
    plan = ro.allocate(system)
    assert plan.exported / size == near(7.8)
    assert plan.shut_in / size == near(10 - 4.5 / 0.99)
    assert plan.certificate.unique
    assert plan.certificate.valid
    assert plan.bottlenecks.loc["c", "marginal_exports"] == near(1)
    # The two legs out are limited, what comes in is not: a tonne more in loses a percent of what is sold for 400.
    assert plan.bottlenecks.loc["c", "capacity"] / size == near(6.1)
    assert ro.allocate(system, solver="pulp:HiGHS").exported / size == near(7.8)


def test_numbers_of_very_different_size():
    system = network(
        {"big": ("f", "market", {"capacity": "4000 Mt/y", "tariff": "1 USD/t"}),
         "tiny": ("g", "market", {"capacity": "3 t/y", "tariff": "1 USD/t"})},
        {"f": "5000 Mt/y", "g": "20 t/y"},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert plan.exported == near(4000)
    assert plan.certificate.valid
