"""One HiGHS model for many closures: bounds change, every solve starts from the same basis.

The objectives are weighted into one cost, so that a closure is one short solve; the weights are not trusted. The
basis in which a solve ends gives the multipliers of every objective, and with them the proof, as in the kernel: each
variable must sit at the bound that its first reduced cost that is not zero asks for. Where the weights have
misled, the proof fails, and the closure is solved objective by objective.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Bools, Floats
from routeopt.model.certificate import TOLERANCE
from routeopt.solve.batch_problem import Changes, Counts, Plan, moved, nearest
from routeopt.solve.certified import zeros
from routeopt.solve.highs import Session

__all__ = ["Sets", "WarmSession"]

Ints = NDArray[np.int64]
Sets = tuple[Ints, NDArray[np.int32]]

_STEPS = (1.0, 1e6, 1e8)
"""Weights of the last objective, of the one before it, of the first; each of its largest cost. What is lost on the way
makes volumes differ by millionths; more would drown the last objective in rounding."""

_JOINT = 10.0
"""What rounding may amount to, in units of what counts as zero, when an objective outweighs a later one."""

_BLOCK = 2_000_000
_WORTH = 4
"""So many closures a decision make it worth while to solve each decision alone first."""

_FREE, _CHANGES_VOLUME = 0, 2
"""Variables that may be anywhere: at no cost and without another volume, or with one."""

_DOUBTFUL = 3
"""All variables of a basis whose multipliers prove too little."""


class WarmSession:
    """Warm session for closures of one plan, each from the basis of the base program."""

    def __init__(self, plan: Plan) -> None:
        self._plan, program, bounds = plan, plan.program, plan.bounds
        rows, self._columns = program.shape
        costs = np.array([cost for _, cost in plan.stages])
        scales = np.maximum(np.abs(costs).max(axis=1, initial=0.0), 1e-300)
        counts = costs.any(axis=1)
        weights, asked = np.zeros(len(costs)), costs[counts]
        weights[counts] = np.array(_STEPS[: len(asked)])[::-1] / scales[counts]
        self._asked = len(asked)
        if plan.economic:  # whether the volume, which is no objective then, is the same all over the optimum
            asked = np.vstack([asked, plan.report[1]])
        self._costs = np.hstack([asked, np.zeros((len(asked), rows))])
        self._zero = zeros(asked)[:, None]
        self._lower = np.concatenate([bounds.lower, bounds.row_lower])
        self._upper = np.concatenate([bounds.upper, bounds.row_upper])
        self._session = Session(program, bounds)
        self._session.set_cost(weights @ costs)
        self._session.unperturbed()
        none = np.zeros(0)
        self._basis = None
        self._known: dict[bytes, int] = {}
        self._multipliers: list[Floats] = []
        self._basic: list[NDArray[np.intp]] = []
        self._changed: set[int] = set()
        self._single: Changes | None = None
        self._starts: dict[int, Any] = {}
        if not plan.circular and self._session.start_from(None, none.astype(np.int32), none, none):
            self._basis = self._session.basis()
            self._x = self._whole(self._session.point()[None, :])[0]
            self._noted()
            self._side = self._wanted(np.array(self._multipliers))[0]

    def solve(self, changes: Changes, counts: Counts, sets: Sets | None = None) -> tuple[Floats, Bools, Bools]:
        """Solve closures.

        ``counts``: added to; ``sets``: the decisions behind the changes: each closure then starts from the nearest of
        them alone.

        Returns ``proven`` (S,): whether the point was found and is optimal for all objectives in turn. ``alone`` (S,):
        whether it is proven and there is no other optimum.
        """
        many = len(changes.start) - 1
        points, sides = np.zeros((many, self._columns)), np.full(many, -1, np.int64)
        if self._basis is None:
            return points, np.zeros(many, bool), np.zeros(many, bool)
        self._forget()
        known: dict[bytes, int] = {}
        unaffected = self._unaffected(changes)
        near = self._nearest(sets, many, int((~unaffected).sum()))
        points[unaffected], sides[unaffected] = self._x[: self._columns], 0
        twin = np.arange(many)
        for s in np.flatnonzero(~unaffected).tolist():
            a, z = changes.start[s], changes.start[s + 1]
            order = np.argsort(changes.variable[a:z])
            variable = changes.variable[a:z][order]
            lower, upper = changes.lower[a:z][order], changes.upper[a:z][order]
            key = variable.tobytes() + lower.tobytes() + upper.tobytes()
            twin[s] = known.setdefault(key, s)
            if twin[s] == s and self._run(self._starts.get(int(near[s]), self._basis), variable, lower, upper):
                points[s], sides[s] = self._session.point(), self._noted()
        points, sides = points[twin], sides[twin]
        counts.merged += int((twin != np.arange(many)).sum())
        return points, *self._proven(changes, points, sides)

    def _forget(self) -> None:
        """Keep only the basis of the base, so that memory does not grow from part to part."""
        first = self._multipliers[:1]
        self._known = {key: place for key, place in self._known.items() if place == 0}
        self._multipliers, self._basic = first, self._basic[:1]

    def _unaffected(self, changes: Changes) -> Bools:
        """Find the closures under which the base optimum stays feasible and its basis optimal."""
        j, x = changes.variable, self._x[changes.variable]
        side = self._side[j]
        off = (x < changes.lower) | (x > changes.upper)
        off |= (side == -1) & (x != changes.lower) | (side == 1) & (x != changes.upper)
        count = np.concatenate([[0], np.cumsum(off)])
        unaffected: Bools = count[changes.start[1:]] == count[changes.start[:-1]]
        return unaffected

    def _nearest(self, sets: Sets | None, closures: int, many: int) -> Ints:
        """The decision whose own basis each closure starts from, -1 for the base; solved at first use, if it pays."""
        plan = self._plan
        if sets is None or plan.closing is None:
            return np.full(closures, -1, np.int64)
        decisions = len(plan.closing.start) - 1
        if self._single is None:
            if many < _WORTH * decisions:
                return np.full(closures, -1, np.int64)
            self._single = moved(plan, np.arange(decisions + 1), np.arange(decisions, dtype=np.int32))
            self._effort = np.zeros(decisions, np.int64)
            for k in np.flatnonzero(~self._unaffected(self._single)).tolist():
                inside = slice(self._single.start[k], self._single.start[k + 1])
                order = np.argsort(self._single.variable[inside])
                one = self._single
                moves = one.variable[inside][order], one.lower[inside][order], one.upper[inside][order]
                if self._run(self._basis, *moves):
                    self._starts[k], self._effort[k] = self._session.basis(), self._session.iterations
        return nearest(self._effort, *sets)

    def _run(self, basis: Any, variable: NDArray[np.int32], lower: Floats, upper: Floats) -> bool:
        now = set(variable.tolist())
        back = self._changed - now
        self._changed = now
        if not back:
            return self._session.start_from(basis, variable, lower, upper)
        at = np.array(sorted(now | back), np.int32)
        low, up, new = self._lower[at], self._upper[at], at.searchsorted(variable)
        low[new], up[new] = lower, upper
        return self._session.start_from(basis, at, low, up)

    def _noted(self) -> int:
        """The number of the basis in force; its multipliers are kept when it is met for the first time."""
        key, basic = self._session.basic()
        place = self._known.get(key)
        if place is None:
            place = self._known[key] = len(self._multipliers)
            self._multipliers.append(self._session.multipliers(self._costs[:, basic]))
            self._basic.append(basic)
        return place

    def _wanted(self, multipliers: Floats) -> NDArray[np.int8]:
        """Where bases want each variable, shape (bases, N), from their multipliers (bases, objectives, rows)."""
        program, (many, objectives, rows) = self._plan.program, multipliers.shape
        columns = self._columns
        y = multipliers.reshape(-1, rows)
        at = program.column_of_entry + columns * np.arange(len(y))[:, None]
        sums = np.bincount(at.ravel(), (program.value * y[:, program.index]).ravel(), columns * len(y))
        d = np.concatenate([-sums.reshape(many, objectives, columns), multipliers], axis=2)
        d[:, :, :columns] += self._costs[:, :columns]
        small = np.abs(d) <= self._zero
        rounding = (np.where(small, np.abs(d), 0.0) / self._zero).sum(axis=(1, 2))
        d[small] = 0.0
        # Of basic variables too: a reduced cost that does not vanish leaves it a side that it must keep.
        side = np.zeros((many, d.shape[2]), np.int8)
        for stage in reversed(range(self._asked)):
            side = np.where(d[:, stage] == 0, side, np.where(d[:, stage] > 0, -1, 1)).astype(np.int8)
        for last in range(self._asked, objectives):
            side[(side == _FREE) & (d[:, last] != 0)] = _CHANGES_VOLUME
        side[rounding * self._weight(d / self._zero) > _JOINT] = _DOUBTFUL
        return side

    def _weight(self, d: Floats) -> Floats:
        """By what objectives must outweigh later ones, at the most, that would like a variable elsewhere."""
        weight = np.ones(len(d))
        for stage in range(self._asked - 1):
            leads = (d[:, stage] != 0) & (d[:, :stage] == 0).all(axis=1)
            for later in range(stage + 1, self._asked):
                against = leads & (d[:, stage] * d[:, later] < 0)
                ratio = np.abs(np.divide(d[:, later], d[:, stage], out=np.zeros_like(d[:, stage]), where=against))
                weight = np.maximum(weight, ratio.max(axis=1, initial=0.0))
        return weight

    def _whole(self, points: Floats) -> Floats:
        """Points with the activities of the rows behind them."""
        program, many = self._plan.program, len(points)
        rows = program.shape[0]
        at = program.index + rows * np.arange(many)[:, None]
        terms = program.value * points[:, program.column_of_entry]
        activity = np.bincount(at.ravel(), terms.ravel(), rows * many).reshape(many, rows)
        return np.hstack([points, activity])

    def _proven(self, changes: Changes, points: Floats, sides: Ints) -> tuple[Bools, Bools]:
        """Check all points against the arrays and the sides that their bases want; and whether each is alone.

        A point is alone if its basis wants every non-basic variable that can move at one of its bounds: an optimum of
        all objectives in turn then has it there too, and the basic variables follow from the others.
        """
        proven, alone = sides >= 0, np.zeros(len(sides), bool)
        step = max(1, _BLOCK // len(self._lower))
        multipliers = np.array(self._multipliers)
        parts = [self._wanted(multipliers[a : a + step]) for a in range(0, len(multipliers), step)]
        table = np.concatenate(parts)
        loose = (table == _FREE) | (table == _CHANGES_VOLUME)
        loose[np.repeat(np.arange(len(loose)), len(self._basic[0])), np.concatenate(self._basic)] = False
        for a in range(0, len(points), step):
            block = np.arange(a, min(a + step, len(points)))
            part = changes.only(block)
            of = np.repeat(np.arange(len(block)), np.diff(part.start))
            lower, upper = np.tile(self._lower, (len(block), 1)), np.tile(self._upper, (len(block), 1))
            lower[of, part.variable], upper[of, part.variable] = part.lower, part.upper
            x = self._whole(np.where(proven[block][:, None], points[block], 0.0))
            side = table[np.maximum(sides[block], 0)]
            slack = TOLERANCE / 10 * np.maximum(self._plan.bounds.unit, np.abs(x))
            held = np.where(side == 1, upper, lower)
            off = (
                (side == _DOUBTFUL)
                | (x < lower - slack)
                | (x > upper + slack)
                | ((np.abs(side) == 1) & ~(np.abs(x - held) <= slack))
            )
            if self._plan.economic:  # the volume is no objective: where it is not unique, ties have to decide
                off |= (side == _CHANGES_VOLUME) & (lower < upper)
            proven[block] &= ~off.any(axis=1)
            alone[block] = ~(loose[np.maximum(sides[block], 0)] & (lower < upper)).any(axis=1)
        return proven, alone & proven
