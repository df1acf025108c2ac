"""Twelve months of a generated system: from cold, and with one closure more."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
import peers
from instances import Arrays, Sets, generated
from numpy.typing import NDArray
from row import Row, disagreement
from timing import REPEATS, seconds

import routeopt as ro
from routeopt.model import Bounds
from routeopt.scenario.resolve import resolve
from routeopt.scenario.timeline import timeline
from routeopt.solve.prepare import prepare
from routeopt.solve.rolling_horizon import follow

__all__ = ["Months", "rows"]

Floats = NDArray[np.float64]

LIMIT = 100.0
"""A peer that has taken a quarter of so many seconds, and a work that has taken three times as many, is over."""

WANTED = {
    ("cold", 2000): {"HiGHS alone, ready arrays": 1 / 1.05, "PyPSA, months as snapshots": 6.0, "linopy": 1.4,
                     "PuLP rebuilt, CBC": 2.0},
    ("closure", 200): {"PuLP rebuilt, CBC": 50.0, "HiGHS alone, ready arrays": 15.0},
    ("closure", 2000): {"routeopt from cold": 50.0},
}  # fmt: skip


class Months:
    """A system over a year by month, with seasons in its fields and tanks that tie months together.

    Parameters
    ----------
    nodes, legs : int
    """

    def __init__(self, nodes: int, legs: int) -> None:
        self.nodes, self.legs = nodes, legs
        self.system = generated(nodes, legs, storage=True)
        fields = list(self.system.fields)
        seasons: list[dict[str, Any]] = []
        for k, field in enumerate(fields):
            first = 1 + k % 10
            stretch = {"from": str(dt.date(2025, first, 1)), "to": str(dt.date(2025, first + 2, 1))}
            seasons.append({"node": field, "availability": f"{50 + 5 * (k % 7)} %", "planned": True, **stretch})
        horizon = {"start": "2025-01-01", "end": "2026-01-01", "step": "month"}
        self.calm = {"horizon": horizon, "closures": seasons}
        # Of the busy legs of a calm day, the one whose closure counts: the fullest of those with most flow.
        busiest = ro.allocate(self.system).legs["flow"].idxmax()
        closure = {"leg": str(busiest), "from": "2025-05-01", "to": "2025-08-01", "planned": True}
        self.closed = {"horizon": horizon, "closures": [*seasons, closure]}

    def cold(self) -> Any:
        """Build and solve from a system that has just been loaded."""
        for name in ("program", "horizons", "prepared"):
            self.system.memo.pop(name, None)
        return ro.allocate(self.system, self.calm)

    def again(self) -> Any:
        """One closure more, in the same process, by the same verb."""
        return ro.allocate(self.system, self.closed)

    def kept(self) -> Floats:
        """The same below the verbs: the program, the session and its last basis stay."""
        flat = resolve(self.system, self.closed)
        course = follow(self.prepared, flat)
        goals = self.prepared.objectives
        first = goals.shortage
        found: Floats = np.array([cost @ course.x for cost in (first, goals.volume, goals.money)])
        return found[None, :] / course.bounds.unit

    @cached_property
    def prepared(self) -> Any:
        """What scenarios of the year share."""
        return prepare(self.system, resolve(self.system, self.calm))

    def bounds(self, scenario: dict[str, Any]) -> Bounds:
        """Bounds of the whole program."""
        flat, prepared = resolve(self.system, scenario), self.prepared
        periods = prepared.program.layout.periods
        shares = timeline(prepared.situation.system, flat, flat.closures, periods)
        return prepared.bounds(shares, prepared.calls(shares))

    def arrays(self, scenario: dict[str, Any]) -> Arrays:
        """The program as it is solved, with its first objectives as one."""
        prepared, bounds = self.prepared, self.bounds(scenario)
        goals, program = prepared.objectives, prepared.program
        first = goals.shortage
        made = Arrays(
            program.start, program.index, program.value, bounds.lower / bounds.unit, bounds.upper / bounds.unit,
            bounds.row_lower / bounds.unit, bounds.row_upper / bounds.unit,
            np.array([first, goals.volume, goals.money]), program.shape[0],
        )  # fmt: skip
        made.month = self._month(bounds)
        return made

    def _month(self, bounds: Bounds) -> dict[str, Any]:
        """The same year for those who think in nodes, links and stores."""
        prepared = self.prepared
        frame, start = prepared.program.layout, prepared.start
        single, layout = prepared.program.single, frame
        days = frame.periods.days
        upper = frame.by_period(bounds.upper)[:, : frame.column["landed"]] / days[:, None] / bounds.unit
        width = frame.column["landed"]
        names = list(self.system.nodes)
        stores = [
            (int(row), self.system.nodes[names[node]].storage, float(held))
            for row, node, held in zip(frame.stock_row, frame.tanks[frame.stock_tank], start.stock, strict=True)
        ]
        return {
            "days": days, "upper": upper, "unit": bounds.unit, "balances": layout.row["leg"],
            "entries": (single.index, single.column_of_entry, single.value), "width": width,
            "costs": [frame.by_period(cost)[0, :width] for cost in (prepared.objectives.volume,
                                                                   prepared.objectives.money)],
            "stores": [(row, tank.capacity.inner / bounds.unit, (tank.heel.inner if tank.heel else 0.0),
                        held / bounds.unit) for row, tank, held in stores],
        }  # fmt: skip

    def values(self, plan: Any) -> Floats:
        """The three values of a plan of ours."""
        goals, unit = plan._horizon.prepared.objectives, plan._horizon.bounds.unit
        first = goals.shortage
        return np.array([cost @ plan._horizon.x for cost in (first, goals.volume, goals.money)]) / unit


NOTHING = Sets(np.zeros(2, np.int64), np.zeros(0, np.int32), np.zeros(0), np.zeros(0))
"""One closure that changes nothing."""


def _alone(arrays: Arrays, solver: str) -> Floats:
    from peers.highs_warm import model_of

    model = model_of(arrays, solver)
    model.run()
    return arrays.values(model.getSolution().col_value)[None, :]


def _whole(name: str, arrays: Arrays) -> Any:
    """A peer that builds and solves, or why it cannot."""
    loaded = peers.load(name)
    if isinstance(loaded, str):
        return loaded

    def work() -> Floats:
        loaded.prepare(arrays)
        return loaded.solve(NOTHING)

    work.label = loaded.name  # type: ignore[attr-defined]
    return work


def rows(nodes: int, legs: int, chosen: Sequence[str], repeats: int = REPEATS, again: bool = True) -> list[Row]:
    """Compare from cold and with one closure more."""
    case = Months(nodes, legs)
    made: list[Row] = []
    for kind, scenario, ours in (("cold", case.calm, case.cold), ("closure", case.closed, case.again)):
        if kind == "closure" and not again:
            continue
        arrays = case.arrays(scenario)
        title = f"12 months, {nodes} nodes, {legs} legs"
        work = "build and solve" if kind == "cold" else "one closure re-solved"
        cases: dict[str, Any] = {}
        if "highspy" in chosen:
            for how in ("choose", "simplex", "ipm"):
                cases[f"HiGHS alone, ready arrays ({how})"] = partial(_alone, arrays, how)
        for name in ("linopy", "pypsa", "pulp-highs", "pulp-cbc"):
            if name not in chosen:
                continue
            found = _whole("pypsa-months" if name == "pypsa" else name, arrays)
            if isinstance(found, str):
                made.append(Row(title, arrays.shape, work, name, note=found))
            else:
                cases[found.label] = found
        if kind == "closure":
            cases["routeopt from cold"] = lambda: case.values(case.cold())[None, :]
            cases["routeopt, session kept (as stress_test does)"] = case.kept
        made += _compared(case, title, arrays, work, kind, ours, cases, repeats)
    return made


def _compared(
    case: Months, title: str, arrays: Arrays, work: str, kind: str, ours: Any, cases: dict[str, Any], repeats: int
) -> list[Row]:
    Months(40, 120).cold()  # leaves nothing to be compiled or loaded for what is timed
    if kind == "closure":
        case.cold()
        follow(case.prepared, resolve(case.system, case.calm))
    mine: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in cases}
    wrong: dict[str, str] = {}
    expected: Floats = np.empty((1, 3))
    while len(mine) < repeats and sum(mine) + sum(map(sum, theirs.values())) < 3 * LIMIT:
        taken, plan = seconds(ours)
        print(f"  {title}, {work}: routeopt {taken:.2f} s", file=sys.stderr, flush=True)
        mine.append(taken)
        expected = case.values(plan)[None, :]
        for name, run in cases.items():
            if sum(theirs[name]) > LIMIT / 4 or name in wrong:
                continue
            try:
                taken, values = seconds(run)
            except Exception as error:
                wrong[name] = f"{type(error).__name__}: {error}"
                continue
            print(f"  {title}, {work}: {name} {taken:.2f} s", file=sys.stderr, flush=True)
            theirs[name].append(taken)
            if "kept" in name:  # back to where it was, outside the time
                follow(case.prepared, resolve(case.system, case.calm))
            if name != "routeopt from cold":
                wrong |= {name: said} if (said := disagreement(expected, values)) else {}
    wanted = WANTED.get((kind, case.nodes), {})
    made = []
    alone = {name: float(np.median(times)) for name, times in theirs.items() if "alone" in name and times}
    best = min(alone, key=alone.__getitem__, default="")
    for name, times in theirs.items():
        key = name.partition(" (")[0]
        aim = wanted.get(key) if "alone" not in name or name == best else None
        label = f"{name}, best of three" if name == best else name
        many = f"1 x{len(mine)} / 1 x{len(times)}"
        middle = float(np.median(times)) if times else None
        made.append(Row(title, arrays.shape, work, label, many, float(np.median(mine)), middle, aim,
                        failed=wrong.get(name, "")))  # fmt: skip
    return made
