"""What binds, and what one more unit of it would be worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routeopt.errors import SolveError
from routeopt.program import Bounds
from routeopt.solve.engine import Solved
from routeopt.solve.highs import Session

__all__ = ["bottlenecks"]

Floats = NDArray[np.float64]

_STEP = 1e-4
"""Share of a capacity by which it is raised."""


def bottlenecks(solved: Solved, flow_scale: float) -> pd.DataFrame:
    """Capacities that are full, with the worth of one more unit, found by solving again with a little more.

    Parameters
    ----------
    solved : Solved
    flow_scale : float
        Inner units in one unit of flow.

    Returns
    -------
    pandas.DataFrame
        Index = id; ``kind`` (leg or group); ``state`` (full, or closed); ``capacity`` in the unit in which it counts; ``exports``: tonnes
        more exported per tonne of capacity; ``saves``: USD saved per tonne of capacity with the exported
        volume held. Sorted by what exports most, then by what saves most. Only what is worth something.
    """
    rows = []
    session = Session(solved.program, solved.bounds)
    base_volume = -_value(solved, "volume")
    held = _held(solved, base_volume)
    session.set_bounds(held)
    base_money = _optimum(session, solved.objectives.money)
    for name, kind, capacity, columns, row in _full(solved):
        step = max(_STEP * capacity, _STEP)
        raised = _raise(solved, solved.bounds, columns, row, step)
        session.set_bounds(_hold_shortage(solved, raised))
        gain = (-_optimum(session, solved.objectives.volume) - base_volume) / step
        session.set_bounds(_held(solved, base_volume, raised))
        saved = (base_money - _optimum(session, solved.objectives.money)) / step
        if gain > 1e-6 or saved > 1e-6:
            state = "closed" if capacity == 0 else "full"
            rows.append((name, kind, state, capacity / flow_scale, max(0.0, round(gain, 9)), max(0.0, round(saved, 6))))
    frame = pd.DataFrame(rows, columns=["id", "kind", "state", "capacity", "exports", "saves"]).set_index("id")
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
    return held.with_rows([solved.program.layout.exported_row], volume - 1e-9 * max(1.0, volume), np.inf)


def _full(solved: Solved) -> list[tuple[str, str, float, NDArray[np.intp], int]]:
    """Legs and groups at their limit: id, kind, capacity, columns that it bounds, row (or -1)."""
    layout, system = solved.program.layout, solved.situation.system
    x, bounds = solved.answer.x, solved.bounds
    activity = solved.program.row_activity(x)
    row_of = dict(zip(layout.several.tolist(), range(layout.row["leg"], layout.row["group"]), strict=True))
    by_leg = np.argsort(layout.flow_leg, kind="stable")
    starts = np.searchsorted(layout.flow_leg[by_leg], np.arange(len(layout.topology.legs) + 1))
    found: list[tuple[str, str, float, NDArray[np.intp], int]] = []
    for place, name in enumerate(system.legs):
        columns, row = by_leg[starts[place] : starts[place + 1]], row_of.get(place, -1)
        if not len(columns) or not solved.situation.runs(name):
            continue
        use = activity[row] if row >= 0 else x[columns[0]]
        limit = bounds.row_upper[row] if row >= 0 else bounds.upper[columns[0]]
        if np.isfinite(limit) and use >= limit * (1 - 1e-7) - 1e-9:
            found.append((name, "leg", float(limit), columns, row))
    for offset, name in enumerate(system.groups):
        row = layout.row["group"] + offset
        if activity[row] >= bounds.row_upper[row] * (1 - 1e-7) - 1e-9:
            found.append((name, "group", float(bounds.row_upper[row]), np.array([], np.intp), row))
    return found


def _raise(solved: Solved, bounds: Bounds, columns: NDArray[np.intp], row: int, step: float) -> Bounds:
    upper = bounds.upper.copy()
    upper[columns] += step
    raised = replace(bounds, upper=upper)
    return raised if row < 0 else raised.with_rows([row], raised.row_lower[row], raised.row_upper[row] + step)
