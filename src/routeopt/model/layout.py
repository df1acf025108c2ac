"""Which columns and rows the linear program of a system has, and what each of them means: of one period or of several.

A period is a horizon of one step. Columns of a period, in order: ``flow`` of each (leg, commodity) at the inlet;
``output`` of each field; ``delivery`` of each (market, commodity); ``intake`` of each (refinery, commodity); and the
recourse that keeps every closure feasible: ``shortage`` of each refinery, ``under`` the minimum of fields that have
one, ``deficiency`` of each contract. Over several periods they are amounts, and there are besides ``landed``, what a
cargo leg gives to its end; ``afloat``, what waits there; ``above`` and ``below``, by how much the stock of each
(terminal, commodity) differs from what it was at the start; ``trip``, output that falls faster than a field can be
turned down. After all periods: the deficiency of each stretch of a contract and what is made up between two.

Rows of a period: ``balance`` of each (node, commodity) that anything can reach; ``leg`` capacity where a leg has
several columns (with one, it is a bound); ``group``; ``demand`` of refineries; ``market`` limits; ``minimum`` of
fields; ``contract``; over several periods ``landing``, ``tank``, ``ramp_down`` and ``restart``; for one alone
``exported``, the sum of all deliveries, a row without bounds. After all periods: the volume of each stretch of a
contract; what is made up of each; quotas; and of what is made up between two, that it is shipped in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.scenario.periods import Periods
from routeopt.system import ExportSystem
from routeopt.system.nodes import Terminal
from routeopt.system.topology import Topology

__all__ = ["Bucket", "Layout"]

Ints = NDArray[np.intp]

_ONE_DAY = Periods(np.array([0.0, 1.0]), 1, 1)


@dataclass(frozen=True)
class Bucket:
    """A stretch over which a contract or a quota is counted.

    ``place``: which contract or group; ``number``: which stretch of it, -1 for one that was over before the horizon
    began; ``periods``: places of its periods; ``ends``: the day after its last, as an ordinal.
    """

    place: int
    number: int
    periods: Ints
    ends: float


@dataclass(frozen=True)
class Layout:
    """Columns and rows in order.

    - ``flow_leg``, ``flow_stream``: leg and commodity of each flow column.
    - ``delivery_market``, ``delivery_stream``, ``intake_refinery``, ``intake_stream``: place of the market or refinery
      in the system's order, and the commodity.
    - ``minimum_fields``, ``several``: fields with a minimum; legs with a capacity row.
    - ``balance_row`` (N, C): row of each state, -1 where there is none.
    - ``column``, ``row``: where each block begins within a period; ``end`` is the number of columns or rows a period.
    - ``periods``: one day for one period by itself.
    - ``lagged``, ``lag``: flow columns whose volume is on its way for some time, and for how many days.
    - ``waiting``: those of them (places in ``lagged``) that may have to wait at the end.
    - ``tanks``: nodes with storage.
    - ``stock_tank``, ``stock_stream``: tank (place in ``tanks``) and commodity of each stock.
    - ``slow``, ``slow_back``: fields that turn down, and that come back, at a limited pace.
    - ``make_ups``: places in ``contracts``: paid in the first, shipped in the second.
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
    periods: Periods
    lagged: Ints
    lag: Floats
    waiting: Ints
    tanks: Ints
    stock_tank: Ints
    stock_stream: Ints
    slow: Ints
    slow_back: Ints
    contracts: tuple[Bucket, ...] = ()
    quotas: tuple[Bucket, ...] = ()
    make_ups: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, system: ExportSystem) -> Layout:
        """One period by itself; it depends on connections only, not on numbers."""
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
        minima = np.array([i for i, f in enumerate(system.fields.values()) if f.min_output is not None], np.intp)
        several = np.flatnonzero(np.bincount(leg, minlength=len(graph.legs)) > 1)
        balance = np.full(touched.shape, -1, np.intp)
        balance[touched] = np.arange(np.count_nonzero(touched))
        column = _offsets(
            flow=len(leg), output=len(system.fields), delivery=len(market), intake=len(refinery),
            shortage=len(refinery_node), under=len(minima), deficiency=len(system.contracts),
            landed=0, afloat=0, above=0, below=0, trip=0,
        )  # fmt: skip
        row = _offsets(
            balance=int(np.count_nonzero(touched)), leg=len(several), group=len(system.groups),
            demand=len(refinery_node), market=len(market_node), minimum=len(minima),
            contract=len(system.contracts), landing=0, tank=0, ramp_down=0, restart=0, exported=1,
        )  # fmt: skip
        none = np.zeros(0, np.intp)
        return cls(graph, leg, stream, market, sold, refinery, taken, minima, several, balance, column, row, _ONE_DAY,
                   none, np.zeros(0), none, none, none, none, none, none)  # fmt: skip

    def over(self, system: ExportSystem, periods: Periods, carried: Sequence[tuple[int, float]] = ()) -> Layout:
        """Several periods like this one; ``carried``: contract and end of stretches that can still be made up."""
        legs = list(system.legs.values())
        days = np.array([leg.lag for leg in legs])
        lagged = np.flatnonzero(days[self.flow_leg] > 0)
        # A market without a limit takes whatever arrives.
        open_end = np.array([leg.destination in system.markets and system.markets[leg.destination].demand is None
                             for leg in legs], bool)  # fmt: skip
        waiting = np.flatnonzero(~open_end[self.flow_leg[lagged]])
        nodes = list(system.nodes.values())
        tanks = np.array([i for i, n in enumerate(nodes) if isinstance(n, Terminal) and n.storage is not None], np.intp)
        tank, stream = np.nonzero(self.balance_row[tanks] >= 0)
        fields = list(system.fields.values())
        slow = np.array([i for i, f in enumerate(fields) if f.ramp_down is not None], np.intp)
        back = np.array([i for i, f in enumerate(fields) if f.ramp_up is not None], np.intp)
        column = _offsets(**{
            **_sizes(self.column), "landed": len(waiting), "afloat": len(waiting), "above": len(tank),
            "below": len(tank), "trip": len(slow),
        })  # fmt: skip
        row = _offsets(**{
            **_sizes(self.row), "landing": len(waiting), "tank": len(tanks), "ramp_down": len(slow),
            "restart": len(back), "exported": 0,
        })  # fmt: skip
        contracts = tuple(
            Bucket(place, number, stretch, _end(periods, stretch))
            for place, contract in enumerate(system.contracts.values())
            for number, stretch in enumerate(_stretches(periods, contract.accounting_period))
        )
        contracts += tuple(Bucket(place, -1, np.zeros(0, np.intp), ends) for place, ends in carried)
        quotas = tuple(
            Bucket(place, number, stretch, _end(periods, stretch))
            for place, group in enumerate(system.groups.values())
            for number, stretch in enumerate(
                periods.buckets(group.accounting_period) if group.accounting_period else ()
            )
        )
        return replace(
            self, column=column, row=row, periods=periods, lagged=lagged, lag=days[self.flow_leg[lagged]],
            waiting=waiting, tanks=tanks, stock_tank=tank, stock_stream=stream, slow=slow, slow_back=back,
            contracts=contracts, quotas=quotas, make_ups=tuple(_make_ups(system, contracts, periods)),
        )  # fmt: skip

    def columns(self, block: str) -> slice:
        """Columns of a block within a period."""
        return _block(self.column, block)

    def rows(self, block: str) -> slice:
        """Rows of a block within a period."""
        return _block(self.row, block)

    @property
    def size(self) -> int:
        """Columns of a period."""
        return self.column["end"]

    @property
    def height(self) -> int:
        """Rows of a period."""
        return self.row["end"]

    @property
    def after(self) -> tuple[int, int]:
        """First row and first column after all periods."""
        return len(self.periods) * self.height, len(self.periods) * self.size

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns."""
        rows, columns = self.after
        rows += 2 * len(self.contracts) + len(self.quotas) + len(self.make_ups)
        return rows, columns + len(self.contracts) + len(self.make_ups)

    @property
    def exported_row(self) -> int:
        """The row that adds up all deliveries of one period by itself."""
        return self.row["exported"]

    def by_period(self, x: Floats) -> Floats:
        """The columns of all periods, shape (T, columns of a period); a view."""
        return x[: self.after[1]].reshape(len(self.periods), self.size)

    def rows_by_period(self, rows: Floats) -> Floats:
        """The rows of all periods, shape (T, rows of a period); a view."""
        return rows[: self.after[0]].reshape(len(self.periods), self.height)

    @property
    def arrival_row(self) -> Ints:
        """Balance row in which each flow column arrives."""
        graph = self.topology
        rows: Ints = self.balance_row[graph.head[self.flow_leg], graph.becomes[self.flow_leg, self.flow_stream]]
        return rows

    @property
    def stock_row(self) -> Ints:
        """Balance row of each stock."""
        rows: Ints = self.balance_row[self.tanks[self.stock_tank], self.stock_stream]
        return rows


def _stretches(periods: Periods, over: str | None) -> list[Ints]:
    """Stretches of a contract; what lands after the plan belongs to the last, or is one where every period counts."""
    landing = np.arange(periods.planned, len(periods))
    if over is None:
        return [landing] if len(landing) else []
    buckets = periods.buckets(over)
    return [*buckets[:-1], np.concatenate([buckets[-1], landing])]


def _end(periods: Periods, stretch: Ints) -> float:
    """The day after a stretch; what lands after the plan does not lengthen it."""
    return float(periods.edges[min(int(stretch[-1]) + 1, periods.planned)])


def _make_ups(system: ExportSystem, buckets: tuple[Bucket, ...], periods: Periods) -> list[tuple[int, int]]:
    """Stretches of one contract of which the second begins while a deficiency of the first can be made up."""
    contracts = list(system.contracts.values())
    pairs = []
    for a, paid in enumerate(buckets):
        window = contracts[paid.place].make_up
        for b, shipped in enumerate(buckets):
            later = shipped.place == paid.place and paid.ends < shipped.ends and shipped.number >= 0
            if window is not None and later and periods.edges[shipped.periods[0]] < paid.ends + window.inner:
                pairs.append((a, b))
    return pairs


def _offsets(**sizes: int) -> dict[str, int]:
    offsets, start = {}, 0
    for name, size in sizes.items():
        offsets[name] = start
        start += size
    return {**offsets, "end": start}


def _sizes(offsets: dict[str, int]) -> dict[str, int]:
    names = list(offsets)
    return {name: offsets[after] - offsets[name] for name, after in pairwise(names)}


def _block(offsets: dict[str, int], name: str) -> slice:
    names = list(offsets)
    return slice(offsets[name], offsets[names[names.index(name) + 1]])
