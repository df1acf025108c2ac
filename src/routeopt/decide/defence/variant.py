"""One system that an adversary can attack: its decisions, their modes, and the worst set of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.elements.elements import Element, elements_over
from routeopt.elements.sweep import all_sets, sweep
from routeopt.errors import Problem, ScenarioError
from routeopt.model.certificate import TOLERANCE
from routeopt.scenario import Closure
from routeopt.scenario.case import Situation, situate
from routeopt.scenario.resolve import resolve, scenario_problems
from routeopt.solve.batch import Batch, Series

if TYPE_CHECKING:
    from routeopt.decide.defence.adversary import Setting

__all__ = ["Attack", "Variant", "Worst", "taken"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_ATTACKS = 1_000_000
"""More sets of decisions against one system are refused: it would take too long to be sure of the worst."""

_SWEEP = 3


class Mode(NamedTuple):
    """One way to take a decision: in full, or what protection lets through.

    Attributes
    ----------
    decision : int
    name : str
        Under which name it is taken; empty if under any of them.
    left : float
        Share that it leaves; 0 in full.
    closure : Closure
    """

    decision: int
    name: str
    left: float
    closure: Closure


Attack = tuple[tuple[tuple[str, ...], Mapping[str, Closure]], ...]
"""Decisions that were taken together: the names of each, and the closure behind each name."""


@dataclass(frozen=True)
class Worst:
    """The worst attack on one choice of options.

    Attributes
    ----------
    exported : float
        What is exported after it (or minus the net cost, where that is measured), inner units a day.
    shortage : float
        What refineries lack then.
    variant : Variant
        What was attacked.
    sets : int array, shape (ties, decisions)
        Attacks of as few decisions that are equally bad, as modes of the variant.
    """

    exported: float
    shortage: float
    variant: Variant
    sets: Ints

    @property
    def decisions(self) -> tuple[str, ...]:
        """Decisions of the first of them."""
        return self._labels(0)

    @property
    def ties(self) -> tuple[tuple[str, ...], ...]:
        """All of them."""
        return tuple(self._labels(place) for place in range(len(self.sets)))

    @property
    def attack(self) -> Attack:
        """The first of them, to be tried on another choice."""
        variant = self.variant
        taken_here = [variant.modes[mode].decision for mode in self.sets[0].tolist()]
        return tuple((variant.decisions[place].names, variant.closures[place]) for place in taken_here)

    def _labels(self, place: int) -> tuple[str, ...]:
        modes = sorted(self.sets[place].tolist(), key=lambda mode: self.variant.modes[mode].decision)
        return tuple(self.variant.label(mode) for mode in modes)


class Variant:
    """A system with some options built, and the values of all attacks on it."""

    def __init__(self, setting: Setting, built: tuple[int, ...]) -> None:
        self.setting = setting
        self.scenario = setting.composed(built)
        problems = scenario_problems(setting.system, self.scenario)
        if problems:
            names = " and ".join(repr(setting.options[place].name) for place in built)
            raise ScenarioError([Problem(f"options {names} together: {one.message}", ("options",), one.hint, one.code)
                                 for one in problems])  # fmt: skip
        self.situation: Situation = situate(setting.system, self.scenario)
        self.decisions: list[Element] = elements_over(
            setting.system, self.scenario, self.situation, setting.over
        )  # fmt: skip
        self.solved = 0
        self._values: dict[int, tuple[list[Ints], list[Floats]]] = {}

    @cached_property
    def closures(self) -> list[dict[str, Closure]]:
        """The closure behind each name of each decision."""
        return [self._named(decision) for decision in self.decisions]

    @cached_property
    def modes(self) -> list[Mode]:
        """All decisions in full, then what partial protections let through."""
        levels = self.setting.levels
        found = [Mode(place, "", 0.0, decision.closure) for place, decision in enumerate(self.decisions)]
        for place, decision in enumerate(self.decisions):
            for name in decision.names:
                for left in levels.get(name, ()):
                    found.append(Mode(place, name, left, self.partial(name, self.closures[place][name], left)))
        return found

    @cached_property
    def batch(self) -> Batch:
        """All modes on this system."""
        return Batch(self.setting.system, self.situation, [mode.closure for mode in self.modes])

    @property
    def noise(self) -> float:
        """Differences up to this are none."""
        scale = abs(self.calm) if self.setting.money else 0.0
        return TOLERANCE * max(self.batch.plan.bounds.unit, scale, abs(self.calm))

    @cached_property
    def calm(self) -> float:
        """The measure when nothing is attacked."""
        return float(self._all(0)[1][0][0, 1])

    @property
    def calm_shortage(self) -> float:
        """What refineries lack when nothing is attacked."""
        return float(self._all(0)[1][0][0, 0])

    @property
    def flow_noise(self) -> float:
        """Volumes that differ by no more are equal."""
        return self.noise if not self.setting.money else TOLERANCE * self.batch.plan.bounds.unit

    def worst(self, protection: Mapping[str, float], k: int) -> Worst:
        """The worst attack of up to k decisions in the modes that a protection leaves: the one that refineries lack
        most after, where they come first, then the one that leaves least."""
        allowed = np.array([self._allowed(mode, protection) for mode in self.modes], bool)
        sets, values = self._all(min(k, len(self.modes)))
        found = []
        for part, value in zip(sets, values, strict=True):
            open_to = np.flatnonzero(allowed[part].all(axis=1))
            if len(open_to):
                found.append((part[open_to], value[open_to]))
        if self.setting.starving:
            most = max(float(value[:, 0].max()) for _, value in found) - self.flow_noise
            found = [(part[value[:, 0] >= most], value[value[:, 0] >= most]) for part, value in found]
            found = [(part, value) for part, value in found if len(part)]
        least = min(float(value[:, 1].min()) for _, value in found)
        part, value = next((p, v) for p, v in found if v[:, 1].min() <= least + self.noise)
        equal = value[:, 1] <= least + self.noise
        return Worst(least, float(value[equal, 0].max()), self, part[equal])

    def _all(self, k: int) -> tuple[list[Ints], list[Floats]]:
        """All sets of up to k modes, and what refineries lack and the measure after each."""
        known = next((size for size in sorted(self._values) if size >= k), None)
        if known is not None:
            sets, values = self._values[known]
            return sets[: k + 1], values[: k + 1]
        many = sum(math.comb(len(self.modes), size) for size in range(k + 1))
        if many > MOST_ATTACKS:
            text = f"{len(self.modes):,} decisions make {many:,} attacks of up to {k}"
            raise ScenarioError(Problem(text, ("k",), "take a smaller k, or name fewer decisions in over=", "too-many"))
        if k <= _SWEEP:
            done = sweep(self.batch, k)
            sets = list(done.sets)
            values = [self._measured(*part.T) for part in done.values]
        else:
            sets = [all_sets(len(self.modes), size) for size in range(k + 1)]
            sizes = np.concatenate([np.zeros(1, np.int64), *(np.full(len(part), part.shape[1]) for part in sets)])
            flat = np.concatenate([part.ravel() for part in sets]).astype(np.int32)
            found = self.batch.solve(Series(np.cumsum(sizes), flat))
            measured = self._measured(found.exported, found.shortage, found.money)
            values = np.split(measured, np.cumsum([len(part) for part in sets])[:-1])
        self.solved += many
        self._values = {k: (sets, values)}
        return sets, values

    def _measured(self, exported: Floats, shortage: Floats, money: Floats) -> Floats:
        return np.column_stack([shortage, -money if self.setting.money else exported])

    def _allowed(self, mode: Mode, protection: Mapping[str, float]) -> bool:
        name, left = taken(self.decisions[mode.decision].names, protection)
        return left < 1.0 and left == mode.left and mode.name in ("", name)

    def label(self, mode: int) -> str:
        """What a mode is called."""
        taken_as = self.modes[mode]
        name = self.decisions[taken_as.decision].name
        return f"{name} ({100 * taken_as.left:g} % left)" if taken_as.left else name

    def _named(self, decision: Element) -> dict[str, Closure]:
        if len(decision.names) == 1:
            return {decision.name: decision.closure}
        # Which closure is behind each of several names is found again as the decisions were.
        over = self.setting.over
        if isinstance(over, str):
            return {name: _closure_of(over, name) for name in decision.names}
        listed: list[Any] = [over] if isinstance(over, Closure | Mapping) else list(over)
        calm = self.scenario.model_copy(update={"closures": ()})
        found = {str(one): one for one in resolve(self.setting.system, calm, close=listed).closures}
        return {name: found[name] for name in decision.names}

    def partial(self, name: str, closure: Closure, left: float) -> Closure:
        """What is left of an attack on something that is partly protected."""
        if left <= closure.left:
            text = f"an attack on {name!r} leaves {100 * closure.left:g} % already"
            raise ScenarioError(Problem(text, ("options", "protect", name), "protect more than that"))
        # A closure is plain data: reading it again checks the share.
        data = {**closure.written(), "availability": left}
        partial = Closure.model_validate(data)
        calm = self.scenario.model_copy(update={"closures": (partial,)})
        problems = [one for one in scenario_problems(self.setting.system, calm) if one.path[:1] == ("closures",)]
        if problems:
            raise ScenarioError([Problem(one.message, ("options", "protect", name), one.hint) for one in problems])
        return partial


def taken(names: Sequence[str], protection: Mapping[str, float]) -> tuple[str, float]:
    """Under which name a decision is best taken, and the share that it then leaves; 1 if it cannot be taken.

    Several names close the same parts: whoever protects one of them has not protected the others.

    Examples
    --------
    >>> taken(("port", "loading"), {"port": 1.0})
    ('loading', 0.0)
    >>> taken(("port", "loading"), {"port": 1.0, "loading": 0.5})
    ('loading', 0.5)
    >>> taken(("port",), {"port": 1.0})[1]
    1.0
    """
    lefts = [protection.get(name, 0.0) for name in names]
    return names[lefts.index(min(lefts))], min(lefts)


def _closure_of(over: str, name: str) -> Closure:
    if over == "component":
        leg, _, part = name.partition("/")
        return Closure(leg=leg, component=(part,))
    return Closure.model_validate({over: name})
