"""What every choice costs in every state, and what follows from that."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from routeopt.arrays import Floats
from routeopt.decide.expansion.options import Sizes
from routeopt.decide.expansion.outcomes import Operator, Prices, Source, solve_bounds
from routeopt.decide.expansion.risk import Crossing, CVaR, crossing
from routeopt.decide.expansion.twostage import mean_bounds, mean_program
from routeopt.model import Bounds

__all__ = ["Ledger", "States", "envelope", "mean_measure"]


_TIE = 1e-9
"""Objectives nearer to each other than this share are equal."""


@dataclass(frozen=True)
class States:
    """The states that may come: those of the base first, then one for each scenario."""

    sources: tuple[Source, ...]  # of the base, then of each scenario
    names: tuple[str, ...]  # of the scenarios
    chances: Floats  # (scenarios,)
    base: Floats  # (states of the base,): shares that add up to one

    @cached_property
    def probability(self) -> Floats:
        """Of all states: those of the base, then the scenarios."""
        return np.concatenate([max(0.0, 1.0 - float(self.chances.sum())) * self.base, self.chances])

    @property
    def base_share(self) -> Floats:
        """Shares of the states of the base among all states, zero at the scenarios."""
        return np.concatenate([self.base, np.zeros(len(self.chances))])

    def solve(self, choices: Sequence[Sizes]) -> Floats:
        """Exported, shortage and money of every choice in every state, shape (C, S, 3)."""
        return np.concatenate([source.solve(choices) for source in self.sources], axis=1)

    def bounds(self, sizes: Sizes) -> list[Bounds]:
        """Bounds of every state."""
        return [bounds for source in self.sources for bounds in source.bounds(sizes)]

    def split(self, several: Sequence[Bounds]) -> list[tuple[Source, list[Bounds]]]:
        """Bounds of all states, source by source."""
        found, place = [], 0
        for source in self.sources:
            found.append((source, list(several[place : place + source.many])))
            place += source.many
        return found


@dataclass(frozen=True)
class Ledger:
    """C choices in rows, S states in columns; inner units a day."""

    choices: tuple[Sizes, ...]  # to build nothing comes first
    capital: Floats  # (C,)
    values: Floats  # (C, S, 3): exported volume, shortage of refineries, money
    states: States
    prices: Prices
    target: float  # exported from the base with nothing built and nothing down
    risk: CVaR

    @cached_property
    def measure(self) -> Floats:
        """Second-stage cost of every choice in every state, shape (C, S)."""
        measured: Floats = self.prices.of(self.values, self.target)
        return measured

    @cached_property
    def lost(self) -> Floats:
        """Volume lost against the target, shape (C, S)."""
        lost: Floats = np.maximum(self.target - self.values[..., 0], 0.0)
        return np.where(lost > 1e-7 * max(self.target, 1e-12), lost, 0.0)

    @cached_property
    def lacking(self) -> Floats:
        """What refineries lack, shape (C, S)."""
        lacking = self.values[..., 1]
        return np.where(lacking > 1e-7 * max(self.target, 1e-12), lacking, 0.0)

    @cached_property
    def expected(self) -> Floats:
        """Expected total cost of every choice, shape (C,)."""
        expected: Floats = self.capital + self.measure @ self.states.probability
        return expected

    @cached_property
    def tails(self) -> Floats:
        """CVaR of the total cost of every choice, shape (C,)."""
        p = self.states.probability
        tails: Floats = self.capital + np.array([self.risk.tail(row, p) for row in self.measure])
        return tails

    @cached_property
    def objective(self) -> Floats:
        """What is minimised, shape (C,)."""
        return (1.0 - self.risk.weight) * self.expected + self.risk.weight * self.tails

    def best(self, objective: Floats | None = None) -> list[int]:
        """The cheapest choices: one, unless several are equal; the one with the least capital first."""
        value = self.objective if objective is None else objective
        size = max(float(np.abs(value).max()), 1e-12)
        ties = np.flatnonzero(value - value.min() <= _TIE * size)
        return sorted(ties.tolist(), key=lambda place: (self.capital[place], place))

    def same(self, one: int, other: int) -> bool:
        """Whether two choices build the same."""
        mine, near = self.choices[one], {leg: size.inner for leg, size in self.choices[other].items()}
        return set(mine) == set(near) and all(
            abs(size.inner - near[leg]) <= 1e-9 * size.inner for leg, size in mine.items()
        )

    def of_totals(self, totals: Floats) -> float:
        """The measure of total costs by state."""
        return self.risk.of(totals, self.states.probability)

    def wait_and_see(self) -> float:
        """The objective if the state were known before the choice."""
        return self.of_totals((self.capital[:, None] + self.measure).min(axis=0))

    def crossing(self, choice: int, scenario: int, instead: int = 0) -> Crossing:
        """From which probability of a scenario on a choice pays against another."""
        states = self.states
        first = len(states.base)
        others = np.concatenate([np.zeros(first), states.chances])
        others[first + scenario] = 0.0
        return crossing(float(self.capital[choice] - self.capital[instead]), self.measure[choice],
                        self.measure[instead], first + scenario, states.base_share, others, self.risk)  # fmt: skip


def mean_measure(ledger: Ledger, operator: Operator, several: Sequence[Sequence[Bounds]]) -> Floats | None:
    """Second-stage cost of every choice when each number is its mean over the states, (C,): the expected-value problem.

    ``several``: bounds of all states for each choice. None if scenarios have other rows and columns: they have no mean.
    """
    states = ledger.states
    if len({source.program.shape for source in states.sources}) > 1:
        return None
    p = states.probability
    ends = np.cumsum([0, *(source.many for source in states.sources)])
    shares = np.array([p[first:last].sum() for first, last in itertools.pairwise(ends)])
    program = mean_program(shares, [source.program for source in states.sources])
    measured = np.empty(len(several))
    for place, (sizes, bounds) in enumerate(zip(ledger.choices, several, strict=True)):
        # What is minimised may depend on the choice (a toll); what is reported does not.
        asked, reported = [], []
        for source in states.sources:
            plan = source.plan(sizes)
            asked.append(np.array([cost for _, cost in plan.stages]))
            reported.append(plan.report)
        stages = np.tensordot(shares, np.array(asked), axes=1)
        names = [name for name, _ in plan.stages]
        mean = replace(
            plan,
            program=program,
            bounds=mean_bounds(p, bounds),
            stages=tuple(zip(names, stages, strict=True)),
            report=np.tensordot(shares, np.array(reported), axes=1),
        )
        values, _ = solve_bounds(mean, [mean.bounds])
        measured[place] = operator.prices.of(values, ledger.target)[0]
    return measured


def envelope(expected: Floats, tails: Floats) -> list[tuple[int, float, float]]:
    """Corners of the frontier in order: (choice, from, to), the best choice for each weight of the tail from 0 to 1.

    >>> envelope(np.array([1.0, 2.0, 3.0]), np.array([9.0, 4.0, 3.9]))
    [(0, 0.0, 0.16666666666666666), (1, 0.16666666666666666, 0.9090909090909091), (2, 0.9090909090909091, 1.0)]
    """
    size = _TIE * max(1.0, float(np.abs(expected).max()), float(np.abs(tails).max()))
    here = min(np.flatnonzero(expected <= expected.min() + size).tolist(), key=lambda place: tails[place])
    weight = 0.0
    found: list[tuple[int, float, float]] = []
    while True:
        slope = tails - expected
        flatter = np.flatnonzero(slope < slope[here] - size)
        crossings = [
            (float((expected[k] - expected[here]) / (slope[here] - slope[k])), float(slope[k]), int(k)) for k in flatter
        ]
        ahead = [one for one in crossings if one[0] < 1.0]
        if not ahead:
            return [*found, (here, weight, 1.0)]
        until, _, following = min(ahead)
        if until > weight:
            found.append((here, weight, until))
        here, weight = following, max(until, weight)
