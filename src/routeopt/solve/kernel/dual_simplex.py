"""From closure to optimum: move bounds, then pivot until nothing is outside its bounds."""

from __future__ import annotations

import numpy as np

from routeopt.solve.kernel.jit import compiled, entry
from routeopt.solve.kernel.pivot import FULL, certified, key_place, new_entry
from routeopt.solve.kernel.proof import confirmed

__all__ = ["PIVOT_LIMIT", "walk"]

PIVOT_LIMIT = 400
"""More pivots than this are handed on."""

_FEASIBLE = 1e-9
"""Violations that are pivoted away, of the system's unit."""


@entry
def walk(
    start, seeds, pool, room, first_of, ptr, var, low, up, values, answered, keep, points, ended, effort, counts, limit
):
    """Solve a series of closures.

    - ``first_of`` (S,): the seed from which each closure starts.
    - ``ptr``, ``var``, ``low``, ``up``: changed bounds: those of closure s are at ``ptr[s]`` to ``ptr[s + 1]``.
    - ``values`` (S, objectives): filled with the objectives, see `Start.cost`.
    - ``answered`` (S,): filled: whether the optimum was found and proven.
    - ``keep`` (S,): row of ``points`` for the optimum (columns, then rows), -1 to forget it.
    - ``points`` (kept, N): filled with optima.
    - ``ended`` (S,): filled: the basis in which each closure ended.
    - ``effort`` (S,): filled: the pivots of each closure.
    - ``counts`` (3,): added to: pivots, bounds moved under a variable, entries of the pool that were made.
    - ``limit``: most pivots a closure.
    """
    x, lower, upper, stamp, touched = room.x, room.lower, room.upper, room.stamp, room.touched
    sides, entry_hash, entry_key, entries, at, by = (
        pool.basis_side, pool.entry_hash, pool.entry_key, pool.entry, pool.at, pool.by
    )  # fmt: skip
    lower0, upper0, size = start.lower, start.upper, len(x)
    seed_basis, seed_x, seed_ptr, seed_var = seeds.basis, seeds.x, seeds.ptr, seeds.var
    reported = values.shape[1]
    activity, slack = room.activity, _FEASIBLE * start.unit
    number, pivots, moved, fresh = 0, 0, 0, 0
    for j in range(size):
        number = max(number, stamp[j])
        lower[j], upper[j] = lower0[j], upper0[j]
    for s in range(len(ptr) - 1):
        seed = first_of[s]
        changes, others = ptr[s + 1] - ptr[s], seed_ptr[seed + 1] - seed_ptr[seed]
        tries, answered[s], ended[s] = 2, False, -1
        while tries > 0:
            tries -= 1
            number += 1
            count, taken, trouble = 0, 0, 0
            basis = np.int64(seed_basis[seed])
            for c in range(ptr[s], ptr[s + 1]):
                lower[var[c]], upper[var[c]] = low[c], up[c]
            # First what stands elsewhere now: what the closure moves, and what only the seed had moved.
            for c in range(changes + others):
                j = var[ptr[s] + c] if c < changes else seed_var[seed_ptr[seed] + c - changes]
                if stamp[j] == number:
                    continue
                stamp[j] = number
                touched[count] = j
                count += 1
            if seeds.sure[seed] and _stands(sides, basis, seed_x, seed, lower, upper, slack, touched, count):
                # Only these bounds are not those under which the seed's own answer has been confirmed.
                for k in range(reported):
                    values[s, k] = seeds.values[seed, k]
                answered[s], ended[s], effort[s] = True, basis, 0
                if keep[s] >= 0:
                    for j in range(size):
                        points[keep[s], j] = seed_x[seed, j]
                break
            for j in range(size):
                x[j] = seed_x[seed, j]
            for c in range(count):
                j = np.int64(touched[c])
                where = sides[basis, j]
                if where == 0:
                    continue
                bound = lower[j] if where < 0 else upper[j]
                if (where == 2 and lower[j] != upper[j]) or not abs(bound) < 1e300:
                    trouble = 1
                    break
                step = bound - x[j]
                if step != 0.0:
                    key = (basis * size + j) * 3
                    place, found = _looked_up(entry_hash, entry_key, key)
                    if found < 0:
                        found = new_entry(start, pool, room, basis, j, np.int64(0))
                        if found < 0:
                            trouble = found
                            break
                        entry_hash[place], entry_key[found] = found + 1, key
                        fresh += 1
                    moved += 1
                    a, z = entries[found, 2], entries[found, 3]
                    count = _shift(at, by, a, z, x, step, stamp, number, touched, count)
                    x[j] = bound
            while trouble == 0:
                worst, p, kind = slack, np.int64(-1), np.int64(0)
                for i in range(count):
                    j = np.int64(touched[i])
                    v = x[j]
                    if lower[j] - v > worst:
                        worst, p, kind = lower[j] - v, j, np.int64(1)
                    elif v - upper[j] > worst:
                        worst, p, kind = v - upper[j], j, np.int64(2)
                if p < 0:
                    break
                if taken >= limit:
                    trouble = 1
                    break
                key = (basis * size + p) * 3 + kind
                place, found = _looked_up(entry_hash, entry_key, key)
                if found < 0:
                    found = new_entry(start, pool, room, basis, p, kind)
                    if found < 0:
                        trouble = found
                        break
                    entry_hash[place], entry_key[found] = found + 1, key
                    fresh += 1
                taken += 1
                bound = lower[p] if kind == 1 else upper[p]
                a, z, q = entries[found, 2], entries[found, 3], entries[found, 1]
                share = 0.0
                for e in range(a, z):
                    if at[e] == p:
                        share = by[e]
                step = (x[p] - bound) / share
                count = _shift(at, by, a, z, x, step, stamp, number, touched, count)
                x[p] = bound
                x[q] += step
                if stamp[q] != number:
                    stamp[q] = number
                    touched[count] = q
                    count += 1
                basis = np.int64(entries[found, 0])
            pivots += taken
            effort[s] = taken
            if trouble == FULL and tries > 0:
                room.now[0] = -1
                _forget(pool.used, seeds.used, pool.basis_hash, pool.basis_key, entry_hash, entry_key)
            else:
                tries = 0
            if (
                trouble == 0
                and certified(start, pool, room, basis)
                and confirmed(start.first, start.row, start.value, start.cost, start.unit, x, lower, upper, activity,
                              values, s)
            ):  # fmt: skip
                answered[s], ended[s] = True, basis
                if keep[s] >= 0:
                    for j in range(size):
                        points[keep[s], j] = x[j]
        for c in range(ptr[s], ptr[s + 1]):
            lower[var[c]], upper[var[c]] = lower0[var[c]], upper0[var[c]]
    counts[0] += pivots
    counts[1] += moved
    counts[2] += fresh


@compiled
def _stands(sides, basis, x, seed, lower, upper, slack, touched, count):
    """Whether a seed is the answer as it is: all that moved is within bounds, and non-basic where it has to be."""
    stands = True
    for c in range(count):
        j = touched[c]
        where, v = sides[basis, j], x[seed, j]
        if where == 0:
            stands &= (lower[j] - v <= slack) & (v - upper[j] <= slack)
        elif where == 2:
            stands &= (lower[j] == upper[j]) & (lower[j] == v)
        else:
            stands &= v == (lower[j] if where < 0 else upper[j])
    return stands


@compiled
def _looked_up(hashes, keys, key):
    """Where a key belongs in the hash table, and what it leads to, or -1."""
    place = key_place(key, len(hashes))
    while hashes[place]:
        if keys[hashes[place] - 1] == key:
            return place, np.int64(hashes[place] - 1)
        place = (place + 1) & (len(hashes) - 1)
    return place, np.int64(-1)


@compiled
def _shift(at, by, a, z, x, step, stamp, number, touched, count):
    """Move the basic variables along a column; the number of touched variables after it."""
    for e in range(a, z):
        b = at[e]
        x[b] -= by[e] * step
        if stamp[b] != number:
            stamp[b] = number
            touched[count] = b
            count += 1
    return count


@compiled
def _forget(used, kept, basis_hash, basis_key, entry_hash, entry_key):
    """Empty the pool down to what the seeds need."""
    for i in range(len(used)):
        used[i] = kept[i]
    _refill(basis_hash, basis_key, used[0])
    _refill(entry_hash, entry_key, used[1])


@compiled
def _refill(hashes, keys, many):
    for i in range(len(hashes)):
        hashes[i] = 0
    for e in range(many):
        place = key_place(keys[e], len(hashes))
        while hashes[place]:
            place = (place + 1) & (len(hashes) - 1)
        hashes[place] = e + 1
