"""Reading what a caller of `expand` means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from routeopt.allocation.allocate import name_of
from routeopt.decide.expansion.options import Option, operating, read_options
from routeopt.decide.expansion.outcomes import Operator, Outages, Prices, Source, states_of
from routeopt.decide.expansion.risk import CVaR
from routeopt.decide.expansion.values import States
from routeopt.errors import InputError, Problem, ScenarioError
from routeopt.model import objectives_of
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.scenario.resolve import resolve
from routeopt.solve.engine import program_of
from routeopt.system import ExportSystem, Quantity
from routeopt.system.quantity import Price

__all__ = ["METHODS", "Case", "Setup", "read_setup"]

METHODS = ("auto", "enumerate", "extensive", "l-shaped")

_PRICE: TypeAdapter[Quantity] = TypeAdapter(Price)


@dataclass(frozen=True)
class Case:
    """A scenario and how likely it is."""

    name: str
    scenario: Scenario
    probability: Quantity


@dataclass(frozen=True)
class Setup:
    """A question as it was read: everything that an answer depends on; arguments as in `expand`."""

    system: ExportSystem  # with the options in it
    options: tuple[Option, ...]
    cases: tuple[Case, ...]
    outages: bool
    draws: int
    seed: int
    operator: Operator
    risk: CVaR
    continuous: bool
    method: str
    toll: bool

    def sampled(self) -> Outages | None:
        """The random instants of the base."""
        if not self.outages:
            return None
        return states_of(self.system, {one.leg: one.sizes[-1] for one in self.options}, self.draws, self.seed)

    def states(self, sampled: Outages | None) -> States:
        """All states, ready to be solved."""
        seen = operating(self.system, self.options)
        charged = self.system if self.toll else None
        sources = [Source(seen, Scenario(), sampled, self.operator, charged)]
        sources += [Source(seen, case.scenario, None, self.operator, charged) for case in self.cases]
        chances = np.array([case.probability.inner for case in self.cases])
        base = np.ones(1) if sampled is None else sampled.weight
        return States(tuple(sources), tuple(case.name for case in self.cases), chances, base)

    def on(self, system: ExportSystem) -> Setup:
        """The same question about a system with other numbers."""
        options = []
        for option in self.options:
            build = system.legs[option.leg].build
            assert build is not None
            options.append(Option(option.leg, build))
        return replace(self, system=system, options=tuple(options))


def read_setup(
    system: ExportSystem, options: object, scenarios: object, *, outages: bool, draws: object, seed: object,
    risk: object, economic: bool, lost_value: object, shortage_value: object, continuous: bool, method: str,
    toll: bool,
) -> Setup:  # fmt: skip
    """See `routeopt.decide.expansion.expand.expand`."""
    problems = []
    for name, value, least in (("draws", draws, 1), ("seed", seed, 0)):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) >= least
        if not whole:
            problems.append(Problem(f"needs a whole number from {least}, not {value!r}", (name,)))
    if risk is not None and not isinstance(risk, CVaR):
        problems.append(Problem(f"is no measure of risk: {risk!r}", ("risk",), "write ro.CVaR(0.95, weight=0.5)"))
    if method not in METHODS:
        problems.append(Problem(f"unknown word {method!r}", ("method",), f"write {', '.join(METHODS)}"))
    elif continuous and method == "enumerate":
        problems.append(Problem("continuous sizes cannot be enumerated", ("method",), "leave it out"))
    elif not economic and (continuous or method in ("extensive", "l-shaped")):
        what = "continuous sizes" if continuous else f"method {method!r}"
        text = f"{what} need one objective: with volume before money the cost of a state is not convex in the sizes"
        problems.append(Problem(text, ("economic",), "write economic=True, or take discrete sizes", "not-convex"))
    elif toll and (continuous or method in ("extensive", "l-shaped")):
        text = "a toll moves flows away from what costs least, so that the cost of a state is not convex in the sizes"
        problems.append(Problem(text, ("toll",), "take discrete sizes and method='enumerate'", "not-convex"))
    if problems:
        raise InputError(problems)
    held, read = read_options(system, options)
    cases = _cases(held, scenarios, read)
    if not cases and not outages:
        text = "nothing is uncertain, so there is nothing to insure against"
        raise InputError(Problem(text, ("scenarios",), "write scenarios={'cpc-closed': '5 %'} or outages=True"))
    lost = _price(held, lost_value, "lost_value")
    shortage = _dearest(held) if shortage_value is None else _price(held, shortage_value, "shortage_value")
    if shortage < 0:
        raise InputError(Problem("a shortage that pays has no end", ("shortage_value",), "write a positive price"))
    operator = Operator(bool(economic), Prices(lost, shortage))
    assert isinstance(draws, int | np.integer)
    assert isinstance(seed, int | np.integer)
    weighed = risk if isinstance(risk, CVaR) else CVaR(0.95, weight=0.0)
    return Setup(held, read, cases, bool(outages), int(draws), int(seed), operator, weighed, bool(continuous), method,
                 bool(toll))  # fmt: skip


def _flat(system: ExportSystem, one: Any, options: tuple[Option, ...]) -> Scenario:
    """A flat scenario. It may close a part of an option, of which there is a capacity only once it stands."""
    try:
        return resolve(system, one)
    except ScenarioError:
        built = {option.leg: str(option.sizes[-1]) for option in options}
        try:
            flat = resolve(system, one, build=built)
        except ScenarioError:
            flat = None
        if flat is None:
            raise
    own = {leg: size for leg, size in flat.build.items() if leg not in built}
    return flat.model_copy(update={"build": type(flat.build)(own)})


def _cases(system: ExportSystem, scenarios: object, options: tuple[Option, ...]) -> tuple[Case, ...]:
    if scenarios is None:
        return ()
    listed: list[tuple[Any, Any]]
    if isinstance(scenarios, Mapping):
        listed = [(name, chance) for name, chance in scenarios.items()]
    elif isinstance(scenarios, str | Scenario) or not hasattr(scenarios, "__iter__"):
        listed = [(scenarios, None)]
    else:
        listed = [(one, None) for one in scenarios]
    found: list[Case] = []
    problems: list[Problem] = []
    legs = {option.leg for option in options}
    for place, (one, chance) in enumerate(listed):
        flat = _flat(system, one, options)
        name = name_of(one, flat)
        here = ("scenarios", name if isinstance(one, str) else place)
        if chance is None:
            # A probability belongs to the scenario itself, not to what it extends.
            own = system.scenarios[one].probability if isinstance(one, str) else flat.probability
            if own is None:
                hint = f"write {{{name!r}: '5 %'}}, or give the scenario a probability"
                problems.append(Problem(f"{name!r} has no probability", here, hint, "no-probability"))
                continue
        else:
            try:
                own = Scenario.model_validate({"probability": chance}).probability
            except ValidationError as error:
                text = str(error.errors()[0]["msg"])
                problems.append(Problem(f"probability {text}", here, "write a share from 0 to 1", "probability"))
                continue
        if name in {case.name for case in found}:
            problems.append(Problem(f"two scenarios are called {name!r}", here, "give them titles"))
        built = sorted(legs & {*flat.build, *flat.reopen})
        if built:
            text = f"{name!r} has {', '.join(built)} already, which is what is to be decided"
            problems.append(Problem(text, here, "take a scenario that does not build it", "built"))
        assert own is not None
        found.append(Case(name, flat, own))
    total = sum(case.probability.inner for case in found)
    if total > 1.0 + 1e-12:
        text = f"probabilities add up to {total:g}, more than 1: at most one scenario happens in a year"
        problems.append(Problem(text, ("scenarios",), "make them smaller", "probability"))
    if problems:
        raise (ScenarioError if all(one.code == "built" for one in problems) else InputError)(problems)
    return tuple(found)


def _price(system: ExportSystem, value: Any, name: str) -> float:
    """A price in the system's tonnes or barrels, inner units."""
    piece = f"USD/{system.piece}"
    plain = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    try:
        read = _PRICE.validate_python(f"{float(value)!r} {piece}" if plain else value)
    except ValidationError as error:
        problem = error.errors()[0]
        raise InputError(Problem(str(problem["msg"]), (name,), f"write '50 {piece}'", "price")) from None
    if read.basis != system.basis:
        raise InputError(Problem(f"{read.unit} is not what the system counts in", (name,), f"write '50 {piece}'"))
    return read.inner


def _dearest(system: ExportSystem) -> float:
    """What the dearest market pays for the dearest stream, thousand USD an inner unit."""
    program = program_of(system)
    revenue = objectives_of(program, situate(system, Scenario())).revenue
    return max(0.0, float(revenue.max(initial=0.0)))
