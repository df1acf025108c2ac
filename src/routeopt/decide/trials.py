"""Solving one scenario again and again with other data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation import Allocation
from routeopt.decide.draws import Edits
from routeopt.decide.inputs import Input
from routeopt.program import Program, bounds_of, formulate
from routeopt.scenario import Scenario
from routeopt.scenario.effect import Effect
from routeopt.scenario.situation import Situation
from routeopt.solve.engine import Solved, program_of, solve
from routeopt.solve.highs import Session
from routeopt.system import ExportSystem
from routeopt.units import parse_unit

__all__ = ["TOTALS", "Outcome", "Trials", "figures_of"]

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
    """

    def __init__(self, system: ExportSystem, situations: Sequence[Situation], inputs: Sequence[Input]) -> None:
        self._system, self._situations = system, situations
        self._edits = [Edits(system, inputs, situations[0])]
        # A scenario that overrides data has a system of its own to change.
        self._place: list[int] = []
        for situation in situations:
            self._place.append(len(self._edits) if situation.system is not system else 0)
            if situation.system is not system:
                self._edits.append(Edits(situation.system, inputs, situation))
        self._own = [Edits(situation.system, inputs, situation) for situation in situations]
        self._programs = [program_of(self._owner(k, system, s.system)) for k, s in enumerate(situations)]
        self._sessions = [
            Session(program, bounds_of(program, situation))
            for program, situation in zip(self._programs, situations, strict=True)
        ]
        self._fixed = [False] * len(situations)
        self._routes = _routes(system)

    @property
    def edits(self) -> list[Edits]:
        """What the draws are made with, for each scenario."""
        return self._own

    def settle(self, values: Floats) -> None:
        """Find out whether the matrix depends on the inputs, by moving all of them at once.

        A coefficient is a product of factors, so one that does not move from its place when every factor does
        depends on none of them.
        """
        for k, program in enumerate(self._programs):
            systems = [edits.made(values) for edits in self._edits]
            owner = self._owner(k, systems[0], systems[self._place[k]])
            self._fixed[k] = _equal(formulate(owner, program.layout), program)

    def run(self, values: Floats) -> list[Outcome]:
        """Solve every scenario with one set of numbers.

        Parameters
        ----------
        values : float array, shape (inputs,)
            In written units.
        """
        systems = [edits.made(values) for edits in self._edits]
        return [self._run(k, systems[0], systems[self._place[k]]) for k in range(len(self._situations))]

    def _run(self, k: int, system: ExportSystem, changed: ExportSystem) -> Outcome:
        situation = replace(self._situations[k], system=changed)
        owner = self._owner(k, system, changed)
        if not self._fixed[k]:
            program = formulate(owner, self._programs[k].layout)
            if not _equal(program, self._programs[k]):
                self._programs[k] = program
                self._sessions[k] = Session(program, bounds_of(program, situation))
        owner.memo["program"] = self._programs[k]
        solved = solve(system, situation, session=self._sessions[k])
        return Outcome(system, solved, figures_of(solved, self._routes))

    def _owner(self, k: int, system: ExportSystem, changed: ExportSystem) -> ExportSystem:
        """The system whose programme is solved: see `routeopt.solve.engine.solve`."""
        return system if self._situations[k].effect < Effect.MATRIX else changed


def _equal(one: Program, other: Program) -> bool:
    return np.array_equal(one.value, other.value) and np.array_equal(one.gain, other.gain)


def _routes(system: ExportSystem) -> NDArray[np.intp]:
    """Route of each leg, by its place; -1 where it marks none."""
    names = route_names(system)
    place = {name: i for i, name in enumerate(names)}
    return np.array([place[system.markers[leg]] if leg in system.markers else -1 for leg in system.legs], np.intp)


def route_names(system: ExportSystem) -> list[str]:
    """Ids of the routes, as in `Allocation.routes`."""
    return list(system.routes) or list(dict.fromkeys(system.markers.values()))


def figures_of(solved: Solved, route_of: NDArray[np.intp]) -> Floats:
    """`TOTALS` and the volume of each route, as `Allocation` gives them; without its tables, which take longer."""
    layout, system = solved.program.layout, solved.situation.system
    flow_unit = system.units.flow
    scale = parse_unit(flow_unit).factor
    money = 1000.0 * parse_unit(flow_unit.partition("/")[2]).factor
    x = solved.answer.x
    x = np.where(np.abs(x) < 1e-10 * max(solved.bounds.unit, float(np.abs(x).max(initial=0.0))), 0.0, x)
    output = layout.columns("output")
    cost = float(solved.objectives.spending @ x)
    flow = x[layout.columns("flow")] * solved.program.gain[layout.flow_leg]
    route = route_of[layout.flow_leg]
    count = int(route_of.max(initial=-1)) + 1
    totals = [
        x[layout.columns("delivery")].sum() / scale,
        np.maximum(solved.bounds.upper[output] - x[output], 0.0).sum() / scale,
        float(solved.objectives.shortage @ x) / scale,
        cost * money,
        float(solved.objectives.revenue @ x) * money - cost * money,
    ]
    volumes = np.bincount(route[route >= 0], flow[route >= 0], count) / scale
    return np.concatenate([totals, volumes])


def as_allocation(outcome: Outcome, scenario: Scenario, name: str) -> Allocation:
    """The answer as `allocate` gives it."""
    return Allocation(outcome.system, scenario, name, outcome.solved)
