"""Which columns and rows the programme of a system has, and what each of them means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routeopt.system import ExportSystem
from routeopt.system.topology import Topology

__all__ = ["Layout"]

Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Layout:
    """Columns and rows in order.

    Columns: ``flow`` of each (leg, commodity) at the inlet; ``output`` of each field; ``delivery`` of each
    (market, commodity); ``intake`` of each (refinery, commodity); and the recourse that keeps every closure
    feasible: ``shortage`` of each refinery, ``under`` the minimum of fields that have one, ``deficiency``
    of each contract.

    Rows: ``balance`` of each (node, commodity) that anything can reach; ``leg`` capacity where a leg has
    several columns (with one, it is a bound); ``group``; ``demand`` of refineries; ``market`` limits;
    ``minimum`` of fields; ``contract``; and ``exported``, the sum of all deliveries, a row without bounds.

    Attributes
    ----------
    flow_leg, flow_stream : int array
        Leg and commodity of each flow column.
    delivery_market, delivery_stream, intake_refinery, intake_stream : int array
        Place of the market or refinery in the system's order, and the commodity.
    minimum_fields, several : int array
        Fields with a minimum; legs with a capacity row.
    balance_row : int array, shape (N, C)
        Row of each state, -1 where there is none.
    column, row : mapping of str to int
        Where each block begins; ``end`` is the number of columns or rows.
    """

    topology: Topology
    flow_leg: Ints
    flow_stream: Ints
    delivery_market: Ints
    delivery_stream: Ints
    intake_refinery: Ints
    intake_stream: Ints
    minimum_fields: Ints
    several: Ints
    balance_row: Ints
    column: dict[str, int]
    row: dict[str, int]

    @classmethod
    def of(cls, system: ExportSystem) -> Layout:
        """Lay out the programme of a system; it depends on connections only, not on numbers."""
        graph = Topology.of(system)
        leg, stream = np.nonzero(graph.columns())
        touched = np.zeros(graph.supply.shape, bool)
        touched[graph.tail[leg], stream] = True
        touched[graph.head[leg], graph.becomes[leg, stream]] = True
        touched |= graph.supply
        place = {name: i for i, name in enumerate(graph.nodes)}
        market_node = np.fromiter((place[name] for name in system.markets), np.intp)
        refinery_node = np.fromiter((place[name] for name in system.refineries), np.intp)
        market, sold = np.nonzero(touched[market_node] & graph.bought[market_node])
        refinery, taken = np.nonzero(touched[refinery_node] & graph.refined[refinery_node])
        minima = np.array([i for i, f in enumerate(system.fields.values()) if f.minimum is not None], np.intp)
        several = np.flatnonzero(np.bincount(leg, minlength=len(graph.legs)) > 1)
        balance = np.full(touched.shape, -1, np.intp)
        balance[touched] = np.arange(np.count_nonzero(touched))
        column = _offsets(
            flow=len(leg), output=len(system.fields), delivery=len(market), intake=len(refinery),
            shortage=len(refinery_node), under=len(minima), deficiency=len(system.contracts),
        )  # fmt: skip
        row = _offsets(
            balance=int(np.count_nonzero(touched)), leg=len(several), group=len(system.groups),
            demand=len(refinery_node), market=len(market_node), minimum=len(minima),
            contract=len(system.contracts), exported=1,
        )  # fmt: skip
        return cls(graph, leg, stream, market, sold, refinery, taken, minima, several, balance, column, row)

    def columns(self, block: str) -> slice:
        """Columns of a block."""
        return _block(self.column, block)

    def rows(self, block: str) -> slice:
        """Rows of a block."""
        return _block(self.row, block)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns."""
        return self.row["end"], self.column["end"]

    @property
    def exported_row(self) -> int:
        """The row that adds up all deliveries."""
        return self.row["exported"]


def _offsets(**sizes: int) -> dict[str, int]:
    offsets, start = {}, 0
    for name, size in sizes.items():
        offsets[name] = start
        start += size
    return {**offsets, "end": start}


def _block(offsets: dict[str, int], name: str) -> slice:
    names = list(offsets)
    return slice(offsets[name], offsets[names[names.index(name) + 1]])
