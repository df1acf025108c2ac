"""A year of outages through the time model, where tanks, cargoes and paces tie days together."""

from __future__ import annotations

import datetime as dt
import hashlib
import pickle
import threading
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from routeopt.scenario import Closure, Scenario
from routeopt.scenario.case import Situation
from routeopt.system import ExportSystem
from routeopt.system.nodes import Terminal

if TYPE_CHECKING:
    from routeopt.solve.horizon_solver import Prepared

__all__ = ["losses_of_year", "memory_of"]

_KEPT = 2
"""Scenarios whose programme and solver a thread keeps: with a build and without."""

_mine = threading.local()


def memory_of(situation: Situation) -> list[str]:
    """What ties one day to the next: tanks, cargoes under way, surge, paces of fields, planned maintenance.

    Returns
    -------
    list of str
        In words; empty if every day can be solved by itself.
    """
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
        if getattr(node, "turn_down", None) is not None or getattr(node, "restart", None) is not None:
            yield "paces of fields"
        if getattr(node, "maintenance", ()):
            yield "maintenance"


def losses_of_year(
    system: ExportSystem,
    closures: Sequence[Closure],
    year: int,
    scenario: Scenario | None = None,
    economic: bool = False,
    foresight: str = "myopic",
) -> tuple[float, float]:
    """What closures lose in 365 days from the first of January.

    Parameters
    ----------
    system : ExportSystem
    closures : sequence of Closure
        With dates.
    year : int
        Calendar year of the dates.
    scenario : Scenario, optional
        What holds besides, with the closures or without them; it gets this year as its horizon.
    economic : bool
        Money before volume.
    foresight : str
        ``myopic``: a closure is a surprise, its end is known when it begins.

    Returns
    -------
    lost, shortage : float
        Inner units (kt or kb): what leaves in a year without the closures, less what leaves with them (what is drawn
        from tanks and not put back has not left); and what refineries lack beyond what they lack without.
    """
    start = dt.date(year, 1, 1)
    horizon = {"start": start, "end": start + dt.timedelta(days=365), "step": "day"}
    dated = Scenario.model_validate({"horizon": horizon}).horizon
    calm = (scenario or Scenario()).model_copy(update={"horizon": dated})
    prepared, target = _ready(system, calm, economic)
    if not closures:
        return 0.0, 0.0
    hit = calm.model_copy(update={"closures": (*calm.closures, *closures)})
    # Every year starts from one basis, whichever years were solved here before it.
    prepared.rewind()
    left, lacking = _left(prepared, hit, foresight)
    return target[0] - left, lacking - target[1]


def _ready(system: ExportSystem, calm: Scenario, economic: bool) -> tuple[Prepared, tuple[float, float]]:
    """One programme, one basis and one target for all years of a scenario; each thread has a solver of its own."""
    content = pickle.dumps((system, calm.written(), economic))
    key = hashlib.sha256(content).digest()
    kept: dict[bytes, tuple[Prepared, tuple[float, float]]] = getattr(_mine, "ready", {})
    if key not in kept:
        prepared = import_module("routeopt.solve.prepare").prepare(system, calm, economic=economic)
        _mine.ready = kept = {**dict(list(kept.items())[1 - _KEPT :]), key: (prepared, _left(prepared, calm, "myopic"))}
    return kept[key]


def _left(prepared: Prepared, scenario: Scenario, foresight: str) -> tuple[float, float]:
    """What leaves in the year, and what refineries lack in it; inner units."""
    # The time model is loaded when it is first asked for.
    course = import_module("routeopt.solve.rolling_horizon").follow(prepared, scenario, foresight)
    reading = import_module("routeopt.allocation.trajectory").Trajectory(course)
    lacking = prepared.objectives.shortage @ course.x[: len(prepared.objectives.shortage)]
    return float(reading.net_exports), float(lacking)
