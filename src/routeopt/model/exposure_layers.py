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

from routeopt.arrays import Floats
from routeopt.model.bounds import Bounds
from routeopt.model.formulate import Program
from routeopt.model.sparse import with_rows

__all__ = ["Layers", "deliveries", "with_layers"]

Ints = NDArray[np.intp]
Row = tuple[Ints, Floats]


@dataclass(frozen=True)
class Layers:
    """A program whose flows are split in two layers, with columns for what has not crossed.

    ``uncrossed`` are weights that add up to the deliveries that never crossed.
    """

    program: Program
    bounds: Bounds
    uncrossed: Floats


def with_layers(program: Program, bounds: Bounds, crossing: NDArray[np.bool_], whole: Bounds | None = None) -> Layers:
    """Split the flows of a region, or one flow with its columns fixed, by the flow columns that count as crossed.

    ``whole`` are bounds before a face was drawn, if it was: a tank that it holds full may be full of what crossed.
    Over a horizon what tanks hold, what is under way and what waits is split too. What was there when it began has not
    crossed.
    """
    layout = program.layout
    split, rows, crosses, stocks = _parts(program, np.flatnonzero(crossing))
    first = program.shape[1]
    twin = np.full(first, -1, np.intp)
    twin[split] = first + np.arange(len(split))
    # Rows of the first layer: the balance rows with the twins in place of the split columns. What crosses
    # leaves the first layer and does not arrive in it.
    at_node = np.isin(program.index, rows)
    lands = program.index % program.layout.height >= layout.row["leg"]  # in a row of what comes out of a cargo leg
    arrives = np.isin(program.column_of_entry, crosses) & ((program.value > 0) | lands)
    entries = np.flatnonzero(at_node & ~arrives)
    row, column = np.searchsorted(rows, program.index[entries]), program.column_of_entry[entries].astype(np.intp)
    moved, value = np.where(twin[column] >= 0, twin[column], column), program.value[entries]
    order = np.argsort(row, kind="stable")
    starts = np.searchsorted(row[order], np.arange(len(rows) + 1)).tolist()
    balances: list[Row] = [(moved[order[a:b]], value[order[a:b]]) for a, b in pairwise(starts)]
    of_stocks = np.concatenate([stocks[0], stocks[1]])
    others = split[~np.isin(split, of_stocks)]
    at_most: list[Row] = [(np.array([twin[c], c], np.intp), np.array([1.0, -1.0])) for c in others]
    for up, down in zip(*stocks, strict=True):  # of what a tank holds no more than all has not crossed
        columns = np.array([twin[up], twin[down], up, down], np.intp)
        at_most.append((columns, np.array([1.0, -1.0, -1.0, 1.0])))
    extended = with_rows(program, [*balances, *at_most], first + len(split))
    free = np.full(len(at_most), -np.inf)
    # Zero, unless the balance itself is loose by its last digits.
    loose = bounds.row_lower[rows], bounds.row_upper[rows]
    most = np.full(len(split), np.inf)
    most[twin[stocks[1]] - first] = (whole or bounds).upper[stocks[1]]
    new = bounds.extended(
        np.zeros(len(split)), most, np.append(loose[0], free), np.append(loose[1], np.zeros(len(at_most)))
    )
    uncrossed = np.zeros(extended.shape[1])
    uncrossed[twin[deliveries(program)]] = 1.0
    return Layers(extended, new, uncrossed)


def deliveries(program: Program) -> Ints:
    """Columns of what markets receive, in all periods."""
    return _places(program)[:, program.layout.columns("delivery")].ravel()


def _places(program: Program) -> Ints:
    """Columns by period."""
    layout = program.layout
    return np.arange(layout.after[1]).reshape(-1, layout.size)


def _parts(program: Program, crossing: Ints) -> tuple[Ints, Ints, Ints, tuple[Ints, Ints]]:
    """Columns that are split, rows that balance, columns that cross, and columns above and below the usual stock."""
    layout, places = program.layout, _places(program)
    blocks = ("flow", "delivery", "intake", "landed", "afloat", "above", "below")
    split = np.concatenate([places[:, layout.columns(name)].ravel() for name in blocks])
    rows = np.arange(layout.after[0]).reshape(-1, layout.height)
    balance = np.sort(np.concatenate([rows[:, layout.rows(name)].ravel() for name in ("balance", "landing")]))
    stocks = places[:, layout.columns("above")].ravel(), places[:, layout.columns("below")].ravel()
    return split, balance, places[:, crossing].ravel(), stocks
