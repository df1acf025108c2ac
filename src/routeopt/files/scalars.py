"""What a word without quotes means: the core rules of YAML 1.2, and nothing more.

``NO`` is Norway, ``12:30`` a time, ``2025-11-29`` a day and ``1_000`` a text: all of them stay as written.
"""

from __future__ import annotations

import math
import re

__all__ = ["FIRST", "LongNumberError", "resolve"]

MAX_DIGITS = 300
"""Longer whole numbers do not fit a floating-point number."""

_WORDS: dict[str, object] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".nan": math.nan, ".NaN": math.nan, ".NAN": math.nan,
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
}  # fmt: skip
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
FIRST = frozenset("0123456789+-.~nNtTfF")
"""What a plain scalar that is no text can begin with."""


class LongNumberError(ValueError):
    """A whole number of more than `MAX_DIGITS` digits."""


def resolve(text: str) -> object:
    """The value of a plain scalar as it stands in the file. LongNumberError for one of too many digits.

    >>> [resolve(word) for word in ("NO", "12:30", "2025-11-29", "0o17", "1e5", "~", "True", "yes")]
    ['NO', '12:30', '2025-11-29', 15, 100000.0, None, True, 'yes']
    """
    if text and text[0] not in FIRST:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(_short(text))
    if _BASED.fullmatch(text):
        return int(_short(text), 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _short(digits: str) -> str:
    if len(digits) > MAX_DIGITS:
        raise LongNumberError(f"a number of {len(digits)} digits")
    return digits
