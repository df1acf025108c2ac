"""Contingencies: every set of one, two or three decisions to close something."""

from __future__ import annotations

import concurrent.futures as futures
import math
from collections.abc import Mapping
from typing import Any

from routeopt.allocation.allocate import name_of
from routeopt.elements.elements import Over, closable, kind_of
from routeopt.elements.sweep import sweep
from routeopt.errors import Problem, ScenarioError
from routeopt.resilience.contingencies_result import Contingencies
from routeopt.scenario import Scenario
from routeopt.scenario.resolve import resolve
from routeopt.solve.batch import Engine
from routeopt.system import ExportSystem

__all__ = ["contingencies"]

_MOST = 3

MOST_SETS = 4_000_000
"""More sets are refused: they would take too much memory, and mostly hours."""

_BYTES = 250
"""Memory of a set at its peak: decisions, bounds, values, losses and ranks."""


def contingencies(
    system: ExportSystem,
    k: int = 1,
    over: Over = "leg",
    *,
    scenario: str | Scenario | Mapping[str, Any] | None = None,
    executor: futures.Executor | None = None,
    top: int | None = None,
    economic: bool = False,
    engine: Engine = "auto",
    chunk: int | None = None,
    prune: bool | None = None,
) -> Contingencies:
    """What every set of up to ``k`` closures costs: exhaustive N-1, N-2 or N-3, ranked: refineries first, then exports.

    Parameters
    ----------
    system : ExportSystem
    k : int
        Most decisions at a time: 1, 2 or 3. It counts decisions, not legs: a country closes all its legs with one.
    over : str or iterable of closures
        What is closed: each ``leg``, ``component`` (named ``leg/component``), ``node``, ``field``, ``route``,
        ``country`` (but a single exporter's own), ``chokepoint``, ``operator`` or ``group``; or closures as in a
        file, each one decision.
    scenario : str, Scenario or mapping, optional
        What holds besides, with all its closures in force; losses are counted from there.
    executor : concurrent.futures.Executor, optional
        Spread over its workers. The result does not depend on it.
    top : int, optional
        Keep only so many sets in the table. All are solved and counted.
    economic : bool
        Let fields shut in when exporting does not pay.
    engine, chunk
        As in `routeopt.solve.batch.Batch.solve`.
    prune : bool, optional
        Do not solve a set in which the optimum of a smaller one stands (proof in
        `routeopt.elements.pruning.stands`). The values are the same; without a word it is done where it saves time.

    Returns
    -------
    Contingencies

    Raises
    ------
    ScenarioError
        ``k`` or ``top`` is out of range, there are more than `MOST_SETS` sets, the kind is unknown, there is nothing
        of it whose closure closes anything, or a closure or the scenario does not fit the system.
    SolveError
        An optimum does not exist or cannot be proven.

    Notes
    -----
    Time is not resolved: closures hold all the time, as in `allocate` without a horizon. Decisions that hit exactly
    the same parts are one decision with both names (``port = loading``).

    Examples
    --------
    >>> import routeopt as ro
    >>> found = ro.contingencies(ro.load("kazakhstan"), k=1, over="route")
    >>> found.table.loc[1, "decisions"], bool(found.table.loc[1, "lost"] > found.exported / 2)
    (('cpc',), True)
    >>> found.counts.solved + found.counts.pruned == found.counts.sets == len(found.table) + 1
    True
    """
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= _MOST:
        raise ScenarioError(Problem(f"cannot close sets of {k!r}", ("k",), "write 1, 2 or 3"))
    if top is not None and (isinstance(top, bool) or not isinstance(top, int) or top < 1):
        raise ScenarioError(Problem(f"cannot keep {top!r} sets", ("top",), "write 1 or more, or None for all"))
    flat = resolve(system, scenario).model_copy(update={"horizon": None})
    situation, elements, batch = closable(system, flat, over, economic=economic)
    _check_size(len(elements), k)
    swept = sweep(batch, min(k, len(elements)), prune=prune, engine=engine, executor=executor, chunk=chunk)
    return Contingencies(situation.system, name_of(scenario, flat), kind_of(over),
                         tuple(element.name for element in elements), swept, batch.plan.bounds.unit, top)  # fmt: skip


def _check_size(decisions: int, k: int) -> None:
    sets = sum(math.comb(decisions, size) for size in range(k + 1))
    if sets > MOST_SETS:
        fits = next(
            size for size in range(k - 1, -1, -1) if sum(math.comb(decisions, s) for s in range(size + 1)) <= MOST_SETS
        )
        text = (
            f"{decisions:,} decisions make {sets:,} sets of up to {k}, which would take {sets * _BYTES / 1e9:,.0f} GB"
        )
        most = max(n for n in range(1, decisions) if sum(math.comb(n, size) for size in range(k + 1)) <= MOST_SETS)
        hint = f"write k={fits}, or name up to {most} decisions in over=, for instance those that lose most at k={fits}"
        raise ScenarioError(Problem(text, ("k",), hint, "too-many"))
