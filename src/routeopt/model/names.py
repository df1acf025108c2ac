"""A name for every column and row, for people and for file formats."""

from __future__ import annotations

import datetime as dt

import numpy as np

from routeopt.model.formulate import Program
from routeopt.model.layout import Layout
from routeopt.system import ExportSystem

__all__ = ["column_names", "plain_name", "row_names"]


def column_names(system: ExportSystem, program: Program) -> list[str]:
    """``flow__aktau_baku__tengiz``, over several periods ``flow__aktau_baku__tengiz__2025_11_29``.

    What spans periods ends in the first day of its stretch.
    """
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
    if program.day is None:
        # Columns and rows that a caller has added follow those of the layout.
        return _distinct([*names, *(f"own_{i}" for i in range(len(names), program.shape[1]))])
    stock = [
        f"{layout.topology.nodes[layout.tanks[tank]]}__{streams[stream]}"
        for tank, stream in zip(layout.stock_tank, layout.stock_stream, strict=True)
    ]
    names, cargo, slow = _distinct(names), _cargoes(layout), [fields[i] for i in layout.slow]
    for word, more in (("landed", cargo), ("afloat", cargo), ("above", stock), ("below", stock), ("trip", slow)):
        names += [plain_name(f"{word}__{name}") for name in more]
    labels = _stretches(layout, list(system.contracts))
    names = _dated(layout, names) + [plain_name(f"short__{label}") for label in labels]
    return names + [plain_name(f"made_up__{labels[paid]}__{labels[shipped]}") for paid, shipped in layout.make_ups]


def row_names(system: ExportSystem, program: Program) -> list[str]:
    """``balance__atyrau__tengiz``, over several periods ``balance__atyrau__tengiz__2025_11_29``."""
    layout, fields = program.layout, list(system.fields)
    nodes, streams = layout.topology.nodes, layout.topology.commodities
    states = np.argwhere(layout.balance_row >= 0)
    names = [f"balance__{nodes[n]}__{streams[c]}" for n, c in states]
    names += [f"capacity__{layout.topology.legs[k]}" for k in layout.several]
    names += [f"group__{name}" for name in system.groups]
    names += [f"demand__{name}" for name in system.refineries]
    names += [f"market__{name}" for name in system.markets]
    names += [f"minimum__{fields[i]}" for i in layout.minimum_fields]
    names += [f"contract__{name}" for name in system.contracts]
    if program.day is None:
        names.append("exported")
        return _distinct([*names, *(f"own_{i}" for i in range(len(names), program.shape[0]))])
    names = _distinct(names)
    for word, more in (("landing", _cargoes(layout)), ("tank", [nodes[i] for i in layout.tanks]),
                       ("ramp_down", [fields[i] for i in layout.slow]),
                       ("restart", [fields[i] for i in layout.slow_back])):  # fmt: skip
        names += [plain_name(f"{word}__{name}") for name in more]
    groups, labels = list(system.groups), _stretches(layout, list(system.contracts))
    names = _dated(layout, names) + [plain_name(f"{word}__{label}") for word in ("volume", "paid") for label in labels]
    names += [plain_name(f"quota__{groups[b.place]}__{_day(layout, int(b.periods[0]))}") for b in layout.quotas]
    return names + [plain_name(f"in_time__{labels[paid]}__{labels[shipped]}") for paid, shipped in layout.make_ups]


def _cargoes(layout: Layout) -> list[str]:
    graph, columns = layout.topology, layout.lagged[layout.waiting]
    return [f"{graph.legs[layout.flow_leg[k]]}__{graph.commodities[layout.flow_stream[k]]}" for k in columns]


def _stretches(layout: Layout, contracts: list[str]) -> list[str]:
    """A contract and the first day of a stretch, or the day on which one was over before the horizon began."""
    labels = []
    for bucket in layout.contracts:
        over = dt.date.fromordinal(int(bucket.ends)).isoformat().replace("-", "_")
        day = _day(layout, int(bucket.periods[0])) if len(bucket.periods) else f"till_{over}"
        labels.append(f"{contracts[bucket.place]}__{day}")
    return labels


def _dated(layout: Layout, names: list[str]) -> list[str]:
    return [f"{name}__{_day(layout, place)}" for place in range(len(layout.periods)) for name in names]


def _day(layout: Layout, place: int) -> str:
    return layout.periods.starts[place].isoformat().replace("-", "_")


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
