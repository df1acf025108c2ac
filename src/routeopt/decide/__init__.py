"""Decisions under doubt: alternatives, ranges of the data, who contributes what, what capacity gives, what hurts."""

from routeopt.decide.alternatives import Alternatives, alternatives
from routeopt.decide.capacity_curve import capacity_curve
from routeopt.decide.capacity_curve_result import CapacityCurve
from routeopt.decide.sensitivity import sensitivity
from routeopt.decide.sensitivity_result import Sensitivity
from routeopt.decide.shapley import shapley
from routeopt.decide.shapley_result import ShapleyTable
from routeopt.decide.worst import WorstCase, worst_case

__all__ = [
    "Alternatives",
    "CapacityCurve",
    "Sensitivity",
    "ShapleyTable",
    "WorstCase",
    "alternatives",
    "capacity_curve",
    "sensitivity",
    "shapley",
    "worst_case",
]
