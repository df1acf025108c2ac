"""Allocate, and what comes of it."""

from routeopt.allocation.certificate import Certificate
from routeopt.allocation.result import Allocation
from routeopt.allocation.verb import allocate

__all__ = ["Allocation", "Certificate", "allocate"]
