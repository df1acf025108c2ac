"""The states that may come: named scenarios and random instants, each with its probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from routeopt.arrays import Bools, Floats
from routeopt.decide.expansion.options import Sizes
from routeopt.elements.elements import Element
from routeopt.elements.outages import failing
from routeopt.elements.values import every_set
from routeopt.model import Bounds, Objectives, Program, bounds_of, objectives_of
from routeopt.resilience.outages.draws import Instants
from routeopt.resilience.outages.process import processes_of
from routeopt.resilience.outages.states import all_are_solved, probabilities
from routeopt.scenario import Scenario
from routeopt.scenario.case import Situation, situate
from routeopt.scenario.effect import Effect
from routeopt.solve.batch import Batch, Engine, run, with_engine
from routeopt.solve.batch_problem import Plan, differences, moved, plan_of
from routeopt.solve.cycles import refuse_circles
from routeopt.solve.engine import program_of
from routeopt.system import ExportSystem

__all__ = ["Operator", "Outages", "Prices", "Source", "solve_bounds", "states_of"]


MANY = 30_000
"""From so many states on the kernel pays."""


@dataclass(frozen=True)
class Prices:
    """What a state costs beside its money, thousand USD an inner unit (USD per tonne or a barrel)."""

    lost: float  # of a unit not exported, beside the missing revenue
    shortage: float  # of a unit that refineries lack

    def cost(self, objectives: Objectives) -> Floats:
        """The measure over the columns of a program, without its constant."""
        return objectives.money + self.lost * objectives.volume + self.shortage * objectives.shortage

    def of(self, values: Floats, target: float) -> Floats:
        """The measure of (exported, shortage, money) in the last axis; ``target`` is what else would be exported."""
        lost = target - values[..., 0]
        measured: Floats = values[..., 2] + self.lost * lost + self.shortage * values[..., 1]
        return measured


@dataclass(frozen=True)
class Operator:
    """Who decides once the state is known: ``economic`` minimises one sum of money, the measure itself; otherwise
    refineries come first, then volume, and money last."""

    economic: bool
    prices: Prices

    def plan(self, plan: Plan, objectives: Objectives) -> Plan:
        """A plan with what this operator minimises."""
        if not self.economic:
            return plan
        return replace(plan, stages=(("cost", self.prices.cost(objectives)),))


@dataclass(frozen=True)
class Outages:
    """Random instants: which events are down in each distinct state, and how likely it is."""

    events: tuple[Element, ...]
    states: Bools  # (S, events)
    weight: Floats  # (S,): they add up to one
    draws: int  # instants they were drawn from; zero if they are all states


def states_of(system: ExportSystem, largest: Sizes, draws: int, seed: int) -> Outages:
    """Random instants of everything that can fail once all options stand: each choice meets the same draws.

    An event has a stream of numbers of its own, which depends on its name alone, so these are the draws of
    `simulate_outages` as well. Equal states are merged. Where there are no more states than draws, all are taken with
    their exact probability.
    """
    events = tuple(failing(situate(system, Scenario().model_copy(update={"build": dict(largest)}))))
    processes = processes_of(events)
    if all_are_solved(len(events), draws):
        states = every_set(len(events))
        weight, made = probabilities(states, processes), 0
    else:
        drawn, _ = Instants(events, processes, seed).next(draws)
        packed, times = np.unique(np.packbits(drawn, axis=1), axis=0, return_counts=True)
        states = np.unpackbits(packed, axis=1, count=len(events)).astype(bool)
        weight, made = times / draws, draws
    kept = weight > 0.0
    return Outages(events, states[kept], weight[kept] / weight[kept].sum(), made)


class Source:
    """One scenario (flat), or the base with its random instants: ``many`` states that share a program.

    ``system`` is without capital charges; ``charged`` has them, if shippers pay them by the tonne. ``program``,
    ``objectives``, ``base`` and ``cost`` are its program, its real money, its bounds with nothing built, its measure.
    """

    def __init__(
        self, system: ExportSystem, scenario: Scenario, outages: Outages | None, operator: Operator,
        charged: ExportSystem | None = None,
    ) -> None:  # fmt: skip
        self._system, self._scenario, self._outages, self._operator = system, scenario, outages, operator
        self._charged = charged
        situation = self.situation({})
        owner = system if situation.effect < Effect.MATRIX else situation.system
        self.program: Program = program_of(owner)
        self.objectives: Objectives = objectives_of(self.program, situation)
        self.base: Bounds = bounds_of(self.program, situation)
        self.prices = operator.prices
        self.cost: Floats = operator.prices.cost(self.objectives)
        self.many = 1 if outages is None else len(outages.states)
        self._plain = plan_of(self.program, self.base, self.objectives, None)
        refuse_circles(self._plain.circular, "the value of an option")
        # The kernel reads shortage, volume and money off its stages; where those are others, the session does not.
        self._engine: Engine = "warm" if operator.economic or charged is not None else "auto"

    def situation(self, sizes: Sizes) -> Situation:
        """What holds with some options built."""
        return self._situated(self._system, sizes)

    def _situated(self, system: ExportSystem, sizes: Sizes) -> Situation:
        build = {**self._scenario.build, **sizes}
        return situate(system, self._scenario.model_copy(update={"build": build}))

    def bounds(self, sizes: Sizes) -> list[Bounds]:
        """Bounds of every state with some options built."""
        if self._outages is None:
            return [bounds_of(self.program, self.situation(sizes))]
        plan, states = self._batch(sizes).plan, self._outages.states
        ptr = np.concatenate([[0], np.cumsum(states.sum(axis=1))])
        changes = moved(plan, ptr, np.nonzero(states)[1].astype(np.int32))
        return [changes.bounds(s, plan.bounds) for s in range(self.many)]

    def plan(self, sizes: Sizes) -> Plan:
        """What the operator minimises with some options built, and what is reported of it."""
        objectives = self.objectives
        if self._charged is not None:
            objectives = objectives_of(self.program, self._situated(self._charged, sizes))
        made = self._operator.plan(plan_of(self.program, self.base, objectives, None), objectives)
        return replace(made, report=self._plain.report)

    def _batch(self, sizes: Sizes) -> Batch:
        assert self._outages is not None
        batch = Batch(self._system, self.situation(sizes), [event.closure for event in self._outages.events])
        asked = self.plan(sizes)
        batch.plan = replace(batch.plan, stages=asked.stages, report=asked.report)
        return batch

    def solve(self, choices: Sequence[Sizes]) -> Floats:
        """Exported volume, shortage and money of every choice in every state, shape (C, S, 3), inner units a day."""
        if self._outages is None and self._charged is None:
            found, _ = self.solve_bounds([self.bounds(sizes)[0] for sizes in choices])
            return found[:, None, :]
        values = np.empty((len(choices), self.many, 3))
        for place, sizes in enumerate(choices):
            if self._outages is None:
                values[place] = self.solve_bounds(self.bounds(sizes), sizes)[0]
            else:
                # Compiling and loading the kernel takes longer than some thousand states in the session.
                engine: Engine = self._engine if self.many * len(choices) > MANY else "warm"
                answer = self._batch(sizes).solve(self._outages.states, engine=engine)
                values[place] = np.column_stack([answer.exported, answer.shortage, answer.money])
        return values

    def solve_bounds(
        self, several: Sequence[Bounds], sizes: Sizes | None = None, flows: bool = False
    ) -> tuple[Floats, Floats]:
        """The same for any bounds, shape (B, 3), and with ``flows`` the optima, shape (B, columns)."""
        return solve_bounds(self.plan(sizes or {}), several, self._engine, flows)


def solve_bounds(
    plan: Plan, several: Sequence[Bounds], engine: Engine = "warm", flows: bool = False
) -> tuple[Floats, Floats]:
    """Exported volume, shortage and money under each of several bounds, and with ``flows`` the optima."""
    changes = differences(plan, several)
    ready = plan if engine == "warm" else with_engine(plan, engine, len(several), flows, changes)
    keep = np.arange(len(several) if flows else 0)
    answer = run(ready, changes.start, changes, keep, None, None)
    return np.column_stack([answer.exported, answer.shortage, answer.money]), answer.x
