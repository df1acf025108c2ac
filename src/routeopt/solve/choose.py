"""Which engine answers a batch, and what the kernel starts from."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Literal

import numpy as np

from routeopt.errors import InputError, Problem, SolverError
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import lexicographic
from routeopt.solve.plan import Changes, Plan

__all__ = ["Engine", "with_engine"]

log = logging.getLogger("routeopt")

Engine = Literal["auto", "kernel", "warm"]

KERNEL_ROWS = 400
"""Above so many rows the kernel's sparse tableau loses to a session."""

KERNEL_CLOSURES = 2_000
"""Below so many closures the session is done before the kernel has been compiled."""


def with_engine(
    plan: Plan, started: dict[int, Plan | None], engine: Engine, many: int, flows: bool, changes: Changes | None = None
) -> Plan:
    """The plan for an engine; what the kernel starts from is made once and kept in ``started``."""
    from routeopt.solve.kernel import jit

    if engine not in ("auto", "kernel", "warm"):
        raise InputError(Problem(f"unknown engine {engine!r}", ("engine",), "write auto, kernel or warm"))
    fits = plan.program.shape[0] <= KERNEL_ROWS and many >= KERNEL_CLOSURES
    if engine == "warm" or (engine == "auto" and not (fits and jit.available())):
        return plan
    if not jit.available():
        raise SolverError("the kernel needs numba; pip install 'routeopt[fast]', or take engine='warm'")
    if flows not in started:
        started[flows] = _kernel_plan(plan, flows, changes)
    made = started[flows]
    if made is None:
        log.warning("no start for the kernel was found: every closure goes to the warm session")
        return plan
    return made


def _kernel_plan(plan: Plan, flows: bool, changes: Changes | None) -> Plan | None:
    from routeopt.solve.kernel.engine import costs_of
    from routeopt.solve.kernel.start import start_of

    session = Session(plan.program, plan.bounds)
    answer = lexicographic(plan.program, plan.bounds, plan.stages, plan.ties, session)
    costs, proven, _ = costs_of(plan)
    # Flows are shown as ties decide them, so then the ties are proven too.
    proven = len(plan.stages) + len(plan.ties) if flows else proven
    opened = None
    if changes is not None:
        opened = np.unique(changes.variable[changes.lower != changes.upper]).astype(np.intp)
    start = start_of(plan.program, plan.bounds, costs, session.basic()[1], answer.x, proven, opened)
    return None if start is None else replace(plan, engine="kernel", start=start)
