"""PuLP: the door to every other solver and to constraints of the caller's own. The only file that imports pulp.

In a PuLP problem all volumes are in the system's own flow unit and money is in USD for its time
(``Mt/y`` and ``USD/y``), so that a constraint is written in the units in which results are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pulp

from routeopt.arrays import Floats
from routeopt.errors import InputError, SolverError, did_you_mean
from routeopt.model import Bounds, Program
from routeopt.model.names import column_names, plain_name, row_names
from routeopt.solve.highs import Session, Solution
from routeopt.system import ExportSystem

__all__ = [
    "PulpSession",
    "Variables",
    "available_solvers",
    "lp_sum",
    "solver_of",
    "to_problem",
    "variables_of",
    "write_problem",
]


@dataclass(frozen=True)
class Variables:
    """Names for the variables of a PuLP problem; volumes in the system's flow unit.

    Attributes
    ----------
    flow : mapping of (leg, commodity)
        Flow at the inlet of a leg.
    output, shortage, under, deficiency : mapping
        By field; by refinery; by field with a minimum; by contract.
    delivery, intake : mapping
        By (market, commodity); by (refinery, commodity).
    """

    flow: Mapping[tuple[str, str], Any]
    output: Mapping[str, Any]
    delivery: Mapping[tuple[str, str], Any]
    intake: Mapping[tuple[str, str], Any]
    shortage: Mapping[str, Any]
    under: Mapping[str, Any]
    deficiency: Mapping[str, Any]
    _outlets: Mapping[str, Sequence[tuple[str, float]]] = field(default_factory=dict, repr=False)

    def leg(self, name: str) -> Any:
        """Flow of all commodities at the inlet of a leg."""
        return self._sum("leg", name, self.flow)

    def market(self, name: str) -> Any:
        """Deliveries of all commodities to a market."""
        return self._sum("market", name, self.delivery)

    def route(self, name: str) -> Any:
        """Volume of a route, where its marker legs end."""
        if name not in self._outlets:
            raise InputError(f"unknown route {name!r}; {did_you_mean(name, self._outlets)}")
        terms = [gain * v for leg, gain in self._outlets[name] for (key, _), v in self.flow.items() if key == leg]
        return pulp.lpSum(terms)

    def exported(self) -> Any:
        """All deliveries."""
        return pulp.lpSum(self.delivery.values())

    @staticmethod
    def _sum(what: str, name: str, among: Mapping[tuple[str, str], Any]) -> Any:
        known = {key for key, _ in among}
        if name not in known:
            raise InputError(f"unknown {what} {name!r}; {did_you_mean(name, known)}")
        return pulp.lpSum(variable for (key, _), variable in among.items() if key == name)


def to_problem(
    system: ExportSystem, program: Program, bounds: Bounds, cost: Floats, scale: float
) -> tuple[pulp.LpProblem, Variables, list[Any]]:
    """Write a program as a PuLP problem.

    Parameters
    ----------
    scale : float
        Inner units in one flow unit of the system.
    cost : float array
        Objective, already in the unit in which it is to be read.

    Returns
    -------
    problem : pulp.LpProblem
    variables : Variables
    columns : list of pulp.LpVariable
        In the order of the program.
    """
    names, labels = column_names(system, program), row_names(system, program)
    problem, columns = write_problem(program, bounds, cost, scale, plain_name(system.name), names, labels)
    return problem, variables_of(system, program, columns), columns


def write_problem(
    program: Program,
    bounds: Bounds,
    cost: Floats,
    scale: float,
    title: str,
    names: Sequence[str],
    labels: Sequence[str],
) -> tuple[pulp.LpProblem, list[Any]]:
    """A program row by row; rows without bounds or coefficients are left out."""
    problem = pulp.LpProblem(title, pulp.LpMinimize)
    columns = [
        problem.add_variable(name, None if low == -np.inf else float(low), None if high == np.inf else float(high))
        for name, low, high in zip(names, bounds.lower / scale, bounds.upper / scale, strict=True)
    ]
    problem += _sum((columns[j], float(cost[j])) for j in np.flatnonzero(cost)), "objective"
    terms: list[list[tuple[Any, float]]] = [[] for _ in labels]
    entries = zip(program.index.tolist(), program.column_of_entry.tolist(), program.value.tolist(), strict=True)
    for row, column, value in entries:
        terms[row].append((columns[column], value))
    rows = zip(labels, terms, bounds.row_lower / scale, bounds.row_upper / scale, strict=True)
    for label, parts, low, high in rows:
        if parts and low == high:
            problem += _sum(parts) == float(low), label
            continue
        if parts and high < np.inf:
            problem += _sum(parts) <= float(high), label if low == -np.inf else f"{label}_most"
        if parts and low > -np.inf:
            problem += _sum(parts) >= float(low), label if high == np.inf else f"{label}_least"
    return problem, columns


def _sum(terms: Iterable[tuple[Any, float]]) -> Any:
    """Variables times coefficients; pulp.lpSum of products does the same, thirty times slower."""
    make = getattr(pulp.LpAffineExpression, "from_list", pulp.LpAffineExpression)  # PuLP 4, PuLP 3
    return make(list(terms))


def lp_sum(terms: Iterable[Any]) -> Any:
    """Expressions added up."""
    return pulp.lpSum(terms)


def variables_of(system: ExportSystem, program: Program, columns: list[Any]) -> Variables:
    """Names for the columns of one period."""
    layout = program.layout
    legs, streams = layout.topology.legs, layout.topology.commodities
    markets, refineries = list(system.markets), list(system.refineries)

    def pairs(block: str, first: Any, second: Any, names: Sequence[str]) -> dict[tuple[str, str], Any]:
        found = columns[layout.columns(block)]
        return {(names[a], streams[b]): v for a, b, v in zip(first, second, found, strict=True)}

    fields = list(system.fields)
    outlets: dict[str, list[tuple[str, float]]] = {}
    for leg, route in system.metering_legs.items():
        outlets.setdefault(route, []).append((leg, float(program.gain[legs.index(leg)])))
    return Variables(
        pairs("flow", layout.flow_leg, layout.flow_stream, legs),
        dict(zip(fields, columns[layout.columns("output")], strict=True)),
        pairs("delivery", layout.delivery_market, layout.delivery_stream, markets),
        pairs("intake", layout.intake_refinery, layout.intake_stream, refineries),
        dict(zip(refineries, columns[layout.columns("shortage")], strict=True)),
        {fields[i]: v for i, v in zip(layout.minimum_fields, columns[layout.columns("under")], strict=True)},
        dict(zip(system.contracts, columns[layout.columns("deficiency")], strict=True)),
        outlets,
    )


def available_solvers() -> list[str]:
    """Names of the solvers that PuLP finds here, for ``solver="pulp:NAME"``."""
    return list(pulp.listSolvers(onlyAvailable=True))


def solver_of(name: str) -> Callable[[], Any]:
    """A maker of the PuLP solver that ``pulp:NAME`` asks for.

    Raises
    ------
    SolverError
        PuLP does not know it, or it is not installed.
    """
    available = available_solvers()
    if name not in available:
        known = pulp.listSolvers()
        why = "it is not installed" if name in known else did_you_mean(name, known)
        raise SolverError(f"PuLP has no solver {name!r} here: {why}; available: {', '.join(available) or 'none'}")
    return lambda: pulp.getSolver(name, msg=False)


_DIGITS = 1e-7
"""Relative to a number: what solvers that write text may have rounded off, with some room."""


class PulpSession:
    """A second opinion: the point of a PuLP solver, which HiGHS certifies.

    HiGHS solves every objective too: PuLP hands on no multipliers that all solvers give alike, and some solvers write
    eight digits. What is returned is the solver's vertex with all digits and the multipliers of HiGHS.
    """

    def __init__(self, program: Program, bounds: Bounds, name: str) -> None:
        self._program, self._bounds = program, bounds
        self._reference = Session(program, bounds)  # first, since it keeps HiGHS quiet
        self._solver = solver_of(name)

    def set_bounds(self, bounds: Bounds) -> None:
        """Change the bounds in force."""
        self._bounds = bounds
        self._reference.set_bounds(bounds)

    def restart(self) -> None:
        """Make the next solve cold; PuLP's always are."""
        self._reference.restart()

    def minimise(self, cost: Floats) -> Solution:
        """Minimise a cost with PuLP's solver."""
        rows, width = self._program.shape
        names, labels = [f"x{i}" for i in range(width)], [f"r{i}" for i in range(rows)]
        unit = self._bounds.unit
        problem, columns = write_problem(self._program, self._bounds, cost, unit, "routeopt", names, labels)
        outcome = problem.solve(self._solver())
        status = int(getattr(problem, "status", None) or getattr(outcome, "status", 0) or 0)
        if status != 1:
            # Solvers differ in how they say that there is no optimum; the reference says why.
            self._reference.minimise(cost)
            raise SolverError(f"the PuLP solver stopped with status {status}")
        x = np.array([variable.varValue or 0.0 for variable in columns]) * unit
        return Solution(self._sharp(x, cost), self._reference.minimise(cost).y)

    def _sharp(self, x: Floats, cost: Floats) -> Floats:
        """The same vertex with all digits: some solvers write eight of them, and a proof asks for more."""
        bounds, off = self._bounds, _DIGITS * np.maximum(self._bounds.unit, np.abs(x))
        low, high = x <= bounds.lower + off, x >= bounds.upper - off
        lower, upper = np.where(high & ~low, bounds.upper, bounds.lower), np.where(low, bounds.lower, bounds.upper)
        self._reference.set_bounds(replace(bounds, lower=lower, upper=upper))
        try:
            sharp = self._reference.minimise(cost).x
        except SolverError:
            sharp = x
        self._reference.set_bounds(bounds)
        return sharp if (np.abs(sharp - x) <= 10.0 * off).all() else x
