"""The chain of objectives is proven on the original bounds, whatever a solver says of any of them."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import pytest

import routeopt as ro
import routeopt.solve.lexicographic as module
from helpers.small import near, network
from routeopt.model import bounds_of, formulate, objectives_of
from routeopt.model.certificate import chain
from routeopt.scenario.case import Situation
from routeopt.solve import apportion
from routeopt.solve.highs import Session, Solution
from routeopt.solve.lexicographic import lexicographic
from routeopt.testing import random_system


def parts(system):
    program, situation = formulate(system), Situation(system)
    return program, bounds_of(program, situation), objectives_of(program, situation)


def stages_of(goals):
    return [("shortage", goals.shortage), ("volume", goals.volume), ("money", goals.money)]


def solved(program, bounds, goals, solver=None):
    ties = [("transit", goals.transit), ("generic", goals.generic)]
    return lexicographic(program, bounds, stages_of(goals), ties, solver or Session(program, bounds), check=False)


@pytest.fixture
def rich_and_poor():
    """A field of 10; poor pays 200, rich 500 and takes all: 10 x (500 - 2) = 4,980 thousand USD per day."""
    return parts(
        network(
            {"a": ("f", "poor", {"capacity": "10 kt/d"}), "b": ("f", "rich", {"tariff": "2 USD/t"})},
            {"f": "10 kt/d"},
            {"poor": {"price": "200 USD/t"}, "rich": {"price": "500 USD/t"}},
            units={"flow": "kt/d"},
        )
    )


class Pinning(Session):
    """Says that poor is as good as rich by volume, with multipliers that are off by a hair and pin the way to rich."""

    def __init__(self, program, bounds, volume, hair, honest_after):
        super().__init__(program, bounds)
        self.program, self.volume, self.hair, self.honest_after = program, volume, hair, honest_after
        self.restarts = 0

    def restart(self):
        self.restarts += 1
        super().restart()

    def minimise(self, cost):
        found = super().minimise(cost)
        if cost is not self.volume or self.restarts >= self.honest_after:
            return found
        layout = self.program.layout
        y = found.y.copy()
        y[layout.balance_row[layout.topology.nodes.index("rich"), 0]] -= self.hair
        x = np.zeros_like(found.x)
        x[[layout.topology.legs.index("a"), layout.column["output"], layout.column["delivery"]]] = 10.0
        return Solution(x, y)


@pytest.mark.parametrize("hair", [5e-8, 2e-8, 5e-9, 2e-9])
def test_multipliers_off_by_a_hair_do_not_pin_what_earns_money(rich_and_poor, hair, caplog):
    program, bounds, goals = rich_and_poor
    assert solved(*rich_and_poor).x @ goals.money == near(-4980)
    with caplog.at_level(logging.WARNING, "routeopt"):
        answer = solved(*rich_and_poor, Pinning(program, bounds, goals.volume, hair, honest_after=1))
    assert answer.x @ goals.money == near(-4980)
    assert answer.cold > 0
    assert "from cold" in caplog.text
    with pytest.raises(ro.CertificateError, match="not confirmed"):
        solved(*rich_and_poor, Pinning(program, bounds, goals.volume, hair, honest_after=99))


def test_a_face_that_holds_too_much_is_found_at_the_end(rich_and_poor, monkeypatch):
    honest = module.face

    def without_rich(program, held, cost, y):
        held = honest(program, held, cost, y)
        upper = held.upper.copy()
        upper[program.layout.topology.legs.index("b")] = 0.0
        return replace(held, upper=upper)

    monkeypatch.setattr(module, "face", without_rich)
    with pytest.raises(ro.CertificateError, match="not confirmed in stage 'money' on the original bounds"):
        solved(*rich_and_poor)


@pytest.mark.parametrize("much", [1.0, 1e-4, -1e-4, np.nan])
def test_a_point_that_breaks_a_row_at_the_end_is_refused(rich_and_poor, monkeypatch, much):
    honest = module.proven

    def late(program, held, cost, solver, stage):
        solution, proof, repeated = honest(program, held, cost, solver, stage)
        x = solution.x.copy()
        x[program.layout.topology.legs.index("b")] += much * (stage == "generic")
        return Solution(x, solution.y), proof, repeated

    monkeypatch.setattr(module, "proven", late)
    with pytest.raises(ro.CertificateError, match="breaks a bound"):
        solved(*rich_and_poor)


def test_ties_that_give_something_away_are_found_at_the_end(rich_and_poor, monkeypatch):
    program, bounds, goals = rich_and_poor
    poor = solved(program, bounds, replace(goals, revenue=-goals.revenue)).x  # a point that is best by volume alone
    assert goals.volume @ poor == near(-10)
    honest = module.proven

    def late(program, held, cost, solver, stage):
        solution, proof, repeated = honest(program, held, cost, solver, stage)
        return (Solution(poor, solution.y) if stage == "generic" else solution), proof, repeated

    monkeypatch.setattr(module, "proven", late)
    with pytest.raises(ro.CertificateError, match="stage 'money' on the original bounds"):
        solved(*rich_and_poor)


def test_a_split_is_proven_in_every_round(monkeypatch):
    # Two fields of 10 share an exit of 10, so the common share is a half; a round that says less is refused.
    system = network(
        {"la": ("a", "h"), "lb": ("b", "h"), "out": ("h", "market", {"capacity": "10 kt/d"})},
        {"a": "10 kt/d", "b": "10 kt/d"}, units={"flow": "kt/d"},
    )  # fmt: skip
    assert ro.allocate(system, apportion="pro-rata").fields["flow"].tolist() == near([5, 5])
    honest = apportion.proven

    def less(program, bounds, cost, solver, stage):
        held = replace(bounds, upper=np.where(cost < 0, 0.4 * bounds.upper, bounds.upper))
        solver.set_bounds(held)
        return honest(program, held, cost, solver, stage)

    monkeypatch.setattr(apportion, "proven", less)
    with pytest.raises(ro.CertificateError, match="stage 'pro rata' on the original bounds"):
        ro.allocate(system, apportion="pro-rata")


def tampered(rng, links, x, others, unit):
    """A point and multipliers with something changed: towards another point, in one place, or all over."""
    x, links = x.copy(), [(name, cost, y.copy()) for name, cost, y in links]
    kind, size = rng.integers(6), 10.0 ** rng.uniform(-12, 0)
    if kind <= 2:
        x += size * (others[rng.integers(len(others))] - x)
    elif kind == 5:
        x[rng.integers(len(x))] += size * 256 * unit * rng.choice([-1, 1])
    if kind in (1, 2, 3, 4):
        _, cost, y = links[rng.integers(len(links))]
        change = size * max(1.0, np.abs(cost).max()) * rng.normal(size=len(y))
        y += change * (np.arange(len(y)) == rng.integers(len(y)) if kind in (1, 3) else 1.0)
    return links, x


def check_tampering(seeds, times):
    passed = 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        program, bounds, goals = parts(random_system(seed))
        answer = solved(program, bounds, goals)
        links = [(name, cost, answer.duals[name]) for name, cost in stages_of(goals) if name in answer.duals]
        assert all(proof.valid for proof in chain(program, bounds, links, answer.x))
        right = [(cost @ answer.x, max(bounds.unit, np.abs(cost * answer.x).sum())) for _, cost, _ in links]
        ends = replace(bounds, upper=np.minimum(bounds.upper, 512 * bounds.unit))
        session = Session(program, ends)
        others = [session.minimise(rng.normal(size=program.shape[1])).x for _ in range(6)]
        others += [session.minimise(goals.money).x, session.minimise(goals.spending).x]
        for _ in range(times):
            wrong, x = tampered(rng, links, answer.x, others, bounds.unit)
            if all(proof.valid for proof in chain(program, bounds, wrong, x)):
                passed += 1
                for (_, cost, _), (value, scale) in zip(links, right, strict=True):
                    assert abs(cost @ x - value) <= 2e-7 * scale, seed
    return passed


def test_nothing_that_is_tampered_with_passes_and_changes_an_answer():
    assert check_tampering(range(20), 50) > 50  # a billionth more or less is no matter


@pytest.mark.slow
def test_ten_thousand_times_nothing_that_is_tampered_with_passes():
    assert check_tampering(range(100, 200), 100) > 1000


def test_a_bound_or_a_price_that_is_tampered_with_does_not_pass():
    refused = 0
    for seed in range(15):
        rng = np.random.default_rng(seed)
        program, bounds, goals = parts(random_system(seed))
        answer = solved(program, bounds, goals)
        for _ in range(10):
            cost, upper = goals.money.copy(), bounds.upper.copy()
            column = rng.integers(program.shape[1])
            cost[column] *= rng.choice([0.5, 2.0])
            upper[column] *= rng.choice([0.5, 2.0])
            changed = replace(bounds, upper=upper)
            stages = [("shortage", goals.shortage), ("volume", goals.volume), ("money", cost)]
            links = [(name, c, answer.duals[name]) for name, c in stages if name in answer.duals]
            if not all(proof.valid for proof in chain(program, changed, links, answer.x)):
                refused += 1
                continue
            again = lexicographic(program, changed, stages, [("generic", goals.generic)], Session(program, changed))
            for _, c, _ in links:
                assert c @ answer.x == pytest.approx(c @ again.x, rel=2e-7, abs=2e-7 * bounds.unit)
    assert refused > 25


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("how", [{}, {"economic": True}, {"apportion": "pro-rata"}])
def test_no_false_alarm(seed, how):
    assert ro.allocate(random_system(3000 + seed), **how).certificate.cold_restarts == 0
