"""Allocate, and what comes of it."""

from routeopt.allocation.allocate import allocate
from routeopt.allocation.certificate import Certificate
from routeopt.allocation.result import Allocation

__all__ = ["Allocation", "Certificate", "allocate"]
