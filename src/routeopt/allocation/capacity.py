"""The capacities of a solved programme: which bounds and rows each of them moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routeopt.model import Bounds
from routeopt.model.certificate import reduced_costs
from routeopt.model.conversion import Conversion
from routeopt.solve.engine import Solved
from routeopt.solve.highs import Solution

__all__ = ["Capacity", "binding", "capacities"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Capacity:
    """The limit of a leg or a group.

    Attributes
    ----------
    name, kind : str
        Its id; ``leg`` or ``group``.
    size : float
        Inner units a day in the basis of the system, or vessels.
    use : float
        What of it the allocation takes.
    unit : str
        ``vessels``, or empty for a flow.
    columns : int array
        Columns whose upper bound grows with it.
    share : float array
        By how much each of them grows.
    row : int
        Its row, or -1.
    per_unit : float
        What the row counts for a unit of the system: barrels for a tonne.
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
        if row >= 0 and leg.basis not in ("", system.basis):
            flow = float(x[columns].sum())
            per_unit = use / flow if flow > hair else convert.mean(leg.basis, streams)
            share = share * per_unit / convert.to(leg.basis)[layout.flow_stream[columns]]
        yield Capacity(name, "leg", limit / per_unit, use / per_unit, "", columns, share, row, per_unit)
    for offset, (name, group) in enumerate(system.groups.items()):
        row = layout.row["group"] + offset
        basis, unit = (group.capacity.basis, "") if group.capacity else ("", "vessels")
        per_unit = convert.mean(basis, system.streams)
        size, use = float(bounds.row_upper[row]) / per_unit, float(activity[row]) / per_unit
        yield Capacity(name, "group", size, use, unit, np.array([], np.intp), np.array([]), row, per_unit)


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
