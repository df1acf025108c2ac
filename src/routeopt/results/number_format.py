"""How numbers are written: the one place for text, tables, cards, figures, reports and the command line.

From 10 up one decimal, below two, below 1 three significant digits, none from 1,000 up. Shares are in per cent, large
sums in million or bn. A number is written the same wherever it is shown.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

__all__ = ["Cells", "cells", "counted", "joined", "number", "percent", "plain", "spoken"]

_SIZES = ((1e12, "trillion"), (1e9, "bn"), (1e6, "million"))
_SUMS = ("USD", "USD/d", "USD/week", "USD/month", "USD/y")
_NOTHING = 1e-9


def joined(names: Iterable[Any]) -> str:
    """A set of names in one cell."""
    return " + ".join(map(str, names))


def counted(count: float, noun: str, plural: str = "") -> str:
    """A number of things.

    Examples
    --------
    >>> counted(1, "leg"), counted(1200, "leg"), counted(2, "country", "countries")
    ('1 leg', '1,200 legs', '2 countries')
    """
    return f"{count:,g} {noun if count == 1 else plural or noun + 's'}"


def number(value: Any, digits: int = 3) -> str:
    """A value as text: numbers with three digits that count or more, words as they are, nothing where it is missing.

    Examples
    --------
    >>> number(64.3766), number(1.27119), number(0.030129), number(1234.5), number(True), number(float("inf"))
    ('64.4', '1.27', '0.0301', '1,234', 'yes', 'no limit')
    """
    value = value.item() if hasattr(value, "item") else value
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return joined(value)
    if not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    size = abs(value)
    if math.isinf(value):
        return "no limit" if value > 0 else "-no limit"
    if size < _NOTHING:
        return "0"
    places = max(0, (0 if size >= 999.95 else 1 if size >= 9.95 else 2) + digits - 3)
    return f"{value:,.{places}f}" if size >= 0.995 else f"{value:.{digits}g}"


def percent(share: float) -> str:
    """A share in per cent.

    Examples
    --------
    >>> percent(0.81812), percent(0.0004), percent(1), percent(1e-9)
    ('81.8%', '0.04%', '100.0%', '0.0%')
    """
    return f"{100 * share:.2g}%" if 5e-5 <= abs(share) < 0.00995 else f"{100 * share:.1f}%".replace("-0.0%", "0.0%")


def spoken(value: Any, unit: str = "") -> str:
    """A key figure with its unit.

    Examples
    --------
    >>> spoken(64.3766, "Mt/y"), spoken(3.82e10, "USD/y"), spoken(0.154, "share"), spoken(float("nan"), "d")
    ('64.4 Mt/y', '38.2 bn USD/y', '15.4%', 'not in the horizon')
    """
    if isinstance(value, float) and math.isnan(value):
        return "not in the horizon" if unit == "d" else "unknown"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if unit == "share":
            return percent(value)
        for size, name in _SIZES if unit in _SUMS else ():
            if abs(value) >= size:
                return f"{number(value / size)} {name} {unit}"
    return number(value) if unit in ("", "1") else f"{number(value)} {unit}"


class Cells(NamedTuple):
    """A column as text: the unit for its head, its cells (empty where a value is missing), whether it has numbers."""

    unit: str
    texts: list[str]
    numeric: bool


def cells(values: Sequence[Any], unit: str = "") -> Cells:
    """A column of a table: shares in per cent, large sums of money in millions.

    Examples
    --------
    >>> cells([0.5, 1.0], "share"), cells([2.5e9, 0.0], "USD/y").unit
    (Cells(unit='%', texts=['50.0', '100.0'], numeric=True), 'million USD/y')
    """
    values = [value.item() if hasattr(value, "item") else value for value in values]
    known = [value for value in values if not (value is None or value == "" or value != value)]
    if not known:
        return Cells({"share": "%", "1": ""}.get(unit, unit), [""] * len(values), bool(unit))
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in known):
        return Cells("", [_words(value) for value in values], False)
    write: Callable[[Any], str] = number
    if unit == "share":
        unit, write = "%", lambda share: percent(share).removesuffix("%") if math.isfinite(share) else number(share)
    elif unit in _SUMS and max((abs(value) for value in known if math.isfinite(value)), default=0.0) >= 1e6:
        unit, write = f"million {unit}", lambda money: number(float(money) / 1e6)
    elif unit in ("", "1"):
        unit, write = (
            "",
            _count if all(float(value).is_integer() for value in known if math.isfinite(value)) else _as_written,
        )
    return Cells(unit, [write(value) if value not in (None, "") else "" for value in values], True)


def _count(value: float) -> str:
    return f"{value:,.0f}" if math.isfinite(value) else number(value)


def _as_written(value: float) -> str:
    """A number that need not be of one kind with its neighbours: with all its digits if they are few."""
    if not math.isfinite(value) or abs(value) >= 1e6:
        return number(value)
    text = f"{value:,.5g}"
    return text if math.isclose(float(text.replace(",", "")), value, rel_tol=1e-12) else number(float(value))


def _words(value: Any) -> str:
    return str(plain(value) or "") if hasattr(value, "isoformat") else number(value)


def plain(value: Any) -> Any:
    """A value that JSON knows: a day as text, what is missing or infinite as None."""
    if hasattr(value, "isoformat"):  # a date, or a moment of pandas
        day = not isinstance(value, dt.datetime) or value.time() == dt.time()
        return None if value != value else value.isoformat()[: 10 if day else None]
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
