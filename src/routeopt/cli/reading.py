"""From words of the command line to what the verbs take."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routeopt.cli.guard import usage
from routeopt.errors import FileError, InputError, Problem, did_you_mean
from routeopt.units import parse_unit

if TYPE_CHECKING:
    from routeopt.system import ExportSystem

__all__ = ["bundled_names", "closures", "is_path", "pairs", "read_system", "scenario_names", "system_named"]

_SUFFIXES = (".yaml", ".yml")
_SHARE = re.compile(r"(.+)=\s*([0-9.]+\s*%?)\s*")


def is_path(source: str) -> bool:
    """Whether an argument is a file: it ends in ``.yaml`` or contains a separator.

    Examples
    --------
    >>> is_path("kazakhstan"), is_path("kazakhstan.yaml"), is_path("./kazakhstan")
    (False, True, True)
    """
    return source.endswith(_SUFFIXES) or os.sep in source or "/" in source


def system_named(source: str) -> Path:
    """The file of a system.

    Raises
    ------
    FileError
        It is a name that no system here has.
    """
    if is_path(source):
        return Path(source)
    from routeopt.files import bundled_systems

    known = bundled_systems()
    if source in known:
        return known[source]
    hint = did_you_mean(source, known, other="systems that come with the library")
    for name in (source, *(f"{source}{suffix}" for suffix in _SUFFIXES)):
        with contextlib.suppress(OSError, ValueError):
            if Path(name).is_file():
                hint = f"to read the file write ./{name}"
                break
    raise FileError(Problem(f"no system called {source!r} comes with routeopt", hint=hint, code="unknown-id"))


def read_system(source: str, unit: str | None = None) -> ExportSystem:
    """Load a system, and let it show flows in another unit."""
    from routeopt.files import load

    system = load(system_named(source))
    if unit is None:
        return system
    asked = parse_unit(unit)
    if asked.dimension != parse_unit(system.units.flow).dimension:
        text = f"{unit!r} is not of the kind of {system.units.flow}, in which {system.name} counts"
        raise InputError(Problem(text, ("--unit",), "write another amount or time, like kt/d for Mt/y", "unit"))
    return system.override({"units": {"flow": unit}})


def closures(words: Iterable[str] | None) -> list[Mapping[str, Any]]:
    """What ``--close`` names, as closures of a file.

    Examples
    --------
    >>> closures(["btc", "route:cpc", "country:RU=50 %", "component:cpc-loading/spm-2"])[1:]
    [{'route': 'cpc'}, {'country': 'RU', 'availability': '50 %'}, {'leg': 'cpc-loading', 'component': 'spm-2'}]
    """
    return [_closure(word) for word in words or ()]


def _closure(word: str) -> dict[str, Any]:
    from routeopt.system.target import KINDS

    share = _SHARE.fullmatch(word)
    target, left = (share[1], {"availability": share[2]}) if share else (word, {})
    kind, colon, name = target.partition(":")
    if not colon:
        kind, name = "leg", target
    kind, name = kind.strip(), name.strip()
    if kind not in KINDS:
        raise usage(f"{word!r}: nothing of the kind {kind!r} can be closed; {did_you_mean(kind, KINDS)}", "--close")
    if not name:
        raise usage(f"{word!r} names nothing; write {kind}:NAME", "--close")
    if kind != "component":
        return {kind: name, **left}
    leg, slash, part = name.rpartition("/")
    if not slash:
        raise usage(f"{word!r}: a component belongs to a leg; write component:LEG/{part}", "--close")
    return {"leg": leg, "component": part, **left}


def pairs(words: Iterable[str] | None, option: str, example: str) -> dict[str, str]:
    """What an option names as ``NAME=VALUE``, each name once.

    Examples
    --------
    >>> pairs(["tcop=20 Mt/y"], "--build", "tcop=20 Mt/y")
    {'tcop': '20 Mt/y'}
    """
    found: dict[str, str] = {}
    for word in words or ():
        name, equals, value = (part.strip() for part in word.partition("="))
        if not equals or not name or not value:
            raise usage(f"{word!r} is no name with a value; write '{example}'", option)
        if name in found:
            raise usage(f"{name!r} is named twice; write one value", option)
        found[name] = value
    return found


def bundled_names() -> list[str]:
    """Systems that come with the library, for completion."""
    from routeopt.files import bundled_systems

    return list(bundled_systems())


def scenario_names(source: object) -> list[str]:
    """Scenarios of a system, for completion; none if it cannot be read."""
    with contextlib.suppress(Exception):
        return list(read_system(str(source)).scenarios)
    return []
