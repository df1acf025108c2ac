"""Which events matter: what is lost when each is down, and when it is up."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from routeopt.resilience.outages_draws import Instants
from routeopt.resilience.outages_losses import Losses, States
from routeopt.resilience.outages_process import Process
from routeopt.scenario.outages import Event

if TYPE_CHECKING:
    import pandas

__all__ = ["conditional_exact", "conditional_sampled", "importance_table"]

Floats = NDArray[np.float64]

IMPORTANCE_DRAWS = 16_384
"""Draws in which each event is set down and up in turn."""

FEWEST = 1_024
"""As many at least, so that days of every season are among them."""


def conditional_exact(states: States, losses: Losses, lost: Floats) -> Floats:
    """Expected loss given that each event is down and up, by summing over all states; shape (events, 4).

    Columns: down, up, and the standard errors of down and of the difference, which are zero.
    """
    down = losses.unpack(states.packed).astype(float).T
    total, weighted = float(states.weight.sum()), states.weight * lost
    chance = down @ states.weight
    with np.errstate(invalid="ignore", divide="ignore"):
        when_down = np.where(chance > 0, down @ weighted / chance, np.nan)
        when_up = np.where(chance < total, (weighted.sum() - down @ weighted) / (total - chance), np.nan)
    return np.column_stack([when_down, when_up, np.zeros((len(down), 2))])


def conditional_sampled(
    events: Sequence[Event], processes: Sequence[Process], losses: Losses, seed: int, draws: int
) -> Floats:
    """The same by common random numbers: every event is set down and up in the same draws; shape (events, 4).

    An event with months is down more often on some days: those draws count more where it is down, less where it is up.
    """
    states, days = Instants(events, processes, seed).next(max(FEWEST, min(draws, IMPORTANCE_DRAWS)))
    found = np.empty((len(events), 4))
    for place, process in enumerate(processes):
        by_state = []
        for value in (True, False):
            changed = states.copy()
            changed[:, place] = value
            packed, of = losses.distinct(losses.pack(changed))
            by_state.append(losses.of(packed)[of, 0])
        chance = process.down[days]
        down, first = _weighted_mean(by_state[0], chance)
        up, second = _weighted_mean(by_state[1], 1.0 - chance)
        size = math.sqrt(len(days))
        found[place] = (down, up, first.std() / size, (first - second).std() / size)
    return found


def _weighted_mean(figures: Floats, weights: Floats) -> tuple[float, Floats]:
    """A mean by weights that were drawn with the figures, and what each draw moves it by (the error of a ratio)."""
    mean = float(figures @ weights / weights.sum())
    return mean, weights / weights.mean() * (figures - mean)


def importance_table(
    events: Sequence[Event], processes: Sequence[Process], conditional: Callable[[], Floats], scale: float
) -> pandas.DataFrame:
    """The table behind `RiskProfile.importance`."""
    import pandas

    given = conditional() / scale
    # Sums in another order differ in their last digits: an event that changes nothing has no importance.
    given[:, 0] = np.where(np.isclose(given[:, 0], given[:, 1], rtol=1e-12, atol=0.0), given[:, 1], given[:, 0])
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
            "standard_error": given[:, 3],
        }
    frame = pandas.DataFrame(columns, pandas.Index([event.id for event in events], name="event", dtype=object))
    return frame.iloc[np.argsort(-np.nan_to_num(frame["fussell_vesely"].to_numpy()), kind="stable")]
