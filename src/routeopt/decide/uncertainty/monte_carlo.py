"""Solving scenarios again and again with other data: drawn from ranges, or one number at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation import Allocation
from routeopt.allocation.tables import Scales
from routeopt.allocation.trajectory import destinations_of
from routeopt.arrays import Floats
from routeopt.decide.uncertainty.draws import Edits
from routeopt.decide.uncertainty.inputs import Input
from routeopt.model import Program, bounds_of, formulate
from routeopt.scenario import Scenario
from routeopt.scenario.case import Situation
from routeopt.scenario.effect import Effect
from routeopt.solve.engine import Solved, program_of, solve
from routeopt.solve.highs import Session
from routeopt.system import ExportSystem

__all__ = ["TOTALS", "Ends", "Outcome", "Trials", "as_allocation", "figures_of", "solve_ends"]


TOTALS = ("exported", "shut_in", "shortage", "cost", "netback")
"""What is read off every answer, before the routes."""


@dataclass(frozen=True)
class Outcome:
    """One answer."""

    system: ExportSystem  # as drawn, before the scenario
    solved: Solved
    figures: Floats  # `TOTALS`, then the volume of each route; in units that the system shows


class Trials:
    """One system under several scenarios, solved for one set of numbers after the other.

    Each scenario keeps a session of its own, so its answers do not depend on which others are solved beside it.
    ``edits`` is what changes the system of each."""

    def __init__(self, system: ExportSystem, situations: Sequence[Situation], inputs: Sequence[Input]) -> None:
        self._system, self._situations = system, tuple(situations)
        self._base = Edits(system, inputs)
        self.edits = [Edits(situation.system, inputs, situation.built) for situation in situations]
        owners = [self._owner(k, system, situation.system) for k, situation in enumerate(situations)]
        self._programs = [program_of(owner) for owner in owners]
        self._sessions = [
            Session(program, bounds_of(program, situation))
            for program, situation in zip(self._programs, situations, strict=True)
        ]
        self._fixed = [False] * len(situations)

    def settle(self, values: Floats) -> None:
        """Find out whether the matrix depends on the inputs at all, by moving all of them at once.

        Coefficients are products of inputs, so one that stays where it is while every input moves at random
        depends on none.
        """
        system, changed = self._made(values)
        for k, program in enumerate(self._programs):
            self._fixed[k] = _equal(formulate(self._owner(k, system, changed[k]), program.layout), program)

    def _made(self, values: Floats) -> tuple[ExportSystem, list[ExportSystem]]:
        """The system with other numbers, and the same with what each scenario overrides."""
        system = self._base.made(values)
        same = [situation.system is self._system for situation in self._situations]
        return system, [system if plain else edits.made(values) for plain, edits in zip(same, self.edits, strict=True)]

    def run(self, values: Floats) -> list[Outcome]:
        """Solve every scenario with one set of numbers, in written units."""
        system, changed = self._made(values)
        made: dict[int, Program] = {}  # scenarios that override nothing share the program of the drawn system
        return [self._run(k, system, other, made) for k, other in enumerate(changed)]

    def _run(self, k: int, system: ExportSystem, changed: ExportSystem, made: dict[int, Program]) -> Outcome:
        situation = replace(self._situations[k], system=changed)
        owner = self._owner(k, system, changed)
        if not self._fixed[k]:
            if id(owner) not in made:
                made[id(owner)] = formulate(owner, self._programs[k].layout)
            self._programs[k] = made[id(owner)]
            self._sessions[k].set_matrix(self._programs[k])
        solved = solve(system, situation, session=self._sessions[k], program=self._programs[k])
        return Outcome(system, solved, figures_of(solved))

    def _owner(self, k: int, system: ExportSystem, changed: ExportSystem) -> ExportSystem:
        """The system whose program is solved: see `routeopt.solve.engine.solve`."""
        return system if self._situations[k].effect < Effect.MATRIX else changed


def _equal(one: Program, other: Program) -> bool:
    return np.array_equal(one.value, other.value) and np.array_equal(one.gain, other.gain)


def figures_of(solved: Solved) -> Floats:
    """`TOTALS` and the volume of each route, as `Allocation` gives them; without its tables, which take longer."""
    layout, system = solved.program.layout, solved.situation.system
    scales = Scales.of(system.units.flow)
    scale, money = scales.flow, scales.money
    x = solved.answer.x
    x = np.where(np.abs(x) < 1e-10 * max(solved.bounds.unit, float(np.abs(x).max(initial=0.0))), 0.0, x)
    output = layout.columns("output")
    cost = float(solved.objectives.spending @ x)
    volumes = destinations_of(system, solved.program).exported(x) / scale
    totals = [
        volumes.sum() if len(volumes) else x[layout.columns("delivery")].sum() / scale,
        np.maximum(solved.bounds.upper[output] - x[output], 0.0).sum() / scale,
        float(solved.objectives.shortage @ x) / scale,
        cost * money,
        float(solved.objectives.revenue @ x) * money - cost * money,
    ]
    return np.concatenate([totals, volumes])


def as_allocation(outcome: Outcome, scenario: Scenario, name: str) -> Allocation:
    """The answer as `allocate` gives it."""
    return Allocation(outcome.system, scenario, name, outcome.solved)


@dataclass(frozen=True)
class Ends:
    """Answers with one number at the low or high end of its range and all others at their values."""

    figures: NDArray[np.float64]  # (inputs, 2, scenarios, figures); NaN where the end contradicts the rest of the data
    kept: NDArray[np.bool_]  # (inputs, 2, conclusions): whether each conclusion holds there


def solve_ends(
    system: ExportSystem,
    situations: Sequence[Situation],
    inputs: Sequence[Input],
    checks: Sequence[Callable[[Sequence[Outcome]], bool]],
) -> Ends:
    """Solve both ends of every number."""
    trials = Trials(system, situations, inputs)
    middle = np.array([one.value for one in inputs])
    trials.settle(np.array([0.3 * one.low + 0.7 * one.high for one in inputs]))
    base = trials.run(middle)
    figures = np.full((len(inputs), 2, len(base), len(base[0].figures)), np.nan)
    kept = np.zeros((len(inputs), 2, len(checks)), bool)
    base_kept = [check(base) for check in checks]
    for place, one in enumerate(inputs):
        for side, end in enumerate((one.low, one.high)):
            if end == one.value:
                figures[place, side] = [outcome.figures for outcome in base]
                kept[place, side] = base_kept
                continue
            values = middle.copy()
            values[place] = end
            if any(edits.contradictory(values) for edits in trials.edits):
                continue
            try:
                with np.errstate(divide="raise", invalid="raise"):
                    outcomes = trials.run(values)
            except (ZeroDivisionError, FloatingPointError):  # such as a round trip that takes no time
                continue
            figures[place, side] = [outcome.figures for outcome in outcomes]
            kept[place, side] = [check(outcomes) for check in checks]
    return Ends(figures, kept)
