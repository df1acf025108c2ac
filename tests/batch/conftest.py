"""Systems, decisions and draws that the tests of batches share."""

from __future__ import annotations

import numpy as np
import pytest

from routeopt.errors import UnboundedError
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.solve.batch import Batch
from routeopt.solve.engine import solve
from routeopt.testing import random_scenario, random_system


class Case:
    """A random system with a dozen decisions, draws of them, and what single solves say."""

    def __init__(self, seed, economic=False, draws=12):
        self.system = random_system(seed)
        self.base = situate(self.system, Scenario())
        found = (random_scenario(self.system, k, closures=1).closures for k in range(80))
        self.decisions = list({str(one): one for several in found for one in several}.values())[:14]
        taken = np.random.default_rng(seed).random((draws, len(self.decisions)))
        self.draws = taken < np.linspace(0, 0.4, draws)[:, None]
        self.situations = [
            situate(self.system, Scenario(closures=tuple(self.decisions[k] for k in np.flatnonzero(row))))
            for row in self.draws
        ]
        self.economic = economic
        self.batch = Batch(self.system, self.base, self.decisions, economic=economic)

    def single(self):
        """Values and flows of single solves."""
        values, flows = [], []
        for situation in self.situations:
            solved = solve(self.system, situation, economic=self.economic)
            x, objectives = solved.answer.x, solved.objectives
            values.append([-objectives.volume @ x, objectives.shortage @ x, objectives.money @ x])
            flows.append(x)
        return np.array(values), np.array(flows)


def values_of(result):
    return np.column_stack([result.exported, result.shortage, result.money])


def assert_same(one, other):
    size = max(1.0, float(np.abs(other).max(initial=0.0)))
    assert np.abs(one - other).max(initial=0.0) <= 1e-7 * size


@pytest.fixture(scope="session")
def cases():
    """Systems with losses, blending, groups, contracts and several commodities."""
    made = []
    for seed in range(10):
        for economic in (False, True):
            case = Case(seed, economic)
            try:
                solve(case.system, case.base, economic=economic)
            except UnboundedError:  # a loop that earns money, if nobody forces it to export
                continue
            made.append(case)
    return made


@pytest.fixture(scope="session")
def legs_of_kz(kz):
    """Kazakhstan, with each leg as a decision."""
    from routeopt.scenario.closure import Closure

    return Batch(kz, situate(kz, Scenario()), [Closure(leg=leg) for leg in kz.legs])


@pytest.fixture(scope="session")
def draws_of_kz(kz):
    return np.random.default_rng(5).random((1500, len(kz.legs))) < 0.05
