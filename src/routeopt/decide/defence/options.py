"""What a defender can choose from: builds, changes and protections, as data."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from routeopt.errors import InputError, Problem, ScenarioError, did_you_mean
from routeopt.scenario import Scenario
from routeopt.scenario.effect import leaves
from routeopt.scenario.resolve import flatten, resolve
from routeopt.system import ExportSystem
from routeopt.units import parse_number_with_unit, parse_unit

__all__ = ["Option", "Options", "conflicts", "money_or_points", "read_options", "together"]

Options = str | Mapping[str, Any] | Iterable[str | Mapping[str, Any]]

_KEYS = ("build", "reopen", "override", "extends", "protect", "cost", "excludes")
_CHANGES = ("build", "reopen", "override", "extends")

_OVER_TIME = {"storage", "heel", "initial", "surge", "outages", "ramp_up", "ramp_down", "maintenance", "transit_time",
              "lead_time", "title", "note", "source"}  # fmt: skip
"""What a year in which closures hold all the time does not see."""


@dataclass(frozen=True)
class Option:
    """One thing that can be built, changed or protected.

    ``changes`` has builds, reopened legs and overrides, flat; ``protect`` the share that an attack on an element then
    leaves, 1 if it cannot be attacked. The ``cost`` is money (USD per year) if ``paid``, else points, and None if
    nothing is known; ``charged`` if it is the capital charge of the data.
    """

    name: str
    changes: Scenario
    protect: Mapping[str, float] = field(default_factory=dict)
    cost: float | None = None
    paid: bool = False
    charged: bool = False
    excludes: frozenset[str] = frozenset()

    @property
    def builds(self) -> bool:
        """Whether it changes the system, and not only what can be attacked."""
        return bool(self.changes.build or self.changes.reopen or self.changes.override)


def read_options(system: ExportSystem, scenario: Scenario, options: Options) -> tuple[Option, ...]:
    """Options from data as `routeopt.defend` takes them, sorted by name; errors name all that is wrong with them."""
    problems: list[Problem] = []
    found: list[Option] = []
    for name, raw in _listed(system, options, problems):
        try:
            found.append(_option(system, scenario, name, raw))
        except InputError as error:
            problems += [problem.under("options", name) for problem in error.problems]
    names = [option.name for option in found]
    problems += [
        Problem(f"two options are called {name!r}", ("options",), "give them names: options={'name': {...}}")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    for option in found:
        for other in sorted(option.excludes - set(names)):
            hint = did_you_mean(other, names, other="options")
            problems.append(Problem(f"unknown option {other!r}", ("options", option.name, "excludes"), hint))
    if not found and not problems:
        hint = "name a leg that can be built, or write options={'name': {'protect': ...}}"
        problems.append(Problem("there is nothing to choose from", ("options",), hint))
    if problems:
        raise ScenarioError(problems)
    return tuple(sorted(found, key=lambda option: option.name))


def conflicts(options: Sequence[Option]) -> frozenset[tuple[int, int]]:
    """Pairs that cannot be chosen together: they exclude each other, or set the same number to two values."""
    found = set()
    for (i, one), (j, other) in itertools.combinations(enumerate(options), 2):
        told = other.name in one.excludes or one.name in other.excludes
        if told or set(one.changes.build) & set(other.changes.build) or _same_place(one.changes, other.changes):
            found.add((i, j))
    return frozenset(found)


def _same_place(one: Scenario, other: Scenario) -> bool:
    first, second = list(leaves(one.override)), list(leaves(other.override))
    return any(a[: len(b)] == b[: len(a)] for a in first for b in second)


def _listed(system: ExportSystem, options: object, problems: list[Problem]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(options, Mapping):
        for name, raw in options.items():
            if isinstance(raw, Mapping):
                yield str(name), raw
            else:
                hint = "write {'build': {...}}, {'override': {...}} or {'protect': ...}"
                problems.append(Problem(f"an option is a mapping, not {raw!r}", ("options", str(name)), hint))
        return
    if isinstance(options, str):
        options = [options]
    if not isinstance(options, Iterable):
        hint = "write options=['tcop', {'protect': 'cpc-loading'}] or options={'name': {...}}"
        problems.append(Problem(f"options are data, not {type(options).__name__}", ("options",), hint))
        return
    for place, item in enumerate(options):
        if isinstance(item, str):
            yield from _short(system, item, place, problems)
        elif isinstance(item, Mapping):
            yield _called(item) or f"option {place + 1}", item
        else:
            text = f"an option is a name or a mapping, not {type(item).__name__}"
            problems.append(Problem(text, ("options", place)))


def _short(
    system: ExportSystem, name: str, place: int, problems: list[Problem]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What a bare name stands for: all sizes of a leg that can be built, or the changes of a scenario."""
    leg = system.legs.get(name)
    if leg is not None and leg.build is not None:
        for size in leg.build.sizes:
            yield f"{name} {size}", {"build": {name: str(size)}}
    elif name in system.scenarios:
        yield name, {"extends": name}
    else:
        known = [key for key, leg in system.legs.items() if leg.build is not None] + list(system.scenarios)
        text = f"there is no scenario {name!r}, and no leg of that name with sizes to build"
        if leg is not None:
            text = f"leg {name!r} has no sizes to build"
        hint = did_you_mean(name, known, other="names")
        if leg is not None:
            hint = f"write {{'build': {{{name!r}: '20 Mt/y'}}}}, or {{'protect': {name!r}}} to harden it"
        problems.append(Problem(text, ("options", place), hint, "unknown-id"))


def _called(item: Mapping[str, Any]) -> str:
    """A name for an option without one, from what it does; what cannot be read is complained of later."""
    parts = [f"{leg} {size}" for leg, size in _pairs(item.get("build"))]
    parts += [f"protect {name}" for name in _words(item.get("protect"))]
    parts += [f"reopen {leg}" for leg in _words(item.get("reopen"))]
    parts += _words(item.get("extends"))
    for key, value in _pairs(item.get("override")):
        whole = not isinstance(value, Mapping)
        parts += [f"{key} {value}"] if whole else [".".join(place) for place in leaves({key: value})]
    return " + ".join(parts)


def _pairs(raw: object) -> list[tuple[Any, Any]]:
    return list(raw.items()) if isinstance(raw, Mapping) else []


def _words(raw: object) -> list[str]:
    listed = [raw] if isinstance(raw, str) else list(raw) if isinstance(raw, Iterable) else []
    return [str(word) for word in listed]


def _option(system: ExportSystem, scenario: Scenario, name: str, raw: Mapping[str, Any]) -> Option:
    for key in raw:
        if key not in _KEYS:
            hint = did_you_mean(str(key), _KEYS, other="an option takes")
            raise ScenarioError(Problem(f"unknown key {key!r}", (str(key),), hint, "unknown-key", on_key=True))
    changes = resolve(system, {key: raw[key] for key in _CHANGES if key in raw})
    for key in ("closures", "horizon", "tariffs"):
        if getattr(changes, key):
            hint = "what is closed belongs to scenario= or over=" if key == "closures" else ""
            raise ScenarioError(Problem(f"an option cannot bring {key}", (), hint))
    resolve(system, together(scenario, [changes]))
    protect = _protected(raw.get("protect"))
    if not (changes.build or changes.reopen or changes.override or protect):
        hint = "write build, reopen, override, extends or protect"
        raise ScenarioError(Problem("changes nothing and protects nothing", (), hint))
    _only_over_time(changes, bool(protect))
    charged = raw.get("cost") is None
    cost, paid = _charge(system, changes, bool(protect)) if charged else _cost(raw["cost"])
    excluded = raw.get("excludes") or ()
    excludes = frozenset([excluded] if isinstance(excluded, str) else excluded)
    return Option(name, changes, protect, cost, paid, charged and paid, excludes)


def together(scenario: Scenario, changes: Sequence[Scenario]) -> Scenario:
    """A flat scenario with the changes of options on top."""
    parts = {"what holds": scenario, **{f"option {i}": part for i, part in enumerate(changes)}}
    whole = Scenario(extends=tuple(parts))
    return flatten("all", {**parts, "all": whole})


def _only_over_time(changes: Scenario, protects: bool) -> None:
    places = list(leaves(changes.override))
    if not places or protects or changes.build or changes.reopen:
        return
    if all(set(place[2:] if len(place) > 2 else place[:1]) & _OVER_TIME for place in places):
        text = f"{', '.join('.'.join(place) for place in places)} matters only over a horizon"
        hint = ("an attack here lasts, and any tank is full in the end; compare ro.stress_test(...) of the system with "
                "and without system.override({...}) instead")  # fmt: skip
        raise ScenarioError(Problem(text, ("override",), hint, "needs-horizon"))


def _protected(raw: object) -> dict[str, float]:
    if raw is None:
        return {}
    if isinstance(raw, str):
        return {raw: 1.0}
    if not isinstance(raw, Mapping):
        names = list(raw) if isinstance(raw, Iterable) else [raw]
        if not all(isinstance(name, str) for name in names):
            hint = "write 'protect': 'cpc-loading', or {'cpc-loading': '60 %'} for what an attack then leaves"
            raise ScenarioError(Problem("names what cannot be attacked", ("protect",), hint))
        return dict.fromkeys(map(str, names), 1.0)
    return {str(name): _share(str(name), left) for name, left in raw.items()}


def _share(name: str, raw: object) -> float:
    try:
        value, unit = parse_number_with_unit(str(raw))
        if isinstance(raw, bool) or unit not in ("", "%"):
            raise InputError("")
    except InputError:
        text = f"{raw!r} is no share that an attack leaves"
        raise ScenarioError(Problem(text, ("protect", name), "write '60 %', or 1 for all of it")) from None
    value *= 0.01 if unit == "%" else 1.0
    if not 0.0 < value <= 1.0:
        raise ScenarioError(Problem(f"an attack cannot leave {raw}", ("protect", name), "write more than 0, up to 1"))
    return value


def money_or_points(raw: object, what: str, hint: str, unit_hint: str) -> tuple[float, bool]:
    """A number, and whether it is money: text with a unit, then in USD per year."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise ScenarioError(Problem(f"{raw!r} is no {what}", (what,), hint))
    value, unit = parse_number_with_unit(raw) if isinstance(raw, str) else (float(raw), "")
    if not unit:
        return value, False
    read = parse_unit(unit)
    if read.dimension != (0, 0, -1, 1):
        raise ScenarioError(Problem(f"a {what} is money a year, not {unit}", (what,), unit_hint, "unit-kind"))
    return value * read.factor * 365.0 * 1000.0, True


def _cost(raw: object) -> tuple[float, bool]:
    hint = "write '120e6 USD/y'; of capital, write the charge a year that recovers it"
    value, paid = money_or_points(raw, "cost", "write 2, or '120e6 USD/y'", hint)
    if not (math.isfinite(value) and value >= 0.0):
        raise ScenarioError(Problem(f"cannot cost {raw}", ("cost",), "write zero or more"))
    return value, paid


def _charge(system: ExportSystem, changes: Scenario, protects: bool) -> tuple[float | None, bool]:
    """What recovers the capital of all that is built, USD per year; None where some of it has no capital in the
    data."""
    if protects or changes.reopen or changes.override or not changes.build:
        return None, False
    total = 0.0
    for name, size in changes.build.items():
        build = system.legs[name].build
        if build is None or not build.capex:
            return None, False
        # Nothing of a size of zero is built.
        total += build.capital_charge(size.inner) * size.inner * 365.0 * 1000.0 if size.inner else 0.0
    return total, True
