"""What can be closed: of each kind of target the names that a system knows, and what closing one of them cuts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from routeopt.errors import Problem, did_you_mean
from routeopt.system.base import Record
from routeopt.system.nodes import Field, Hub, NodeBase, Terminal
from routeopt.system.record import SystemRecord, derived
from routeopt.system.target import Target

__all__ = ["Hits", "hits", "known_names", "unknown_names"]


@dataclass(frozen=True)
class Hits:
    """Parts of a system that one target stands for; components as (leg, component)."""

    legs: tuple[str, ...] = ()
    components: tuple[tuple[str, str], ...] = ()
    fields: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.legs or self.components or self.fields or self.groups)


class _Kind(NamedTuple):
    names: Callable[[SystemRecord], Collection[str]]
    hits: Callable[[SystemRecord, str], Hits]


def _labelled(*attributes: str, nodes: tuple[type[NodeBase], ...] = (NodeBase,)) -> _Kind:
    """A kind that legs, nodes and components carry as a label: what closes are all that carry it."""

    def labels(record: Record) -> set[str]:
        found: set[str] = set()
        for attribute in attributes:
            value = record.__dict__.get(attribute)
            found |= {value} if isinstance(value, str) else set(value or ())
        return found

    def names(system: SystemRecord) -> set[str]:
        parts = (part for leg in system.legs.values() if leg.components for part in leg.components.parts.values())
        return set().union(*map(labels, (*system.legs.values(), *system.nodes.values(), *parts)))

    def hit(system: SystemRecord, name: str) -> Hits:
        own = [key for key, leg in system.legs.items() if name in labels(leg)]
        at = _at_nodes(
            system, [k for k, node in system.nodes.items() if isinstance(node, nodes) and name in labels(node)]
        )
        components = [
            (key, part_id)
            for key, leg in system.legs.items()
            for part_id, part in (leg.components.parts.items() if leg.components else ())
            if name in labels(part)
        ]
        return Hits(tuple(dict.fromkeys([*own, *at.legs])), tuple(components), at.fields)

    return _Kind(names, hit)


def _markers(system: SystemRecord, route: str) -> Hits:
    return Hits(tuple(leg for leg, name in system.metering_legs.items() if name == route))


_KINDS: dict[str, _Kind] = {
    "leg": _Kind(lambda system: system.legs, lambda system, name: Hits((name,))),
    "node": _Kind(lambda system: system.nodes, lambda system, name: _at_nodes(system, [name])),
    "group": _Kind(lambda system: system.groups, lambda system, name: Hits(groups=(name,))),
    "route": _Kind(lambda system: set(system.metering_legs.values()), _markers),
    "country": _labelled("country", "countries", nodes=(Hub, Terminal)),
    "chokepoint": _labelled("chokepoints"),
    "operator": _labelled("operator"),
    "tag": _labelled("tags"),
    "commodity": _Kind(lambda system: system.streams, lambda system, name: Hits(tuple(system.legs))),
}


def known_names(system: SystemRecord, kind: str) -> Collection[str]:
    """Names of a kind that can be closed in a system."""
    return _KINDS[kind].names(system)


def unknown_names(system: SystemRecord, target: Target) -> Iterator[Problem]:
    """Names in a target that the system does not know."""
    kind, name = target.target
    known = known_names(system, kind)
    if name not in known:
        hint = did_you_mean(name, known, other=f"{kind} names here")
        yield Problem(f"unknown {kind} {name!r}", (kind,), hint, "unknown-id")
        return
    if target.commodity is not None and target.commodity not in system.streams:
        hint = did_you_mean(target.commodity, system.streams, other="commodities")
        yield Problem(f"unknown commodity {target.commodity!r}", ("commodity",), hint, "unknown-id")
    if target.component:
        components = system.legs[name].components
        parts = components.parts if components else {}
        for component in target.component:
            if component not in parts:
                hint = did_you_mean(component, parts, other="components here") or f"leg {name!r} has no components"
                yield Problem(f"unknown component {component!r}", ("component",), hint, "unknown-id")


def hits(system: SystemRecord, target: Target) -> Hits | Problem:
    """What a target stands for, or why it stands for nothing.

    Closing a country closes the legs that cross it and the hubs and terminals that lie in it; its fields
    and markets stay. Closing a hub, terminal, refinery or market closes every leg that touches it.
    """
    for problem in unknown_names(system, target):
        return problem
    kind, name = target.target
    if target.component:
        return Hits(components=tuple((name, component) for component in target.component))
    found = _KINDS[kind].hits(system, name)
    if target.commodity is not None and not found.legs:
        # An embargo acts on what legs carry; a field or group alone has no say over single streams.
        return Problem(f"{kind} {name!r} has no legs to close to {target.commodity!r}", (kind,))
    return found if found else Problem(f"{kind} {name!r} closes nothing", (kind,), code="closes-nothing")


def _at_nodes(system: SystemRecord, names: Collection[str]) -> Hits:
    """Fields themselves; of other nodes the legs that begin or end there."""
    fields = tuple(name for name in names if isinstance(system.nodes[name], Field))
    others = set(names) - set(fields)
    touching = {leg: None for name in others for leg in derived(system, _legs_at).get(name, ())}
    legs = tuple(touching) if len(others) < 2 else tuple(key for key in system.legs if key in touching)
    return Hits(legs=legs, fields=fields)


def _legs_at(system: SystemRecord) -> Mapping[str, Sequence[str]]:
    """Legs that begin or end at each node."""
    found: dict[str, list[str]] = {}
    for key, leg in system.legs.items():
        for end in {leg.origin, leg.destination}:
            found.setdefault(end, []).append(key)
    return found
