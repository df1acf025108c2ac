"""Optima of a system as exact functions of the capacity of one leg."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation.capacity import Capacity
from routeopt.errors import CertificateError
from routeopt.program import Objectives, Program, bounds_of, objectives_of
from routeopt.program.certificate import REACH, reduced_costs
from routeopt.program.conversion import Conversion
from routeopt.program.extend import with_row
from routeopt.scenario.effect import Effect
from routeopt.scenario.situation import Situation
from routeopt.solve.engine import program_of
from routeopt.solve.highs import Session, Solution
from routeopt.solve.lexicographic import lexicographic, proven
from routeopt.solve.parametric import Line, breakpoints
from routeopt.system import ExportSystem

__all__ = ["Point", "Study"]

Floats = NDArray[np.float64]

_REFINERY_WEIGHT = 1e3
"""A tonne that a refinery lacks against a tonne exported; checked against the optimum that has no weights."""


@dataclass(frozen=True)
class Point:
    """The optimum at one capacity, in inner units a day.

    Attributes
    ----------
    at, exported, shortage, money : float
        The capacity; what is exported; what refineries lack; spending less revenue.
    """

    at: float
    exported: float
    shortage: float
    money: float


class Study:
    """One system in one situation, with a leg of any capacity.

    Parameters
    ----------
    system : ExportSystem
        Before the scenario.
    situation : Situation
        In which the leg works; what recovers its capital is not in its tariff.
    leg : str

    Attributes
    ----------
    far : float
        A capacity that could never be used up.
    """

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
        self.session = Session(self.program, self.bounds)
        total = (
            min(float(bounds.upper[self.program.layout.columns("output")].sum()), REACH * bounds.unit) or bounds.unit
        )
        share = float(self.capacity.share[self.capacity.share > 0].min(initial=1.0))
        self.far = 2.0 * total / share
        self._points: dict[float, Point] = {}

    def point(self, size: float) -> Point:
        """The certified optimum at one capacity: refineries first, then volume, then money."""
        if size not in self._points:
            costs, at = self.objectives, self.capacity.at(self.bounds, size)
            self.session.set_bounds(at)
            stages = [("shortage", costs.shortage), ("volume", costs.volume), ("money", costs.money)]
            x = lexicographic(self.program, at, stages, [], self.session, check=False).x
            self._points[size] = Point(
                size, -float(costs.volume @ x), float(costs.shortage @ x), float(costs.money @ x)
            )
        return self._points[size]

    def volume(self) -> list[Point]:
        """All corners of the exported volume from zero to `far`, both included.

        Shortage is minimised first and volume second, so shortage weighted with a large number and volume together
        are one concave function, with a corner wherever either has one.
        """
        costs = self.objectives
        cost = costs.volume + _REFINERY_WEIGHT * costs.shortage

        def evaluate(size: float) -> Line:
            at = self.capacity.at(self.bounds, size)
            self.session.set_bounds(at)
            solution, proof, _ = proven(self.program, at, cost, self.session, self.capacity.name)
            return Line(size, -proof.value, _slope(self.capacity, self.program, cost, solution))

        scale = max(self.bounds.unit, abs(evaluate(self.far).value), abs(evaluate(0.0).value))
        # Of the volume, not of the weight: else corners of exports would be lost in it.
        tolerance = max(1e-13 * scale, 1e-9 * max(self.bounds.unit, self.point(self.far).exported))
        lines = breakpoints(evaluate, 0.0, self.far, tolerance)
        points = [self.point(line.at) for line in lines]
        for line, point in zip(lines, points, strict=True):
            if abs(point.exported - _REFINERY_WEIGHT * point.shortage - line.value) > 1e-8 * scale:
                raise CertificateError("serving refineries first cannot be weighed against exports in this system")
        return points

    def money(self) -> list[Point]:
        """All corners of the exported volume and of the money that goes with it.

        Over the whole range netback is not concave, since volume comes first. Between two corners of the volume it
        is: there shortage and volume are straight lines, so what is left is the least cost of a programme whose
        right-hand sides move along a line. The corners are found piece by piece.
        """
        corners = self.volume()
        found = corners[:1]
        for left, right in itertools.pairwise(corners):
            found += [self.point(at) for at in self._inside(left, right)]
            found.append(right)
        return found

    def _inside(self, left: Point, right: Point) -> list[float]:
        """Corners of money between two corners of the volume."""
        cost, layout = self.objectives.money, self.program.layout
        width = right.at - left.at
        growth = np.array([right.exported - left.exported, right.shortage - left.shortage]) / width
        # Volumes are known to the last digits only: they are held a hair apart.
        hair = 1e-11 * max(self.bounds.unit, left.exported, right.exported)
        program, bounds, last = self.program, self.bounds, -1
        starving = bool(self.objectives.shortage.any())
        if starving:
            last = program.shape[0]
            program, bounds = with_row(program, bounds, self.objectives.shortage, -np.inf, np.inf)
        session = Session(program, bounds)

        def evaluate(size: float) -> Line:
            exported, shortage = np.array([left.exported, left.shortage]) + growth * (size - left.at)
            at = self.capacity.at(bounds, size).with_rows([layout.exported_row], exported - hair, exported + hair)
            if starving:
                at = at.with_rows([last], -np.inf, shortage + hair)
            session.set_bounds(at)
            solution, proof, _ = proven(program, at, cost, session, self.capacity.name)
            held = solution.y[[layout.exported_row, last] if starving else [layout.exported_row]]
            slope = _slope(self.capacity, program, cost, solution) - float(held @ growth[: len(held)])
            return Line(size, -proof.value, float(slope))

        scale = max(abs(left.money), abs(right.money), self.bounds.unit)
        tolerance = 1e-9 * scale
        return [line.at for line in breakpoints(evaluate, left.at, right.at, tolerance)[1:-1]]


def _slope(capacity: Capacity, program: Program, cost: Floats, solution: Solution) -> float:
    """By how much the minimum of a cost falls for each unit of capacity more."""
    held = np.minimum(reduced_costs(program, cost, solution.y)[capacity.columns], 0.0)
    value = -float(held @ capacity.share)
    return value - min(0.0, float(solution.y[capacity.row])) * capacity.per_unit if capacity.row >= 0 else value


def _at_zero(program: Program, situation: Situation, name: str) -> Capacity:
    """The capacity of a leg when there is none of it; closures and embargoes leave a share of every unit."""
    layout, system, convert = program.layout, situation.system, Conversion(situation.system)
    leg, place = system.legs[name], program.layout.topology.leg_place[name]
    columns = np.flatnonzero(layout.flow_leg == place)
    names = [layout.topology.commodities[c] for c in layout.flow_stream[columns]]
    left = situation.in_service(name)
    share = left * np.array([situation.embargo.get((name, stream), 1.0) for stream in names])
    where = np.flatnonzero(layout.several == place)
    if not len(where):
        return Capacity(name, "leg", 0.0, 0.0, "", columns, share, -1, 1.0)
    per_unit = convert.mean(leg.basis, names)
    share = share * per_unit / convert.to(leg.basis)[layout.flow_stream[columns]]
    return Capacity(name, "leg", 0.0, 0.0, "", columns, share, layout.row["leg"] + int(where[0]), left * per_unit)
