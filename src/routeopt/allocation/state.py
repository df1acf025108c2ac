"""How things stand when a horizon ends, so that another can go on from there."""

from __future__ import annotations

import numpy as np

from routeopt.allocation.trajectory import Trajectory
from routeopt.model import bounds_of
from routeopt.model.temporal import Cargoes, Start
from routeopt.model.temporal.commitments import contract_dues

__all__ = ["state_after"]


def state_after(trajectory: Trajectory) -> Start:
    """The state on the day after the last reported period."""
    solved, layout = trajectory.solved, trajectory.layout
    prepared, periods = solved.prepared, layout.periods
    last = periods.reported - 1
    end = periods.edges[last + 1]
    old = prepared.start
    which, begun, ended, amount = [], [], [], []
    flow = trajectory.block("flow")
    for place, (column, lag) in enumerate(zip(layout.lagged, layout.lag, strict=True)):
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
        old.usual, trajectory.stocks[last], old.reference, trajectory.block("afloat")[last],
        trajectory.block("output")[last] / periods.days[last], cargoes,
        solved.calls.until(float(end)),
        _begun(trajectory), _used(trajectory), _paid(trajectory),
        float(end), True,
    )  # fmt: skip


def _begun(trajectory: Trajectory) -> tuple[tuple[int, float], ...]:
    """Contracts whose stretch goes on, with what was shipped of it beyond what was due."""
    solved, layout = trajectory.solved, trajectory.layout
    program, periods = solved.prepared.program, layout.periods
    dues = contract_dues(program, solved.prepared.situation, solved.shares)
    columns = program.single.column_of_entry
    begun = []
    for bucket in layout.contracts:
        mine = bucket.periods[bucket.periods < periods.reported]
        if len(mine) and bucket.ends > periods.edges[periods.reported]:
            row = layout.row["contract"] + bucket.place
            counted = (program.single.index == row) & (columns < layout.column["output"])
            shipped = float((trajectory.block("flow")[mine][:, columns[counted]] @ program.single.value[counted]).sum())
            before = _ahead(solved.prepared.start.begun, bucket.place) if bucket.number == 0 else 0.0
            begun.append((bucket.place, before + shipped - float(dues[bucket.place, mine].sum())))
    return tuple(begun)


def _used(trajectory: Trajectory) -> tuple[tuple[int, float], ...]:
    """Groups whose stretch goes on, with what was used of their quota beyond the share of the days till now."""
    solved, layout = trajectory.solved, trajectory.layout
    single, periods = solved.prepared.program.single, layout.periods
    limits = bounds_of(single, solved.prepared.situation).row_upper
    used = []
    for bucket in layout.quotas:
        mine = bucket.periods[bucket.periods < periods.reported]
        if len(mine) and bucket.ends > periods.edges[periods.reported]:
            row = layout.row["group"] + bucket.place
            counted = single.index == row
            taken = float((trajectory.x[mine][:, single.column_of_entry[counted]] @ single.value[counted]).sum())
            name = list(solved.prepared.situation.system.groups)[bucket.place]
            left = solved.shares.means.get(("group", name), np.ones(len(periods)))[mine]
            before = _ahead(solved.prepared.start.used, bucket.place) if bucket.number == 0 else 0.0
            used.append((bucket.place, before + taken - float(limits[row] * (left @ periods.days[mine]))))
    return tuple(used)


def _paid(trajectory: Trajectory) -> tuple[tuple[int, float, float], ...]:
    """Deficiencies of stretches that are over and can still be made up: contract, end of the stretch, what is left."""
    solved, layout = trajectory.solved, trajectory.layout
    contracts = list(solved.prepared.situation.system.contracts.values())
    end, first = layout.periods.edges[layout.periods.reported], layout.after[1]
    paid = []
    for place, bucket in enumerate(layout.contracts):
        window = contracts[bucket.place].make_up
        if window is None or bucket.ends > end or bucket.ends + window.inner <= end:
            continue
        made_up = sum(
            float(solved.x[first + len(layout.contracts) + pair])
            for pair, (short, shipped) in enumerate(layout.make_ups)
            if short == place and layout.contracts[shipped].ends <= end
        )
        left = float(solved.x[first + place]) - made_up
        if left > 0.0:
            paid.append((bucket.place, bucket.ends, left))
    return tuple(paid)


def _ahead(balances: tuple[tuple[int, float], ...], place: int) -> float:
    return sum(value for which, value in balances if which == place)
