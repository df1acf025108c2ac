"""Values as people read them, and as files hold them."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from routeopt.results import joined

__all__ = ["number", "plain", "spoken"]

_SIZES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def number(value: Any) -> str:
    """A value for a table: three or four digits that count, words as they are, nothing where it is missing.

    Examples
    --------
    >>> number(64.3766), number(0.030129), number(3.8e10), number(True), number(None), number(float("inf"))
    ('64.4', '0.0301', '38,000,000,000', 'yes', '', 'no limit')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if not isinstance(value, float):
        return joined(value) if isinstance(value, list | tuple) else str(value)
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "no limit" if value > 0 else "-no limit"
    size = abs(value)
    if size == 0 or size < 1e-9:
        return "0"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 9.95 else f"{value:.2f}" if size >= 0.995 else f"{value:.3g}"


def spoken(value: Any, unit: str = "") -> str:
    """A key figure with its unit.

    Examples
    --------
    >>> spoken(64.3766, "Mt/y"), spoken(3.82e10, "USD/y"), spoken(0.154, "share"), spoken(float("nan"), "d")
    ('64.4 Mt/y', '38.2 billion USD/y', '15.4 %', 'not in the horizon')
    """
    if isinstance(value, float) and math.isnan(value):
        return "not in the horizon" if unit == "d" else "unknown"
    if unit == "share" and isinstance(value, int | float):
        return f"{100 * value:.1f} %"
    if isinstance(value, int | float) and not isinstance(value, bool) and unit.startswith("USD"):
        for size, name in _SIZES:
            if abs(value) >= size:
                return f"{value / size:.3g} {name} {unit}"
    return number(value) if unit in ("", "1") else f"{number(value)} {unit}"


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
