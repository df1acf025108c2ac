"""The closed table of units, and nothing that guesses.

Inside, mass is counted in kt, oil and gas volumes in kb (thousand barrels), time in days and
money in thousand USD, so that a flow in kt/d times a tariff in USD/t is money a day without a
factor. Values are converted once, at the edges. Mass and volume do not convert into each other:
they meet only through a commodity's barrels per tonne.

In rates a year is 365 days and a month a twelfth of it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from routeopt.errors import Problem, UnitError, did_you_mean

__all__ = ["Unit", "convert", "parse_number_with_unit", "parse_unit"]

_BARREL_M3 = 0.158987294928
_MASS, _VOLUME, _TIME, _MONEY = range(4)

# symbol -> (size in kt, kb, d or kUSD; the base that it counts)
_TABLE: dict[str, tuple[float, int]] = {
    "t": (1e-3, _MASS),
    "kt": (1.0, _MASS),
    "Mt": (1e3, _MASS),
    "bbl": (1e-3, _VOLUME),
    "kb": (1.0, _VOLUME),
    "mb": (1e3, _VOLUME),
    "m3": (1e-3 / _BARREL_M3, _VOLUME),
    "mcm": (1e3 / _BARREL_M3, _VOLUME),
    "bcm": (1e6 / _BARREL_M3, _VOLUME),
    "d": (1.0, _TIME),
    "week": (7.0, _TIME),
    "month": (365.0 / 12.0, _TIME),
    "y": (365.0, _TIME),
    "USD": (1e-3, _MONEY),
}

# What people write, and what the table calls it.
_ALIASES = {
    "day": "d", "days": "d", "weeks": "week", "months": "month", "year": "y", "years": "y", "yr": "y",
    "a": "y", "mbd": "mb/d", "kbd": "kb/d", "bpd": "bbl/d", "b/d": "bbl/d", "kb/day": "kb/d", "tpa": "t/y",
    "mtpa": "Mt/y", "mmt": "Mt", "mt": "Mt", "b": "bbl", "bbls": "bbl", "barrels": "bbl", "mbbl": "kb",
    "mmbbl": "mb", "tonne": "t", "tonnes": "t", "$": "USD", "usd": "USD", "percent": "%",
}  # fmt: skip

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_NUMBER_WITH_UNIT = re.compile(rf"\s*({_NUMBER})\s*(\S.*?)?\s*")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the table, or a quotient of its units.

    Attributes
    ----------
    symbol : str
        As written, for example ``"Mt/y"``.
    factor : float
        How many inner units (kt, kb, d, kUSD and their quotients) one of it is.
    dimension : tuple of int
        Exponents of mass, volume, time and money.
    """

    symbol: str
    factor: float
    dimension: tuple[int, int, int, int]

    @property
    def basis(self) -> str:
        """``"mass"`` or ``"volume"`` if the unit counts one of them, otherwise ``""``."""
        if self.dimension[_MASS]:
            return "mass"
        return "volume" if self.dimension[_VOLUME] else ""

    def __str__(self) -> str:
        return self.symbol


@lru_cache(maxsize=512)
def parse_unit(text: str) -> Unit:
    """Read a unit.

    Parameters
    ----------
    text : str
        A unit of the table (``t kt Mt bbl kb mb m3 mcm bcm d week month y USD %``), or a quotient of them.

    Returns
    -------
    Unit

    Raises
    ------
    UnitError
        The unit is not in the table; the message says what to write.

    Examples
    --------
    >>> parse_unit("Mt/y").dimension
    (1, 0, -1, 0)
    >>> parse_unit("Mt/yr")
    Traceback (most recent call last):
    routeopt.errors.UnitError: unknown unit 'Mt/yr'; write Mt/y
    """
    written = text.strip()
    # "0.5 kt/d per day" is how people write a ramp.
    parts = re.sub(r"\s+per\s+day$", "/d", written).split("/")
    dimension = [0, 0, 0, 0]
    factor = 1.0
    for place, part in enumerate(parts):
        symbol = part.strip()
        sign = -1 if place else 1
        if symbol == "1" and place == 0 and len(parts) > 1:
            continue
        if symbol == "%" and place == 0:
            factor *= 0.01
            continue
        if symbol not in _TABLE:
            raise UnitError(Problem(f"unknown unit {written!r}", hint=_suggest(written), code="unit-unknown"))
        size, base = _TABLE[symbol]
        factor *= size**sign
        dimension[base] += sign
    return Unit(written, factor, (dimension[0], dimension[1], dimension[2], dimension[3]))


def _suggest(written: str) -> str:
    whole = _ALIASES.get(written, _ALIASES.get(written.lower()))
    if whole:
        return f"write {whole}"
    parts = [part.strip() for part in written.split("/")]
    mended = [p if p in _TABLE or p == "%" else _ALIASES.get(p, _ALIASES.get(p.lower(), "")) for p in parts]
    if all(mended) and mended != parts:
        return f"write {'/'.join(mended)}"
    strange = next((p for p in parts if p not in _TABLE), written)
    return did_you_mean(strange, [*_TABLE, "%"], other="units")


def parse_number_with_unit(text: str) -> tuple[float, str]:
    """Split ``"39 Mt/y"`` into its number and its unit; the unit is empty if there is none.

    Raises
    ------
    UnitError
        There is no number, it is not finite, or it has a thousands separator.

    Examples
    --------
    >>> parse_number_with_unit("39 Mt/y")
    (39.0, 'Mt/y')
    """
    match = _NUMBER_WITH_UNIT.fullmatch(text)
    if match is None:
        raise UnitError(Problem(f"{text!r} is not a number with a unit", hint="write for example 39 Mt/y"))
    value, unit = float(match[1]), match[2] or ""
    if not math.isfinite(value):
        raise UnitError(Problem(f"{text!r} is not a finite number", code="not-finite"))
    if re.match(r"[,_']?\d", unit):
        raise UnitError(Problem(f"{text!r} has a separator in its number", hint="write 12000.5, not 12,000.5"))
    return value, unit


def convert(value: float, unit: str, to: str) -> float:
    """Convert a value between two units of one kind.

    Parameters
    ----------
    value : float
    unit, to : str
        Units of the table.

    Raises
    ------
    UnitError
        A unit is unknown, or the two are of different kinds.

    Examples
    --------
    >>> round(convert(1.2, "mb/d", "mb/y"), 6)
    438.0
    >>> convert(1, "Mt/y", "kb/d")
    Traceback (most recent call last):
    routeopt.errors.UnitError: cannot convert Mt/y to kb/d; tonnes and barrels meet through barrels per tonne
    """
    source, target = parse_unit(unit), parse_unit(to)
    if source.dimension != target.dimension:
        swapped = (source.dimension[1], source.dimension[0], *source.dimension[2:])
        hint = "tonnes and barrels meet through barrels per tonne" if swapped == target.dimension else ""
        raise UnitError(Problem(f"cannot convert {unit} to {to}", hint=hint, code="unit-kind"))
    return value * source.factor / target.factor
