"""From named scenarios to one flat scenario, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from routeopt.errors import InputError, Problem, ScenarioError, did_you_mean
from routeopt.scenario.availability import is_limited
from routeopt.scenario.effect import read_cost
from routeopt.scenario.scenario import Scenario
from routeopt.system import ExportSystem
from routeopt.system.problems import problems_of
from routeopt.system.targets import hits
from routeopt.units import counts_liquid

__all__ = ["check_scenario", "flatten", "resolve", "scenario_problems"]

_MAPPINGS = ("build", "tariffs", "override")


def flatten(name: str, scenarios: Mapping[str, Scenario], _seen: tuple[str, ...] = ()) -> Scenario:
    """A scenario with everything that it extends merged in.

    Closures, reopened legs and tags add up; in ``build``, ``costs`` and ``override`` each key replaces; every other
    key replaces as a whole. Extending one that does not exist, or itself, is a ScenarioError.
    """
    if name not in scenarios:
        hint = did_you_mean(name, scenarios, other="scenarios")
        raise ScenarioError(Problem(f"unknown scenario {name!r}", hint=hint, code="unknown-id"))
    if name in _seen:
        circle = " -> ".join((*_seen, name))
        raise ScenarioError(
            Problem(f"extends itself: {circle}", ("scenarios", name, "extends"), code="circular-extends")
        )
    scenario = scenarios[name]
    merged: dict[str, Any] = {}
    parents = [flatten(parent, scenarios, (*_seen, name)) for parent in scenario.extends]
    for part in (*parents, scenario):
        for key in part.model_fields_set - {"extends"}:
            value = getattr(part, key)
            if key in ("closures", "reopen", "tags") and key in merged:
                value = (*merged[key], *(item for item in value if item not in merged[key]))
            elif key in _MAPPINGS and key in merged:
                value = _joined(merged[key], value)
            merged[key] = value
    try:
        return Scenario.model_validate(merged)
    except ValidationError as error:
        problems = problems_of(error, Scenario, merged)
        raise ScenarioError([problem.under("scenarios", name) for problem in problems]) from None


def _joined(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Changes on top of changes: each key replaces, down to the single value."""
    result = dict(old)
    for key, value in new.items():
        before = result.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping) and not {"value"} & {*before, *value}:
            value = _joined(before, value)
        result[key] = value
    return result


def resolve(
    system: ExportSystem,
    scenario: str | Scenario | Mapping[str, Any] | None = None,
    *,
    close: Iterable[str | Mapping[str, Any]] = (),
    build: Mapping[str, str] | None = None,
) -> Scenario:
    """What a caller means, as a flat scenario: a name in ``system.scenarios``, a scenario, or one as plain data.

    `close` has further closures, as leg ids or as data (``{"route": "cpc"}``); `build` further builds, leg -> size. A
    name, a closure or a build that does not fit the system is a ScenarioError.
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
        raise ScenarioError([_or_a_route(system, flat, problem) for problem in problems])
    return flat


def _or_a_route(system: ExportSystem, scenario: Scenario, problem: Problem) -> Problem:
    """Closing a route by its bare name is a likely mistake: a bare name is a leg."""
    match problem.path:
        case ("closures", int(place), "leg") if problem.code == "unknown-id":
            name = scenario.closures[place].leg
            if name in set(system.metering_legs.values()):
                text = f"{problem.message}, but there is a route of that name"
                return Problem(text, problem.path, f"write {{'route': {name!r}}}", problem.code)
    return problem


def _listed(close: object) -> list[Any]:
    if isinstance(close, str | Mapping):
        return [close]
    if not isinstance(close, Iterable):
        raise ScenarioError(f"close needs leg ids or closures, not {type(close).__name__}")
    return list(close)


def _from_data(data: object) -> Scenario:
    if isinstance(data, Scenario):
        return data
    if data is None:
        return Scenario()
    if not isinstance(data, Mapping):
        raise ScenarioError(f"a scenario is a name or a mapping, not {type(data).__name__}")
    try:
        return Scenario.model_validate(dict(data), by_name=False)
    except ValidationError as error:
        raise ScenarioError(problems_of(error, Scenario, data)) from None


def check_scenario(system: ExportSystem, scenarios: Mapping[str, Scenario]) -> list[Problem]:
    """What is wrong with the scenarios of a file, each problem under ``("scenarios", id)``."""
    problems: list[Problem] = []
    for name, scenario in scenarios.items():
        whole = flatten(name, {**system.scenarios, **scenarios})
        # What it extends may have built or changed what it names; its own mistakes are reported, not theirs.
        own = scenario.model_copy(update={"extends": (), "override": whole.override, "build": whole.build})
        for problem in scenario_problems(system, own):
            section = str(problem.path[0])
            inherited = section in ("override", "build") and not _says(getattr(scenario, section), problem.path[1:])
            if not inherited:
                problems.append(problem.under("scenarios", name))
    return problems


def _says(changes: Mapping[str, Any], path: tuple[str | int, ...]) -> bool:
    """Whether a mapping holds the place of a problem, or its key is dotted."""
    return any(str(key).split(".")[0] == str(path[0]) for key in changes) if path else bool(changes)


def scenario_problems(system: ExportSystem, scenario: Scenario) -> list[Problem]:
    """What does not fit the system in one scenario, with places from the scenario down."""
    changed, problems = system, list[Problem]()
    try:
        changed = system.override(scenario.override) if scenario.override else system
    except InputError as error:
        problems += [problem.under("override") for problem in error.problems]
    for place, closure in enumerate(scenario.closures):
        found = hits(changed, closure)
        if isinstance(found, Problem):
            problems.append(found.under("closures", place))
        elif 0 < closure.left < 1 and found.legs and closure.commodity is None:
            limited = [leg for leg in found.legs if is_limited(changed, scenario.build, leg)]
            if not limited and not found.components and not found.fields:
                text = f"{closure} has no capacity of which a part could be closed"
                problems.append(
                    Problem(text, ("closures", place, "availability"), "close it fully, or give it a capacity")
                )
    problems += _builds(changed, scenario)
    for leg, cost in scenario.tariffs.items():
        if leg not in changed.legs:
            problems.append(_unknown_leg(changed, leg, "tariffs", leg, on_key=True))
            continue
        try:
            _, price = read_cost(cost)
        except InputError as error:
            problems += [problem.under("tariffs", leg) for problem in error.problems]
            continue
        if changed.gas:
            text = f"routeopt counts liquids: it has no money for gas yet; this is {price}"
            problems.append(Problem(text, ("tariffs", leg), "leave costs out", "gas"))
        elif price.measured_by != changed.measured_by and _without_barrels(changed, leg):
            names = ", ".join(_without_barrels(changed, leg))
            text = f"a price in {price.unit} needs barrels_per_tonne of {names}"
            problems.append(Problem(text, ("tariffs", leg), f"give the price in USD/{changed.priced_unit}", "missing"))
    return problems


def _unknown_leg(system: ExportSystem, leg: str, *path: str | int, on_key: bool = False) -> Problem:
    hint = did_you_mean(leg, system.legs, other="legs")
    return Problem(f"unknown leg {leg!r}", path, hint, "unknown-id", on_key=on_key)


def _without_barrels(system: ExportSystem, leg: str) -> list[str]:
    """Streams on a leg whose tonnes and barrels do not convert."""
    carried = system.legs[leg].commodities or tuple(system.streams)
    return [name for name in carried if system.streams[name].barrels_per_tonne is None]


def _builds(system: ExportSystem, scenario: Scenario) -> Iterable[Problem]:
    for leg, size in scenario.build.items():
        if leg not in system.legs:
            yield _unknown_leg(system, leg, "build", leg, on_key=True)
            continue
        record = system.legs[leg]
        if record.status == "defunct":
            yield Problem(f"{leg!r} is defunct", ("build", leg), "set its status to hypothetical")
        elif (record.measured_by or system.measured_by) != size.measured_by:
            counts = "tonnes" if (record.measured_by or system.measured_by) == "mass" else "barrels or cubic metres"
            yield Problem(f"{leg!r} counts in {counts}, not in {size.unit}", ("build", leg), "use that unit")
        elif system.gas and counts_liquid(size.unit):
            yield Problem(f"{size} is no volume of gas, and {leg!r} counts gas", ("build", leg), "write bcm/y", "gas")
        elif record.status == "operating" and record.nominal == float("inf") and size.inner:
            yield Problem(f"{leg!r} has no limit to which {size} could be added", ("build", leg), "give it a capacity")
        elif record.build is not None and size.inner:
            try:
                record.build.capital_charge(size.inner)
            except ValueError as error:
                yield Problem(f"{leg!r} cannot be built at {size}", ("build", leg), str(error), "size")
    for place, leg in enumerate(scenario.reopen):
        if leg not in system.legs:
            yield _unknown_leg(system, leg, "reopen", place)
        elif system.legs[leg].status == "defunct":
            yield Problem(f"{leg!r} is defunct", ("reopen", place), "set its status to idle")
