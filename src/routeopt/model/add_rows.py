"""A programme with more rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from routeopt.model.bounds import Bounds
from routeopt.model.formulate import Program, compress

__all__ = ["with_row", "with_rows"]

Floats = NDArray[np.float64]
Kind = TypeVar("Kind", bound=Program)


def with_rows(program: Kind, rows: Sequence[tuple[NDArray[np.intp], Floats]], columns: int | None = None) -> Kind:
    """The programme with rows appended, each as columns and coefficients; ``columns`` may add empty columns."""
    at = [np.full(len(where), program.shape[0] + offset, np.intp) for offset, (where, _) in enumerate(rows)]
    made = compress(
        program.layout,
        program.gain,
        np.concatenate([program.index.astype(np.intp), *at]),
        np.concatenate([program.column_of_entry.astype(np.intp), *(where for where, _ in rows)]),
        np.concatenate([program.value, *(values for _, values in rows)]),
        (program.shape[0] + len(rows), columns or program.shape[1]),
    )
    # A programme of a horizon stays one.
    return replace(program, start=made.start, index=made.index, value=made.value,
                   column_of_entry=made.column_of_entry, shape=made.shape)  # fmt: skip


def with_row(program: Program, bounds: Bounds, weights: Floats, lower: float, upper: float) -> tuple[Program, Bounds]:
    """The programme and its bounds with one more row: lower <= weights x <= upper."""
    columns = np.flatnonzero(weights)
    extended = with_rows(program, [(columns, weights[columns])])
    row_lower, row_upper = np.append(bounds.row_lower, lower), np.append(bounds.row_upper, upper)
    return extended, Bounds(bounds.lower, bounds.upper, row_lower, row_upper, bounds.unit)
