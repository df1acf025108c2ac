"""A name for every column and row, for people and for file formats."""

from __future__ import annotations

import numpy as np

from routeopt.model.formulate import Program
from routeopt.system import ExportSystem

__all__ = ["column_names", "plain_name", "row_names"]


def column_names(system: ExportSystem, program: Program) -> list[str]:
    """A name for each column: ``flow__aktau_baku__tengiz``."""
    layout = program.layout
    legs, streams = layout.topology.legs, layout.topology.commodities
    markets, refineries, fields = list(system.markets), list(system.refineries), list(system.fields)
    names = [f"flow__{legs[k]}__{streams[c]}" for k, c in zip(layout.flow_leg, layout.flow_stream, strict=True)]
    names += [f"output__{name}" for name in fields]
    sold = zip(layout.delivery_market, layout.delivery_stream, strict=True)
    names += [f"delivery__{markets[m]}__{streams[c]}" for m, c in sold]
    taken = zip(layout.intake_refinery, layout.intake_stream, strict=True)
    names += [f"intake__{refineries[r]}__{streams[c]}" for r, c in taken]
    names += [f"shortage__{name}" for name in refineries]
    names += [f"under__{fields[i]}" for i in layout.minimum_fields]
    names += [f"deficiency__{name}" for name in system.contracts]
    # Columns and rows that a caller has added follow those of the layout.
    names += [f"own_{i}" for i in range(len(names), program.shape[1])]
    return _distinct(names)


def row_names(system: ExportSystem, program: Program) -> list[str]:
    """A name for each row: ``balance__atyrau__tengiz``."""
    layout = program.layout
    nodes, streams = layout.topology.nodes, layout.topology.commodities
    states = np.argwhere(layout.balance_row >= 0)
    names = [f"balance__{nodes[n]}__{streams[c]}" for n, c in states]
    names += [f"capacity__{layout.topology.legs[k]}" for k in layout.several]
    names += [f"group__{name}" for name in system.groups]
    names += [f"demand__{name}" for name in system.refineries]
    names += [f"market__{name}" for name in system.markets]
    names += [f"minimum__{list(system.fields)[i]}" for i in layout.minimum_fields]
    names += [f"contract__{name}" for name in system.contracts]
    names.append("exported")
    names += [f"own_{i}" for i in range(len(names), program.shape[0])]
    return _distinct(names)


def plain_name(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)


def _distinct(names: list[str]) -> list[str]:
    """Names that every file format takes; what would collide is numbered."""
    seen: dict[str, int] = {}
    result = []
    for name in map(plain_name, names):
        count = seen.get(name, 0)
        seen[name] = count + 1
        result.append(f"{name}__{count + 1}" if count else name)
    return result
