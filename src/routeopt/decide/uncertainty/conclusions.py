"""What is concluded from an answer, and whether a draw still says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from routeopt.allocation.capacity import capacities
from routeopt.decide.uncertainty.monte_carlo import TOTALS, Outcome, as_allocation
from routeopt.errors import InputError, Problem
from routeopt.scenario import Scenario

__all__ = ["Check", "default_checks", "own_checks"]

_HAIR = 1e-6
"""Differences below this share of the larger volume are none."""


class Check(Protocol):
    """Says whether a conclusion holds in the answers of one draw, one for each scenario."""

    def __call__(self, outcomes: Sequence[Outcome]) -> bool:
        """Whether it holds."""


def default_checks(base: Sequence[Outcome], names: Sequence[str], routes: Sequence[str]) -> dict[str, Check]:
    """What the answers at the values of the data say.

    For each scenario: which route carries more than the next, and which capacities are full. For each scenario
    after the first: whether it exports less or more than the first.
    """
    checks: dict[str, Check] = {}
    for k, outcome in enumerate(base):
        prefix = f"{names[k]}: " if len(base) > 1 else ""
        volumes = outcome.figures[len(TOTALS) :]
        order = [place for place in np.argsort(-volumes, kind="stable").tolist() if volumes[place] > 0]
        for more, less in pairwise(order):
            check = _More(k, len(TOTALS) + more, k, len(TOTALS) + less)
            if check(base):
                checks[f"{prefix}{routes[more]} carries more than {routes[less]}"] = check
        for capacity in capacities(outcome.solved):
            if capacity.full and capacity.size > 0:
                column = int(capacity.columns[0]) if len(capacity.columns) else -1
                word = "group " if capacity.kind == "group" and capacity.name in outcome.system.legs else ""
                checks[f"{prefix}{word}{capacity.name} is full"] = _Full(k, column, capacity.row)
        if k and _More(0, 0, k, 0)(base):
            checks[f"{names[k]} exports less than {names[0]}"] = _More(0, 0, k, 0)
        elif k and _More(k, 0, 0, 0)(base):
            checks[f"{names[k]} exports more than {names[0]}"] = _More(k, 0, 0, 0)
    return checks


@dataclass(frozen=True)
class _More:
    """One figure is larger than another."""

    scenario: int
    figure: int
    than_scenario: int
    than_figure: int

    def __call__(self, outcomes: Sequence[Outcome]) -> bool:
        more = outcomes[self.scenario].figures[self.figure]
        less = outcomes[self.than_scenario].figures[self.than_figure]
        return bool(more - less > _HAIR * max(abs(more), abs(less)))


@dataclass(frozen=True)
class _Full:
    """The allocation takes all of a capacity: of a row, or of a single column."""

    scenario: int
    column: int
    row: int

    def __call__(self, outcomes: Sequence[Outcome]) -> bool:
        solved = outcomes[self.scenario].solved
        x, bounds = solved.answer.x, solved.bounds
        if self.row < 0:
            return bool(x[self.column] >= bounds.upper[self.column] * (1 - 1e-7))
        mine = solved.program.index == self.row
        use = float(solved.program.value[mine] @ x[solved.program.column_of_entry[mine]])
        return bool(use >= bounds.row_upper[self.row] * (1 - 1e-7))


@dataclass(frozen=True)
class _Own:
    """A function of the caller's."""

    name: str
    function: Callable[[Any], Any]
    scenarios: tuple[Scenario, ...]
    names: tuple[str, ...]

    def __call__(self, outcomes: Sequence[Outcome]) -> bool:
        plans = {
            name: as_allocation(outcome, scenario, name)
            for outcome, scenario, name in zip(outcomes, self.scenarios, self.names, strict=True)
        }
        said = self.function(plans if len(plans) > 1 else plans[self.names[0]])
        if not isinstance(said, bool | np.bool_):
            text = f"returned {type(said).__name__}, not True or False"
            raise InputError(Problem(text, ("conclusions", self.name), "return a comparison", "not-bool"))
        return bool(said)


def own_checks(conclusions: object, scenarios: Sequence[Scenario], names: Sequence[str]) -> dict[str, Check]:
    """The caller's conclusions."""
    if not isinstance(conclusions, Mapping):
        text = f"conclusions are a mapping of names to functions, not {type(conclusions).__name__}"
        raise InputError(Problem(text, ("conclusions",), "write {'a name': lambda plan: ...}"))
    for name, function in conclusions.items():
        if not isinstance(name, str) or not callable(function):
            text = "a conclusion is a name and a function of an allocation"
            raise InputError(Problem(text, ("conclusions", str(name)), "write {'a name': lambda plan: ...}"))
    return {name: _Own(name, function, tuple(scenarios), tuple(names)) for name, function in conclusions.items()}
