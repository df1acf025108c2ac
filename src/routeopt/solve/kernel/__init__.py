"""The batch kernel: closures by a dual simplex for bounded variables, compiled by numba (extra ``fast``).

This is its only door, and opening it loads nothing; whatever else is in the folder is its own affair. `load` gives
``prepared``, a plan with what the kernel starts from; ``Kernel``, which answers closures of such a plan; and, compiled,
``moved_bounds``, ``listed`` and ``distinct`` for sets of elements.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

__all__ = ["available", "load", "loaded"]

_ENGINE = "routeopt.solve.kernel.engine"


def available() -> bool:
    """Whether numba can be imported; it refuses where it does not know the version of numpy."""
    try:
        importlib.import_module("numba")
    except ImportError:
        return False
    return True


def loaded() -> bool:
    """Whether this process has loaded the kernel, which takes a second and more."""
    return _ENGINE in sys.modules


def load() -> Any:
    """The kernel, loaded at the first call."""
    return importlib.import_module(_ENGINE)
