"""Which options may be chosen together, and what they cost."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from routeopt.decide.defence.options import Option, conflicts, money_or_points
from routeopt.errors import Problem, ScenarioError

__all__ = ["Budget", "budget_of"]

MONEY = "USD/y"

MOST_SUBSETS = 256
"""Subsets of options that act on the same things, each with bounds of its own."""


@dataclass(frozen=True)
class Budget:
    """Limits of a choice: what each option costs in ``unit`` (``USD/y``; ``options`` or ``points`` where costs only
    count), at most ``most`` options and ``limit`` cost, ``pairs`` that exclude each other, and a note for readers."""

    costs: tuple[float, ...]
    most: int
    limit: float
    unit: str
    pairs: frozenset[tuple[int, int]]
    note: str = ""

    def cost(self, chosen: Collection[int]) -> float:
        """Cost of a choice."""
        return math.fsum(self.costs[place] for place in chosen)

    def allows(self, chosen: Collection[int]) -> bool:
        """Whether options may be chosen together."""
        if len(chosen) > self.most or self.cost(chosen) > self.limit * (1 + 1e-9):
            return False
        return not any(pair in self.pairs for pair in itertools.combinations(sorted(chosen), 2))

    def choices(self) -> Iterator[tuple[int, ...]]:
        """All choices within the limits, in the order of their options."""
        stack: list[tuple[int, ...]] = [()]
        while stack:
            chosen = stack.pop()
            yield chosen
            first = chosen[-1] + 1 if chosen else 0
            # Costs are never negative: what is too much stays too much when more is chosen.
            further = [(*chosen, place) for place in range(first, len(self.costs))]
            stack += [more for more in reversed(further) if self.allows(more)]

    def subsets(self, cluster: tuple[int, ...]) -> list[tuple[int, ...]]:
        """Subsets of a few options that may be chosen together, the empty one first; refused if there are too many."""
        found: list[tuple[int, ...]] = [()]
        for place in cluster:
            found += [more for chosen in found if self.allows(more := (*chosen, place))]
            if len(found) > MOST_SUBSETS:
                text = f"{len(cluster)} options act on the same things, in more than {MOST_SUBSETS} ways"
                hint = "write method='enumeration', a smaller budget, or fewer options"
                raise ScenarioError(Problem(text, ("options",), hint, "too-many"))
        return found


def budget_of(options: Sequence[Option], budget: object = None, most: object = None) -> Budget:
    """Limits from what the caller says: a cost (text has a unit of money a year), a number of options, or both."""
    pairs = conflicts(options)
    if budget is None and most is None:
        raise ScenarioError(Problem("says neither how many options nor what they may cost", ("max_options",),
                                    "write max_options=1, or budget='500e6 USD/y'"))  # fmt: skip
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 0):
        raise ScenarioError(Problem(f"cannot choose {most!r} options", ("max_options",), "write 0, 1, 2, ..."))
    limit, paid = _limit(budget)
    money = [option for option in options if option.cost is not None and option.paid]
    points = [option for option in options if option.cost is not None and not option.paid]
    unknown = [option.name for option in options if option.cost is None]
    told = [option for option in money if not option.charged]
    if points and told:
        text = f"{points[0].name!r} costs points and {told[0].name!r} costs money"
        raise ScenarioError(Problem(text, ("options",), "give all costs in one of them"))
    count = len(options) if most is None else int(most)
    if points and not paid:
        costs = tuple(1.0 if option.cost is None or option.paid else option.cost for option in options)
        ones = [option.name for option in options if option.cost is None or option.paid]
        note = f"one point each: {_some(ones)}" if ones else ""
        return Budget(costs, count, limit, "points", pairs, note)
    if money and not unknown and not points:
        return Budget(tuple(option.cost or 0.0 for option in options), count, limit, MONEY, pairs)
    lacking = unknown + [option.name for option in points]
    if paid:
        text = f"no cost in money is known of {', '.join(lacking)}"
        raise ScenarioError(Problem(text, ("budget",), "write cost: '50e6 USD/y' there, or a budget without a unit"))
    note = f"costs count options, since no cost is known of {_some(unknown)}" if money else ""
    return Budget((1.0,) * len(options), count, limit, "options", pairs, note)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _limit(budget: object) -> tuple[float, bool]:
    if budget is None:
        return math.inf, False
    hint = "write budget=2, or budget='500e6 USD/y'"
    value, paid = money_or_points(budget, "budget", hint, hint)
    if not value >= 0.0:
        raise ScenarioError(Problem(f"cannot spend {budget}", ("budget",), hint))
    return value, paid
