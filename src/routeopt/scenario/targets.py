"""What a closure hits: legs, components, fields and groups."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from routeopt.errors import Problem, did_you_mean
from routeopt.scenario.closure import Closure
from routeopt.scenario.scenario import Scenario
from routeopt.system import ExportSystem
from routeopt.system.nodes import Field, Hub, Terminal
from routeopt.system.record import SystemRecord
from routeopt.system.selectors import known_names, labels

__all__ = ["Hits", "hits", "is_limited", "known_names"]


@dataclass(frozen=True)
class Hits:
    """Parts of a system that one closure cuts."""

    legs: tuple[str, ...] = ()
    components: tuple[tuple[str, str], ...] = ()
    fields: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.legs or self.components or self.fields or self.groups)


def hits(system: ExportSystem, closure: Closure) -> Hits | Problem:
    """What a closure cuts, or why it cuts nothing.

    Closing a country closes the legs that cross it and the hubs and terminals that lie in it; its fields
    and markets stay. Closing a hub, terminal, refinery or market closes every leg that touches it.
    """
    selector, name = closure.target
    known = known_names(system, selector)
    if name not in known:
        hint = did_you_mean(name, known, other=f"{selector} names here")
        return Problem(f"unknown {selector} {name!r}", (selector,), hint, "unknown-id")
    if closure.commodity is not None and closure.commodity not in system.streams:
        hint = did_you_mean(closure.commodity, system.streams, other="commodities")
        return Problem(f"unknown commodity {closure.commodity!r}", ("commodity",), hint, "unknown-id")
    if closure.component:
        return _components(system, name, closure.component)
    found = _by_selector(system, selector, name)
    if closure.commodity is not None and not found.legs:
        # An embargo acts on what legs carry; a field or group alone has no say over single streams.
        return Problem(f"{selector} {name!r} has no legs to close to {closure.commodity!r}", (selector,))
    return found if found else Problem(f"{selector} {name!r} closes nothing", (selector,), code="closes-nothing")


def is_limited(system: ExportSystem, scenario: Scenario, name: str) -> bool:
    """Whether a leg has a capacity here of which a part can be closed: its own, or one that is built."""
    leg = system.legs[name]
    size = scenario.build.get(name)
    built = size is not None and size.inner > 0 and leg.status != "operating"
    return built or leg.nominal < math.inf


def _components(system: ExportSystem, leg: str, wanted: tuple[str, ...]) -> Hits | Problem:
    parts = system.legs[leg].components
    known = parts.parts if parts else {}
    for component in wanted:
        if component not in known:
            hint = did_you_mean(component, known, other="components here") or f"leg {leg!r} has no components"
            return Problem(f"unknown component {component!r}", ("component",), hint, "unknown-id")
    return Hits(components=tuple((leg, component) for component in wanted))


def _by_selector(system: ExportSystem, selector: str, name: str) -> Hits:
    if selector == "leg":
        return Hits(legs=(name,))
    if selector == "node":
        return _nodes(system, [name])
    if selector == "group":
        return Hits(groups=(name,))
    if selector == "route":
        return Hits(legs=tuple(leg for leg, route in system.markers.items() if route == name))
    if selector == "commodity":
        return Hits(legs=tuple(system.legs))
    legs = [key for key, leg in system.legs.items() if name in labels(leg, selector)]
    nodes = [key for key, node in system.nodes.items() if name in labels(node, selector)]
    if selector == "country":
        nodes = [key for key in nodes if isinstance(system.nodes[key], Hub | Terminal)]
    found = _nodes(system, nodes)
    components = [
        (key, part_id)
        for key, leg in system.legs.items()
        for part_id, part in (leg.components.parts.items() if leg.components else ())
        if name in labels(part, selector)
    ]
    every = dict.fromkeys([*legs, *found.legs])
    return Hits(legs=tuple(every), components=tuple(components), fields=found.fields)


def _nodes(system: ExportSystem, names: Collection[str]) -> Hits:
    fields = tuple(name for name in names if isinstance(system.nodes[name], Field))
    others = set(names) - set(fields)
    touching = {leg: None for name in others for leg in system.derived(_legs_at).get(name, ())}
    legs = tuple(touching) if len(others) < 2 else tuple(key for key in system.legs if key in touching)
    return Hits(legs=legs, fields=fields)


def _legs_at(system: SystemRecord) -> Mapping[str, Sequence[str]]:
    """Legs that begin or end at each node."""
    found: dict[str, list[str]] = {}
    for key, leg in system.legs.items():
        for end in {leg.origin, leg.destination}:
            found.setdefault(end, []).append(key)
    return found
