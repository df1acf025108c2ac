"""Solve one case of a system and certify the optimum."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routeopt.errors import InfeasibleError, SolverError, UnboundedError, did_you_mean
from routeopt.model import Bounds, Objectives, Program, bounds_of, formulate, objectives_of
from routeopt.scenario.case import Situation
from routeopt.scenario.effect import Effect
from routeopt.solve import highs
from routeopt.solve.apportion import Apportionment, apportionment, parties_of
from routeopt.solve.cache import remembered
from routeopt.solve.cycles import circles_may_pay, settled
from routeopt.solve.lexicographic import Answer, Minimiser, lexicographic
from routeopt.system import ExportSystem
from routeopt.units import parse_unit

__all__ = ["Flows", "MeanDay", "Solved", "program_of", "session_of", "solve"]

log = logging.getLogger("routeopt")


@dataclass(frozen=True)
class Solved:
    """Optimum with all its inputs.

    - ``program``, ``bounds``, ``objectives``: the program that was solved, with added rows if there were any.
    - ``answer``: the certified point.
    - ``economic``: whether money came before volume.
    - ``solver``: its name.
    - ``added``: names of constraints that the caller added.
    - ``optimal``: whether the point is the optimum of the objectives and not an alternative that costs more.
    - ``closed``: flow columns closed in ``bounds`` so that no contract is fulfilled by oil that goes round in circles.
    - ``opened``: bounds without those.
    - ``tried``: programs solved to find them.
    - ``sharing``: how scarce capacity was shared, where not by money.
    """

    situation: Situation
    program: Program
    bounds: Bounds
    objectives: Objectives
    answer: Answer
    economic: bool
    solver: str
    added: tuple[str, ...] = ()
    optimal: bool = True
    closed: tuple[int, ...] = ()
    opened: Bounds | None = None
    tried: int = 0
    sharing: Apportionment | None = None

    @property
    def x(self) -> NDArray[np.float64]:
        """Flows in the columns of the program."""
        return self.answer.x

    @property
    def whole_bounds(self) -> Bounds:
        """Bounds before circular flows are closed; circular flows do not change volumes."""
        return self.opened or self.bounds

    @property
    def rationed(self) -> bool:
        """Whether an apportionment shares out less than all fields could produce."""
        output = self.program.layout.columns("output")
        short = self.x[output] < self.bounds.upper[output] - 1e-9 * self.bounds.unit
        return self.sharing is not None and bool(short.any())

    @property
    def held(self) -> Bounds:
        """Bounds that hold the shares of an apportionment; every optimum in them has these shares."""
        return self.bounds if self.sharing is None else self.sharing.holding(self.bounds, self.x)

    @cached_property
    def circular(self) -> bool:
        """Whether a circular flow could fulfil a contract for less than it costs."""
        return bool(self.closed) or circles_may_pay(self.program, self.objectives)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on legs closed to circular flows."""
        layout = self.program.layout
        legs = dict.fromkeys(layout.topology.legs[layout.flow_leg[column]] for column in self.closed)
        if not legs:
            return ()
        return (f"{', '.join(legs)}: kept empty where crude would only go round in circles to fulfil a contract",)

    def stages(self) -> list[tuple[str, NDArray[np.float64]]]:
        """Objectives in order, without those that break ties."""
        return _stages(self.objectives, self.economic)


@dataclass(frozen=True)
class MeanDay:
    """Mean flows of several days in the columns of one. No optimum of a day: it has no multipliers and no proof.

    ``situation``, ``program``, ``bounds``, ``objectives``: of one day, with the mean of what was closed.
    """

    situation: Situation
    program: Program
    bounds: Bounds
    objectives: Objectives
    x: NDArray[np.float64]
    economic: bool


Flows = Solved | MeanDay
"""Source of the tables of a result."""


def solve(
    system: ExportSystem,
    situation: Situation,
    *,
    economic: bool = False,
    solver: str | None = None,
    constraints: Any = None,
    session: Minimiser | None = None,
    apportion: str | Sequence[str] = "economic",
    program: Program | None = None,
) -> Solved:
    """Solve one situation and certify the answer.

    - ``system``: the system before the scenario; its program is built once and kept.
    - ``economic``: let fields shut in when it does not pay.
    - ``solver``: ``"highs"`` (the default), or ``"pulp:NAME"`` for a PuLP solver.
    - ``constraints``: see `routeopt.solve.user_constraints`.
    - ``session``: one that holds the program's matrix already, to start from where its last solve ended.
    - ``apportion``: see `routeopt.solve.apportion.parties_of`.
    - ``program``: the program of the system, if built before.

    Raises SolveError: no optimum, or none that can be certified.
    """
    begun = time.perf_counter()
    program = program or program_of(system if situation.effect < Effect.MATRIX else situation.system)
    bounds, objectives = bounds_of(program, situation), objectives_of(program, situation)
    scale = parse_unit(situation.system.units.flow).factor
    added: list[str] = []
    if constraints is not None:
        from routeopt.solve.user_constraints import add_constraints

        changed = add_constraints(situation.system, program, bounds, objectives, constraints, scale)
        program, bounds, objectives, added = changed
    sharing = None
    rule, parties = parties_of(situation.system, apportion, economic)
    if parties:
        sharing = apportionment(program, bounds, rule, parties, np.array([program.layout.columns("output").start]))
        program, bounds = sharing.program, sharing.bounds(bounds)
        objectives = objectives.widened(program.shape[1])
    session = session or session_of(program, bounds, solver or "highs")
    ties = [("transit", objectives.transit), ("generic", objectives.generic)]
    stages = _stages(objectives, economic)

    def again(bounds: Bounds) -> Answer:
        return lexicographic(program, bounds, stages, ties, session, split=sharing.narrow if sharing else None)

    try:
        found = settled(program, bounds, stages, again(bounds), again)
    except UnboundedError as error:
        raise UnboundedError(_loop(situation, program, error), error.columns) from None
    except InfeasibleError:
        if not added and constraints is None:
            raise
        from routeopt.solve.infeasibility import explain

        raise explain(situation, program, bounds, added) from None
    taken = time.perf_counter() - begun
    log.info(
        "%s: %d rows, %d columns, %s, %.1f ms", situation.system.name, *program.shape, solver or "highs", 1e3 * taken
    )
    return Solved(situation, program, found.bounds, objectives, found.answer, economic, solver or "highs", tuple(added),
                  closed=found.closed, opened=bounds if found.closed else None, tried=found.tried,
                  sharing=sharing)  # fmt: skip


def program_of(system: ExportSystem) -> Program:
    """Return the program of a system, built at the first call and kept with the system."""
    return remembered(system, "program", None, lambda: formulate(system))


def session_of(program: Program, bounds: Bounds, solver: str) -> Minimiser:
    """Return a solver of a program: HiGHS, or any solver that PuLP finds.

    Raises SolverError: there is none of that name.
    """
    if solver == "highs":
        return highs.Session(program, bounds)
    kind, _, name = solver.partition(":")
    if kind != "pulp" or not name:
        hint = did_you_mean(solver, ["highs", "pulp:HiGHS", "pulp:PULP_CBC_CMD", "pulp:GLPK_CMD"])
        raise SolverError(f"unknown solver {solver!r}; {hint}")
    from routeopt.solve.pulp_adapter import PulpSession

    return PulpSession(program, bounds, name)


def _stages(objectives: Objectives, economic: bool) -> list[tuple[str, NDArray[np.float64]]]:
    stages = [("shortage", objectives.shortage), ("volume", objectives.volume), ("money", objectives.money)]
    return [stages[0], stages[2]] if economic else stages


def _loop(situation: Situation, program: Program, error: UnboundedError) -> str:
    """Describe the circular flow with an unlimited profit."""
    layout = program.layout
    flows = layout.columns("flow").stop
    legs = dict.fromkeys(layout.topology.legs[layout.flow_leg[column]] for column in error.columns if column < flows)
    if not legs:
        return str(error)
    loop = ", ".join(legs)
    return f"unbounded: the loop {loop} earns without limit; give one of them a capacity, or correct the tariffs"
