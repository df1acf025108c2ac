"""Digests of what helps to decide: alternatives and sensitivity."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from routeopt.views.digest import Digest, Figure, Table

if TYPE_CHECKING:
    from routeopt.decide import Alternatives, Sensitivity

__all__ = ["KNOWN"]


def alternatives(found: Alternatives) -> Digest:
    """Cost against exposure."""
    base, frontier = found.base, found.frontier
    kind, name = found.minimised
    units = {"extra_cost": base.money_unit, "extra_share": "share", "exposed": base.flow_unit, "share": "share"}
    figures = (Figure("exposed at least cost", float(frontier["exposed"].iloc[0]), base.flow_unit),
               Figure("exposed at most", float(frontier["exposed"].iloc[-1]), base.flow_unit),
               Figure("for", float(frontier["extra_cost"].iloc[-1]), base.money_unit))  # fmt: skip
    return Digest("Alternatives", f"Less through {kind} {name}", base.system.title or base.system.name, figures,
                  (Table("frontier", "Corners of the frontier", frontier, units),), (found.sentence,))  # fmt: skip


def sensitivity(found: Sensitivity) -> Digest:
    """What survives the ranges of the data."""
    conclusions = found.conclusions
    sure = conclusions[conclusions["holds"]]["share"]
    figures = (Figure("draws", found.draws), Figure("numbers drawn", len(found.inputs_table)),
               Figure("conclusions", len(conclusions)),
               Figure("of them in 95 % of draws", int((sure >= 0.95).sum())))  # fmt: skip
    inputs = found.inputs_table.drop(columns="places")
    tables = (Table("conclusions", "In what share of the draws each holds", conclusions, {"share": "share"}),
              Table("inputs", "What was drawn", inputs))  # fmt: skip
    return Digest("Sensitivity", f"What survives the ranges: {', '.join(found.scenarios)}",
                  found.system.title or found.system.name, figures, tables)  # fmt: skip


KNOWN: dict[str, Callable[[Any], Digest]] = {"Alternatives": alternatives, "Sensitivity": sensitivity}
"""Class -> its digest."""
