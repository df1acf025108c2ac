"""No contract is fulfilled by oil that goes round in circles.

A contract counts what enters its legs, so a linear program may send oil there and straight back. Where the optimum
does so, each column of the circle is closed in its turn, and the best of what remains is looked at again, until it has
no such circle. Every one of these programs is proven, so the answer is: the optimum among flows without a circle
through a leg with a contract. Refineries and exports lose nothing by it, since circles bring nothing anywhere.

Where going round pays without any contract, since a tariff is negative, it is part of the answer, and stays.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.errors import InfeasibleError, InputError, Problem, SolverError
from routeopt.model import Bounds, Objectives, Program
from routeopt.model.layout import Layout
from routeopt.solve.lexicographic import Answer

__all__ = ["Settled", "circle_in", "circles_may_pay", "ends", "loops", "refuse_circles", "settled"]

Ints = NDArray[np.intp]

_MOST = 2_000
"""So many programs are solved before the search is given up."""

_MOST_STEPS = 50_000
"""So many steps are taken in looking for circles."""

_TOO_MANY = "there are too many circles in which oil could go to fulfil a contract"


@dataclass(frozen=True)
class Settled:
    """An optimum without circles through contracts.

    ``bounds``: under which it was proven; ``closed``: columns that are closed in them; ``tried``: programs that were
    solved besides the first.
    """

    answer: Answer
    bounds: Bounds
    closed: tuple[int, ...] = ()
    tried: int = 0


def settled(
    program: Program,
    bounds: Bounds,
    stages: Sequence[tuple[str, Floats]],
    answer: Answer,
    again: Callable[[Bounds], Answer],
) -> Settled:
    """Find the optimum in which no contract is fulfilled by a circular flow.

    ``stages``: objectives minimised in turn; ``answer``: the optimum, circular flows included; ``again``: solves under
    other bounds.

    Raises SolverError: there are too many circles to go through.
    """
    money = stages[-1][1]
    if not circle_in(program, answer.x, money, bounds.unit):
        return Settled(answer, bounds)
    costs = [cost for _, cost in stages if cost.any()]
    noise = [1e-12 * max(bounds.unit * np.abs(cost).max(), np.abs(cost * answer.x).sum()) for cost in costs]

    def worse(one: Answer, two: Answer) -> int:
        # Term by term, so that large common costs hide no difference; differences within rounding are ties.
        for cost, rounding in zip(costs, noise, strict=True):
            terms = cost * (one.x - two.x)
            if abs(terms.sum()) > max(rounding, 1e-9 * np.abs(terms).sum()):
                return 1 if terms.sum() > 0 else -1
        return 0

    def rank(one: int, two: int) -> int:
        ties = [tuple(proof.value for proof in branches[place][0].proofs[len(costs) :]) for place in (one, two)]
        return worse(branches[one][0], branches[two][0]) or (ties[0] > ties[1]) - (ties[0] < ties[1])

    branches: list[tuple[Answer, tuple[int, ...]]] = [(answer, ())]
    known: set[frozenset[int]] = set()
    while branches:
        found, closed = branches.pop(min(range(len(branches)), key=functools.cmp_to_key(rank)))
        circle = circle_in(program, found.x, money, bounds.unit)
        if not circle:
            alone = all(worse(other, found) or _same(other, found) for other, _ in branches)
            unique = found.uniqueness if alone else False
            return Settled(replace(found, uniqueness=unique), _without(bounds, closed), closed, len(known))
        for column in circle:
            more = (*closed, column)
            if frozenset(more) in known:
                continue
            known.add(frozenset(more))
            if len(known) > _MOST:
                raise SolverError(_TOO_MANY)
            try:
                branches.append((again(_without(bounds, more)), more))
            except InfeasibleError:  # the caller's constraints require a circular flow
                continue
    raise SolverError("infeasible: the constraints require a circular flow through a leg with a contract; relax them")


def _without(bounds: Bounds, columns: tuple[int, ...]) -> Bounds:
    upper = bounds.upper.copy()
    upper[list(columns)] = bounds.lower[list(columns)]
    return replace(bounds, upper=upper)


def _same(one: Answer, two: Answer) -> bool:
    return bool(np.allclose(one.x, two.x, rtol=1e-7, atol=1e-7 * max(1.0, float(np.abs(two.x).max(initial=0.0)))))


def circle_in(program: Program, x: Floats, money: Floats, unit: float) -> list[int]:
    """Find the flow columns of a circle through a contracted leg that would not pay without the contract."""
    counted = _counted(program)
    if not (x[counted] > 1e-9 * unit).any():
        return []
    for circle in _rounds(program.layout, x > 1e-9 * unit, counted):
        if circle is None:
            raise SolverError(_TOO_MANY)
        if not _pays(money[circle], money):
            return circle
    return []


def circles_may_pay(program: Program, objectives: Objectives) -> bool:
    """Whether oil that goes round through a contract could ever earn more than it costs, under whatever closures.

    It could not if no circle costs less than what all contracts on it charge for what is short; nor where it pays
    without them. On a leg with losses less goes round every time, and may help a field over its minimum: that counts
    against it here.
    """
    layout, width, money = program.layout, len(program.layout.flow_leg), objectives.money
    counted, everywhere = _counted(program), np.ones(width, bool)
    alive = loops(layout, everywhere) if len(counted) else counted
    if not len(np.intersect1d(alive, counted)):
        return False
    first, rows = layout.column["deficiency"], layout.rows("contract")
    entries = np.flatnonzero((program.index >= rows.start) & (program.index < rows.stop))
    entries = entries[program.column_of_entry[entries] < width]
    price = np.maximum(0.0, money[first + program.index[entries] - rows.start])
    cost = money[:width].copy()
    np.subtract.at(cost, program.column_of_entry[entries], price * program.value[entries])
    gain = program.gain[layout.flow_leg]
    cost -= (1.0 - gain) * float(money[layout.columns("under")].max(initial=0.0))
    tail, head = ends(layout, alive)
    states = len(np.unique(np.concatenate([tail, head])))
    arc = np.where(cost > 0.0, cost * float(gain[alive].min()) ** states, cost)
    distance = np.zeros(int(max(tail.max(), head.max())) + 1)
    for _ in range(states + 1):
        nearer = distance.copy()
        np.minimum.at(nearer, head, distance[tail] + arc[alive])
        if not _pays(nearer - distance, money):
            return False  # no circle costs less than nothing
        distance = nearer
    rounds = _rounds(layout, everywhere, counted)
    return any(way is None or (_pays(arc[way], money) and not _pays(money[way], money)) for way in rounds)


def _pays(costs: Floats, money: Floats) -> bool:
    """Whether costs add up to less than nothing."""
    return float(costs.sum()) < -1e-9 * max(1.0, float(np.abs(money).max(initial=0.0)))


def _rounds(layout: Layout, open_columns: NDArray[np.bool_], counted: Ints) -> Iterator[list[int] | None]:
    """Circles through open columns of which one is counted, each as its columns; None if there are too many."""
    alive = loops(layout, open_columns)
    tail, head = ends(layout, alive)
    leaving: dict[int, list[tuple[int, int]]] = {}
    for column, start, end in zip(alive.tolist(), tail.tolist(), head.tolist(), strict=True):
        leaving.setdefault(start, []).append((column, end))
    steps = 0
    for place in np.flatnonzero(np.isin(alive, counted)).tolist():
        goal = int(tail[place])
        ways: list[tuple[list[int], tuple[int, ...]]] = [([int(alive[place])], (int(head[place]),))]
        while ways:
            steps += 1
            if steps > _MOST_STEPS:
                yield None
                return
            way, seen = ways.pop()
            if seen[-1] == goal:
                yield way
                continue
            ways += [([*way, column], (*seen, end)) for column, end in leaving.get(seen[-1], ()) if end not in seen]


def refuse_circles(pays: bool, what: str) -> None:
    """Raise InputError if a circular flow could fulfil a contract for less than it costs."""
    if pays:
        text = f"{what} is not defined: a circular flow could fulfil a contract for less than it costs"
        hint = "remove the contract, or a leg of the circle"
        raise InputError(Problem(text, ("contracts",), hint, "contract-cycle"))


def _counted(program: Program) -> Ints:
    """Flow columns that contracts count."""
    layout = program.layout
    rows = layout.rows("contract")
    mine = (program.index >= rows.start) & (program.index < rows.stop)
    columns = np.unique(program.column_of_entry[mine])
    return columns[columns < len(layout.flow_leg)].astype(np.intp)


def ends(layout: Layout, columns: Ints) -> tuple[Ints, Ints]:
    """Return the numbers of the states (node, commodity) at both ends of flow columns."""
    graph, leg, stream = layout.topology, layout.flow_leg[columns], layout.flow_stream[columns]
    width = len(graph.commodities)
    return graph.tail[leg] * width + stream, graph.head[leg] * width + graph.becomes[leg, stream]


def loops(layout: Layout, open_columns: NDArray[np.bool_]) -> Ints:
    """Find the flow columns on a directed cycle of states through open columns, or between two cycles."""
    count = len(layout.flow_leg)
    tail, head = ends(layout, np.arange(count))
    alive = open_columns[:count].copy()
    # Remove columns that nothing enters or leaves; the rest lies on cycles or between them.
    while True:
        keep = alive & np.isin(tail, head[alive]) & np.isin(head, tail[alive])
        if (keep == alive).all():
            return np.flatnonzero(alive)
        alive = keep
