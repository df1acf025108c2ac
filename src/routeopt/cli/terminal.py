"""What reaches the terminal and the shell: exit codes, safe text, styles, and progress on stderr."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import sys
import textwrap
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "BROKEN_PIPE", "INPUT", "INTERRUPTED", "MEANINGS", "MISSING", "OK", "SOLVE", "UNEXPECTED", "USAGE", "clean",
    "console", "screen_width", "waiting", "wrapped",
]  # fmt: skip

OK, UNEXPECTED, USAGE, INPUT, SOLVE, MISSING = range(6)
INTERRUPTED, BROKEN_PIPE = 130, 141

MEANINGS = {
    OK: "done",
    UNEXPECTED: "unexpected: a bug in routeopt or a failure of the machine",
    USAGE: "invalid command line",
    INPUT: "invalid file, scenario or name, or a file cannot be read or written",
    SOLVE: "no optimum, none that can be certified, or no such solver",
    MISSING: "an optional dependency is not installed",
    INTERRUPTED: "interrupted by Ctrl-C",
    BROKEN_PIPE: "the reader of the output closed it (as head does)",
}
"""Exit codes."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_ALIGNED = re.compile(r"\S {2,}\S")
_PATIENCE = 1.0


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


def console(stderr: bool = False) -> Console:
    """A terminal of rich, which takes a while to import; plain where ``NO_COLOR`` says so or nobody looks."""
    from rich.console import Console

    class Screen(Console):
        def on_broken_pipe(self) -> None:
            """rich would end the process with an exit code of its own."""
            raise BrokenPipeError

    bare = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return Screen(
        stderr=stderr, color_system=None if bare else "auto", markup=False, highlight=False, emoji=False,
        width=screen_width(), soft_wrap=True,
    )  # fmt: skip


@contextlib.contextmanager
def waiting(what: str, quiet: bool, bar: bool = False) -> Iterator[None]:
    """Say on a terminal's stderr what is going on, from a second on; ``bar``: tqdm, if installed, has its own there."""
    if quiet or not sys.stderr.isatty():
        os.environ["TQDM_DISABLE"] = "1"  # read when tqdm is imported
        yield
        return
    if bar and importlib.util.find_spec("tqdm") is not None:
        yield
        return
    status = console(stderr=True).status(what)
    timer = threading.Timer(_PATIENCE, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()
