"""Infeasibility: an irreducible conflict, and the smallest relaxation."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.errors import InfeasibleError
from routeopt.model import Bounds, Matrix
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import proven

__all__ = ["Conflict", "elastic", "find_conflict"]

Ints = NDArray[np.intp]

Side = tuple[str, int]
"""Which array of the bounds, and which entry."""

_ZERO = 1e-9


@dataclass(frozen=True)
class Conflict:
    """Rows and column bounds that cannot hold together, while any one fewer can.

    - ``rows``, ``columns``: rows of the program; columns whose bounds matter.
    - ``upper_row``, ``upper_column``: which side of each is part of the conflict (upper if true).
    """

    rows: Ints
    columns: Ints
    upper_row: NDArray[np.bool_]
    upper_column: NDArray[np.bool_]


def elastic(program: Matrix, bounds: Bounds, rows: Ints) -> tuple[Floats, Bounds]:
    """Smallest total by which some rows must give for a flow to exist.

    ``rows``: rows that may give; without them there is an answer.

    Returns ``gives``: by how much each gives: below its lower bound if negative, above its upper bound if positive.
    ``involved``: the bounds without every side that has no part in it. They are still contradictory, by duality.
    """
    n, k = program.shape[1], len(rows)
    # Columns that lift a row's activity (first half) and lower it (second half).
    extended = program.extended(np.tile(rows, 2), np.arange(n, n + 2 * k), np.repeat([1.0, -1.0], k),
                                (program.shape[0], n + 2 * k))  # fmt: skip
    new = bounds.extended(np.zeros(2 * k), np.full(2 * k, np.inf))
    cost = np.concatenate([np.zeros(n), np.ones(2 * k)])
    solution, _, _ = proven(extended, new, cost, Session(extended, new), "smallest change")
    gives = solution.x[n + k :] - solution.x[n : n + k]
    d = -program.column_activity(solution.y)
    involved = Bounds(
        np.where((d > _ZERO) | (bounds.lower == 0), bounds.lower, -np.inf),
        np.where(d < -_ZERO, bounds.upper, np.inf),
        np.where(solution.y > _ZERO, bounds.row_lower, -np.inf),
        np.where(solution.y < -_ZERO, bounds.row_upper, np.inf),
        bounds.unit,
    )
    return np.where(np.abs(gives) > 1e-9 * bounds.unit, gives, 0.0), involved


def find_conflict(program: Matrix, bounds: Bounds) -> Conflict:
    """An irreducible set of rows and bounds that contradict each other, by the deletion filter.

    Every side of every row and bound is dropped in turn; what can be dropped while the rest still has no
    solution is no part of the conflict.
    """
    sides = _sides(bounds)
    current = bounds
    kept: list[Side] = []
    # First drop whole halves, then single sides: most of a large system is not involved.
    for group in _chunks(sides):
        trial = _without(current, group)
        if not _feasible(program, trial):
            current = trial
            continue
        for side in group if len(group) > 1 else ():
            trial = _without(current, [side])
            if _feasible(program, trial):
                kept.append(side)
            else:
                current = trial
        if len(group) == 1:
            kept.append(group[0])
    rows = [(i, which == "row_upper") for which, i in kept if which.startswith("row")]
    columns = [(i, which == "upper") for which, i in kept if not which.startswith("row")]
    return Conflict(
        np.array([i for i, _ in rows], np.intp),
        np.array([i for i, _ in columns], np.intp),
        np.array([up for _, up in rows], bool),
        np.array([up for _, up in columns], bool),
    )


def _sides(bounds: Bounds) -> list[Side]:
    """Every finite side but the zero lower bounds of columns, which are in the nature of a flow."""
    sides = []
    for which, infinite in (("row_lower", -np.inf), ("row_upper", np.inf), ("upper", np.inf)):
        values = getattr(bounds, which)
        sides += [(which, int(i)) for i in np.flatnonzero(values != infinite)]
    sides += [("lower", int(i)) for i in np.flatnonzero((bounds.lower != 0) & np.isfinite(bounds.lower))]
    return sides


def _chunks(sides: list[Side], size: int = 16) -> list[list[Side]]:
    return [sides[i : i + size] for i in range(0, len(sides), size)]


def _without(bounds: Bounds, sides: list[Side]) -> Bounds:
    arrays = {which: getattr(bounds, which).copy() for which in ("lower", "upper", "row_lower", "row_upper")}
    for which, i in sides:
        arrays[which][i] = np.inf if which.endswith("upper") else -np.inf
    return replace(bounds, **arrays)


def _feasible(program: Matrix, bounds: Bounds) -> bool:
    try:
        Session(program, bounds).minimise(np.zeros(program.shape[1]))
    except InfeasibleError:
        return False
    return True
