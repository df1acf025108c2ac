"""What a reader must know of a horizon before using the numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from routeopt.scenario.situation import situate
from routeopt.solve.foresight import Course
from routeopt.system.nodes import Terminal

__all__ = ["notes_of"]


def notes_of(course: Course) -> tuple[str, ...]:
    """Closures that find nothing to cut, periods that blur them, tanks without a level, plans that ties decided."""
    return (*_closures(course), *_blurred(course), *_levels(course), *_ties(course))


def _closures(course: Course) -> Iterator[str]:
    undated = [closure.model_copy(update={"start": None, "end": None}) for closure in course.scenario.closures]
    plain = course.scenario.model_copy(update={"horizon": None, "closures": tuple(undated)})
    yield from situate(course.prepared.system, plain).notes


def _blurred(course: Course) -> Iterator[str]:
    periods = course.prepared.program.frame.periods
    for closure in course.scenario.closures:
        if closure.start is None or closure.end is None or closure.left >= 1.0:
            continue
        first, last = closure.start.toordinal(), closure.end.toordinal()
        hit = (periods.edges[1:] > first) & (periods.edges[:-1] < last)
        longest = float(periods.days[hit].max(initial=0.0))
        partly = hit & ((periods.edges[:-1] < first) | (periods.edges[1:] > last))
        if partly.any() and longest > last - first:
            yield (f"periods of {longest:.0f} days blur the {last - first} days of a closure ({closure}); "
                   "with step: day tanks would fill")  # fmt: skip


def _levels(course: Course) -> Iterator[str]:
    system, frame = course.prepared.situation.system, course.prepared.program.frame
    names = np.array(list(system.nodes), object)[frame.tanks]
    for name in names:
        node = system.nodes[name]
        if isinstance(node, Terminal) and node.storage is not None and node.storage.initial is None:
            level = f"at its heel of {node.storage.heel}" if node.storage.heel else "empty"
            yield f"{name} has no initial level: taken as {level}"


def _ties(course: Course) -> Iterator[str]:
    day = course.open_till
    if day is not None:
        yield (f"arbitrary weights chose what was done before {day} among ways that were equally good with what was "
               "known then; another could have led to other totals")  # fmt: skip
