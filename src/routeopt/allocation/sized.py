"""Optima of a programme as exact functions of one capacity: one objective after the other.

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

from routeopt.allocation.capacity import Capacity
from routeopt.model import Bounds, Program
from routeopt.model.certificate import reduced_costs
from routeopt.solve.highs import Session, Solution
from routeopt.solve.lexicographic import face, proven
from routeopt.solve.parametric import Line, end_of

__all__ = ["Pins", "Sized", "Step"]

Floats = NDArray[np.float64]
Sides = NDArray[np.int8]


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

    Attributes
    ----------
    cost : float array
    line : Line
        Minus its minimum, and how fast that grows with the capacity.
    solution : Solution or None
        None where the objective counts nothing.
    before, after : Pins
        The face that it was minimised on, and its own.
    """

    cost: Floats
    line: Line
    solution: Solution | None
    before: Pins
    after: Pins


class Sized:
    """A programme with one capacity of any size.

    Parameters
    ----------
    program, bounds
    capacity : Capacity
        ``bounds`` are those at its size.
    """

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
