"""Ctrl-C, whatever code it hits."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ["interruptible"]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def interruptible(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The same function; a Ctrl-C that hits compiled code in the wrong moment is one all the same.

    Examples
    --------
    >>> @interruptible
    ... def compiled():
    ...     try:
    ...         raise KeyboardInterrupt
    ...     except KeyboardInterrupt as error:
    ...         raise SystemError("returned a result with an exception set") from error  # once, or again and again
    >>> try:
    ...     compiled()
    ... except KeyboardInterrupt:
    ...     print("interrupted")
    interrupted
    """

    @functools.wraps(function)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return function(*args, **kwargs)
        except SystemError as error:
            # What numba has compiled returns a value although the signal's handler has raised.
            first: BaseException | None = error
            while isinstance(first, SystemError):
                first = first.__cause__ or first.__context__
            if isinstance(first, KeyboardInterrupt):
                raise KeyboardInterrupt from None
            raise

    return run
