"""Compiling with numba."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

__all__ = ["compiled", "entry", "fingerprint"]

Function = Callable[..., Any]


def compiled(function: Function) -> Function:
    """A part of the kernel: compiled into whatever calls it."""
    return _numba(function, cache=False)


def entry(function: Function) -> Function:
    """A function that Python calls: compiled at its first call, without the lock, and kept on disk.

    What is kept has the content of all files that may have been compiled into it in its name: numba itself only looks
    at the file of the function.
    """
    named = FunctionType(function.__code__, function.__globals__, function.__name__)
    named.__doc__, named.__module__ = function.__doc__, function.__module__
    named.__qualname__ = f"{function.__qualname__}_{fingerprint(_files())}"
    try:
        return _numba(named, cache=True)
    except RuntimeError:  # nowhere to write
        return _numba(named, cache=False)


@cache
def fingerprint(files: tuple[Path, ...]) -> str:
    """A short name of the content of files; those that cannot be read, as in an archive, count as empty."""
    content = hashlib.sha256()
    for path in files:
        content.update(path.name.encode() + b"\0")
        try:
            content.update(path.read_bytes())
        except OSError:
            continue
    return content.hexdigest()[:12]


@cache
def _files() -> tuple[Path, ...]:
    from routeopt.model import bound_changes

    here = Path(__file__).parent
    return (*sorted(here.glob("*.py")), Path(bound_changes.__file__))


def _numba(function: Function, *, cache: bool) -> Function:
    made: Function = importlib.import_module("numba").njit(nogil=True, cache=cache, error_model="numpy")(function)
    return made
