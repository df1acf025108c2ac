"""Barrels that have crossed something, told apart from those that have not.

A flow does not say which barrel went where: it decomposes into ways in many manners. To ask what share crosses
a set of legs at least once, every flow is split in two layers, not yet crossed and crossed. A leg of the set
leads from the first layer to the second; any other stays in its layer. Any split that balances in both layers
is a decomposition, and the other way round, so the least and the most of what arrives uncrossed are two linear
programs, exact over all decompositions.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from routeopt.model.bounds import Bounds
from routeopt.model.formulate import Program
from routeopt.model.sparse import with_rows

__all__ = ["Layers", "with_layers"]

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]
Row = tuple[Ints, Floats]


@dataclass(frozen=True)
class Layers:
    """A program whose flows are split in two layers.

    ``program``, ``bounds``: with columns for what has not crossed: one for each flow, delivery and intake;
    ``uncrossed``: weights that add up to the deliveries that never crossed.
    """

    program: Program
    bounds: Bounds
    uncrossed: Floats


def with_layers(program: Program, bounds: Bounds, crossing: NDArray[np.bool_]) -> Layers:
    """Split the flows of a program.

    ``program``, ``bounds``: a region of flows, or one flow with its columns fixed; ``crossing`` (flow columns,):
    columns of the legs that count as crossed.
    """
    layout = program.layout
    parts = [np.arange(layout.columns(b).start, layout.columns(b).stop) for b in ("flow", "delivery", "intake")]
    split = np.concatenate(parts)
    first = program.shape[1]
    twin = np.full(first, -1, np.intp)
    twin[split] = first + np.arange(len(split))
    # Rows of the first layer: the balance rows with the twins in place of the split columns. What crosses
    # leaves the first layer and does not arrive in it.
    at_node = program.index < layout.row["leg"]
    arrives = np.isin(program.column_of_entry, np.flatnonzero(crossing)) & (program.value > 0)
    entries = np.flatnonzero(at_node & ~arrives)
    row, column = program.index[entries].astype(np.intp), program.column_of_entry[entries].astype(np.intp)
    moved, value = np.where(twin[column] >= 0, twin[column], column), program.value[entries]
    order = np.argsort(row, kind="stable")
    starts = np.searchsorted(row[order], np.arange(layout.row["leg"] + 1)).tolist()
    balances: list[Row] = [(moved[order[a:b]], value[order[a:b]]) for a, b in pairwise(starts)]
    at_most: list[Row] = [(np.array([twin[c], c], np.intp), np.array([1.0, -1.0])) for c in split]
    extended = with_rows(program, [*balances, *at_most], first + len(split))
    free = np.full(len(at_most), -np.inf)
    # Zero, unless the balance itself is loose by its last digits.
    loose = bounds.row_lower[: len(balances)], bounds.row_upper[: len(balances)]
    new = bounds.extended(
        np.zeros(len(split)), np.full(len(split), np.inf),
        np.append(loose[0], free), np.append(loose[1], np.zeros(len(at_most))),
    )  # fmt: skip
    uncrossed = np.zeros(extended.shape[1])
    uncrossed[twin[parts[1]]] = 1.0
    return Layers(extended, new, uncrossed)
