"""Constraints of the caller's own: read back from a PuLP problem, added to the arrays of one period or of a horizon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from routeopt.errors import InfeasibleError, InputError, did_you_mean
from routeopt.model import Bounds, Objectives, Program, with_rows
from routeopt.model.names import column_names, plain_name, row_names
from routeopt.solve.horizon_solver import Added, Prepared
from routeopt.solve.iis import elastic
from routeopt.solve.pulp_adapter import Variables, lp_sum, to_problem, variables_of, write_problem
from routeopt.system import ExportSystem
from routeopt.units import parse_unit

__all__ = ["ConstraintsFunction", "VariablesByPeriod", "add_constraints", "with_constraints"]

ConstraintsFunction = Callable[..., object]
"""Called with the PuLP problem and its `Variables` or `VariablesByPeriod`; adds what it likes."""

Costs = TypeVar("Costs", bound=Objectives)
Kind = TypeVar("Kind", bound=Program)
Written = tuple[Any, Any, list[Any]]


@dataclass(frozen=True)
class VariablesByPeriod(Mapping[str, Variables]):
    """Names for the variables of a horizon: `Variables` of each period by its first day, ``variables["2025-11-29"]``.

    They are amounts, in the flow unit without its time (``Mt``). ``days`` has the length of each period; ``stock`` what
    a terminal holds when a period ends, by (terminal, first day). Sums over the whole plan have the names of
    `Variables`: ``leg``, ``market``, ``route`` and ``exported``.
    """

    days: Mapping[str, float]
    stock: Mapping[tuple[str, str], Any]
    _periods: Mapping[str, Variables]

    def __getitem__(self, day: str | dt.date) -> Variables:
        if str(day) not in self._periods:
            raise InputError(f"no period begins on {day}; {did_you_mean(str(day), self._periods)}")
        return self._periods[str(day)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._periods)

    def __len__(self) -> int:
        return len(self._periods)

    def leg(self, name: str) -> Any:
        """What enters a leg, of all commodities in all periods."""
        return lp_sum(one.leg(name) for one in self.values())

    def market(self, name: str) -> Any:
        """Deliveries of all commodities to a market in all periods."""
        return lp_sum(one.market(name) for one in self.values())

    def route(self, name: str) -> Any:
        """Volume of a route in all periods, where its marker legs end."""
        return lp_sum(one.route(name) for one in self.values())

    def exported(self) -> Any:
        """All deliveries in all periods."""
        return lp_sum(one.exported() for one in self.values())


def with_constraints(prepared: Prepared, bounds: Bounds, function: ConstraintsFunction) -> Prepared:
    """A horizon with what a function adds; it sees the program in which every closure is known."""
    system, program = prepared.situation.system, prepared.program
    scale = parse_unit(system.units.flow.partition("/")[0]).factor
    names = column_names(system, program), row_names(system, program)
    money = prepared.objectives.money
    problem, columns = write_problem(program, bounds, money, scale, plain_name(system.name), *names)
    frame, days = program.frame, [str(day) for day in program.frame.periods.starts]
    places = frame.by_period(np.arange(program.shape[1], dtype=float)).astype(int)
    width, stock = program.single.shape[1], dict[tuple[str, str], Any]()
    for day, mine in zip(days, places, strict=False):
        for place, node in enumerate(frame.tanks):
            held = np.flatnonzero(frame.stock_tank == place)
            more, less = (mine[frame.block(name)][held] for name in ("above", "below"))
            stock[frame.layout.topology.nodes[node], day] = float(
                prepared.start.reference[held].sum()
            ) / scale + lp_sum(columns[up] - columns[down] for up, down in zip(more, less, strict=True))
    periods = {day: variables_of(system, program.single, [columns[place] for place in mine[:width]])
               for day, mine in zip(days, places, strict=False)}  # fmt: skip
    variables = VariablesByPeriod(dict(zip(days, frame.periods.days.tolist(), strict=False)), stock, periods)
    made, new, objectives, added = _read_back(
        program, bounds, prepared.objectives, function, scale, (problem, variables, columns)
    )
    rows, own = program.shape[0], program.shape[1]
    lower, upper = new.lower.copy(), new.upper.copy()
    # What the function has left as it was follows the closures that each plan knows.
    lower[:own][lower[:own] == bounds.lower], upper[:own][upper[:own] == bounds.upper] = -np.inf, np.inf
    limits = Added(tuple(added), lower, upper, new.row_lower[rows:], new.row_upper[rows:],
                   len(new.lower) - own, _no_plan)  # fmt: skip
    return replace(prepared, program=made, objectives=objectives, added=limits, _kept={})


def _no_plan(program: Program, bounds: Bounds, added: Added, day: dt.date) -> InfeasibleError:
    """The error for constraints under which a horizon cannot be planned."""
    first = program.shape[0] - len(added.names)
    text, changes = f"the added constraints leave no plan that begins on {day}", dict[str, float]()
    try:
        gives, _ = elastic(program, bounds, np.arange(first, program.shape[0]))
        changes = {name: float(give) for name, give in zip(added.names, gives, strict=True) if give}
        text += f"; {', '.join(map(repr, changes))} would have to give way: loosen it, or ask for other periods"
    except InfeasibleError:
        text += ": bounds of variables were narrowed too far; loosen them"
    return InfeasibleError(text, tuple(changes), changes)


def add_constraints(
    system: ExportSystem,
    program: Program,
    bounds: Bounds,
    objectives: Objectives,
    function: ConstraintsFunction,
    scale: float,
) -> tuple[Program, Bounds, Objectives, list[str]]:
    """Let a function add rows, variables and tighter bounds to a program; also gives the names of the added rows.

    Raises
    ------
    InputError
        The function changed the objective or one of our constraints, loosened a bound, or added an integer
        variable.
    """
    written = to_problem(system, program, bounds, objectives.money, scale)
    return _read_back(program, bounds, objectives, function, scale, written)


def _read_back(
    program: Kind, bounds: Bounds, objectives: Costs, function: ConstraintsFunction, scale: float, written: Written
) -> tuple[Kind, Bounds, Costs, list[str]]:
    problem, variables, columns = written
    objective, before = _terms(problem.objective), {row.name: _content(row) for row in problem.constraints()}
    returned = function(problem, variables)
    if _terms(problem.objective) != objective:
        raise InputError("the function replaced the objective; routeopt sets it: volume first, then money")
    after = {row.name: row for row in problem.constraints()}
    changed = [name for name, content in before.items() if name not in after or _content(after[name]) != content]
    if changed:
        raise InputError(f"the function changed the constraint {changed[0]!r}; add others, or use override()")
    known = {variable.name: place for place, variable in enumerate(columns)}
    extra = [variable for variable in problem.variables() if variable.name not in known and variable.name != "__dummy"]
    known.update({variable.name: len(columns) + place for place, variable in enumerate(extra)})
    whole = [variable.name for variable in (*columns, *extra) if variable.cat == "Integer"]
    if whole:
        raise InputError(f"variable {whole[0]!r} is whole-numbered; an allocation is a linear program, "
                         "so solve one for each choice and compare them")  # fmt: skip
    added = [constraint for constraint in problem.constraints() if constraint.name not in before]
    new_program = with_rows(program, [_row(constraint, known) for constraint in added], len(known))
    everything = [*columns, *extra]
    lower, upper = _bound(everything, "lowBound", -np.inf, scale), _bound(everything, "upBound", np.inf, scale)
    lower[: len(columns)] = _restored(lower[: len(columns)], bounds.lower)
    upper[: len(columns)] = _restored(upper[: len(columns)], bounds.upper)
    looser = (lower[: len(columns)] < bounds.lower) | (upper[: len(columns)] > bounds.upper)
    if looser.any():
        name = columns[int(np.argmax(looser))].name
        raise InputError(f"the function loosened a bound of {name!r}; raise the capacity with override()")
    # Senses as PuLP counts them: -1 at most, 0 equal, 1 at least; the constant stands on the left.
    right = np.array([-float(constraint.constant) * scale for constraint in added])
    sense = np.array([int(constraint.sense) for constraint in added])
    new_bounds = Bounds(
        lower, upper,
        np.concatenate([bounds.row_lower, np.where(sense < 0, -np.inf, right)]),
        np.concatenate([bounds.row_upper, np.where(sense > 0, np.inf, right)]),
        bounds.unit,
    )  # fmt: skip
    same = (new_bounds.lower[: len(columns)] == bounds.lower).all() and (upper[: len(columns)] == bounds.upper).all()
    if returned is not None and not added and same:
        raise InputError("the function returned something but added nothing; write problem += constraint")
    names = [str(row.name or f"constraint {place + 1}") for place, row in enumerate(added)]
    return new_program, new_bounds, _padded(objectives, len(extra)), names


def _terms(expression: Any) -> dict[str, float]:
    """Coefficients by variable."""
    return {} if expression is None else {variable.name: float(value) for variable, value in expression.items()}


def _content(row: Any) -> tuple[dict[str, float], float, int]:
    return _terms(row), float(row.constant), int(row.sense)


def _row(constraint: Any, known: dict[str, int]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    terms = _terms(constraint)
    return np.array([known[name] for name in terms], np.intp), np.array(list(terms.values()), float)


def _bound(variables: list[Any], which: str, missing: float, scale: float) -> NDArray[np.float64]:
    values = [getattr(variable, which) for variable in variables]
    return np.array([missing if value is None else float(value) * scale for value in values])


def _restored(values: NDArray[np.float64], own: NDArray[np.float64]) -> NDArray[np.float64]:
    """Our own bounds where the function left them: through PuLP and back they lose their last digit."""
    return np.where(np.isclose(values, own, rtol=1e-12, atol=1e-12), own, values)


def _padded(objectives: Costs, extra: int) -> Costs:
    """Added variables cost nothing, except that ties are broken on them too."""
    zeros, ones = np.zeros(extra), 1.5 + np.arange(extra) / (7.0 + 10.0 * extra)
    fields = {name: np.concatenate([getattr(objectives, name), zeros]) for name in objectives.__dataclass_fields__}
    fields["generic"] = np.concatenate([objectives.generic, ones])
    return replace(objectives, **fields)
