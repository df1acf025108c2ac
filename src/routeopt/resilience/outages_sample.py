"""From draws to losses: random instants and chronological years, until there are enough of them."""

from __future__ import annotations

import concurrent.futures as futures
import datetime as dt
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from routeopt.resilience.outages_draws import History, Instants, histories, year_states
from routeopt.resilience.outages_losses import Losses, States
from routeopt.resilience.outages_process import YEAR, Process
from routeopt.resilience.outages_time import losses_of_year
from routeopt.scenario import Closure, Scenario
from routeopt.scenario.outages import Event
from routeopt.solve.spread import spread
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
    lost : float array, shape (draws,)
        Inner units a day, or amounts of a year.
    states : States
        Distinct states met, each with its share of the time; empty where the time model was used.
    rest : float array, shape (2,)
        Mean further shortage and net cost, inner units a day; NaN where the time model was used.
    """

    lost: Floats
    states: States
    rest: Floats = field(default_factory=lambda: np.full(2, np.nan))


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
    source, parts, rest = Instants(events, processes, seed), [], np.zeros(2)
    lost: list[Floats] = []
    # Where it may stop, it looks after every round; pieces never change what is drawn.
    piece = _ROUND if tolerance is not None else max(_ROUND, min(65_536, _CELLS // len(events)))
    done = 0
    while done < draws and not (done and _enough(lost, tolerance)):
        states, _ = source.next(min(piece, draws - done))
        packed, of = losses.distinct(losses.pack(states))
        values, times = losses.of(packed), np.bincount(of, minlength=len(packed)).astype(float)
        lost.append(values[of, 0])
        rest += times @ values[:, 1:]
        parts.append(States(packed, times))
        done += len(states)
    merged = losses.merged(parts)
    return Sample(np.concatenate(lost), States(merged.packed, merged.weight / done), rest / done)


def separate_days(
    events: Sequence[Event], processes: Sequence[Process], losses: Losses, seed: int, years: int,
    tolerance: float | None, down: Collection[str] | None = None,
) -> Sample:  # fmt: skip
    """Losses of chronological years in which every day is solved by itself."""
    lost: list[Floats] = []
    parts, rest = [], np.zeros(2)
    for block in histories(events, processes, seed, years, down):
        packed, of = losses.distinct(losses.pack(year_states(block, len(events))))
        values, times = losses.of(packed), np.bincount(of, minlength=len(packed)).astype(float)
        lost.append(values[of, 0].reshape(-1, YEAR).sum(axis=1))
        rest += times @ values[:, 1:]
        parts.append(States(packed, times))
        if _enough(lost, tolerance):
            break
    merged = losses.merged(parts)
    days = float(merged.weight.sum())
    return Sample(np.concatenate(lost), States(merged.packed, merged.weight / days), rest / days)


def linked_years(
    system: ExportSystem, scenario: Scenario, events: Sequence[Event], processes: Sequence[Process], seed: int,
    years: int, tolerance: float | None, down: Collection[str] | None = None, *, economic: bool,
    executor: futures.Executor | None,
) -> Sample:  # fmt: skip
    """Losses of chronological years through the time model."""
    calendar = system.base_year or 2025
    lost: list[Floats] = []
    for block in histories(events, processes, seed, years, down):
        for first in range(0, len(block), _LINKED if tolerance is not None else len(block)):
            part = block[first : first + _LINKED] if tolerance is not None else block
            tasks = [(system, closures_of(events, one, calendar), calendar, scenario, economic) for one in part]
            found = np.array(spread(losses_of_year, tasks, executor, title="years"))
            # What is within a solver's tolerance of nothing is nothing.
            lost.append(np.where(np.abs(found) < 1e-6 * max(1.0, float(np.abs(found).max())), 0.0, found))
            if _enough(lost, tolerance):
                return Sample(np.concatenate(lost), States(np.empty((0, 1), np.uint8), np.empty(0)))
    return Sample(np.concatenate(lost), States(np.empty((0, 1), np.uint8), np.empty(0)))


def closures_of(events: Sequence[Event], history: History, year: int) -> list[Closure]:
    """Outages of one year as closures with dates."""
    first_day = dt.date(year, 1, 1)
    return [
        events[place].closure.model_copy(
            update={"start": first_day + dt.timedelta(days=begin), "end": first_day + dt.timedelta(days=end)}
        )
        for place, begin, end in history
    ]
