"""Text that is safe and readable in a terminal."""

from __future__ import annotations

import re
import shutil
import textwrap

__all__ = ["clean", "screen_width", "wrapped"]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_ALIGNED = re.compile(r"\S {2,}\S")


def clean(text: str) -> str:
    """A text without characters that steer a terminal: a title in a file may hold any.

    Examples
    --------
    >>> print(clean("red \\x1b[31m"))
    red \\x1b[31m
    """
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


def screen_width() -> int:
    """Columns of the terminal, or of ``COLUMNS``; 80 where there is neither."""
    return max(40, shutil.get_terminal_size((80, 24)).columns)


def wrapped(text: str, width: int) -> str:
    """A page whose sentences are broken at words; lines that stand in columns stay as they are.

    Examples
    --------
    >>> print(wrapped("a long sentence of words\\nname    1.0   2.0   3.0", 14))
    a long
      sentence of
      words
    name    1.0   2.0   3.0
    """
    lines = []
    for line in text.split("\n"):
        plain = len(line) <= width or _ALIGNED.search(line.strip())
        lines.append(line if plain else textwrap.fill(line, width, subsequent_indent="  ", break_on_hyphens=False))
    return "\n".join(lines)
