"""What sets of options lose, and the worst sets: by going through all that can matter, or by the program."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.decide.interdiction.choices import Choices
from routeopt.decide.interdiction.milp import Attack, Milp
from routeopt.decide.interdiction.search import Found, search
from routeopt.elements.losses import synergies
from routeopt.elements.sweep import all_sets
from routeopt.elements.values import SetValues, values_of
from routeopt.errors import CertificateError, InfeasibleError
from routeopt.solve.batch import Batch, takes_kernel

__all__ = ["MOST_TIES", "AttackLosses", "Worst", "by_enumeration", "by_programme", "enumerated"]

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

MOST_TIES = 10
"""Without enumeration no more ties than this are looked for."""


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


@dataclass(frozen=True)
class Worst:
    """The worst ``sets`` within a budget, of which nothing can be left out, and whether these are ``every`` one.

    Inner units: the further ``shortage`` of refineries, and what is ``lost``. No set makes refineries lack more than
    ``most_shortage``; of those that make them lack as much none loses more than ``bound`` (where refineries do not come
    first: no set loses more).
    """

    sets: Sets
    shortage: float
    lost: float
    most_shortage: float
    bound: float
    every: bool


def by_enumeration(losses: AttackLosses, choices: Choices, found: Found) -> Worst:
    """The worst of the sets that have been solved and can be paid for."""
    paid = [
        place
        for place, one in enumerate(found.sets)
        if choices.cost[list(one)].sum() <= choices.budget * (1 + 1e-9)
    ]  # fmt: skip
    each = losses.losses(found.values[paid])
    worst = losses.worst(each)
    equal = sorted((found.sets[paid[place]] for place in worst), key=len)
    smallest: list[frozenset[int]] = []
    for one in map(frozenset, equal):
        if not any(other <= one for other in smallest):
            smallest.append(one)
    shortage, lost = (float(most) for most in each[worst].max(axis=0))
    return Worst([tuple(sorted(one)) for one in smallest], shortage, lost, shortage, lost, True)


def by_programme(losses: AttackLosses, choices: Choices, milp: Milp, until: float | None, ties: bool) -> Worst:
    """The worst set that the program finds, re-evaluated; and, with ties, the others that are as bad."""
    floor, most, every = None, 0.0, True
    if milp.starving:
        hungry = milp.solve(choices, seconds=_left(until), starve=True)
        most, every = max(0.0, -hungry.least - losses.shortage), hungry.finished
        if hungry.options is not None:
            lacking = _agreed(losses, hungry, -hungry.value - losses.shortage, 0, losses.mip_flow_noise)
            most = max(most, lacking)
            floor = losses.shortage + lacking - losses.mip_flow_noise if lacking > 0 else None
    first = milp.solve(choices, seconds=_left(until), lacking=floor)
    bound = losses.exported - first.least
    if first.options is None:
        return Worst([()], 0.0, 0.0, most, bound, False)
    lost = confirm(losses, first)
    found, every = [losses.smallest(first.options)], every and first.finished
    shortage = float(losses.of([first.options])[0, 0])
    while ties and every and (lost > 0 or shortage > 0) and len(found) < MOST_TIES and found[-1]:
        try:
            other = milp.solve(choices, found, _left(until), lacking=floor)
        except InfeasibleError:  # nothing else leaves refineries as short
            break
        if not other.finished:
            every = False
        elif other.options is None or losses.exported - other.value < lost - losses.mip_noise:
            break
        else:
            confirm(losses, other)
            found.append(losses.smallest(other.options))
    every = every and ties and len(found) < MOST_TIES
    found.sort(key=lambda one: (len(one), one))
    return Worst(found, shortage, lost, max(shortage, most), max(lost, bound), every)


def confirm(losses: AttackLosses, attack: Attack) -> float:
    """The certified loss of an attack; a CertificateError if the program says otherwise."""
    return _agreed(losses, attack, losses.exported - attack.value, 1, losses.mip_noise)


def _agreed(losses: AttackLosses, attack: Attack, said: float, column: int, noise: float) -> float:
    """Further shortage (column 0) or loss (1) of an attack, if the program says the same."""
    assert attack.options is not None
    found = float(losses.of([attack.options])[0, column])
    # A program that was stopped has not finished the operator's part either: it may say less, never more.
    wrong = said - found if not attack.finished else abs(said - found)
    if wrong > 10 * noise:
        unit = losses.batch.plan.bounds.unit
        text = (
            f"the program of the worst case says that {said / unit:.9g} is {('lacking', 'lost')[column]}, the "
            f"certified optimum {found / unit:.9g} (in units of {unit:g})"
        )
        raise CertificateError(f"{text}; pass enumerate=True to settle it by full enumeration")
    return found


def _left(until: float | None) -> float | None:
    return None if until is None else max(0.01, until - time.monotonic())
