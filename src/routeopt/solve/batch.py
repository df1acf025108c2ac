"""The one door to many closures: same programme, other bounds, both values of every optimum proven."""

from __future__ import annotations

import concurrent.futures as futures
import itertools
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routeopt.errors import InputError, Problem
from routeopt.model import objectives_of
from routeopt.model.closure_bounds import decisions_of
from routeopt.scenario.case import Situation
from routeopt.scenario.closure import Closure
from routeopt.scenario.effect import Effect
from routeopt.solve import worker
from routeopt.solve.batch_problem import COLD, KERNEL, WARM, Answers, Changes, Counts, Parcel, Plan, plan_of
from routeopt.solve.engine import program_of
from routeopt.solve.engine_choice import Engine, takes_kernel, with_engine
from routeopt.solve.interrupts import interruptible
from routeopt.solve.parallel import pieces, spread
from routeopt.system import ExportSystem

__all__ = ["Batch", "BatchResult", "Series", "kept", "run", "sets_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

log = logging.getLogger("routeopt")

CHUNK, KERNEL_CHUNK = 8_192, 65_536
"""Closures in one part, of the warm session and of the kernel, which needs less memory for each."""

_PARTS, _LEAST = 16, (256, 1_024)
"""With an executor at least so many parts, unless they get smaller than this in the warm session and the kernel."""


@dataclass(frozen=True)
class BatchResult:
    """Optima of many closures, in the order in which they were asked for.

    Attributes
    ----------
    exported : float array, shape (S,)
        Volume exported, inner units a day (kt or kb).
    shortage : float array, shape (S,)
        What refineries lack, inner units a day.
    money : float array, shape (S,)
        Net cost: spending less revenue, thousand USD a day.
    x : float array, shape (kept, columns)
        Flows and all other columns of the closures in `kept`, as a single solve gives them.
    kept : int array
        Closures whose flows were asked for, in order.
    counts : Counts
        How they were solved.
    """

    exported: Floats
    shortage: Floats
    money: Floats
    x: Floats
    kept: Ints
    counts: Counts

    def __len__(self) -> int:
        return len(self.exported)


@dataclass(frozen=True)
class Series:
    """Draws one behind the other.

    Attributes
    ----------
    start : int array, shape (S + 1,)
    chosen : int32 array
        The decisions of draw s are ``chosen[start[s]:start[s + 1]]``.
    """

    start: Ints
    chosen: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.start) - 1


Draws = NDArray[np.bool_] | Sequence[Iterable[int]] | Series


class Batch:
    """Closures of one system that can be drawn again and again.

    Parameters
    ----------
    system : ExportSystem
    situation : Situation
        What holds when nothing is drawn. Its own tariffs, builds and overrides hold in every draw.
    decisions : sequence of Closure or of sequences of Closure
        Checked closures; several together are one decision.
    economic : bool
        Money before volume.

    Attributes
    ----------
    names : tuple of str
        What each decision closes.
    program : Program
    plan : Plan
        What is sent to workers.

    Examples
    --------
    >>> import routeopt as ro
    >>> from routeopt.scenario import Closure, Scenario
    >>> from routeopt.scenario.case import situate
    >>> system = ro.ExportSystem.from_dict({
    ...     "units": {"flow": "kt/d"},
    ...     "nodes": {"field": {"kind": "field", "output": "10 kt/d"}, "port": {"kind": "market"}},
    ...     "legs": {"line": {"from": "field", "to": "port", "capacity": "7 kt/d"},
    ...              "rail": {"from": "field", "to": "port", "capacity": "2 kt/d"}},
    ... })
    >>> batch = Batch(system, situate(system, Scenario()), [Closure(leg="line"), Closure(leg="rail")])
    >>> batch.solve([[], [0], [1], [0, 1]]).exported.tolist()
    [9.0, 2.0, 7.0, 0.0]
    """

    def __init__(
        self,
        system: ExportSystem,
        situation: Situation,
        decisions: Sequence[Closure | Sequence[Closure]],
        *,
        economic: bool = False,
    ) -> None:
        program = program_of(system if situation.effect < Effect.MATRIX else situation.system)
        made = decisions_of(program, situation, decisions)
        self.names = made.names
        self.program = program
        self.plan = plan_of(
            program, made.bounds, objectives_of(program, situation), made.closing, economic=economic
        )  # fmt: skip

    @interruptible
    def solve(
        self,
        draws: Draws,
        *,
        flows: bool | Iterable[int] = False,
        engine: Engine = "auto",
        executor: futures.Executor | None = None,
        chunk: int | None = None,
    ) -> BatchResult:
        """Solve every draw and prove both values of its optimum.

        Parameters
        ----------
        draws : bool array of shape (S, decisions), sequence of iterables of int, or Series
            Which decisions are taken in each draw.
        flows : bool or iterable of int
            Keep the flows of all draws, or of some.
        engine : str
            ``"kernel"`` (needs numba), ``"warm"``, or ``"auto"``: the kernel where it pays.
        executor : concurrent.futures.Executor, optional
            Spread over its workers. The result does not depend on it.
        chunk : int, optional
            Draws in one part.

        Returns
        -------
        BatchResult

        Raises
        ------
        InputError
            A draw names a decision that there is not.
        SolverError
            The kernel was asked for and cannot be had.
        SolveError
            A draw has no optimum, or none that can be proven.
        """
        quick = takes_kernel(self.plan, engine, len(draws))
        ptr, chosen = sets_of(draws, len(self.names), quick)
        keep = kept(flows, len(ptr) - 1)
        plan = with_engine(self.plan, engine, len(ptr) - 1, bool(len(keep)))
        first, of = _distinct(ptr, chosen, quick)
        if len(first) == len(of):
            return run(plan, ptr, chosen, keep, executor, chunk)
        sizes = np.diff(ptr)[first]
        once = np.concatenate([[0], np.cumsum(sizes)])
        at = np.arange(once[-1]) + np.repeat(ptr[first] - once[:-1], sizes)
        kept_once = np.unique(of[keep])
        found = run(plan, once, chosen[at], kept_once, executor, chunk, of)
        return replace(found, x=found.x[np.searchsorted(kept_once, of[keep])], kept=keep)


def _distinct(ptr: Ints, chosen: NDArray[np.int32], quick: bool) -> tuple[Ints, Ints]:
    """The first of each group of equal sets, and the group of each set."""
    if quick:
        from routeopt.solve.kernel.sets import distinct

        first, of = distinct(ptr, chosen)
        return first, of
    content, ends = chosen.tobytes(), (chosen.itemsize * ptr).tolist()
    groups: dict[bytes, int] = {}
    of = np.array([groups.setdefault(content[a:z], len(groups)) for a, z in itertools.pairwise(ends)], np.int64)
    return np.unique(of, return_index=True)[1], of


def sets_of(draws: Draws, decisions: int, quick: bool = False) -> tuple[Ints, NDArray[np.int32]]:
    """Draws as a series of decisions; ``quick`` if the kernel is at hand."""
    if isinstance(draws, np.ndarray) and draws.dtype == bool:
        if draws.ndim != 2 or draws.shape[1] != decisions:
            raise InputError(Problem(f"draws of shape {draws.shape} for {decisions} decisions", ("draws",)))
        if quick:
            from routeopt.solve.kernel import sets

            ptr, chosen = sets.listed(draws)
            return ptr, chosen
        _, chosen = np.nonzero(draws)
        return np.concatenate([[0], np.cumsum(np.count_nonzero(draws, axis=1))]), chosen.astype(np.int32)
    if isinstance(draws, Series):
        start, flat = draws.start, draws.chosen
    else:
        listed = [np.fromiter(draw, np.int32) for draw in draws]
        start = np.concatenate([[0], np.cumsum([len(draw) for draw in listed])]).astype(np.int64)
        flat = np.concatenate([np.zeros(0, np.int32), *listed])
    if len(flat) and not (flat.min() >= 0 and flat.max() < decisions):
        wrong = flat[(flat < 0) | (flat >= decisions)][0]
        raise InputError(Problem(f"there is no decision {wrong}", ("draws",), f"they are 0 to {decisions - 1}"))
    return start, flat


def kept(flows: bool | Iterable[int], many: int) -> Ints:
    """Which of so many closures are to keep their flows, in order."""
    if isinstance(flows, bool):
        return np.arange(many if flows else 0)
    keep = np.unique(np.fromiter(flows, np.int64))
    if len(keep) and not (keep[0] >= 0 and keep[-1] < many):
        raise InputError(Problem(f"there are no flows of {keep[0]} to {keep[-1]}", ("flows",), f"of 0 to {many - 1}"))
    return keep


def run(
    plan: Plan,
    ptr: Ints,
    chosen: NDArray[np.int32] | Changes,
    keep: Ints,
    executor: futures.Executor | None,
    chunk: int | None,
    of: Ints | None = None,
) -> BatchResult:
    """Solve a plan in parts and put the answers together.

    Parameters
    ----------
    plan : Plan
    ptr, chosen : int array, and int array or Changes
        Decisions or changes of closure s are at ``ptr[s]`` to ``ptr[s + 1]``.
    keep : int array
        Closures that keep their flows.
    executor, chunk
        As in `Batch.solve`.
    of : int array, optional
        Which of the closures each one is that was asked for; all values are given in that order.
    """
    begun, many = time.perf_counter(), len(ptr) - 1
    if chunk is not None and chunk < 1:
        raise InputError(Problem(f"parts of {chunk} draws", ("chunk",), "write 1 or more"))
    spans = list(pieces(many, chunk or _part(plan, many, executor is not None)))
    tasks, parcel = [], Parcel(plan)
    for first, last in spans:
        part = ptr[first : last + 1] - ptr[first]
        inside = slice(ptr[first], ptr[last])
        if isinstance(chosen, Changes):
            what: Any = Changes(part, chosen.variable[inside], chosen.lower[inside], chosen.upper[inside])
        else:
            what = chosen[inside]
        wanted = keep[np.searchsorted(keep, first) : np.searchsorted(keep, last)] - first
        tasks.append((parcel, part, what, wanted))
    answers: list[Answers] = spread(worker.work, tasks, executor)
    counts = Counts()
    for answer in answers:
        counts.add(answer.counts)
    values = np.concatenate([np.empty((0, 3)), *(answer.values for answer in answers)])
    x = np.concatenate([np.empty((0, plan.program.shape[1])), *(answer.x for answer in answers)])
    if of is not None:
        by = np.concatenate([np.empty(0, np.int8), *(answer.by for answer in answers)])[of]
        counts.merged += len(of) - many
        many, values, handed = len(of), values[of], counts.handed_over > 0
        counts.closures, counts.kernel = many, int((by == KERNEL).sum())
        counts.warm, counts.cold = int((by == WARM).sum()), int((by == COLD).sum())
        counts.handed_over = counts.warm + counts.cold if handed else 0
    log.info("%d closures in %.2f s: %d by the kernel, %d warm, %d from cold, %d handed over", many,
             time.perf_counter() - begun, counts.kernel, counts.warm, counts.cold, counts.handed_over)  # fmt: skip
    return BatchResult(-values[:, 1] + 0.0, values[:, 0], values[:, 2], x, keep, counts)


def _part(plan: Plan, many: int, shared: bool) -> int:
    kernel = plan.engine == "kernel"
    most = KERNEL_CHUNK if kernel else CHUNK
    return max(_LEAST[kernel], min(most, -(-many // _PARTS))) if shared else most
