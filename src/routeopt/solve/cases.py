"""Many situations at once, grouped by what they share."""

from __future__ import annotations

import concurrent.futures as futures
import hashlib
from collections.abc import Iterable, Sequence

import numpy as np

from routeopt.errors import InputError, Problem
from routeopt.model import Bounds, bounds_of, objectives_of
from routeopt.scenario.case import Situation
from routeopt.scenario.effect import Effect
from routeopt.solve.batch import BatchResult, kept, run
from routeopt.solve.batch_problem import Changes, Counts, Plan, plan_of
from routeopt.solve.engine import program_of
from routeopt.solve.engine_choice import Engine, with_engine
from routeopt.system import ExportSystem

__all__ = ["differences", "solve_batch"]


def solve_batch(
    system: ExportSystem,
    situations: Sequence[Situation],
    *,
    economic: bool = False,
    flows: bool | Iterable[int] = False,
    engine: Engine = "auto",
    executor: futures.Executor | None = None,
    chunk: int | None = None,
) -> BatchResult:
    """Solve any situations; those that differ in bounds only are solved together.

    Parameters
    ----------
    system : ExportSystem
    situations : sequence of Situation
        Those with one matrix and one set of costs share a start; each set of costs has one of its own.
    economic, flows, engine, executor, chunk
        As in `Batch.solve`. Flows of situations with another matrix cannot be stacked: ask for them one by one.

    Returns
    -------
    BatchResult

    Raises
    ------
    InputError
        Flows are asked for that cannot be stacked.
    SolverError
        The kernel was asked for and cannot be had.
    SolveError
        A situation has no optimum, or none that can be proven.

    Examples
    --------
    >>> import routeopt as ro
    >>> from routeopt.scenario.resolve import resolve
    >>> from routeopt.scenario.case import situate
    >>> kz = ro.load("kazakhstan")
    >>> several = [situate(kz, resolve(kz, name)) for name in (None, "cpc-closed")]
    >>> found = solve_batch(kz, several)
    >>> bool(found.exported[0] > found.exported[1]), found.counts.certified
    (True, 2)
    """
    keep = kept(flows, len(situations))
    groups: dict[bytes, list[int]] = {}
    plans: dict[bytes, Plan] = {}
    bounds = []
    for place, situation in enumerate(situations):
        program = program_of(system if situation.effect < Effect.MATRIX else situation.system)
        objectives = objectives_of(program, situation)
        bounds.append(bounds_of(program, situation))
        parts = (program.value, program.index, program.start, objectives.spending, objectives.revenue,
                 objectives.transit, objectives.shortage)  # fmt: skip
        key = hashlib.sha256(b"".join(part.tobytes() for part in parts)).digest()
        groups.setdefault(key, []).append(place)
        if key not in plans:
            plans[key] = plan_of(program, bounds[-1], objectives, None, economic=economic)
    widths = {plan.program.shape[1] for plan in plans.values()}
    if len(keep) and len(widths) > 1:
        raise InputError(Problem("situations have different columns", ("flows",), "ask for their flows one by one"))
    values, counts = np.empty((len(situations), 3)), Counts()
    x = np.empty((len(keep), max(widths, default=0)))
    for key, members in groups.items():
        mine = np.array(members, np.int64)
        wanted = np.flatnonzero(np.isin(mine, keep))
        changes = differences(plans[key], [bounds[place] for place in members])
        plan = with_engine(plans[key], engine, len(mine), bool(len(wanted)), changes)
        found = run(plan, changes.start, changes, wanted, executor, chunk)
        values[mine] = np.column_stack([found.shortage, found.exported, found.money])
        x[np.searchsorted(keep, mine[wanted])] = found.x
        counts.add(found.counts)
    return BatchResult(values[:, 1], values[:, 0], values[:, 2], x, keep, counts)


def differences(plan: Plan, several: Sequence[Bounds]) -> Changes:
    """Bounds of several situations as changes from those of the first."""
    lower0 = np.concatenate([plan.bounds.lower, plan.bounds.row_lower])
    upper0 = np.concatenate([plan.bounds.upper, plan.bounds.row_upper])
    start, variables, lowers, uppers = [0], [], [], []
    for bounds in several:
        lower = np.concatenate([bounds.lower, bounds.row_lower])
        upper = np.concatenate([bounds.upper, bounds.row_upper])
        at = np.flatnonzero((lower != lower0) | (upper != upper0))
        start.append(start[-1] + len(at))
        variables.append(at.astype(np.int32))
        lowers.append(lower[at])
        uppers.append(upper[at])
    return Changes(np.array(start), np.concatenate(variables), np.concatenate(lowers), np.concatenate(uppers))
