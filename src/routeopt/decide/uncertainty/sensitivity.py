"""What the ranges of the data mean for an answer."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from routeopt.allocation.allocate import name_of
from routeopt.allocation.trajectory import route_names
from routeopt.decide.uncertainty.conclusions import Check, default_checks, own_checks
from routeopt.decide.uncertainty.draws import draw
from routeopt.decide.uncertainty.inputs import find_inputs
from routeopt.decide.uncertainty.monte_carlo import TOTALS, Outcome, Trials
from routeopt.decide.uncertainty.result import Sensitivity
from routeopt.errors import InputError, Problem
from routeopt.scenario import Scenario
from routeopt.scenario.case import Situation, situate
from routeopt.scenario.resolve import resolve
from routeopt.system import ExportSystem

__all__ = ["sensitivity"]

OneScenario = str | Scenario | Mapping[str, Any] | None


def sensitivity(
    system: ExportSystem,
    scenario: OneScenario | Sequence[OneScenario] = None,
    draws: int = 1000,
    *,
    seed: int = 1,
    conclusions: Mapping[str, Callable[[Any], bool]] | None = None,
    vary: str | Iterable[str] | None = None,
    progress: bool = False,
) -> Sensitivity:
    """Draw inputs from their ranges, solve each draw, and report which conclusions hold.

    Every number that has a range is drawn from a triangular distribution between ``low`` and ``high`` with its mode
    at ``value``; where only one side is given, the other end is the value. Triangular because that is all that three
    numbers say: the published value is the likeliest, the ends are barely possible, nothing lies beyond them. The
    draws are independent, but for numbers that are one: numbers of one key with the same value, unit, range, source
    and estimate (without either, the same note), such as those written once in YAML and aliased, move together.
    A count, such as vessels, is drawn as any other number, as a mean over the year.

    Left out is what does not change the allocation of a whole year: storage, surge, outages, transit, lead time,
    how fast fields turn down and restart; the numbers of legs that work in none of the scenarios, and what it would
    cost to build what is not built; numbers that a scenario overrides, in that scenario. A draw changes data, not
    scenarios: what a scenario builds or adds to a tariff stays.

    Parameters
    ----------
    system : ExportSystem
    scenario : str, Scenario, mapping, None, or a list of those
        As `routeopt.allocate` takes it. All scenarios of a list are solved with the same data in each draw, so
        differences between them are not blurred by chance (common random numbers). None is the base.
    draws : int
    seed : int
        Of `numpy.random.SeedSequence`. A number has a stream of its own, made of the seed and its place: it does not
        depend on the scenarios or on what else varies, and the first draws of a longer run are the same.
    conclusions : mapping of str to function
        Name -> function that says whether the conclusion holds: of an `Allocation`, or with several scenarios of a
        mapping from the scenario's name to its `Allocation`. If not given: which route carries more than the next,
        which capacities are full, and which scenarios export less or more than the first.
    vary : str or iterable of str
        Places (``"legs.btc"``, ``"price"``): only numbers that stand there or below are drawn.
    progress : bool
        Show a bar (needs tqdm).

    Returns
    -------
    Sensitivity
        Every solve behind it is certified as in `routeopt.allocate`.

    Raises
    ------
    InputError
        Nothing has a range, an argument cannot be used, or ranges contradict each other in nearly every draw.
    ScenarioError
        A scenario does not fit the system.
    SolveError
        A draw has no optimum (its number is in the notes of the error).

    Examples
    --------
    >>> import routeopt as ro
    >>> system = ro.ExportSystem.from_dict({
    ...     "nodes": {"field": {"kind": "field", "output": "10 Mt/y"}, "port": {"kind": "market"}},
    ...     "legs": {
    ...         "line": {"from": "field", "to": "port", "tariff": "10 USD/t",
    ...                  "capacity": {"value": "7 Mt/y", "low": 5, "high": 9}},
    ...         "rail": {"from": "field", "to": "port", "capacity": "2 Mt/y", "tariff": "30 USD/t"},
    ...     },
    ... })
    >>> found = ro.sensitivity(system, draws=200, conclusions={"over 8": lambda plan: plan.exported > 8})
    >>> bool(found.conclusions.loc["over 8", "holds"]), bool(0.7 < found.conclusions.loc["over 8", "share"] < 1)
    (True, True)
    >>> found.tornado("exported")[["low_result", "high_result"]].round(6).to_numpy().tolist()
    [[7.0, 10.0]]
    """
    draws, seed = _whole("draws", draws, 1), _whole("seed", seed, 0)
    names, flats, situations = _situations(system, scenario)
    inputs = find_inputs(system, situations, vary)
    trials = Trials(system, situations, inputs)
    values, again = draw(inputs, draws, seed, trials.edits)
    trials.settle(values[0])
    base = trials.run(np.array([one.value for one in inputs]))
    routes = route_names(system)
    checks = default_checks(base, names, routes) if conclusions is None else own_checks(conclusions, flats, names)
    holds = np.array([_told(check, base, name, "at the values of the data") for name, check in checks.items()], bool)
    figures = np.empty((draws, len(names), len(TOTALS) + len(routes)))
    kept = np.zeros((draws, len(checks)), bool)
    for place in _with_bar(draws, progress):
        try:
            outcomes = trials.run(values[place])
        except Exception as error:
            error.add_note(f"in draw {place} of the sensitivity")
            raise
        figures[place] = [outcome.figures for outcome in outcomes]
        kept[place] = [_told(check, outcomes, name, f"in draw {place}") for name, check in checks.items()]
    return Sensitivity(
        system, tuple(names), draws, seed, int(again.sum()), tuple(inputs), tuple(situations), tuple(checks.items()),
        np.array([outcome.figures for outcome in base]), holds, values, figures, kept,
    )  # fmt: skip


def _whole(name: str, number: object, least: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < least:
        what = f"{number!r} is no whole number of {least} or more"
        raise InputError(Problem(what, (name,), f"write {name}={1000 if least else 1}"))
    return int(number)


def _situations(system: ExportSystem, scenario: object) -> tuple[list[str], list[Scenario], list[Situation]]:
    listed: list[Any] = list(scenario) if isinstance(scenario, list | tuple) else [scenario]
    if not listed:
        raise InputError(Problem("names no scenario", ("scenario",), "leave it out for the base"))
    flats = [resolve(system, one) for one in listed]
    names = [name_of(one, flat) for one, flat in zip(listed, flats, strict=True)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(Problem(f"two scenarios are called {twice!r}", ("scenario",), "give them titles"))
    return names, flats, [situate(system, flat) for flat in flats]


def _told(check: Check, outcomes: Sequence[Outcome], name: str, where: str) -> bool:
    try:
        return check(outcomes)
    except Exception as error:
        error.add_note(f"in conclusion {name!r}, {where}")
        raise


def _with_bar(draws: int, progress: bool) -> Iterable[int]:
    if not progress:
        return range(draws)
    try:
        tqdm = importlib.import_module("tqdm")
    except ImportError:
        text = "a progress bar needs tqdm"
        raise InputError(Problem(text, ("progress",), "pip install 'routeopt[progress]'", "missing")) from None
    bar: Iterable[int] = tqdm.tqdm(range(draws), desc="sensitivity", unit="draw")
    return bar
