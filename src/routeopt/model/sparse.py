"""Sparse linear programs: matrix by columns, bounds, builder. `Layout` gives columns their meaning."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routeopt.arrays import Floats

__all__ = ["Bounds", "Builder", "Matrix", "with_row", "with_rows"]

Ints = NDArray[np.intp]
M = TypeVar("M", bound="Matrix")


@dataclass(frozen=True)
class Bounds:
    """Bounds of columns and rows. ``unit``: the size of the numbers, a power of two that tolerances are relative to."""

    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    unit: float = 1.0

    def same(self, other: Bounds) -> bool:
        """Whether another has the same bounds, to the last bit."""
        names = ("lower", "upper", "row_lower", "row_upper")
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in names)

    def with_rows(self, rows: Ints | list[int], lower: Floats | float, upper: Floats | float) -> Bounds:
        """Return a copy with other bounds of some rows."""
        row_lower, row_upper = self.row_lower.copy(), self.row_upper.copy()
        row_lower[rows], row_upper[rows] = lower, upper
        return replace(self, row_lower=row_lower, row_upper=row_upper)

    def extended(
        self, lower: ArrayLike = (), upper: ArrayLike = (), row_lower: ArrayLike = (), row_upper: ArrayLike = ()
    ) -> Bounds:
        """Return a copy with bounds of further columns and rows appended."""
        return Bounds(
            np.append(self.lower, np.asarray(lower, float)),
            np.append(self.upper, np.asarray(upper, float)),
            np.append(self.row_lower, np.asarray(row_lower, float)),
            np.append(self.row_upper, np.asarray(row_upper, float)),
            self.unit,
        )


@dataclass(frozen=True)
class Matrix:
    """Coefficients by column, compressed; ``column_of_entry``: the column of each; ``shape``: rows, columns."""

    start: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Floats
    column_of_entry: NDArray[np.int32]
    shape: tuple[int, int]

    @classmethod
    def of(cls, rows: NDArray[Any], columns: NDArray[Any], values: Floats, shape: tuple[int, int]) -> Matrix:
        """Build a matrix from coefficients in any order; a column keeps the order of its own."""
        order = np.argsort(columns, kind="stable")
        start = np.concatenate(([0], np.cumsum(np.bincount(columns, minlength=shape[1])))).astype(np.int32)
        return Matrix(start, rows[order].astype(np.int32), values[order], columns[order].astype(np.int32), shape)

    def with_matrix(self, other: Matrix) -> Self:
        """Return a copy with the coefficients of another matrix and all other attributes kept."""
        return replace(self, start=other.start, index=other.index, value=other.value,
                       column_of_entry=other.column_of_entry, shape=other.shape)  # fmt: skip

    def extended(self, rows: NDArray[Any], columns: NDArray[Any], values: Floats, shape: tuple[int, int]) -> Self:
        """Return a copy with more coefficients, in present rows and columns or in those that ``shape`` adds."""
        return self.with_matrix(Matrix.of(
            np.concatenate([self.index, rows]), np.concatenate([self.column_of_entry, columns]),
            np.concatenate([self.value, values]), shape,
        ))  # fmt: skip

    def row_activity(self, x: Floats) -> Floats:
        """A x, shape (rows,)."""
        return np.bincount(self.index, self.value * x[self.column_of_entry], self.shape[0]).astype(float, copy=False)

    def column_activity(self, y: Floats) -> Floats:
        """A' y, shape (columns,)."""
        sums = np.bincount(self.column_of_entry, self.value * y[self.index], self.shape[1])
        return sums.astype(float, copy=False)

    def counted(self) -> NDArray[np.bool_]:
        """Mask of columns that only count and are not reported; none for a matrix without a layout."""
        return np.zeros(self.shape[1], bool)


def with_rows(matrix: M, rows: Sequence[tuple[NDArray[Any], Floats]], columns: int | None = None) -> M:
    """Append rows, each given as columns and coefficients; ``columns``: new number of columns."""
    at = [np.full(len(where), matrix.shape[0] + offset, np.intp) for offset, (where, _) in enumerate(rows)]
    return matrix.extended(
        np.concatenate([np.zeros(0, np.intp), *at]),
        np.concatenate([np.zeros(0, np.intp), *(where for where, _ in rows)]),
        np.concatenate([np.zeros(0), *(values for _, values in rows)]),
        (matrix.shape[0] + len(rows), columns or matrix.shape[1]),
    )


def with_row(matrix: M, bounds: Bounds, weights: Floats, lower: float, upper: float) -> tuple[M, Bounds]:
    """Append the row lower <= weights x <= upper to a matrix and its bounds."""
    columns = np.flatnonzero(weights)
    return with_rows(matrix, [(columns, weights[columns])]), bounds.extended(row_lower=lower, row_upper=upper)


class Builder:
    """Builder of a linear program: columns with bounds and costs, rows with bounds, coefficients in any order."""

    def __init__(self) -> None:
        self.lower, self.upper, self.cost = list[float](), list[float](), list[float]()
        self.row_lower, self.row_upper = list[float](), list[float]()
        self._entries: list[tuple[NDArray[Any], NDArray[Any], Floats]] = []

    def copy(self) -> Builder:
        """Return an independent copy."""
        other = copy.copy(self)
        for name, grown in vars(self).items():
            setattr(other, name, list(grown))
        return other

    def column(self, lower: float = 0.0, upper: float = np.inf, cost: float = 0.0) -> int:
        """Add a column and return its index."""
        self.lower.append(lower)
        self.upper.append(upper)
        self.cost.append(cost)
        return len(self.lower) - 1

    def columns(self, lower: Floats, upper: Floats, cost: Floats | None = None) -> int:
        """Add several columns and return the index of the first."""
        first = len(self.lower)
        self.lower += lower.tolist()
        self.upper += upper.tolist()
        self.cost += [0.0] * len(lower) if cost is None else cost.tolist()
        return first

    def row(self, columns: ArrayLike, values: ArrayLike, lower: float = -np.inf, upper: float = np.inf) -> int:
        """Add the row lower <= values x <= upper and return its index."""
        place = self.rows(np.array([lower]), np.array([upper]))
        self.add(place, np.asarray(columns, np.intp), values)
        return place

    def rows(self, lower: Floats, upper: Floats) -> int:
        """Add several empty rows and return the index of the first."""
        first = len(self.row_lower)
        self.row_lower += lower.tolist()
        self.row_upper += upper.tolist()
        return first

    def add(self, rows: Ints | int, columns: NDArray[Any], values: ArrayLike) -> None:
        """Add coefficients; a single row or value applies to all."""
        shape = columns.shape
        self._entries.append((np.broadcast_to(rows, shape), columns, np.broadcast_to(np.asarray(values, float), shape)))

    def block(self, matrix: Matrix, row: int, column: int) -> None:
        """Add the coefficients of a matrix, offset by ``row`` and ``column``."""
        self._entries.append((matrix.index.astype(np.intp) + row, matrix.column_of_entry.astype(np.intp) + column,
                              matrix.value))  # fmt: skip

    def block_dense(self, matrix: Floats, row: int, column: int) -> None:
        """Add the nonzero coefficients of a dense matrix, offset by ``row`` and ``column``."""
        rows, columns = np.nonzero(matrix)
        self._entries.append((rows + row, columns + column, matrix[rows, columns]))

    def arrays(self) -> tuple[Ints, Ints, Floats]:
        """Rows, columns and values of all coefficients."""
        rows, columns, values = (np.concatenate([part[which] for part in self._entries]) for which in range(3))
        return rows.astype(np.intp, copy=False), columns.astype(np.intp, copy=False), values

    def matrix(self, shape: tuple[int, int] | None = None) -> Matrix:
        """The matrix; ``shape``: Default: the rows and columns added here."""
        return Matrix.of(*self.arrays(), shape or (len(self.row_lower), len(self.lower)))

    def bounds(self, unit: float = 1.0) -> Bounds:
        """Bounds of all columns and rows."""
        lower, upper, row_lower, row_upper = (
            np.array(side, float) for side in (self.lower, self.upper, self.row_lower, self.row_upper)
        )
        return Bounds(lower, upper, row_lower, row_upper, unit)
