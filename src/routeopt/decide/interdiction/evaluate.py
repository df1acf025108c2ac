"""What sets of options lose, each value certified: one by one, all of them, or all that can matter."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from routeopt.decide.interdiction.choices import Choices
from routeopt.decide.interdiction.search import Found, search
from routeopt.elements.losses import synergies
from routeopt.elements.sweep import all_sets
from routeopt.elements.values import SetValues, values_of
from routeopt.solve.batch import Batch, takes_kernel

__all__ = ["AttackLosses", "Sets", "enumerated"]

Floats = NDArray[np.float64]
Sets = list[tuple[int, ...]]

MOST_SETS = 2_000_000
"""More sets are never listed: they would take too much memory."""

_KERNEL_SETS = 300_000
_SEARCHED = 2_500
"""By default so many sets are solved to confirm an answer: by the kernel, and by the session."""

_MIP = 10
"""A mixed-integer program is less precise than the certificates by this factor."""

_SPLIT = 10
"""Sets of more options are not split to find their synergy."""


class AttackLosses:
    """What sets of a batch's options lose against nothing taken, in the attacker's measure: ``volume``, ``exports`` or
    ``netback``. Losses are further shortage and what is lost, shape (sets, 2)."""

    def __init__(self, batch: Batch, measure: str) -> None:
        self.batch, self.measure, self.values = batch, measure, SetValues(batch, engine="warm")
        self.exported, self.shortage = self.values.exported, self.values.shortage
        self.flow_noise = self.values.noise
        self.noise = self.values.money_noise if measure == "netback" else self.flow_noise
        self.mip_flow_noise, self.mip_noise = _MIP * self.flow_noise, _MIP * self.noise

    def losses(self, values: Floats) -> Floats:
        """Losses from `values_of`."""
        return self.values.worse(values)[:, [1, 2 if self.measure == "netback" else 0]]

    def of(self, sets: Sets) -> Floats:
        """Losses of sets; each is solved once."""
        return self.losses(self.values.of(sets))

    def worst(self, losses: Floats) -> NDArray[np.intp]:
        """Places of the largest losses: what refineries lack decides, if they come first, then what is lost."""
        chosen = np.arange(len(losses))
        for column, noise in ((0, self.flow_noise), (1, self.noise)):
            if column or self.measure == "volume":
                mine = losses[chosen, column]
                chosen = chosen[mine >= mine.max() - noise]
        return chosen

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
        if len(options) > _SPLIT:
            return math.nan
        parts = [all_sets(len(options), size) for size in range(1, len(options) + 1)]
        lost = [self.of([tuple(options[o] for o in one) for one in sets.tolist()])[:, 1] for sets in parts]
        return float(synergies(parts, lost, self.noise)[-1][0])


def enumerated(
    losses: AttackLosses, choices: Choices, check: object, needed: bool, until: float | None = None
) -> Found | None:
    """All sets, or all that can matter; None if that is not affordable.

    With ``check`` it is done at any cost, with ``"auto"`` where it takes about a second, or where it is ``needed``
    because there is no other way: then ``until``, a reading of `time.monotonic`, is when to give up.
    """
    batch = losses.batch
    if check is False:
        return None
    firm = check is True or needed
    most = MOST_SETS if firm else _KERNEL_SETS
    many = _count(choices, most + 1)
    if many <= most and takes_kernel(batch.plan, "auto", many):
        sets = list(_sets(choices))
        found = batch.solve(sets)
        return Found(sets, values_of(found), True)
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
