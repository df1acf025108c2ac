"""Bounds as functions of what is closed, linear in 0/1 switches, and exact.

A closure cuts shares; of several cuts of one share the smallest availability holds. With the levels
v0 > v1 > ... > vm that a share can have, and switches b_l that say whether any option that cuts down to v_l or below is
taken, share = v0 - sum_l (v_(l-1) - v_l) b_l. A switch is an option itself or one of several options. In these terms

- a leg may carry the smallest of room x share of the leg; room x sum of (share x capacity) of components that add up;
  and, for each component in a series, room x (share + (1 - share) x capacity without it): each is a bound of its own;
- a stream under an embargo may besides take no more than its share of the room;
- a group has limit x share, a field output x share.

A leg without a capacity can carry no more than all fields produce, since gains are at most one and no optimum needs a
loop: that is its bound while it is open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from routeopt.model.closure_bounds import Closing

__all__ = ["Linear", "Switches", "moving_bounds"]


@dataclass(frozen=True)
class Linear:
    """constant + sum of weights x switches."""

    constant: float
    weights: dict[int, float] = field(default_factory=dict)

    def scaled(self, factor: float) -> Linear:
        """Times a number."""
        return Linear(self.constant * factor, {key: weight * factor for key, weight in self.weights.items()})

    def plus(self, other: Linear) -> Linear:
        """The sum."""
        weights = dict(self.weights)
        for key, weight in other.weights.items():
            weights[key] = weights.get(key, 0.0) + weight
        return Linear(self.constant + other.constant, weights)


class Switches:
    """Switches by number: the options first, then what is made of them.

    Attributes
    ----------
    options : int
    any_of : dict of int to frozenset of int
        Switches that are on if one of some options is taken.
    """

    def __init__(self, options: int) -> None:
        self.options = options
        self.any_of: dict[int, frozenset[int]] = {}
        self._known: dict[object, int] = {}

    def __len__(self) -> int:
        return self.options + len(self.any_of)

    def one_of(self, options: frozenset[int]) -> int:
        """The switch of a set of options."""
        if len(options) == 1:
            return next(iter(options))
        if options not in self._known:
            self._known[options] = len(self)
            self.any_of[len(self)] = options
        return self._known[options]


def moving_bounds(closing: Closing, switches: Switches, most: float) -> dict[int, list[Linear]]:
    """Upper bounds that options can move: variable (columns, then rows) -> terms of which the smallest holds.

    Parameters
    ----------
    closing : Closing
        Its decisions are the options.
    switches : Switches
        Gets what it takes.
    most : float
        What all fields produce.
    """
    cut_by: dict[int, list[tuple[float, int]]] = {}
    for o in range(switches.options):
        for e in range(closing.start[o], closing.start[o + 1]):
            cut_by.setdefault(int(closing.cut[e]), []).append((float(closing.left[e]), o))
    legs, fields = len(closing.room), len(closing.field_column)

    def share(place: int) -> Linear:
        level = min(1.0, float(closing.share[place]))
        result: dict[int, float] = {}
        start = level
        cuts = cut_by.get(place, [])
        for left in sorted({left for left, _ in cuts if left < level}, reverse=True):
            switch = switches.one_of(frozenset(o for other, o in cuts if other <= left))
            result[switch] = result.get(switch, 0.0) - (level - left)
            level = left
        return Linear(start, result)

    touched = sorted({int(closing.owner[place]) for place in cut_by})
    found: dict[int, list[Linear]] = {}
    for owner in touched:
        if owner >= legs + fields:
            g = owner - legs - fields
            found[int(closing.group_row[g])] = [share(owner).scaled(float(closing.group_limit[g]))]
        elif owner >= legs:
            f = owner - legs
            found[int(closing.field_column[f])] = [share(owner).scaled(float(closing.field_output[f]))]
        elif closing.room[owner] > 0.0:
            terms = _leg(closing, owner, share, most)
            row = int(closing.leg_row[owner])
            if row >= 0:
                found[row] = terms
            for e in range(closing.flow_start[owner], closing.flow_start[owner + 1]):
                factor, embargo = float(closing.flow_factor[e]), int(closing.flow_embargo[e])
                own = [] if row >= 0 else terms  # the row says it
                if embargo >= 0:
                    open_to = share(embargo)
                    if not np.isfinite(closing.room[owner]):
                        # A share of what has no limit is no limit, until nothing is left.
                        open_to = _last(closing, cut_by, embargo, switches)
                    own = [*own, _limit(closing, owner, open_to, most)]
                if own:
                    found[int(closing.flow[e])] = [term.scaled(1.0 / factor) for term in own]
    return found


def _last(closing: Closing, cut_by: dict[int, list[tuple[float, int]]], place: int, switches: Switches) -> Linear:
    """One until an option leaves nothing."""
    if closing.share[place] == 0.0:
        return Linear(0.0)
    shut = frozenset(o for left, o in cut_by.get(place, []) if left == 0.0)
    return Linear(1.0, {switches.one_of(shut): -1.0} if shut else {})


def _limit(closing: Closing, k: int, left: Linear, most: float) -> Linear:
    """A share of what a leg can carry."""
    room = float(closing.room[k])
    if np.isfinite(room):
        return left.scaled(room)
    total = left.constant + sum(left.weights.values())
    # Shares of a leg without a limit are one or nothing: `situate` refuses others.
    factors = closing.flow_factor[closing.flow_start[k] : closing.flow_start[k + 1]]
    # A way may cross the leg once as each stream.
    size = most * max(1, len(factors)) * float(factors.max(initial=1.0))
    last = list(left.weights)[-1:]
    return Linear(size * (left.constant > 0), {last[0]: -size} if last and total <= 1e-12 else {})


def _leg(closing: Closing, k: int, of: Callable[[int], Linear], most: float) -> list[Linear]:
    whole = float(closing.room[k])
    terms = [_limit(closing, k, of(k), most)]
    if not np.isfinite(whole):
        return terms
    nominal = float(closing.nominal[k])
    parts = range(closing.part_start[k], closing.part_start[k + 1])
    if not parts or not nominal:
        return terms
    if closing.series[k]:
        for e in parts:
            without = min(float(closing.part_size[e]), nominal) / nominal
            rest = of(int(closing.part_share[e]))
            terms.append(rest.scaled(1.0 - without).plus(Linear(without)).scaled(whole))
    else:
        added = Linear(0.0)
        for e in parts:
            added = added.plus(of(int(closing.part_share[e])).scaled(float(closing.part_size[e]) / nominal))
        terms.append(added.scaled(whole))
    return [term for i, term in enumerate(terms) if i == 0 or term.weights or term.constant < whole]
