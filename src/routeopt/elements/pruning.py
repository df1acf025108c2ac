"""Sets of closures that need no solving: the optimum of a smaller set still stands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Bools, Floats
from routeopt.model import Bounds, Matrix
from routeopt.model.certificate import TOLERANCE
from routeopt.solve.batch_problem import Changes

__all__ = ["broken", "stands", "with_activities"]

Ints = NDArray[np.int64]

_FREE = 10 * TOLERANCE
"""A bound counts as not binding if the point keeps this distance from it, relative: more than the noise of a point."""


def stands(bounds: Bounds, changes: Changes, smaller: Changes, parent: Ints, point: Ints, points: Floats) -> Bools:
    """Whether the optimum of a smaller set is an optimum of each of some larger sets, so that nothing has to be solved.

    Set s makes ``changes[s]``, its smaller set ``smaller[parent[s]]``, whose optimum is row ``point[s]`` of ``points``
    (`with_activities`), or -1 if it is not at hand. True means the same optimal volume and the same optimal money.

    Notes
    -----
    Let x be an optimum of the set S, of all objectives in turn, and let T be the larger set; both have one matrix and
    one set of costs, and differ in bounds of columns and rows. x is an optimum of T if every bound that differs has

    1. become tighter, and x still keeps it; or
    2. become looser, and x keeps a distance from the old one.

    *Proof.* By 1, x is feasible in T. Suppose that some y, feasible in T, were better: c y < c x in the first
    objective in which they differ. All of the way from x to y is feasible in T, since bounds are convex, and better
    than x, since costs are linear. Close to x it is feasible in S as well: bounds that became tighter are kept
    because T keeps them, those that became looser because x is away from the old one. So x would not have been an
    optimum of S. Hence both sets have the same value of every objective. (Where the volume is no objective, as with
    ``economic=True``, the same argument holds with the objectives that break ties behind the others, or, where the
    volume was the same all over the optimum of S, with the volume as the last objective and then with its negative.)

    Which bounds differ is worked out for S and for T as wholes, so components that add up, groups, streams and
    reserved parts need no care. Closing more makes capacities and outputs tighter: x keeps them if what they limit
    carried no more. It makes two bounds looser: the volume due under a contract that force majeure suspends, and the
    minimum of a field that is closed; there 2 asks that the contract was more than fulfilled, or the field above its
    minimum. A looser bound that does bind is never taken for harmless: without it, money could be saved.
    """
    many = len(parent)
    of, found, bad = broken(bounds, changes, smaller, parent, np.maximum(point, 0), points)
    # What only the smaller set changes has been changed back: that is not looked at, so it is not judged.
    every = np.bincount(of[found], minlength=many) == np.diff(smaller.start)[parent]
    result: Bools = every & (point >= 0) & (np.bincount(of[bad], minlength=many) == 0)
    return result


def broken(
    bounds: Bounds, changes: Changes, smaller: Changes, parent: Ints, point: Ints, points: Floats
) -> tuple[Ints, Bools, Bools]:
    """Of each change: whose it is, whether the smaller set changes the same bound, and whether its optimum breaks the
    bound or is held less by it; arguments are those of `stands`."""
    base_lower = np.concatenate([bounds.lower, bounds.row_lower])
    base_upper = np.concatenate([bounds.upper, bounds.row_upper])
    size = len(base_lower)
    of, variable = np.repeat(np.arange(len(parent)), np.diff(changes.start)), changes.variable.astype(np.int64)
    # Bounds of the smaller set at the same variables: its own where it changes them.
    keys = np.repeat(np.arange(len(smaller.start) - 1), np.diff(smaller.start)) * size + smaller.variable
    order = np.argsort(keys)
    wanted = parent[of] * size + variable
    place = np.minimum(np.searchsorted(keys, wanted, sorter=order), max(len(keys) - 1, 0))
    at = order[place] if len(keys) else place
    found = keys[at] == wanted if len(keys) else np.zeros(len(wanted), bool)
    old_lower, old_upper = base_lower[variable], base_upper[variable]
    old_lower[found], old_upper[found] = smaller.lower[at[found]], smaller.upper[at[found]]

    x = points[point[of], variable] if len(points) else np.zeros(len(of))
    scale = np.maximum(bounds.unit, np.abs(x))
    slack, away = TOLERANCE / 10 * scale, _FREE * scale
    bad = (x > changes.upper + slack) | (x < changes.lower - slack)
    bad |= (changes.upper > old_upper) & (x >= old_upper - away)
    bad |= (changes.lower < old_lower) & (x <= old_lower + away)
    return of, found, bad


def with_activities(program: Matrix, points: Floats) -> Floats:
    """Points with the activity of every row behind them, shape (S, columns + rows)."""
    rows, many = program.shape[0], len(points)
    at = program.index + rows * np.arange(many)[:, None]
    terms = program.value * points[:, program.column_of_entry]
    activity = np.bincount(at.ravel(), terms.ravel(), rows * many).reshape(many, rows)
    return np.hstack([points, activity])
