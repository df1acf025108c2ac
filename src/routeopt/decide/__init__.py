"""Decisions under doubt: alternatives, ranges of the data, who contributes, what hurts most, what to defend."""

from routeopt.decide.alternatives import Alternatives, alternatives
from routeopt.decide.attribution.result import ShapleyTable
from routeopt.decide.attribution.shapley import shapley
from routeopt.decide.capacity.capacity_curve import capacity_curve
from routeopt.decide.capacity.result import CapacityCurve
from routeopt.decide.defence.defend import defend
from routeopt.decide.defence.result import Defence
from routeopt.decide.expansion.expand import expand
from routeopt.decide.expansion.plan import ExpansionPlan
from routeopt.decide.expansion.risk import CVaR
from routeopt.decide.interdiction.result import WorstCase
from routeopt.decide.interdiction.worst_case import worst_case
from routeopt.decide.uncertainty.result import Sensitivity
from routeopt.decide.uncertainty.sensitivity import sensitivity

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
