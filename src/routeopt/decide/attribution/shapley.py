"""Who contributes what to exports: the Shapley value of routes, countries, fields or legs."""

from __future__ import annotations

import concurrent.futures as futures
from collections.abc import Mapping
from itertools import combinations
from typing import Any, Literal

import numpy as np

from routeopt.allocation.allocate import name_of
from routeopt.allocation.tables import Scales
from routeopt.arrays import Bools, Floats
from routeopt.decide.attribution.result import ShapleyTable
from routeopt.decide.attribution.values import exact, sampled
from routeopt.elements.elements import Over, elements_over, kind_of
from routeopt.elements.values import SetValues, every_set
from routeopt.errors import InputError, Problem, did_you_mean
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.scenario.resolve import resolve
from routeopt.solve.batch import Batch
from routeopt.system import ExportSystem

__all__ = ["MEASURES", "shapley"]


MEASURES = ("volume", "netback")
"""What can be attributed."""

EXACT, MOST_EXACT = 15, 20
"""Up to so many players all coalitions are solved; and up to so many at all, where that takes no more solves."""

ORDERS, MOST_ORDERS, FEWEST = 1_000, 20_000, 12
"""Random orders by default, at most with a tolerance, and at least."""

_PAIRED = 12
"""Beyond the exact case, pairs among so many of the largest players are looked at."""


def shapley(
    system: ExportSystem,
    over: Over = "route",
    *,
    scenario: str | Scenario | Mapping[str, Any] | None = None,
    measure: Literal["volume", "netback"] = "volume",
    draws: int | None = None,
    tolerance: float | None = None,
    seed: int = 0,
    economic: bool = False,
    executor: futures.Executor | None = None,
) -> ShapleyTable:
    """Attribute exports or netback to routes, countries, fields or legs.

    The value v(S) of a coalition is what can be exported, or what that earns, when the players in S are open and all
    others are closed. The Shapley value of a player is what it adds on average when players open one after the other
    in random order (Shapley 1953, in Contributions to the Theory of Games II). Values add up to v(all) - v(none)
    exactly, which losing each player alone (``leave_one_out``) does not. It is an attribution: who contributes. It is
    no forecast of what anyone could bargain for.

    Parameters
    ----------
    system : ExportSystem
    over : str or iterable of closures
        Players: each ``route``, ``country`` (but the exporter's own), ``field``, ``leg``, or any other kind that
        `routeopt.contingencies` can close; or closures as in a file, each one player. A closed country closes every
        leg that crosses it and its hubs, so a leg in several countries runs only if all of them are open. A closed
        field produces nothing. Players whose closures hit exactly the same parts are one (``port = loading``).
    scenario : str, Scenario or mapping, optional
        Background scenario, applied as a static full-year case.
    measure : str
        ``volume``, or ``netback``: revenue less cost of the same allocation, volume first. The netback of fewer
        players may be larger: what must be exported first may not pay, and contracts are due.
    draws : int, optional
        Random orders, in pairs of one and its reverse. Without a word everything is exact up to 15 players, and
        beyond 1,000 orders are drawn (with a tolerance up to 20,000). Where all coalitions take no more solves than
        the draws, all are solved.
    tolerance : float, optional
        Draw no more once the largest standard error is no more than this, in the unit of the values.
    seed : int
        Of the orders.
    economic : bool
        Money before volume.
    executor : concurrent.futures.Executor, optional
        Spread over its workers. The result does not depend on it.

    Returns
    -------
    ShapleyTable

    Raises
    ------
    InputError
        An argument is out of range.
    ScenarioError
        The kind is unknown, there is nothing of it, or a closure or the scenario does not fit the system.
    SolveError
        An optimum does not exist or cannot be proven.

    Notes
    -----
    Refineries at home are served first. Opening what feeds one can take crude from exports, so a contribution to the
    volume may be negative; what it does for refineries is in the column ``relief``.

    Who the players are is part of the question. Two that were merged, since they close the same parts, count as one in
    the order of arrival: apart, each would have half of what they need together, and others would have other values.

    Examples
    --------
    A field of 10 and two lines of 7: either alone would export 7, so without one only 3 are lost. By order of arrival
    each adds 7 or 3.

    >>> import routeopt as ro
    >>> line = {"from": "field", "to": "port", "capacity": "7 Mt/y"}
    >>> system = ro.ExportSystem.from_dict({
    ...     "nodes": {"field": {"kind": "field", "output": "10 Mt/y"}, "port": {"kind": "market"}},
    ...     "legs": {"east": line, "west": line},
    ... })
    >>> found = ro.shapley(system, over="leg")
    >>> found.table[["shapley", "leave_one_out",
    ...     "stand_alone_value"]].round(6).loc["east"].tolist(), round(found.total, 6)
    ([5.0, 3.0, 7.0], 10.0)
    """
    _check(measure, draws, tolerance, seed)
    flat = resolve(system, scenario).model_copy(update={"horizon": None})
    situation = situate(system, flat)
    elements = elements_over(system, flat, situation, over)
    batch = Batch(system, situation, [element.closure for element in elements], economic=economic)
    known = SetValues(batch, executor=executor)
    scales, players = Scales.of(situation.system.units.flow), len(elements)

    def value(members: Bools) -> Floats:
        found = known.of(~members)
        return found[:, 0] / scales.flow if measure == "volume" else -found[:, 2] * scales.money

    def relief_of(members: Bools) -> Floats:
        return -known.of(~members)[:, 1] / scales.flow

    orders = (MOST_ORDERS if tolerance else ORDERS) if draws is None else draws
    whole = players <= EXACT if draws is None else players <= MOST_EXACT and 1 << players <= draws * (players + 1)
    if whole:
        members = every_set(players)
        phi, error, moved, orders = exact(value(members)), np.zeros(players), np.ones(players, bool), 0
        relief = exact(relief_of(members))
    else:
        phi, error, moved, orders = sampled(value, players, orders + orders % 2, seed, tolerance)
        relief = sampled(relief_of, players, orders, seed).value  # the same orders, which are all solved by now
    largest = np.arange(players) if whole else np.sort(np.argsort(-np.abs(phi), kind="stable")[:_PAIRED])
    pairs = np.array(list(combinations(largest.tolist(), 2)), np.intp).reshape(-1, 2)
    one = np.eye(players, dtype=bool)
    ends = value(np.array([np.zeros(players, bool), np.ones(players, bool)]))
    return ShapleyTable(
        situation.system, name_of(scenario, flat), kind_of(over), measure, tuple(element.name for element in elements),
        float(ends[0]), float(ends[1]), phi, relief, error, value(~one), value(one), moved,
        pairs, value(~(one[pairs[:, 0]] | one[pairs[:, 1]])), orders, seed, known.solved,
    )  # fmt: skip


def _check(measure: object, draws: object, tolerance: object, seed: object) -> None:
    if measure not in MEASURES:
        text = f"unknown measure {measure!r}"
        raise InputError(Problem(text, ("measure",), did_you_mean(str(measure), MEASURES), "unknown-id"))
    for name, number, least in (("draws", draws, FEWEST), ("seed", seed, 0)):
        if name == "draws" and number is None:
            continue
        if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < least:
            text = f"{number!r} is no whole number of {least} or more"
            raise InputError(Problem(text, (name,), f"write {name}={ORDERS if least else 1}"))
    if tolerance is None:
        return
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float) or not 0 < tolerance < float("inf"):
        text = f"a tolerance of {tolerance!r}"
        raise InputError(Problem(text, ("tolerance",), "write a standard error above zero in the unit of the values"))
