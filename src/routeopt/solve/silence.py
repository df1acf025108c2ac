"""Solvers that talk when nobody asked."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

__all__ = ["silenced"]

_quiet = False


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Swallow the banner that the first HiGHS of a process writes past Python to standard output."""
    global _quiet
    if _quiet:
        yield
        return
    _quiet = True
    try:
        sys.stdout.flush()
        saved = os.dup(1)
    except (OSError, ValueError, AttributeError):  # no standard output to protect
        yield
        return
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
