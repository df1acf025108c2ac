"""Stress tests over time, exhaustive N-k contingencies, N-1, and random outages."""

from routeopt.resilience.contingencies import Contingencies, contingencies
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
