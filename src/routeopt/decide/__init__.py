"""Decisions under doubt: near-optimal alternatives, and what the ranges of the data mean for conclusions."""

from routeopt.decide.alternatives import Alternatives, alternatives
from routeopt.decide.sensitivity import sensitivity
from routeopt.decide.sensitivity_result import Sensitivity

__all__ = ["Alternatives", "Sensitivity", "alternatives", "sensitivity"]
