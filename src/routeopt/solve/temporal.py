"""The door to the optimum of a horizon.

A horizon is mostly one day over and over. Its first basis is that of a usual day, repeated: dual feasible but for
what ties days together, so that the dual simplex method pivots only around closures. That solve has one cost in
which the objectives are weighted; it is a guess and nothing more. Each objective is then minimised by itself on the
optimal face of those before it, from that basis, and proven.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routeopt.program import Bounds, Program, bounds_of
from routeopt.program.temporal import (
    Frame,
    Start,
    TemporalObjectives,
    TemporalProgram,
    formulate_periods,
    temporal_bounds,
    temporal_objectives,
    usual_start,
)
from routeopt.program.temporal.frame import LAGGED
from routeopt.scenario import Scenario
from routeopt.scenario.effect import Effect
from routeopt.scenario.periods import Periods, default_step, periods_of
from routeopt.scenario.scenario import Horizon
from routeopt.scenario.situation import Situation, situate
from routeopt.scenario.timeline import Timeline
from routeopt.solve.apportion import Apportionment, apportionment, parties_of
from routeopt.solve.engine import Solved, program_of, session_of, solve
from routeopt.solve.highs import Basis, Session
from routeopt.solve.lexicographic import Answer, Split, lexicographic
from routeopt.system import ExportSystem
from routeopt.system.topology import Topology

__all__ = ["Stage", "Work", "horizon_of", "prepare"]

log = logging.getLogger("routeopt")

Floats = NDArray[np.float64]

Stage = tuple[str, Floats]


@dataclass
class Work:
    """How an answer was found.

    Attributes
    ----------
    plans : int
        Times that the horizon was planned.
    solves : int
        Linear programmes solved.
    pivots : list of int
        Simplex iterations of each plan.
    seconds : list of float
        Time of each plan.
    """

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
class Prepared:
    """A system with a horizon, ready to be planned under any closures that share it.

    Attributes
    ----------
    system : ExportSystem
        Before the scenario.
    situation : Situation
        The scenario without its closures.
    usual : Solved
        A usual day in it.
    program : TemporalProgram
    objectives : TemporalObjectives
    horizon : Horizon
    start : Start
    economic : bool
    solver : str
    sharing : Apportionment or None
        How scarce capacity is shared, where not by money.
    """

    system: ExportSystem
    situation: Situation
    usual: Solved
    program: TemporalProgram
    objectives: TemporalObjectives
    horizon: Horizon
    start: Start
    economic: bool
    solver: str = "highs"
    sharing: Apportionment | None = None
    _kept: dict[str, Any] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        # A solver does not travel; the next plan starts from a usual day again.
        return {**self.__dict__, "_kept": {}}

    def bounds(self, shares: Timeline, called: float, paces: bool = True) -> Bounds:
        """Bounds under closures; without paces fields follow at once."""
        return temporal_bounds(self.program, self.situation, shares, self.start, called, self.horizon.stocks,
                               self.horizon.under_way, paces)  # fmt: skip

    def stages(self, greedy: bool = False) -> list[Stage]:
        """Objectives in order; a greedy plan produces as long as it can before it thinks of money."""
        goals = self.objectives
        if greedy:
            first = [("shortage", goals.shortage), ("refill", goals.refill), ("volume", goals.volume)]
            return [*first, ("late", goals.late), ("money", goals.money)]
        first = [("shortage", goals.shortage), ("trip", goals.trip), ("refill", goals.refill)]
        return first + [("volume", goals.volume)] * (not self.economic) + [("money", goals.money)]

    def ties(self, greedy: bool = False) -> list[Stage]:
        """What decides between equal optima."""
        goals = self.objectives
        return [("late", goals.late)] * (not greedy) + [
            ("idle", goals.idle),
            ("transit", goals.transit),
            ("generic", goals.generic),
        ]

    def plan(self, bounds: Bounds, work: Work, check: bool = False, greedy: bool = False) -> Answer:
        """The proven optimum under some bounds, from the basis of the plan before."""
        begun = time.perf_counter()
        program, bounds, split = self._extended(bounds)
        stages, ties = self._wide(self.stages(greedy), program), self._wide(self.ties(greedy), program)
        if self.solver != "highs":
            session = session_of(program, bounds, self.solver)
            answer = lexicographic(program, bounds, stages, ties, session, check=check, split=split)
            work.add(len(answer.proofs), 0, time.perf_counter() - begun)
            return answer
        warm, pivots = self._warm(program, bounds, stages, ties)
        answer = lexicographic(program, bounds, stages, ties, warm, check=check, split=split)
        work.add(1 + len(answer.proofs), pivots, time.perf_counter() - begun)
        log.info("%s: %d rows, %d columns, %d periods, %d pivots, %.0f ms", self.system.name, *self.program.shape,
                 len(self.program.frame.periods), pivots, 1e3 * work.seconds[-1])  # fmt: skip
        return answer

    def volume(self, bounds: Bounds) -> float:
        """The proven value of the volume stage alone: everything delivered, inner units."""
        stages = [stage for stage in self.stages() if stage[0] != "money"]
        warm, _ = self._warm(self.program, bounds, self.stages(), self.ties())
        answer = lexicographic(self.program, bounds, stages, [], warm, check=False)
        return -answer.proofs[-1].value

    def _extended(self, bounds: Bounds) -> tuple[Program, Bounds, Split | None]:
        """The programme with what holds a split, if there is one."""
        if self.sharing is None:
            return self.program, bounds, None
        return self.sharing.program, self.sharing.bounds(bounds), self.sharing.narrow

    @staticmethod
    def _wide(stages: list[Stage], program: Program) -> list[Stage]:
        return [(name, np.append(cost, np.zeros(program.shape[1] - len(cost)))) for name, cost in stages]

    def _warm(self, program: Program, bounds: Bounds, stages: list[Stage], ties: list[Stage]) -> tuple[Session, int]:
        """A session at a good basis, from that of the plan before; with the simplex iterations it took."""
        if "session" not in self._kept:
            self._kept["session"] = Session(program, bounds)
        session: Session = self._kept["session"]
        session.set_bounds(bounds)
        session.simplex(primal=False)
        session.start_from(self._kept.get("basis") or self._first_basis())
        session.minimise(_weighted(stages, ties, self.program.frame))
        pivots = session.iterations
        self._kept["basis"] = session.basis()
        session.simplex(primal=True)
        return session, pivots

    def _first_basis(self) -> Basis:
        """The basis of a usual day in every period; what ties periods together stands at zero."""
        frame, single = self.program.frame, self.usual
        bounds, goals = bounds_of(self.program.single, self.situation), single.objectives
        session = Session(self.program.single, bounds)
        stages = [("shortage", goals.shortage), ("volume", goals.volume), ("money", goals.money)]
        session.minimise(_weighted(stages, [("transit", goals.transit), ("generic", goals.generic)], frame))
        day = session.basis()
        columns, rows = np.zeros(self.program.shape[1], np.int8), np.ones(self.program.shape[0], np.int8)
        by_column = columns[: frame.after[1]].reshape(len(frame.periods), frame.size)
        by_row = rows[: frame.after[0]].reshape(len(frame.periods), frame.height)
        width, height = frame.column["landed"], frame.row["landing"]
        by_column[:, :width], by_row[:, :height] = day.columns[:width], day.rows[:height]
        by_column[:, frame.block("landed")] = 1
        by_row[:, frame.rows("landing")] = 0
        for place, bucket in enumerate(frame.contracts):
            deficiency, row = frame.column["deficiency"] + bucket.place, frame.row["contract"] + bucket.place
            columns[frame.after[1] + place], rows[frame.after[0] + place] = day.columns[deficiency], day.rows[row]
            by_column[bucket.periods, deficiency], by_row[bucket.periods, row] = 0, 1
        if self.sharing is not None:
            more = np.array(self.sharing.program.shape) - self.program.shape
            columns, rows = np.append(columns, np.zeros(more[1], np.int8)), np.append(rows, np.ones(more[0], np.int8))
        return Basis(columns, rows)


def _weighted(stages: list[Stage], ties: list[Stage], frame: Frame) -> Floats:
    """One cost for a first basis: each objective a good deal heavier than what follows it."""
    days = float(frame.periods.edges[-1] - frame.periods.edges[0])
    sizes = {"shortage": 200.0, "trip": 20.0, "refill": 20.0, "volume": 4.0, "late": 2e-3 / days, "idle": 2e-4 / days,
             "transit": 2e-6, "generic": 2e-7}  # fmt: skip
    costs = dict(stages)
    money = float(np.abs(costs["money"]).max(initial=0.0)) or 1.0
    total = costs["money"].copy()
    for name, cost in (*stages, *ties):
        if name != "money":
            total += sizes[name] * money * cost
    return total


def horizon_of(system: ExportSystem, scenario: Scenario) -> Horizon:
    """The horizon of a scenario, with a step; the base year where it has none."""
    import datetime as dt

    horizon = scenario.horizon
    if horizon is None:
        year = system.base_year or 2025
        dates = [day for c in scenario.closures for day in (c.start, c.end) if day is not None]
        first = min([dt.date(year, 1, 1)] if not dates else [min(dates) - dt.timedelta(days=30)])
        last = max([dt.date(year + 1, 1, 1)] if not dates else [max(dates) + dt.timedelta(days=90)])
        horizon = Horizon(start=first, end=last)
    if horizon.step is None and not horizon.breaks:
        step = default_step(system, scenario.model_copy(update={"horizon": horizon}))
        horizon = horizon.model_copy(update={"step": step})
    return horizon


def prepare(
    system: ExportSystem,
    scenario: Scenario,
    others: Sequence[Scenario] = (),
    *,
    economic: bool = False,
    start: Start | None = None,
    solver: str = "highs",
    apportion: str | Sequence[str] = "economic",
) -> Prepared:
    """Make ready what scenarios that share a horizon and all but their closures have in common.

    Parameters
    ----------
    system : ExportSystem
    scenario : Scenario
        Flat and checked, with a horizon that has a step.
    others : sequence of Scenario
        Further ones that share all but their closures; ``event`` steps break at the dates of all of them.
    economic : bool
        Money before volume.
    start : Start, optional
        How things stand at the beginning; a usual day if not given.
    solver : str
        As in `routeopt.solve.engine.solve`; only HiGHS starts warm.
    apportion : str or sequence of str
        See `routeopt.solve.apportion.parties_of`; shares are of the whole horizon.
    """
    horizon = scenario.horizon or horizon_of(system, scenario)
    calm = scenario.model_copy(update={"closures": (), "horizon": None})
    situation = situate(system, calm)
    usual = solve(system, situation, economic=economic)
    root = system if situation.effect < Effect.MATRIX else situation.system
    landing = landing_days(situation.system) if horizon.under_way == "usual" else 0.0
    periods = periods_of(situation.system, [scenario, *others], horizon, landing)
    if periods.planned == 1 and start is None:
        # One period asks what a lasting state is like: tanks and cargoes are at its end as they were at its beginning.
        lasting = {"stocks": {"keep": "cycle"}.get(horizon.stocks, horizon.stocks),
                   "under_way": {"usual": "cycle"}.get(horizon.under_way, horizon.under_way)}  # fmt: skip
        horizon = horizon.model_copy(update=lasting)
        periods = periods_of(situation.system, [scenario, *others], horizon)
    program = _program(root, periods, horizon)
    start = start or usual_start(situation.system, program, usual.answer.x, horizon.under_way)
    objectives = temporal_objectives(program, situation, horizon.stocks)
    sharing = _sharing(program, situation, usual.bounds, apportion)
    return Prepared(system, situation, usual, program, objectives, horizon, start, economic, solver, sharing)


def _sharing(
    program: TemporalProgram, situation: Situation, day: Bounds, apportion: str | Sequence[str]
) -> Apportionment | None:
    rule, parties = parties_of(situation.system, apportion)
    if not parties:
        return None
    frame = program.frame
    planned = np.arange(frame.periods.planned)[:, None] * frame.size + frame.column["output"]
    outputs = [(planned + party.fields).ravel() for party in parties]
    upper = day.upper[frame.layout.columns("output")]
    days = float(frame.periods.days[: frame.periods.planned].sum())
    most = np.array([upper[party.fields].sum() * days for party in parties])
    return apportionment(
        program, rule, outputs, most, day.unit * float(frame.periods.days[: frame.periods.planned].mean())
    )


def landing_days(system: ExportSystem) -> float:
    """Days of the longest way, in which whatever is under way lands."""
    graph = Topology.of(system)
    lag = np.array([leg.transit.inner if leg.transit and leg.mode in LAGGED else 0.0 for leg in system.legs.values()])
    total, longest = float(lag.sum()), np.zeros(len(graph.nodes))
    for _ in range(len(graph.nodes)):
        further = longest.copy()
        np.maximum.at(further, graph.head, longest[graph.tail] + lag)
        if (further == longest).all() or further.max(initial=0.0) > total:
            break
        longest = further
    return min(float(longest.max(initial=0.0)), total)


def _program(system: ExportSystem, periods: Periods, horizon: Horizon) -> TemporalProgram:
    """The programme of a horizon, built at the first call and kept with the system."""
    key = (periods.edges.tobytes(), periods.reported, periods.planned, horizon.stocks, horizon.under_way)
    kept: Mapping[Any, TemporalProgram] = system.memo.setdefault("horizons", {})
    if key not in kept:
        made = formulate_periods(system, program_of(system), periods, horizon.stocks, horizon.under_way)
        system.memo["horizons"] = {**dict(list(kept.items())[-3:]), key: made}
        return made
    return kept[key]
