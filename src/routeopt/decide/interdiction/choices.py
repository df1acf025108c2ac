"""What an attacker can choose from: elements, their modes, what they cost, and the budget."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from routeopt.elements.elements import Element, Over, elements_over, kind_of
from routeopt.errors import Problem, ScenarioError, did_you_mean
from routeopt.scenario.case import Situation
from routeopt.scenario.closure import Closure
from routeopt.scenario.resolve import resolve
from routeopt.scenario.scenario import Scenario
from routeopt.system import ExportSystem

__all__ = ["Choices", "choices_of"]


@dataclass(frozen=True)
class Choices:
    """The modes of some elements, called options, of which at most one an element is taken, and what may be spent.

    ``names`` and ``closures`` are of each option, as are the ``decision`` (the element it belongs to) and the ``cost``
    (one where elements are counted). ``kind`` is what the elements are.
    """

    names: tuple[str, ...]
    closures: tuple[tuple[Closure, ...], ...]
    decision: NDArray[np.intp]
    cost: NDArray[np.float64]
    budget: float
    kind: str

    @classmethod
    def of(cls, elements: Sequence[Element], budget: float, kind: str) -> Choices:
        """The modes of elements; several of one have the closures in their names."""
        modes = [(place, mode) for place, element in enumerate(elements) for mode in element.modes]
        names = tuple(
            elements[place].name if len(elements[place].modes) == 1
            else f"{elements[place].name} ({' and '.join(map(str, mode))})" for place, mode in modes
        )  # fmt: skip
        belongs = np.array([place for place, _ in modes], np.intp)
        cost = np.array([elements[place].cost for place, _ in modes], float)
        return cls(names, tuple(mode for _, mode in modes), belongs, cost, budget, kind)

    def __len__(self) -> int:
        return len(self.names)

    def within(self, budget: float) -> Choices:
        """The same with another budget."""
        return replace(self, budget=budget)

    def affords(self, spent: float) -> NDArray[np.bool_]:
        """Options that can still be paid for."""
        return spent + self.cost <= self.budget * (1 + 1e-9)

    @property
    def most(self) -> int:
        """Most elements that the budget pays for."""
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
    """Read what can be attacked; errors are those of `routeopt.worst_case`."""
    if _named(over):
        elements, kind = _with_modes(system, scenario, situation, over), "decision"
    else:
        elements, kind = elements_over(system, scenario, situation, over), kind_of(over)
    known = {name for element in elements for name in (*element.names, element.name)}
    kept = _unprotected(elements, known, protect)
    prices = _prices(costs, budget, known)
    priced = [replace(element, cost=_price(element, prices)) for element in kept]
    return Choices.of(priced, _limit(k, budget), kind)


def _price(element: Element, prices: Mapping[str, float]) -> float:
    said = {prices[name] for name in (*element.names, element.name) if name in prices}
    if len(said) > 1:
        text = f"{element.name} is one decision with several costs"
        raise ScenarioError(Problem(text, ("attack_costs", element.names[0])))
    return said.pop() if said else 1.0


def _named(over: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a mapping names decisions; else it is one closure as data."""
    if not isinstance(over, Mapping) or not over:
        return False
    return all(
        isinstance(value, Mapping | Closure)
        or (isinstance(value, list | tuple) and value and not any(isinstance(one, str) for one in value))
        for value in over.values()
    )


def _with_modes(
    system: ExportSystem, scenario: Scenario, situation: Situation, over: Mapping[str, Any]
) -> list[Element]:
    calm = scenario.model_copy(update={"closures": ()})
    elements = []
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
        elements.append(Element((str(name),), tuple(modes)))
    return elements


def _unprotected(elements: list[Element], known: set[str], protect: object) -> list[Element]:
    if isinstance(protect, str) or not isinstance(protect, Iterable):
        raise ScenarioError(Problem("protect needs a list of names", ("protect",), f"write protect=[{protect!r}]"))
    safe = list(protect)
    for name in safe:
        _refuse_unknown(name, known, "protect")
    kept = [element for element in elements if not {*element.names, element.name} & set(safe)]
    if not kept:
        raise ScenarioError(Problem("everything is protected", ("protect",), "leave something that can be attacked"))
    return kept


def _refuse_unknown(name: object, known: set[str], argument: str) -> None:
    if name not in known:
        hint = did_you_mean(str(name), known, other="can be attacked")
        raise ScenarioError(Problem(f"nothing here is called {name!r}", (argument,), hint, "unknown-id"))


def _prices(costs: object, budget: float | None, known: set[str]) -> dict[str, float]:
    if costs is None:
        return {}
    if budget is None:
        raise ScenarioError(Problem("attack_costs need a budget", ("budget",), "write budget=3"))
    if not isinstance(costs, Mapping):
        text = f"attack_costs are a mapping of names to numbers, not {type(costs).__name__}"
        raise ScenarioError(Problem(text, ("attack_costs",), "write attack_costs={'a': 2}"))
    for name, cost in costs.items():
        _refuse_unknown(name, known, "attack_costs")
        if not _positive(cost):
            raise ScenarioError(
                Problem(f"a cost of {cost!r}", ("attack_costs", str(name)), "write a number above zero")
            )
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
