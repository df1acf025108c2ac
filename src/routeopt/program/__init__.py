"""The linear programme as arrays: layout, matrix, bounds, objectives, certificate."""

from routeopt.program.bounds import Bounds, bounds_of
from routeopt.program.certificate import Proof, prove
from routeopt.program.formulate import Program, formulate
from routeopt.program.layout import Layout
from routeopt.program.objectives import Objectives, objectives_of

__all__ = ["Bounds", "Layout", "Objectives", "Program", "Proof", "bounds_of", "formulate", "objectives_of", "prove"]
