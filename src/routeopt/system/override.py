"""Merging changes into the data of a system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from routeopt.errors import Problem, SystemDataError, did_you_mean
from routeopt.system.base import Record

__all__ = ["merged"]

_ENTRY_NEEDS = {"nodes": "kind", "legs": "from", "groups": "legs", "routes": "markers", "contracts": "legs",
                "commodities": "", "sources": "title"}  # fmt: skip


def merged(data: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Data with changes merged in; see `ExportSystem.override`.

    Examples
    --------
    >>> merged({"legs": {"btc": {"capacity": "58 Mt/y", "from": "a", "to": "b"}}}, {"legs.btc.capacity": "50 Mt/y"})
    {'legs': {'btc': {'capacity': '50 Mt/y', 'from': 'a', 'to': 'b'}}}
    """
    if not isinstance(changes, Mapping):
        raise SystemDataError(f"an override is a mapping of changes, not {type(changes).__name__}")
    problems: list[Problem] = []
    result = data
    for key, change in changes.items():
        path = tuple(str(key).split("."))
        nested: Any = change
        for step in reversed(path):
            nested = {step: nested}
        result = _merge(result, nested, (), problems)
    if problems:
        raise SystemDataError(problems)
    return result


def _merge(old: Any, change: Any, path: tuple[str, ...], problems: list[Problem]) -> Any:
    if not isinstance(change, Mapping) or "value" in change:
        return change
    if isinstance(old, Record):
        old = old.written()
    if not isinstance(old, Mapping) or "value" in old:
        old = {}
    result = dict(old)
    for key, value in change.items():
        here = (*path, str(key))
        if value is None:
            if key not in old:
                problems.append(Problem("cannot be removed, since it is not there", here, code="unknown-id"))
            result.pop(key, None)
            continue
        if len(here) == 2 and key not in old and not _is_entry(here[0], value):
            hint = did_you_mean(here[1], old, other=f"{here[0]} here")
            problems.append(Problem(f"there is no {here[1]!r} in {here[0]}", here, hint, "unknown-id", on_key=True))
            continue
        result[key] = _merge(old.get(key), value, here, problems)
    return result


def _is_entry(section: str, value: Any) -> bool:
    """Whether a change holds a whole new entry of a section."""
    needed = _ENTRY_NEEDS.get(section)
    return needed is None or (isinstance(value, Mapping) and (not needed or needed in value))
