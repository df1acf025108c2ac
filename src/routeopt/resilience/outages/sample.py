"""Losses of snapshots and chronological years, with the rule that stops drawing."""

from __future__ import annotations

import concurrent.futures as futures
import datetime as dt
import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from routeopt.arrays import Bools, Floats
from routeopt.elements.elements import Element
from routeopt.elements.values import SetValues
from routeopt.resilience.outages.draws import History, Instants, histories, year_states
from routeopt.resilience.outages.process import YEAR, Process
from routeopt.resilience.outages.states import States, distinct, merged, pack, unpack
from routeopt.resilience.outages.time import losses_of_year
from routeopt.scenario import Closure, Scenario
from routeopt.solve.parallel import spread
from routeopt.system import ExportSystem

__all__ = ["Sample", "instants", "linked_years", "separate_days"]


_ROUND = 4_096
_CELLS = 4_000_000
"""Events x draws in memory at a time."""
_LOSING = 10
"""Draws with a loss before the stop rule applies: with fewer the standard error is unreliable."""
_LINKED = 8


class Sample(NamedTuple):
    """Losses of draws in the order in which they were drawn.

    ``lost`` and further ``shortage`` of refineries, shape (draws,), are in inner units a day, or amounts of a year.
    ``states`` were met, each with its share of the time, and ``cost`` is the mean further net cost, inner units a day;
    empty and NaN where the time model was used.
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


class _Pieces:
    """Losses of draws in chunks; equal states of a chunk are solved once."""

    def __init__(self, values: SetValues) -> None:
        self._values, self._parts, self._cost = values, list[States](), 0.0
        self.lost, self.shortage = list[Floats](), list[Floats]()

    def add(self, states: Bools, days: int = 1) -> None:
        """Add states, of which ``days`` in a row are one draw."""
        packed, of = distinct(pack(states))
        values = self._values.lost(unpack(packed, states.shape[1]))
        times = np.bincount(of, minlength=len(packed)).astype(float)
        each = values[of, :2].reshape(-1, days, 2).sum(axis=1)
        self.lost.append(each[:, 0])
        self.shortage.append(each[:, 1])
        self._cost += float(times @ values[:, 2])
        self._parts.append(States(packed, times))

    def sample(self) -> Sample:
        """All of them."""
        total = sum(float(part.weight.sum()) for part in self._parts)
        states = merged(self._parts, total)
        return Sample(np.concatenate(self.lost), np.concatenate(self.shortage), states, self._cost / total)


def instants(
    events: Sequence[Element], processes: Sequence[Process], values: SetValues, seed: int, draws: int,
    tolerance: float | None,
) -> Sample:  # fmt: skip
    """Losses of snapshots."""
    source, found, done = Instants(events, processes, seed), _Pieces(values), 0
    # Where it may stop, it looks after every round; pieces never change what is drawn.
    piece = _ROUND if tolerance is not None else max(_ROUND, min(65_536, _CELLS // len(events)))
    while done < draws and not (done and _enough(found.lost, tolerance)):
        states, _ = source.next(min(piece, draws - done))
        found.add(states)
        done += len(states)
    return found.sample()


def separate_days(
    events: Sequence[Element], processes: Sequence[Process], values: SetValues, seed: int, years: int,
    tolerance: float | None, down: Collection[str] | None = None,
) -> Sample:  # fmt: skip
    """Losses of chronological years in which every day is solved separately."""
    found = _Pieces(values)
    for block in histories(events, processes, seed, years, down):
        found.add(year_states(block, len(events)), YEAR)
        if _enough(found.lost, tolerance):
            break
    return found.sample()


def linked_years(
    system: ExportSystem, scenario: Scenario, events: Sequence[Element], processes: Sequence[Process], seed: int,
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
            # Zero values within a solver's tolerance.
            found = np.where(np.abs(found) < 1e-6 * max(1.0, float(np.abs(found).max())), 0.0, found)
            lost.append(found[:, 0])
            shortage.append(found[:, 1])
            if _enough(lost, tolerance):
                return Sample(np.concatenate(lost), np.concatenate(shortage), nowhere)
    return Sample(np.concatenate(lost), np.concatenate(shortage), nowhere)


def closures_of(events: Sequence[Element], history: History, year: int) -> list[Closure]:
    """Outages of one year as closures with dates."""
    first_day = dt.date(year, 1, 1)
    return [
        events[place].closure.model_copy(
            update={"start": first_day + dt.timedelta(days=begin), "end": first_day + dt.timedelta(days=end)}
        )
        for place, begin, end in history
    ]
