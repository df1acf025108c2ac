"""Decisions under doubt: alternatives, what ranges of the data mean, who contributes what, what capacity gives."""

from routeopt.decide.alternatives import Alternatives, alternatives
from routeopt.decide.capacity_curve import capacity_curve
from routeopt.decide.capacity_curve_result import CapacityCurve
from routeopt.decide.sensitivity import sensitivity
from routeopt.decide.sensitivity_result import Sensitivity
from routeopt.decide.shapley import shapley
from routeopt.decide.shapley_result import ShapleyTable

__all__ = [
    "Alternatives",
    "CapacityCurve",
    "Sensitivity",
    "ShapleyTable",
    "alternatives",
    "capacity_curve",
    "sensitivity",
    "shapley",
]
