"""What an adversary can choose from: decisions, their modes, what they cost, and how much he can spend."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from routeopt.elements.elements import Over, elements_over
from routeopt.errors import Problem, ScenarioError, did_you_mean
from routeopt.scenario.case import Situation
from routeopt.scenario.closure import Closure
from routeopt.scenario.resolve import resolve
from routeopt.scenario.scenario import Scenario
from routeopt.system import ExportSystem

__all__ = ["Choices", "choices_of"]


@dataclass(frozen=True)
class Choices:
    """Options, of which at most one a decision is taken.

    Attributes
    ----------
    names : tuple of str
        What each option is called; that of its decision, with the closure behind it where there are several modes.
    closures : tuple of tuple of Closure
        What each option closes.
    decision : int array
        The decision that each option belongs to.
    cost : float array
        Of each option; one where decisions are counted.
    budget : float
        Most that the options taken may cost.
    kind : str
        What is closed.
    """

    names: tuple[str, ...]
    closures: tuple[tuple[Closure, ...], ...]
    decision: NDArray[np.intp]
    cost: NDArray[np.float64]
    budget: float
    kind: str

    def __len__(self) -> int:
        return len(self.names)

    def within(self, budget: float) -> Choices:
        """The same with another budget."""
        return Choices(self.names, self.closures, self.decision, self.cost, budget, self.kind)

    def affords(self, spent: float) -> NDArray[np.bool_]:
        """Options that can still be paid for."""
        return spent + self.cost <= self.budget * (1 + 1e-9)

    @property
    def most(self) -> int:
        """Most decisions that the budget pays for."""
        cheapest = [float(self.cost[self.decision == one].min()) for one in np.unique(self.decision)]
        paid = np.cumsum(np.sort(cheapest))
        return int((paid <= self.budget * (1 + 1e-9)).sum())


def choices_of(
    system: ExportSystem,
    scenario: Scenario,
    situation: Situation,
    k: int,
    over: Over | Mapping[str, Any],
    costs: Mapping[str, Any] | None,
    budget: float | None,
    protect: Iterable[str],
) -> Choices:
    """Read what can be attacked.

    Raises
    ------
    ScenarioError
        See `routeopt.decide.interdiction.worst_case.worst_case`.
    """
    if _named(over):
        listed, kind = _modes(system, scenario, situation, over), "decision"
    else:
        found = elements_over(system, scenario, situation, over)
        listed = [(one.names, ((one.closure,),)) for one in found]
        kind = over if isinstance(over, str) else "closure"
    known = {name for names, _ in listed for name in (*names, " = ".join(names))}
    kept = _unprotected(listed, known, protect)
    prices = _prices(costs, budget, known)
    limit = _limit(k, budget)
    names: list[str] = []
    closures: list[tuple[Closure, ...]] = []
    decision: list[int] = []
    cost: list[float] = []
    for place, (called, modes) in enumerate(kept):
        joined = " = ".join(called)
        price = [prices[name] for name in (*called, joined) if name in prices]
        if len(set(price)) > 1:
            raise ScenarioError(Problem(f"{joined} is one decision with several costs", ("costs", called[0])))
        for mode in modes:
            told = " and ".join(str(closure) for closure in mode)
            names.append(joined if len(modes) == 1 else f"{joined} ({told})")
            closures.append(mode)
            decision.append(place)
            cost.append(price[0] if price else 1.0)
    return Choices(tuple(names), tuple(closures), np.array(decision, np.intp), np.array(cost, float), limit, kind)


Listed = list[tuple[tuple[str, ...], tuple[tuple[Closure, ...], ...]]]


def _named(over: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a mapping names decisions; else it is one closure as data."""
    if not isinstance(over, Mapping) or not over:
        return False
    return all(
        isinstance(value, Mapping | Closure)
        or (isinstance(value, list | tuple) and value and not any(isinstance(one, str) for one in value))
        for value in over.values()
    )


def _modes(system: ExportSystem, scenario: Scenario, situation: Situation, over: Mapping[str, Any]) -> Listed:
    calm = scenario.model_copy(update={"closures": ()})
    listed: Listed = []
    for name, value in over.items():
        modes = []
        for mode in [value] if isinstance(value, Mapping | Closure) else value:
            several: Any = [mode] if isinstance(mode, Mapping | Closure) else mode
            try:
                closures = resolve(system, calm, close=several).closures
                for closure in closures:  # refuses what closes nothing here
                    elements_over(system, scenario, situation, [closure])
            except ScenarioError as error:
                raise ScenarioError([problem.under("over", name) for problem in error.problems]) from None
            modes.append(tuple(closures))
        listed.append(((str(name),), tuple(modes)))
    return listed


def _unprotected(listed: Listed, known: set[str], protect: object) -> Listed:
    if isinstance(protect, str) or not isinstance(protect, Iterable):
        raise ScenarioError(Problem("protect needs a list of names", ("protect",), f"write protect=[{protect!r}]"))
    safe = list(protect)
    for name in safe:
        if name not in known:
            hint = did_you_mean(str(name), known, other="can be attacked")
            raise ScenarioError(Problem(f"nothing here is called {name!r}", ("protect",), hint, "unknown-id"))
    kept = [one for one in listed if not {*one[0], " = ".join(one[0])} & set(safe)]
    if not kept:
        raise ScenarioError(Problem("everything is protected", ("protect",), "leave something that can be attacked"))
    return kept


def _prices(costs: object, budget: float | None, known: set[str]) -> dict[str, float]:
    if costs is None:
        return {}
    if budget is None:
        raise ScenarioError(Problem("costs need a budget", ("budget",), "write budget=3"))
    if not isinstance(costs, Mapping):
        text = f"costs are a mapping of names to numbers, not {type(costs).__name__}"
        raise ScenarioError(Problem(text, ("costs",), "write costs={'a': 2}"))
    for name, cost in costs.items():
        if name not in known:
            hint = did_you_mean(str(name), known, other="can be attacked")
            raise ScenarioError(Problem(f"nothing here is called {name!r}", ("costs",), hint, "unknown-id"))
        if not _positive(cost):
            raise ScenarioError(Problem(f"a cost of {cost!r}", ("costs", str(name)), "write a number above zero"))
    return {str(name): float(cost) for name, cost in costs.items()}


def _limit(k: object, budget: Any) -> float:
    if budget is not None:
        if not _positive(budget):
            raise ScenarioError(Problem(f"a budget of {budget!r}", ("budget",), "write a number above zero"))
        return float(budget)
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ScenarioError(Problem(f"cannot take {k!r} decisions", ("k",), "write 1 or more"))
    return float(k)


def _positive(number: Any) -> bool:
    real = isinstance(number, int | float | np.integer | np.floating) and not isinstance(number, bool)
    return real and 0.0 < float(number) < math.inf
