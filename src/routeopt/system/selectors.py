"""What legs, nodes and components are called by: countries, chokepoints, operators, tags."""

from __future__ import annotations

from collections.abc import Collection

from routeopt.system.components import Component
from routeopt.system.legs import Leg
from routeopt.system.nodes import NodeBase
from routeopt.system.record import SystemRecord

__all__ = ["known_names", "labels"]


def known_names(system: SystemRecord, selector: str) -> Collection[str]:
    """Names that a selector can take in a system."""
    if selector in ("leg", "node", "group"):
        sections: dict[str, Collection[str]] = {"leg": system.legs, "node": system.nodes, "group": system.groups}
        return sections[selector]
    if selector == "route":
        return set(system.markers.values())
    if selector == "commodity":
        return system.streams
    found: set[str] = set()
    for record in (*system.legs.values(), *system.nodes.values()):
        found |= labels(record, selector)
    for leg in system.legs.values():
        for part in leg.components.parts.values() if leg.components else ():
            found |= labels(part, selector)
    return found


def labels(record: Leg | NodeBase | Component, selector: str) -> set[str]:
    """Names by which a selector finds a record."""
    if selector == "country" and isinstance(record, NodeBase):
        return _one(record.country)
    if selector == "operator":
        return _one(record.operator)
    key = {"country": "countries", "chokepoint": "chokepoints", "tag": "tags"}[selector]
    return set(getattr(record, key, ()))


def _one(name: str | None) -> set[str]:
    return set() if name is None else {name}
