"""What moves in time: bounds of several periods, how they begin, ways round and when they are called."""

from routeopt.model.temporal.bounds import temporal_bounds
from routeopt.model.temporal.initial_state import Cargoes, Start, usual_start
from routeopt.model.temporal.surge_calls import Calls, WaysRound

__all__ = ["Calls", "Cargoes", "Start", "WaysRound", "temporal_bounds", "usual_start"]
