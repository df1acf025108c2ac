"""Each number alone at the ends of its range: what a tornado shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routeopt.decide.uncertainty.conclusions import Check
from routeopt.decide.uncertainty.inputs import Input
from routeopt.decide.uncertainty.monte_carlo import Trials
from routeopt.scenario.case import Situation
from routeopt.system import ExportSystem

__all__ = ["Ends", "solve_ends"]


@dataclass(frozen=True)
class Ends:
    """Answers with one number at the low or high end of its range and all others at their values."""

    figures: NDArray[np.float64]  # (inputs, 2, scenarios, figures); NaN where the end contradicts the rest of the data
    kept: NDArray[np.bool_]  # (inputs, 2, conclusions): whether each conclusion holds there


def solve_ends(
    system: ExportSystem, situations: Sequence[Situation], inputs: Sequence[Input], checks: Sequence[Check]
) -> Ends:
    """Solve both ends of every number."""
    trials = Trials(system, situations, inputs)
    middle = np.array([one.value for one in inputs])
    trials.settle(np.array([0.3 * one.low + 0.7 * one.high for one in inputs]))
    base = trials.run(middle)
    figures = np.full((len(inputs), 2, len(base), len(base[0].figures)), np.nan)
    kept = np.zeros((len(inputs), 2, len(checks)), bool)
    base_kept = [check(base) for check in checks]
    for place, one in enumerate(inputs):
        for side, end in enumerate((one.low, one.high)):
            if end == one.value:
                figures[place, side] = [outcome.figures for outcome in base]
                kept[place, side] = base_kept
                continue
            values = middle.copy()
            values[place] = end
            if any(edits.contradictory(values) for edits in trials.edits):
                continue
            try:
                with np.errstate(divide="raise", invalid="raise"):
                    outcomes = trials.run(values)
            except (ZeroDivisionError, FloatingPointError):  # such as a round trip that takes no time
                continue
            figures[place, side] = [outcome.figures for outcome in outcomes]
            kept[place, side] = [check(outcomes) for check in checks]
    return Ends(figures, kept)
