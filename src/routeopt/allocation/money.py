"""What a change costs, and what is exported that does not pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from routeopt.allocation.tables import destinations_of
from routeopt.solve.engine import Solved, session_of
from routeopt.solve.lexicographic import lexicographic

if TYPE_CHECKING:
    from routeopt.allocation.result import Allocation

__all__ = ["at_a_loss", "beyond"]


def beyond(plan: Allocation, base: Allocation) -> dict[str, float]:
    """What a plan costs beyond another one, in money for the flow unit's time; the same names in all results.

    ``extra_cost``: spending on transport, contracts and what was built beyond the base's, negative where less is
    moved; ``revenue_lost``: what markets pay less; ``netback_lost``: the sum of both.
    """
    extra, lost = plan.cost - base.cost, base.revenue - plan.revenue
    return {"extra_cost": extra, "revenue_lost": lost, "netback_lost": extra + lost}


def at_a_loss(solved: Solved) -> tuple[float, float]:
    """Exports without which the netback is higher, and by how much; inner units.

    The optimum with money before volume, and of those with the same netback the one that exports most, is what pays.
    Nothing can be said, and both are zero, where a market that gets something has no price.
    """
    goals, program, x = solved.objectives, solved.program, solved.answer.x
    sold = program.layout.columns("delivery")
    if solved.economic or not solved.optimal or not (goals.revenue[sold][x[sold] > 0] != 0).all():
        return 0.0, 0.0
    stages = [("shortage", goals.shortage), ("money", goals.money), ("volume", goals.volume)]
    answer = lexicographic(program, solved.bounds, stages, [], session_of(program, solved.bounds, "highs"), check=False)
    routes = destinations_of(solved.situation.system, program)
    volume, before = (routes.exported(y).sum() if routes.names else y[sold].sum() for y in (answer.x, x))
    lost = float(goals.money @ (x - answer.x))
    spent = float(np.abs(goals.money * x).sum())
    if before - volume <= 1e-7 * max(solved.bounds.unit, before) or lost <= 1e-7 * spent:
        return 0.0, 0.0
    return float(before - volume), lost
