"""How a system bears closures over time: stress tests, loss curves, N-1."""

from routeopt.resilience.loss_curve import LossCurve, loss_curve
from routeopt.resilience.n_minus_one import NMinusOne, n_minus_one
from routeopt.resilience.stress import stress_test
from routeopt.resilience.stress_result import StressTest

__all__ = ["LossCurve", "NMinusOne", "StressTest", "loss_curve", "n_minus_one", "stress_test"]
