"""Importance of events: expected loss with each down, and with each up."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from routeopt.arrays import Floats
from routeopt.elements.elements import Element
from routeopt.elements.values import SetValues
from routeopt.resilience.outages.draws import Instants
from routeopt.resilience.outages.process import Process
from routeopt.resilience.outages.states import States, distinct, pack, unpack

if TYPE_CHECKING:
    import pandas

__all__ = ["conditional_exact", "conditional_sampled", "importance_table"]


IMPORTANCE_DRAWS = 16_384
"""Maximum draws in which each event is set down and up in turn."""

FEWEST = 1_024
"""Minimum draws, so that they include days of every season."""


def conditional_exact(states: States, events: int, lost: Floats) -> Floats:
    """Expected loss and shortage given that each event is down and up, by summing over all states; shape (events, 5).

    Columns: loss when down and when up, shortage when down and when up, and the standard error of the difference of
    losses, which is zero. ``lost`` has loss and further shortage in each state.
    """
    down = unpack(states.packed, events).astype(float).T
    total, weighted = float(states.weight.sum()), states.weight[:, None] * lost
    chance = (down @ states.weight)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        when_down = np.where(chance > 0, down @ weighted / chance, np.nan)
        when_up = np.where(chance < total, (weighted.sum(axis=0) - down @ weighted) / (total - chance), np.nan)
    pairs = np.stack([when_down, when_up], axis=2).reshape(len(down), 4)
    return np.column_stack([pairs, np.zeros(len(down))])


def conditional_sampled(
    events: Sequence[Element], processes: Sequence[Process], values: SetValues, seed: int, draws: int
) -> Floats:
    """The same by common random numbers: every event is set down and up in the same draws; shape (events, 5).

    An event with months is down more often on some days: those draws count more where it is down, less where it is up.
    """
    states, days = Instants(events, processes, seed).next(max(FEWEST, min(draws, IMPORTANCE_DRAWS)))
    found = np.empty((len(events), 5))
    for place, process in enumerate(processes):
        by_state = []
        for value in (True, False):
            changed = states.copy()
            changed[:, place] = value
            packed, of = distinct(pack(changed))
            by_state.append(values.lost(unpack(packed, len(events)))[of, :2])
        chance = process.down[days]
        down, first = _weighted_mean(by_state[0][:, 0], chance)
        up, second = _weighted_mean(by_state[1][:, 0], 1.0 - chance)
        lacking = [_weighted_mean(by_state[way][:, 1], weight)[0] for way, weight in enumerate((chance, 1.0 - chance))]
        # Without a draw in which down and up differ, no error can be estimated.
        differs = bool((np.abs(by_state[0][:, 0] - by_state[1][:, 0]) > 1e-9 * max(1e-12, values.exported)).any())
        error = (first - second).std() / math.sqrt(len(days)) if differs else math.nan
        found[place] = (down, up, *lacking, error)
    return found


def _weighted_mean(figures: Floats, weights: Floats) -> tuple[float, Floats]:
    """Ratio estimate of a mean with random weights, and the influence of each draw."""
    mean = float(figures @ weights / weights.sum())
    return mean, weights / weights.mean() * (figures - mean)


def importance_table(
    events: Sequence[Element], processes: Sequence[Process], conditional: Callable[[], Floats], scale: float
) -> pandas.DataFrame:
    """The table behind `RiskProfile.importance`."""
    import pandas

    given = conditional() / scale
    # Sums in another order differ in their last digits: an event that changes nothing has no importance.
    for one, other in ((0, 1), (2, 3)):
        same = np.isclose(given[:, one], given[:, other], rtol=1e-12, atol=0.0) | (np.isnan(given[:, 4]) & (one == 0))
        given[:, one] = np.where(same, given[:, other], given[:, one])
    chance = np.array([process.mean for process in processes])
    down, up = given[:, 0], given[:, 1]
    expected = up + chance * (down - up)
    with np.errstate(invalid="ignore", divide="ignore"):
        columns = {
            "kind": [event.kind for event in events],
            "title": [event.title for event in events],
            "unavailability": chance,
            "loss_when_down": down,
            "loss_when_up": up,
            "birnbaum": down - up,
            "criticality": np.where(expected != 0, chance * (down - up) / expected, 0.0),
            "raw": np.where(expected != 0, down / expected, 1.0),
            "rrw": np.where((up != 0) | (expected != 0), expected / up, 1.0),
            "fussell_vesely": np.where(expected != 0, (expected - up) / expected, 0.0),
            "shortage_when_down": given[:, 2],
            "shortage_when_up": given[:, 3],
            "standard_error": given[:, 4],
        }
    frame = pandas.DataFrame(columns, pandas.Index([event.name for event in events], name="event", dtype=object))
    # Rank by the shortage, then by the loss that would go if the event never occurred; not by noise.
    spared = np.nan_to_num(chance * (given[:, 2] - given[:, 3]))
    spared = np.where(np.abs(spared) > 1e-9 * max(1e-12, float(np.abs(spared).max(initial=0.0))), spared, 0.0)
    saved = np.nan_to_num(frame["fussell_vesely"].to_numpy())
    return frame.iloc[np.lexsort((np.arange(len(frame)), -saved, -spared))]
