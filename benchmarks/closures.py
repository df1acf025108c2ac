"""One period under many closures: N-1, N-2 and draws, against every peer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import peers
from instances import Instance
from numpy.typing import NDArray
from row import Row, disagreement
from timing import REPEATS, sample, seconds

import routeopt as ro
from routeopt.elements.sweep import all_sets

__all__ = ["Work", "draws", "rows", "sweep"]

Floats = NDArray[np.float64]

_LIMIT = 10.0
"""Seconds after which a peer gets no further repeat."""


@dataclass(frozen=True)
class Work:
    """Closures of an instance, and how routeopt is asked for all of them.

    Attributes
    ----------
    name : str
    instance : Instance
    many : int
        How many closures.
    ask : callable
        Solves all from a loaded system, end to end, and gives what `values` reads.
    values : callable
        The three values of all closures, shape (many, 3), in the unit of the arrays.
    pick : callable
        Some of the closures, by their places, as the instance's `sets` takes them.
    wanted : dict
        Peer -> ratio that is wanted at least.
    """

    name: str
    instance: Instance
    many: int
    ask: Callable[[], Any]
    values: Callable[[Any], Floats]
    pick: Callable[[NDArray[np.int64]], Any]
    wanted: dict[str, float]


def draws(instance: Instance, many: int, wanted: dict[str, float], engine: Any = "auto", note: str = "") -> Work:
    """Closures by chance; the draws are there, all else is timed."""
    drawn = instance.draws(many)

    def ask() -> Any:
        return instance.batch().solve(drawn, engine=engine)

    def values(found: Any) -> Floats:
        return np.column_stack([found.shortage, -found.exported, found.money]) / instance.unit

    return Work(f"{many:,} draws{note}", instance, many, ask, values, lambda some: drawn[some], wanted)


def sweep(instance: Instance, k: int, wanted: dict[str, float], engine: Any = "auto", note: str = "") -> Work:
    """Every set of k legs by the verb, which also solves the smaller ones."""
    sets = all_sets(len(instance.decisions), k)

    def ask() -> Any:
        return ro.contingencies(instance.system, k, over="leg", engine=engine)

    def values(found: Any) -> Floats:
        exported, shortage, money = found._swept.values[k].T
        return np.column_stack([shortage, -exported, money]) / instance.unit

    return Work(f"N-{k}, {len(sets):,} sets{note}", instance, len(sets), ask, values,
                lambda some: [tuple(one) for one in sets[some]], wanted)  # fmt: skip


def rows(work: Work, chosen: Sequence[str], budget: float = 0.4, repeats: int = REPEATS) -> list[Row]:
    """Compare a work with peers, each on as many of its closures as it solves in a budget.

    Parameters
    ----------
    work : Work
    chosen : sequence of str
        Peers by their names on the command line.
    budget : float
        Seconds that a repeat of a peer may take; at least three closures are solved whatever they take.
    repeats : int
    """
    instance, made = work.instance, []
    expected = work.values(work.ask())  # also compiles and loads what is compiled and loaded once
    asked: dict[str, tuple[Any, Any, NDArray[np.int64]]] = {}
    for name in chosen:
        peer = peers.load(name)
        said = peer if isinstance(peer, str) else "" if peer.closures else "-"
        if not isinstance(peer, str) and not said:
            said = peer.refuses(instance.arrays)
        if said:
            label = name if isinstance(peer, str) else peer.name
            made += [Row(instance.name, instance.arrays.shape, work.name, label, note=said)] * (said != "-")
            continue
        try:
            asked[name] = (peer, *_sampled(work, peer, budget))
        except Exception as error:
            made.append(Row(instance.name, instance.arrays.shape, work.name, peer.name,
                            failed=f"{type(error).__name__}: {error}"))  # fmt: skip
    mine: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in asked}
    last: dict[str, Floats] = {}
    for _ in range(repeats):
        mine.append(seconds(work.ask)[0])
        for name, (peer, sets, _) in asked.items():
            if sum(theirs[name]) > _LIMIT:
                continue
            taken, last[name] = seconds(lambda peer=peer, sets=sets: peer.solve(sets))
            theirs[name].append(taken)
    ours = float(np.median(mine)) / work.many
    for name, (peer, sets, some) in asked.items():
        count = f"{work.many} / {len(sets)} x{len(theirs[name])}"
        made.append(Row(
            instance.name, instance.arrays.shape, work.name, peer.name, count, ours,
            float(np.median(theirs[name])) / len(sets), work.wanted.get(name),
            failed=disagreement(expected[some], last[name]),
        ))  # fmt: skip
    return made


def _sampled(work: Work, peer: Any, budget: float) -> tuple[Any, NDArray[np.int64]]:
    """Closures for a peer: as many as fit, by what a few take."""
    instance = work.instance
    peer.prepare(instance.arrays)
    first = getattr(peer, "at_once", 3)  # some build for so many at once that they are not asked for fewer
    few = instance.sets(work.pick(sample(work.many, first)))
    if first > 3:
        return few, sample(work.many, first)
    each = seconds(lambda: peer.solve(few))[0] / len(few)
    some = sample(work.many, max(first, int(budget / each)))
    return instance.sets(work.pick(some)), some
