"""``routeopt show`` and ``sources``: what is in a system."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from routeopt.cli.command import Asked, command
from routeopt.cli.printing import Format
from routeopt.results import Digest, Figure, Table

if TYPE_CHECKING:
    import pandas

    from routeopt.system import ExportSystem

__all__ = ["show", "sources"]

_TABLES = ("routes", "nodes", "legs", "groups", "scenarios")


class Basis(StrEnum):
    """Where a number comes from."""

    sourced = "sourced"
    estimate = "estimate"
    none = "none"


@command(*_TABLES)
def show(asked: Asked) -> Digest:
    """What is in a system: an overview, and its parts as tables."""
    system = asked.system
    shown, kinds = system.digest(), [node.kind for node in system.nodes.values()]
    words = {"name": system.name, "file": system.origin, "flows in": system.units.flow,
             "commodities": ", ".join(system.streams)}  # fmt: skip
    details = [Figure(label, word) for label, word in words.items() if word]
    details += [Figure(f"nodes: {kind}", kinds.count(kind), "1") for kind in dict.fromkeys(kinds)]
    every = Digest(shown.title, shown.subtitle, (), (
        *shown.tables, Table("scenarios", "Scenarios", lambda: _scenarios(system))
    ))  # fmt: skip
    return replace(shown, details=tuple(details), tables=tuple(every.table(name) for name in _TABLES))


@command("numbers")
def sources(
    asked: Asked,
    basis: Annotated[Basis | None, typer.Option(show_default=False, help="Only numbers of this basis.")] = None,
) -> Digest:
    """Every number of a system, its range and its source."""
    system = asked.system
    audit = system.sources()
    words = {Basis.sourced: "sourced", Basis.estimate: "estimated", Basis.none: "without a source"}
    counts = [Figure(f"numbers {word}", int((audit["basis"] == kind.value).sum()), "1") for kind, word in words.items()]
    if basis is not None:
        audit = audit[audit["basis"] == basis.value]
    # For people only what fits: the source's id; publisher, date, address and note are in csv and json.
    if asked.how.format is Format.table:
        audit = audit[["value", "unit", "low", "high", "basis", "source"]]
    table = Table("numbers", "Every number and where it comes from", audit)
    return Digest("Where the numbers come from", system.title or system.name, tuple(counts), (table,))


def _scenarios(system: ExportSystem) -> pandas.DataFrame:
    import pandas

    from routeopt.scenario.resolve import resolve

    rows = {}
    for name in system.scenarios:
        flat = resolve(system, name)
        horizon = f"{flat.horizon.start} to {flat.horizon.end}" if flat.horizon else ""
        built = ", ".join(f"{leg} {size}" for leg, size in flat.build.items())
        rows[name] = {"title": flat.title, "horizon": horizon, "closes": "; ".join(map(str, flat.closures)),
                      "builds": built}  # fmt: skip
    return pandas.DataFrame.from_dict(rows, orient="index", dtype=object).rename_axis("scenario")
