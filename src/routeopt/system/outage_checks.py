"""What is wrong with outages and causes: repairs without a length, names that nothing has."""

from __future__ import annotations

from collections.abc import Iterator

from routeopt.errors import Problem, did_you_mean
from routeopt.system.components import Outages
from routeopt.system.record import SystemRecord
from routeopt.system.selectors import known_names

__all__ = ["outage_problems"]


def outage_problems(system: SystemRecord) -> Iterator[Problem]:
    """Everything that is wrong with what may fail; references of legs and nodes hold already."""
    for name, leg in system.legs.items():
        if leg.outages is not None:
            yield from _instant(leg.outages, "legs", name)
        for part, component in leg.components.parts.items() if leg.components else ():
            if component.outages is not None:
                yield from _instant(component.outages, "legs", name, "components", part)
    for name, cause in system.causes.items():
        yield from _instant(cause.outages, "causes", name)
        yield from _unknown(system, name)


def _instant(outages: Outages, *path: str) -> Iterator[Problem]:
    if outages.repair.mean.inner <= 0:
        yield Problem("a repair takes time", (*path, "outages", "repair", "mean"), "write mean: 5 d")


def _unknown(system: SystemRecord, cause: str) -> Iterator[Problem]:
    closes = system.causes[cause].closes
    path = ("causes", cause, "closes")
    selector, name = closes.target
    known = known_names(system, selector)
    if name not in known:
        hint = did_you_mean(name, known, other=f"{selector} names here")
        yield Problem(f"unknown {selector} {name!r}", (*path, selector), hint, "unknown-id")
        return
    if closes.commodity is not None and closes.commodity not in system.streams:
        hint = did_you_mean(closes.commodity, system.streams, other="commodities here")
        yield Problem(f"unknown commodity {closes.commodity!r}", (*path, "commodity"), hint, "unknown-id")
    parts = system.legs[name].components if selector == "leg" else None
    for component in closes.component:
        if parts is None or component not in parts.parts:
            hint = did_you_mean(component, parts.parts if parts else (), other="components here")
            hint = hint or f"leg {name!r} has no components"
            yield Problem(f"unknown component {component!r}", (*path, "component"), hint, "unknown-id")
