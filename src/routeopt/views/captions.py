"""What is shown, and when, in words."""

from __future__ import annotations

import datetime as dt

from routeopt.allocation import Allocation
from routeopt.allocation.horizon import HorizonAllocation
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
    if isinstance(plan, HorizonAllocation):
        first, last = span(plan)
        return f"{head}, mean of {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    return f"{head}, a year like {plan.system.base_year}" if plan.system.base_year else f"{head}, a whole year"


def span(plan: HorizonAllocation) -> tuple[dt.date, dt.date]:
    """First and last day of a horizon."""
    periods = plan.reading.frame.periods
    days = periods.edges[: periods.reported + 1]
    return dt.date.fromordinal(int(days[0])), dt.date.fromordinal(int(days[-1]) - 1)
