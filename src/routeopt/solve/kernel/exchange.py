"""A basis that differs from the start basis by a few exchanges, seen through the start's tableau.

If the variables ``gone`` left and ``come`` entered, with M = T[gone, come], then rows, columns and reduced costs of the
new tableau are those of the start plus a combination of its rows ``gone`` or columns ``come``, whose weights solve a
small system with M: a few sparse vectors, no factorisation of the whole basis. M is factorised anew from the sorted
sets each time, so that everything depends on the basis only. The sparse tableau (``begin``, ``at``, ``by``) is that of
`routeopt.solve.kernel.start.Start`.
"""

from __future__ import annotations

from routeopt.solve.kernel.jit import compiled

__all__ = ["column_into", "factorise", "reduced_into", "row_into"]


@compiled
def factorise(row_of, begin, at, by, gone, come, k, where, lu, order):
    """Factors of M into ``lu`` and ``order``; the smallest pivot relative to the largest element, or 0.

    ``where`` says which column of M a variable is, the last column of ``lu`` where it is none; it is left like that.
    """
    largest, least = 1.0, 1e300
    for b in range(k):
        where[come[b]] = b
    for a in range(k):
        order[a] = a
        r = row_of[gone[a]]
        for b in range(k):
            lu[a, b] = 0.0
        for e in range(begin[r], begin[r + 1]):  # no branch: what has not come falls into a column that nobody reads
            lu[a, where[at[e]]] = by[e]
        for b in range(k):
            largest = max(largest, abs(lu[a, b]))
    for b in range(k):
        where[come[b]] = len(lu) - 1
    for c in range(k):
        best, top = 0.0, -1
        for a in range(c, k):
            if abs(lu[a, c]) > best:
                best, top = abs(lu[a, c]), a
        if top < 0:
            return 0.0
        least = min(least, best)
        if top != c:
            order[c], order[top] = order[top], order[c]
            for b in range(k):
                lu[c, b], lu[top, b] = lu[top, b], lu[c, b]
        for a in range(c + 1, k):
            if lu[a, c] != 0.0:
                factor = lu[a, c] / lu[c, c]
                lu[a, c] = factor
                for b in range(c + 1, k):
                    lu[a, b] -= factor * lu[c, b]
    return least / largest if k else 1.0


@compiled
def _from_left(lu, order, k, known, weights):
    """Weights w with w M = known; ``known`` is used up."""
    for i in range(k):
        t = known[i] / lu[i, i]
        known[i] = t
        if t != 0.0:
            for j in range(i + 1, k):
                known[j] -= lu[i, j] * t
    for i in range(k - 1, -1, -1):
        t = known[i]
        weights[order[i]] = t
        if t != 0.0:
            for j in range(i):
                known[j] -= lu[i, j] * t


@compiled
def _from_right(lu, order, k, known, weights):
    """Weights w with M w = known."""
    for i in range(k):
        t = known[order[i]]
        for j in range(i):
            t -= lu[i, j] * weights[j]
        weights[i] = t
    for i in range(k - 1, -1, -1):
        t = weights[i]
        for j in range(i + 1, k):
            t -= lu[i, j] * weights[j]
        weights[i] = t / lu[i, i]


@compiled
def row_into(row_of, begin, at, by, gone, come, k, lu, order, known, weights, p, row):
    """The row of a basic variable p over all non-basic ones, into ``row`` (all of it)."""
    for j in range(len(row)):
        row[j] = 0.0
    r = row_of[p]
    if r >= 0:
        for e in range(begin[r], begin[r + 1]):
            row[at[e]] = by[e]
    for a in range(k):
        known[a] = -row[come[a]] if r >= 0 else 1.0 if come[a] == p else 0.0
    _from_left(lu, order, k, known, weights)
    for b in range(k):
        w = weights[b]
        if w != 0.0:
            r = row_of[gone[b]]
            for e in range(begin[r], begin[r + 1]):
                row[at[e]] += w * by[e]
    for b in range(k):
        row[gone[b]] = weights[b]
        row[come[b]] = 0.0


@compiled
def column_into(begin, at, by, rows, gone, come, k, lu, order, known, weights, q, column):
    """The column of a non-basic variable q over all basic ones, into ``column`` (all of it)."""
    for j in range(len(column)):
        column[j] = 0.0
    inside = -1
    for b in range(k):
        if gone[b] == q:
            inside = b
    if inside < 0:
        for e in range(begin[rows + q], begin[rows + q + 1]):
            column[at[e]] = by[e]
    for b in range(k):
        known[b] = column[gone[b]] if inside < 0 else 1.0 if b == inside else 0.0
    _from_right(lu, order, k, known, weights)
    for a in range(k):
        w = weights[a]
        if w != 0.0:
            for e in range(begin[rows + come[a]], begin[rows + come[a] + 1]):
                column[at[e]] -= w * by[e]
    for a in range(k):
        column[gone[a]] = 0.0
        column[come[a]] = weights[a]


@compiled
def reduced_into(row_of, begin, at, by, gone, come, k, lu, order, known, weights, base, stage, reduced):
    """Reduced costs of one objective, into its row of ``reduced``; those of the start basis are in ``base``."""
    for j in range(reduced.shape[1]):
        reduced[stage, j] = base[stage, j]
    nothing = True
    for a in range(k):
        known[a] = base[stage, come[a]]
        nothing = nothing and known[a] == 0.0
    if nothing:
        return
    _from_left(lu, order, k, known, weights)
    for b in range(k):
        z = weights[b]
        if z != 0.0:
            r = row_of[gone[b]]
            for e in range(begin[r], begin[r + 1]):
                reduced[stage, at[e]] -= z * by[e]
    for b in range(k):
        reduced[stage, gone[b]] = -weights[b]
        reduced[stage, come[b]] = 0.0
