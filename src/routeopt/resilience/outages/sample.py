"""From draws to losses: random instants and chronological years, until there are enough of them."""

from __future__ import annotations

import concurrent.futures as futures
import datetime as dt
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routeopt.resilience.outages.draws import History, Instants, histories, year_states
from routeopt.resilience.outages.losses import Losses, States
from routeopt.resilience.outages.process import YEAR, Process
from routeopt.resilience.outages.time import losses_of_year
from routeopt.scenario import Closure, Scenario
from routeopt.scenario.outages import Event
from routeopt.solve.parallel import spread
from routeopt.system import ExportSystem

__all__ = ["Sample", "instants", "linked_years", "separate_days"]

Floats = NDArray[np.float64]

_ROUND = 4_096
_CELLS = 4_000_000
"""Events x draws in memory at a time."""
_LOSING = 10
"""The stop rule waits for so many draws that lose something: before, the standard error is itself a guess."""
_LINKED = 8


@dataclass
class Sample:
    """Losses of draws in the order in which they were drawn.

    Attributes
    ----------
    lost, shortage : float array, shape (draws,)
        Volume lost and further shortage of refineries, inner units a day, or amounts of a year.
    states : States
        Distinct states met, each with its share of the time; empty where the time model was used.
    cost : float
        Mean further net cost, inner units a day; NaN where the time model was used.
    """

    lost: Floats
    shortage: Floats
    states: States
    cost: float = math.nan


def _enough(lost: Sequence[Floats], tolerance: float | None) -> bool:
    """The stop rule: the standard error of the mean is at most the tolerance."""
    if tolerance is None:
        return False
    every = np.concatenate(lost)
    if np.count_nonzero(every) < _LOSING:
        return False
    return float(every.std(ddof=1)) / math.sqrt(len(every)) <= tolerance


def instants(
    events: Sequence[Event], processes: Sequence[Process], losses: Losses, seed: int, draws: int,
    tolerance: float | None,
) -> Sample:  # fmt: skip
    """Losses at random instants; equal states of a piece are solved once."""
    source, parts, cost = Instants(events, processes, seed), [], 0.0
    lost: list[Floats] = []
    shortage: list[Floats] = []
    # Where it may stop, it looks after every round; pieces never change what is drawn.
    piece = _ROUND if tolerance is not None else max(_ROUND, min(65_536, _CELLS // len(events)))
    done = 0
    while done < draws and not (done and _enough(lost, tolerance)):
        states, _ = source.next(min(piece, draws - done))
        packed, of = losses.distinct(losses.pack(states))
        values, times = losses.of(packed), np.bincount(of, minlength=len(packed)).astype(float)
        lost.append(values[of, 0])
        shortage.append(values[of, 1])
        cost += float(times @ values[:, 2])
        parts.append(States(packed, times))
        done += len(states)
    merged = losses.merged(parts)
    weighted = States(merged.packed, merged.weight / done)
    return Sample(np.concatenate(lost), np.concatenate(shortage), weighted, cost / done)


def separate_days(
    events: Sequence[Event], processes: Sequence[Process], losses: Losses, seed: int, years: int,
    tolerance: float | None, down: Collection[str] | None = None,
) -> Sample:  # fmt: skip
    """Losses of chronological years in which every day is solved by itself."""
    lost: list[Floats] = []
    shortage: list[Floats] = []
    parts, cost = [], 0.0
    for block in histories(events, processes, seed, years, down):
        packed, of = losses.distinct(losses.pack(year_states(block, len(events))))
        values, times = losses.of(packed), np.bincount(of, minlength=len(packed)).astype(float)
        by_year = values[of, :2].reshape(-1, YEAR, 2).sum(axis=1)
        lost.append(by_year[:, 0])
        shortage.append(by_year[:, 1])
        cost += float(times @ values[:, 2])
        parts.append(States(packed, times))
        if _enough(lost, tolerance):
            break
    merged = losses.merged(parts)
    days = float(merged.weight.sum())
    weighted = States(merged.packed, merged.weight / days)
    return Sample(np.concatenate(lost), np.concatenate(shortage), weighted, cost / days)


def linked_years(
    system: ExportSystem, scenario: Scenario, events: Sequence[Event], processes: Sequence[Process], seed: int,
    years: int, tolerance: float | None, down: Collection[str] | None = None, *, economic: bool,
    executor: futures.Executor | None,
) -> Sample:  # fmt: skip
    """Losses of chronological years through the time model."""
    calendar = system.base_year or 2025
    lost: list[Floats] = []
    shortage: list[Floats] = []
    nowhere = States(np.empty((0, 1), np.uint8), np.empty(0))
    for block in histories(events, processes, seed, years, down):
        for first in range(0, len(block), _LINKED if tolerance is not None else len(block)):
            part = block[first : first + _LINKED] if tolerance is not None else block
            tasks = [(system, closures_of(events, one, calendar), calendar, scenario, economic) for one in part]
            found = np.array(spread(losses_of_year, tasks, executor, title="years"))
            # What is within a solver's tolerance of nothing is nothing.
            found = np.where(np.abs(found) < 1e-6 * max(1.0, float(np.abs(found).max())), 0.0, found)
            lost.append(found[:, 0])
            shortage.append(found[:, 1])
            if _enough(lost, tolerance):
                return Sample(np.concatenate(lost), np.concatenate(shortage), nowhere)
    return Sample(np.concatenate(lost), np.concatenate(shortage), nowhere)


def closures_of(events: Sequence[Event], history: History, year: int) -> list[Closure]:
    """Outages of one year as closures with dates."""
    first_day = dt.date(year, 1, 1)
    return [
        events[place].closure.model_copy(
            update={"start": first_day + dt.timedelta(days=begin), "end": first_day + dt.timedelta(days=end)}
        )
        for place, begin, end in history
    ]
