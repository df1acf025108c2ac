"""Optima in rational arithmetic, with no tolerance at all."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import routeopt as ro
from helpers.small import near, network
from routeopt.solve.exact import _Matrix, _solved, exact
from routeopt.testing import random_system

KT_D = {"flow": "kt/d"}


def small(**more):
    """A tenth is lost on the way to the hub; 2 of 3 thirds of what is left find room at 7, the rest pays 11."""
    return network(
        {"fh": ("f", "h", {"loss": "10 %", "tariff": "0.1 USD/t"}),
         "a": ("h", "market", {"capacity": "0.6 kt/d", "tariff": "7 USD/t"}),
         "b": ("h", "market", {"capacity": "5 kt/d", "tariff": "11 USD/t"})},
        {"f": "1 kt/d"}, units=KT_D, price="100 USD/t", **more,
    )  # fmt: skip


def test_by_hand():
    # 1 enters, 0.9 arrives: 0.6 by a, 0.3 by b. In thousand USD per day 0.1 + 4.2 + 3.3 - 90 = -82.4, without rounding.
    found = ro.allocate(small()).certificate.exact()
    assert found
    assert found.values == {"volume": Fraction(-9, 10), "money": Fraction(-824, 10)}
    assert found.distance < 1e-15
    assert str(found).startswith("optimal in exact arithmetic")


def test_another_solver():
    assert ro.allocate(small(), solver="pulp:HiGHS").certificate.exact().optimal


def test_constraints_of_ones_own():
    # No more than half of the 0.9 by a, so 0.45 by each: 0.1 + 0.45 x 18 - 90 = -81.8.
    def half(problem, flows):
        problem.addConstraint(flows.leg("a") <= flows.leg("b"), "half")

    found = ro.allocate(small(), constraints=half).certificate.exact()
    assert found.optimal
    assert found.values["money"] == Fraction(-818, 10)


def test_money_first():
    # At a price of 10 what goes by b loses a dollar a tonne: only a carries, 0.6 of 0.6 / 0.9 that enter.
    found = ro.allocate(small().override({"price": "10 USD/t"}), economic=True).certificate.exact()
    assert found.optimal
    assert found.values["money"] == Fraction(6, 9) * Fraction(1, 10) + Fraction(6, 10) * (7 - 10)


def test_what_is_not_tried_says_so():
    shared = ro.allocate(small(), apportion="pro-rata").certificate.exact()
    horizon = ro.allocate(small(), {"horizon": {"start": "2025-01-01", "end": "2025-01-08"}}).certificate.exact()
    for found, word in ((shared, "share"), (horizon, "horizon")):
        assert not found
        assert not found.tried
        assert str(found).startswith("exact proof not tried")
        assert word in found.reason


@pytest.mark.parametrize("name", ["kazakhstan", "canada", "gulf"])
def test_shipped_systems_are_optimal_exactly(name):
    system = ro.load(name)
    for scenario in [None, *list(system.scenarios)[:8]]:
        plan = ro.allocate(system, scenario)
        if not hasattr(plan, "periods"):
            found = plan.certificate.exact()
            assert found.optimal, (scenario, found.reason)
            assert found.distance < 1e-12


def test_random_systems():
    good = 0
    for seed in range(24):
        plan = ro.allocate(random_system(seed))
        found = plan.certificate.exact()
        good += found.optimal
        # Where it is not, two capacities in line are equal but for rounding.
        assert found.optimal or "breaks a bound by" in found.reason or "better elsewhere" in found.reason
        delivered = -float(found.values.get("volume", Fraction(0)))
        solved = plan._solved
        assert delivered == near(float(-(solved.objectives.volume @ solved.answer.x)))
    assert good >= 23


def test_a_plan_that_is_not_the_optimum_is_told():
    solved = ro.allocate(small())._solved
    x = solved.answer.x.copy()
    x[0] += 1e-5
    found = exact(replace(solved, answer=replace(solved.answer, x=x)))
    assert not found.optimal
    assert "another point" in found.reason
    assert str(found).startswith("not optimal")


HAIR = Fraction(1, 10**40)


@pytest.mark.parametrize("leg", ["fh", "a", "b"])
def test_a_bound_that_is_broken_by_a_hair_is_told(monkeypatch, leg):
    # Each leg should carry 1e-40 more than it does: no float can hold that.
    honest, solved = _Matrix.point, ro.allocate(small().override({"nodes.f.output": "0.6 kt/d"}))._solved
    column = solved.program.layout.topology.legs.index(leg)

    def off(self, held, basis):
        z = honest(self, held, basis)
        self.lower[column], self.upper[column] = z[column] + HAIR, z[column] + 1
        return z

    monkeypatch.setattr(_Matrix, "point", off)
    found = exact(solved)
    assert not found.optimal
    assert "breaks a bound by 1.0e-40" in found.reason


@pytest.mark.parametrize(("leg", "sign"), [("fh", 1), ("a", 1), ("b", 1), ("b", -1)])
def test_a_price_that_is_wrong_by_a_hair_is_told(monkeypatch, leg, sign):
    # Of 1 that enters 0.6 leaves by a, which is full, and 0.3 by b, which has room: it may neither earn nor cost more.
    honest, solved = _Matrix.reduced, ro.allocate(small())._solved
    column = solved.program.layout.topology.legs.index(leg)

    def off(self, cost, basis):
        multipliers = honest(self, cost, basis)
        multipliers[column] = sign * HAIR
        return multipliers

    monkeypatch.setattr(_Matrix, "reduced", off)
    found = exact(solved)
    assert not found.optimal
    assert "better elsewhere (by 1.0e-40 a unit)" in found.reason


def test_equations_in_fractions():
    rng = np.random.default_rng(5)
    for _ in range(50):
        n = int(rng.integers(1, 9))
        matrix = rng.integers(-3, 4, (n, n)) * (rng.random((n, n)) < 0.5)
        right = rng.integers(-9, 10, n)
        rows = [{j: Fraction(int(v)) for j, v in enumerate(row) if v} for row in matrix]
        found = _solved([(row, Fraction(int(value))) for row, value in zip(rows, right, strict=True)])
        if found is None:
            assert abs(np.linalg.det(matrix)) < 1e-9
        else:
            for row, value in zip(rows, right, strict=True):
                assert sum((v * found[j] for j, v in row.items()), Fraction(0)) == value
