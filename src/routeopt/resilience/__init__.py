"""How a system bears closures: every set of so many of them, ranked, and those that come by chance."""

from routeopt.resilience.contingencies import contingencies
from routeopt.resilience.contingencies_result import Contingencies
from routeopt.resilience.outages import simulate_outages
from routeopt.resilience.risk import RiskProfile

__all__ = ["Contingencies", "RiskProfile", "contingencies", "simulate_outages"]
