"""The matrix of a horizon: one period, repeated, and what ties the periods together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routeopt.model.conversion import Conversion
from routeopt.model.formulate import Program
from routeopt.model.sparse import Builder, Matrix
from routeopt.model.temporal.layout import Frame
from routeopt.model.temporal.transit import shares
from routeopt.scenario.periods import Periods
from routeopt.system import ExportSystem
from routeopt.system.nodes import Terminal

__all__ = ["TemporalProgram", "formulate_periods", "stock_weights"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class TemporalProgram(Program):
    """The programme of a horizon.

    Attributes
    ----------
    frame : Frame
        What its columns and rows mean; ``layout`` is that of one period.
    single : Program
        The programme of one period, in rates.
    """

    frame: Frame
    single: Program

    def counted(self) -> NDArray[np.bool_]:
        """Columns that are only counted: output under a minimum, what a field trips, deficiencies."""
        frame = self.frame
        period = np.zeros(frame.size, bool)
        for name in ("under", "deficiency", "trip"):
            period[frame.block(name)] = True
        rest = self.shape[1] - frame.after[1]
        return np.concatenate([np.tile(period, len(frame.periods)), np.ones(rest, bool)])


def formulate_periods(
    system: ExportSystem,
    single: Program,
    periods: Periods,
    stocks: str = "keep",
    under_way: str = "usual",
    carried: Sequence[tuple[int, float]] = (),
) -> TemporalProgram:
    """Write down the programme of a horizon.

    Parameters
    ----------
    system : ExportSystem
    single : Program
        Its programme of one period.
    periods : Periods
    stocks, under_way : str
        As `routeopt.scenario.scenario.Horizon` has them.
    carried : sequence of (int, float)
        Contract and last day of stretches before the horizon of which a deficiency can still be made up.

    Returns
    -------
    TemporalProgram
        In amounts a period. In each period the balance, capacities and demands of the single programme;
        besides

        - balance at a tank: inflow - outflow = stock - stock before; sum of stocks between heel and capacity;
        - a cargo leg: what left a lag ago + what waited = what lands + what waits;
        - fields: output a day falls no faster than turned down (or trips), and rises no faster than restarted;
        - contracts: inflow over a stretch + deficiency - made up >= volume; made up <= paid before, and <= inflow
          while it can be made up;
        - quotas: use over a stretch <= capacity over it.
    """
    frame = Frame.of(system, single.layout, periods, carried)
    parts = Builder()
    _repeat(single, frame, parts)
    _cargoes(single, frame, parts, under_way)
    _tanks(system, frame, parts, stocks)
    _paces(frame, parts)
    _stretches(system, single, frame, parts)
    rows, columns, values = parts.arrays()
    if "cycle" in (stocks, under_way):
        rows, columns, values = _merged(rows, columns, values, frame.shape[1])
    made = Matrix.of(rows, columns, values, frame.shape)
    return TemporalProgram(**vars(made), layout=single.layout, gain=single.gain, frame=frame, single=single)


def _merged(rows: Ints, columns: Ints, values: Floats, width: int) -> tuple[Ints, Ints, Floats]:
    """Coefficients at one place added up: where a horizon of one period follows itself, they meet."""
    keys, place = np.unique(rows * width + columns, return_inverse=True)
    sums = np.bincount(place.ravel(), values, len(keys))
    keys, sums = keys[sums != 0.0], sums[sums != 0.0]
    return keys // width, keys % width, sums


def stock_weights(system: ExportSystem, frame: Frame) -> Floats:
    """What a unit of each stock takes of its tank, in the unit of the tank."""
    convert = Conversion(system)
    weights = np.ones(len(frame.stock_tank))
    names = list(system.nodes)
    for place, node in enumerate(frame.tanks):
        record = system.nodes[names[node]]
        if isinstance(record, Terminal) and record.storage is not None:
            mine = frame.stock_tank == place
            weights[mine] = convert.to(record.storage.capacity.basis)[frame.stock_stream[mine]]
    return weights


def _repeat(single: Program, frame: Frame, parts: Builder) -> None:
    """The programme of one period in all of them, without the total of exports."""
    row, column = single.index.astype(np.intp), single.column_of_entry.astype(np.intp)
    kept = (row < frame.row["landing"]) & (column < frame.column["landed"])
    # What a cargo leg carries does not arrive in the period in which it leaves.
    arrives = np.full(frame.size, -1, np.intp)
    arrives[frame.lagged] = _head_rows(frame)[frame.lagged]
    kept &= row != arrives[np.minimum(column, frame.size - 1)]
    row, column, value = row[kept], column[kept], single.value[kept]
    shift = np.arange(len(frame.periods))[:, None]
    parts.add((row + shift * frame.height).ravel(), (column + shift * frame.size).ravel(),
              np.tile(value, len(frame.periods)))  # fmt: skip


def _head_rows(frame: Frame) -> Ints:
    """Balance row in which each flow column arrives."""
    layout, graph = frame.layout, frame.layout.topology
    leg, stream = layout.flow_leg, layout.flow_stream
    rows: Ints = layout.balance_row[graph.head[leg], graph.becomes[leg, stream]]
    return rows


def _cargoes(single: Program, frame: Frame, parts: Builder, under_way: str) -> None:
    count, height, size = len(frame.periods), frame.height, frame.size
    head = _head_rows(frame)[frame.lagged]
    gain = single.gain[frame.layout.flow_leg[frame.lagged]]
    into = head.copy()
    into[frame.waiting] = frame.row["landing"] + np.arange(len(frame.waiting))
    for lag in np.unique(frame.lag):
        left, landed, share = shares(frame.periods.edges, float(lag), under_way)
        mine = np.flatnonzero(frame.lag == lag)
        rows = landed[:, None] * height + into[mine]
        columns = left[:, None] * size + frame.lagged[mine]
        parts.add(rows.ravel(), columns.ravel(), (share[:, None] * gain[mine]).ravel())
    if not len(frame.waiting):
        return
    periods = np.arange(count)[:, None]
    rows = periods * height + frame.row["landing"] + np.arange(len(frame.waiting))
    landed = periods * size + frame.column["landed"] + np.arange(len(frame.waiting))
    afloat = periods * size + frame.column["afloat"] + np.arange(len(frame.waiting))
    parts.add(rows.ravel(), landed.ravel(), -1.0)
    parts.add((periods * height + head[frame.waiting]).ravel(), landed.ravel(), 1.0)
    parts.add(rows.ravel(), afloat.ravel(), -1.0)
    parts.add(rows[1:].ravel(), afloat[:-1].ravel(), 1.0)
    if under_way == "cycle":
        parts.add(rows[0], afloat[-1], 1.0)


def _tanks(system: ExportSystem, frame: Frame, parts: Builder, stocks: str) -> None:
    number, planned = len(frame.stock_tank), frame.periods.planned
    if not number:
        return
    periods, each = np.arange(planned)[:, None], np.arange(number)
    above = periods * frame.size + frame.column["above"] + each
    below = periods * frame.size + frame.column["below"] + each
    balance = periods * frame.height + frame.stock_row
    following = balance[1:]
    before = (above[:-1], below[:-1])
    if stocks == "cycle":
        following, before = np.roll(balance, -1, axis=0), (above, below)
    for sign, now, then in ((-1.0, above, before[0]), (1.0, below, before[1])):
        parts.add(balance.ravel(), now.ravel(), sign)
        parts.add(following.ravel(), then.ravel(), -sign)
    tank = periods * frame.height + frame.row["tank"] + frame.stock_tank
    weights = np.tile(stock_weights(system, frame), planned)
    parts.add(tank.ravel(), above.ravel(), weights)
    parts.add(tank.ravel(), below.ravel(), -weights)


def _paces(frame: Frame, parts: Builder) -> None:
    """Output a day against output a day of the period before."""
    planned = frame.periods.planned
    per_day = 1.0 / frame.periods.days[:planned, None]
    periods = np.arange(planned)[:, None]
    for name, fields in (("turn_down", frame.slow), ("restart", frame.slow_back)):
        rows = periods * frame.height + frame.row[name] + np.arange(len(fields))
        output = periods * frame.size + frame.column["output"] + fields
        factor = np.broadcast_to(per_day, rows.shape)
        parts.add(rows.ravel(), output.ravel(), factor.ravel())
        parts.add(rows[1:].ravel(), output[:-1].ravel(), -factor[:-1].ravel())
    rows = periods * frame.height + frame.row["turn_down"] + np.arange(len(frame.slow))
    trip = periods * frame.size + frame.column["trip"] + np.arange(len(frame.slow))
    parts.add(rows.ravel(), trip.ravel(), np.broadcast_to(per_day, rows.shape).ravel())


def _stretches(system: ExportSystem, single: Program, frame: Frame, parts: Builder) -> None:
    rows, columns = frame.after
    number = len(frame.contracts)
    layout = frame.layout
    flows = single.column_of_entry < layout.column["output"]
    for place, bucket in enumerate(frame.contracts):
        parts.add(rows + place, np.array([columns + place]), 1.0)
        # Paid before, less what has been made up of it.
        parts.add(rows + number + place, np.array([columns + place]), 1.0)
        mine = flows & (single.index == layout.row["contract"] + bucket.place)
        _over(frame, parts, rows + place, bucket.periods, single.column_of_entry[mine], single.value[mine])
    for offset, (paid, shipped) in enumerate(frame.make_ups):
        column = np.array([columns + number + offset])
        parts.add(rows + shipped, column, -1.0)
        parts.add(rows + number + paid, column, -1.0)
        bucket = frame.contracts[shipped]
        window = list(system.contracts.values())[bucket.place].make_up
        edges, last = frame.periods.edges, frame.contracts[paid].ends + (window.inner if window else 0.0)
        planned = bucket.periods[bucket.periods < frame.periods.planned]
        within = np.clip((last - edges[planned]) / frame.periods.days[planned], 0.0, 1.0)
        row = rows + 2 * number + len(frame.quotas) + offset
        parts.add(row, column, -1.0)
        mine = flows & (single.index == layout.row["contract"] + bucket.place)
        _over(frame, parts, row, planned, single.column_of_entry[mine], single.value[mine], within)
    for place, bucket in enumerate(frame.quotas):
        mine = single.index == layout.row["group"] + bucket.place
        row = rows + 2 * number + place
        _over(frame, parts, row, bucket.periods, single.column_of_entry[mine], single.value[mine])


def _over(
    frame: Frame,
    parts: Builder,
    row: int,
    periods: Ints,
    columns: NDArray[np.int32],
    values: Floats,
    shares: Floats | None = None,
) -> None:
    """Entries of one row that adds up columns over several periods, or shares of them."""
    if shares is not None:
        periods, shares = periods[shares > 0], shares[shares > 0]
    weights = np.ones(len(periods)) if shares is None else shares
    every = periods[:, None] * frame.size + columns.astype(np.intp)
    parts.add(row, every.ravel(), (weights[:, None] * values).ravel())
