"""From named scenarios to one flat scenario, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from routeopt.errors import InputError, Problem, ScenarioError, did_you_mean
from routeopt.scenario.effect import read_cost
from routeopt.scenario.scenario import Scenario
from routeopt.scenario.targets import hits
from routeopt.system import ExportSystem
from routeopt.system.problems import problems_of

__all__ = ["check_scenario", "flatten", "resolve", "scenario_problems"]

_MAPPINGS = ("build", "costs", "override")


def flatten(name: str, scenarios: Mapping[str, Scenario], _seen: tuple[str, ...] = ()) -> Scenario:
    """A scenario with everything that it extends merged in.

    Closures, reopened legs and tags add up; in ``build``, ``costs`` and ``override`` each key replaces;
    every other key replaces as a whole.

    Raises
    ------
    ScenarioError
        A scenario extends one that does not exist, or itself.
    """
    if name not in scenarios:
        hint = did_you_mean(name, scenarios, other="scenarios")
        raise ScenarioError(Problem(f"unknown scenario {name!r}", hint=hint, code="unknown-id"))
    if name in _seen:
        circle = " -> ".join((*_seen, name))
        raise ScenarioError(Problem(f"extends itself: {circle}", ("scenarios", name, "extends"), code="circle"))
    scenario = scenarios[name]
    merged: dict[str, Any] = {}
    parents = [flatten(parent, scenarios, (*_seen, name)) for parent in scenario.extends]
    for part in (*parents, scenario):
        for key in part.model_fields_set - {"extends"}:
            value = getattr(part, key)
            if key in ("closures", "reopen", "tags") and key in merged:
                value = (*merged[key], *(item for item in value if item not in merged[key]))
            elif key in _MAPPINGS and key in merged:
                value = {**merged[key], **value}
            merged[key] = value
    try:
        return Scenario.model_validate(merged)
    except ValidationError as error:
        problems = problems_of(error, Scenario, merged)
        raise ScenarioError([problem.under("scenarios", name) for problem in problems]) from None


def resolve(
    system: ExportSystem,
    scenario: str | Scenario | Mapping[str, Any] | None = None,
    *,
    close: Iterable[str | Mapping[str, Any]] = (),
    build: Mapping[str, str] | None = None,
) -> Scenario:
    """What a caller means: a name, a scenario, plain data, or closures given inline.

    Parameters
    ----------
    system : ExportSystem
    scenario : str, Scenario, mapping or None
        A name in ``system.scenarios``, a scenario, or one as plain data.
    close : iterable of str or mapping
        Further closures: leg ids, or closures as data (``{"route": "cpc"}``).
    build : mapping
        Further builds: leg -> size.

    Returns
    -------
    Scenario
        Flat: it extends nothing.

    Raises
    ------
    ScenarioError
        A name, a closure or a build does not fit the system.
    """
    if isinstance(scenario, str):
        flat = flatten(scenario, system.scenarios)
    else:
        flat = _from_data(scenario)
        if flat.extends:
            flat = flatten("this scenario", {**system.scenarios, "this scenario": flat})
    closures = [{"leg": item} if isinstance(item, str) else item for item in _listed(close)]
    extra = _from_data({"closures": closures, "build": dict(build or {})})
    if closures or build:
        flat = flatten("both", {"flat": flat, "both": extra.model_copy(update={"extends": ("flat",)})})
    problems = scenario_problems(system, flat)
    if problems:
        known = set(system.markers.values())
        for place, problem in enumerate(problems):
            name = getattr(flat.closures[problem.path[1]], "leg", None) if problem.path[:1] == ("closures",) else None  # type: ignore[index]
            if name in known and problem.code == "unknown-id":
                text = f"{problem.message}, but there is a route of that name"
                problems[place] = Problem(text, problem.path, f"write {{'route': {name!r}}}", problem.code)
        raise ScenarioError(problems)
    return flat


def _listed(close: object) -> list[Any]:
    return [close] if isinstance(close, str | Mapping) else list(close)  # type: ignore[call-overload]


def _from_data(data: object) -> Scenario:
    if isinstance(data, Scenario):
        return data
    if data is None:
        return Scenario()
    if not isinstance(data, Mapping):
        raise ScenarioError(f"a scenario is a name or a mapping, not {type(data).__name__}")
    try:
        return Scenario.model_validate(dict(data))
    except ValidationError as error:
        raise ScenarioError(problems_of(error, Scenario, data)) from None


def check_scenario(system: ExportSystem, scenarios: Mapping[str, Scenario]) -> list[Problem]:
    """What is wrong with the scenarios of a file, each problem under ``("scenarios", id)``."""
    problems: list[Problem] = []
    for name, scenario in scenarios.items():
        own = scenario.model_copy(update={"extends": ()})
        problems += [problem.under("scenarios", name) for problem in scenario_problems(system, own)]
    return problems


def scenario_problems(system: ExportSystem, scenario: Scenario) -> list[Problem]:
    """What does not fit the system in one scenario, with places from the scenario down."""
    changed, problems = _overridden(system, scenario)
    for place, closure in enumerate(scenario.closures):
        found = hits(changed, closure)
        if isinstance(found, Problem):
            problems.append(found.under("closures", place))
        elif 0 < closure.left < 1 and found.legs and closure.commodity is None:
            limited = [leg for leg in found.legs if changed.legs[leg].nominal < float("inf")]
            if not limited and not found.components and not found.fields:
                text = f"{closure} has no capacity of which a part could be closed"
                problems.append(
                    Problem(text, ("closures", place, "availability"), "close it fully, or give it a capacity")
                )
    problems += _builds(changed, scenario)
    for leg, cost in scenario.costs.items():
        if leg not in changed.legs:
            hint = did_you_mean(leg, changed.legs, other="legs")
            problems.append(Problem(f"unknown leg {leg!r}", ("costs", leg), hint, "unknown-id", on_key=True))
            continue
        try:
            read_cost(cost)
        except InputError as error:
            problems += [problem.under("costs", leg) for problem in error.problems]
    return problems


def _overridden(system: ExportSystem, scenario: Scenario) -> tuple[ExportSystem, list[Problem]]:
    if not scenario.override:
        return system, []
    try:
        return system.override(scenario.override), []
    except InputError as error:
        return system, [problem.under("override") for problem in error.problems]


def _builds(system: ExportSystem, scenario: Scenario) -> Iterable[Problem]:
    for leg, size in scenario.build.items():
        if leg not in system.legs:
            hint = did_you_mean(leg, system.legs, other="legs")
            yield Problem(f"unknown leg {leg!r}", ("build", leg), hint, "unknown-id", on_key=True)
            continue
        record = system.legs[leg]
        if record.status == "defunct":
            yield Problem(f"{leg!r} is defunct", ("build", leg), "set its status to hypothetical")
        elif record.basis not in ("", size.basis):
            yield Problem(f"{leg!r} counts its capacity in {record.basis}, not in {size.unit}", ("build", leg))
        elif record.build is not None and size.inner:
            if record.build.sizes[0].basis != size.basis:
                yield Problem(f"{leg!r} was studied in {record.build.sizes[0].unit}", ("build", leg), "use that unit")
                continue
            try:
                record.build.capital_charge(size.inner)
            except ValueError as error:
                yield Problem(f"{leg!r} cannot be built at {size}", ("build", leg), str(error), "size")
    for place, leg in enumerate(scenario.reopen):
        if leg not in system.legs:
            hint = did_you_mean(leg, system.legs, other="legs")
            yield Problem(f"unknown leg {leg!r}", ("reopen", place), hint, "unknown-id")
        elif system.legs[leg].status == "defunct":
            yield Problem(f"{leg!r} is defunct", ("reopen", place), "set its status to idle")
