"""Constraints of the caller's own: read back from a PuLP problem and added to the arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from routeopt.errors import InputError
from routeopt.model import Bounds, Objectives, Program, with_rows
from routeopt.solve.pulp_adapter import to_problem
from routeopt.system import ExportSystem

__all__ = ["ConstraintsFunction", "add_constraints", "read_back"]

ConstraintsFunction = Callable[..., object]
"""Called with the PuLP problem and its variables; adds what it likes."""

Costs = TypeVar("Costs", bound=Objectives)
Kind = TypeVar("Kind", bound=Program)
Written = tuple[Any, Any, list[Any]]


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
    return read_back(program, bounds, objectives, function, scale, written)


def read_back(
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
