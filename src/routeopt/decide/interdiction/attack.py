"""From options to the worst sets: the programme, its confirmation, ties, and one budget after the other."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from routeopt.decide.interdiction.choices import Choices
from routeopt.decide.interdiction.evaluate import AttackLosses, Sets
from routeopt.decide.interdiction.milp import Attack, Milp
from routeopt.decide.interdiction.search import Found
from routeopt.errors import CertificateError, InfeasibleError

__all__ = ["MOST_TIES", "Worst", "by_enumeration", "by_programme", "confirm"]

log = logging.getLogger("routeopt")

MOST_TIES = 10
"""Without enumeration no more ties than this are looked for."""


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
    """The worst set that the programme finds, re-evaluated; and, with ties, the others that are as bad."""
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
    """Further shortage (column 0) or loss (1) of an attack, if the programme says the same."""
    assert attack.options is not None
    found = float(losses.of([attack.options])[0, column])
    # A programme that was stopped has not finished the operator's part either: it may say less, never more.
    wrong = said - found if not attack.finished else abs(said - found)
    if wrong > 10 * noise:
        unit = losses.batch.plan.bounds.unit
        text = (
            f"the programme of the worst case says that {said / unit:.9g} is {('lacking', 'lost')[column]}, the "
            f"certified optimum {found / unit:.9g} (in units of {unit:g})"
        )
        raise CertificateError(f"{text}; write check=True: going through all sets settles it")
    return found


def _left(until: float | None) -> float | None:
    return None if until is None else max(0.01, until - time.monotonic())
