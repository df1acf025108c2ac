"""The linear programme as arrays: layout, matrix, bounds, objectives, certificate."""

from routeopt.model.bounds import Bounds, bounds_of
from routeopt.model.certificate import Proof, prove
from routeopt.model.formulate import Program, formulate
from routeopt.model.layout import Layout
from routeopt.model.objectives import Objectives, objectives_of

__all__ = ["Bounds", "Layout", "Objectives", "Program", "Proof", "bounds_of", "formulate", "objectives_of", "prove"]
