"""Optima of a system as exact functions of the capacity of one leg."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np

from routeopt.allocation.capacity import Capacity
from routeopt.allocation.shadow_prices import Sized
from routeopt.arrays import Floats
from routeopt.model import Bounds, Objectives, Program, bounds_of, objectives_of
from routeopt.model.certificate import REACH
from routeopt.model.conversion import Conversion
from routeopt.scenario.case import Situation
from routeopt.scenario.effect import Effect
from routeopt.solve.cycles import circles_may_pay, refuse_circles, settled
from routeopt.solve.engine import program_of
from routeopt.solve.lexicographic import Answer, lexicographic
from routeopt.solve.parametric import Line, breakpoints
from routeopt.system import ExportSystem

__all__ = ["Point", "Study"]


@dataclass(frozen=True)
class Point:
    """The optimum at one capacity, in inner units a day."""

    at: float
    exported: float
    shortage: float  # what refineries lack
    money: float  # spending less revenue


class Study:
    """One system in one situation, in which a leg works, with any capacity of that leg.

    What recovers its capital is not in its tariff. ``far`` is a capacity that could never be used up."""

    def __init__(self, system: ExportSystem, situation: Situation, leg: str) -> None:
        self.program: Program = program_of(system if situation.effect < Effect.MATRIX else situation.system)
        self.objectives: Objectives = objectives_of(self.program, situation)
        bounds = bounds_of(self.program, situation)
        self.capacity = _at_zero(self.program, situation, leg)
        upper = bounds.upper.copy()
        upper[self.capacity.columns] = 0.0
        self.bounds = replace(bounds, upper=upper)
        if self.capacity.row >= 0:
            self.bounds = self.bounds.with_rows([self.capacity.row], -np.inf, 0.0)
        self.sized = Sized(self.program, self.bounds, self.capacity)
        output = float(bounds.upper[self.program.layout.columns("output")].sum())
        total = min(output, REACH * bounds.unit) or bounds.unit
        share = float(self.capacity.share[self.capacity.share > 0].min(initial=1.0))
        self.far = 2.0 * total / share
        self._points: dict[float, Point] = {}

    def point(self, size: float) -> Point:
        """The certified optimum at one capacity: refineries first, then volume, then money."""
        if size not in self._points:
            costs, at = self.objectives, self.capacity.at(self.bounds, size)
            stages = [("shortage", costs.shortage), ("volume", costs.volume), ("money", costs.money)]

            def again(bounds: Bounds) -> Answer:
                return lexicographic(self.program, bounds, stages, [], self.sized.session, check=False)

            x = settled(self.program, at, stages, again(at), again).answer.x
            self._points[size] = Point(
                size, -float(costs.volume @ x), float(costs.shortage @ x), float(costs.money @ x)
            )
        return self._points[size]

    def volume(self) -> list[Point]:
        """All corners of the exported volume from zero to `far`, both included, and of what refineries lack."""
        return self._corners([self.objectives.shortage, self.objectives.volume])

    def money(self) -> list[Point]:
        """All corners of the exported volume and of the money that goes with it.

        Over the whole range netback is not concave, since volume comes first. Between two corners of the volume it
        is: there the optimal face moves along a straight line, so what is left is the least cost of a program whose
        right-hand sides do. The corners are found piece by piece.
        """
        refuse_circles(circles_may_pay(self.program, self.objectives), "the netback curve")
        return self._corners([self.objectives.shortage, self.objectives.volume, self.objectives.money])

    def _corners(self, costs: list[Floats]) -> list[Point]:
        costs = [cost for cost in costs if cost.any()]
        return [self.point(at) for at in [0.0, *self._inside(0.0, self.far, costs, 0), self.far]]

    def _inside(self, low: float, high: float, costs: list[Floats], place: int) -> list[float]:
        """Corners between two sizes of an objective and of those after it; those before it are straight there."""
        if place == len(costs):
            return []
        cost, step = costs[place], self.sized.chain(0.5 * (low + high), costs[: place + 1])[-1]

        def evaluate(size: float) -> Line:
            return self.sized.minimise(size, cost, step.before)[0]

        scale = max(self.bounds.unit, abs(evaluate(low).value), abs(evaluate(high).value))
        corners = [line.at for line in breakpoints(evaluate, low, high, 1e-9 * scale)]
        found: list[float] = []
        for left, right in itertools.pairwise(corners):
            found += [*([left] if left > low else []), *self._inside(left, right, costs, place + 1)]
        return found


def _at_zero(program: Program, situation: Situation, name: str) -> Capacity:
    """The capacity of a leg when there is none of it; closures and embargoes leave a share of every unit."""
    layout, system, convert = program.layout, situation.system, Conversion(situation.system)
    leg, place = system.legs[name], program.layout.topology.leg_place[name]
    columns = np.flatnonzero(layout.flow_leg == place)
    names = [layout.topology.commodities[c] for c in layout.flow_stream[columns]]
    left = situation.in_service(name)
    share = np.array([situation.open_to(name, stream) for stream in names])
    where = np.flatnonzero(layout.several == place)
    if not len(where):
        return Capacity(name, "leg", 0.0, 0.0, "", columns, share, -1, 1.0)
    per_unit = convert.mean(leg.measured_by, names)
    share = share * per_unit / convert.to(leg.measured_by)[layout.flow_stream[columns]]
    return Capacity(name, "leg", 0.0, 0.0, "", columns, share, layout.row["leg"] + int(where[0]), left * per_unit)
