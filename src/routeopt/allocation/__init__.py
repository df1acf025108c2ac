"""Allocate, and what comes of it."""

from routeopt.allocation.result import Allocation, Certificate
from routeopt.allocation.verb import allocate

__all__ = ["Allocation", "Certificate", "allocate"]
