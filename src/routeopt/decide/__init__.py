"""Decisions under doubt: alternatives, ranges of the data, who contributes, what hurts most, what to defend."""

from routeopt.decide.alternatives import Alternatives, alternatives
from routeopt.decide.capacity_curve import capacity_curve
from routeopt.decide.capacity_curve_result import CapacityCurve
from routeopt.decide.defence_result import Defence
from routeopt.decide.defend import defend
from routeopt.decide.expansion import expand
from routeopt.decide.expansion_plan import ExpansionPlan
from routeopt.decide.expansion_risk import CVaR
from routeopt.decide.sensitivity import sensitivity
from routeopt.decide.sensitivity_result import Sensitivity
from routeopt.decide.shapley import shapley
from routeopt.decide.shapley_result import ShapleyTable
from routeopt.decide.worst import WorstCase, worst_case

__all__ = [
    "Alternatives",
    "CVaR",
    "CapacityCurve",
    "Defence",
    "ExpansionPlan",
    "Sensitivity",
    "ShapleyTable",
    "WorstCase",
    "alternatives",
    "capacity_curve",
    "defend",
    "expand",
    "sensitivity",
    "shapley",
    "worst_case",
]
