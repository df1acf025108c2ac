"""The one way up from results to their figures: `result.plot`, made when it is asked for."""

from __future__ import annotations

import importlib
from typing import Any, Generic, TypeVar

__all__ = ["Figures"]

T_co = TypeVar("T_co", covariant=True)


class Figures(Generic[T_co]):
    """Attribute of a result's class that gives its figures, by the name of a class in `routeopt.views.accessors`.

    Results know nothing of figures, and nothing that draws is imported before ``result.plot`` is read.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.__doc__ = "Figures of this result; called itself it draws the most natural one."

    def __get__(self, result: Any, owner: type | None = None) -> T_co:
        if result is None:
            return self  # type: ignore[return-value]
        found: T_co = getattr(importlib.import_module("routeopt.views.accessors"), self._kind)(result)
        return found
