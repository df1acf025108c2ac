"""The linear programme of a horizon: periods, tanks, cargoes, clocks."""

from routeopt.model.temporal.bounds import temporal_bounds
from routeopt.model.temporal.calls import Calls, WaysRound
from routeopt.model.temporal.initial_state import Cargoes, Start, usual_start
from routeopt.model.temporal.layout import Frame
from routeopt.model.temporal.matrix import TemporalProgram, formulate_periods
from routeopt.model.temporal.objectives import TemporalObjectives, promptness, temporal_objectives

__all__ = [
    "Calls",
    "Cargoes",
    "Frame",
    "Start",
    "TemporalObjectives",
    "TemporalProgram",
    "WaysRound",
    "formulate_periods",
    "promptness",
    "temporal_bounds",
    "temporal_objectives",
    "usual_start",
]
