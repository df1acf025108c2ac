"""What is wrong with outages and causes: repairs without a length, names that nothing has."""

from __future__ import annotations

from collections.abc import Iterator

from routeopt.errors import Problem
from routeopt.system.components import Outages
from routeopt.system.system import ExportSystem
from routeopt.system.targets import unknown_names

__all__ = ["outage_problems"]


def outage_problems(system: ExportSystem) -> Iterator[Problem]:
    """Everything that is wrong with what may fail; references of legs and nodes hold already."""
    for name, leg in system.legs.items():
        if leg.outages is not None:
            yield from _instant(leg.outages, "legs", name)
        for part, component in leg.components.parts.items() if leg.components else ():
            if component.outages is not None:
                yield from _instant(component.outages, "legs", name, "components", part)
    for name, cause in system.causes.items():
        yield from _instant(cause.outages, "causes", name)
        yield from (problem.under("causes", name, "closes") for problem in unknown_names(system, cause.closes))


def _instant(outages: Outages, *path: str) -> Iterator[Problem]:
    if outages.repair.mean.inner <= 0:
        yield Problem("a repair takes time", (*path, "outages", "repair", "mean"), "write mean: 5 d")
