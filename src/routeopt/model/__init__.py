"""The linear program as arrays: layout, matrix, bounds, objectives, certificate."""

from routeopt.model.bounds import bounds_of
from routeopt.model.certificate import Proof, prove
from routeopt.model.formulate import Program, formulate, formulate_periods
from routeopt.model.layout import Layout
from routeopt.model.objectives import Objectives, objectives_of
from routeopt.model.sparse import Bounds, Builder, Matrix, with_row, with_rows

__all__ = [
    "Bounds", "Builder", "Layout", "Matrix", "Objectives", "Program", "Proof", "bounds_of", "formulate",
    "formulate_periods", "objectives_of", "prove", "with_row", "with_rows",
]  # fmt: skip
