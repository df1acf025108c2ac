"""From options to the worst sets: the programme, its confirmation, ties, and one budget after the other."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

import numpy as np

from routeopt.decide.worst.choices import Choices
from routeopt.decide.worst.evaluate import Sets, Values
from routeopt.decide.worst.milp import Attack, Milp
from routeopt.decide.worst.search import Found
from routeopt.errors import CertificateError

__all__ = ["MOST_TIES", "Worst", "by_enumeration", "by_programme", "confirm"]

log = logging.getLogger("routeopt")

MOST_TIES = 10
"""Without enumeration no more ties than this are looked for."""


@dataclass(frozen=True)
class Worst:
    """The worst sets within a budget.

    Attributes
    ----------
    sets : list of tuple of int
        Those that lose most and of which nothing can be left out; never empty.
    lost : float
        Inner units.
    bound : float
        No set loses more.
    every : bool
        Whether these are all.
    """

    sets: Sets
    lost: float
    bound: float
    every: bool


def by_enumeration(values: Values, choices: Choices, found: Found) -> Worst:
    """The worst of the sets that have been solved and can be paid for."""
    lost = values.lost(found.values)
    paid = np.array([choices.cost[list(one)].sum() <= choices.budget * (1 + 1e-9) for one in found.sets])
    lost = np.where(paid, lost, -np.inf)
    most = float(lost.max())
    equal = sorted((found.sets[place] for place in np.flatnonzero(lost >= most - values.noise)), key=len)
    smallest: list[frozenset[int]] = []
    for one in map(frozenset, equal):
        if not any(other <= one for other in smallest):
            smallest.append(one)
    return Worst([tuple(sorted(one)) for one in smallest], most, most, True)


def by_programme(values: Values, choices: Choices, milp: Milp, until: float | None, ties: bool) -> Worst:
    """The worst set that the programme finds, re-evaluated; and, with ties, the others that are as bad.

    Raises
    ------
    CertificateError
        The certified optimum under the attack is not what the programme says.
    """
    first = milp.solve(choices, seconds=_left(until))
    bound = values.exported - first.least
    if first.options is None:
        return Worst([()], 0.0, bound, False)
    lost = confirm(values, first)
    found, every = [values.smallest(first.options)], first.finished
    while ties and every and lost > 0 and len(found) < MOST_TIES and found[-1]:
        other = milp.solve(choices, found, _left(until))
        if not other.finished:
            every = False
        elif other.options is None or values.exported - other.exported < lost - values.noise:
            break
        else:
            confirm(values, other)
            found.append(values.smallest(other.options))
    every = every and ties and len(found) < MOST_TIES
    return Worst(sorted(found, key=lambda one: (len(one), one)), lost, max(lost, bound), every)


def confirm(values: Values, attack: Attack) -> float:
    """The certified loss of an attack.

    Raises
    ------
    CertificateError
        It is not what the programme says.
    """
    assert attack.options is not None
    lost = float(values.of([attack.options])[0])
    said = values.exported - attack.exported
    # A programme that was stopped has not finished the operator's part either: it may say less, never more.
    wrong = said - lost if not attack.finished else abs(said - lost)
    if wrong > 10 * values.noise:
        unit = values.batch.plan.bounds.unit
        raise CertificateError(f"the programme of the worst case says that {said / unit:.9g} is lost, the certified "
                               f"optimum {lost / unit:.9g} (in units of {unit:g})")  # fmt: skip
    return lost


def _left(until: float | None) -> float | None:
    return None if until is None else max(0.01, until - time.monotonic())
