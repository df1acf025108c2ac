"""Digests of systems, allocations and comparisons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from routeopt.views.digest import Digest, Figure, Table

if TYPE_CHECKING:
    from routeopt.allocation import Allocation
    from routeopt.allocation.horizon import HorizonAllocation
    from routeopt.comparison import Comparison
    from routeopt.system import ExportSystem

__all__ = ["KNOWN"]

_FLOWS = ("flow", "arrives", "available", "shut_in", "unavailable", "under_minimum", "shortage")


def system(world: ExportSystem) -> Digest:
    """What is in the file."""
    unit = world.units.flow
    audit = world.sources()
    kinds = [("fields", world.fields), ("legs", world.legs), ("markets", world.markets), ("routes", world.routes)]
    figures = [Figure(label, len(records)) for label, records in kinds if records]
    estimates = int((audit["basis"] == "estimate").sum())
    figures += [Figure("numbers", len(audit)), Figure("estimates among them", estimates)]
    nodes = _frame({
        name: {"title": node.title, "kind": node.kind, "country": node.country or ""}
        for name, node in world.nodes.items()
    }, "node")  # fmt: skip
    legs = _frame({
        name: {"title": leg.title, "origin": leg.origin, "destination": leg.destination, "mode": leg.mode,
               "status": leg.status, "capacity": leg.nominal / _factor(unit)}
        for name, leg in world.legs.items()
    }, "leg")  # fmt: skip
    tables = (Table("legs", "Legs", legs, {"capacity": unit}), Table("nodes", "Nodes", nodes),
              Table("sources", "Every number and where it comes from", audit))  # fmt: skip
    about = [f"exporter {', '.join(world.exporters)}"] if world.exporters else []
    subtitle = ", ".join([*about, *([f"base year {world.base_year}"] if world.base_year else [])])
    return Digest("ExportSystem", world.title or world.name, subtitle, tuple(figures), tables)


def period(plan: Allocation) -> Digest:
    """One period."""
    shown, (volume, loss) = allocation(plan), plan.at_a_loss
    if volume <= 0:
        return shown
    more = Figure("exported at a loss", float(volume), plan.flow_unit), Figure("of", float(loss), plan.money_unit)
    return replace(shown, figures=(*shown.figures, *more))


def allocation(plan: Allocation) -> Digest:
    """What one period and a mean day have in common."""
    flow, money = plan.flow_unit, plan.money_unit
    figures = [Figure("exported", plan.exported, flow), Figure("shut in", plan.shut_in, flow)]
    if abs(plan.exported - plan.delivered) > 1e-6 * max(1e-30, plan.exported):
        figures.insert(1, Figure("delivered", plan.delivered, flow))
    if plan.shortage > 0:
        figures.append(Figure("refineries lack", plan.shortage, flow))
    figures += [Figure("transport cost", plan.cost, money), Figure("netback", plan.netback, money)]
    units = {**dict.fromkeys(_FLOWS, flow), "cost": money, "revenue": money, "share": "share", "utilisation": "share"}
    capacity = {**units, "capacity": flow}
    bottlenecks = {"relieves": f"{_amount(flow)} that refineries get for one of capacity",
                   "exports": f"{_amount(flow)} exported for one of capacity",
                   "saves": f"USD/{plan.system.piece}"}  # fmt: skip
    tables = [
        Table("routes", "Routes", plan.routes, units),
        Table("legs", "Legs", plan.legs, capacity),
        Table("flows", "Flows by commodity", plan.flows, units),
        Table("fields", "Fields", plan.fields, units),
        Table("markets", "Markets", plan.markets, {**units, "days": "d"}),
        Table("refineries", "Refineries at home", plan.refineries, units),
        Table("groups", "Shared capacities", plan.groups, {"utilisation": "share"}),
        Table("contracts", "Contracts", plan.contracts, {"due": flow, "deficiency": flow}),
    ]
    if plan.optimal:
        # A programme with money first has no worth in exports; a horizon of several periods has tables of its own.
        tables.insert(1, Table("bottlenecks", "What is full and what one more unit is worth", plan.bottlenecks,
                               bottlenecks))  # fmt: skip
    shown = tuple(table for table in tables if len(table.frame))
    title = plan.scenario.title or ("As it is" if plan.name == "base" else plan.name)
    return Digest("Allocation", title, plan.system.title or plan.system.name, tuple(figures), shown,
                  (*plan.notes, str(plan.certificate)))  # fmt: skip


def horizon(plan: HorizonAllocation) -> Digest:
    """Several periods: means as rates, and what happened in each."""
    day = allocation(plan)
    flow, stock = plan.flow_unit, plan.stock_unit
    periods = plan.periods
    pairs = [(str(column[0]), str(column[1])) for column in periods.columns]
    stocks = {("total", "under_way"), ("total", "afloat")}
    units = {
        f"{kind} {name}": "d" if (kind, name) == ("total", "days")
        else stock if kind in ("terminal", "room") or (kind, name) in stocks else flow
        for kind, name in pairs
    }  # fmt: skip
    frame = periods.set_axis([f"{kind} {name}" for kind, name in pairs], axis="columns")
    tables = (day.tables[0], Table("periods", "By period", frame, units), *day.tables[1:])
    return Digest("HorizonAllocation", day.title, day.subtitle, day.figures, tables,
                  (f"{plan.foresight} foresight; rates are means over the horizon", *day.notes))  # fmt: skip


def comparison(found: Comparison) -> Digest:
    """Several allocations side by side."""
    first = found.plans[0]
    flow, money = first.flow_unit, first.money_unit
    figures = [Figure(f"exported, {name}", plan.exported, flow)
               for name, plan in zip(found.names, found.plans, strict=True)]  # fmt: skip
    frame = found.table.copy()
    frame.insert(0, "unit", [money if part == "money" else flow for part, _ in frame.index])
    title = f"{found.names[0]} against {', '.join(found.names[1:])}"
    tables = (Table("comparison", "Side by side", frame),)
    return Digest("Comparison", title, first.system.title or first.system.name, tuple(figures), tables,
                  found.sentences)  # fmt: skip


def _frame(rows: Mapping[str, Mapping[str, Any]], name: str) -> Any:
    import pandas

    return pandas.DataFrame.from_dict(dict(rows), orient="index").rename_axis(name)


def _factor(unit: str) -> float:
    from routeopt.units import parse_unit

    return parse_unit(unit).factor


def _amount(unit: str) -> str:
    return unit.partition("/")[0]


KNOWN: dict[str, Callable[[Any], Digest]] = {
    "ExportSystem": system,
    "HorizonAllocation": horizon,
    "Allocation": period,
    "Comparison": comparison,
}
"""Class -> its digest."""
