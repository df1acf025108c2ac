"""Solving one scenario again and again with other data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation import Allocation
from routeopt.allocation.trajectory import destinations_of
from routeopt.decide.uncertainty.draws import Edits
from routeopt.decide.uncertainty.inputs import Input
from routeopt.model import Program, bounds_of, formulate
from routeopt.scenario import Scenario
from routeopt.scenario.case import Situation
from routeopt.scenario.effect import Effect
from routeopt.solve.engine import Solved, program_of, solve
from routeopt.solve.highs import Session
from routeopt.system import ExportSystem
from routeopt.units import parse_unit

__all__ = ["TOTALS", "Outcome", "Trials", "as_allocation", "figures_of"]

Floats = NDArray[np.float64]

TOTALS = ("exported", "shut_in", "shortage", "cost", "netback")
"""What is read off every answer, before the routes."""


@dataclass(frozen=True)
class Outcome:
    """One answer.

    Attributes
    ----------
    system : ExportSystem
        The drawn system, before the scenario.
    solved : Solved
    figures : float array
        `TOTALS`, then the volume of each route; units in which the system shows results.
    """

    system: ExportSystem
    solved: Solved
    figures: Floats


class Trials:
    """One system under several scenarios, solved for one set of numbers after the other.

    Each scenario keeps a session of its own, so its answers do not depend on which others are solved beside it.

    Parameters
    ----------
    system : ExportSystem
    situations : sequence of Situation
    inputs : sequence of Input

    Attributes
    ----------
    edits : list of Edits
        What changes the system of each scenario.
    """

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
        """Solve every scenario with one set of numbers.

        Parameters
        ----------
        values : float array, shape (inputs,)
            In written units.
        """
        system, changed = self._made(values)
        return [self._run(k, system, other) for k, other in enumerate(changed)]

    def _run(self, k: int, system: ExportSystem, changed: ExportSystem) -> Outcome:
        situation = replace(self._situations[k], system=changed)
        owner = self._owner(k, system, changed)
        if self._fixed[k]:
            owner.memo["program"] = self._programs[k]
        elif "program" not in owner.memo:  # scenarios that override nothing share it
            owner.memo["program"] = formulate(owner, self._programs[k].layout)
        program = program_of(owner)
        if program is not self._programs[k]:
            self._programs[k] = program
            self._sessions[k].set_matrix(program)
        solved = solve(system, situation, session=self._sessions[k])
        return Outcome(system, solved, figures_of(solved))

    def _owner(self, k: int, system: ExportSystem, changed: ExportSystem) -> ExportSystem:
        """The system whose programme is solved: see `routeopt.solve.engine.solve`."""
        return system if self._situations[k].effect < Effect.MATRIX else changed


def _equal(one: Program, other: Program) -> bool:
    return np.array_equal(one.value, other.value) and np.array_equal(one.gain, other.gain)


def figures_of(solved: Solved) -> Floats:
    """`TOTALS` and the volume of each route, as `Allocation` gives them; without its tables, which take longer."""
    layout, system = solved.program.layout, solved.situation.system
    flow_unit = system.units.flow
    scale = parse_unit(flow_unit).factor
    money = 1000.0 * parse_unit(flow_unit.partition("/")[2]).factor
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
