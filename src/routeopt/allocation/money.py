"""An allocation in money: what it costs and earns, what a change costs, what is exported that does not pay."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from routeopt.allocation.core import Core
from routeopt.allocation.trajectory import Trajectory, destinations_of, mean_day
from routeopt.solve.engine import Solved, session_of
from routeopt.solve.lexicographic import lexicographic
from routeopt.solve.rolling_horizon import follow

if TYPE_CHECKING:
    import pandas

__all__ = ["InMoney", "beyond"]


class InMoney(Core):
    """What `Allocation` costs and earns, in `money_unit`."""

    @property
    def cost(self) -> float:
        """Tariffs, capital recovery of what was built, contract deficiency and output under the minimum.

        Over a horizon also waiting and trips, less what was made up.
        """
        return self._tables.money("spending")

    @property
    def revenue(self) -> float:
        """What markets pay."""
        return self._tables.money("revenue")

    @property
    def netback(self) -> float:
        """Revenue less cost."""
        return self.revenue - self.cost

    @cached_property
    def at_a_loss(self) -> pandas.Series:
        """What is exported although it does not pay, since volume comes before money: ``flow`` and ``loss``.

        Without that flow the netback is higher by the loss: it is what ``economic=True`` would shut in. Zero where
        prices are missing. Over a horizon it is of the mean day, and all of it is planned once more, with money first.

        Examples
        --------
        >>> import routeopt as ro
        >>> system = ro.ExportSystem.from_dict({
        ...     "units": {"flow": "kb/d"},
        ...     "nodes": {"field": {"kind": "field", "output": "100 kb/d"},
        ...               "sea": {"kind": "market", "price": "20 USD/bbl"}},
        ...     "legs": {"line": {"from": "field", "to": "sea", "tariff": "30 USD/bbl"}},
        ... })
        >>> ro.allocate(system).at_a_loss.to_dict()
        {'flow': 100.0, 'loss': 1000000.0}
        """
        import pandas

        flow, loss = _at_a_loss(self)
        return pandas.Series({"flow": flow, "loss": loss})


def beyond(plan: InMoney, base: InMoney) -> dict[str, float]:
    """What a plan costs beyond another one, in money for the flow unit's time; the same names in all results.

    ``extra_cost``: spending on transport, contracts and what was built beyond the base's, negative where less is
    moved; ``revenue_lost``: what markets pay less; ``netback_lost``: the sum of both.
    """
    extra, lost = plan.cost - base.cost, base.revenue - plan.revenue
    return {"extra_cost": extra, "revenue_lost": lost, "netback_lost": extra + lost}


def _at_a_loss(plan: InMoney) -> tuple[float, float]:
    """Exports without which the netback is higher, and by how much, in the plan's units."""
    scales = plan._tables.scales
    if plan._over_time is None:
        flow, loss = _of_one_period(plan._solved)
        return flow / scales.flow, loss * scales.money
    from routeopt.allocation.tables import Tables

    solved = plan._horizon
    prepared = replace(solved.prepared, economic=True, apportion=("economic", []), _kept={})
    paying = Trajectory(follow(prepared, solved.scenario, solved.foresight))
    tables = Tables(mean_day(paying), paying)
    flow, loss = plan.exported - tables.exported, tables.money("revenue") - tables.money("spending") - plan.netback
    real = flow > 1e-6 * plan.exported and loss > 1e-6 * abs(plan.cost) and plan.revenue != 0
    return (flow, loss) if real and solved.best else (0.0, 0.0)


def _of_one_period(solved: Solved) -> tuple[float, float]:
    """In inner units.

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
