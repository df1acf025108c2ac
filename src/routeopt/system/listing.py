"""The system as tables, quantities as they were written, and as a graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from routeopt.results import Table
from routeopt.system.iterate import quantities
from routeopt.system.record import SystemRecord

if TYPE_CHECKING:
    import networkx
    import pandas

__all__ = ["audit_table", "graph", "tables"]

_AUDIT = ["number", "value", "unit", "low", "high", "provenance", "source", "publisher", "date", "url", "note"]


def audit_table(system: SystemRecord) -> pandas.DataFrame:
    """See `ExportSystem.sources`."""
    import pandas

    rows = []
    for path, quantity in quantities(system):
        cited = [system.bibliography[name] for name in quantity.source]
        basis = "estimate" if quantity.estimate else "sourced" if cited else "none"
        rows.append((
            ".".join(map(str, path)), quantity.value, quantity.unit, quantity.low, quantity.high, basis,
            ", ".join(quantity.source), ", ".join(source.publisher for source in cited),
            ", ".join(source.date for source in cited), " ".join(source.url for source in cited),
            quantity.estimate or quantity.note,
        ))  # fmt: skip
    return pandas.DataFrame(rows, columns=_AUDIT).set_index("number")


def graph(system: SystemRecord) -> networkx.MultiDiGraph[str]:
    """See `ExportSystem.to_networkx`."""
    import networkx

    made: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(name=system.name)
    for name, node in system.nodes.items():
        made.add_node(name, **{key: getattr(node, key) for key in type(node).model_fields})
    for name, leg in system.legs.items():
        attributes = {key: getattr(leg, key) for key in type(leg).model_fields if key not in ("origin", "destination")}
        made.add_edge(leg.origin, leg.destination, key=name, **attributes)
    return made


def tables(system: SystemRecord, audit: pandas.DataFrame) -> tuple[Table, ...]:
    """Legs, nodes, routes and groups, and every number with its source (``audit``)."""
    titles = {name: route.title for name, route in system.routes.items()}
    marked: dict[str, list[str]] = {}
    for leg, route in system.metering_legs.items():
        marked.setdefault(route, []).append(leg)
    return (
        Table(
            "legs",
            "Legs",
            _frame(
                "leg",
                {
                    name: {
                        "title": leg.title,
                        "origin": leg.origin,
                        "destination": leg.destination,
                        "mode": leg.mode,
                        "status": leg.status,
                        "capacity": _written(leg.capacity) or ("fleet" if _part(leg, "fleet") else ""),
                        "tariff": _written(leg.tariff),
                        "countries": " ".join(leg.countries),
                        "operator": leg.operator or "",
                    }
                    for name, leg in system.legs.items()
                },
            ),
        ),
        Table(
            "nodes",
            "Nodes",
            _frame(
                "node",
                {
                    name: {
                        "title": node.title,
                        "kind": node.kind,
                        "country": node.country or "",
                        "output": _written(_part(node, "output")),
                        "demand": _written(_part(node, "demand")),
                        "storage": _written(_part(_part(node, "storage"), "capacity")),
                    }
                    for name, node in system.nodes.items()
                },
            ),
        ),
        Table(
            "routes",
            "Routes",
            _frame(
                "route",
                {
                    name: {"title": titles.get(name, ""), "metering_legs": " ".join(found)}
                    for name, found in marked.items()
                },
            ),
        ),
        Table(
            "groups",
            "Shared capacities",
            _frame(
                "group",
                {
                    name: {"capacity": _written(group.capacity), "legs": " ".join(group.legs)}
                    for name, group in system.groups.items()
                },
            ),
        ),
        Table("sources", "Every number and where it comes from", audit.replace({"unit": {"": "1"}})),
    )


def _frame(index: str, rows: Mapping[str, Mapping[str, str]]) -> pandas.DataFrame:
    import pandas

    return pandas.DataFrame.from_dict(dict(rows), orient="index", dtype=object).rename_axis(index)


def _part(record: Any, name: str) -> Any:
    return getattr(record, name, None)


def _written(quantity: object) -> str:
    return "" if quantity is None else str(quantity)
