"""Which columns and rows the programme of a horizon has, and what each of them means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routeopt.model.layout import Layout
from routeopt.scenario.periods import Periods
from routeopt.system import ExportSystem
from routeopt.system.nodes import Terminal

__all__ = ["Bucket", "Frame"]

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bucket:
    """A stretch over which a contract or a quota is counted.

    Attributes
    ----------
    place : int
        Which contract or group.
    number : int
        Which stretch of it; -1 for one that was over before the horizon began.
    periods : int array
        Places of its periods.
    ends : float
        The day after its last, as an ordinal.
    """

    place: int
    number: int
    periods: Ints
    ends: float


@dataclass(frozen=True)
class Frame:
    """The programme of one period, repeated, and what ties the periods together.

    Columns of a period are those of `Layout`, as amounts, and then: ``landed``, what a cargo leg
    gives to its end; ``afloat``, what waits there; ``above`` and ``below``, by how much the stock of each
    (terminal, commodity) differs from what it was at the start; ``trip``, output that falls faster than a field can
    be turned down. After all periods: the deficiency of each stretch of a contract and what is made up between two.

    Rows of a period are those of `Layout` but the last, and then ``landing``, ``tank``, ``turn_down`` and
    ``restart``. After all periods: the volume of each stretch of a contract; what is made up of each; quotas; and of
    what is made up between two, that it is shipped in time.

    Attributes
    ----------
    layout : Layout
        Of one period.
    periods : Periods
    lagged : int array
        Flow columns whose volume is on its way for some time.
    lag : float array
        Days of each of them.
    waiting : int array
        Those of them (places in ``lagged``) that may have to wait at the end.
    tanks : int array
        Nodes with storage.
    stock_tank, stock_stream : int array
        Tank (place in ``tanks``) and commodity of each stock.
    slow, slow_back : int array
        Fields that turn down, and that come back, at a limited pace.
    column, row : mapping of str to int
        Where blocks begin within a period; ``end`` is the number a period.
    contracts, quotas : tuple of Bucket
    make_ups : tuple of (int, int)
        Places in ``contracts``: paid in the first, shipped in the second.
    """

    layout: Layout
    periods: Periods
    lagged: Ints
    lag: Floats
    waiting: Ints
    tanks: Ints
    stock_tank: Ints
    stock_stream: Ints
    slow: Ints
    slow_back: Ints
    column: dict[str, int]
    row: dict[str, int]
    contracts: tuple[Bucket, ...]
    quotas: tuple[Bucket, ...]
    make_ups: tuple[tuple[int, int], ...]

    @classmethod
    def of(
        cls, system: ExportSystem, layout: Layout, periods: Periods, carried: Sequence[tuple[int, float]] = ()
    ) -> Frame:
        """Lay out the programme of a horizon; ``carried``: contract and end of stretches that can still be made up."""
        legs = list(system.legs.values())
        days = np.array([leg.lag for leg in legs])
        lagged = np.flatnonzero(days[layout.flow_leg] > 0)
        lag = days[layout.flow_leg[lagged]]
        # A market without a limit takes whatever arrives.
        open_end = np.array([leg.destination in system.markets and system.markets[leg.destination].demand is None
                             for leg in legs], bool)  # fmt: skip
        waiting = np.flatnonzero(~open_end[layout.flow_leg[lagged]])
        nodes = list(system.nodes.values())
        tanks = np.array([i for i, n in enumerate(nodes) if isinstance(n, Terminal) and n.storage is not None], np.intp)
        tank, stream = np.nonzero(layout.balance_row[tanks] >= 0)
        fields = list(system.fields.values())
        slow = np.array([i for i, f in enumerate(fields) if f.turn_down is not None], np.intp)
        back = np.array([i for i, f in enumerate(fields) if f.restart is not None], np.intp)
        first = {name: at for name, at in layout.column.items() if name != "end"}
        column = _extended(first, layout.column["end"], landed=len(waiting), afloat=len(waiting),
                           above=len(tank), below=len(tank), trip=len(slow))  # fmt: skip
        first = {name: at for name, at in layout.row.items() if name not in ("exported", "end")}
        row = _extended(first, layout.exported_row, landing=len(waiting), tank=len(tanks), turn_down=len(slow),
                        restart=len(back))  # fmt: skip
        contracts = tuple(
            Bucket(place, number, stretch, _end(periods, stretch))
            for place, contract in enumerate(system.contracts.values())
            for number, stretch in enumerate(_stretches(periods, contract.over))
        )
        contracts += tuple(Bucket(place, -1, np.array([], np.intp), ends) for place, ends in carried)
        quotas = tuple(
            Bucket(place, number, stretch, _end(periods, stretch))
            for place, group in enumerate(system.groups.values())
            for number, stretch in enumerate(periods.buckets(group.over) if group.over else ())
        )
        return cls(layout, periods, lagged, lag, waiting, tanks, tank, stream, slow, back, column, row, contracts,
                   quotas, tuple(_make_ups(system, contracts, periods)))  # fmt: skip

    @property
    def size(self) -> int:
        """Columns of a period."""
        return self.column["end"]

    @property
    def height(self) -> int:
        """Rows of a period."""
        return self.row["end"]

    def block(self, name: str) -> slice:
        """Columns of a block within a period."""
        return _block(self.column, name)

    def rows(self, name: str) -> slice:
        """Rows of a block within a period."""
        return _block(self.row, name)

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

    def by_period(self, x: Floats) -> Floats:
        """The columns of all periods, shape (T, columns of a period); a view."""
        return x[: self.after[1]].reshape(len(self.periods), self.size)

    def rows_by_period(self, rows: Floats) -> Floats:
        """The rows of all periods, shape (T, rows of a period); a view."""
        return rows[: self.after[0]].reshape(len(self.periods), self.height)

    @property
    def stock_row(self) -> Ints:
        """Balance row of each stock."""
        rows: Ints = self.layout.balance_row[self.tanks[self.stock_tank], self.stock_stream]
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


def _extended(blocks: dict[str, int], start: int, **sizes: int) -> dict[str, int]:
    blocks = dict(blocks)
    for name, size in sizes.items():
        blocks[name] = start
        start += size
    return {**blocks, "end": start}


def _block(offsets: dict[str, int], name: str) -> slice:
    names = list(offsets)
    return slice(offsets[name], offsets[names[names.index(name) + 1]])
