"""Which variable enters: the dual ratio test in the order of the objectives."""

from __future__ import annotations

import numpy as np

from routeopt.solve.kernel.jit import compiled

__all__ = ["narrowed", "steepest", "willing"]

_SMALL = 1e-9


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
