"""HiGHS, driven directly with arrays. The only file that imports highspy."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.errors import InfeasibleError, SolverError, UnboundedError
from routeopt.model import Bounds, Matrix

__all__ = ["Basis", "Incumbent", "Session", "Solution", "version"]


SIMPLEX_COLUMNS = 50_000
"""Above this many columns the interior point method is faster from cold."""

_FEASIBLE = 2
"""HiGHS code of a feasible point."""

_WITHOUT_LIMIT = 2.0**32
"""A finite bound of so many units is never met: all that is produced or demanded is a few hundred."""


@dataclass(frozen=True)
class Basis:
    """Where each column and row stands: 0 at its lower bound, 1 basic, 2 at its upper bound, 3 free at zero."""

    columns: NDArray[np.int8]
    rows: NDArray[np.int8]


@dataclass(frozen=True)
class Solution:
    """Answer of a solver, not yet certified.

    ``x`` (columns,): the point; ``y`` (rows,): multipliers of the rows.
    """

    x: Floats
    y: Floats


class Incumbent(NamedTuple):
    """Answer of a solver for a mixed-integer program; without multipliers it cannot be certified here.

    ``x``: the best point, None if time ran out before there was one; ``bound``: no point costs less; ``finished``:
    whether the point is optimal within a gap of 1e-9.
    """

    x: Floats | None
    bound: float
    finished: bool

    @property
    def point(self) -> Floats:
        """The best point, where there was no limit of time."""
        assert self.x is not None
        return self.x


class Session:
    """One HiGHS model: the matrix is handed over once, costs and bounds change, solves start warm.

    ``whole``: columns that must be whole numbers; then there are no multipliers and no certificate.
    """

    def __init__(self, program: Matrix, bounds: Bounds, whole: NDArray[np.bool_] | None = None) -> None:
        self._program = program
        self._highs, self._api = _new_solver()
        rows, columns = program.shape
        self._columns = np.arange(columns, dtype=np.int32)
        self._rows = np.arange(rows, dtype=np.int32)
        self._bounds = bounds
        # Tolerances of HiGHS are absolute: it counts in units in which the system has a usual size.
        self._unit = bounds.unit
        self._sharp = False
        status = self._highs.passModel(
            columns, rows, len(program.value), int(self._api.MatrixFormat.kColwise), int(self._api.ObjSense.kMinimize),
            0.0, np.zeros(columns), bounds.lower / self._unit, self._tops(bounds.upper),
            bounds.row_lower / self._unit, bounds.row_upper / self._unit,
            program.start, program.index, program.value,
            np.zeros(columns, np.int32) if whole is None else whole.astype(np.int32),
        )  # fmt: skip
        self._check(status, "the program was not accepted")
        if whole is not None:
            for option in ("mip_rel_gap", "mip_abs_gap"):
                self._highs.setOptionValue(option, 1e-9)
            # Undoing presolve misses bounds by a little more than 1e-9 at times, and HiGHS then calls that an error.
            self._highs.setOptionValue("mip_feasibility_tolerance", 1e-8)
        if columns > SIMPLEX_COLUMNS:
            self._highs.setOptionValue("solver", "ipm")

    def set_bounds(self, bounds: Bounds) -> None:
        """Change what differs from the bounds in force."""
        old, self._bounds = self._bounds, bounds
        changed = np.flatnonzero((old.lower != bounds.lower) | (old.upper != bounds.upper)).astype(np.int32)
        if len(changed):
            lower, upper = bounds.lower[changed] / self._unit, self._tops(bounds.upper[changed])
            self._highs.changeColsBounds(len(changed), changed, lower, upper)
        rows = np.flatnonzero((old.row_lower != bounds.row_lower) | (old.row_upper != bounds.row_upper)).astype(
            np.int32
        )
        if len(rows):
            lower, upper = bounds.row_lower[rows] / self._unit, bounds.row_upper[rows] / self._unit
            self._highs.changeRowsBounds(len(rows), rows, lower, upper)

    def _tops(self, upper: Floats) -> Floats:
        """Upper bounds in units; what stands for "without limit" would drown all else in rounding."""
        tops = upper / self._unit
        return np.where(np.isfinite(tops), np.minimum(tops, _WITHOUT_LIMIT), tops)

    def set_matrix(self, program: Matrix) -> None:
        """Change the coefficients that differ; the program must have the same entries."""
        old, self._program = self._program, program
        for entry in np.flatnonzero(old.value != program.value).tolist():
            row, column = int(program.index[entry]), int(program.column_of_entry[entry])
            self._highs.changeCoeff(row, column, float(program.value[entry]))

    def restart(self) -> None:
        """Forget the basis, so that the next solve is cold; multipliers then come from the basis to the last digit."""
        self._highs.clearSolver()
        self._sharp = True
        self._highs.setOptionValue("presolve", "choose")
        self._highs.setOptionValue("simplex_strategy", 1)
        self._highs.setOptionValue("dual_simplex_cost_perturbation_multiplier", 1.0)
        self._highs.setOptionValue("solver", "ipm" if len(self._columns) > SIMPLEX_COLUMNS else "choose")

    def statuses(self) -> Basis:
        """Basis status of the last solve."""
        basis = self._highs.getBasis()
        return Basis(np.array(basis.col_status).astype(np.int8), np.array(basis.row_status).astype(np.int8))

    def begin_at(self, basis: Basis) -> None:
        """Begin the next solve at a basis; one that is not square or is singular is completed."""
        given, words = self._api.HighsBasis(), [self._api.HighsBasisStatus(code) for code in range(4)]
        given.col_status = [words[code] for code in basis.columns.tolist()]
        given.row_status = [words[code] for code in basis.rows.tolist()]
        given.valid = given.alien = True
        self._check(self._highs.setBasis(given), "the basis was not accepted")

    def begin_again(self, basis: Any) -> None:
        """Begin the next solve where an earlier one ended; a basis from `basis`."""
        self._check(self._highs.setBasis(basis), "the basis was not accepted")

    def simplex(self, primal: bool) -> None:
        """Solve by the simplex method from the basis in force: primal where costs change, dual where bounds do."""
        self._highs.setOptionValue("solver", "simplex")
        self._highs.setOptionValue("presolve", "off")
        # From a good basis few pivots are needed, and costs that are perturbed cost more of them than they save.
        self._highs.setOptionValue("dual_simplex_cost_perturbation_multiplier", 0.0)
        self._highs.setOptionValue("simplex_strategy", 4 if primal else 1)

    def minimise(self, cost: Floats) -> Solution:
        """Minimise a cost from the basis that the last solve left.

        Raises UnboundedError, InfeasibleError, SolverError: there is no optimum.
        """
        status, kinds = self._minimised(cost), self._api.HighsModelStatus
        if status not in (kinds.kOptimal, kinds.kModelEmpty):
            raise SolverError(f"HiGHS stopped: {self._highs.modelStatusToString(status)}")
        solution = self._highs.getSolution()
        y = self.duals(cost) if self._sharp else None
        return Solution(np.array(solution.col_value) * self._unit, np.array(solution.row_dual) if y is None else y)

    def incumbent(self, cost: Floats, seconds: float | None = None) -> Incumbent:
        """Minimise a cost over integers within a time limit in seconds; raises as `minimise` does."""
        highs, kinds = self._highs, self._api.HighsModelStatus
        highs.setOptionValue("time_limit", float("inf") if seconds is None else highs.getRunTime() + seconds)
        status = self._minimised(cost)
        if status not in (kinds.kOptimal, kinds.kModelEmpty, kinds.kTimeLimit):
            raise SolverError(f"HiGHS stopped: {highs.modelStatusToString(status)}")
        info, finished = highs.getInfo(), status != kinds.kTimeLimit
        known = finished or int(info.primal_solution_status) == _FEASIBLE
        x = np.array(highs.getSolution().col_value) * self._unit if known else None
        return Incumbent(x, float(info.mip_dual_bound) * self._unit, finished)

    def _minimised(self, cost: Floats) -> Any:
        """Minimise a cost; how it ended, if there may be an optimum."""
        self._highs.changeColsCost(len(self._columns), self._columns, cost)
        self._run()
        status = self._highs.getModelStatus()
        kinds = self._api.HighsModelStatus
        if status == kinds.kUnboundedOrInfeasible:
            # Presolve cannot tell which; the simplex method can.
            self._highs.setOptionValue("presolve", "off")
            self._run()
            status = self._highs.getModelStatus()
            self._highs.setOptionValue("presolve", "choose")
        if status == kinds.kInfeasible:
            raise InfeasibleError("no flow keeps every constraint")
        if status == kinds.kUnbounded:
            raise UnboundedError("unbounded: a loop of legs without a capacity earns without limit", self._ray())
        return status

    def steps(self, cost: Floats, most: int = 500) -> Floats | None:
        """Where a few simplex iterations for a cost lead; None if that is no point with bounds kept."""
        self._highs.changeColsCost(len(self._columns), self._columns, cost)
        self._highs.setOptionValue("simplex_iteration_limit", most)
        # A point stopped early must be within the true bounds.
        self._highs.setOptionValue("primal_simplex_bound_perturbation_multiplier", 0.0)
        try:
            status = self._highs.run()
        finally:
            self._highs.setOptionValue("primal_simplex_bound_perturbation_multiplier", 1.0)
            self._highs.setOptionValue("simplex_iteration_limit", 2**31 - 1)
        solution = self._highs.getSolution()
        valid = solution.value_valid and status != self._api.HighsStatus.kError
        return np.array(solution.col_value) * self._unit if valid else None

    def basis(self) -> Any:
        """The basis that the last solve left, for `start_from`."""
        return self._highs.getBasis()

    def basic(self) -> tuple[bytes, NDArray[np.intp]]:
        """A key of the last basis, and its variables, columns first and then rows, shape (rows,)."""
        status, basic = self._highs.getBasicVariables()
        self._check(status, "HiGHS has no basis")
        return basic.tobytes(), np.where(basic >= 0, basic, len(self._columns) - 1 - basic).astype(np.intp)

    def multipliers(self, costs: Floats) -> Floats:
        """Multipliers of the rows that the last basis gives to each of several costs, one a row: B' y = c_B.

        ``costs`` (K, rows): costs of the basic variables in the order in which HiGHS keeps them, see `basic`.
        """
        return np.array([self._highs.getBasisTransposeSolve(cost)[1] for cost in costs])

    def duals(self, cost: Floats) -> Floats | None:
        """Multipliers of the rows that the last basis gives to a cost; None if there is no basis to ask."""
        status, basic = self._highs.getBasicVariables()
        if status != self._api.HighsStatus.kOk:
            return None
        of_basic = np.where(basic >= 0, cost[np.maximum(basic, 0)], 0.0)
        status, y = self._highs.getBasisTransposeSolve(of_basic)
        return np.array(y) if status == self._api.HighsStatus.kOk else None

    def set_cost(self, cost: Floats) -> None:
        """Minimise this cost in every `start_from` that follows."""
        self._highs.changeColsCost(len(self._columns), self._columns, cost)

    def unperturbed(self) -> None:
        """Do not shift costs against degeneracy: a few pivots are done before that pays, and end in a cleaner basis.

        What then goes round in circles is stopped, and `start_from` says that there is no optimum.
        """
        self._highs.setOptionValue("dual_simplex_cost_perturbation_multiplier", 0.0)
        self._highs.setOptionValue("simplex_iteration_limit", 20 * (len(self._columns) + len(self._rows)))

    def start_from(self, basis: Any, changed: NDArray[np.int32], lower: Floats, upper: Floats) -> bool:
        """Change some bounds, and solve from a basis.

        - ``basis``: from `basis`; None for the one that the last solve left.
        - ``changed``: columns and then rows, counted on, in order and each once.
        - ``lower``, ``upper``: their bounds.

        Returns: whether HiGHS says that it found an optimum; `point` and `basic` then have it.
        """
        highs, columns = self._highs, len(self._columns)
        if len(changed):
            cut = int(changed.searchsorted(columns))
            tops = self._tops(upper[:cut])
            lower, upper = lower / self._unit, upper / self._unit
            if cut:
                highs.changeColsBounds(cut, changed[:cut], lower[:cut], tops)
            if cut < len(changed):
                highs.changeRowsBounds(len(changed) - cut, changed[cut:] - columns, lower[cut:], upper[cut:])
        if basis is not None:
            highs.setBasis(basis)
        try:
            self._run()
        except SolverError:  # it gives up on costs of very different size: the objectives are then solved in turn
            return False
        return bool(highs.getModelStatus() == self._api.HighsModelStatus.kOptimal)

    @property
    def iterations(self) -> int:
        """Simplex iterations of the last solve."""
        return int(self._highs.getInfo().simplex_iteration_count)

    def point(self) -> Floats:
        """The point of the last solve, shape (columns,)."""
        return np.array(self._highs.getSolution().col_value) * self._unit

    def _run(self) -> None:
        status = self._highs.run()
        if status == self._api.HighsStatus.kError:
            # Somebody else in this process has run HiGHS with another number of threads, which then is fixed.
            self._highs.setOptionValue("threads", 0)
            status = self._highs.run()
        self._check(status, "HiGHS did not run")

    def _ray(self) -> tuple[int, ...]:
        """Return the columns of an unbounded ray."""
        _, known, ray = self._highs.getPrimalRay()
        return tuple(int(column) for column in np.flatnonzero(ray)) if known else ()

    def _check(self, status: Any, message: str) -> None:
        if status == self._api.HighsStatus.kError:
            raise SolverError(message)


def version() -> str:
    """Name and version of the solver."""
    highs, _ = _new_solver()
    return f"HiGHS {highs.version()}"


def _new_solver() -> tuple[Any, ModuleType]:
    api = _import()
    with _silenced():
        highs = api.Highs()
    highs.setOptionValue("output_flag", False)
    # One thread: several would be slower here, and changing their number after a run breaks HiGHS.
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
    highs.setOptionValue("dual_feasibility_tolerance", 1e-9)
    return highs, api


@cache
def _import() -> ModuleType:
    import highspy

    return highspy


_quiet = False


@contextlib.contextmanager
def _silenced() -> Iterator[None]:
    """Swallow the banner that the first HiGHS of a process writes past Python to standard output."""
    global _quiet
    if _quiet:
        yield
        return
    _quiet = True
    try:
        sys.stdout.flush()
        saved = os.dup(1)
    except (OSError, ValueError, AttributeError):  # no standard output to protect
        yield
        return
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
