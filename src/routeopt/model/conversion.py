"""Conversion between tonnes and barrels, by commodity."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from routeopt.arrays import Floats
from routeopt.system import ExportSystem

__all__ = ["Conversion"]


class Conversion:
    """Factors from the unit in which a system balances to mass or volume, by commodity.

    A capacity in barrels on a leg of a system in tonnes limits the sum of (barrels per tonne) x flow; a
    price in USD per barrel costs (barrels per tonne) x price per tonne. Both are one factor.
    """

    def __init__(self, system: ExportSystem) -> None:
        barrels = [s.barrels_per_tonne.inner if s.barrels_per_tonne else math.nan for s in system.streams.values()]
        self._place = {name: i for i, name in enumerate(system.streams)}
        self._own = system.measured_by
        self._barrels = np.array(barrels, float)
        self._ones = np.ones(len(barrels))

    def to(self, basis: str) -> Floats:
        """Return units of ``basis`` per unit of the system, shape (C,); NaN where barrels per tonne are unknown."""
        if basis in ("", self._own):
            return self._ones
        return self._barrels if basis == "volume" else 1.0 / self._barrels

    def mean(self, basis: str, names: Iterable[str]) -> float:
        """Return the mean factor of some streams, for a quantity that adds them up."""
        factors = self.to(basis)[[self._place[name] for name in names]]
        return float(factors.mean()) if len(factors) else 1.0

    def to_other(self) -> Floats:
        """Return units of the other measure (mass or volume) per unit of the system, shape (C,)."""
        return self.to("mass" if self._own == "volume" else "volume")
