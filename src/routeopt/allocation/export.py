"""An allocation's programme for other tools."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from routeopt.allocation.tables import Scales
from routeopt.solve.engine import Solved

__all__ = ["to_pulp"]


def to_pulp(solved: Solved, scales: Scales) -> Any:
    """See `Allocation.to_pulp`."""
    from routeopt.solve.pulp_door import to_problem

    layout, bounds, x = solved.program.layout, solved.bounds, solved.answer.x
    if not solved.economic:
        # Held a hair below the optimum, which is known to the last digit only.
        volume = float(x[layout.columns("delivery")].sum())
        bounds = bounds.with_rows([layout.exported_row], volume - 1e-9 * max(bounds.unit, volume), np.inf)
    upper = bounds.upper.copy()
    upper[layout.columns("shortage")] = x[layout.columns("shortage")]
    held = replace(bounds, upper=upper)
    cost = solved.objectives.money * scales.money * scales.flow
    problem, _, _ = to_problem(solved.situation.system, solved.program, held, cost, scales.flow)
    return problem
