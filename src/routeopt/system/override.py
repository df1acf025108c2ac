"""Merging changes into the data of a system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from routeopt.errors import Problem, SystemDataError, did_you_mean
from routeopt.system.base import Record

__all__ = ["merged"]

_ENTRY_NEEDS = {"nodes": "kind", "legs": "from", "groups": "legs", "routes": "metering_legs", "contracts": "legs",
                "commodities": "", "sources": "title", "common_causes": "closes"}  # fmt: skip


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
    result: dict[str, Any] = _merge(data, _nested(changes), (), problems)
    if not problems:
        problems = list(_pointless(data, result))
    if problems:
        raise SystemDataError(problems)
    return result


def _nested(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes without dotted keys, so that several of them may describe one new leg."""
    result: dict[str, Any] = {}
    for key, change in changes.items():
        *above, last = str(key).split(".")
        here = result
        for step in above:
            below = here.get(step)
            here[step] = here = dict(below) if isinstance(below, Mapping) else {}
        before = here.get(last)
        if isinstance(before, Mapping) and isinstance(change, Mapping) and "value" not in change:
            change = _nested({**before, **change})
        here[last] = change
    return result


def _merge(old: Any, change: Any, path: tuple[str, ...], problems: list[Problem]) -> Any:
    if not isinstance(change, Mapping) or "value" in change:
        return change
    if isinstance(old, Record):
        old = old.written()
    result = _opened(old, path)
    for key, value in change.items():
        here = (*path, str(key))
        if value is None:
            if key not in result:
                hint = did_you_mean(str(key), map(str, result), other="what is there")
                problems.append(Problem("cannot be removed, since it is not there", here, hint, "unknown-id"))
            result.pop(key, None)
            continue
        if len(here) == 2 and key not in result and not _is_entry(here[0], value):
            hint = did_you_mean(here[1], result, other=f"{here[0]} here")
            problems.append(Problem(f"there is no {here[1]!r} in {here[0]}", here, hint, "unknown-id", on_key=True))
            continue
        result[key] = _merge(result.get(key), value, here, problems)
    return result


def _opened(old: Any, path: tuple[str, ...]) -> dict[Any, Any]:
    """What stands there as a mapping that changes can go into; short forms are written out."""
    if isinstance(old, Mapping) and "value" not in old:
        return dict(old)
    if path[:1] == ("groups",) and path[2:] == ("legs",) and isinstance(old, list | tuple):
        return {leg: {} for leg in old}
    if path[:1] == ("legs",) and path[2:] == ("blends_into",) and isinstance(old, str):
        return {"*": old}
    return {}


def _pointless(data: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[Problem]:
    """A new commodity that nothing produces is most likely a known one with a typing error."""
    known = data.get("commodities") or {}
    nodes, legs = result.get("nodes") or {}, result.get("legs") or {}
    new = [name for name in result.get("commodities") or {} if known and name not in known]
    if new:
        made = {_part(node, "commodity") for node in nodes.values()}
        for leg in legs.values():
            after = _part(leg, "blends_into") or {}
            made |= {after} if isinstance(after, str) else set(after.values())
        for name in new:
            if name not in made:
                hint = did_you_mean(name, known, other="commodities here")
                text = f"there is no {name!r} in commodities, and no field or leg makes it"
                yield Problem(text, ("commodities", name), hint, "unknown-id", on_key=True)


def _part(record: Any, key: str) -> Any:
    return record.get(key) if isinstance(record, Mapping) else getattr(record, key, None)


def _is_entry(section: str, value: Any) -> bool:
    """Whether a change holds a whole new entry of a section."""
    needed = _ENTRY_NEEDS.get(section)
    return needed is None or (isinstance(value, Mapping) and (not needed or needed in value))
