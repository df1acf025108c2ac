"""The worst that an adversary can close, as a mixed-integer programme confirmed by enumeration."""

from routeopt.decide.worst.result import WorstCase
from routeopt.decide.worst.verb import worst_case

__all__ = ["WorstCase", "worst_case"]
