"""Optimum of a horizon.

A horizon is mostly one day over and over. Its first basis is that of a usual day, repeated: dual feasible but for
what ties days together, so that the dual simplex method pivots only around closures. That solve has one cost in
which the objectives are weighted; it is a guess and nothing more. Each objective is then minimised by itself on the
optimal face of those before it, from that basis, and proven.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from routeopt.arrays import Floats
from routeopt.errors import InfeasibleError, SolverError
from routeopt.model import Bounds, Layout, Objectives, Program, bounds_of
from routeopt.model.objectives import promptness
from routeopt.model.temporal import (
    Calls,
    Start,
    SurgeCaller,
    temporal_bounds,
)
from routeopt.scenario.case import Situation
from routeopt.scenario.scenario import Horizon, Scenario
from routeopt.scenario.timeline import Timeline, timeline
from routeopt.solve.apportion import Apportionment, Party, apportionment
from routeopt.solve.cycles import circle_in, refuse_circles, settled
from routeopt.solve.engine import Solved, session_of
from routeopt.solve.highs import Basis, Session
from routeopt.solve.lexicographic import Answer, Guess, Minimiser, lexicographic
from routeopt.system import ExportSystem

__all__ = ["Added", "Prepared", "Stage", "Work"]

log = logging.getLogger("routeopt")


Stage = tuple[str, Floats]


@dataclass
class Work:
    """Effort of an answer: plans, programs solved, simplex iterations and seconds of each plan."""

    plans: int = 0
    solves: int = 0
    pivots: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, solves: int, pivots: int, seconds: float) -> None:
        """Count one plan."""
        self.plans += 1
        self.solves += solves
        self.pivots.append(pivots)
        self.seconds.append(seconds)


@dataclass(frozen=True, eq=False)
class Added:
    """Rows and variables added by the caller; ``lower`` and ``upper`` of all columns, infinite where not narrowed.

    The last ``count`` columns are new. ``why`` says why there is no plan.
    """

    names: tuple[str, ...]
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    count: int
    why: Callable[[Program, Bounds, Added, dt.date], InfeasibleError]

    def onto(self, bounds: Bounds) -> Bounds:
        """Return the bounds of a plan with those of the caller."""
        rows = len(bounds.row_lower) - len(self.row_lower)
        lower, upper = np.maximum(bounds.lower, self.lower), np.minimum(bounds.upper, self.upper)
        new = len(lower) - self.count
        lower[new:], upper[new:] = self.lower[new:], self.upper[new:]
        return Bounds(
            lower, upper,
            np.concatenate([bounds.row_lower[:rows], self.row_lower]),
            np.concatenate([bounds.row_upper[:rows], self.row_upper]), bounds.unit,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Prepared:
    """A system with a horizon, ready to be planned under any closures that share it.

    ``system`` is that before the scenario, ``situation`` the scenario without its closures, ``usual`` a usual day in
    it. ``apportion`` is how scarce capacity is shared and among whom (nobody where money decides); ``circular``: oil
    that goes round in circles might fulfil a contract for less than it costs.
    """

    system: ExportSystem
    situation: Situation
    usual: Solved
    program: Program
    objectives: Objectives
    horizon: Horizon
    start: Start
    economic: bool
    solver: str = "highs"
    apportion: tuple[str, list[Party]] = ("economic", [])
    circular: bool = False
    added: Added | None = None
    _kept: dict[str, Any] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        # A solver is not pickled; the next plan starts from a usual day again.
        return {**self.__dict__, "_kept": {}}

    def calls(self, shares: Timeline) -> Calls:
        """Return the calls of surge under closures, joined with those before the horizon."""
        if "calm shares" not in self._kept:
            single, situation = self.program.single, self.situation
            calm = timeline(situation.system, Scenario(), (), self.program.layout.periods)
            ways = SurgeCaller(single, situation, bounds_of(single, situation), self.start.usual)
            self._kept["calm shares"] = calm, ways
        calm, ways = self._kept["calm shares"]
        found: Calls = ways.calls(shares, calm)
        return found.after(self.start.calls)

    def bounds(self, shares: Timeline, calls: Calls, paces: bool = True) -> Bounds:
        """Compute bounds under closures; without ``paces`` output has no ramp rates."""
        made = temporal_bounds(self.program, self.situation, shares, self.start, calls, self.horizon.end_stocks,
                               self.horizon.initial_in_transit, paces)  # fmt: skip
        return self.added.onto(made) if self.added else made

    def stages(self, greedy: Floats | None = None) -> list[Stage]:
        """Objectives in order, the same for all foresight; a greedy plan puts early output before money."""
        goals = self.objectives
        first, money = [("shortage", goals.shortage)], ("money", goals.money)
        volume, refill = ("volume", goals.volume), ("refill", goals.refill)
        if greedy is not None:
            return [*first, volume, refill, ("prompt", greedy), money]
        if self.economic:
            return [*first, refill, money]
        return [*first, volume, refill, ("trip", goals.trip), money]

    def ties(self, prompt: Floats | None = None) -> list[Stage]:
        """Tie-breaking objectives between equal optima."""
        goals = self.objectives
        ties = [("trip", goals.trip)] * self.economic + [("waiting", goals.waiting)]
        ties += [] if prompt is None else [("prompt", prompt)]
        return [*ties, ("idle", goals.idle), ("transit", goals.transit), ("generic", goals.generic)]

    def sharing(self, left: Bounds) -> Apportionment | None:
        """Apportionment by the output that closures leave each field over the plan; None if economic."""
        rule, parties = self.apportion
        if not parties:
            return None
        layout = self.program.layout
        key = layout.by_period(left.upper)[: layout.periods.planned, layout.columns("output")].tobytes()
        output = np.arange(layout.periods.planned) * layout.size + layout.column["output"]
        if "sharing" not in self._kept or self._kept["sharing"][0] != key:
            self._kept["sharing"] = key, apportionment(self.program, left, rule, parties, output)
        made: Apportionment = self._kept["sharing"][1]
        return made

    def plan(
        self,
        bounds: Bounds,
        work: Work,
        first: float,
        check: bool = False,
        greedy: bool = False,
        left: Bounds | None = None,
    ) -> Answer:
        """The certified optimum under some bounds, from the basis of the plan before.

        ``first``: the day on which a closure that is known first takes something away, infinite if none does;
        ``check``: find out if the optimum is unique; ``greedy``: fields produce as long as they can, whatever that
        costs; ``left``: what closures leave, where ``bounds`` hold what was done already as well: shares are of that.
        """
        begun = time.perf_counter()
        calm = first == math.inf and not greedy
        if calm and self.rewind(bounds):
            work.add(0, 0, time.perf_counter() - begun)
            kept: Answer = self._kept["calm"][1]
            return kept
        asked = bounds
        sharing = self.sharing(left or bounds)
        program = sharing.program if sharing else self.program
        bounds, split = (sharing.bounds(bounds), sharing.narrow) if sharing else (bounds, None)
        prompt = promptness(self.program, first)
        stages = self.wide(self.stages(prompt if greedy else None), program)
        ties = self.wide(self.ties(None if greedy else prompt), program)
        session: Minimiser
        warm, guess, pivots = self.solver == "highs", None, 0
        if warm:
            session, guess, pivots = self._warm(program, bounds, stages, ties)
        else:
            session = session_of(program, bounds, self.solver)
        # A plan without closures is reused, so it must be able to answer whether it is unique.
        check = check or (calm and guess is not None)

        def again(bounds: Bounds, guess: Guess | None = None) -> Answer:
            return lexicographic(program, bounds, stages, ties, session, check=check, split=split, guess=guess)

        try:
            answer = self._settled(bounds, stages, again(bounds, guess), again)
        except InfeasibleError:
            if self.added is None:
                raise
            raise self.added.why(self.program, asked, self.added, self.program.layout.periods.starts[0]) from None
        if warm:
            self._kept["session"] = program, session
        work.add(warm + len(answer.proofs), pivots, time.perf_counter() - begun)
        if calm and "basis" in self._kept:
            self._kept["calm"] = asked, answer, self._kept["basis"]
        log.info("%s: %d rows, %d columns, %d periods, %d pivots, %.0f ms", self.system.name, *self.program.shape,
                 len(self.program.layout.periods), pivots, 1e3 * work.seconds[-1])  # fmt: skip
        return answer

    def _settled(
        self, bounds: Bounds, stages: list[Stage], answer: Answer, again: Callable[[Bounds], Answer]
    ) -> Answer:
        """The answer without circles through contracts: settled in one period, refused over several.

        Oil goes to and fro at once, or by way of tanks.
        """
        layout, single = self.program.layout, self.program.single
        if not self.circular:
            return answer
        if len(layout.periods) == 1:
            return settled(single, bounds, stages, answer, again).answer
        ever = layout.by_period(answer.x)[:, layout.columns("flow")].max(axis=0)
        circle = circle_in(single, ever, self.usual.objectives.money, self.usual.bounds.unit)
        refuse_circles(bool(circle), "a plan over a horizon")
        return answer

    def rewind(self, bounds: Bounds | None = None) -> bool:
        """Go back to the basis of the last plan without closures, if there is one and if it had these bounds."""
        if "calm" not in self._kept:
            return False
        asked, _, basis = self._kept["calm"]
        if bounds is not None and not asked.same(bounds):
            return False
        self._kept["basis"] = basis
        return True

    def volume(self, bounds: Bounds) -> tuple[float, float]:
        """Compute the certified values of the volume stage (deliveries less tank shortfall) and of the shortage."""
        stages = [stage for stage in self.stages() if stage[0] in ("shortage", "volume")]
        warm, guess, _ = self._warm(self.program, bounds, self.stages(), self.ties())
        answer = lexicographic(self.program, bounds, stages, [], warm, check=False, guess=guess)
        self._kept["session"] = self.program, warm
        return -answer.proofs[-1].value, float(self.objectives.shortage @ answer.x)

    @staticmethod
    def wide(stages: list[Stage], program: Program) -> list[Stage]:
        """Extend stages to the columns of a larger program."""
        return [(name, np.append(cost, np.zeros(program.shape[1] - len(cost)))) for name, cost in stages]

    def _warm(
        self, program: Program, bounds: Bounds, stages: list[Stage], ties: list[Stage]
    ) -> tuple[Session, Guess | None, int]:
        """A session at a good basis, from that of the plan before; its point, and the simplex iterations it took."""
        # Taken out while in use: another thread builds its own.
        of, session = self._kept.pop("session", (None, None))
        if session is None or of is not program:
            session = Session(program, bounds)
        session.set_bounds(bounds)
        session.simplex(primal=False)
        if "basis" in self._kept:
            session.begin_again(self._kept["basis"])
        else:
            session.begin_at(self._first_basis(program))
        try:
            found = session.minimise(_weighted(stages, ties, self.program.layout))
        except (InfeasibleError, SolverError):  # a guess that fails costs time and nothing else
            session.restart()
            return session, None, 0
        pivots = session.iterations
        self._kept["basis"] = session.basis()
        session.simplex(primal=True)
        return session, Guess(found.x, session.duals, self._kept["basis"]), pivots

    def _first_basis(self, program: Program) -> Basis:
        """Build the basis of a usual day in every period; columns that link periods are at zero."""
        layout, single = self.program.layout, self.usual
        bounds, goals = bounds_of(self.program.single, self.situation), single.objectives
        session = Session(self.program.single, bounds)
        stages = [("shortage", goals.shortage), ("volume", goals.volume), ("money", goals.money)]
        session.minimise(_weighted(stages, [("transit", goals.transit), ("generic", goals.generic)], layout))
        day = session.statuses()
        columns, rows = np.zeros(self.program.shape[1], np.int8), np.ones(self.program.shape[0], np.int8)
        by_column = columns[: layout.after[1]].reshape(len(layout.periods), layout.size)
        by_row = rows[: layout.after[0]].reshape(len(layout.periods), layout.height)
        width, height = layout.column["landed"], layout.row["landing"]
        by_column[:, :width], by_row[:, :height] = day.columns[:width], day.rows[:height]
        by_column[:, layout.columns("landed")] = 1
        by_row[:, layout.rows("landing")] = 0
        for place, bucket in enumerate(layout.contracts):
            deficiency, row = layout.column["deficiency"] + bucket.place, layout.row["contract"] + bucket.place
            columns[layout.after[1] + place], rows[layout.after[0] + place] = day.columns[deficiency], day.rows[row]
            by_column[bucket.periods, deficiency], by_row[bucket.periods, row] = 0, 1
        more = np.array(program.shape) - self.program.shape
        return Basis(np.append(columns, np.zeros(more[1], np.int8)), np.append(rows, np.ones(more[0], np.int8)))


def _weighted(stages: list[Stage], ties: list[Stage], layout: Layout) -> Floats:
    """Combine the objectives into one cost for a first basis, each much heavier than the next."""
    days = float(layout.periods.edges[-1] - layout.periods.edges[0])
    sizes = {"shortage": 2e4, "volume": 2e2, "refill": 2e1, "trip": 4.0, "waiting": 2e-4 / days,
             "prompt": 2e-5 / days, "idle": 2e-6 / days, "transit": 2e-8, "generic": 2e-9}  # fmt: skip
    costs = dict(stages)
    money = float(np.abs(costs["money"]).max(initial=0.0)) or 1.0
    total = costs["money"].copy()
    for name, cost in (*stages, *ties):
        if name != "money":
            total += sizes[name] * money * cost
    return total
