"""Other ways to solve the same program under the same closures, one a file.

A peer is a class with

- ``name``: what the table calls it;
- ``how``: a line on how it is used;
- ``closures``: whether it can be asked closure by closure in one period;
- ``whole``: whether it can solve a program of many periods once;
- ``refuses(arrays)``: why it cannot express a program, or an empty text;
- ``prepare(arrays)``: anything that is done once, for which no time is counted;
- ``solve(sets)``: the three values of each closure, shape (closures, 3), in the unit of the arrays.

All minimise the one weighted cost of the arrays: one solve a closure, the fastest that each of them can do.
"""

from __future__ import annotations

import importlib
from typing import Any, Protocol

import numpy as np
from instances import Arrays, Sets
from numpy.typing import NDArray

__all__ = ["NAMES", "Peer", "load"]


class Peer(Protocol):
    """See the module."""

    name: str
    how: str
    closures: bool
    whole: bool

    def refuses(self, arrays: Arrays) -> str:
        """Why a program cannot be expressed."""

    def prepare(self, arrays: Arrays) -> None:
        """Make ready."""

    def solve(self, sets: Sets) -> NDArray[np.float64]:
        """Solve closures."""


NAMES = {
    "highspy": "highs_warm.Warm",
    "highspy-base": "highs_warm.FromBase",
    "glop": "glop.Glop",
    "scipy": "scipy_linprog.Linprog",
    "pulp-highs": "pulp_rebuilt.WithHighs",
    "pulp-cbc": "pulp_rebuilt.WithCbc",
    "linopy": "linopy_kept.Kept",
    "pypsa": "pypsa_snapshots.Snapshots",
    "pypsa-months": "pypsa_months.Months",
    "pywr": "pywr_steps.Steps",
    "networkx": "networkx_simplex.NetworkSimplex",
}
"""What the command line calls each peer, and its class."""


def load(name: str) -> Peer | str:
    """A peer, or why it is not here."""
    module, _, cls = NAMES[name].partition(".")
    try:
        made: Any = getattr(importlib.import_module(f"peers.{module}"), cls)()
    except ImportError as error:
        return f"not installed ({error.name or error})"
    missing: str = getattr(made, "missing", "")
    peer: Peer = made
    return missing or peer
