"""Second stages of one program: values from the batch engine, cuts from multipliers that are known already."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.decide.expansion.twostage import SecondStage
from routeopt.model.certificate import reduced_costs
from routeopt.solve.batch import run
from routeopt.solve.batch_problem import Plan, differences
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import proven

__all__ = ["Group", "groups_of"]


_SAME = 1e-9


class Group:
    """Scenarios that differ in bounds and technology only.

    Multipliers that are feasible for one of them are feasible for all (they depend on cost and matrix), so each of
    them is a lower bound on every value. A scenario needs a solve for its cut only where no known multiplier attains
    the value that the batch engine has proven.

    ``members``: places of the scenarios; ``second``: the scenarios themselves.
    """

    def __init__(self, members: Sequence[int], second: Sequence[SecondStage]) -> None:
        self.members, self._second, first = list(members), list(second), second[0]
        self._program, self._cost = first.program, first.cost
        report = np.array([first.cost] * 3)
        self._plan = Plan(first.program, first.bounds, (("cost", first.cost),), (), report, None)
        self._session: Session | None = None
        self._known: list[tuple[Floats, Floats]] = []
        self._lower = np.array([one.bounds.lower for one in second])
        self._upper = np.array([one.bounds.upper for one in second])
        self._row_lower = np.array([one.bounds.row_lower for one in second])
        self._row_upper = np.array([one.bounds.row_upper for one in second])

    def solve(self, x: Floats) -> tuple[Floats, list[tuple[int, Floats, float]]]:
        """Values of all scenarios at x, and a cut (scenario, slope, level) for each that touches its value there."""
        bounds = [one.given(x) for one in self._second]
        changes = differences(self._plan, bounds)
        values = run(self._plan, changes.start, changes, np.zeros(0, np.int64), None, None).money
        moved = np.array([one.technology @ x for one in self._second])
        size = np.maximum(1.0, np.abs(values))
        best, of = np.full(len(values), -np.inf), np.zeros(len(values), np.int64)
        for place in range(len(self._known)):
            self._compare(place, moved, best, of)
        for s in range(len(values)):
            if best[s] < values[s] - _SAME * size[s]:
                self._session = self._session or Session(self._program, bounds[s])
                self._session.set_bounds(bounds[s])
                solution, _, _ = proven(self._program, bounds[s], self._cost, self._session, f"scenario {s}")
                self._learn(solution.y)
                self._compare(len(self._known) - 1, moved, best, of)
        cuts = []
        for s, one in enumerate(self._second):
            slope = -(one.technology.T @ self._known[of[s]][0])
            cuts.append((self.members[s], slope, one.constant + float(best[s]) - float(slope @ x)))
        return values + [one.constant for one in self._second], cuts

    def _learn(self, y: Floats) -> None:
        """Keep multipliers, without what is within a solver's tolerance of nothing."""
        small = 1e-9 * max(1.0, float(np.abs(self._cost).max(initial=0.0)))
        y = np.where(np.abs(y) > small, y, 0.0)
        d = reduced_costs(self._program, self._cost, y)
        self._known.append((y, np.where(np.abs(d) > small, d, 0.0)))

    def _compare(self, place: int, moved: Floats, best: Floats, of: NDArray[np.int64]) -> None:
        """Raise the bound of every scenario for which these multipliers are better."""
        y, d = self._known[place]
        bound = _side(y, self._row_lower, self._row_upper) - moved @ y + _side(d, self._lower, self._upper)
        better = bound > best
        best[better], of[better] = bound[better], place


def _side(multiplier: Floats, lower: Floats, upper: Floats) -> Floats:
    """What bounds contribute to the dual bound of every scenario; minus infinity where one is needed that is not."""
    at = np.flatnonzero(multiplier)
    chosen = np.where(multiplier[at] > 0, lower[:, at], upper[:, at])
    total: Floats = (chosen * multiplier[at]).sum(axis=1)
    return total


def groups_of(second: Sequence[SecondStage]) -> list[Group]:
    """Scenarios by program and cost."""
    found: dict[tuple[int, bytes], list[int]] = {}
    for place, one in enumerate(second):
        found.setdefault((id(one.program), one.cost.tobytes()), []).append(place)
    return [Group(members, [second[place] for place in members]) for members in found.values()]
