"""Pivots and columns that have not been met before; which variable enters, by the dual ratio test."""

from __future__ import annotations

import numpy as np

from routeopt.solve.kernel.exchange import column_into, factorise, reduced_into, row_into
from routeopt.solve.kernel.jit import compiled
from routeopt.solve.kernel.pool import DEEPEST
from routeopt.solve.kernel.proof import proven

__all__ = ["DOUBTFUL", "FULL", "STUCK", "certified", "key_place", "new_entry"]

STUCK, DOUBTFUL, FULL = -1, -2, -3
"""No variable can enter; the numbers are in doubt; the pool has no room."""

_SMALL = 1e-9
_PIVOT = 1e-6
_SPARSE = 1e-13


@compiled
def key_place(key, size):
    """Where a key belongs in a hash table of a size that is a power of two."""
    mixed = key * 7046029254386353131
    return ((mixed >> 29) ^ mixed) & (size - 1)


@compiled
def new_entry(start, pool, room, basis, p, kind):
    """The place of a new pivot or column in the pool, or why there is none.

    - ``basis``: where from.
    - ``p``: which variable leaves, or moves.
    - ``kind``: 0: it moves and stays non-basic. 1: it leaves at its lower bound, 2: at its upper.
    """
    row_of, begin, at, by, zero, reduced = start.row_of, start.begin, start.at, start.by, start.zero, room.reduced
    used, sets, gone, come, row = pool.used, pool.sets, room.gone, room.come, room.row
    lu, order, known = room.lu, room.order, room.known
    sides, weights, column, stages = pool.basis_side, room.weights, room.column, start.proven
    first, k = np.int64(pool.basis_set[basis, 0]), np.int64(pool.basis_set[basis, 1])
    rows, size = len(begin) - 1 - len(row_of), len(row_of)
    if (used[0] + 1 >= len(sides) or used[1] + 1 >= len(pool.entry)
            or used[2] + rows >= len(pool.at) or used[3] + 2 * k + 2 >= len(sets)):  # fmt: skip
        return FULL
    if k >= DEEPEST:
        return DOUBTFUL
    for i in range(k):
        gone[i], come[i] = sets[first + i], sets[first + k + i]
    if factorise(row_of, begin, at, by, gone, come, k, room.where, lu, order) < _SMALL:
        return DOUBTFUL
    to, q = np.int64(-1), p
    if kind > 0:
        side = -1 if kind == 1 else 1
        row_into(row_of, begin, at, by, gone, come, k, lu, order, known, weights, p, row)
        count = willing(sides, basis, row, side, room.tied)
        if count == 0:
            return STUCK
        for stage in range(len(zero)):
            # Those of the objectives to be proven are still there if this basis was met just before.
            if stage >= stages and count == 1:
                break
            if stage >= stages or room.now[0] != basis:
                reduced_into(row_of, begin, at, by, gone, come, k, lu, order, known, weights, start.reduced, stage,
                             reduced)  # fmt: skip
            count = narrowed(sides, basis, row, reduced, stage, zero[stage], room.tied, count)
        room.now[0] = basis
        q = np.int64(steepest(row, room.tied, count))
    column_into(begin, at, by, rows, gone, come, k, lu, order, known, weights, q, column)
    if kind > 0:
        if abs(row[q]) < _PIVOT or abs(row[q] - column[p]) > _SMALL * max(1.0, abs(row[q])):
            return DOUBTFUL
        found = used[0]
        for j in range(size):
            sides[found, j] = sides[basis, j]
        sides[found, p] = 2 if start.held[p] else side
        sides[found, q] = 0
        # p leaves: it was there from the start, or it had come. q enters: it had gone, or it is new.
        new = used[3]
        deep = _changed(sets, first, k, new, p, q, row_of[p] >= 0, row_of[q] >= 0)
        if deep != _changed(sets, first + k, k, new + deep, q, p, row_of[q] < 0, row_of[p] < 0):
            return DOUBTFUL
        key = pool.basis_key[basis] ^ start.mark[p] ^ start.mark[q]
        place, to = _known(pool.basis_hash, pool.basis_key, pool.basis_set, sets, key, new, deep)
        if to < 0:
            room.now[0] = -1
            for stage in range(stages):
                step = reduced[stage, q] / row[q]
                if step != 0.0:
                    for j in range(size):
                        reduced[stage, j] -= step * row[j]
                reduced[stage, p], reduced[stage, q] = -step, 0.0
            to = found
            pool.basis_proof[to] = 0
            room.now[0] = to
            pool.basis_key[to], pool.basis_set[to, 0], pool.basis_set[to, 1] = key, new, deep
            pool.basis_hash[place] = to + 1
            used[0], used[3] = to + 1, new + 2 * deep
        else:
            for j in range(size):
                if sides[to, j] != sides[found, j]:
                    return DOUBTFUL
    made, end = used[1], used[2]
    pool.entry[made, 0], pool.entry[made, 1], pool.entry[made, 2] = to, q, end
    for j in range(size):  # no branch: what is too small is written over
        pool.at[end], pool.by[end] = j, column[j]
        end += abs(column[j]) > _SPARSE
    pool.entry[made, 3] = end
    used[1], used[2] = made + 1, end
    return made


@compiled
def certified(start, pool, room, basis):
    """Whether a basis is optimal wherever it is feasible; worked out at the first question, see `proven`."""
    if pool.basis_proof[basis] == 0:
        sets, gone, come, stages = pool.sets, room.gone, room.come, start.proven
        first, k = np.int64(pool.basis_set[basis, 0]), np.int64(pool.basis_set[basis, 1])
        if room.now[0] != basis:
            for i in range(k):
                gone[i], come[i] = sets[first + i], sets[first + k + i]
            factorise(start.row_of, start.begin, start.at, start.by, gone, come, k, room.where, room.lu, room.order)
            for stage in range(stages):
                reduced_into(start.row_of, start.begin, start.at, start.by, gone, come, k, room.lu, room.order,
                             room.known, room.weights, start.reduced, stage, room.reduced)  # fmt: skip
            room.now[0] = basis
        holds = proven(start.first, start.row, start.value, start.cost, start.zero, stages, pool.basis_side, basis,
                       room.reduced, room.multipliers, room.lead)  # fmt: skip
        pool.basis_proof[basis] = 1 if holds else 2
    return pool.basis_proof[basis] == 1


@compiled
def _known(hashes, keys, where, sets, key, new, deep):
    """Where a basis belongs in the hash table, and which it is there, or -1."""
    place = key_place(key, len(hashes))
    while hashes[place]:
        known = hashes[place] - 1
        if keys[known] == key and where[known, 1] == deep:
            same = True
            for i in range(2 * deep):
                same = same and sets[where[known, 0] + i] == sets[new + i]
            if same:
                return place, np.int64(known)
        place = (place + 1) & (len(hashes) - 1)
    return place, np.int64(-1)


@compiled
def _changed(sets, old, k, new, added, removed, adds, removes):
    """Copy a sorted set with one member more or less; the size of the copy."""
    size = 0
    waiting = adds
    for i in range(k):
        member = sets[old + i]
        if waiting and member > added:
            sets[new + size] = added
            size += 1
            waiting = False
        if not (removes and member == removed):
            sets[new + size] = member
            size += 1
    if waiting:
        sets[new + size] = added
        size += 1
    return size


@compiled
def willing(sides, basis, row, side, tied):
    """Variables whose entering would bring the one that leaves to its bound, into ``tied``; how many."""
    count = 0
    for j in range(len(row)):
        # Raising a variable takes what falls with a positive entry or rises with a negative one.
        # No branch, which could not be foretold: what does not count is written over.
        at = np.int64(sides[basis, j])
        tied[count] = j
        count += (at * at == 1) & (-at * side * row[j] > _SMALL)
    return count


@compiled
def narrowed(sides, basis, row, reduced, stage, zero, tied, count):
    """Keep those whose reduced cost vanishes first; how many.

    Applied objective by objective, it finds the basis that is optimal for all of them in turn, and no weight between
    them is needed.
    """
    least = 1e300
    for i in range(count):
        j = tied[i]
        d = reduced[stage, j]
        ratio = 0.0 if abs(d) <= zero else -sides[basis, j] * d / abs(row[j])
        least = min(least, ratio)
    kept = 0
    for i in range(count):
        j = tied[i]
        d = reduced[stage, j]
        ratio = 0.0 if abs(d) <= zero else -sides[basis, j] * d / abs(row[j])
        if ratio <= least + zero:
            tied[kept] = j
            kept += 1
    return kept


@compiled
def steepest(row, tied, count):
    """Among equals the one with the largest pivot."""
    q = tied[0]
    for i in range(1, count):
        if abs(row[tied[i]]) > abs(row[q]):
            q = tied[i]
    return q
