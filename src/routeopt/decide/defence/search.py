"""The best choice of options: all of them tried, or columns and constraints generated."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from routeopt.decide.defence.adversary import Attack, Setting, Worst
from routeopt.decide.defence.budget import Budget
from routeopt.decide.defence.master import Master
from routeopt.errors import CertificateError

__all__ = ["Level", "Search", "by_columns", "by_enumeration"]

log = logging.getLogger("routeopt")

Choice = tuple[int, ...]

_MIP = 10
"""Bounds of the mixed-integer program are less precise than certified values by this factor."""

MOST_TIES = 50
"""So many equally good and equally cheap choices are looked for."""


@dataclass(frozen=True)
class Level:
    """The best choice against up to k elements: ``ties`` lose as little and cost as little, the first being the answer,
    and are ``complete`` if these are all; no choice after which refineries lack as little loses less than ``bound``,
    inner units a day."""

    k: int
    ties: tuple[Choice, ...]
    complete: bool
    bound: float

    @property
    def chosen(self) -> Choice:
        """The answer."""
        return self.ties[0]


@dataclass
class Search:
    """Choices that were evaluated, the mixed-integer programs solved, and the attacks in the largest of them."""

    setting: Setting
    budget: Budget
    found: dict[tuple[Choice, int], Worst] = field(default_factory=dict)
    rounds: int = 0
    attacks: int = 0

    def worst(self, chosen: Choice, k: int) -> Worst:
        """The worst attack on a choice; found once."""
        key = (chosen, k)
        if key not in self.found:
            self.found[key] = self.setting.worst(chosen, k)
        return self.found[key]

    def shortage(self, chosen: Choice, k: int) -> float:
        """What refineries lack after it beyond what they lack in the base without attack, inner units a day."""
        base = self.setting.variant(())
        lacking = self.worst(chosen, k).shortage - base.calm_shortage
        return 0.0 if abs(lacking) <= base.flow_noise else lacking

    def best(self, choices: Iterable[Choice], k: int) -> list[Choice]:
        """Of some choices those after which refineries lack least, where they come first, and of these those that lose
        least."""
        found = list(choices)
        if self.setting.starving:
            least = min(self.shortage(chosen, k) for chosen in found) + self.setting.variant(()).flow_noise
            found = [chosen for chosen in found if self.shortage(chosen, k) <= least]
        least = min(self.lost(chosen, k) for chosen in found) + self.noise
        return [chosen for chosen in found if self.lost(chosen, k) <= least]

    def lost(self, chosen: Choice, k: int) -> float:
        """What a choice loses against the base without attack, inner units a day."""
        base = self.setting.variant(())
        lost = base.calm - self.worst(chosen, k).exported
        return 0.0 if abs(lost) <= self.noise else lost

    @property
    def noise(self) -> float:
        """Losses that differ by no more are equal."""
        return self.setting.variant(()).noise

    def order(self, chosen: Choice) -> tuple[float, float, int, Choice]:
        """Of equally good choices the cheapest counts; then, where costs only count, what is known of them in money;
        then the smallest, then the first by name."""
        known = sum(option.cost or 0.0 for place in chosen if (option := self.setting.options[place]).paid)
        return (round(self.budget.cost(chosen), 6), known, len(chosen), chosen)


def by_enumeration(search: Search, choices: Sequence[Choice], k: int) -> list[Level]:
    """The best choices against 0 to k elements, all of them tried."""
    for chosen in choices:  # the largest attacks first: the smaller ones come with them
        search.worst(chosen, k)
    levels = []
    for size in range(k + 1):
        best = search.best(choices, size)
        least = min(search.lost(chosen, size) for chosen in best)
        best.sort(key=search.order)
        cost = search.budget.cost(best[0])
        ties = [chosen for chosen in best if _as_cheap(search.budget.cost(chosen), cost)]
        levels.append(Level(size, tuple(ties), True, least))
    return levels


def by_columns(search: Search, k: int, rounds: int) -> list[Level]:
    """Column-and-constraint generation against 0 to k decisions (Zeng and Zhao 2013).

    The master program knows some attacks and gives a lower bound and a choice; the worst attack on that choice gives
    an upper bound and joins the master; until the two meet. Attacks of fewer decisions are there for more.
    """
    levels = []
    attacks: dict[str, Attack] = {}
    for size in range(k + 1):
        master = Master(search.setting, search.budget)
        for attack in attacks.values():
            master.add(attack)
        levels.append(_level(search, master, attacks, size, rounds))
        search.attacks = max(search.attacks, master.attacks)
    return levels


def _level(search: Search, master: Master, attacks: dict[str, Attack], k: int, rounds: int) -> Level:
    tried: set[Choice] = set()

    def learn(chosen: Choice) -> float:
        worst, lost = search.worst(chosen, k), search.lost(chosen, k)
        key = repr(sorted(element.names for element in worst.attack))
        if worst.attack and key not in attacks:
            attacks[key] = worst.attack
            master.add(worst.attack)
        master.cut(chosen, lost)
        tried.add(chosen)
        return lost

    best, bound, done = learn(()), -float("inf"), False
    slack = _MIP * search.noise
    for _ in range(rounds):
        answer = master.solve()
        search.rounds += 1
        if answer is None:
            raise AssertionError("choosing nothing is always possible")
        if answer[0] - best > slack:  # the choice that loses least so far must be possible there too
            text = f"bound {answer[0]:.9g} of the program of options, but a choice loses only {best:.9g}"
            raise CertificateError(text)
        bound = max(bound, min(answer[0], best))
        # A choice that comes back is held to its value: what is left between the bounds is the solver's tolerance.
        done = best - bound <= (slack if answer[1] in tried else search.noise)
        if done or answer[1] in tried:
            break
        best = min(best, learn(answer[1]))
    log.info("%d decisions: loss %g to %g with %d attacks", k, bound, best, master.attacks)
    equal = [chosen for chosen in tried if search.lost(chosen, k) <= best + search.noise]
    if not done:
        return Level(k, tuple(sorted(equal, key=search.order)[:1]), False, bound)
    ties, complete = _cheapest(search, master, learn, k, best)
    return Level(k, tuple(sorted(ties, key=search.order)), complete, bound)


def _cheapest(
    search: Search, master: Master, learn: Callable[[Choice], float], k: int, best: float
) -> tuple[list[Choice], bool]:
    """The cheapest of all choices that lose as little."""
    master.cap_lost(best + search.noise)
    ties: list[Choice] = []
    while len(ties) < MOST_TIES:
        answer = master.solve(cheapest=True)
        search.rounds += 1
        if answer is None:
            return ties, True
        cost, chosen = answer
        if ties and not _as_cheap(cost, search.budget.cost(ties[0])):
            return ties, True
        learn(chosen)
        if search.lost(chosen, k) <= best + search.noise:
            ties.append(chosen)
        master.exclude(chosen)
    return ties, False


def _as_cheap(cost: float, least: float) -> bool:
    return cost <= least + 1e-6 * max(1.0, abs(least))
