"""Which engine answers a batch, and what the kernel starts from."""

from __future__ import annotations

import logging
import sys
from collections import OrderedDict
from dataclasses import replace
from typing import Literal

import numpy as np

from routeopt.errors import InputError, Problem, SolverError
from routeopt.solve.batch_problem import Changes, Plan
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import lexicographic

__all__ = ["Engine", "takes_kernel", "with_engine"]

log = logging.getLogger("routeopt")

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


def takes_kernel(plan: Plan, engine: Engine, many: int) -> bool:
    """Whether so many closures of a plan go to the kernel."""
    from routeopt.solve.kernel import jit

    if engine not in ("auto", "kernel", "warm"):
        raise InputError(Problem(f"unknown engine {engine!r}", ("engine",), "write auto, kernel or warm"))
    if plan.circular:
        return False
    if engine == "auto":
        loaded = "routeopt.solve.kernel.engine" in sys.modules
        least = LOADED_CLOSURES if loaded else max(LOADED_CLOSURES, KERNEL_CLOSURES - _asked[0])
        return plan.program.shape[0] <= KERNEL_ROWS and many >= least and jit.available()
    if engine == "kernel" and not jit.available():
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
    made = _starts.pop(key) if key in _starts else _kernel_plan(plan, flows, opened)
    _starts[key] = made
    while len(_starts) > _KEPT:
        _starts.popitem(last=False)
    if made is None:
        log.warning("no start for the kernel was found: every closure goes to the warm session")
        return plan
    return made


def _kernel_plan(plan: Plan, flows: bool, opened: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Plan | None:
    from routeopt.solve.kernel.engine import costs_of
    from routeopt.solve.kernel.start import start_of

    session = Session(plan.program, plan.bounds)
    answer = lexicographic(plan.program, plan.bounds, plan.stages, plan.ties, session, check=False)
    costs, proven, _ = costs_of(plan)
    # Flows are shown as ties decide them, so then the ties are proven too.
    proven = len(plan.stages) + len(plan.ties) if flows else proven
    start = start_of(plan.program, plan.bounds, costs, session.basic()[1], answer.x, proven, opened)
    return None if start is None else replace(plan, engine="kernel", start=start)
