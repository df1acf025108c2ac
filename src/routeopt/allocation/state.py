"""How things stand when a horizon ends, so that another can go on from there."""

from __future__ import annotations

import numpy as np

from routeopt.allocation.course import Reading
from routeopt.program.temporal import Cargoes, Start
from routeopt.program.temporal.bounds import contract_dues

__all__ = ["state_after"]


def state_after(reading: Reading) -> Start:
    """The state on the day after the last reported period."""
    course, frame = reading.course, reading.frame
    prepared, periods = course.prepared, frame.periods
    last = periods.reported - 1
    end = periods.edges[last + 1]
    old = prepared.start
    which, begun, ended, amount = [], [], [], []
    flow = reading.block("flow")
    for place, (column, lag) in enumerate(zip(frame.lagged, frame.lag, strict=True)):
        for period in range(periods.reported):
            if periods.edges[period + 1] + lag > end and flow[period, column] > 0:
                which.append(place)
                begun.append(periods.edges[period])
                ended.append(periods.edges[period + 1])
                amount.append(flow[period, column])
        for before in np.flatnonzero((old.cargoes.which == place) & (old.cargoes.ended + lag > end)):
            which.append(place)
            begun.append(old.cargoes.begun[before])
            ended.append(old.cargoes.ended[before])
            amount.append(old.cargoes.amount[before])
    cargoes = Cargoes(np.array(which, np.intp), np.array(begun), np.array(ended), np.array(amount))
    return Start(
        old.usual, reading.stocks[last], old.reference, reading.block("afloat")[last],
        reading.block("output")[last] / periods.days[last], cargoes,
        course.called if course.called < end else np.inf, _begun(reading),
    )  # fmt: skip


def _begun(reading: Reading) -> tuple[tuple[int, float], ...]:
    """Contracts whose stretch goes on, with what was shipped of it beyond what was due.

    A deficiency of a stretch that is over has been paid for; making it up ends with the horizon.
    """
    course, frame = reading.course, reading.frame
    program, periods = course.prepared.program, frame.periods
    dues = contract_dues(program, course.prepared.situation, course.shares)
    columns = program.single.column_of_entry
    begun = []
    for bucket in frame.contracts:
        mine = bucket.periods[bucket.periods < periods.reported]
        if len(mine) and (bucket.periods[bucket.periods < periods.planned] >= periods.reported).any():
            row = frame.layout.row["contract"] + bucket.place
            counted = (program.single.index == row) & (columns < frame.layout.column["output"])
            shipped = float((reading.block("flow")[mine][:, columns[counted]] @ program.single.value[counted]).sum())
            begun.append((bucket.place, shipped - float(dues[bucket.place, mine].sum())))
    return tuple(begun)
