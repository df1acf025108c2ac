"""Matrix of a system: of one period, and of several, which repeat it and add rows and columns that link periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.model.conversion import Conversion
from routeopt.model.layout import Layout
from routeopt.model.sparse import Builder, Matrix
from routeopt.model.transit import shares
from routeopt.scenario.periods import Periods
from routeopt.system import ExportSystem
from routeopt.system.nodes import Terminal
from routeopt.system.table import LegTable

__all__ = ["Program", "formulate", "formulate_periods", "stock_weights"]

Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Program(Matrix):
    """Matrix of an export system, with the meaning of its columns and rows; closures do not change it.

    ``gain``: delivered share of each leg's inflow, shape (K,). ``day``: the program of one of its periods by
    itself, in rates, if there are several. A caller may have added columns and rows behind those of the layout.
    """

    layout: Layout
    gain: Floats
    day: Program | None = None

    @property
    def single(self) -> Program:
        """The program of one period by itself."""
        return self.day or self

    def counted(self) -> NDArray[np.bool_]:
        """Mask of columns that only count: below a minimum, deficiencies, trips, variables of the caller."""
        layout = self.layout
        period = np.zeros(layout.size, bool)
        for name in ("under", "deficiency", "trip"):
            period[layout.columns(name)] = True
        rest = self.shape[1] - layout.after[1]
        return np.concatenate([np.tile(period, len(layout.periods)), np.ones(rest, bool)])


def formulate(system: ExportSystem, layout: Layout | None = None) -> Program:
    """Formulate the program of a system.

    ``layout``: its layout, if known.

    Returns
    -------
    Program
        Flow balance of each commodity at each node,

        sum of gain x inflow - outflow + output - delivery - intake = 0,

        where a stream that blends into another on a leg arrives as the other; capacities of legs and
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
    parts.add(layout.arrival_row, flow, gain[leg])
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
        basis = group.capacity.measured_by if group.capacity else ""
        for name, member in group.legs.items():
            mine = np.flatnonzero(leg == position[name])
            if member.cargo is not None and member.round_trip is not None:
                weight = member.round_trip.inner / member.cargo.inner * convert.to(member.cargo.measured_by)
            else:
                weight = convert.to(basis) * (member.weight.inner if member.weight else 1.0)
            parts.add(layout.row["group"] + offset, mine, weight[stream[mine]])
    for offset, contract in enumerate(system.contracts.values()):
        counted = np.isin(leg, [position[name] for name in contract.legs])
        if contract.commodities:
            counted &= np.isin(stream, [list(system.streams).index(name) for name in contract.commodities])
        mine = np.flatnonzero(counted)
        row = layout.row["contract"] + offset
        parts.add(row, mine, convert.to(contract.volume.measured_by)[stream[mine]])
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
        bases = [record.demand.measured_by if record.demand else "" for record in records.values()]
        factor = np.ones(len(columns))
        for place, basis in enumerate(bases):
            if basis not in ("", system.measured_by):
                factor[buyer == place] = convert.to_other()[stream[buyer == place]]
        parts.add(layout.row[row] + buyer, columns, factor)
    shortage = np.arange(layout.column["shortage"], layout.column["under"])
    parts.add(np.arange(layout.row["demand"], layout.row["market"]), shortage, 1.0)
    deliveries = np.arange(layout.column["delivery"], layout.column["intake"])
    parts.add(layout.exported_row, deliveries, 1.0)


def formulate_periods(
    system: ExportSystem,
    single: Program,
    periods: Periods,
    stocks: str = "keep",
    initial_in_transit: str = "usual",
    carried: Sequence[tuple[int, float]] = (),
) -> Program:
    """Formulate the program of a horizon.

    ``single``: its program of one period; ``stocks``, ``initial_in_transit``: as `routeopt.scenario.scenario.Horizon`
    has them; ``carried``: contract and last day of accounting periods before the horizon with a deficiency that can
    still be made up.

    Returns
    -------
    Program
        In amounts per period. In each period the balance, capacities and demands of the single program;
        also

        - balance at a tank: inflow - outflow = stock - stock before; sum of stocks between heel and capacity;
        - a cargo leg: departures a lag ago + waiting before = landings + waiting;
        - fields: daily output falls by the ramp-down rate at most (or trips), rises by the ramp-up rate at most;
        - contracts: inflow over an accounting period + deficiency - made up >= volume; made up <= paid before, and <=
          inflow while it can be made up;
        - quotas: use over an accounting period <= capacity over it.
    """
    layout = single.layout.over(system, periods, carried)
    parts = Builder()
    _repeat(single, layout, parts)
    _cargoes(single, layout, parts, initial_in_transit)
    _tanks(system, layout, parts, stocks)
    _ramps(layout, parts)
    _stretches(system, single, layout, parts)
    rows, columns, values = parts.arrays()
    if "cycle" in (stocks, initial_in_transit):
        rows, columns, values = _merged(rows, columns, values, layout.shape[1])
    made = Matrix.of(rows, columns, values, layout.shape)
    return Program(**vars(made), layout=layout, gain=single.gain, day=single)


def _merged(rows: Ints, columns: Ints, values: Floats, width: int) -> tuple[Ints, Ints, Floats]:
    """Add up coefficients at one place, which occur in a cyclic horizon of one period."""
    keys, place = np.unique(rows * width + columns, return_inverse=True)
    sums = np.bincount(place.ravel(), values, len(keys))
    keys, sums = keys[sums != 0.0], sums[sums != 0.0]
    return keys // width, keys % width, sums


def stock_weights(system: ExportSystem, layout: Layout) -> Floats:
    """Compute the tank volume of a unit of each stock, in the unit of the tank."""
    convert = Conversion(system)
    weights = np.ones(len(layout.stock_tank))
    names = list(system.nodes)
    for place, node in enumerate(layout.tanks):
        record = system.nodes[names[node]]
        if isinstance(record, Terminal) and record.storage is not None:
            mine = layout.stock_tank == place
            weights[mine] = convert.to(record.storage.capacity.measured_by)[layout.stock_stream[mine]]
    return weights


def _repeat(single: Program, layout: Layout, parts: Builder) -> None:
    """Repeat the program of one period in all periods, without the row of total exports."""
    row, column = single.index.astype(np.intp), single.column_of_entry.astype(np.intp)
    kept = (row < layout.row["landing"]) & (column < layout.column["landed"])
    # Cargoes do not arrive in the period of departure.
    arrives = np.full(layout.size, -1, np.intp)
    arrives[layout.lagged] = layout.arrival_row[layout.lagged]
    kept &= row != arrives[np.minimum(column, layout.size - 1)]
    row, column, value = row[kept], column[kept], single.value[kept]
    shift = np.arange(len(layout.periods))[:, None]
    parts.add((row + shift * layout.height).ravel(), (column + shift * layout.size).ravel(),
              np.tile(value, len(layout.periods)))  # fmt: skip


def _cargoes(single: Program, layout: Layout, parts: Builder, initial_in_transit: str) -> None:
    count, height, size = len(layout.periods), layout.height, layout.size
    head = layout.arrival_row[layout.lagged]
    gain = single.gain[layout.flow_leg[layout.lagged]]
    into = head.copy()
    into[layout.waiting] = layout.row["landing"] + np.arange(len(layout.waiting))
    for lag in np.unique(layout.lag):
        left, landed, share = shares(layout.periods.edges, float(lag), initial_in_transit)
        mine = np.flatnonzero(layout.lag == lag)
        rows = landed[:, None] * height + into[mine]
        columns = left[:, None] * size + layout.lagged[mine]
        parts.add(rows.ravel(), columns.ravel(), (share[:, None] * gain[mine]).ravel())
    if not len(layout.waiting):
        return
    periods = np.arange(count)[:, None]
    rows = periods * height + layout.row["landing"] + np.arange(len(layout.waiting))
    landed = periods * size + layout.column["landed"] + np.arange(len(layout.waiting))
    afloat = periods * size + layout.column["afloat"] + np.arange(len(layout.waiting))
    parts.add(rows.ravel(), landed.ravel(), -1.0)
    parts.add((periods * height + head[layout.waiting]).ravel(), landed.ravel(), 1.0)
    parts.add(rows.ravel(), afloat.ravel(), -1.0)
    parts.add(rows[1:].ravel(), afloat[:-1].ravel(), 1.0)
    if initial_in_transit == "cycle":
        parts.add(rows[0], afloat[-1], 1.0)


def _tanks(system: ExportSystem, layout: Layout, parts: Builder, stocks: str) -> None:
    number, planned = len(layout.stock_tank), layout.periods.planned
    if not number:
        return
    periods, each = np.arange(planned)[:, None], np.arange(number)
    above = periods * layout.size + layout.column["above"] + each
    below = periods * layout.size + layout.column["below"] + each
    balance = periods * layout.height + layout.stock_row
    following = balance[1:]
    before = (above[:-1], below[:-1])
    if stocks == "cycle":
        following, before = np.roll(balance, -1, axis=0), (above, below)
    for sign, now, then in ((-1.0, above, before[0]), (1.0, below, before[1])):
        parts.add(balance.ravel(), now.ravel(), sign)
        parts.add(following.ravel(), then.ravel(), -sign)
    tank = periods * layout.height + layout.row["tank"] + layout.stock_tank
    weights = np.tile(stock_weights(system, layout), planned)
    parts.add(tank.ravel(), above.ravel(), weights)
    parts.add(tank.ravel(), below.ravel(), -weights)


def _ramps(layout: Layout, parts: Builder) -> None:
    """Limit the change of daily output from period to period."""
    planned = layout.periods.planned
    per_day = 1.0 / layout.periods.days[:planned, None]
    periods = np.arange(planned)[:, None]
    for name, fields in (("ramp_down", layout.slow), ("restart", layout.slow_back)):
        rows = periods * layout.height + layout.row[name] + np.arange(len(fields))
        output = periods * layout.size + layout.column["output"] + fields
        factor = np.broadcast_to(per_day, rows.shape)
        parts.add(rows.ravel(), output.ravel(), factor.ravel())
        parts.add(rows[1:].ravel(), output[:-1].ravel(), -factor[:-1].ravel())
    rows = periods * layout.height + layout.row["ramp_down"] + np.arange(len(layout.slow))
    trip = periods * layout.size + layout.column["trip"] + np.arange(len(layout.slow))
    parts.add(rows.ravel(), trip.ravel(), np.broadcast_to(per_day, rows.shape).ravel())


def _stretches(system: ExportSystem, single: Program, layout: Layout, parts: Builder) -> None:
    rows, columns = layout.after
    number = len(layout.contracts)
    flows = single.column_of_entry < layout.column["output"]
    for place, bucket in enumerate(layout.contracts):
        parts.add(rows + place, np.array([columns + place]), 1.0)
        # Paid before, less the volume made up.
        parts.add(rows + number + place, np.array([columns + place]), 1.0)
        mine = flows & (single.index == layout.row["contract"] + bucket.place)
        _over(layout, parts, rows + place, bucket.periods, single.column_of_entry[mine], single.value[mine])
    for offset, (paid, shipped) in enumerate(layout.make_ups):
        column = np.array([columns + number + offset])
        parts.add(rows + shipped, column, -1.0)
        parts.add(rows + number + paid, column, -1.0)
        bucket = layout.contracts[shipped]
        window = list(system.contracts.values())[bucket.place].make_up
        edges, last = layout.periods.edges, layout.contracts[paid].ends + (window.inner if window else 0.0)
        planned = bucket.periods[bucket.periods < layout.periods.planned]
        within = np.clip((last - edges[planned]) / layout.periods.days[planned], 0.0, 1.0)
        row = rows + 2 * number + len(layout.quotas) + offset
        parts.add(row, column, -1.0)
        mine = flows & (single.index == layout.row["contract"] + bucket.place)
        _over(layout, parts, row, planned, single.column_of_entry[mine], single.value[mine], within)
    for place, bucket in enumerate(layout.quotas):
        mine = single.index == layout.row["group"] + bucket.place
        row = rows + 2 * number + place
        _over(layout, parts, row, bucket.periods, single.column_of_entry[mine], single.value[mine])


def _over(
    layout: Layout,
    parts: Builder,
    row: int,
    periods: Ints,
    columns: NDArray[np.int32],
    values: Floats,
    shares: Floats | None = None,
) -> None:
    """Add a row that sums columns over several periods, or shares of them."""
    if shares is not None:
        periods, shares = periods[shares > 0], shares[shares > 0]
    weights = np.ones(len(periods)) if shares is None else shares
    every = periods[:, None] * layout.size + columns.astype(np.intp)
    parts.add(row, every.ravel(), (weights[:, None] * values).ravel())
