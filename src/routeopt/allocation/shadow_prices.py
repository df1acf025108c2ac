"""What one more unit of a capacity is worth, and one less: exact slopes, how far they hold, what binds then.

Three worths, in the order of what an allocation minds: oil that refineries lack no longer, oil exported, money saved.
Each is what solving again finds, as long as those before it stay the same. They differ to the left and to the right
wherever the optimum has a corner. Pieces too short to be seen are passed over: a corner met by round numbers may have
several on top of each other.

Every objective is studied on the optimal face of those before it. A face is named by multipliers, and these stay
right as long as the optima that they belong to move along straight lines: so the face is held at every size of such
a piece exactly, with no tolerance that a price could feed on, and the next objective is a concave function there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation.capacity import Capacity, binding
from routeopt.arrays import Floats
from routeopt.model import Bounds, Program
from routeopt.model.certificate import REACH, reduced_costs
from routeopt.model.sparse import with_row
from routeopt.solve.engine import Solved
from routeopt.solve.highs import Session, Solution
from routeopt.solve.lexicographic import face, proven
from routeopt.solve.parametric import Line, end_of
from routeopt.solve.rolling_horizon import SolvedHorizon

__all__ = ["Side", "Sized", "Worth", "worth_of", "worth_over_time"]

Sides = NDArray[np.int8]

_VISIBLE = 1e-6
"""Pieces shorter than this share of the capacity are passed over."""


@dataclass(frozen=True)
class Pins:
    """Where the objectives so far hold each column and row: 1 at its upper bound, -1 at its lower one, 0 nowhere."""

    columns: Sides
    rows: Sides

    def on(self, bounds: Bounds) -> Bounds:
        """Bounds of the face."""
        lower, upper = _pinned(self.columns, bounds.lower, bounds.upper)
        row_lower, row_upper = _pinned(self.rows, bounds.row_lower, bounds.row_upper)
        return Bounds(lower, upper, row_lower, row_upper, bounds.unit)


def _pinned(side: Sides, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    return np.where(side > 0, upper, lower), np.where(side < 0, lower, upper)


@dataclass(frozen=True)
class Step:
    """One objective at one size.

    ``line``: minus its minimum, and how fast that grows with the capacity; ``solution``: None where it counts nothing;
    ``before`` and ``after``: the face that it was minimised on, and its own.
    """

    cost: Floats
    line: Line
    solution: Solution | None
    before: Pins
    after: Pins


class Sized:
    """A program with one capacity of any size; ``bounds`` are those at its size."""

    def __init__(self, program: Program, bounds: Bounds, capacity: Capacity) -> None:
        self.program, self.bounds, self.capacity = program, bounds, capacity
        self.session = Session(program, bounds)
        # At a size that is not zero: there a bound that is held can be told from one that is not.
        self._some = capacity.at(bounds, capacity.size + bounds.unit)

    def held(self, row: int, value: float) -> Self:
        """The same with the activity of a row held at a value."""
        return type(self)(self.program, self.bounds.with_rows([row], value, value), self.capacity)

    def chain(self, size: float, costs: Sequence[Floats]) -> list[Step]:
        """The objectives in turn at one size."""
        rows, columns = self.program.shape
        pins = Pins(np.zeros(columns, np.int8), np.zeros(rows, np.int8))
        steps: list[Step] = []
        for cost in costs:
            if not cost.any():
                steps.append(Step(cost, Line(size, 0.0, 0.0), None, pins, pins))
                continue
            line, solution = self.minimise(size, cost, pins)
            after = self._after(cost, solution, pins)
            steps.append(Step(cost, line, solution, pins, after))
            pins = after
        return steps

    def minimise(self, size: float, cost: Floats, pins: Pins) -> tuple[Line, Solution]:
        """An objective at one size on a face."""
        bounds = pins.on(self.capacity.at(self.bounds, size))
        self.session.set_bounds(bounds)
        solution, proof, _ = proven(self.program, bounds, cost, self.session, self.capacity.name)
        return Line(size, -proof.value, self._slope(cost, solution, pins)), solution

    def end(self, step: Step, far: float) -> float:
        """How far, towards a size, the line of a step holds; the step must not stand at a corner.

        Its face must hold all the way.
        """
        if step.solution is None:
            return far
        size = float(np.abs(step.cost * step.solution.x).sum())
        tolerance = 1e-11 * max(self.bounds.unit * max(1.0, float(np.abs(step.cost).max())), size)
        return end_of(lambda at: self.minimise(at, step.cost, step.before)[0], step.line, far, tolerance)

    def _slope(self, cost: Floats, solution: Solution, pins: Pins) -> float:
        """By how much the minimum falls for each unit of capacity more."""
        capacity = self.capacity
        d = reduced_costs(self.program, cost, solution.y)[capacity.columns]
        value = -float(_moved(d, pins.columns[capacity.columns]) @ capacity.share)
        if capacity.row >= 0:
            value -= float(_moved(solution.y[capacity.row], pins.rows[capacity.row])) * capacity.per_unit
        value -= float(_moved(solution.y[capacity.rows], pins.rows[capacity.rows]) @ capacity.row_share)
        return value

    def _after(self, cost: Floats, solution: Solution, pins: Pins) -> Pins:
        before = pins.on(self._some)
        after = face(self.program, before, cost, solution.y)
        columns = _sides(before.lower, before.upper, after.lower, after.upper)
        rows = _sides(before.row_lower, before.row_upper, after.row_lower, after.row_upper)
        return replace(pins, columns=pins.columns + columns, rows=pins.rows + rows)


def _moved(multiplier: Floats, side: Sides) -> Floats:
    """What of a multiplier counts where a capacity moves the upper bound: all of it where that is held, else what
    presses against it."""
    moved: Floats = np.where(side > 0, multiplier, np.where(side < 0, 0.0, np.minimum(multiplier, 0.0)))
    return moved


def _sides(lower: Floats, upper: Floats, new_lower: Floats, new_upper: Floats) -> Sides:
    sides: Sides = (new_lower > lower).astype(np.int8) - (new_upper < upper).astype(np.int8)
    return sides


@dataclass(frozen=True)
class Side:
    """Worth of a unit more (or less): ``value`` for each, up to (or down to) the size ``valid_to``; inner units.

    ``following``: (kind, id) of what binds beyond that; ``met``: contracts of which nothing is short any more then.
    """

    value: float
    until: float
    following: tuple[tuple[str, str], ...] = ()
    met: tuple[str, ...] = ()


@dataclass(frozen=True)
class Worth:
    """Worth of a capacity on both sides. There is none to the left of a capacity of zero.

    None in volume where money comes first, since exports then follow from it. None in money where refineries get more
    or less, nor where one unit less exports less; where one more exports more, it is with the exported volume held.
    """

    capacity: Capacity
    relief_up: Side
    relief_down: Side | None
    exports_up: Side | None
    exports_down: Side | None
    saving_up: Side | None
    saving_down: Side | None


class _Study:
    """One side of a capacity of a solved program."""

    def __init__(self, solved: Solved, sized: Sized, far: float) -> None:
        self.solved, self.sized, self.far = solved, sized, far
        size, unit = sized.capacity.size, solved.bounds.unit
        step = _VISIBLE * max(size, unit)
        self.near = size + step if far > size else size - min(step, 0.5 * size)
        self.costs = [cost for _, cost in solved.stages()]

    def sides(self) -> tuple[Side, Side | None, Side | None]:
        """What it relieves, exports and saves."""
        steps = self.sized.chain(self.near, self.costs)
        ends, far = [], self.far
        for step in steps[:-1]:
            far = self.sized.end(step, far)
            ends.append(far)
        found = [self._side(self.sized, self.costs[: k + 1], steps[k].line.slope, end) for k, end in enumerate(ends)]
        relieves, exports = found[0], None if self.solved.economic else found[1]
        saves = None
        if relieves.value == 0.0 and not self._untold:
            if exports is None or exports.value == 0.0:
                end = self.sized.end(steps[-1], far)
                saves = self._side(self.sized, self.costs, steps[-1].line.slope, end)
            elif self.far > self.sized.capacity.size:
                saves = self._held()
        return relieves, exports, saves

    def _held(self) -> Side:
        """What one more saves with the exported volume held."""
        layout, costs = self.solved.program.layout, [self.costs[0], self.costs[-1]]
        exported = float(self.solved.answer.x[layout.columns("delivery")].sum())
        held = self.sized.held(layout.exported_row, exported)
        step = held.chain(self.near, costs)[-1]
        return self._side(held, costs, step.line.slope, held.end(step, self.far))

    @property
    def _untold(self) -> bool:
        """Whether money is no concave function of a capacity: a rule shares out too little, or circles would pay."""
        return self.solved.rationed or self.solved.circular

    def _side(self, sized: Sized, costs: Sequence[Floats], slope: float, until: float) -> Side:
        value = 0.0 if abs(slope) <= 1e-9 * max(1.0, float(np.abs(costs[-1]).max())) else slope
        size, unit = sized.capacity.size, sized.bounds.unit
        if self.far < size:
            return Side(value, max(0.0, until))
        if until == self.far:
            return Side(value, np.inf)
        (before, lacked), (after, lacks) = (
            self._holding(sized, costs, at)
            for at in (0.5 * (self.near + until), until + _VISIBLE * max(unit, until - size))
        )
        own = (sized.capacity.kind, sized.capacity.name)
        new = tuple(key for key in after if key not in before and key != own)
        return Side(value, until, new, tuple(name for name in lacked if name not in lacks))

    def _holding(self, sized: Sized, costs: Sequence[Floats], at: float) -> tuple[list[tuple[str, str]], list[str]]:
        """What holds the optimum at a size, and contracts of which something is short."""
        solved, steps = self.solved, sized.chain(at, costs)
        held = binding(solved, [(step.cost, step.solution.y) for step in steps if step.solution is not None])
        last = steps[-1].solution
        if last is None:
            return held, []
        lacking = last.x[solved.program.layout.columns("deficiency")] > 1e-8 * solved.bounds.unit
        return held, [name for name, lacks in zip(solved.situation.system.contracts, lacking, strict=True) if lacks]


def worth_of(solved: Solved, capacity: Capacity) -> Worth:
    """Worth of a capacity, to the right and to the left: volume for volume, and USD per tonne."""
    sized = Sized(solved.program, solved.whole_bounds, capacity)
    more = _Study(solved, sized, capacity.size + _reach(solved, capacity)).sides()
    less = _Study(solved, sized, 0.0).sides() if capacity.size > 0 else (None, None, None)
    return Worth(capacity, more[0], less[0], more[1], less[1], more[2], less[2])


def _reach(solved: Solved, capacity: Capacity) -> float:
    """More than could ever be used: all output, or as many vessels as would carry it several times over."""
    layout = solved.program.layout
    unit = solved.bounds.unit
    total = min(float(solved.bounds.upper[layout.columns("output")].sum()), REACH * unit) or unit
    if capacity.unit != "vessels":
        return 2.0 * total
    entries = (solved.program.index == capacity.row) & (solved.program.value > 0)
    return 2.0 * total * float(solved.program.value[entries].max(initial=1.0))


def worth_over_time(solved: SolvedHorizon, capacity: Capacity, less: Capacity, least: float) -> Worth:
    """Worth of a unit a day more, and less, on every day of a horizon: means of its days, found by solving again.

    Objectives are minimised in turn at a size beside the one that is, each on the exact face of those before it.
    ``least``: how far ``less`` can go.
    """
    names = [name for name, _ in solved.stages()]
    costs = [cost for _, cost in solved.stages()]
    # Shares of an apportionment are not held: refineries and exports do not depend on them.
    sharing, days = solved.prepared.sharing(solved.bounds), solved.prepared.program.layout.periods.total
    program, bounds = solved.program, sharing.bounds(solved.bounds) if sharing else solved.bounds
    unit = bounds.unit * len(solved.prepared.program.layout.periods) / days
    told = bool(solved.prepared.apportion[1]) or solved.prepared.circular

    def side(one: Capacity, far: float) -> tuple[Side, Side | None, Side | None]:
        size, step = one.size, _VISIBLE * max(one.size, unit)
        near = size + step if far > size else size - min(step, 0.5 * (size - far))
        sized = Sized(program, bounds, one)
        steps = dict(zip(names, sized.chain(near, costs), strict=True))

        def read(last: float, of: Sized, step: Step) -> Side:
            end = of.end(step, last)
            zero = 1e-9 * max(1.0, float(np.abs(step.cost).max()))
            value = 0.0 if abs(step.line.slope) <= zero * days else step.line.slope / days
            return Side(value, np.inf if far > size and end >= far else end)

        relieves = read(far, sized, steps["shortage"])
        end, exports = relieves.until if np.isfinite(relieves.until) else far, None
        if "volume" in steps:
            exports = read(end, sized, steps["volume"])
        if told or relieves.value != 0.0:
            return relieves, exports, None
        if exports is not None:
            end = exports.until if np.isfinite(exports.until) else far
        if exports is None or exports.value == 0.0:
            return relieves, exports, read(end, sized, steps["money"])
        if far < size:
            return relieves, exports, None
        # What one more saves with the exported volume held.
        place = names.index("volume")
        volume = float(costs[place] @ solved.x)
        held = Sized(*with_row(program, bounds, costs[place], volume, volume), one)
        step_ = held.chain(near, [cost for at, cost in enumerate(costs) if at != place])[-1]
        return relieves, exports, read(far, held, step_)

    output = solved.prepared.program.layout.columns("output")
    made = solved.prepared.program.layout.by_period(solved.bounds.upper)[:, output].sum(axis=1)
    reach = capacity.size + 2.0 * float((made / solved.prepared.program.layout.periods.days).max(initial=unit))
    if capacity.unit == "vessels":
        reach = capacity.size + 1e3
    more = side(capacity, reach)
    fewer = side(less, least_size) if (least_size := capacity.size - least) < capacity.size else (None, None, None)
    return Worth(capacity, more[0], fewer[0], more[1], fewer[1], more[2], fewer[2])
