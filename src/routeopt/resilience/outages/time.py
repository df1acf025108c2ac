"""A year of outages through the time model, where tanks, cargoes and ramps link days."""

from __future__ import annotations

import datetime as dt
import hashlib
import pickle
import threading
from collections.abc import Iterator, Sequence

from routeopt.allocation.trajectory import Trajectory
from routeopt.scenario import Closure, Scenario
from routeopt.scenario.case import Situation
from routeopt.solve.horizon_solver import Prepared
from routeopt.solve.prepare import prepare
from routeopt.solve.rolling_horizon import follow
from routeopt.system import ExportSystem
from routeopt.system.nodes import Terminal

__all__ = ["losses_of_year", "memory_of"]

_KEPT = 2
"""Scenarios whose program and solver each thread keeps: with and without a build."""

_mine = threading.local()


def memory_of(situation: Situation) -> list[str]:
    """Names of what links days (tanks, cargoes, surge, ramps, maintenance), sorted."""
    return sorted(set(_reasons(situation)))


def _reasons(situation: Situation) -> Iterator[str]:
    for name, leg in situation.system.legs.items():
        if situation.runs(name):
            if leg.surge is not None:
                yield "surge"
            if leg.lag > 0:
                yield "cargoes in transit"
            if getattr(leg, "maintenance", ()):
                yield "maintenance"
    for node in situation.system.nodes.values():
        if isinstance(node, Terminal) and node.storage is not None and node.storage.capacity.inner > 0:
            yield "tanks"
        if getattr(node, "ramp_down", None) is not None or getattr(node, "ramp_up", None) is not None:
            yield "ramps of fields"
        if getattr(node, "maintenance", ()):
            yield "maintenance"


def losses_of_year(
    system: ExportSystem, closures: Sequence[Closure], year: int, scenario: Scenario, economic: bool
) -> tuple[float, float]:
    """Exports lost and additional shortage in 365 days from 1 January under dated closures; inner units.

    Loss is net exports without the closures less those with them; oil drawn from tanks and not put back does not count
    as exported. The background scenario gets this year as its horizon.
    """
    start = dt.date(year, 1, 1)
    horizon = {"start": start, "end": start + dt.timedelta(days=365), "step": "day"}
    dated = Scenario.model_validate({"horizon": horizon}).horizon
    calm = scenario.model_copy(update={"horizon": dated})
    prepared, target = _ready(system, calm, economic)
    if not closures:
        return 0.0, 0.0
    hit = calm.model_copy(update={"closures": (*calm.closures, *closures)})
    # Every year starts from one basis, whichever years were solved here before it.
    prepared.rewind()
    left, lacking = _left(prepared, hit)
    return target[0] - left, lacking - target[1]


def _ready(system: ExportSystem, calm: Scenario, economic: bool) -> tuple[Prepared, tuple[float, float]]:
    """One program, one basis and one target for all years of a scenario; each thread has a solver of its own."""
    content = pickle.dumps((system, calm.written(), economic))
    key = hashlib.sha256(content).digest()
    kept: dict[bytes, tuple[Prepared, tuple[float, float]]] = getattr(_mine, "ready", {})
    if key not in kept:
        prepared = prepare(system, calm, economic=economic)
        _mine.ready = kept = {**dict(list(kept.items())[1 - _KEPT :]), key: (prepared, _left(prepared, calm))}
    return kept[key]


def _left(prepared: Prepared, scenario: Scenario) -> tuple[float, float]:
    """Net exports and shortage of the year; inner units."""
    solved = follow(prepared, scenario, "myopic")
    lacking = prepared.objectives.shortage @ solved.x[: len(prepared.objectives.shortage)]
    return float(Trajectory(solved).net_exports), float(lacking)
