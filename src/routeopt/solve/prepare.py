"""From a system and a scenario with a horizon to a program that is ready to be planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from routeopt.errors import Problem, ScenarioError
from routeopt.model import Program, formulate_periods, objectives_of
from routeopt.model.temporal import Start, usual_start
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.scenario.effect import Effect
from routeopt.scenario.periods import Periods, change_days, default_step, periods_of
from routeopt.scenario.scenario import Horizon
from routeopt.solve.apportion import parties_of
from routeopt.solve.cache import remembered
from routeopt.solve.engine import program_of, solve
from routeopt.solve.horizon_solver import Prepared
from routeopt.system import ExportSystem
from routeopt.system.topology import Topology

__all__ = ["horizon_of", "landing_days", "prepare", "shared_key"]


def horizon_of(system: ExportSystem, scenario: Scenario) -> Horizon:
    """The horizon of a scenario, with a step; the base year where it has none."""
    horizon = scenario.horizon
    if horizon is None:
        year = system.base_year or 2025
        dates = [day for c in scenario.closures for day in (c.start, c.end) if day is not None]
        first = min([dt.date(year, 1, 1)] if not dates else [min(dates) - dt.timedelta(days=30)])
        last = max([dt.date(year + 1, 1, 1)] if not dates else [max(dates) + dt.timedelta(days=90)])
        horizon = Horizon(start=first, end=last)
    if horizon.step is None and not horizon.period_starts:
        step = default_step(system, scenario.model_copy(update={"horizon": horizon}))
        horizon = horizon.model_copy(update={"step": step})
    return horizon


def prepare(
    system: ExportSystem,
    scenario: Scenario,
    *,
    economic: bool = False,
    start: Start | None = None,
    solver: str = "highs",
    apportion: str | Sequence[str] = "economic",
) -> Prepared:
    """Make ready what scenarios that share a horizon and all but their closures have in common.

    The scenario is flat and checked, with a horizon that has a step. ``start``: how things stand at the beginning, a
    usual day if not given; ``apportion``: shares are of the whole horizon. Only HiGHS starts warm.
    """
    horizon = scenario.horizon or horizon_of(system, scenario)
    calm = scenario.model_copy(update={"closures": (), "horizon": None})
    situation = situate(system, calm)
    root = system if situation.effect < Effect.MATRIX else situation.system
    landing = landing_days(situation.system) if horizon.initial_in_transit == "usual" else 0.0
    ramping = None if start is None else _ramping(start, program_of(root))
    more = change_days(situation.system, scenario, horizon, ramping)
    periods = periods_of(situation.system, scenario, horizon, landing, more)
    if periods.planned == 1 and start is None:
        # One period asks what a lasting state is like: tanks and cargoes are at its end as they were at its beginning.
        lasting = {
            "end_stocks": {"keep": "cycle"}.get(horizon.end_stocks, horizon.end_stocks),
            "initial_in_transit": {"usual": "cycle"}.get(horizon.initial_in_transit, horizon.initial_in_transit),
        }
        horizon = horizon.model_copy(update=lasting)
        periods = periods_of(situation.system, scenario, horizon)
    # Whoever asks for the same year with other closures goes on where the last plan ended.
    rule = apportion if isinstance(apportion, str) else tuple(apportion)
    key = (
        _shared(calm),
        periods.edges.tobytes(),
        periods.reported,
        periods.planned,
        horizon,
        economic,
        solver,
        rule,
    )

    def made(begin: Start | None, carried: tuple[tuple[int, float], ...] = ()) -> Prepared:
        usual = solve(system, situation, economic=economic)
        program = _program(root, periods, horizon, carried)
        begin = begin or usual_start(situation.system, program, usual.answer.x, horizon.initial_in_transit)
        objectives = objectives_of(program, situation, horizon.end_stocks)
        shared = parties_of(situation.system, apportion, economic)
        return Prepared(system, situation, usual, program, objectives, horizon, begin, economic, solver, shared,
                        usual.circular)  # fmt: skip

    if start is None:
        return remembered(system, "prepared", key, lambda: made(None), alone=True)
    _check_start(start, program_of(root), horizon)
    return made(start, tuple((contract, ends) for contract, ends, _ in start.paid))


def _ramping(start: Start, single: Program) -> bool:
    """Whether fields or alternatives are not as on a usual day when a horizon begins."""
    usual = start.usual[single.layout.columns("output")] if len(start.usual) == single.shape[1] else start.output
    return bool(start.calls) or not np.allclose(start.output, usual, rtol=1e-7)


def shared_key(system: ExportSystem, scenario: Scenario) -> str:
    """What scenarios must have in common to share a program and a target: all but closures and words, and periods."""
    changed = system.override(scenario.override) if scenario.override else system
    breaks = change_days(changed, scenario, scenario.horizon) if scenario.horizon else []
    return f"{_shared(scenario)} {breaks}"


def _shared(scenario: Scenario) -> str:
    shared = scenario.model_copy(update={"closures": (), "title": "", "note": "", "tags": (), "source": (),
                                         "probability": None, "extends": ()})  # fmt: skip
    return repr(shared.written())


def landing_days(system: ExportSystem) -> float:
    """Days of the longest way, in which whatever is under way lands."""
    graph = Topology.of(system)
    lag = np.array([leg.lag for leg in system.legs.values()])
    total, longest = float(lag.sum()), np.zeros(len(graph.nodes))
    for _ in range(len(graph.nodes)):
        further = longest.copy()
        np.maximum.at(further, graph.head, longest[graph.tail] + lag)
        if (further == longest).all() or further.max(initial=0.0) > total:
            break
        longest = further
    return min(float(longest.max(initial=0.0)), total)


def _check_start(start: object, single: Program, horizon: Horizon) -> None:
    if not isinstance(start, Start):
        text = f"a state is what a plan of a horizon leaves behind, not {type(start).__name__}"
        raise ScenarioError(Problem(text, hint="pass plan.end_state", code="initial-state"))
    if len(start.usual) != single.shape[1]:
        raise ScenarioError(
            Problem("the state is that of another system", hint="plan both with one system", code="initial-state")
        )
    if start.day != horizon.start.toordinal():
        day = dt.date.fromordinal(int(start.day))
        text = f"the state is that of {day}, but the horizon starts on {horizon.start}"
        raise ScenarioError(Problem(text, ("horizon", "start"), f"start on {day}", "initial-state"))


def _program(
    system: ExportSystem, periods: Periods, horizon: Horizon, carried: tuple[tuple[int, float], ...]
) -> Program:
    """The program of a horizon, built at the first call and kept with the system."""
    key = (
        periods.edges.tobytes(),
        periods.reported,
        periods.planned,
        horizon.end_stocks,
        horizon.initial_in_transit,
        carried,
    )

    def made() -> Program:
        return formulate_periods(
            system, program_of(system), periods, horizon.end_stocks, horizon.initial_in_transit, carried
        )

    return remembered(system, "programs over time", key, made, most=4)
