"""The legs of a system as arrays, read off in one pass."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.system.record import SystemRecord, derived

__all__ = ["LegTable"]

_KEYS = itemgetter(
    "origin", "destination", "status", "capacity", "tariff", "loss", "countries", "commodities", "blends_into",
    "components", "fleet", "reserved", "availability", "build",
)  # fmt: skip

Ints = NDArray[np.intp]


@dataclass(frozen=True)
class LegTable:
    """K legs in the order of the data; inner units; arrays of shape (K,) or places of legs."""

    tail: Ints  # node where each leg begins, by its place in the data
    head: Ints  # node where it ends
    gain: Floats  # share of what enters that arrives
    capacity: Floats  # what the exporter can send in when all is well, in the leg's own unit; infinite without limit
    operating: NDArray[np.bool_]  # works when nobody builds or reopens it
    tariff: Floats  # price of a unit that enters, in the unit of the tariff
    priced_otherwise: Ints  # legs whose tariff is for the other unit (barrels in a system of tonnes)
    counted_otherwise: Ints  # legs whose capacity is
    foreign: Floats  # countries crossed other than a single exporter's own; with several see `routeopt.system.origin`
    picky: Ints  # legs that do not carry everything
    blending: Ints  # legs on which a stream becomes another

    @classmethod
    def of(cls, system: SystemRecord) -> LegTable:
        """The table of a system; it is made once and kept with the system."""
        return derived(system, cls._read)

    @classmethod
    def _read(cls, system: SystemRecord) -> LegTable:
        place = dict(zip(system.nodes, range(len(system.nodes)), strict=True))
        own, inf = system.measured_by, math.inf
        home = {system.exporter} if isinstance(system.exporter, str) else set()
        # One pass over the records' own dicts: three times faster than asking for attribute after attribute.
        legs = tuple(system.legs.values())
        columns = tuple(zip(*[_KEYS(leg.__dict__) for leg in legs], strict=True)) or ((),) * 14
        origin, destination, status, figures, tariffs, losses, countries, carries, becomes, *special = columns
        capacity = np.array([inf if figure is None else figure.inner for figure in figures], float)
        counted = {i for i, figure in enumerate(figures) if figure is not None and figure.measured_by != own}
        for i in _places(map(any, zip(*special, strict=True))):
            leg = legs[i]
            working = leg.availability.inner if leg.availability else 1.0
            capacity[i] = max(0.0, leg.nominal - leg.taken) * working
            if leg.measured_by not in ("", own):
                counted.add(int(i))
        return cls(
            tail=np.array([place[name] for name in origin], np.intp),
            head=np.array([place[name] for name in destination], np.intp),
            gain=np.array([1.0 if loss is None else 1.0 - loss.inner for loss in losses], float),
            capacity=capacity,
            operating=np.array([word == "operating" for word in status], bool),
            tariff=np.array([0.0 if price is None else price.inner for price in tariffs], float),
            priced_otherwise=_places(price is not None and price.measured_by != own for price in tariffs),
            counted_otherwise=np.array(sorted(counted), np.intp),
            foreign=np.array([len({*crossed} - home) if crossed else 0 for crossed in countries], float),
            picky=_places(bool(some) or word == "defunct" for some, word in zip(carries, status, strict=True)),
            blending=_places(map(bool, becomes)),
        )


def _places(marked: Iterable[bool]) -> Ints:
    return np.array([i for i, mark in enumerate(marked) if mark], np.intp)
