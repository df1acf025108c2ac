"""What is shown, and when, in words."""

from __future__ import annotations

import datetime as dt

from routeopt.allocation import Allocation
from routeopt.system import ExportSystem

__all__ = ["scenario_title", "system_title", "when"]


def system_title(system: ExportSystem) -> str:
    """The system's name for people."""
    return system.title or system.name


def scenario_title(plan: Allocation) -> str:
    """The scenario's name for people; an alternative's own name."""
    return plan.scenario.title if plan.scenario.title and plan.optimal else plan.name


def when(plan: Allocation) -> str:
    """``System: scenario, 1 to 30 November`` or ``a year like 2025``."""
    head = f"{system_title(plan.system)}: {scenario_title(plan)}"
    if plan._over_time is not None:
        first, last = span(plan)
        return f"{head}, mean of {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    return f"{head}, a year like {plan.system.base_year}" if plan.system.base_year else f"{head}, a whole year"


def span(plan: Allocation) -> tuple[dt.date, dt.date]:
    """First and last day of a horizon."""
    first = plan.periods.index[0].date()
    return first, first + dt.timedelta(days=int(plan.periods["total", "days"].sum()) - 1)
