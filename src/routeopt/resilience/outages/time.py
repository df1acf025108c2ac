"""A year of outages through the time model, where tanks, cargoes and paces tie days together."""

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
"""Scenarios whose program and solver a thread keeps: with a build and without."""

_mine = threading.local()


def memory_of(situation: Situation) -> list[str]:
    """What ties one day to the next (tanks, cargoes, surge, ramps, maintenance), in words; empty if nothing does."""
    return sorted(set(_reasons(situation)))


def _reasons(situation: Situation) -> Iterator[str]:
    for name, leg in situation.system.legs.items():
        if situation.runs(name):
            if leg.surge is not None:
                yield "surge"
            if leg.lag > 0:
                yield "cargoes under way"
            if getattr(leg, "maintenance", ()):
                yield "maintenance"
    for node in situation.system.nodes.values():
        if isinstance(node, Terminal) and node.storage is not None and node.storage.capacity.inner > 0:
            yield "tanks"
        if getattr(node, "ramp_down", None) is not None or getattr(node, "ramp_up", None) is not None:
            yield "paces of fields"
        if getattr(node, "maintenance", ()):
            yield "maintenance"


def losses_of_year(
    system: ExportSystem, closures: Sequence[Closure], year: int, scenario: Scenario, economic: bool
) -> tuple[float, float]:
    """What dated closures lose in 365 days from the first of January, and what refineries lack beyond what they lack
    without them; inner units (kt or kb).

    Lost is what leaves in the year without the closures, less what leaves with them; what is drawn from tanks and not
    put back has not left. The scenario is what holds besides, and gets this year as its horizon.
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
    """What leaves in the year, and what refineries lack in it; inner units."""
    solved = follow(prepared, scenario, "myopic")
    lacking = prepared.objectives.shortage @ solved.x[: len(prepared.objectives.shortage)]
    return float(Trajectory(solved).net_exports), float(lacking)
