"""An allocation's programme for other tools."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation.tables import Scales
from routeopt.allocation.trajectory import Reading
from routeopt.model import Bounds
from routeopt.model.names import column_names, plain_name, row_names
from routeopt.model.sparse import with_rows
from routeopt.solve.apportion import Apportionment
from routeopt.solve.engine import Solved
from routeopt.units import parse_unit

__all__ = ["horizon_to_pulp", "names_of", "to_pulp", "with_volume_held"]


def to_pulp(solved: Solved, scales: Scales) -> Any:
    """See `Allocation.to_pulp`."""
    from routeopt.solve.pulp_adapter import write_problem

    held, cost = with_volume_held(solved, scales)
    title = plain_name(solved.situation.system.name)
    problem, _ = write_problem(solved.program, held, cost, scales.flow, title, *names_of(solved))
    return problem


def names_of(solved: Solved) -> tuple[list[str], list[str]]:
    """A name for each column and row."""
    system, program = solved.situation.system, solved.program
    return _with_shares(column_names(system, program), row_names(system, program), solved.sharing)


def _with_shares(columns: list[str], rows: list[str], sharing: Apportionment | None) -> tuple[list[str], list[str]]:
    """Names of a programme in which what holds an apportionment comes last."""
    if sharing is None:
        return columns, rows
    first = sharing.first_row
    parties = [plain_name(name) for name in sharing.names]
    more = [f"{word}__{name}" for word in ("common_share", "share") for name in parties]
    return [*columns[: sharing.share], "common_share"], [*rows[:first], *more]


def with_volume_held(solved: Solved, scales: Scales) -> tuple[Bounds, NDArray[np.float64]]:
    """Bounds that hold what is exported, what refineries get and what shares were given, and the money of one unit in
    each column."""
    layout, bounds, x = solved.program.layout, solved.held, solved.x
    if not solved.economic:
        # Held a hair below the optimum, which is known to the last digit only.
        volume = float(x[layout.columns("delivery")].sum())
        bounds = bounds.with_rows([layout.exported_row], volume - 1e-9 * max(bounds.unit, volume), np.inf)
    upper = bounds.upper.copy()
    upper[layout.columns("shortage")] = x[layout.columns("shortage")]
    return replace(bounds, upper=upper), solved.objectives.money * scales.money * scales.flow


def horizon_to_pulp(reading: Reading, scales: Scales) -> Any:
    """See `HorizonAllocation.to_pulp`."""
    from routeopt.solve.pulp_adapter import write_problem

    course, prepared = reading.course, reading.course.prepared
    program, bounds, system = course.program, course.held, prepared.situation.system
    names = column_names(system, prepared.program), row_names(system, prepared.program)
    columns, rows = _with_shares(*names, prepared.sharing(course.bounds))
    stages = course.stages()
    cost = dict(stages)["money"]
    # What comes before money is held a hair beyond what the plan does, which is known to the last digit only.
    before = [stage for stage in takewhile(lambda stage: stage[0] != "money", stages) if stage[1].any()]
    terms = [goal * course.x for _, goal in before]
    most = np.array([float(part.sum()) + 1e-9 * max(bounds.unit, float(np.abs(part).sum())) for part in terms])
    program = with_rows(program, [(np.flatnonzero(goal), -goal[np.flatnonzero(goal)]) for _, goal in before])
    held = replace(
        bounds,
        row_lower=np.concatenate([bounds.row_lower, -most]),
        row_upper=np.concatenate([bounds.row_upper, np.full(len(before), np.inf)]),
    )
    rows += ["exported" if name == "volume" else f"least_{name}" for name, _ in before]
    scale = parse_unit(scales.flow_unit.partition("/")[0]).factor
    title = plain_name(system.name) + ("" if course.foresight == "perfect" else "_with_perfect_foresight")
    problem, _ = write_problem(program, held, cost * 1000.0 * scale, scale, title, columns, rows)
    return problem
