"""What a change costs: spending, revenue and netback against another allocation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routeopt.allocation.result import Allocation

__all__ = ["beyond"]


def beyond(plan: Allocation, base: Allocation) -> dict[str, float]:
    """What a plan costs beyond another one, in money for the flow unit's time; the same names in all results.

    ``extra_cost``: spending on transport, contracts and what was built beyond the base's, negative where less is
    moved; ``revenue_lost``: what markets pay less; ``netback_lost``: the sum of both.
    """
    extra, lost = plan.cost - base.cost, base.revenue - plan.revenue
    return {"extra_cost": extra, "revenue_lost": lost, "netback_lost": extra + lost}
