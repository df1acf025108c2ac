"""What to build when nobody knows what will close: a two-stage stochastic program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
from pydantic import TypeAdapter, ValidationError

from routeopt.allocation.allocate import name_of
from routeopt.decide.expansion.options import Option, read_options
from routeopt.decide.expansion.outcomes import Operator, Prices
from routeopt.decide.expansion.plan import ExpansionPlan
from routeopt.decide.expansion.risk import CVaR
from routeopt.decide.expansion.setup import Case, Setup
from routeopt.decide.expansion.solve import solve_setup
from routeopt.errors import InputError, Problem, ScenarioError
from routeopt.model import objectives_of
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.scenario.resolve import resolve
from routeopt.solve.engine import program_of
from routeopt.system import ExportSystem, Quantity
from routeopt.system.quantity import Price

__all__ = ["METHODS", "expand"]

OneScenario = str | Scenario | Mapping[str, Any]
Method = Literal["auto", "enumeration", "extensive", "l-shaped"]

METHODS = get_args(Method)

_PRICE: TypeAdapter[Quantity] = TypeAdapter(Price)


def expand(
    system: ExportSystem,
    options: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]],
    scenarios: Mapping[str, Any] | Sequence[OneScenario] | None = None,
    *,
    outages: bool = False,
    draws: int = 1000,
    seed: int = 0,
    risk: CVaR | None = None,
    economic: bool = False,
    value_of_lost_exports: str | float = 0.0,
    value_of_unmet_demand: str | float | None = None,
    annuity_as_toll: bool = False,
    continuous: bool = False,
    method: Method = "auto",
) -> ExpansionPlan:
    """Choose builds and their sizes under uncertain closures (two-stage program).

    The first stage chooses sizes and pays an annuity for them, k; the second sees the state s and pays Q(s). What is
    minimised is k + (1 - λ) E[Q] + λ CVaR[Q]. A year is one state: nothing is built between years, and what closes is
    closed all year (outages: at a random instant of the steady state).

    **Capital.** capex × r(1+r)ⁿ/((1+r)ⁿ-1) a year, from the sizes, capex, discount and life of the option. It is sunk
    once built, so the operator of the second stage is not charged for it: the capital that `routeopt.allocate` adds to
    the tariff of a built leg is left out here, and is paid once, by the annuity, whether oil flows or not. If the rate
    of interest already asks a premium for closures, they count twice: take a rate without it.

    **Second stage.** Q = spending - revenue + value_of_lost_exports × volume lost + value_of_unmet_demand ×
    refineries' shortage, where the volume lost is counted from what the base exports with nothing built (what is
    exported beyond that counts as a gain here, and as no loss in `ExpansionPlan.expected_loss`). It is one sum whoever
    decides:

    - volume first (the default, as in `routeopt.allocate`): refineries, then exports, then money. The flows do not
      minimise Q, so Q is in general neither convex in a size nor falling. It is exact for discrete sizes, where every
      combination is solved; there is no linear program for continuous ones, and they are refused.
    - ``economic=True``: the flows minimise Q itself. Then Q is convex in the sizes, sizes may be continuous, and both
      the deterministic equivalent and the L-shaped method apply. Refineries come first only as far as
      ``value_of_unmet_demand`` says.

    Revenue that is missed counts in full. Oil that is shut in is not gone, though: what it is worth later, and the cost
    of lifting it that is saved, belong into a negative ``value_of_lost_exports``; penalties and trust into a positive
    one.

    Parameters
    ----------
    system : ExportSystem
    options : str, mapping, or sequence of those
        Legs with a ``build`` record (sizes, capex, discount, life), or the same as data: ``{"leg": "rail", "sizes":
        ["2 Mt/y"], "capex": ["1e9 USD"], "discount": "8 %", "life": "20 y"}``. A leg that operates gets the size on
        top.
    scenarios : mapping or sequence
        Probabilities by name, ``{"cpc-closed": "5 %"}``, or scenarios as data with a ``probability``. At most one of
        them happens in a year; the rest of the probability is the base. A probability may have ``low`` and ``high``.
    outages : bool
        Let legs, components and causes fail by chance in the base, as in `routeopt.simulate_outages`. Every choice
        meets the same draws (common random numbers), equal states are merged, and where there are few all are
        enumerated. Scenarios have no outages on top.
    draws, seed : int
        Of the outages.
    risk : CVaR, optional
        How the bad tail is weighed; the mean alone if not given.
    economic : bool
        See above.
    value_of_lost_exports : str or float
        What a unit of lost exports costs beside the revenue that is missed, ``"50 USD/t"``, in the system's tonnes or
        barrels.
    value_of_unmet_demand : str or float, optional
        What a unit that refineries lack costs; what the dearest market pays if not given.
    annuity_as_toll : bool
        Let shippers pay the annuity as a charge on each tonne at full use, as `routeopt.allocate` does: flows then
        leave an option empty where others are cheaper. The charge goes to its owner, who pays the annuity with it, so
        it is counted once. Without it (the default) flows follow operating costs alone, which is the cheapest for all
        of them together, and the annuity is nobody's reason to leave the line empty. Discrete sizes only.
    continuous : bool
        Any size from zero to the largest, capex and limits straight between the studied sizes and from zero to the
        smallest. Capex that falls with size a unit (economies of scale) is not convex: then a binary for each piece
        makes it a mixed-integer program, exact but without marginal values.
    method : str
        ``enumerate`` solves every combination of sizes in the batch engine; ``extensive`` is the deterministic
        equivalent in HiGHS; ``l-shaped`` decomposes. Answers of the last two are solved again state by state and
        proven.

    Returns
    -------
    ExpansionPlan

    Raises
    ------
    InputError
        Options, probabilities or prices that cannot be used; sizes that the method cannot do.
    ScenarioError
        A scenario does not fit the system, or builds an option itself.
    SolveError
        There is no optimum, or none that can be proven.

    Examples
    --------
    A line of 10 Mt/y earns 100 USD/t. A second one of 5 costs 73 million a year and is worth 500 when the first is
    shut: it pays from a probability of 0.146 on.

    >>> import routeopt as ro
    >>> system = ro.ExportSystem.from_dict({
    ...     "price": "100 USD/t",
    ...     "nodes": {"field": {"kind": "field", "output": "10 Mt/y"}, "port": {"kind": "market"}},
    ...     "legs": {
    ...         "line": {"from": "field", "to": "port", "capacity": "10 Mt/y"},
    ...         "second": {"from": "field", "to": "port", "status": "hypothetical",
    ...                    "build": {"sizes": "5 Mt/y", "capex": "730e6 USD", "lifetime": "10 y"}},
    ...     },
    ... }).with_scenarios({"shut": ro.Scenario.model_validate({"closures": [{"leg": "line"}]})})
    >>> plan = ro.expand(system, "second", {"shut": 0.2})
    >>> {leg: str(size) for leg, size in plan.build.items()}
    {'second': '5 Mt/y'}
    >>> round(float(plan.break_even["break_even"].iloc[0]), 9)
    0.146
    """
    problems = []
    for name, value, least in (("draws", draws, 1), ("seed", seed, 0)):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) >= least
        if not whole:
            problems.append(Problem(f"needs a whole number from {least}, not {value!r}", (name,)))
    if risk is not None and not isinstance(risk, CVaR):
        problems.append(Problem(f"is no measure of risk: {risk!r}", ("risk",), "write ro.CVaR(0.95, weight=0.5)"))
    if method not in METHODS:
        problems.append(Problem(f"unknown word {method!r}", ("method",), f"write {', '.join(METHODS)}"))
    elif continuous and method == "enumeration":
        problems.append(Problem("continuous sizes cannot be enumerated", ("method",), "leave it out"))
    elif not economic and (continuous or method in ("extensive", "l-shaped")):
        what = "continuous sizes" if continuous else f"method {method!r}"
        text = f"{what} need one objective: with volume before money the cost of a state is not convex in the sizes"
        problems.append(Problem(text, ("economic",), "write economic=True, or take discrete sizes", "not-convex"))
    elif annuity_as_toll and (continuous or method in ("extensive", "l-shaped")):
        text = "a toll moves flows away from what costs least, so that the cost of a state is not convex in the sizes"
        problems.append(
            Problem(text, ("annuity_as_toll",), "take discrete sizes and method='enumeration'", "not-convex")
        )
    if problems:
        raise InputError(problems)
    held, read = read_options(system, options)
    cases = _cases(held, scenarios, read)
    if not cases and not outages:
        text = "nothing is uncertain, so there is nothing to insure against"
        raise InputError(Problem(text, ("scenarios",), "write scenarios={'cpc-closed': '5 %'} or outages=True"))
    lost = _price(held, value_of_lost_exports, "value_of_lost_exports")
    shortage = (
        _dearest(held)
        if value_of_unmet_demand is None
        else _price(held, value_of_unmet_demand, "value_of_unmet_demand")
    )
    if shortage < 0:
        raise InputError(
            Problem("a shortage that pays has no end", ("value_of_unmet_demand",), "write a positive price")
        )
    operator = Operator(bool(economic), Prices(lost, shortage))
    setup = Setup(held, read, cases, bool(outages), int(draws), int(seed), operator, risk or CVaR(0.95, weight=0.0),
                  bool(continuous), method, bool(annuity_as_toll))  # fmt: skip
    return ExpansionPlan(solve_setup(setup))


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
            problems.append(Problem(text, here, "take a scenario that does not build it", "already-built"))
        assert own is not None
        found.append(Case(name, flat, own))
    total = sum(case.probability.inner for case in found)
    if total > 1.0 + 1e-12:
        text = f"probabilities add up to {total:g}, more than 1: at most one scenario happens in a year"
        problems.append(Problem(text, ("scenarios",), "make them smaller", "probability"))
    if problems:
        raise (ScenarioError if all(one.code == "already-built" for one in problems) else InputError)(problems)
    return tuple(found)


def _price(system: ExportSystem, value: Any, name: str) -> float:
    """A price in the system's tonnes or barrels, inner units."""
    piece = f"USD/{system.priced_unit}"
    plain = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    try:
        read = _PRICE.validate_python(f"{float(value)!r} {piece}" if plain else value)
    except ValidationError as error:
        problem = error.errors()[0]
        raise InputError(Problem(str(problem["msg"]), (name,), f"write '50 {piece}'", "price")) from None
    if read.measured_by != system.measured_by:
        raise InputError(Problem(f"{read.unit} is not what the system counts in", (name,), f"write '50 {piece}'"))
    return read.inner


def _dearest(system: ExportSystem) -> float:
    """What the dearest market pays for the dearest stream, thousand USD an inner unit."""
    program = program_of(system)
    revenue = objectives_of(program, situate(system, Scenario())).revenue
    return max(0.0, float(revenue.max(initial=0.0)))
