"""Random outages: snapshots, and chronological years with first and last days."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Bools, Floats
from routeopt.elements.elements import Element
from routeopt.resilience.outages.process import YEAR, Process

__all__ = ["YEAR_BLOCK", "History", "Instants", "histories", "year_states"]

Ints = NDArray[np.int64]

YEAR_BLOCK = 256
"""Years drawn together; fixed, since it assigns random numbers to years."""

History = list[tuple[int, int, int]]
"""Outages of one year: event, first day down, first day back; days from 0 to 365."""


def stream(seed: int, name: str, block: int = 0) -> np.random.Generator:
    """Random numbers of one event; they depend on its id only, not on other events."""
    words = np.frombuffer(hashlib.sha256(name.encode()).digest()[:16], "<u4").tolist()
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(*words, block)))


class Instants:
    """States at random times of the year (snapshots), drawn in chunks.

    Each event has its own stream, read in order, so that draws do not depend on chunk size and two systems that share
    an event share its draws (common random numbers). An event is down if its number is below its probability on that
    day.
    """

    def __init__(self, events: Sequence[Element], processes: Sequence[Process], seed: int) -> None:
        self._processes = processes
        self._day = stream(seed, "day of the year")
        self._streams = [stream(seed, event.name) for event in events]

    def next(self, many: int) -> tuple[Bools, Ints]:
        """The next draws: states, shape (many, events), and the day of the year of each."""
        days = self._day.integers(0, YEAR, many)
        states = np.empty((many, len(self._streams)), bool)
        for place, (process, rng) in enumerate(zip(self._processes, self._streams, strict=True)):
            chance = process.down[days] if process.seasonal else process.down[0]
            states[:, place] = rng.random(many) < chance
        return states, days


def histories(
    events: Sequence[Element], processes: Sequence[Process], seed: int, years: int, down: Collection[str] | None = None
) -> Iterator[list[History]]:
    """Chronological years, in blocks of `YEAR_BLOCK`; each begins in the steady state, independent of the others.

    A day has the state of its first instant: an outage covers the midnights between its begin and end, so that days
    are whole and durations keep their mean. If ``down`` is given, these events are down when a year begins (with the
    remaining repair time of the steady state) and all others are up.
    """
    for block in range(-(-years // YEAR_BLOCK)):
        found: list[History] = [[] for _ in range(YEAR_BLOCK)]
        for place, (event, process) in enumerate(zip(events, processes, strict=True)):
            rng = stream(seed, event.name, block + 1)
            begins = process.down[0] if down is None else float(event.name in down)
            for year, first, last in _outages(process, rng, begins):
                found[year].append((place, first, last))
        yield found[: min(YEAR_BLOCK, years - block * YEAR_BLOCK)]


def _outages(process: Process, rng: np.random.Generator, begins: float) -> Iterator[tuple[int, int, int]]:
    total = np.concatenate([[0.0], np.cumsum(process.hazard)])
    edges, clock = np.arange(YEAR + 1.0), np.zeros(YEAR_BLOCK)
    begun = np.flatnonzero(rng.random(YEAR_BLOCK) < begins)
    if len(begun):
        clock[begun] = _left(process, rng, len(begun))
        yield from _whole_days(begun, np.zeros(len(begun)), clock[begun])
    alive = np.arange(YEAR_BLOCK)
    while True:
        alive = alive[clock[alive] < YEAR]
        # The cumulative hazard until the next failure is exponential: invert it to a day.
        reached = np.interp(clock[alive], edges, total) + rng.exponential(1.0, len(alive))
        fails = reached < total[-1]
        alive = alive[fails]
        if not len(alive):
            return
        start = _inverse(reached[fails], total)
        clock[alive] = start + process.repair.sample(rng, len(alive))
        yield from _whole_days(alive, start, clock[alive])


def _inverse(reached: Floats, total: Floats) -> Floats:
    """Days on which a cumulative hazard is reached; days without hazard are skipped."""
    day = np.searchsorted(total, reached, side="right") - 1
    found: Floats = day + (reached - total[day]) / (total[day + 1] - total[day])
    return found


def _left(process: Process, rng: np.random.Generator, many: int) -> Floats:
    """Remaining repair times of outages at the start of the year, given their random age."""
    age = rng.choice(len(process.ages), many, p=process.ages) + rng.random(many)
    atoms = process.repair.atoms
    first = np.minimum(np.searchsorted(atoms, age, side="right"), len(atoms) - 1)
    chosen = first + (rng.random(many) * (len(atoms) - first)).astype(np.int64)
    left: Floats = np.maximum(atoms[chosen] - age, 0.0)
    return left


def _whole_days(years: Ints, start: Floats, end: Floats) -> Iterator[tuple[int, int, int]]:
    first = np.ceil(start).astype(np.int64)
    last = np.minimum(np.ceil(end), YEAR).astype(np.int64)
    some = last > first
    yield from zip(years[some].tolist(), first[some].tolist(), last[some].tolist(), strict=True)


def year_states(block: Sequence[History], events: int) -> Bools:
    """State of every day, shape (years x 365, events)."""
    states = np.zeros((len(block), YEAR, events), bool)
    for year, history in enumerate(block):
        for event, first, last in history:
            states[year, first:last, event] = True
    return states.reshape(-1, events)
