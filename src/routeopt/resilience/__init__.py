"""How a system bears closures over time: stress tests, loss curves, N-1."""

from routeopt.resilience.stress import stress_test
from routeopt.resilience.stress_result import StressTest

__all__ = ["StressTest", "stress_test"]
