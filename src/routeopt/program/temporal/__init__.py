"""The linear programme of a horizon: periods, tanks, cargoes, clocks."""

from routeopt.program.temporal.bounds import temporal_bounds
from routeopt.program.temporal.calls import Calls, WaysRound
from routeopt.program.temporal.frame import Frame
from routeopt.program.temporal.matrix import TemporalProgram, formulate_periods
from routeopt.program.temporal.objectives import TemporalObjectives, promptness, temporal_objectives
from routeopt.program.temporal.start import Cargoes, Start, usual_start

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
