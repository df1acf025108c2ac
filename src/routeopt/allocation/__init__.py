"""Allocate, and what comes of it."""

from routeopt.allocation.verb import allocate
from routeopt.allocation.result import Allocation, Certificate

__all__ = ["Allocation", "Certificate", "allocate"]
