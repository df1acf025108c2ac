"""Cache of a system for later solves: programs, prepared horizons, batches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from routeopt.system import ExportSystem
from routeopt.system.record import SystemRecord, derived

__all__ = ["remembered"]

Thing = TypeVar("Thing")

Recent = dict[str, dict[Hashable, Any]]


class _Cache:
    """The last things of each kind, of one system and of its copies that differ in scenarios alone.

    It lives as long as any of them. It is neither pickled nor copied along: a changed system, a deep copy and another
    process begin with an empty one. Threads share what only data are; what holds a solver is kept for each thread.
    """

    def __init__(self, _: SystemRecord) -> None:
        self._shared: Recent = {}
        self._mine = threading.local()

    def recent(self, alone: bool) -> Recent:
        """Kind -> key -> thing, for all threads or for this one."""
        if not alone:
            return self._shared
        if not hasattr(self._mine, "recent"):
            self._mine.recent = {}
        mine: Recent = self._mine.recent
        return mine


def remembered(
    system: ExportSystem, kind: str, key: Hashable, make: Callable[[], Thing], *, most: int = 1,
    alone: bool = False,
) -> Thing:  # fmt: skip
    """Return a cached thing of a system, made if missing; the last ``most`` of a kind are kept.

    ``alone`` keeps one for each thread: of things that hold a solver.
    """
    recent = derived(system, _Cache).recent(alone)
    known = recent.get(kind, {})
    if key in known:
        found: Thing = known[key]
        return found
    made = make()
    # Replaced and never changed: another thread may be reading it.
    known = recent.get(kind, {})
    recent[kind] = {**dict(list(known.items())[-most + 1 :] if most > 1 else ()), key: made}
    return made
