"""Solve many closures: one program, other bounds, both values of every optimum certified."""

from __future__ import annotations

import concurrent.futures as futures
import itertools
import logging
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.errors import InputError, Problem, SolverError
from routeopt.model import objectives_of
from routeopt.model.closure_bounds import decisions_of
from routeopt.scenario.case import Situation
from routeopt.scenario.closure import Closure
from routeopt.scenario.effect import Effect
from routeopt.solve import kernel, worker
from routeopt.solve.batch_problem import COLD, KERNEL, WARM, Answers, Changes, Counts, Parcel, Plan, plan_of
from routeopt.solve.engine import program_of
from routeopt.solve.parallel import interruptible, pieces, spread
from routeopt.system import ExportSystem

__all__ = ["Batch", "BatchResult", "Engine", "Series", "run", "takes_kernel", "with_engine"]

Ints = NDArray[np.int64]

log = logging.getLogger("routeopt")

CHUNK, KERNEL_CHUNK = 8_192, 65_536
"""Closures in one part, of the warm session and of the kernel, which needs less memory for each."""

_PARTS, _LEAST = 16, (256, 1_024)
"""With an executor at least so many parts, unless they get smaller than this in the warm session and the kernel."""


Engine = Literal["auto", "kernel", "warm"]

KERNEL_ROWS = 400
"""Above so many rows the kernel's sparse tableau loses to a session."""

KERNEL_CLOSURES, LOADED_CLOSURES = 2_000, 30
"""Loading the kernel takes as long as so many closures in the session, counted over all batches of a process; once it
is loaded, a batch of so many closures pays for its start."""

_KEPT = 8
"""So many starts are remembered in a process, by the content of their plans."""

_asked = [0]
"""Closures that the session has been given because the kernel was not loaded."""

_starts: OrderedDict[tuple[str, bool, bytes], Plan | None] = OrderedDict()


@dataclass(frozen=True)
class BatchResult:
    """Optima of many closures, in the order in which they were asked for.

    - ``exported`` (S,): volume exported, inner units a day (kt or kb).
    - ``shortage`` (S,): what refineries lack, inner units a day.
    - ``money`` (S,): net cost: spending less revenue, thousand USD per day.
    - ``x`` (kept, columns): flows and all other columns of the closures in `kept`, as a single solve gives them.
    - ``kept``: closures whose flows were asked for, in order.
    - ``counts``: how they were solved.
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

    ``start`` (S + 1,); ``chosen``: the decisions of draw s are ``chosen[start[s]:start[s + 1]]``.
    """

    start: Ints
    chosen: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.start) - 1


Draws = NDArray[np.bool_] | Sequence[Iterable[int]] | Series


class Batch:
    """Closures of one system that can be drawn again and again.

    - ``situation``: what holds when nothing is drawn. Its own tariffs, builds and overrides hold in every draw.
    - ``decisions``: checked closures; several together are one decision.
    - ``economic``: money before volume.

    ``names``: what each decision closes; ``plan``: what is sent to workers.

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
        """Solve every draw and certify both values of its optimum.

        - ``draws`` (S, decisions): which decisions are taken in each draw.
        - ``flows``: keep the flows of all draws, or of some.
        - ``engine``: ``"kernel"`` (needs numba), ``"warm"``, or ``"auto"``: the kernel where it pays.
        - ``executor``: spread over its workers. The result does not depend on it.
        - ``chunk``: draws in one part.

        Raises InputError: a draw names a decision that there is not. SolverError: the kernel was asked for and cannot
        be had. SolveError: a draw has no optimum, or none that can be certified.
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
        first, of = kernel.load().distinct(ptr, chosen)
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
            ptr, chosen = kernel.load().listed(draws)
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

    - ``ptr``, ``chosen``: decisions or changes of closure s are at ``ptr[s]`` to ``ptr[s + 1]``.
    - ``keep``: closures that keep their flows.
    - ``executor``, ``chunk``: as in `Batch.solve`.
    - ``of``: which of the closures each one is that was asked for; all values are given in that order.
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
    quick = plan.engine == "kernel"
    most = KERNEL_CHUNK if quick else CHUNK
    return max(_LEAST[quick], min(most, -(-many // _PARTS))) if shared else most


def takes_kernel(plan: Plan, engine: Engine, many: int) -> bool:
    """Whether so many closures of a plan go to the kernel."""
    if engine not in ("auto", "kernel", "warm"):
        raise InputError(Problem(f"unknown engine {engine!r}", ("engine",), "write auto, kernel or warm"))
    if plan.circular:
        return False
    if engine == "auto":
        least = LOADED_CLOSURES if kernel.loaded() else max(LOADED_CLOSURES, KERNEL_CLOSURES - _asked[0])
        return plan.program.shape[0] <= KERNEL_ROWS and many >= least and kernel.available()
    if engine == "kernel" and not kernel.available():
        raise SolverError("the kernel needs numba; pip install 'routeopt[fast]', or take engine='warm'")
    return engine == "kernel"


def with_engine(plan: Plan, engine: Engine, many: int, flows: bool, changes: Changes | None = None) -> Plan:
    """The plan for an engine; what the kernel starts from is made once for all plans with the same content."""
    if not takes_kernel(plan, engine, many):
        if engine == "auto" and plan.program.shape[0] <= KERNEL_ROWS:
            _asked[0] += many
        return plan
    opened = np.zeros(0, np.intp)
    if changes is not None:
        opened = np.unique(changes.variable[changes.lower != changes.upper]).astype(np.intp)
    key = (plan.key, flows, opened.tobytes())
    made = _starts.pop(key) if key in _starts else kernel.load().prepared(plan, flows, opened)
    _starts[key] = made
    while len(_starts) > _KEPT:
        _starts.popitem(last=False)
    if made is None:
        log.warning("no start for the kernel was found: every closure goes to the warm session")
        return plan
    return made
