"""``routeopt show`` and ``sources``: what is in a system."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from routeopt.cli.guard import guarded
from routeopt.cli.options import (
    ForceOption,
    FormatOption,
    OutputOption,
    QuietOption,
    SystemArgument,
    tables_help,
)
from routeopt.cli.page import Page, Sheet
from routeopt.cli.printing import Format, How, show
from routeopt.cli.reading import read_system

if TYPE_CHECKING:
    import pandas

    from routeopt.system import ExportSystem

__all__ = ["show_system", "sources"]

_TABLES = ("nodes", "legs", "routes", "groups", "scenarios")


class Basis(StrEnum):
    """Where a number comes from."""

    sourced = "sourced"
    estimate = "estimate"
    none = "none"


@guarded
def show_system(
    system: SystemArgument,
    table: Annotated[str | None, tables_help(*_TABLES)] = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """What is in a system: an overview, and its parts as tables."""
    how = How(format, table, output, force, quiet).check(_TABLES)
    loaded = read_system(system)
    kinds: dict[str, int] = {}
    for node in loaded.nodes.values():
        kinds[node.kind] = kinds.get(node.kind, 0) + 1
    values: dict[str, tuple[Any, str]] = {
        "file": (loaded.origin, ""),
        "exporter": (loaded.exporter, ""),
        "base year": (loaded.base_year, ""),
        "flows in": (loaded.units.flow, ""),
        "commodities": (", ".join(loaded.streams), ""),
        **{f"nodes: {kind}": (count, "") for kind, count in kinds.items()},
        "legs": (len(loaded.legs), ""),
        "scenarios": (len(loaded.scenarios), ""),
    }
    sheets = {
        "nodes": Sheet(lambda: _nodes(loaded)),
        "legs": Sheet(lambda: _legs(loaded)),
        "routes": Sheet(lambda: _routes(loaded)),
        "groups": Sheet(lambda: _groups(loaded)),
        "scenarios": Sheet(lambda: _scenarios(loaded)),
    }
    values = {name: pair for name, pair in values.items() if pair[0] is not None}
    title = f"{loaded.name}: {loaded.title}" if loaded.title else loaded.name
    notes = ("--table nodes, legs, groups or scenarios shows these one by one",) if table is None else ()
    show(Page("show", {"system": loaded.name}, sheets, values, None, notes, title, ("routes",)), how)


@guarded
def sources(
    system: SystemArgument,
    basis: Annotated[Basis | None, typer.Option(show_default=False, help="Only numbers of this basis.")] = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Every number of a system, its range and its source."""
    how = How(format, None, output, force, quiet).check()
    loaded = read_system(system)
    audit = loaded.sources()
    words = {Basis.sourced: "sourced", Basis.estimate: "estimated", Basis.none: "without a source"}
    counts = {f"numbers {word}": (int((audit["basis"] == kind.value).sum()), "") for kind, word in words.items()}
    if basis is not None:
        audit = audit[audit["basis"] == basis.value]
    # For people only what fits: the source's id; publisher, date, address and note are in csv and json.
    frame = audit[["value", "unit", "low", "high", "basis", "source"]] if how.format is Format.table else audit
    title = f"{loaded.title or loaded.name}: where its numbers come from"
    show(Page("sources", {"system": loaded.name}, {"numbers": Sheet(lambda: frame)}, counts, title=title), how)


def _nodes(system: ExportSystem) -> pandas.DataFrame:
    rows = {}
    for name, node in system.nodes.items():
        storage = getattr(node, "storage", None)
        rows[name] = {
            "kind": node.kind, "country": node.country or "", "title": node.title,
            "output": _quantity(getattr(node, "output", None)), "demand": _quantity(getattr(node, "demand", None)),
            "storage": _quantity(storage.capacity) if storage else "",
        }  # fmt: skip
    return _frame(rows, ["kind", "country", "output", "demand", "storage", "title"], "node")


def _legs(system: ExportSystem) -> pandas.DataFrame:
    rows = {}
    for name, leg in system.legs.items():
        fleet = getattr(leg, "fleet", None)
        rows[name] = {
            "from": leg.origin, "to": leg.destination, "mode": leg.mode, "status": leg.status,
            "capacity": _quantity(leg.capacity) or ("fleet" if fleet else ""), "tariff": _quantity(leg.tariff),
            "countries": " ".join(leg.countries), "operator": leg.operator or "",
        }  # fmt: skip
    return _frame(rows, ["from", "to", "mode", "status", "capacity", "tariff", "countries", "operator"], "leg")


def _routes(system: ExportSystem) -> pandas.DataFrame:
    markers: dict[str, list[str]] = {}
    for leg, route in system.markers.items():
        markers.setdefault(route, []).append(leg)
    titles = {name: route.title for name, route in system.routes.items()}
    rows = {name: {"markers": " ".join(legs), "title": titles.get(name, "")} for name, legs in markers.items()}
    return _frame(rows, ["markers", "title"], "route")


def _groups(system: ExportSystem) -> pandas.DataFrame:
    rows = {
        name: {"capacity": _quantity(group.capacity), "legs": " ".join(group.legs)}
        for name, group in system.groups.items()
    }
    return _frame(rows, ["capacity", "legs"], "group")


def _scenarios(system: ExportSystem) -> pandas.DataFrame:
    from routeopt.scenario.resolve import resolve

    rows = {}
    for name in system.scenarios:
        flat = resolve(system, name)
        horizon = f"{flat.horizon.start} to {flat.horizon.end}" if flat.horizon else ""
        built = ", ".join(f"{leg} {size}" for leg, size in flat.build.items())
        rows[name] = {"horizon": horizon, "closes": "; ".join(map(str, flat.closures)), "builds": built,
                      "title": flat.title}  # fmt: skip
    return _frame(rows, ["title", "horizon", "closes", "builds"], "scenario")


def _frame(rows: dict[str, dict[str, str]], columns: list[str], index: str) -> pandas.DataFrame:
    import pandas

    return pandas.DataFrame.from_dict(rows, orient="index", columns=columns, dtype=object).rename_axis(index)


def _quantity(value: object) -> str:
    return "" if value is None else str(value)
