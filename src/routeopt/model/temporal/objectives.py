"""What is minimised over a horizon, in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routeopt.model.conversion import Conversion
from routeopt.model.objectives import Objectives, objectives_of
from routeopt.model.temporal.matrix import TemporalProgram
from routeopt.scenario.case import Situation

__all__ = ["TemporalObjectives", "promptness", "temporal_objectives"]

Floats = NDArray[np.float64]

EPOCH = 730_120.0
"""An arbitrary day (2000-01-01): generic weights grow with the calendar, so that a horizon and a part of it agree."""


@dataclass(frozen=True)
class TemporalObjectives(Objectives):
    """Cost vectors over the columns of a horizon; amounts, thousand USD.

    Attributes
    ----------
    refill : float array
        What tanks lack at the end of what they shall hold.
    trip : float array
        Output a day that falls faster than fields can be turned down; nothing where trips have a price.
    idle : float array
        Stocks away from their usual level, times days.
    waiting : float array
        Cargoes that wait, times days.
    """

    refill: Floats
    trip: Floats
    idle: Floats
    waiting: Floats


def temporal_objectives(program: TemporalProgram, situation: Situation, stocks: str = "keep") -> TemporalObjectives:
    """The objectives of a horizon in a situation.

    Refineries are served first; then as much as possible is exported, where what tanks lack at the end of what they
    shall hold is taken off, so that a barrel drawn from a tank and exported is no gain; of what is equal in that, tanks
    end as full as they can; then fields trip as little as they must, if trips have no price; then all is done at the
    least net cost. Of what is equal in all that, cargoes do not wait, fields produce as long as they can from the first
    closure on (`promptness`), tanks stay near their usual level, so that what was stored leaves soon, transit is least,
    and a fixed generic weight decides.
    """
    frame, single = program.frame, objectives_of(program.single, situation)
    count, width = len(frame.periods), frame.column["landed"]
    days = frame.periods.days[:, None]

    def every(cost: Floats) -> Floats:
        """A cost of one period in all of them."""
        whole = np.zeros(program.shape[1])
        frame.by_period(whole)[:, :width] = cost[:width]
        return whole

    volume, spending, revenue = (every(cost) for cost in (single.volume, single.spending, single.revenue))
    recourse = situation.system.recourse
    afloat = recourse.afloat
    if afloat is not None:
        stream = frame.layout.topology.becomes[
            frame.layout.flow_leg[frame.lagged[frame.waiting]], frame.layout.flow_stream[frame.lagged[frame.waiting]]
        ]
        price = afloat.inner * Conversion(situation.system).to(afloat.basis)[stream]
        frame.by_period(spending)[:, frame.block("afloat")] = price * days
    deficiency = single.spending[frame.layout.columns("deficiency")]
    _, first = frame.after
    number = len(frame.contracts)
    spending[first : first + number] = [
        deficiency[bucket.place] if bucket.number >= 0 else 0.0 for bucket in frame.contracts
    ]
    spending[first + number :] = [-deficiency[frame.contracts[paid].place] for paid, _ in frame.make_ups]

    refill, trip, idle, waiting = (np.zeros(program.shape[1]) for _ in range(4))
    tripped = recourse.trip
    if tripped is None:
        frame.by_period(trip)[:, frame.block("trip")] = 1.0 / days
    else:
        system, fields = situation.system, list(situation.system.fields)
        mine = [list(system.streams).index(system.commodity_of(fields[place])) for place in frame.slow]
        price = tripped.inner * Conversion(system).to(tripped.basis)[mine]
        frame.by_period(spending)[:, frame.block("trip")] = price / days
    if stocks == "keep":
        frame.by_period(refill)[frame.periods.planned - 1, frame.block("below")] = 1.0
        # Where ways lose oil, putting a barrel back may take more than one: no more than if it crossed all of them, and
        # in large systems no more than if it crossed the worst four times.
        gains = program.gain[np.unique(frame.layout.flow_leg)]
        volume += refill / max(float(np.prod(gains)), float(gains.min(initial=1.0)) ** 4)
    for name in ("above", "below"):
        frame.by_period(idle)[:, frame.block(name)] = days
    frame.by_period(waiting)[:, frame.block("afloat")] = days
    generic = every(single.generic)
    by_period = frame.by_period(generic)
    by_period[:, frame.column["landed"] :] = 1.0 + np.linspace(0.0, 0.5, frame.size - frame.column["landed"])
    by_period *= 1.0 + (frame.periods.edges[:count, None] - EPOCH) / 36_525.0
    generic[first:] = 1.0
    return TemporalObjectives(
        every(single.shortage), volume, spending, revenue, every(single.transit), generic,
        refill, trip, idle, waiting,
    )  # fmt: skip


def promptness(program: TemporalProgram, first: float) -> Floats:
    """What makes fields produce early once something is short, so that tanks fill before anything is shut in.

    Output times minus the days that are left of the plan; and what refineries lack, times the days that are left, so
    that they live from tanks as long as those last. Nothing before, and nothing where closures take nothing away: on
    calm days tanks would only fill for nothing.

    Parameters
    ----------
    program : TemporalProgram
    first : float
        The first day on which a closure leaves less than a usual day uses, as an ordinal; infinite if none does.
    """
    frame, planned = program.frame, program.frame.periods.planned
    edges, cost = frame.periods.edges, np.zeros(program.shape[1])
    if not first < np.inf:
        return cost
    begun, ended = np.maximum(edges[:planned], first), edges[1 : planned + 1]
    left = np.where(ended > begun, edges[planned] - 0.5 * (begun + ended), 0.0)[:, None]
    by_period = frame.by_period(cost)
    by_period[:planned, frame.block("output")] = -left
    by_period[:planned, frame.block("shortage")] = edges[planned] - edges[:planned, None]
    return cost
