"""What a plan depends on: the weight of the tail, and the numbers of the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from routeopt.arrays import Floats
from routeopt.decide.expansion.options import Sizes
from routeopt.decide.expansion.risk import CVaR
from routeopt.decide.expansion.setup import Setup
from routeopt.decide.expansion.solve import Solution, ledger_of, named, solve_model
from routeopt.decide.expansion.values import Ledger, envelope
from routeopt.decide.uncertainty.draws import Edits, draw
from routeopt.decide.uncertainty.inputs import Input, find_inputs
from routeopt.errors import InputError, Problem
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.system import Quantity

if TYPE_CHECKING:
    import pandas


__all__ = ["frontier", "ranges", "tornado"]


def frontier(solution: Solution) -> pandas.DataFrame:
    """See `ExpansionPlan.frontier`."""
    import pandas

    ledger, money = solution.ledger, solution.scales.money
    if solution.model is None:
        rows = [
            (solution.label(place), ledger.expected[place], ledger.tails[place], low, high)
            for place, low, high in envelope(ledger.expected, ledger.tails)
        ]
    else:
        rows = _corners(solution)
    frame = pandas.DataFrame(rows, columns=["build", "total", "cvar", "weight_from", "weight_to"]).set_index("build")
    frame[["total", "cvar"]] *= money
    return frame


def _corners(solution: Solution) -> list[tuple[str, float, float, float, float]]:
    """Corners of the frontier by solving at weights where the lines of two known choices cross.

    The least objective is a concave, piecewise linear function of the weight; each answer is a line that touches it.
    """
    model, setup = solution.model, solution.setup
    assert model is not None
    p = model.problem.probability
    found: list[tuple[str, float, float]] = []

    def ask(weight: float) -> tuple[float, float]:
        answer = solve_model(model, replace(setup, risk=CVaR(setup.risk.level, weight)), solution.method)
        capital = float(model.problem.first.cost @ answer.x)
        expected, tail = capital + float(p @ answer.recourse), capital + setup.risk.tail(answer.recourse, p)
        sizes = model.sizes(answer.x)
        label = named({one.leg: one.sized(sizes[one.leg]) for one in setup.options if one.leg in sizes})
        found.append((label, expected, tail))
        return expected, tail

    def between(low: tuple[float, float], high: tuple[float, float], depth: int = 0) -> None:
        slopes = low[1] - low[0], high[1] - high[0]
        size = 1e-7 * max(1.0, abs(low[0]), abs(high[1]))
        if slopes[0] - slopes[1] <= size or depth > 30:
            return
        weight = (high[0] - low[0]) / (slopes[0] - slopes[1])
        middle = ask(min(max(weight, 0.0), 1.0))
        here = middle[0] + weight * (middle[1] - middle[0])
        if low[0] + weight * slopes[0] - here > size:
            between(low, middle, depth + 1)
            between(middle, high, depth + 1)

    between(ask(0.0), ask(1.0))
    expected, tails = np.array([one[1] for one in found]), np.array([one[2] for one in found])
    return [(found[k][0], expected[k], tails[k], low, high) for k, low, high in envelope(expected, tails)]


@dataclass(frozen=True)
class _Pair:
    """Nothing built and one choice, ready to be solved with other numbers."""

    setup: Setup
    sizes: Sizes
    inputs: list[Input]
    edits: Edits
    scenario: int | None

    def solved(self, values: Floats, chances: Floats | None = None) -> tuple[float, float]:
        """What the choice saves and where it breaks even, with these numbers; money in inner units."""
        setup = self.setup.on(self.edits.made(values))
        states = setup.states(setup.sampled())
        if chances is not None:
            states = replace(states, chances=chances)
        capital = sum(one.capital_of(self.sizes[one.leg].inner) for one in setup.options if one.leg in self.sizes)
        return self.read(ledger_of(setup, states, [{}, self.sizes], np.array([0.0, capital])))

    def read(self, ledger: Ledger) -> tuple[float, float]:
        """The same of choices that are solved."""
        saves = float(ledger.objective[0] - ledger.objective[1])
        return saves, np.nan if self.scenario is None else ledger.crossing(1, self.scenario).at


def _pair(
    solution: Solution,
    build: Mapping[str, str | Quantity] | None,
    scenario: str | None,
    vary: str | Iterable[str] | None,
) -> _Pair:
    setup, sizes = solution.setup, solution.ledger.choices[solution.place(build)]
    if not sizes:
        raise InputError(
            Problem("nothing is built, so no number changes what it is worth", ("build",), "name a choice")
        )
    situations = [situate(setup.system, Scenario().model_copy(update={"build": sizes}))]
    for case in setup.cases:
        flat = case.scenario.model_copy(update={"build": {**case.scenario.build, **sizes}})
        situations.append(situate(setup.system, flat))
    inputs = find_inputs(setup.system, situations, vary, outages=setup.outages)
    return _Pair(setup, sizes, inputs, Edits(setup.system, inputs, sizes), solution.scenario(scenario))


def tornado(
    solution: Solution,
    build: Mapping[str, str | Quantity] | None,
    scenario: str | None,
    vary: str | Iterable[str] | None,
) -> pandas.DataFrame:
    """See `ExpansionPlan.tornado`."""
    import pandas

    pair = _pair(solution, build, scenario, vary)
    middle = np.array([one.value for one in pair.inputs])
    saves, even = pair.solved(middle)
    rows: list[tuple[object, ...]] = []
    for place, one in enumerate(pair.inputs):
        ends = []
        for end in (one.low, one.high):
            values = middle.copy()
            values[place] = end
            wrong = end != one.value and bool(pair.edits.contradictory(values))
            ends.append((saves, even) if end == one.value else (np.nan, np.nan) if wrong else pair.solved(values))
        rows.append((one.name, one.low, one.value, one.high, one.unit, *ends[0], *ends[1]))
    for place, case in enumerate(pair.setup.cases if vary is None else ()):
        chance = case.probability
        ends = []
        for bound in (chance.low, chance.high):
            chances = np.array([other.probability.inner for other in pair.setup.cases])
            chances[place] = chance.inner if bound is None else bound * chance.factor
            ends.append(pair.solved(middle, chances) if chances.sum() <= 1.0 else (np.nan, np.nan))
        if chance.low is not None or chance.high is not None:
            low, high = (chance.value if bound is None else bound for bound in (chance.low, chance.high))
            rows.append((f"probability of {case.name}", low, chance.value, high, chance.unit, *ends[0], *ends[1]))
    columns = [
        "input",
        "low",
        "value",
        "high",
        "unit",
        "net_benefit_low",
        "break_even_low",
        "net_benefit_high",
        "break_even_high",
    ]
    frame = pandas.DataFrame(rows, columns=columns).set_index("input")
    frame[["net_benefit_low", "net_benefit_high"]] *= solution.scales.money
    several = frame[["net_benefit_low", "net_benefit_high"]].assign(here=saves * solution.scales.money)
    known = several.notna()
    frame["turns"] = ((several > 0) & known).any(axis=1) & ((several <= 0) & known).any(axis=1)
    frame["swing"] = several.max(axis=1) - several.min(axis=1)
    return frame.sort_values("swing", ascending=False, kind="stable")


def ranges(
    solution: Solution, draws: int, build: Mapping[str, str | Quantity] | None, scenario: str | None, seed: int,
    vary: str | Iterable[str] | None,
) -> pandas.DataFrame:  # fmt: skip
    """See `ExpansionPlan.ranges`."""
    import pandas

    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 1:
        raise InputError(Problem(f"needs a whole number from 1, not {draws!r}", ("draws",)))
    pair = _pair(solution, build, scenario, vary)
    values, _ = draw(pair.inputs, int(draws), seed, [pair.edits])
    found = np.array([pair.solved(one) for one in values])
    return pandas.DataFrame(
        {"net_benefit": found[:, 0] * solution.scales.money, "break_even": found[:, 1]}
    ).rename_axis("draw")
