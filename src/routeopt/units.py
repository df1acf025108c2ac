"""The closed table of units, and nothing that guesses.

Inside, mass is counted in kt, oil and gas volumes in kb (thousand barrels), time in days and
money in thousand USD, so that a flow in kt/d times a tariff in USD/t is money a day without a
factor. Values are converted once, at the edges. Mass and volume do not convert into each other:
they meet only through a commodity's barrels per tonne.

In rates a year is 365 days and a month a twelfth of it.
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from routeopt.errors import Problem, UnitError

__all__ = ["Unit", "convert", "counts_gas", "counts_liquid", "parse_number_with_unit", "parse_unit"]

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

# What people write, and what the table calls it. Where a word means two things, both are offered.
_ALIASES: dict[str, tuple[str, ...]] = {
    "day": ("d",), "days": ("d",), "weeks": ("week",), "months": ("month",), "mo": ("month",),
    "year": ("y",), "years": ("y",), "yr": ("y",), "yrs": ("y",), "a": ("y",),
    "tpa": ("t/y",), "ktpa": ("kt/y",), "mtpa": ("Mt/y",), "mta": ("Mt/y",), "mmt": ("Mt",), "mmtpa": ("Mt/y",),
    "mt": ("t", "Mt"), "mln t": ("Mt",), "million t": ("Mt",), "tonne": ("t",), "tonnes": ("t",),
    "ton": ("t",), "tons": ("t",),
    "b": ("bbl",), "bbls": ("bbl",), "barrel": ("bbl",), "barrels": ("bbl",), "kbbl": ("kb",), "mbbl": ("kb", "mb"),
    "mmb": ("mb",), "mmbbl": ("mb",), "bpd": ("bbl/d",), "bopd": ("bbl/d",), "b/d": ("bbl/d",), "kbd": ("kb/d",),
    "kbpd": ("kb/d",), "mbd": ("kb/d", "mb/d"), "mbpd": ("kb/d", "mb/d"), "mmbd": ("mb/d",), "mmbpd": ("mb/d",),
    "$": ("USD",), "us$": ("USD",), "dollar": ("USD",), "dollars": ("USD",), "percent": ("%",), "pct": ("%",),
}  # fmt: skip
_GAS, _LIQUID = {"mcm", "bcm"}, {"t", "kt", "Mt", "bbl", "kb", "mb"}  # m3 counts either
_OTHER_GAS = re.compile("k?cm|tcm|nm3|sm3|[kmbt]*s?cfd?|[kmgtp]*btu|[kmgtp]wh|[gtp]j", re.IGNORECASE)
_GAS_PRICE = re.compile(r"USD\s*/\s*([mt]cm)\b.*", re.IGNORECASE)
_MEANINGS = {"t": "tonnes", "Mt": "million tonnes", "kb": "thousand barrels", "mb": "million barrels"}
_ANY_CASE = {symbol.lower(): symbol for symbol in _TABLE}

_LONGEST = 200  # characters in which every number with a unit has room
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_NUMBER_WITH_UNIT = re.compile(rf"\s*({_NUMBER})\s*(\S.*?)?\s*")
_PER_UNIT = re.compile(rf"\s*({_NUMBER})\s*(?:\s1\s*)?/\s*(\S.*?)\s*")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the table, or a quotient of its units."""

    symbol: str  # as written, for example "Mt/y"
    factor: float  # inner units (kt, kb, d, kUSD and their quotients) in one of it
    dimension: tuple[int, int, int, int]  # exponents of mass, volume, time and money

    @property
    def measured_by(self) -> str:
        """``"mass"`` or ``"volume"`` if the unit counts one of them, otherwise ``""``."""
        if self.dimension[_MASS]:
            return "mass"
        return "volume" if self.dimension[_VOLUME] else ""

    def __str__(self) -> str:
        return self.symbol


@lru_cache(maxsize=512)
def parse_unit(text: str) -> Unit:
    """Read a unit of the table (``t kt Mt bbl kb mb m3 mcm bcm d week month y USD %``), or a quotient of them.

    >>> parse_unit("Mt/y").dimension
    (1, 0, -1, 0)
    >>> parse_unit("Mt/yr")
    Traceback (most recent call last):
    routeopt.errors.UnitError: unknown unit 'Mt/yr'; write Mt/y
    """
    written = text.strip()
    if len(written) <= _LONGEST and (price := _GAS_PRICE.fullmatch(written)):
        # In the gas trade mcm is a thousand cubic metres where it prices, and a million where it counts.
        other, power = ("million", 6) if price[1].lower() == "mcm" else ("trillion", 12)
        hint = f"write USD/m3: 280 {written} are {280e-3:g} USD/m3 of a thousand, {280 / 10**power:g} of a {other}"
        text = f"{_short(written)} is a price for a thousand cubic metres to some and for a {other} to others"
        raise UnitError(Problem(text, hint=hint, code="unit-ambiguous"))
    # "0.5 kt/d per day" is how people write a ramp.
    parts = re.sub(r"\s+per\s+day$", "/d", written).split("/") if len(written) <= _LONGEST else [written]
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
            raise UnitError(Problem(f"unknown unit {_short(written)}", hint=_suggest(written), code="unit-unknown"))
        size, base = _TABLE[symbol]
        factor *= size**sign
        dimension[base] += sign
    return Unit(written, factor, (dimension[0], dimension[1], dimension[2], dimension[3]))


def _suggest(written: str) -> str:
    """What to write instead of a unit that is not in the table."""
    if len(written) <= _LONGEST and written.count("/") < 4:
        text = re.sub(r"\s*\bper\b\s*", "/", written)
        text = f"1{text}" if text.startswith("/") else text
        options = _known_as(text) or [
            "/".join(chosen) for chosen in itertools.product(*(_known_as(part) for part in text.split("/")))
        ]
        options = [option for option in options if option != written and _is_unit(option)]
        if len(options) == 1:
            return f"write {options[0]}"
        if options:
            return "write " + " or ".join(f"{option} ({_meaning(option)})" for option in options)
        if any(_OTHER_GAS.fullmatch(part.strip()) for part in text.split("/")):
            return "for gas there are m3, mcm (a million m3) and bcm (a billion), and quotients such as bcm/y"
        strange = next((part for part in map(str.strip, text.split("/")) if not _known_as(part)), written)
        near = get_close_matches(strange, [*_TABLE, "%"], n=1)
        if near:
            return f"did you mean {near[0]!r}?"
    return f"units are {' '.join(_TABLE)} % and quotients of them such as Mt/y or USD/bbl"


def _known_as(word: str) -> list[str]:
    """What the table calls a word; empty if nothing is known for it."""
    word = word.strip()
    if word in _TABLE or word in ("%", "1"):
        return [word]
    lower = word.lower()
    return list(_ALIASES.get(lower, (_ANY_CASE[lower],) if lower in _ANY_CASE else ()))


def _is_unit(text: str) -> bool:
    try:
        parse_unit(text)
    except UnitError:
        return False
    return True


def _meaning(unit: str) -> str:
    return next(_MEANINGS[part] for part in unit.split("/") if part in _MEANINGS)


def _short(text: str) -> str:
    """A text in quotes, cut if it is long."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def counts_gas(unit: str) -> bool:
    """Whether a unit is one in which only gas is counted: bcm/y, but not m3/d."""
    return not _GAS.isdisjoint(map(str.strip, unit.split("/")))


def counts_liquid(unit: str) -> bool:
    """Whether a unit is one in which no gas is counted here: tonnes or barrels."""
    return not _LIQUID.isdisjoint(map(str.strip, unit.split("/")))


def parse_number_with_unit(text: str) -> tuple[float, str]:
    """Split ``"39 Mt/y"`` into its number and its unit; the unit is empty if there is none.

    ``"2 /y"`` and ``"2 1/y"`` are both twice a year: the unit is ``1/y``. Whether the unit exists is for
    `parse_unit` to say. UnitError if there is no finite number, or it has a separator between its digits.

    >>> parse_number_with_unit("39 Mt/y")
    (39.0, 'Mt/y')
    """
    per_unit = _PER_UNIT.fullmatch(text) if len(text) <= _LONGEST else None
    match = per_unit or (_NUMBER_WITH_UNIT.fullmatch(text) if len(text) <= _LONGEST else None)
    if match is None:
        raise UnitError(
            Problem(f"{_short(text)} is not a number with a unit", hint="write for example 39 Mt/y", code="number")
        )
    value, unit = float(match[1]), match[2] or ""
    if not math.isfinite(value):
        raise UnitError(Problem(f"{_short(text)} is not a finite number", code="not-finite"))
    if re.match(r"[,_'’]?[0-9]", unit):
        hint = "write 1234.5: a point before the decimals, nothing between the thousands"
        raise UnitError(Problem(f"{_short(text)} has a separator in its number", hint=hint, code="separator"))
    if re.match(r"[-–−+±~.,]", unit):
        hint = "write one number and its unit; a range goes into low and high"
        raise UnitError(Problem(f"{_short(text)} is not one number with a unit", hint=hint, code="number"))
    return value, f"1/{unit}" if per_unit else unit


def convert(value: float, unit: str, to: str) -> float:
    """Convert a value between two units of one kind.

    >>> round(convert(1.2, "mb/d", "mb/y"), 6)
    438.0
    >>> convert(1, "Mt/y", "kb/d")
    Traceback (most recent call last):
    routeopt.errors.UnitError: cannot convert Mt/y to kb/d; tonnes and barrels meet through barrels per tonne
    """
    source, target = parse_unit(unit), parse_unit(to)
    if source.dimension != target.dimension:
        swapped = (source.dimension[1], source.dimension[0], *source.dimension[2:])
        hint = "they measure different things"
        if swapped == target.dimension:
            hint = "tonnes and barrels meet through barrels per tonne"
        raise UnitError(Problem(f"cannot convert {unit} to {to}", hint=hint, code="unit-kind"))
    return value * source.factor / target.factor
