"""Drawing numbers from their ranges, and the systems that they make."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from routeopt.arrays import Floats
from routeopt.decide.uncertainty.inputs import Input, Place, attribute
from routeopt.errors import InputError, Problem
from routeopt.system import ExportSystem, Quantity
from routeopt.system.base import FrozenDict
from routeopt.system.iterate import quantities
from routeopt.system.legs import Leg

__all__ = ["Edits", "draw", "triangular"]


_ATTEMPTS = 1000
_CORNERS = 8
_SHARING = ("capacity", "fleet", "components", "reserved")


def triangular(uniform: Floats, low: float, mode: float, high: float) -> Floats:
    """Triangular numbers from uniform ones, by the inverse of the distribution function.

    F(x) = (x-a)² / ((b-a)(c-a)) up to the mode c and 1 - (b-x)² / ((b-a)(b-c)) beyond it; the mean is
    (a+b+c)/3 and the variance (a²+b²+c²-ab-ac-bc)/18.

    >>> triangular(np.array([0.0, 0.25, 1.0]), 0.0, 1.0, 3.0).round(4).tolist()
    [0.0, 0.866, 3.0]
    """
    width, left, right = high - low, mode - low, high - mode
    below = uniform * width < left
    drawn = np.where(below, low + np.sqrt(uniform * width * left), high - np.sqrt((1.0 - uniform) * width * right))
    return np.clip(drawn, low, high)


def draw(inputs: Sequence[Input], draws: int, seed: int, edits: Sequence[Edits]) -> tuple[Floats, NDArray[np.bool_]]:
    """Draw every input, (draws, inputs) in written units, and say in which draws something was drawn again.

    Each input has a stream of its own, made from the seed and its place, so a draw depends neither on what else
    varies nor on how many draws follow. Where a draw makes a leg that `ExportSystem` would refuse (more reserved
    than its capacity), the inputs of that leg are drawn again until it does not: the draws follow the ranges
    given that the data do not contradict themselves. InputError if hardly any draw is free of contradiction."""
    values = np.empty((draws, len(inputs)))
    streams: dict[tuple[int, int], Floats] = {}

    def stream(column: int, attempt: int) -> Floats:
        key = (column, attempt)
        if key not in streams:
            one = inputs[column]
            streams[key] = triangular(_uniform(one, draws, seed, attempt), one.low, one.value, one.high)
        return streams[key]

    for column in range(len(inputs)):
        values[:, column] = stream(column, 0)
    again = np.zeros(draws, bool)
    together = _joined({frozenset(columns) for one in edits for columns in one.doubtful.values()})
    for place in range(draws if together else 0):
        attempt = 0
        while found := {c for one in edits for c in one.contradictory(values[place])}:
            wrong = frozenset().union(*(group for group in together if group & found))
            again[place], attempt = True, attempt + 1
            if attempt > _ATTEMPTS:
                names = ", ".join(inputs[column].name for column in sorted(wrong))
                text = f"the ranges of {names} contradict each other in nearly every draw"
                raise InputError(Problem(text, hint="mend their low and high", code="contradiction"))
            for column in wrong:
                values[place, column] = stream(column, attempt)[place]
    return values, again


def _joined(groups: set[frozenset[int]]) -> list[frozenset[int]]:
    """Groups that share nothing: what has a number in common is drawn again as a whole."""
    joined: list[frozenset[int]] = []
    for group in groups:
        touched = [other for other in joined if other & group]
        joined = [other for other in joined if not other & group] + [group.union(*touched)]
    return joined


def _uniform(one: Input, draws: int, seed: int, attempt: int) -> Floats:
    # The place in the alphabet's order: the order of the data does not matter.
    name = hashlib.sha256(min(one.places).encode()).digest()[:16]
    words = np.frombuffer(name, "<u4").tolist()
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(*words, attempt))).random(draws)


class Edits:
    """Makes changed copies of one system, without reading its data again.

    A place where the system holds another number than the input (since a scenario replaced it) is left alone.
    ``doubtful``: leg that other numbers could make contradict itself -> its inputs."""

    def __init__(
        self, system: ExportSystem, inputs: Sequence[Input], built: Mapping[str, Quantity] | None = None
    ) -> None:
        self._system, self._sizes = system, built or {}
        known = dict(quantities(system))
        self._tree: dict[Any, Any] = {}
        columns: dict[str, list[int]] = {}
        for column, one in enumerate(inputs):
            for path in one.quantities:
                if known.get(path) != one.quantities[path]:
                    continue
                self._enter(path, column)
                if path[0] == "legs" and self._may_contradict(str(path[1]), str(path[2])):
                    columns.setdefault(str(path[1]), []).append(column)
        self.doubtful = {leg: tuple(dict.fromkeys(found)) for leg, found in columns.items()}
        self._middle = np.array([one.value for one in inputs])
        for leg, found in list(self.doubtful.items()):
            if len(found) <= _CORNERS and not self._can_contradict(found, inputs):
                del self.doubtful[leg]

    def _can_contradict(self, columns: Sequence[int], inputs: Sequence[Input]) -> bool:
        """Whether any corner of the ranges contradicts itself; if none does, nothing between them does, for both
        sides of every comparison grow or fall with each number."""
        values = self._middle.copy()
        for corner in itertools.product((False, True), repeat=len(columns)):
            for column, high in zip(columns, corner, strict=True):
                values[column] = inputs[column].high if high else inputs[column].low
            if self.contradictory(values):
                return True
        return False

    def _may_contradict(self, leg: str, key: str) -> bool:
        record = self._system.legs[leg]
        return (bool(record.reserved) and key in _SHARING) or (key == "build" and leg in self._sizes)

    def _enter(self, path: Place, column: int) -> None:
        part: Any = self._system
        here = self._tree
        for key in path[:-1]:
            for step in _steps(part, key):
                here = here.setdefault(step, {})
                part = getattr(part, str(step)) if isinstance(part, BaseModel) else part[step]
        *above, last = _steps(part, path[-1])
        for step in above:
            here = here.setdefault(step, {})
        here[last] = column

    def contradictory(self, values: Floats) -> set[int]:
        """Inputs that make a leg which contradicts itself."""
        wrong: set[int] = set()
        for leg, columns in self.doubtful.items():
            record: Leg = _edited(self._system.legs[leg], self._tree["legs"][leg], values.tolist())
            if _contradicts(record, self._sizes.get(leg)):
                wrong.update(columns)
        return wrong

    def made(self, values: Floats) -> ExportSystem:
        """The system with other numbers, in written units, and the same scenarios; nothing of it is checked."""
        system, numbers = self._system, values.tolist()
        parts = {name: getattr(system, name) for name in type(system).model_fields}
        for name, tree in self._tree.items():
            parts[name] = _edited(parts[name], tree, numbers)
        copy = type(system).model_construct(set(system.model_fields_set), **parts)
        return copy.with_scenarios(system.scenarios, system.origin)


def _steps(part: object, key: str | int) -> list[str | int]:
    """Attributes and keys that lead from a part to what the file has under one key."""
    if not isinstance(part, BaseModel):
        return [key]
    name = attribute(part, key)
    return [name, key] if name == "parts" else [name]


def _edited(part: Any, tree: Any, values: Sequence[float]) -> Any:
    if isinstance(tree, int):
        return Quantity(values[tree], part.unit, part.low, part.high, part.source, part.note, part.estimate)
    if isinstance(part, BaseModel):
        return part.model_copy(update={key: _edited(getattr(part, key), sub, values) for key, sub in tree.items()})
    changed = {key: _edited(part[key], sub, values) for key, sub in tree.items()}
    if isinstance(part, Mapping):
        return FrozenDict({**part, **changed})
    return tuple(changed.get(place, item) for place, item in enumerate(part))


def _contradicts(leg: Leg, size: Quantity | None) -> bool:
    """Whether reading the leg from a file would be refused."""
    if leg.fleet is not None and leg.fleet.round_trip.inner <= 0:
        return True
    if leg.reserved and leg.taken > leg.nominal * (1 + 1e-12):
        return True
    if leg.build is None or size is None:
        return False
    sizes = [studied.inner for studied in leg.build.sizes]
    inside = sizes[0] * (1 - 1e-9) <= size.inner <= sizes[-1] * (1 + 1e-9)
    lasts = leg.build.lifetime is None or leg.build.lifetime.inner > 0
    return sizes != sorted(set(sizes)) or sizes[0] <= 0 or not lasts or not inside
