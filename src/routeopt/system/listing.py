"""The parts of a system as tables, quantities as they were written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from routeopt.results import Table

if TYPE_CHECKING:
    import pandas

    from routeopt.system.commercial import Group
    from routeopt.system.legs import Leg
    from routeopt.system.nodes import Node

__all__ = ["tables"]


def tables(
    nodes: Mapping[str, Node], legs: Mapping[str, Leg], groups: Mapping[str, Group], routes: Mapping[str, str],
    markers: Mapping[str, str], audit: pandas.DataFrame,
) -> tuple[Table, ...]:  # fmt: skip
    """Tables of a system: its legs, nodes, routes and groups, and every number with its source.

    ``routes`` are titles by id, ``markers`` leg -> route, ``audit`` is what `routeopt.ExportSystem.sources` makes."""
    marked: dict[str, list[str]] = {}
    for leg, route in markers.items():
        marked.setdefault(route, []).append(leg)
    return (
        Table("legs", "Legs", _frame("leg", {name: {
            "title": leg.title, "origin": leg.origin, "destination": leg.destination, "mode": leg.mode,
            "status": leg.status, "capacity": _written(leg.capacity) or ("fleet" if _part(leg, "fleet") else ""),
            "tariff": _written(leg.tariff), "countries": " ".join(leg.countries), "operator": leg.operator or "",
        } for name, leg in legs.items()})),
        Table("nodes", "Nodes", _frame("node", {name: {
            "title": node.title, "kind": node.kind, "country": node.country or "",
            "output": _written(_part(node, "output")), "demand": _written(_part(node, "demand")),
            "storage": _written(_part(_part(node, "storage"), "capacity")),
        } for name, node in nodes.items()})),
        Table("routes", "Routes", _frame("route", {
            name: {"title": routes.get(name, ""), "markers": " ".join(found)} for name, found in marked.items()})),
        Table("groups", "Shared capacities", _frame("group", {
            name: {"capacity": _written(group.capacity), "legs": " ".join(group.legs)}
            for name, group in groups.items()})),
        Table("sources", "Every number and where it comes from", audit.replace({"unit": {"": "1"}})),
    )  # fmt: skip


def _frame(index: str, rows: Mapping[str, Mapping[str, str]]) -> pandas.DataFrame:
    import pandas

    return pandas.DataFrame.from_dict(dict(rows), orient="index", dtype=object).rename_axis(index)


def _part(record: Any, name: str) -> Any:
    return getattr(record, name, None)


def _written(quantity: object) -> str:
    return "" if quantity is None else str(quantity)
