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

from dataclasses import dataclass, field

import numpy as np

from routeopt.model.closure_bounds import Closing
from routeopt.scenario.availability import combined

__all__ = ["Linear", "Switches", "moving_bounds"]


@dataclass(frozen=True)
class Linear:
    """constant + sum of weights x switches."""

    constant: float
    weights: dict[int, float] = field(default_factory=dict)

    def scaled(self, factor: float, added: float = 0.0) -> Linear:
        """Times a number, plus another."""
        return Linear(self.constant * factor + added, {key: weight * factor for key, weight in self.weights.items()})

    def plus(self, other: Linear) -> Linear:
        """The sum."""
        weights = dict(self.weights)
        for key, weight in other.weights.items():
            weights[key] = weights.get(key, 0.0) + weight
        return Linear(self.constant + other.constant, weights)


class Switches:
    """Switches by number: the options first, then those of `any_of`, which are on if one of some options is taken."""

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

    The decisions of `closing` are the options; `switches` gets what it takes; `most` is what all fields produce.
    """
    cut_by: dict[int, list[tuple[float, int]]] = {}
    for o in range(switches.options):
        for e in range(closing.start[o], closing.start[o + 1]):
            cut_by.setdefault(int(closing.cut[e]), []).append((float(closing.left[e]), o))

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

    def open_to(place: int) -> Linear:
        """One until an option leaves nothing: a share of what has no limit is no limit."""
        if closing.share[place] == 0.0:
            return Linear(0.0)
        shut = frozenset(o for left, o in cut_by.get(place, []) if left == 0.0)
        return Linear(1.0, {switches.one_of(shut): -1.0} if shut else {})

    found: dict[int, list[Linear]] = {}
    for owner in sorted({int(closing.owner[place]) for place in cut_by}):
        limits = range(closing.limit_start[owner], closing.limit_start[owner + 1])
        uppers = [e for e in limits if not closing.limit_lower[e]]
        if not uppers or not closing.limit_size[uppers[0]]:
            continue
        size, flows = float(closing.limit_size[uppers[0]]), uppers[1:] or uppers
        limited = bool(np.isfinite(size))
        if not limited:  # a way may cross the leg once as each stream
            size = most * len(flows) * float(closing.limit_over[flows].max(initial=1.0))
        terms = [(share(owner) if limited else open_to(owner)).scaled(size)]
        if limited:
            for t in range(closing.term_start[owner], closing.term_start[owner + 1]):
                parts = range(closing.part_start[t], closing.part_start[t + 1])
                sizes = ((float(closing.part_inside[e]), float(closing.part_outside[e])) for e in parts)
                left = ((share(int(closing.part_share[e])), *both) for e, both in zip(parts, sizes, strict=True))
                term = combined(left, float(closing.term_whole[t])).scaled(size)
                terms += [term] if term.weights or term.constant < size else []
        if len(uppers) > 1:
            found[int(closing.limit[uppers[0]])] = terms
        for e in flows:
            stream = int(closing.limit_stream[e])
            own = [] if len(uppers) > 1 else terms  # the row says it
            if stream >= 0:
                own = [*own, (share(stream) if limited else open_to(stream)).scaled(size)]
            if own:
                found[int(closing.limit[e])] = [term.scaled(1.0 / float(closing.limit_over[e])) for term in own]
    return found
