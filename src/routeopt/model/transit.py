"""Where in time a cargo lands that leaves in a period.

Periods may differ in length, so a lag is a stretch of days: what leaves evenly between two days arrives evenly
between two others, and each period gets the part that falls into it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats

__all__ = ["landings", "shares"]

Ints = NDArray[np.intp]


def shares(edges: Floats, lag: float, ends: str) -> tuple[Ints, Ints, Floats]:
    """Compute the share of each period's departures that lands in each period.

    ``edges`` (T + 1,): ends of the periods, in days; ``lag``: days in transit; ``ends``: landings after the last
    edge: ``usual`` in the last period, ``none`` not at all, ``cycle`` from the start.

    Returns ``left``, ``landed``: periods of departure and of arrival.

    Examples
    --------
    >>> left, landed, share = shares(np.array([0.0, 1.0, 2.0, 3.0]), 1.5, "none")
    >>> [(int(a), int(b), float(s)) for a, b, s in zip(left, landed, share)]
    [(0, 1, 0.5), (0, 2, 0.5), (1, 2, 0.5)]
    """
    total = edges[-1] - edges[0]
    if ends == "cycle":
        laps = int(np.ceil(lag / total))
        spread = np.concatenate([edges[:-1] + lap * total for lap in range(laps + 1)] + [edges[-1:] + laps * total])
        left, landed, share = _overlaps(edges, edges + lag, spread)
        return left, landed % (len(edges) - 1), share
    goal = edges.copy()
    if ends == "usual":
        goal[-1] = max(goal[-1], edges[-1] + lag)
    return _overlaps(edges, edges + lag, goal)


def landings(edges: Floats, lag: float, begun: Floats, ended: Floats, amount: Floats, ends: str) -> Floats:
    """Compute landings in each period of cargoes that departed evenly between two days, shape (T,)."""
    total = np.zeros(len(edges) - 1)
    goal = edges.copy()
    if ends == "usual":
        goal[-1] = max(goal[-1], float(ended.max(initial=edges[-1])) + lag)
    for start, end, volume in zip(begun, ended, amount, strict=True):
        _, landed, share = _overlaps(np.array([start, end]), np.array([start, end]) + lag, goal)
        total += np.bincount(landed, share * volume, len(total))
    return total


def _overlaps(left: Floats, moved: Floats, goal: Floats) -> tuple[Ints, Ints, Floats]:
    """Compute the shares of shifted intervals that fall into the periods of ``goal``."""
    points = np.unique(np.concatenate([moved, goal]))
    points = points[(points >= max(moved[0], goal[0])) & (points <= min(moved[-1], goal[-1]))]
    if len(points) < 2:
        return np.array([], np.intp), np.array([], np.intp), np.array([])
    middle, width = 0.5 * (points[1:] + points[:-1]), np.diff(points)
    source = np.searchsorted(moved, middle, side="right") - 1
    target = np.searchsorted(goal, middle, side="right") - 1
    share = width / np.diff(moved)[source]
    # Merge points within rounding.
    real = share > 1e-12
    return source[real], target[real], share[real]
