"""Decisions under doubt: alternatives, ranges of the data, who contributes, what hurts most, what to defend."""

from routeopt.decide.alternatives import Alternatives, alternatives
from routeopt.decide.attribution.result import ShapleyTable
from routeopt.decide.attribution.verb import shapley
from routeopt.decide.capacity.result import CapacityCurve
from routeopt.decide.capacity.verb import capacity_curve
from routeopt.decide.defence.result import Defence
from routeopt.decide.defence.verb import defend
from routeopt.decide.expansion.plan import ExpansionPlan
from routeopt.decide.expansion.risk import CVaR
from routeopt.decide.expansion.verb import expand
from routeopt.decide.uncertainty.result import Sensitivity
from routeopt.decide.uncertainty.verb import sensitivity
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
