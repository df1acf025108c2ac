"""What binds, and what one more unit of it would be worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routeopt.allocation.tables import Scales
from routeopt.errors import SolveError
from routeopt.program import Bounds
from routeopt.program.conversion import Conversion
from routeopt.solve.engine import Solved
from routeopt.solve.highs import Session

__all__ = ["bottlenecks"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_STEP = 1e-4
"""Share of a capacity by which it is raised."""


@dataclass(frozen=True)
class _Full:
    """A leg or group at its limit.

    Attributes
    ----------
    name, kind : str
    capacity : float
        Inner units a day in the basis of the system, or vessels.
    unit : str
        ``vessels`` or empty.
    columns : int array
        Columns that it bounds.
    share : float array
        By how much the bound of each of them grows with the capacity.
    row : int
        Its row, or -1.
    per_unit : float
        What the row counts for a unit of the system: barrels for a tonne.
    """

    name: str
    kind: str
    capacity: float
    unit: str
    columns: Ints
    share: Floats
    row: int
    per_unit: float

    def step(self, solved: Solved) -> float:
        """By how much it is raised."""
        return _STEP * (self.capacity or (1.0 if self.unit else solved.bounds.unit))


def bottlenecks(solved: Solved, scales: Scales) -> pd.DataFrame:
    """Capacities that are full, with the worth of one more unit, found by solving again with a little more.

    Parameters
    ----------
    solved : Solved
    scales : Scales

    Returns
    -------
    pandas.DataFrame
        Index = id; ``kind`` (leg or group); ``state`` (full, or closed); ``capacity`` and its ``unit``: the unit
        of flow, or vessels; ``exports``: tonnes more exported per tonne of capacity; ``saves``: USD saved per
        tonne of capacity with the exported volume held. A vessel is worth units of flow and USD for their time.
        Sorted by what exports most, then by what saves most. Only what is worth something.
    """
    rows = []
    session = Session(solved.program, solved.bounds)
    base_volume = -_value(solved, "volume")
    held = _held(solved, base_volume)
    session.set_bounds(held)
    base_money = _optimum(session, solved.objectives.money)
    for full in _full(solved):
        step = full.step(solved)
        raised = _raise(solved, full, step)
        session.set_bounds(_hold_shortage(solved, raised))
        gain = (-_optimum(session, solved.objectives.volume) - base_volume) / step
        session.set_bounds(_held(solved, base_volume, raised))
        saved = (base_money - _optimum(session, solved.objectives.money)) / step
        if gain > 1e-6 or saved > 1e-6:
            # What a vessel is worth is no ratio of flows: it is shown in the units of the system.
            flow, money = (1.0, 1.0) if full.unit != "vessels" else (scales.flow, 1.0 / scales.money)
            capacity = full.capacity / (scales.flow if full.unit != "vessels" else 1.0)
            state = "closed" if full.capacity == 0 else "full"
            worth = max(0.0, round(gain / flow, 9)), max(0.0, round(saved / money, 6))
            rows.append((full.name, full.kind, state, capacity, full.unit or scales.flow_unit, *worth))
    names = ["id", "kind", "state", "capacity", "unit", "exports", "saves"]
    frame = pd.DataFrame(rows, columns=names).set_index("id")
    return frame.sort_values(["exports", "saves"], ascending=False, kind="stable")


def _value(solved: Solved, stage: str) -> float:
    return float(getattr(solved.objectives, stage) @ solved.answer.x)


def _optimum(session: Session, cost: Floats) -> float:
    try:
        return float(cost @ session.minimise(cost).x)
    except SolveError:
        session.restart()
        return float(cost @ session.minimise(cost).x)


def _hold_shortage(solved: Solved, bounds: Bounds) -> Bounds:
    """Refineries keep what they have."""
    columns = solved.program.layout.columns("shortage")
    upper = bounds.upper.copy()
    upper[columns] = solved.answer.x[columns]
    return replace(bounds, upper=upper)


def _held(solved: Solved, volume: float, bounds: Bounds | None = None) -> Bounds:
    """Refineries and the exported volume keep what they have."""
    held = _hold_shortage(solved, bounds or solved.bounds)
    # A hair below the optimum, which is known to the last digit only.
    return held.with_rows([solved.program.layout.exported_row], volume - 1e-9 * max(solved.bounds.unit, volume), np.inf)


def _full(solved: Solved) -> Iterator[_Full]:
    """Legs and groups at their limit."""
    layout, system, bounds = solved.program.layout, solved.situation.system, solved.bounds
    x, convert, hair = solved.answer.x, Conversion(solved.situation.system), 1e-9 * solved.bounds.unit
    activity = solved.program.row_activity(x)
    row_of = dict(zip(layout.several.tolist(), range(layout.row["leg"], layout.row["group"]), strict=True))
    by_leg = np.argsort(layout.flow_leg, kind="stable")
    starts = np.searchsorted(layout.flow_leg[by_leg], np.arange(len(layout.topology.legs) + 1))
    for place, (name, leg) in enumerate(system.legs.items()):
        columns, row = by_leg[starts[place] : starts[place + 1]], row_of.get(place, -1)
        if not len(columns) or not solved.situation.runs(name):
            continue
        use = activity[row] if row >= 0 else x[columns[0]]
        limit = bounds.row_upper[row] if row >= 0 else bounds.upper[columns[0]]
        if not np.isfinite(limit) or use < limit * (1 - 1e-7) - hair:
            continue
        streams = [layout.topology.commodities[c] for c in layout.flow_stream[columns]]
        share = np.array([solved.situation.embargo.get((name, stream), 1.0) for stream in streams])
        per_unit = 1.0
        if row >= 0 and leg.basis not in ("", system.basis):
            flow = float(x[columns].sum())
            per_unit = use / flow if flow > hair else convert.mean(leg.basis, streams)
            share = share * per_unit / convert.to(leg.basis)[layout.flow_stream[columns]]
        yield _Full(name, "leg", float(limit) / per_unit, "", columns, share, row, per_unit)
    for offset, (name, group) in enumerate(system.groups.items()):
        row = layout.row["group"] + offset
        if activity[row] >= bounds.row_upper[row] * (1 - 1e-7) - hair:
            basis, unit = (group.capacity.basis, "") if group.capacity else ("", "vessels")
            per_unit = convert.mean(basis, system.streams)
            capacity = float(bounds.row_upper[row]) / per_unit
            yield _Full(name, "group", capacity, unit, np.array([], np.intp), np.array([]), row, per_unit)


def _raise(solved: Solved, full: _Full, step: float) -> Bounds:
    upper, row = solved.bounds.upper.copy(), full.row
    upper[full.columns] += step * full.share
    raised = replace(solved.bounds, upper=upper)
    if row < 0:
        return raised
    return raised.with_rows([row], raised.row_lower[row], raised.row_upper[row] + step * full.per_unit)
