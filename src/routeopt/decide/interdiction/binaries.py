"""Bounds as functions of what is closed, linear in 0/1 switches, and exact.

With the levels v0 > v1 > ... > vm that a share can have, and switches b_l that say whether any option that cuts down to
v_l or below is taken, share = v0 - sum_l (v_(l-1) - v_l) b_l. A switch is an option itself or one of several options.
Limits and terms are those of `routeopt.model.closure_bounds`; of each limit the smallest of its terms holds.

A leg without a capacity can carry no more than all fields produce, since gains are at most one and no optimum needs a
loop: that is its bound while it is open.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from routeopt.model.closure_bounds import Closing, as_lists
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
    c = as_lists(closing)
    cut_by: dict[int, list[tuple[float, int]]] = {}
    for o in range(switches.options):
        for e in range(c.start[o], c.start[o + 1]):
            cut_by.setdefault(c.cut[e], []).append((c.left[e], o))

    def share(place: int) -> Linear:
        level = first = min(1.0, c.share[place])
        weights: dict[int, float] = {}
        cuts = cut_by.get(place, [])
        for left in sorted({left for left, _ in cuts if left < level}, reverse=True):
            switch = switches.one_of(frozenset(o for other, o in cuts if other <= left))
            weights[switch] = weights.get(switch, 0.0) - (level - left)
            level = left
        return Linear(first, weights)

    def open_to(place: int) -> Linear:
        """One until an option leaves nothing: a share of what has no limit is no limit."""
        if c.share[place] == 0.0:
            return Linear(0.0)
        shut = frozenset(o for left, o in cut_by.get(place, []) if left == 0.0)
        return Linear(1.0, {switches.one_of(shut): -1.0} if shut else {})

    def term(number: int) -> Linear:
        parts = slice(c.part_start[number], c.part_start[number + 1])
        sizes = zip(map(share, c.part_share[parts]), c.part_inside[parts], c.part_outside[parts], strict=True)
        return combined(sizes, c.term_whole[number])

    found: dict[int, list[Linear]] = {}
    for owner in sorted({c.owner[place] for place in cut_by}):
        uppers = [e for e in range(c.limit_start[owner], c.limit_start[owner + 1]) if not c.limit_lower[e]]
        if not uppers or not c.limit_size[uppers[0]]:
            continue
        row, flows = uppers[0] if len(uppers) > 1 else -1, uppers[1:] or uppers
        size, left = c.limit_size[uppers[0]], share
        terms = [term(number) for number in range(c.term_start[owner], c.term_start[owner + 1])]
        if size == math.inf:  # a way may cross the leg once as each stream
            size, left, terms = most * len(flows) * max(1.0, *(c.limit_over[e] for e in flows)), open_to, []
        scaled = [one.scaled(size) for one in terms]
        whole = [left(owner).scaled(size), *(one for one in scaled if one.weights or one.constant < size)]
        if row >= 0:
            found[c.limit[row]] = whole
        for e in flows:
            own = whole if row < 0 else []  # else the row says it
            if c.limit_stream[e] >= 0:
                own = [*own, left(c.limit_stream[e]).scaled(size)]
            if own:
                found[c.limit[e]] = [one.scaled(1.0 / c.limit_over[e]) for one in own]
    return found
