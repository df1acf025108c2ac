"""The table of periods, in the units of the system."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routeopt.allocation.trajectory import Reading
from routeopt.units import parse_unit

__all__ = ["period_table"]

Floats = NDArray[np.float64]


def period_table(reading: Reading, scale: float, stock_unit: str) -> pd.DataFrame:
    """See `HorizonAllocation.periods`; ``scale``: inner units a day in one unit of flow."""
    frame, prepared = reading.frame, reading.course.prepared
    system, layout = prepared.situation.system, frame.layout
    shown, days = frame.periods.reported, frame.periods.days[: frame.periods.reported]
    stock = parse_unit(stock_unit).factor

    def rate(amounts: Floats) -> Floats:
        """Amounts of the periods shown, as rates."""
        return _clean(amounts[:shown].T / days / scale).T

    shortage = reading.block("shortage") @ prepared.usual.objectives.shortage[layout.columns("shortage")]
    columns: dict[tuple[str, str], Floats] = {
        ("total", "days"): days,
        ("total", "exported"): rate(reading.exported),
        ("total", "delivered"): rate(reading.delivered),
        ("total", "produced"): rate(reading.block("output").sum(axis=1)),
        ("total", "shut_in"): rate(reading.shut_in.sum(axis=1)),
        ("total", "shortage"): rate(shortage),
        ("total", "under_way"): _clean(reading.under_way[:shown] / stock),
        ("total", "afloat"): _clean(reading.block("afloat").sum(axis=1)[:shown] / stock),
    }
    for name, flow in reading.routes.items():
        columns["route", name] = rate(flow)
    for place, name in enumerate(system.fields):
        columns["field", name] = rate(reading.block("output")[:, place])
    for place in frame.slow:
        columns["trip", list(system.fields)[place]] = reading.trips[:shown, place] / scale
    for place, name in enumerate(system.fields):
        columns["shut_in", name] = rate(reading.shut_in[:, place])
    delivery = reading.block("delivery")
    for place, name in enumerate(system.markets):
        columns["market", name] = rate(delivery[:, layout.delivery_market == place].sum(axis=1))
    for place, name in enumerate(system.legs):
        columns["leg", name] = rate(reading.leg_flow[:, place])
    for kind, held in (("terminal", reading.terminals), ("room", reading.room)):
        for name, amount in held.items():
            columns[kind, name] = _clean(amount[:shown] / stock)
    index = pd.DatetimeIndex(pd.to_datetime(frame.periods.starts[:shown]), name="from")
    table = pd.DataFrame(columns, index)
    table.columns = pd.MultiIndex.from_tuples(list(columns), names=["kind", "id"])
    return table


def _clean(values: Floats) -> Floats:
    """Zero what lies below the solver's resolution."""
    largest = float(np.abs(values).max(initial=0.0))
    cleaned: Floats = np.where(np.abs(values) < 1e-10 * max(1.0, largest), 0.0, values)
    return cleaned
