"""Proofs: of a basis, once, by its reduced costs; of a point, every time, by the arrays of the program."""

from __future__ import annotations

import numpy as np

from routeopt.solve.kernel.jit import compiled

__all__ = ["confirmed", "proven"]

_DUAL = 10.0
_PRIMAL = 2e-8
"""Reduced costs may be off by so many times what counts as zero, a point by so much of the system's unit."""

_JOINT = 10.0
"""And by so many times when they are multiplied by the weight that an earlier objective needs over a later one."""


@compiled
def proven(first, row, value, cost, zero, stages, sides, basis, reduced, y, lead):
    """Whether a basis is optimal for the first objectives in turn wherever it is feasible.

    The multipliers of the rows are read off the logical variables. All other reduced costs are computed from them, the
    objectives and the matrix, and have to agree, and those of basic variables to vanish. Then each variable must sit
    where its first reduced cost that is not zero wants it: by that, no other feasible point is better in the first
    objective in which it differs.
    """
    columns, size = len(first) - 1, sides.shape[1]
    worst = 0.0
    # Three objectives at a time: the matrix is then read once for all of them. Where fewer are left, the last again.
    for stage in range(0, stages, 3):
        a, b, c = stage, min(stage + 1, stages - 1), min(stage + 2, stages - 1)
        for i in range(size - columns):
            j = columns + i
            y[i, 0] = reduced[a, j] - cost[a, j]
            y[i, 1] = reduced[b, j] - cost[b, j]
            y[i, 2] = reduced[c, j] - cost[c, j]
        off_a, off_b, off_c = 0.0, 0.0, 0.0  # sums: a number that is none stays in them
        for j in range(columns):
            d_a, d_b, d_c = cost[a, j] - reduced[a, j], cost[b, j] - reduced[b, j], cost[c, j] - reduced[c, j]
            for e in range(first[j], first[j + 1]):
                v, i = value[e], row[e]
                d_a -= v * y[i, 0]
                d_b -= v * y[i, 1]
                d_c -= v * y[i, 2]
            off_a += abs(d_a)
            off_b += abs(d_b)
            off_c += abs(d_c)
        worst += off_a / zero[a] + off_b / zero[b] + off_c / zero[c]
    for j in range(size):
        lead[j] = 0.0
    for stage in range(stages - 1, -1, -1):
        small = zero[stage]
        for j in range(size):
            d = reduced[stage, j]
            counts = 1.0 if abs(d) > small else 0.0
            lead[j] = counts * d + (1.0 - counts) * lead[j]  # no branch: several at a time
    wrong = 0
    for j in range(size):
        # A basic variable has no reduced cost; one at its lower bound has a positive one or none.
        at, first_cost = np.float64(sides[basis, j]), lead[j]
        wrong += (at == 0.0) & (first_cost != 0.0)
        wrong += (abs(at) == 1.0) & (first_cost * at > 0.0)
    # An objective outweighs a later one by what the later one would gain where the earlier one holds a variable.
    weight = 1.0
    for stage in range(stages - 1):
        for later in range(stage + 1, stages):
            small, little = zero[stage], zero[later]
            for j in range(size):
                d, e = reduced[stage, j], reduced[later, j]
                against = (lead[j] == d) & (abs(d) > small) & (d * e < 0.0) & (abs(e) > little)
                if against:
                    weight = max(weight, abs(e / d) * (small / little))
    return worst <= _DUAL and worst * weight <= _JOINT and wrong == 0


@compiled
def confirmed(first, row, value, cost, unit, x, lower, upper, activity, values, s):
    """Whether a point keeps every bound and row; its objectives into row s of ``values``."""
    columns, doubt = len(first) - 1, _PRIMAL * unit
    wrong = 0
    for j in range(columns):  # no branch: several at a time; what is no number is within no bounds
        v = x[j]
        wrong += 1 - ((v >= lower[j] - doubt) & (v <= upper[j] + doubt))
    for k in range(values.shape[1]):
        values[s, k] = 0.0
    for i in range(len(activity)):
        activity[i] = 0.0
    for j in range(columns):
        v = x[j]
        if v != 0.0:
            for e in range(first[j], first[j + 1]):
                activity[row[e]] += value[e] * v
            for k in range(values.shape[1]):
                values[s, k] += cost[k, j] * v
    for i in range(len(activity)):
        v, j = activity[i], columns + i
        wrong += 1 - ((v >= lower[j] - doubt) & (v <= upper[j] + doubt) & (abs(v - x[j]) <= doubt))
    return wrong == 0
