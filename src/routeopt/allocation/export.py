"""An allocation's programme for other tools."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation.course import Reading
from routeopt.allocation.tables import Scales
from routeopt.program import Bounds, Program
from routeopt.program.extend import with_row
from routeopt.program.names import plain_name
from routeopt.solve.engine import Solved
from routeopt.units import parse_unit

__all__ = ["horizon_to_pulp", "to_pulp", "with_volume_held"]


def to_pulp(solved: Solved, scales: Scales) -> Any:
    """See `Allocation.to_pulp`."""
    from routeopt.solve.pulp_door import to_problem

    held, cost = with_volume_held(solved, scales)
    problem, _, _ = to_problem(solved.situation.system, solved.program, held, cost, scales.flow)
    return problem


def with_volume_held(solved: Solved, scales: Scales) -> tuple[Bounds, NDArray[np.float64]]:
    """Bounds that hold what is exported and what refineries get, and the money of one unit in each column."""
    layout, bounds, x = solved.program.layout, solved.bounds, solved.answer.x
    if not solved.economic:
        # Held a hair below the optimum, which is known to the last digit only.
        volume = float(x[layout.columns("delivery")].sum())
        bounds = bounds.with_rows([layout.exported_row], volume - 1e-9 * max(bounds.unit, volume), np.inf)
    upper = bounds.upper.copy()
    upper[layout.columns("shortage")] = x[layout.columns("shortage")]
    return replace(bounds, upper=upper), solved.objectives.money * scales.money * scales.flow


def horizon_to_pulp(reading: Reading, scales: Scales) -> Any:
    """See `HorizonAllocation.to_pulp`."""
    from routeopt.program.temporal.names import period_column_names, period_row_names
    from routeopt.solve.pulp_door import write_problem

    course, prepared = reading.course, reading.course.prepared
    program, system = prepared.program, prepared.situation.system
    extended: Program = program
    held, rows = course.bounds, period_row_names(system, program)
    # Every objective before money is held a hair from its optimum, which is known to the last digit only.
    for name, cost in prepared.stages()[:-1]:
        terms = cost * course.answer.x
        worst = float(terms.sum()) + 1e-9 * max(held.unit, float(np.abs(terms).sum()))
        extended, held = with_row(extended, held, cost, -np.inf, worst)
        rows.append("exported" if name == "volume" else name)
    scale = parse_unit(scales.flow_unit.partition("/")[0]).factor
    cost = prepared.objectives.money * 1000.0 * scale
    names = period_column_names(system, program)
    problem, _ = write_problem(extended, held, cost, scale, plain_name(system.name), names, rows)
    return problem
