"""How much a unit can be worth anywhere: the bounds of the dual, derived and proved.

The operator minimises W x (sum of s x shortage) - deliveries, s being the units of the system in one of a refinery's
own. Write p for what a unit is worth at a state (a commodity at a node),
m for the price of a capacity (a leg, a single flow, a group, an output, a market), r for the price of a refinery's
demand. The dual asks, with gains g <= 1 and factors f, w of the rows,

    flow i -> j:   g p_j - p_i <= sum of f m over its rows and its own bound      (all m >= 0)
    output at i:   p_i <= m        delivery at i:  p_i + f m >= 1
    intake at i:   p_i >= f r      shortage:       r <= W s

and maximises  sum of demand x r - sum of bound x m.

**Claim.** Some optimal dual has 0 <= p_i <= P_i, with P_i the largest of 1 (deliveries at i), f W s (intakes at i) and
g P_j (flows i -> j), and each price m at most

    a flow's own bound      g P_j                  the row of a leg      max over its flows of g P_j / f
    a group                 max of g P_j / w       an output             P_i           a market     max of 1 / f.

*Proof.* Take an optimal dual and replace every p_i by min(max(p_i, 0), P_i); m and r stay, and so does the objective.
(Prices r are at least 0, since demand >= 0 and raising a negative r to 0 breaks nothing once p >= 0.) Output: p_i <= m
with m >= 0 survives both. Delivery: P_i >= 1 >= 1 - f m. Intake: P_i >= f W s >= f r. Flow: where p_i was not cut,
the left side did not grow, or p_j was raised to 0 and it is at most 0; where p_i was cut to P_i >= g P_j it is at most
0. So the dual is still feasible and as good. Now lower each m to the largest value that any of its constraints can ask
for with these p; the other prices are at least 0, so the constraints keep holding, and bounds are at least 0, so the
objective does not fall. P exists because gains are at most one and no loop multiplies. Where a capacity is the
smallest of several terms, each term is a row, and each of their prices has the bound of the whole. QED

Bounds depend on nothing that is closed, so one set of them serves every attack.

**The weight W.** It has to exceed what a unit of shortage that is avoided can cost in exports. Call a flow *domestic*
if what it brings can reach a refinery. If every row that several flows share has at most one domestic flow, then

    W > R (1 + sum of the domestic flow's coefficient / the smallest other coefficient, over the shared rows),
    R = (product of 1 / g over domestic flows) x max 1 / (f s)

is enough. *Proof.* Let x lack more at refineries than x' does. The change of the domestic flows, with what leaves them
for export at each state as a sink, is a circulation of a network with gains. It decomposes without opposing signs into
ways with at most two ends and loops, and some part of it lowers the shortage; per unit of shortage it takes at most R
at its other end and on each flow, since it crosses each flow once. At a sink, exports that go on from there are
withdrawn along the ways they take, which frees capacity and loses no more than is withdrawn, gains being at most one.
In each shared row the one domestic flow displaces others, at most in the ratio of the coefficients; those are
exports, withdrawn from their field to their market. So some step from x lowers the shortage at the price named: x
was no optimum of the weighted program. QED

**Shortage alone.** Where the adversary looks at refineries first, the operator's first objective, the shortage by
itself, is dualised too: W is 1, deliveries bring nothing, and the claim and its proof hold without them. No weight is
needed there.

With several domestic flows in one row a barrel for one refinery can displace one for another, which goes round
by another shared row, and so on; the ratios then multiply. `Prices.proven` is False there, W takes the product of
the ratios, and an answer that enumeration has not confirmed says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.model import Objectives, Program

__all__ = ["Prices", "prices_of", "shortage_prices"]


_ROOM = 1.01
"""The weight exceeds what it has to."""

_LARGEST = 1e4
"""A weight that is not proven is no larger than this: the program would drown in rounding."""


@dataclass(frozen=True)
class Prices:
    """Bounds of the dual: the weight W (zero if there are no refineries) and whether it is enough for certain; P of
    each balance row (``states``), the largest price of the own bound of each column and of each row, and the balance
    rows from which a refinery can be reached."""

    weight: float
    proven: bool
    states: Floats
    columns: Floats
    rows: Floats
    domestic: NDArray[np.bool_]


def prices_of(program: Program, objectives: Objectives) -> Prices:
    """Derive the bounds of the dual of refineries and exports."""
    head, gain = _heads(program)
    weight, proven = _weight(program, objectives, _reaching(program)[head], gain)
    return _bounded(program, objectives, weight, proven, exports=True)


def shortage_prices(program: Program, objectives: Objectives) -> Prices | None:
    """Derive the bounds of the dual of the shortage alone; None if there are no refineries."""
    intakes = range(*program.layout.columns("intake").indices(program.shape[1]))
    return _bounded(program, objectives, 1.0, True, exports=False) if len(intakes) else None


def _bounded(program: Program, objectives: Objectives, weight: float, proven: bool, exports: bool) -> Prices:
    layout = program.layout
    flows, states = layout.columns("flow").stop, layout.row["leg"]
    tail, (head, gain) = _tails(program), _heads(program)
    deliveries = range(*layout.columns("delivery").indices(program.shape[1] if exports else 0))
    worth = np.zeros(states)
    for column in deliveries:
        worth[_entry(program, column, 0, states)[0]] = 1.0
    for column in range(*layout.columns("intake").indices(program.shape[1])):
        at, (row, factor) = _entry(program, column, 0, states)[0], _entry(program, column, layout.row["demand"], states)
        refinery = layout.column["shortage"] + row - layout.row["demand"]
        worth[at] = max(worth[at], factor * weight * float(objectives.shortage[refinery]))
    for _ in range(states):
        before = worth.copy()
        np.maximum.at(worth, tail, gain * worth[head])
        if np.array_equal(before, worth):
            break
    columns, rows = np.zeros(program.shape[1]), np.zeros(program.shape[0])
    columns[:flows] = gain * worth[head]
    for column in range(*layout.columns("output").indices(program.shape[1])):
        columns[column] = worth[_entry(program, column, 0, states)[0]]
    inside = (program.index >= states) & (program.index < layout.row["demand"])
    for e in np.flatnonzero(inside & (program.column_of_entry < flows) & (program.value > 0)).tolist():
        row, column = int(program.index[e]), int(program.column_of_entry[e])
        rows[row] = max(rows[row], columns[column] / float(program.value[e]))
    for column in deliveries:
        row, factor = _entry(program, column, layout.row["market"], states)
        rows[row] = max(rows[row], 1.0 / factor)
    return Prices(weight, proven, worth, columns, rows, _reaching(program))


def _tails(program: Program) -> NDArray[np.intp]:
    """The balance row that each flow leaves."""
    layout = program.layout
    rows: NDArray[np.intp] = layout.balance_row[layout.topology.tail[layout.flow_leg], layout.flow_stream]
    return rows


def _heads(program: Program) -> tuple[NDArray[np.intp], Floats]:
    """The balance row in which each flow arrives, and what share of it does."""
    layout, graph, leg = program.layout, program.layout.topology, program.layout.flow_leg
    return layout.balance_row[graph.head[leg], graph.becomes[leg, layout.flow_stream]], program.gain[leg]


def _entry(program: Program, column: int, first: int, states: int) -> tuple[int, float]:
    """The entry of a column among the balances (``first`` is 0), or in the first row from ``first`` on."""
    found = [
        (int(program.index[e]), float(program.value[e]))
        for e in range(program.start[column], program.start[column + 1])
        if (program.index[e] < states if first == 0 else program.index[e] >= first)
    ]
    return min(found)


def _reaching(program: Program) -> NDArray[np.bool_]:
    """States from which a refinery can be reached."""
    layout = program.layout
    tail, (head, _) = _tails(program), _heads(program)
    reaches = np.zeros(layout.row["leg"], bool)
    for column in range(*layout.columns("intake").indices(program.shape[1])):
        reaches[_entry(program, column, 0, len(reaches))[0]] = True
    for _ in range(len(reaches)):
        before = int(reaches.sum())
        reaches[tail[reaches[head]]] = True
        if int(reaches.sum()) == before:
            break
    return reaches


def _weight(program: Program, objectives: Objectives, domestic: NDArray[np.bool_], gain: Floats) -> tuple[float, bool]:
    layout = program.layout
    states, flows = layout.row["leg"], len(domestic)
    ratio = 0.0
    for column in range(*layout.columns("intake").indices(program.shape[1])):
        row, factor = _entry(program, column, layout.row["demand"], states)
        refinery = layout.column["shortage"] + row - layout.row["demand"]
        ratio = max(ratio, 1.0 / (factor * float(objectives.shortage[refinery])))
    if not ratio:
        return 0.0, True
    # What loses all that enters brings nothing to a refinery.
    passing = domestic & (gain > 0)
    base = ratio * float(np.prod(1.0 / gain[passing]))
    added, product, proven = 0.0, 1.0, True
    for row in range(states, layout.row["demand"]):
        entries = (program.index == row) & (program.column_of_entry < flows) & (program.value > 0)
        mine, value = program.column_of_entry[entries], program.value[entries]
        at_home = passing[mine]
        if len(mine) < 2 or not at_home.any():
            continue
        if at_home.sum() > 1:
            proven = False
            product *= 1.0 + float(value.max() / value.min())
        else:
            added += float(value[at_home][0] / value[~at_home].min())
    weight = _ROOM * base * (1.0 + added) * product
    return (weight, True) if proven else (min(weight, _LARGEST), False)
