"""What sets of options lose, each value certified: one by one, all of them, or all that can matter."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from routeopt.decide.interdiction.choices import Choices
from routeopt.decide.interdiction.search import Found, search
from routeopt.model.certificate import TOLERANCE
from routeopt.solve.batch import Batch, takes_kernel

__all__ = ["Sets", "Values", "enumerated"]

Floats = NDArray[np.float64]
Sets = list[tuple[int, ...]]

MOST_SETS = 2_000_000
"""More sets are never listed: they would take too much memory."""

_KERNEL_SETS = 300_000
_SEARCHED = 2_500
"""Without being asked, so many sets are solved to confirm an answer: by the kernel, and by the session."""


class Values:
    """Losses of sets, against nothing taken.

    Parameters
    ----------
    batch : Batch
        Its decisions are the options.
    measure : str
        ``volume``, ``exports`` or ``netback``.
    """

    def __init__(self, batch: Batch, measure: str) -> None:
        self.batch, self.measure = batch, measure
        base = batch.solve([()], engine="warm")
        self.exported, self.shortage, self.money = (float(of[0]) for of in (base.exported, base.shortage, base.money))
        self._known: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, 0.0)}

    @cached_property
    def flow_noise(self) -> float:
        """Flows that differ by less are equal."""
        return 10 * TOLERANCE * max(self.batch.plan.bounds.unit, abs(self.exported))

    @cached_property
    def noise(self) -> float:
        """Losses that differ by less are equal."""
        if self.measure != "netback":
            return self.flow_noise
        return 10 * TOLERANCE * max(self.batch.plan.bounds.unit, abs(self.money))

    def losses(self, values: Floats) -> Floats:
        """Further shortage, and what is lost, from exports, shortage and net cost; shape (sets, 2)."""
        lost = values[:, 2] - self.money if self.measure == "netback" else self.exported - values[:, 0]
        lacking = values[:, 1] - self.shortage
        return np.column_stack([
            np.where(np.abs(lacking) <= self.flow_noise, 0.0, lacking), np.where(np.abs(lost) <= self.noise, 0.0, lost),
        ])  # fmt: skip

    def worst(self, losses: Floats) -> NDArray[np.intp]:
        """Places of the largest losses: what refineries lack decides, if they come first, then what is lost."""
        chosen = np.arange(len(losses))
        for column, noise in ((0, self.flow_noise), (1, self.noise)):
            if column or self.measure == "volume":
                mine = losses[chosen, column]
                chosen = chosen[mine >= mine.max() - noise]
        return chosen

    def of(self, sets: Sets) -> Floats:
        """Further shortage and losses of sets; each is solved once."""
        new = [one for one in dict.fromkeys(sets) if one not in self._known]
        if new:
            found = self.batch.solve(new, engine="warm")
            losses = self.losses(np.column_stack([found.exported, found.shortage, found.money]))
            self._known.update(zip(new, map(tuple, losses.tolist()), strict=True))
        return np.array([self._known[one] for one in sets])

    def smallest(self, options: tuple[int, ...]) -> tuple[int, ...]:
        """A set without those of its members that add nothing."""
        whole = options
        for o in whole:
            rest = tuple(one for one in options if one != o)
            if 1 in self.worst(self.of([whole, rest])):
                options = rest
        return options

    def synergy(self, options: tuple[int, ...]) -> float:
        """What a set loses (beside shortage) beyond the best way to split it into smaller sets."""
        if len(options) < 2:
            return 0.0
        if len(options) > 10:
            return float("nan")
        parts = [c for size in range(1, len(options) + 1) for c in itertools.combinations(options, size)]
        alone = dict(zip(parts, self.of(parts)[:, 1].tolist(), strict=True))
        split: dict[tuple[int, ...], float] = {(): 0.0}
        for part in parts:
            inner = [c for size in range(1, len(part)) for c in itertools.combinations(part, size) if part[0] in c]
            ways = [max(alone[c], split[c]) + max(alone[rest], split[rest])
                    for c in inner if (rest := tuple(o for o in part if o not in c))]  # fmt: skip
            split[part] = max(ways, default=-np.inf)
        found = alone[options] - split[options]
        return 0.0 if abs(found) <= 3 * self.noise else found


def enumerated(
    values: Values, choices: Choices, check: object, needed: bool, until: float | None = None
) -> Found | None:
    """All sets, or all that can matter; None if that is not affordable.

    Parameters
    ----------
    values : Values
    choices : Choices
    check : bool or "auto"
        Whether to do it at any cost, or where it takes about a second.
    needed : bool
        Whether there is no other way.
    until : float, optional
        Reading of `time.monotonic` at which to give up, where there is no other way.
    """
    batch = values.batch
    if check is False:
        return None
    firm = check is True or needed
    most = MOST_SETS if firm else _KERNEL_SETS
    many = _count(choices, most + 1)
    if many <= most and takes_kernel(batch.plan, "auto", many):
        sets = list(_sets(choices))
        found = batch.solve(sets)
        return Found(sets, np.column_stack([found.exported, found.shortage, found.money]), True)
    result = search(batch, choices, MOST_SETS if firm else _SEARCHED, np.inf if until is None or not needed else until)
    return result if result.complete else None


def _sets(choices: Choices) -> Iterator[tuple[int, ...]]:
    """All sets that can be paid for, at most one mode of a decision; a set comes after what it grew from."""
    level: Sequence[tuple[tuple[int, ...], float]] = [((), 0.0)]
    while level:
        following = []
        for taken, spent in level:
            yield taken
            first = taken[-1] + 1 if taken else 0
            for o in range(first, len(choices)):
                if taken and choices.decision[o] == choices.decision[taken[-1]]:
                    continue
                if spent + choices.cost[o] <= choices.budget * (1 + 1e-9):
                    following.append(((*taken, o), spent + float(choices.cost[o])))
        level = following


def _count(choices: Choices, most: int) -> int:
    """How many sets there are, counted no further than ``most``."""
    if (choices.cost == 1.0).all():
        modes = np.bincount(choices.decision)
        size = int(min(choices.budget, len(modes)) + 1e-9)
        ways = [1] + [0] * size
        for many in modes.tolist():
            for i in range(size, 0, -1):
                ways[i] += many * ways[i - 1]
        return min(sum(ways), most)
    return sum(1 for _ in itertools.islice(_sets(choices), most))
