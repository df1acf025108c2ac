"""What a defender can choose from against what can be attacked: each choice makes a system, attacked at its worst."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.decide.defence.options import Option, together
from routeopt.elements.elements import Element, Over, elements_over
from routeopt.elements.sweep import count_sets, sweep
from routeopt.elements.values import resolution
from routeopt.errors import Problem, ScenarioError, did_you_mean
from routeopt.scenario import Closure, Scenario
from routeopt.scenario.case import Situation, situate
from routeopt.scenario.resolve import scenario_problems
from routeopt.solve.batch import Batch
from routeopt.system import ExportSystem

__all__ = ["Attack", "Setting", "Variant", "Worst", "taken"]

Ints = NDArray[np.int64]

MOST_ATTACKS = 1_000_000
"""More sets of elements of one system are refused: it would take too long to be sure of the worst."""

Attack = tuple[Element, ...]
"""Elements that are taken together."""


class Mode(NamedTuple):
    """One way to take an element (by its place): in full, under any of its names, or what a protection of one of them
    leaves, a share."""

    element: int
    name: str
    left: float
    closure: Closure


class Worst(NamedTuple):
    """The worst attack on one choice of options: what is ``exported`` after it (or minus the net cost, where that is
    measured) and what refineries lack then, inner units a day; ``sets`` of the variant's modes that are equally bad
    and take as few elements, shape (ties, elements)."""

    exported: float
    shortage: float
    variant: Variant
    sets: Ints

    @property
    def decisions(self) -> tuple[str, ...]:
        """Elements of the first of them."""
        return self._labels(0)

    @property
    def ties(self) -> tuple[tuple[str, ...], ...]:
        """All of them."""
        return tuple(self._labels(place) for place in range(len(self.sets)))

    @property
    def attack(self) -> Attack:
        """The first of them, to be tried on another choice."""
        return tuple(self.variant.elements[self.variant.modes[mode].element] for mode in self.sets[0].tolist())

    def _labels(self, place: int) -> tuple[str, ...]:
        modes = sorted(self.sets[place].tolist(), key=lambda mode: self.variant.modes[mode].element)
        return tuple(self.variant.label(mode) for mode in modes)


class Variant:
    """A system with some options built, and the values of all attacks on it.

    Of names that are partly protected, ``levels`` has the shares that are left. ``money`` says that net cost is
    measured in place of volume.
    """

    def __init__(
        self, system: ExportSystem, scenario: Scenario, over: Over, levels: Mapping[str, tuple[float, ...]], money: bool
    ) -> None:
        self.scenario, self._system, self._levels, self._money = scenario, system, levels, money
        self.situation: Situation = situate(system, scenario)
        self.elements = elements_over(system, scenario, self.situation, over)
        self.solved = 0
        self._values: dict[int, tuple[tuple[Ints, ...], list[Floats]]] = {}

    @cached_property
    def modes(self) -> list[Mode]:
        """All elements in full, then what partial protections let through."""
        found = [Mode(place, "", 0.0, element.closure) for place, element in enumerate(self.elements)]
        for place, element in enumerate(self.elements):
            for name, closure in zip(element.names, element.behind, strict=True):
                for left in self._levels.get(name, ()):
                    found.append(Mode(place, name, left, self.partial(name, closure, left)))
        return found

    @cached_property
    def batch(self) -> Batch:
        """All modes on this system."""
        return Batch(self._system, self.situation, [mode.closure for mode in self.modes])

    @cached_property
    def starving(self) -> bool:
        """Whether there are refineries."""
        return bool(dict(self.batch.plan.stages)["shortage"].any())

    @property
    def noise(self) -> float:
        """Differences up to this are none."""
        return resolution(self.batch.plan.bounds.unit, self.calm)

    @property
    def flow_noise(self) -> float:
        """Volumes that differ by no more are equal."""
        return resolution(self.batch.plan.bounds.unit) if self._money else self.noise

    @cached_property
    def calm(self) -> float:
        """The measure when nothing is attacked."""
        return float(self._all(0)[1][0][0, 1])

    @property
    def calm_shortage(self) -> float:
        """What refineries lack when nothing is attacked."""
        return float(self._all(0)[1][0][0, 0])

    def worst(self, protection: Mapping[str, float], k: int, starving: bool) -> Worst:
        """The worst attack on up to k elements in the modes that a protection leaves: the one that refineries lack
        most after, where they come first, then the one that leaves least."""
        allowed = np.array([self._allowed(mode, protection) for mode in self.modes], bool)
        sets, values = self._all(min(k, len(self.modes)))
        found = []
        for part, value in zip(sets, values, strict=True):
            open_to = np.flatnonzero(allowed[part].all(axis=1))
            if len(open_to):
                found.append((part[open_to], value[open_to]))
        if starving:
            most = max(float(value[:, 0].max()) for _, value in found) - self.flow_noise
            found = [(part[value[:, 0] >= most], value[value[:, 0] >= most]) for part, value in found]
            found = [(part, value) for part, value in found if len(part)]
        least = min(float(value[:, 1].min()) for _, value in found)
        part, value = next((p, v) for p, v in found if v[:, 1].min() <= least + self.noise)
        equal = value[:, 1] <= least + self.noise
        return Worst(least, float(value[equal, 0].max()), self, part[equal])

    def _all(self, k: int) -> tuple[Sequence[Ints], list[Floats]]:
        """All sets of up to k modes, and what refineries lack and the measure after each."""
        known = next((size for size in sorted(self._values) if size >= k), None)
        if known is not None:
            sets, values = self._values[known]
            return sets[: k + 1], values[: k + 1]
        many = count_sets(len(self.modes), k)
        if many > MOST_ATTACKS:
            text = f"{len(self.modes):,} decisions make {many:,} attacks of up to {k}"
            raise ScenarioError(Problem(text, ("k",), "take a smaller k, or name fewer decisions in over=", "too-many"))
        swept = sweep(self.batch, k)
        values = [np.column_stack([part[:, 1], -part[:, 2] if self._money else part[:, 0]]) for part in swept.values]
        self.solved += many
        self._values = {k: (swept.sets, values)}
        return swept.sets, values

    def _allowed(self, mode: Mode, protection: Mapping[str, float]) -> bool:
        name, left = taken(self.elements[mode.element].names, protection)
        return left < 1.0 and left == mode.left and mode.name in ("", name)

    def label(self, mode: int) -> str:
        """What a mode is called."""
        name, left = self.elements[self.modes[mode].element].name, self.modes[mode].left
        return f"{name} ({100 * left:g} % left)" if left else name

    def partial(self, name: str, closure: Closure, left: float) -> Closure:
        """What is left of an attack on something that is partly protected."""
        if left <= closure.left:
            text = f"an attack on {name!r} leaves {100 * closure.left:g} % already"
            raise ScenarioError(Problem(text, ("options", "protect", name), "protect more than that"))
        # A closure is plain data: reading it again checks the share.
        data = {**closure.written(), "availability": left}
        partial = Closure.model_validate(data)
        calm = self.scenario.model_copy(update={"closures": (partial,)})
        problems = [one for one in scenario_problems(self._system, calm) if one.path[:1] == ("closures",)]
        if problems:
            raise ScenarioError([Problem(one.message, ("options", "protect", name), one.hint) for one in problems])
        return partial


@dataclass(frozen=True)
class Setting:
    """A system with a flat scenario, what can be chosen for it and what can be attacked, and the measure: ``volume``
    (refineries first, then exports), ``exports`` or ``netback``."""

    system: ExportSystem
    scenario: Scenario
    over: Over
    options: tuple[Option, ...]
    measure: str = "volume"

    @property
    def money(self) -> bool:
        """Whether net cost is measured in place of volume."""
        return self.measure == "netback"

    @cached_property
    def starving(self) -> bool:
        """Whether there are refineries, and what they lack comes first."""
        return self.measure == "volume" and self.variant(()).starving

    @cached_property
    def _variants(self) -> dict[tuple[int, ...], Variant]:
        return {}

    def variant(self, chosen: Collection[int]) -> Variant:
        """The system with what the chosen options build or change; made once."""
        built = tuple(sorted(place for place in chosen if self.options[place].builds))
        if built not in self._variants:
            options = [self.options[place] for place in built]
            scenario = together(self.scenario, [one.changes for one in options]) if options else self.scenario
            problems = scenario_problems(self.system, scenario)
            if problems:
                names = " and ".join(repr(one.name) for one in options)
                raise ScenarioError([Problem(f"options {names} together: {one.message}", ("options",), one.hint,
                                             one.code) for one in problems])  # fmt: skip
            self._variants[built] = Variant(self.system, scenario, self.over, self.levels, self.money)
        return self._variants[built]

    @property
    def solved(self) -> int:
        """Attacks solved so far, each certified or settled by a smaller one."""
        return sum(variant.solved for variant in self._variants.values())

    def protection(self, chosen: Collection[int]) -> dict[str, float]:
        """Share that an attack leaves by protected name; the best protection of several counts."""
        found: dict[str, float] = {}
        for place in chosen:
            for name, left in self.options[place].protect.items():
                found[name] = max(left, found.get(name, 0.0))
        return found

    def worst(self, chosen: Collection[int], k: int) -> Worst:
        """The worst attack on up to k elements of what is chosen."""
        return self.variant(chosen).worst(self.protection(chosen), k, self.starving)

    @cached_property
    def levels(self) -> dict[str, tuple[float, ...]]:
        """Shares that partial protections leave, by name."""
        found: dict[str, set[float]] = {}
        for option in self.options:
            for name, left in option.protect.items():
                if left < 1.0:
                    found.setdefault(name, set()).add(left)
        return {name: tuple(sorted(lefts)) for name, lefts in found.items()}

    def checked(self) -> Setting:
        """The same with every protected name checked; names joined by ``=`` are taken apart.

        Raises
        ------
        ScenarioError
            Something is protected that the adversary cannot close, or a partial protection has no meaning.
        """
        problems, options = [], []
        for option in self.options:
            protect: dict[str, float] = {}
            for name, left in option.protect.items():
                for part in (name,) if name in self._attackable else name.split(" = "):
                    protect[part] = max(left, protect.get(part, 0.0))
            unknown = sorted(set(protect) - set(self._attackable))
            problems += [
                Problem(f"there is no decision {name!r} that could be protected", ("options", option.name, "protect"),
                        did_you_mean(name, self._attackable, other="the adversary can close"), "unknown-id")
                for name in unknown
            ]  # fmt: skip
            options.append(replace(option, protect=protect))
        if problems:
            raise ScenarioError(problems)
        found = replace(self, options=tuple(options))
        for place, option in enumerate(found.options):
            if found.levels:  # reading the modes checks partial protections
                _ = found.variant((place,) if option.builds else ()).modes
        return found

    @cached_property
    def _attackable(self) -> dict[str, None]:
        """Names of all elements, with nothing chosen and with each option."""
        found: dict[str, None] = {}
        alone = [(place,) for place, option in enumerate(self.options) if option.builds]
        for chosen in ((), *alone):
            found |= {name: None for element in self.variant(chosen).elements for name in element.names}
        return found


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
