"""What can be built, at which sizes, and what its capital costs."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from routeopt.arrays import Floats
from routeopt.errors import InputError, Problem, ScenarioError, did_you_mean
from routeopt.scenario import Scenario
from routeopt.scenario.resolve import scenario_problems
from routeopt.solve.cache import remembered
from routeopt.system import ExportSystem, Quantity
from routeopt.system.build import Build

__all__ = ["Option", "Sizes", "combinations", "operating", "read_options"]


Sizes = Mapping[str, Quantity]
"""Leg -> size that is built; a leg that is not named is not built."""

MOST = 20_000
"""More combinations of sizes are not enumerated."""


@dataclass(frozen=True)
class Option:
    """A leg that can be built, or to which capacity can be added."""

    leg: str
    build: Build

    @property
    def sizes(self) -> tuple[Quantity, ...]:
        """Sizes that were studied, smallest first; not to build comes with them."""
        return tuple(Quantity(size.value, size.unit) for size in self.build.sizes)

    @property
    def capital(self) -> Floats:
        """Annuity of each size, thousand USD per day: capex x recovery factor."""
        return np.array([cost.inner for cost in self.build.capex]) * self.build.recovery_factor() / 365.0

    @property
    def convex(self) -> bool:
        """Whether each further unit costs as much as the one before or more, from nothing on."""
        sizes = np.array([0.0, *(size.inner for size in self.sizes)])
        slopes = np.diff([0.0, *self.capital]) / np.diff(sizes)
        return bool((np.diff(slopes) >= -1e-12 * np.abs(slopes).max()).all())

    def capital_of(self, size: float) -> float:
        """Annuity of any size from zero to the largest, inner units; straight between those that were studied."""
        return float(np.interp(size, [0.0, *(studied.inner for studied in self.sizes)], [0.0, *self.capital]))

    def sized(self, inner: float) -> Quantity:
        """A size in the unit of those that were studied."""
        unit = self.sizes[0]
        return Quantity(inner / unit.factor, unit.unit)


def read_options(system: ExportSystem, options: object) -> tuple[ExportSystem, tuple[Option, ...]]:
    """Options as a caller of `expand` gives them, and the system that holds them all.

    Raises InputError for a leg that there is not or is named twice, or whose sizes or capital are not known, and
    ScenarioError for a size that cannot be built."""
    listed: list[Any] = [options] if isinstance(options, str | Mapping) else _listed(options)
    problems: list[Problem] = []
    names: list[str] = []
    changes: dict[str, Any] = {}
    for place, one in enumerate(listed):
        here = ("options", place)
        data = {"leg": one} if isinstance(one, str) else one
        if not isinstance(data, Mapping) or "leg" not in data:
            text = "an option is a leg, or a mapping that names one"
            problems.append(Problem(text, here, "write {'leg': 'tcop', 'sizes': ['10 Mt/y'], 'capex': ['3e9 USD']}"))
            continue
        name = str(data["leg"])
        if name not in system.legs:
            hint = did_you_mean(name, system.legs, other="legs")
            problems.append(Problem(f"unknown leg {name!r}", here, hint, "unknown-id"))
        elif name in names:
            problems.append(Problem(f"{name!r} is named twice", here))
        else:
            names.append(name)
            if len(data) > 1:
                changes[name] = {"build": {key: value for key, value in data.items() if key != "leg"}}
    if problems:
        raise InputError(problems)
    # What was in the data goes: the option stands in its place as a whole.
    bare = {name: {"build": None} for name in changes if system.legs[name].build is not None}
    held = (system.override({"legs": bare}) if bare else system).override({"legs": changes}) if changes else system
    found = []
    for place, name in enumerate(names):
        build = held.legs[name].build
        problem = _unfit(held, name, build)
        if problem is not None:
            problems.append(problem.under("options", place))
        elif build is not None:
            found.append(Option(name, build))
    if problems:
        raise InputError(problems)
    wrong = [
        problem
        for option in found
        for size in option.sizes
        for problem in scenario_problems(held, Scenario().model_copy(update={"build": {option.leg: size}}))
    ]
    if wrong:
        raise ScenarioError(wrong)
    return held, tuple(found)


def _listed(options: object) -> list[Any]:
    if not isinstance(options, Iterable) or not (listed := list(options)):
        raise InputError(Problem("names nothing that could be built", ("options",), "write options=['tcop']"))
    return listed


def _unfit(system: ExportSystem, name: str, build: Build | None) -> Problem | None:
    if build is None:
        hint = f"write {{'leg': {name!r}, 'sizes': ['10 Mt/y'], 'capex': ['3e9 USD'], 'life': '25 y'}}"
        return Problem(f"{name!r} has no sizes to choose from", hint=hint, code="no-build")
    if not build.capex:
        text = f"{name!r} has no capex, so what it costs is not known"
        return Problem(text, hint="write capex: one for each size (0 USD if it is free)", code="no-capex")
    if any(cost.inner < 0 for cost in build.capex):
        return Problem(f"{name!r} has a negative capex", hint="revenue belongs to prices", code="no-capex")
    return None


def operating(system: ExportSystem, options: Sequence[Option]) -> ExportSystem:
    """The system as its operator sees it once an option stands: capital is sunk, so no tonne is charged for it."""
    built = tuple(option.leg for option in options)

    def made() -> ExportSystem:
        legs = dict(system.legs) | {leg: system.legs[leg].model_copy(update={"build": None}) for leg in built}
        return system.model_copy(update={"legs": type(system.legs)(legs)})

    return remembered(system, "built", built, made)


def combinations(options: Sequence[Option]) -> tuple[list[dict[str, Quantity]], Floats]:
    """All choices of sizes, to build nothing first, and the annuity of each, thousand USD per day; at most `MOST`."""
    many = int(np.prod([len(option.sizes) + 1.0 for option in options]))
    if many > MOST:
        text = f"{many} combinations of sizes are too many to go through"
        raise InputError(Problem(text, ("options",), "take method='l-shaped' with economic=True, or fewer options"))
    chosen, capital = [], []
    for places in itertools.product(*(range(len(option.sizes) + 1) for option in options)):
        taken = [(option, place - 1) for option, place in zip(options, places, strict=True) if place]
        chosen.append({option.leg: option.sizes[place] for option, place in taken})
        capital.append(sum(float(option.capital[place]) for option, place in taken))
    return chosen, np.array(capital)
