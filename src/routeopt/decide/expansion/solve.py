"""From a question to the plan that answers it, by enumeration, in one programme, or by decomposition."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from routeopt.decide.expansion.lshaped import l_shaped
from routeopt.decide.expansion.model import Model, model_of
from routeopt.decide.expansion.options import MOST, Sizes, combinations
from routeopt.decide.expansion.outcomes import Outages
from routeopt.decide.expansion.plan import ExpansionPlan
from routeopt.decide.expansion.setup import Setup
from routeopt.decide.expansion.twostage import Found, extensive
from routeopt.decide.expansion.values import Ledger, States
from routeopt.errors import InputError, Problem, SolveError

__all__ = ["ledger_of", "solve_setup"]

log = logging.getLogger("routeopt")

Floats = NDArray[np.float64]

MOST_SOLVES = 2_000_000
"""More states times combinations are not enumerated."""

LARGE = 60_000
"""A deterministic equivalent with more columns is decomposed."""

_AGREE = 1e-6


def solve_setup(setup: Setup) -> ExpansionPlan:
    """Answer a question that has been read."""
    begun = time.perf_counter()
    sampled = setup.sampled()
    states = setup.states(sampled)
    method = _method(setup, states)
    if method == "enumerate":
        choices, capital = combinations(setup.options)
        if len(choices) * len(states.probability) > MOST_SOLVES:
            text = (
                f"{len(choices)} combinations of sizes in {len(states.probability)} states are too many to go through"
            )
            raise InputError(Problem(text, ("options",), "take fewer options, sizes or draws"))
        ledger = ledger_of(setup, states, choices, capital)
        plan = ExpansionPlan(setup, ledger, ledger.best()[0], method, sampled, None, None)
    else:
        plan = _programmed(setup, states, method, sampled)
    log.info("%d choices in %d states by %s: %.2f s", len(plan._ledger.choices), len(states.probability), method,
             time.perf_counter() - begun)  # fmt: skip
    return plan


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
    return "l-shaped" if many > MOST and setup.operator.economic and not setup.toll else "enumerate"


def _programmed(setup: Setup, states: States, method: str, sampled: Outages | None) -> ExpansionPlan:
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
    # A solver of mixed-integer programmes is not believed: what was solved beside its answer may not be better.
    if float(ledger.objective.min()) < found.objective - _AGREE * max(1.0, abs(found.objective)):
        raise SolveError(
            f"{ledger.choices[int(ledger.objective.argmin())]} is better than what the solver calls optimal"
        )
    return ExpansionPlan(setup, ledger, place, method, sampled, model, found)


def solve_model(model: Model, setup: Setup, method: str) -> Found:
    """By the deterministic equivalent or the L-shaped method."""
    return (l_shaped if method == "l-shaped" else extensive)(model.problem, setup.risk)
