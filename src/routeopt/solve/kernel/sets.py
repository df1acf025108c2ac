"""Sets of decisions, counted and compared: loops that are too slow in Python and too many passes in numpy."""

from __future__ import annotations

import numpy as np

from routeopt.solve.kernel.jit import compiled, entry

__all__ = ["distinct", "listed", "nearest"]


@entry
def listed(draws):
    """Draws, a bool array of shape (S, decisions), as a series: ``ptr`` and ``chosen`` as in `Batch.solve`."""
    many, decisions = draws.shape
    ptr, chosen = np.empty(many + 1, np.int64), np.empty(1024 + decisions, np.int32)
    ptr[0] = end = 0
    for s in range(many):
        if end + decisions >= len(chosen):
            # By what has been met so far, and some more.
            more = np.empty(int(1.1 * end * (many / max(s, 1))) + 2 * len(chosen) + decisions, np.int32)
            more[:end] = chosen[:end]
            chosen = more
        for d in range(decisions):  # no branch: what is not drawn is written over
            chosen[end] = d
            end += draws[s, d]
        ptr[s + 1] = end
    return ptr, chosen[:end].copy()


@entry
def distinct(ptr, chosen):
    """The first of each group of equal sets, and the group of each set; groups in the order of their first set."""
    many = len(ptr) - 1
    size = 16
    while size < 2 * many:
        size *= 2
    table, first, of = np.zeros(size, np.int64), np.empty(many, np.int64), np.empty(many, np.int64)
    count = 0
    for s in range(many):
        a, z = ptr[s], ptr[s + 1]
        key = np.int64(z - a)
        for e in range(a, z):
            key = (key ^ (chosen[e] + 1)) * 7046029254386353131
            key ^= key >> 29
        place = key & (size - 1)
        group = count
        while table[place]:
            other = table[place] - 1
            if _equal(chosen, ptr[first[other]], ptr[first[other] + 1], a, z):
                group = other
                break
            place = (place + 1) & (size - 1)
        if group == count:
            first[count] = s
            count += 1
            table[place] = count
        of[s] = group
    return first[:count].copy(), of


@compiled
def _equal(chosen, a, z, b, y):
    same = z - a == y - b
    for e in range(min(z - a, y - b)):
        same &= chosen[a + e] == chosen[b + e]
    return same


@entry
def nearest(effort, ptr, chosen):
    """The same as `routeopt.solve.batch_problem.nearest`."""
    found = np.full(len(ptr) - 1, -1, np.int64)
    for s in range(len(found)):
        most = 0
        for e in range(ptr[s], ptr[s + 1]):
            d = np.int64(chosen[e])
            if effort[d] > most or (effort[d] == most and most > 0 and d > found[s]):
                most, found[s] = effort[d], d
    return found
