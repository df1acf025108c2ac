"""From a question to its solution: by enumeration, by one program, or by decomposition."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from routeopt.allocation.tables import Scales
from routeopt.arrays import Floats
from routeopt.decide.expansion.lshaped import expected_value, l_shaped, wait_and_see
from routeopt.decide.expansion.model import Model, model_of
from routeopt.decide.expansion.options import MOST, Sizes, combinations
from routeopt.decide.expansion.outcomes import Outages
from routeopt.decide.expansion.setup import Setup
from routeopt.decide.expansion.twostage import Found, extensive
from routeopt.decide.expansion.values import Ledger, States, mean_measure
from routeopt.errors import InputError, Problem, SolveError, did_you_mean
from routeopt.system import Quantity

__all__ = ["Solution", "ledger_of", "solve_model", "solve_setup"]

log = logging.getLogger("routeopt")


MOST_SOLVES = 2_000_000
"""More states times combinations are not enumerated."""

LARGE = 60_000
"""A deterministic equivalent with more columns is decomposed."""

_AGREE = 1e-6


@dataclass(frozen=True, eq=False)
class Solution:
    """What `expand` found: every choice that was solved, and which of them is best.

    Of answers by one program or by decomposition, ``model`` and ``found`` are that program and its point, and the
    last choice of the ledger is its optimum. ``sampled`` are the outages of the base.
    """

    setup: Setup
    ledger: Ledger
    chosen: int
    method: str
    sampled: Outages | None
    model: Model | None = None
    found: Found | None = None

    @cached_property
    def scales(self) -> Scales:
        """From inner units to those shown."""
        return Scales.of(self.setup.system.units.flow)

    def label(self, place: int) -> str:
        """Name of a choice."""
        name = named(self.ledger.choices[place])
        return f"{name} (optimum)" if self.model is not None and place == len(self.ledger.choices) - 1 else name

    @property
    def labels(self) -> list[str]:
        """Names of all choices."""
        return [self.label(place) for place in range(len(self.ledger.choices))]

    @property
    def ties(self) -> list[Sizes]:
        """Other choices that are as good."""
        best, ledger = self.ledger.best(), self.ledger
        if self.chosen not in best:
            return []
        return [ledger.choices[place] for place in best if not ledger.same(self.chosen, place)]

    @property
    def state_names(self) -> list[str]:
        """Names of all states: what is down in those of the base, then the scenarios."""
        if self.sampled is None:
            return ["base", *self.ledger.states.names]
        down = [
            ", ".join(event.name for event, out in zip(self.sampled.events, row, strict=True) if out) or "base"
            for row in self.sampled.states
        ]
        return [*down, *self.ledger.states.names]

    def place(self, build: Mapping[str, str | Quantity] | None) -> int:
        """The choice that a caller means; the optimum, or the best one that builds."""
        ledger = self.ledger
        if build is None:
            if ledger.choices[self.chosen] or len(ledger.choices) == 1:
                return self.chosen
            return 1 + int(np.argmin(ledger.objective[1:]))
        wanted, labels = named(build), self.labels
        if wanted not in labels:
            hint = did_you_mean(wanted, labels, other="choices")
            raise InputError(Problem(f"{wanted!r} was not solved", ("build",), hint, "unknown-id"))
        return labels.index(wanted)

    def scenario(self, name: str | None) -> int | None:
        """Place of a scenario; of the first one if none is named."""
        names = self.ledger.states.names
        if name is None:
            return 0 if names else None
        if name not in names:
            hint = did_you_mean(name, names, other="scenarios here")
            raise InputError(Problem(f"unknown scenario {name!r}", ("scenario",), hint, "unknown-id"))
        return names.index(name)

    def wait_and_see(self) -> float:
        """The objective if the state were known before the choice."""
        if self.model is None:
            return self.ledger.wait_and_see()
        return wait_and_see(self.model.problem, self.setup.risk)[0]

    def of_the_mean(self) -> float | None:
        """The objective of the choice that is best for the mean state; None if there is no mean."""
        ledger = self.ledger
        if self.model is not None:
            try:
                return expected_value(self.model.problem, self.setup.risk).objective
            except InputError:
                return None
        several = [ledger.states.bounds(sizes) for sizes in ledger.choices]
        mean = mean_measure(ledger, self.setup.operator, several)
        if mean is None:
            return None
        return min(float(ledger.objective[place]) for place in ledger.best(ledger.capital + mean))


def named(build: Mapping[str, object], nothing: str = "nothing") -> str:
    """A choice in words."""
    return ", ".join(f"{leg} {size}" for leg, size in build.items()) or nothing


def solve_setup(setup: Setup) -> Solution:
    """Answer a question that has been read."""
    begun = time.perf_counter()
    sampled = setup.sampled()
    states = setup.states(sampled)
    method = _method(setup, states)
    if method == "enumeration":
        choices, capital = combinations(setup.options)
        if len(choices) * len(states.probability) > MOST_SOLVES:
            text = (
                f"{len(choices)} combinations of sizes in {len(states.probability)} states are too many to go through"
            )
            raise InputError(Problem(text, ("options",), "take fewer options, sizes or draws"))
        ledger = ledger_of(setup, states, choices, capital)
        solution = Solution(setup, ledger, ledger.best()[0], method, sampled)
    else:
        solution = _programmed(setup, states, method, sampled)
    log.info("%d choices in %d states by %s: %.2f s", len(solution.ledger.choices), len(states.probability), method,
             time.perf_counter() - begun)  # fmt: skip
    return solution


def ledger_of(setup: Setup, states: States, choices: Sequence[Sizes], capital: Floats) -> Ledger:
    """Solve all choices in all states; nothing built comes first."""
    values = states.solve(choices)
    return Ledger(tuple(choices), capital, values, states, setup.operator.prices, _target(states), setup.risk)


def _target(states: States) -> float:
    """What the base exports with nothing built and nothing down."""
    first = states.sources[0]
    return float(first.solve_bounds([first.base])[0][0, 0])


def _method(setup: Setup, states: States) -> str:
    if setup.method != "auto":
        return setup.method
    large = sum(source.many * source.program.shape[1] for source in states.sources) > LARGE
    if setup.continuous:
        return "l-shaped" if large else "extensive"
    many = np.prod([len(option.sizes) + 1.0 for option in setup.options])
    return "l-shaped" if many > MOST and setup.operator.economic and not setup.toll else "enumeration"


def _programmed(setup: Setup, states: States, method: str, sampled: Outages | None) -> Solution:
    """By mathematical programming; the answer is solved again in every state by the batch engine."""
    target = _target(states)
    model = model_of(setup.options, states.sources, states.probability, target, setup.continuous)
    found = solve_model(model, setup, method)
    sizes = model.sizes(found.x)
    chosen = {option.leg: option.sized(sizes[option.leg]) for option in setup.options if option.leg in sizes}
    # Beside the answer: nothing, and each option alone at each size, to compare it with.
    choices: list[Sizes] = [{}, *({option.leg: size} for option in setup.options for size in option.sizes)]
    capital = [0.0, *(float(part) for option in setup.options for part in option.capital)]
    ledger = ledger_of(setup, states, choices, np.array(capital))
    bounds = model.at(found.x)
    values = np.concatenate([source.solve_bounds(mine)[0] for source, mine in states.split(bounds)])
    annuity = float(model.problem.first.cost @ found.x)
    ledger = replace(
        ledger,
        choices=(*ledger.choices, chosen),
        capital=np.append(ledger.capital, annuity),
        values=np.concatenate([ledger.values, values[None]]),
    )
    place = len(choices)
    off = abs(float(ledger.objective[place]) - found.objective) / max(1.0, abs(found.objective))
    if off > _AGREE or found.gap > _AGREE:
        raise SolveError(
            f"the batch engine does not confirm the optimum (relative difference {max(off, found.gap):.1e})"
        )
    # A solver of mixed-integer programs is not believed: what was solved beside its answer may not be better.
    if float(ledger.objective.min()) < found.objective - _AGREE * max(1.0, abs(found.objective)):
        raise SolveError(
            f"{ledger.choices[int(ledger.objective.argmin())]} is better than what the solver calls optimal"
        )
    return Solution(setup, ledger, place, method, sampled, model, found)


def solve_model(model: Model, setup: Setup, method: str) -> Found:
    """By the deterministic equivalent or the L-shaped method."""
    return (l_shaped if method == "l-shaped" else extensive)(model.problem, setup.risk)
