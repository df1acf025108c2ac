"""The optimum of one period in rational arithmetic: no rounding, no tolerance.

A basis says which variables stand at a bound; the others follow from a square system of equations, and so do the
multipliers of each objective. Both are solved in fractions, and every bound and every sign is compared exactly:

- the point keeps all bounds and rows;
- in each variable that can move, the multipliers of the objectives in turn, (e_1, e_2, ...), begin with one that asks
  for the bound where the variable stands, or are all zero. By that no other point is better in the first objective
  in which it differs.

What is proven is the program with its numbers as they were written: each coefficient, bound and price is read as the
shortest fraction that is the same but for rounding, so that 0.1 is a tenth and 83 Mt/y is 16,600/73 kt/d.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from routeopt.arrays import Floats
from routeopt.errors import SolveError
from routeopt.model import Bounds
from routeopt.model.certificate import TOLERANCE
from routeopt.model.names import column_names, row_names
from routeopt.solve.engine import Solved
from routeopt.solve.highs import Basis, Session, Solution
from routeopt.solve.lexicographic import lexicographic

__all__ = ["Exact", "exact", "not_tried"]

Row = dict[int, Fraction]

_SAME = 4e-16
"""A fraction so near to a number, relative to it, is that number: two roundings away at the most."""


@dataclass(frozen=True)
class Exact:
    """What exact arithmetic says of an allocation.

    Attributes
    ----------
    tried : bool
        Whether there is an exact proof for this kind of plan.
    optimal : bool
        Whether the point is feasible and optimal for all objectives in turn, with no tolerance at all.
    values : dict of str to Fraction
        The optimum of each objective: volumes in tonnes (or barrels) times 1,000 a day, money in thousand USD per day.
    off : float
        Largest difference between a flow of the plan and the exact one, relative to the size of the system.
    why : str
        What stands against it, or why it was not tried; empty if it is optimal.
    seconds : float
    """

    tried: bool
    optimal: bool
    values: dict[str, Fraction]
    distance: float
    reason: str
    seconds: float

    def __bool__(self) -> bool:
        return self.optimal

    def __str__(self) -> str:
        if not self.tried:
            return f"exact proof not tried: {self.reason}"
        if not self.optimal:
            return f"not optimal in exact arithmetic: {self.reason}"
        return f"optimal in exact arithmetic (the plan is off by {self.distance:.0e}, {self.seconds:.2f} s)"


def not_tried(why: str) -> Exact:
    """No exact proof, and the reason."""
    return Exact(False, False, {}, float("nan"), why, 0.0)


class _Recorder:
    """A session that remembers where the solve of each objective ended."""

    def __init__(self, session: Session, bounds: Bounds) -> None:
        self.session, self.bounds = session, bounds
        self.ends: dict[int, tuple[Bounds, Basis]] = {}

    def set_bounds(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.session.set_bounds(bounds)

    def restart(self) -> None:
        self.session.restart()

    def minimise(self, cost: Floats) -> Solution:
        found = self.session.minimise(cost)
        self.ends[id(cost)] = self.bounds, self.session.statuses()
        return found


def exact(solved: Solved) -> Exact:
    """Prove the optimum of one period in rational arithmetic."""
    begun = time.perf_counter()
    program, bounds, goals = solved.program, solved.bounds, solved.objectives
    if not solved.optimal:
        return not_tried("an alternative is no optimum")
    if program.shape[0] > program.layout.shape[0] + len(solved.added):
        return not_tried("how capacity is shared is found in rounds of its own")
    stages = [stage for stage in solved.stages() if stage[1].any()]
    ties = [("transit", goals.transit), ("generic", goals.generic)]
    recorder = _Recorder(Session(program, bounds), bounds)
    try:
        lexicographic(program, bounds, stages, ties, recorder, check=False)
    except SolveError as error:
        return not_tried(f"it begins from an optimum of HiGHS, and there is none ({error})")
    matrix = _Matrix(solved)
    values: dict[str, Fraction] = {}
    z = matrix.point(*recorder.ends[id(goals.generic)])
    why = "a basis is singular" if z is None else matrix.outside(z)
    reduced = []
    for name, cost in stages:
        multipliers = matrix.reduced(cost, recorder.ends[id(cost)][1])
        if z is None or multipliers is None:
            why = why or "a basis is singular"
            break
        reduced.append(multipliers)
        values[name] = sum((_fraction(c) * z[j] for j, c in enumerate(cost.tolist()) if c), Fraction(0))
    why = why or matrix.wrong(z or [], reduced)
    x = np.array([float(value) for value in (z or [])[: program.shape[1]]])
    size = max(256.0 * bounds.unit, float(np.abs(x).max(initial=0.0)))
    off = float(np.abs(x - solved.answer.x).max(initial=0.0)) / size if len(x) else float("inf")
    if not why and off > TOLERANCE:
        why = f"the plan is another point (off by {off:.0e})"
    return Exact(True, not why, values, off, why, time.perf_counter() - begun)


class _Matrix:
    """The program in fractions. Variables are its columns and then the activities of its rows."""

    def __init__(self, solved: Solved) -> None:
        program, bounds = solved.program, solved.bounds
        self.program, self.system = program, solved.situation.system
        self.rows, self.columns = program.shape
        self.of_column: list[Row] = [{} for _ in range(self.columns)]
        entries = zip(program.index.tolist(), program.column_of_entry.tolist(), program.value.tolist(), strict=True)
        for i, j, value in entries:
            self.of_column[j][i] = self.of_column[j].get(i, Fraction(0)) + _fraction(value)
        self.lower = [_bound(value) for value in (*bounds.lower.tolist(), *bounds.row_lower.tolist())]
        self.upper = [_bound(value) for value in (*bounds.upper.tolist(), *bounds.row_upper.tolist())]

    def point(self, held: Bounds, basis: Basis) -> list[Fraction] | None:
        """The values of all variables in a basis."""
        z = []
        for low, high, codes in ((held.lower, held.upper, basis.columns), (held.row_lower, held.row_upper, basis.rows)):
            at = np.where(((codes == 0) & np.isfinite(low)) | ~np.isfinite(high), low, high)
            at = np.where((codes == 1) | (codes == 3), 0.0, at)
            z += [_bound(value) or Fraction(0) for value in at.tolist()]
        inside, loose = np.flatnonzero(basis.columns == 1).tolist(), basis.rows == 1
        right = z[self.columns :]
        for j in range(self.columns):
            if z[j]:
                for i, value in self.of_column[j].items():
                    right[i] -= value * z[j]
        equations: dict[int, Row] = {i: {} for i in range(self.rows) if not loose[i]}
        for j in inside:
            for i, value in self.of_column[j].items():
                if i in equations:
                    equations[i][j] = value
        found = _solved([(row, right[i]) for i, row in equations.items()])
        if found is None or len(found) != len(inside):
            return None
        for j, value in found.items():
            z[j] = value
        z[self.columns :] = [Fraction(0)] * self.rows
        for j in range(self.columns):
            for i, value in self.of_column[j].items():
                z[self.columns + i] += value * z[j]
        return z

    def reduced(self, cost: Floats, basis: Basis) -> list[Fraction] | None:
        """Multipliers of all variables that a basis gives to a cost."""
        costs, loose = [_fraction(value) for value in cost.tolist()], basis.rows == 1
        equations = [({i: value for i, value in self.of_column[j].items() if not loose[i]}, costs[j])
                     for j in np.flatnonzero(basis.columns == 1).tolist()]  # fmt: skip
        y = _solved(equations)
        if y is None:
            return None
        nothing = Fraction(0)
        d = [c - sum((value * y[i] for i, value in column.items() if i in y), nothing)
             for c, column in zip(costs, self.of_column, strict=True)]  # fmt: skip
        return [*d, *(y.get(i, nothing) for i in range(self.rows))]

    def outside(self, z: list[Fraction]) -> str:
        """What breaks a bound, in words."""
        for j, value in enumerate(z):
            low, high = self.lower[j], self.upper[j]
            if (low is not None and value < low) or (high is not None and value > high):
                past = max(low - value if low is not None else value, value - high if high is not None else -value)
                return f"{self._name(j)} breaks a bound by {float(past):.1e}"
        return ""

    def wrong(self, z: list[Fraction], reduced: list[list[Fraction]]) -> str:
        """Which variable would be better elsewhere, in words."""
        for j, value in enumerate(z):
            low, high = self.lower[j], self.upper[j]
            lead = next((multipliers[j] for multipliers in reduced if multipliers[j]), Fraction(0))
            if (lead > 0 and value != low) or (lead < 0 and value != high):
                return f"{self._name(j)} would be better elsewhere (by {float(abs(lead)):.1e} a unit)"
        return ""

    def _name(self, j: int) -> str:
        names = column_names(self.system, self.program)
        names += [f"variable {k}" for k in range(len(names), self.columns)] + row_names(self.system, self.program)
        return names[j] if j < len(names) else f"constraint {j - self.columns}"


@lru_cache(maxsize=2**16)
def _fraction(value: float) -> Fraction:
    """The number that was written: the first convergent of its continued fraction that is the same but for rounding."""
    over, under = Fraction(value).as_integer_ratio()
    p, q, last_p, last_q = 1, 0, 0, 1
    while under:
        digit = over // under
        over, under = under, over - digit * under
        p, q, last_p, last_q = digit * p + last_p, digit * q + last_q, p, q
        if abs(p / q - value) <= _SAME * abs(value):
            break
    return Fraction(p, q)


def _bound(value: float) -> Fraction | None:
    return _fraction(value) if np.isfinite(value) else None


def _solved(equations: list[tuple[Row, Fraction]]) -> Row | None:
    """Solve sparse equations by elimination, the shortest first; None if they are singular."""
    rows = [dict(row) for row, _ in equations]
    right = [value for _, value in equations]
    users: dict[int, set[int]] = {}
    for i, row in enumerate(rows):
        for j in row:
            users.setdefault(j, set()).add(i)
    if len(users) != len(rows):
        return None
    open_rows, order = set(range(len(rows))), []
    while open_rows:
        # Few entries mean little work: what stands alone in its row or column first.
        alone = min(users, key=lambda j: len(users[j]))
        if not users[alone]:
            return None
        pivot, j = min(users[alone], key=lambda i: len(rows[i])), alone
        if len(users[alone]) > 1:
            pivot = min(open_rows, key=lambda i: len(rows[i]))
            if not rows[pivot]:
                return None
            j = min(rows[pivot], key=lambda j: len(users[j]))
        open_rows.discard(pivot)
        row, by = rows[pivot], rows[pivot][j]
        for k in row:
            users[k].discard(pivot)
        for i in users.pop(j):
            factor = rows[i].pop(j) / by
            right[i] -= factor * right[pivot]
            for k, value in row.items():
                if k != j:
                    new = rows[i].get(k, 0) - factor * value
                    if new:
                        rows[i][k] = Fraction(new)
                        users[k].add(i)
                    elif k in rows[i]:
                        del rows[i][k]
                        users[k].discard(i)
        order.append((pivot, j))
    found: Row = {}
    for pivot, j in reversed(order):
        row = rows[pivot]
        found[j] = (right[pivot] - sum(value * found[k] for k, value in row.items() if k != j)) / row[j]
    return found
