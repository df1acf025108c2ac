"""What may happen to a system: closures, builds, overrides, horizons."""

from routeopt.scenario.closure import Announcement, Closure, Recovery
from routeopt.scenario.scenario import Horizon, Scenario, ScenarioFile

__all__ = ["Announcement", "Closure", "Horizon", "Recovery", "Scenario", "ScenarioFile"]
