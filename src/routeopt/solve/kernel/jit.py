"""Compiling with numba, where it is installed (extra ``fast``)."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

__all__ = ["available", "compiled", "entry"]

Function = Callable[..., Any]


def available() -> bool:
    """Whether numba can be imported; it refuses where it does not know the version of numpy."""
    try:
        importlib.import_module("numba")
    except ImportError:
        return False
    return True


def compiled(function: Function) -> Function:
    """A part of the kernel: compiled into whatever calls it."""
    return _numba(function, cache=False)


def entry(function: Function) -> Function:
    """A function that Python calls: compiled at its first call, without the lock, and kept on disk."""
    try:
        return _numba(function, cache=True)
    except RuntimeError:  # nowhere to write
        return _numba(function, cache=False)


def _numba(function: Function, *, cache: bool) -> Function:
    made: Function = importlib.import_module("numba").njit(nogil=True, cache=cache, error_model="numpy")(function)
    return made
