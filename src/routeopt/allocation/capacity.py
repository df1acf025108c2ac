"""The capacities of a solved program: which bounds and rows each of them moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.model import Bounds, bounds_of
from routeopt.model.certificate import reduced_costs
from routeopt.model.conversion import Conversion
from routeopt.solve.engine import Solved
from routeopt.solve.highs import Solution
from routeopt.solve.rolling_horizon import SolvedHorizon

__all__ = ["Capacity", "binding", "capacities", "capacities_over_time"]

Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Capacity:
    """The limit of a leg or a group, in one period or in all of a horizon.

    ``size`` and ``use``: inner units a day in the measure of the system, or vessels; ``unit``: ``vessels``, or empty
    for a flow. ``columns`` are those whose upper bound grows with it, each by ``share``; ``row`` is its row, or -1, it
    counts ``per_unit`` for a unit of the system: barrels for a tonne. Over a horizon there are several ``rows``, which
    grow by ``row_share``.
    """

    name: str
    kind: str
    size: float
    use: float
    unit: str
    columns: Ints
    share: Floats
    row: int
    per_unit: float
    rows: Ints = field(default_factory=lambda: np.array([], np.intp))
    row_share: Floats = field(default_factory=lambda: np.array([]))

    @property
    def full(self) -> bool:
        """Whether the allocation takes all of it."""
        return self.use >= self.size * (1 - 1e-7)

    def at(self, bounds: Bounds, size: float) -> Bounds:
        """Bounds with another size of this capacity."""
        step = size - self.size
        upper = bounds.upper.copy()
        upper[self.columns] = np.maximum(0.0, upper[self.columns] + step * self.share)
        changed = replace(bounds, upper=upper)
        if len(self.rows):
            row_upper = changed.row_upper.copy()
            row_upper[self.rows] = np.maximum(0.0, row_upper[self.rows] + step * self.row_share)
            return replace(changed, row_upper=row_upper)
        if self.row < 0:
            return changed
        limit = max(0.0, changed.row_upper[self.row] + step * self.per_unit)
        return changed.with_rows([self.row], changed.row_lower[self.row], limit)

    def weight(self, solved: Solved, cost: Floats, solution: Solution) -> float:
        """By how much the minimum of a cost falls for each unit more, from the multipliers of a solution."""
        d = reduced_costs(solved.program, cost, solution.y)[self.columns]
        # A bound counts only where it holds the column down; below its row's limit it may be redundant.
        held = np.minimum(d, 0.0)
        value = -float(held @ self.share)
        if self.row >= 0:
            value -= min(0.0, float(solution.y[self.row])) * self.per_unit
        return value


def capacities(solved: Solved) -> Iterator[Capacity]:
    """Every leg that works and has a limit, and every group."""
    layout, system, bounds = solved.program.layout, solved.situation.system, solved.whole_bounds
    x, convert, hair = solved.answer.x, Conversion(solved.situation.system), 1e-9 * solved.bounds.unit
    activity = solved.program.row_activity(x)
    row_of = dict(zip(layout.several.tolist(), range(layout.row["leg"], layout.row["group"]), strict=True))
    by_leg = np.argsort(layout.flow_leg, kind="stable")
    starts = np.searchsorted(layout.flow_leg[by_leg], np.arange(len(layout.topology.legs) + 1))
    for place, (name, leg) in enumerate(system.legs.items()):
        columns, row = by_leg[starts[place] : starts[place + 1]], row_of.get(place, -1)
        if not len(columns) or not solved.situation.runs(name):
            continue
        use = float(activity[row] if row >= 0 else x[columns[0]])
        limit = float(bounds.row_upper[row] if row >= 0 else bounds.upper[columns[0]])
        if not np.isfinite(limit):
            continue
        streams = [layout.topology.commodities[c] for c in layout.flow_stream[columns]]
        left = solved.situation.in_service(name) or 1.0
        share = np.array([min(1.0, solved.situation.embargo.get((name, s), 1.0) / left) for s in streams])
        if row < 0 and share[0] > 0:
            limit /= share[0]  # the bound of a column that an embargo cuts is a part of the capacity
        per_unit = 1.0
        if row >= 0 and leg.measured_by not in ("", system.measured_by):
            flow = float(x[columns].sum())
            per_unit = use / flow if flow > hair else convert.mean(leg.measured_by, streams)
            share = share * per_unit / convert.to(leg.measured_by)[layout.flow_stream[columns]]
        yield Capacity(name, "leg", limit / per_unit, use / per_unit, "", columns, share, row, per_unit)
    for offset, (name, group) in enumerate(system.groups.items()):
        row = layout.row["group"] + offset
        basis, unit = (group.capacity.measured_by, "") if group.capacity else ("", "vessels")
        per_unit = convert.mean(basis, system.streams)
        size, use = float(bounds.row_upper[row]) / per_unit, float(activity[row]) / per_unit
        yield Capacity(name, "group", size, use, unit, np.array([], np.intp), np.array([]), row, per_unit)


def capacities_over_time(solved: SolvedHorizon) -> Iterator[tuple[Capacity, Capacity, float]]:
    """As `capacities`, of a horizon: a unit is one more (or less) a day on every day.

    The second has what can become less, down to a size at which there is nothing left of it on some day. A day on
    which an alternative still climbs does not count, since its capacity is not what holds it then.
    """
    prepared, layout = solved.prepared, solved.prepared.program.layout
    system, bounds = prepared.situation.system, solved.bounds
    single, convert, planned = (
        bounds_of(prepared.program.single, prepared.situation),
        Conversion(system),
        layout.periods.planned,
    )
    days, total = layout.periods.days[:planned], float(layout.periods.days[:planned].sum())
    columns = layout.by_period(np.arange(prepared.program.shape[1], dtype=float)).astype(np.intp)[:planned]
    rows = layout.rows_by_period(np.arange(prepared.program.shape[0], dtype=float)).astype(np.intp)[:planned]
    activity = prepared.program.row_activity(solved.x[: prepared.program.shape[1]])
    several = {int(leg): layout.row["leg"] + row for row, leg in enumerate(layout.several)}
    none = np.array([], np.intp)

    def found(name: str, kind: str, unit: str, per_unit: float, flow: Ints, grows: Floats, held: Ints, shares: Floats
              ) -> Iterator[tuple[Capacity, Capacity, float]]:  # fmt: skip
        limit, use = (bounds.row_upper[held], activity[held]) if len(held) else (bounds.upper[flow], solved.x[flow])
        if not len(limit) or not np.isfinite(limit).all():
            return
        size = float(limit.sum()) / total / per_unit
        whole = Capacity(name, kind, size, float(use.sum()) / total / per_unit, unit, flow, grows, -1, per_unit, held,
                         shares)  # fmt: skip
        most = bounds.upper[flow], bounds.row_upper[held]
        some = tuple((limit > 0.0) & (share > 0.0) for limit, share in zip(most, (grows, shares), strict=True))
        less = replace(
            whole, columns=flow[some[0]], share=grows[some[0]], rows=held[some[1]], row_share=shares[some[1]]
        )
        left = [limit[mine] / share[mine] for limit, share, mine in zip(most, (grows, shares), some, strict=True)]
        yield whole, less, min([size, *(float(part.min(initial=np.inf)) for part in left)])

    for place, (name, leg) in enumerate(system.legs.items()):
        mine = np.flatnonzero(layout.flow_leg == place)
        if not len(mine) or not solved.situation.runs(name):
            continue
        streams, own = [layout.topology.commodities[c] for c in layout.flow_stream[mine]], np.ones(len(mine))
        per_unit = convert.mean(leg.measured_by, streams) if leg.measured_by not in ("", system.measured_by) else 1.0
        if per_unit != 1.0:
            own = per_unit / convert.to(leg.measured_by)[layout.flow_stream[mine]]
        climbs = np.zeros(planned, bool)
        if leg.surge is not None:
            share = solved.shares.means.get(("leg", name), np.ones(len(layout.periods)))[:planned]
            calm = single.row_upper[several[place]] if place in several else single.upper[mine[0]]
            now = bounds.row_upper[rows[:, several[place]]] if place in several else bounds.upper[columns[:, mine[0]]]
            climbs = now < calm * share * days * (1.0 - 1e-9)
        grows = np.where(climbs, 0.0, days)[:, None] * own
        for stream, name_of in enumerate(streams):
            if ("stream", name, name_of) in solved.shares.means:
                grows[:, stream] *= np.minimum(1.0, solved.shares.means["stream", name, name_of][:planned])
        held = rows[:, several[place]] if place in several else none
        shares = np.where(climbs, 0.0, days) * per_unit if place in several else np.array([])
        counts = per_unit if place in several else 1.0
        yield from found(name, "leg", "", counts, columns[:, mine].ravel(), grows.ravel(), held, shares)
    first = layout.after[0] + 2 * len(layout.contracts)
    for place, (name, group) in enumerate(system.groups.items()):
        basis, unit = (group.capacity.measured_by, "") if group.capacity else ("", "vessels")
        per_unit = convert.mean(basis, system.streams)
        held, grows = rows[:, layout.row["group"] + place], days
        quotas = [(first + at, float(layout.periods.days[bucket.periods].sum()))
                  for at, bucket in enumerate(layout.quotas) if bucket.place == place]  # fmt: skip
        if quotas:
            held, grows = np.array([row for row, _ in quotas], np.intp), np.array([length for _, length in quotas])
        yield from found(name, "group", unit, per_unit, none, np.array([]), held, grows * per_unit)


def binding(solved: Solved, stages: Sequence[tuple[Floats, Floats]]) -> list[tuple[str, str]]:
    """What holds an optimum, as (kind, id), from the costs and multipliers of the objectives in turn.

    The first multiplier that is not zero decides. Kinds are ``leg``, ``group``, ``field`` (its output), ``market``
    (its demand) and ``contract``.
    """
    layout, system = solved.program.layout, solved.situation.system
    rows, columns = solved.program.shape
    press, push = np.zeros(columns), np.zeros(rows)
    for cost, y in stages:
        zero = 1e-9 * max(1.0, float(np.abs(cost).max(initial=0.0)))
        for sides, multipliers in ((press, reduced_costs(solved.program, cost, y)), (push, y)):
            undecided = (sides == 0) & (np.abs(multipliers) > zero)
            sides[undecided] = np.sign(multipliers[undecided])
    flow = layout.columns("flow")
    legs = [*layout.flow_leg[press[flow] < 0], *layout.several[push[layout.rows("leg")] < 0]]
    names = [layout.topology.legs[place] for place in legs]
    # What does not stand limits nothing.
    found = [("leg", name) for name in names if solved.situation.runs(name)]
    for kind, of, held in (
        ("field", system.fields, press[layout.columns("output")] < 0),
        ("group", system.groups, push[layout.rows("group")] < 0),
        ("market", system.markets, push[layout.rows("market")] < 0),
        ("contract", system.contracts, push[layout.rows("contract")] > 0),
    ):
        found += [(kind, name) for name, holds in zip(of, held, strict=True) if holds]
    return list(dict.fromkeys(found))
