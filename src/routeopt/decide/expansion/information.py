"""What knowing the future is worth, what planning for the mean costs, and when a choice pays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from routeopt.decide.expansion.lshaped import expected_value, wait_and_see
from routeopt.decide.expansion.values import mean_measure
from routeopt.errors import InputError

if TYPE_CHECKING:
    import pandas

    from routeopt.decide.expansion.plan import ExpansionPlan

__all__ = ["break_even", "perfect_information", "stochastic_solution"]


def perfect_information(plan: ExpansionPlan) -> float:
    """See `ExpansionPlan.evpi`."""
    if plan._model is None:
        value = plan._ledger.wait_and_see()
    else:
        value, _ = wait_and_see(plan._model.problem, plan._setup.risk)
    return max(0.0, float(plan._ledger.objective[plan._chosen]) - value) * plan._scales.money


def stochastic_solution(plan: ExpansionPlan) -> float:
    """See `ExpansionPlan.vss`."""
    ledger = plan._ledger
    if plan._model is not None:
        try:
            judged = expected_value(plan._model.problem, plan._setup.risk).objective
        except InputError:
            return math.nan
    else:
        several = [ledger.states.bounds(sizes) for sizes in ledger.choices]
        mean = mean_measure(ledger, plan._setup.operator, several)
        if mean is None:
            return math.nan
        judged = min(float(ledger.objective[place]) for place in ledger.best(ledger.capital + mean))
    return max(0.0, judged - float(ledger.objective[plan._chosen])) * plan._scales.money


def break_even(plan: ExpansionPlan) -> pandas.DataFrame:
    """See `ExpansionPlan.break_even`."""
    import pandas

    ledger = plan._ledger
    rows, index = [], []
    for place in range(1, len(ledger.choices)):
        for s, name in enumerate(ledger.states.names):
            found = ledger.crossing(place, s)
            pays = bool(ledger.objective[place] <= ledger.objective[0])
            index.append((plan._label(place), name))
            rows.append((float(ledger.states.chances[s]), found.at, found.until, pays))
    return pandas.DataFrame(
        rows,
        index=pandas.MultiIndex.from_tuples(index, names=["build", "scenario"]),
        columns=["probability", "break_even", "until", "pays"],
    )
