"""The land behind the maps: Natural Earth's countries, public domain, with de-facto borders; shipped, never fetched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from routeopt.files.bundled import data_folder

__all__ = ["CREDIT", "outline"]

CREDIT = "Land: Natural Earth, de-facto borders"


@cache
def outline() -> Mapping[str, tuple[NDArray[np.float64], ...]]:
    """Rings of every country: ISO 3166 code of two letters (the name where there is none) -> rings of longitude and
    latitude in degrees, each of shape (points, 2).

    Examples
    --------
    >>> rings = outline()["KZ"]
    >>> bool(46 < rings[0][:, 0].min() < rings[0][:, 0].max() < 88)
    True
    """
    written = json.loads((data_folder() / "outline" / "world.json").read_text(encoding="utf-8"))
    arcs = [np.cumsum(np.reshape(steps, (-1, 2)), axis=0) * written["grid"] for steps in written["arcs"]]

    def ring(parts: list[int]) -> list[NDArray[np.float64]]:
        # Where one arc ends the next begins: that point is kept once.
        points = np.concatenate([(arcs[i] if i >= 0 else arcs[~i][::-1])[:-1] for i in parts])
        # A ring across the date line goes on beyond 180 degrees, and is there once more on the other side.
        points[:, 0] = np.unwrap(points[:, 0], period=360.0)
        shifts = [0.0] + [-360.0] * bool(points[:, 0].max() > 180.1) + [360.0] * bool(points[:, 0].min() < -180.1)
        return [points + np.array([shift, 0.0]) for shift in shifts]

    countries = written["countries"].items()
    return {name: tuple(one for parts in rings for one in ring(parts)) for name, rings in countries}
