"""How a system bears closures: over time, every set of so many of them, and those that come by chance."""

from routeopt.resilience.contingencies import contingencies
from routeopt.resilience.contingencies_result import Contingencies
from routeopt.resilience.loss_curve import LossCurve, loss_curve
from routeopt.resilience.n_minus_one import NMinusOne, n_minus_one
from routeopt.resilience.outages.simulate import simulate_outages
from routeopt.resilience.risk.profile import RiskProfile
from routeopt.resilience.stress import stress_test
from routeopt.resilience.stress_result import StressTest

__all__ = [
    "Contingencies",
    "LossCurve",
    "NMinusOne",
    "RiskProfile",
    "StressTest",
    "contingencies",
    "loss_curve",
    "n_minus_one",
    "simulate_outages",
    "stress_test",
]
