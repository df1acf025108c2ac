"""What a reader must know of a horizon before using the numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from routeopt.allocation.trajectory import Reading
from routeopt.scenario.case import situate
from routeopt.solve.rolling_horizon import Course
from routeopt.system.nodes import Terminal
from routeopt.units import parse_unit

__all__ = ["notes_of"]


def notes_of(course: Course) -> tuple[str, ...]:
    """Closures that find nothing to cut, periods too coarse for what happens in them, fields that trip, tanks of
    unknown content, and plans that ties decided."""
    return (
        *_closures(course),
        *_blurred(course),
        *(tuple(_coarse(course)) or _uneven(course)),
        *_astride(course),
        *_trips(course),
        *_levels(course),
        *_ties(course),
    )


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


def _coarse(course: Course) -> Iterator[str]:
    """Fields that come back slowly in periods of several days: those that were asked for, or after the longest time."""
    system, periods = course.prepared.situation.system, course.prepared.program.frame.periods
    slow = [field for field in system.fields.values() if field.restart is not None and field.restart.inner > 0.0]
    cuts = [closure for closure in course.scenario.closures if closure.left < 1.0]
    if not slow or not cuts or periods.planned == 1:
        return
    ramp = max(1.0 / field.restart.inner for field in slow if field.restart)
    longest = 0.0
    for closure in cuts:
        first = closure.start.toordinal() if closure.start else periods.edges[0]
        hit = (periods.edges[1:] > first) & (periods.edges[:-1] < closure.back.toordinal() + ramp)
        longest = max(longest, float(periods.days[: periods.planned][hit[: periods.planned]].max(initial=0.0)))
    if longest > 1.0:
        unit = system.units.flow.partition("/")[0]
        # From nothing to all in a straight line: half of the output for as long as it takes.
        most = sum(0.5 * field.output.inner / field.restart.inner for field in slow if field.restart)
        yield (f"periods of {longest:.0f} days are coarse while fields come back: what is lost may be off by up to "
               f"{most / parse_unit(unit).factor:,.3g} {unit} a closure; write step: day")  # fmt: skip


def _uneven(course: Course) -> Iterator[str]:
    """Slow fields that move within periods of several days, beside closures or far from them."""
    reading, system = Reading(course), course.prepared.situation.system
    periods, unit = reading.frame.periods, system.units.flow.partition("/")[0]
    days = periods.days[: periods.planned]
    off, longest = 0.0, 0.0
    for place, (start, field) in enumerate(zip(course.prepared.start.output, system.fields.values(), strict=True)):
        mean = reading.block("output")[: periods.planned, place] / days
        moved = np.diff(mean, prepend=start)
        for pace, step in ((field.restart, moved), (field.turn_down, -moved)):
            if pace is not None and pace.inner > 0.0:
                # A plan takes the mean at once; day by day it is reached after so many days.
                a_day = pace.inner * field.output.inner
                late = np.where(days > 1.0, np.maximum(step, 0.0), 0.0) / a_day
                whole = np.minimum(np.floor(late), days)
                off += a_day * float((whole * late - 0.5 * whole * (whole + 1.0)).sum())
                longest = max(longest, float(days[whole > 0.0].max(initial=0.0)))
    if periods.planned > 1 and off > 1e-6 * float(reading.block("output").sum()):
        yield (f"periods of {longest:.0f} days are coarse where fields move slowly: output may be off by up to "
               f"{off / parse_unit(unit).factor:,.3g} {unit}; write step: day")  # fmt: skip


def _astride(course: Course) -> Iterator[str]:
    """Periods that were asked for in which a month or year ends over which a contract or quota is counted."""
    system, periods = course.prepared.situation.system, course.prepared.program.frame.periods
    counted = [(name, contract.over) for name, contract in system.contracts.items()]
    for name, over in [*counted, *((name, group.over) for name, group in system.groups.items())]:
        ends = {"month": "%Y-%m", "year": "%Y"}.get(over or "")
        if ends is None or periods.planned == 1:
            continue
        for first, after in zip(periods.starts, periods.edges[1 : periods.planned + 1].astype(int), strict=False):
            if first.strftime(ends) != dt.date.fromordinal(after - 1).strftime(ends):
                yield (f"{name} is counted by the {over}, but one ends within the period from {first}, which "
                       "counts where it begins; break it there")  # fmt: skip
                break


def _trips(course: Course) -> Iterator[str]:
    reading, system = Reading(course), course.prepared.situation.system
    periods, flow = reading.frame.periods, parse_unit(system.units.flow).factor
    price = reading.frame.by_period(course.prepared.objectives.spending)[:, reading.frame.block("trip")]
    for place, field in enumerate(reading.frame.slow):
        trips = reading.trips[: periods.reported, field]
        days = np.flatnonzero(trips)
        if len(days):
            name, dates = list(system.fields)[field], ", ".join(str(periods.starts[day]) for day in days[:3])
            more = f" and on {len(days) - 3} days more" if len(days) > 3 else ""
            cost = 1000.0 * float(price[: periods.reported, place] @ reading.block("trip")[: periods.reported, place])
            said = f"; that costs {cost:,.0f} {system.units.money}" if cost else ""
            yield (f"{name} trips on {dates}{more}: its output falls by up to {trips.max() / flow:,.3g} "
                   f"{system.units.flow} faster than it can be turned down{said}")  # fmt: skip


def _levels(course: Course) -> Iterator[str]:
    system, frame = course.prepared.situation.system, course.prepared.program.frame
    names = np.array(list(system.nodes), object)[frame.tanks]
    for name in names:
        node = system.nodes[name]
        if isinstance(node, Terminal) and node.storage is not None and node.storage.initial is None:
            level = f"at its heel of {node.storage.heel}" if node.storage.heel else "empty"
            yield f"{name} has no initial level: taken as {level}"
    stored = frame.layout.topology.stored
    for place, node in enumerate(frame.tanks):
        streams = frame.stock_stream[frame.stock_tank == place]
        if stored[node].any() and len(streams) > 1 and course.prepared.start.stock[frame.stock_tank == place].any():
            mixed = ", ".join(frame.layout.topology.commodities[stream] for stream in streams)
            yield f"no field feeds {names[place]}: its stock is taken as equal parts of {mixed}"


def _ties(course: Course) -> Iterator[str]:
    day = course.open_till
    if day is not None:
        yield (f"arbitrary weights chose what was done before {day} among ways that were equally good with what was "
               "known then; another could have led to other totals")  # fmt: skip
