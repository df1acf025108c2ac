"""Every number of every digest has its unit: shown in kt/d instead of Mt/y it is the same number."""

import numpy as np
import pytest

from helpers.figures import KINDS
from routeopt.units import parse_unit

SAME = ("", "1", "share", "d", "vessels")


def size(unit):
    """What one of a unit is worth; money counts by its time, and for a tonne or a barrel it is the same."""
    if unit in SAME or unit in ("USD", "USD/t", "USD/bbl"):
        return 1.0
    if unit.startswith("USD/"):
        return 1.0 / parse_unit(unit.removeprefix("USD/")).factor
    if unit.startswith("USD for one "):
        return 1.0 / parse_unit(unit.removeprefix("USD for one ")).factor
    amount, word, _ = unit.partition(" ")
    return 1.0 if word else parse_unit(amount).factor


def same(one, first, other, second):
    """Whether two numbers are one, each in its unit."""
    one, other = np.asarray(one, float) * size(first), np.asarray(other, float) * size(second)
    scale = float(np.abs(one[np.isfinite(one)]).max(initial=0.0))
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9 * scale)


def numbers(frame):
    return [name for name in frame if frame[name].dtype.kind in "fi"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "system"])
def test_every_number_has_its_unit(results, by_day, kind):
    year, day = results[kind].digest(), by_day[kind].digest()
    assert [figure.label for figure in year.figures] == [figure.label for figure in day.figures]
    for one, other in zip(year.figures, day.figures, strict=True):
        if not isinstance(one.value, str):
            same(one.value, one.unit, other.value, other.unit)
    for one, other in zip(year.tables, day.tables, strict=True):
        assert one.name == other.name
        shown = other.frame.reindex(one.frame.index) if one.frame.index.is_unique else other.frame
        for name in numbers(one.frame):
            rows = [("", slice(None))]
            if "unit" in one.frame and name not in one.units:  # a row has its own
                rows = [(unit, one.frame["unit"] == unit) for unit in one.frame["unit"].unique()]
            for unit, mine in rows:
                first = one.units.get(name, unit)
                second = other.units.get(name, shown["unit"][mine].iloc[0] if unit else "")
                same(one.frame[name][mine], first, shown[name][mine], second)
