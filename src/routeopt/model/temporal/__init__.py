"""Programs over time: bounds of several periods, initial state, surge of alternatives."""

from routeopt.model.temporal.bounds import temporal_bounds
from routeopt.model.temporal.initial_state import Cargoes, Start, usual_start
from routeopt.model.temporal.surge_calls import Calls, SurgeCaller

__all__ = ["Calls", "Cargoes", "Start", "SurgeCaller", "temporal_bounds", "usual_start"]
