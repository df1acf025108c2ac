"""The matrix of the programme, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routeopt.model.conversion import Conversion
from routeopt.model.layout import Layout
from routeopt.model.sparse import Builder, Matrix
from routeopt.system import ExportSystem
from routeopt.system.table import LegTable

__all__ = ["Program", "formulate"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Program(Matrix):
    """The matrix of an export system, which closures do not change, and what its columns and rows mean.

    ``gain``: share of what enters each leg that arrives, shape (K,). A caller may have added columns and rows behind
    those of the layout.
    """

    layout: Layout
    gain: Floats

    def counted(self) -> NDArray[np.bool_]:
        """Columns that are only counted: output under a minimum, deficiencies, variables of the caller's own."""
        mask: NDArray[np.bool_] = np.arange(self.shape[1]) >= self.layout.column["under"]
        return mask


def formulate(system: ExportSystem, layout: Layout | None = None) -> Program:
    """Write down the programme of a system.

    Parameters
    ----------
    system : ExportSystem
    layout : Layout, optional
        Its layout, if it has been made before.

    Returns
    -------
    Program
        Flow balance of each commodity at each node,

        sum of gain x inflow - outflow + output - delivery - intake = 0,

        where a stream that is blended away on a leg arrives as what it becomes; capacities of legs and
        groups, in their own unit; refineries: intake + shortage = demand; fields: output + under >= minimum;
        contracts: inflow + deficiency >= volume.
    """
    layout = layout or Layout.of(system)
    graph, convert = layout.topology, Conversion(system)
    gain = LegTable.of(system).gain
    parts = Builder()
    flow = np.arange(len(layout.flow_leg))
    leg, stream = layout.flow_leg, layout.flow_stream
    parts.add(layout.balance_row[graph.tail[leg], stream], flow, -1.0)
    parts.add(layout.balance_row[graph.head[leg], graph.becomes[leg, stream]], flow, gain[leg])
    _capacities(system, layout, convert, parts)
    _ends(system, layout, convert, parts)
    return Program(**vars(parts.matrix(layout.shape)), layout=layout, gain=gain)


def _capacities(system: ExportSystem, layout: Layout, convert: Conversion, parts: Builder) -> None:
    leg, stream = layout.flow_leg, layout.flow_stream
    row_of = np.full(len(layout.topology.legs), -1, np.intp)
    row_of[layout.several] = np.arange(layout.row["leg"], layout.row["group"])
    shared = np.flatnonzero(row_of[leg] >= 0)
    factor = np.ones(len(shared))
    otherwise = np.isin(leg[shared], LegTable.of(system).counted_otherwise)
    factor[otherwise] = convert.to_other()[stream[shared[otherwise]]]
    parts.add(row_of[leg[shared]], shared, factor)
    position = layout.topology.leg_place if system.groups or system.contracts else {}
    for offset, group in enumerate(system.groups.values()):
        basis = group.capacity.basis if group.capacity else ""
        for name, member in group.legs.items():
            mine = np.flatnonzero(leg == position[name])
            if member.cargo is not None and member.round_trip is not None:
                weight = member.round_trip.inner / member.cargo.inner * convert.to(member.cargo.basis)
            else:
                weight = convert.to(basis) * (member.weight.inner if member.weight else 1.0)
            parts.add(layout.row["group"] + offset, mine, weight[stream[mine]])
    for offset, contract in enumerate(system.contracts.values()):
        counted = np.isin(leg, [position[name] for name in contract.legs])
        if contract.commodities:
            counted &= np.isin(stream, [list(system.streams).index(name) for name in contract.commodities])
        mine = np.flatnonzero(counted)
        row = layout.row["contract"] + offset
        parts.add(row, mine, convert.to(contract.volume.basis)[stream[mine]])
        parts.add(row, np.array([layout.column["deficiency"] + offset]), 1.0)


def _ends(system: ExportSystem, layout: Layout, convert: Conversion, parts: Builder) -> None:
    nodes = {name: i for i, name in enumerate(layout.topology.nodes)}
    streams = {name: i for i, name in enumerate(system.streams)}
    at = np.array([nodes[name] for name in system.fields], np.intp)
    produced = np.array([streams[system.commodity_of(name)] for name in system.fields], np.intp)
    first = layout.column["output"]
    parts.add(layout.balance_row[at, produced], first + np.arange(len(at)), 1.0)
    minima = layout.minimum_fields
    rows = np.arange(layout.row["minimum"], layout.row["contract"])
    parts.add(rows, first + minima, 1.0)
    parts.add(rows, np.arange(layout.column["under"], layout.column["deficiency"]), 1.0)

    blocks = (
        ("delivery", "market", layout.delivery_market, layout.delivery_stream, system.markets),
        ("intake", "demand", layout.intake_refinery, layout.intake_stream, system.refineries),
    )
    for block, row, buyer, stream, records in blocks:
        columns = np.arange(layout.columns(block).start, layout.columns(block).stop)
        at = np.fromiter((nodes[name] for name in records), np.intp, len(records))
        parts.add(layout.balance_row[at[buyer], stream], columns, -1.0)
        bases = [record.demand.basis if record.demand else "" for record in records.values()]
        factor = np.ones(len(columns))
        for place, basis in enumerate(bases):
            if basis not in ("", system.basis):
                factor[buyer == place] = convert.to_other()[stream[buyer == place]]
        parts.add(layout.row[row] + buyer, columns, factor)
    shortage = np.arange(layout.column["shortage"], layout.column["under"])
    parts.add(np.arange(layout.row["demand"], layout.row["market"]), shortage, 1.0)
    deliveries = np.arange(layout.column["delivery"], layout.column["intake"])
    parts.add(layout.exported_row, deliveries, 1.0)
