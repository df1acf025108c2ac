"""Arguments and options that commands share, and what their words mean to the verbs."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from routeopt.errors import InputError, Problem, did_you_mean
from routeopt.units import parse_unit

if TYPE_CHECKING:
    from routeopt.system import ExportSystem

__all__ = [
    "SHARED", "STDOUT", "BuildOption", "CloseOption", "EconomicOption", "ForesightOption", "Format", "HeldOption",
    "OverOption", "ScenarioArgument", "closures", "is_path", "pairs", "read_system", "tables_help", "usage",
]  # fmt: skip

STDOUT = Path("-")
"""What `-o` takes for standard output."""
_SHARE = re.compile(r"(.+)=\s*([0-9.]+\s*%?)\s*")


class Format(StrEnum):
    """How an answer is written."""

    table = "table"
    json = "json"
    csv = "csv"


def usage(message: str, option: str = "") -> typer.BadParameter:
    """The error for an argument that cannot be understood; `option` is what it belongs to."""
    return typer.BadParameter(f"{option}: {message}" if option else message)


def is_path(source: str) -> bool:
    """Whether an argument is a file: it ends in ``.yaml`` or contains a separator.

    Examples
    --------
    >>> is_path("kazakhstan"), is_path("kazakhstan.yaml"), is_path("./kazakhstan")
    (False, True, True)
    """
    return source.endswith((".yaml", ".yml")) or os.sep in source or "/" in source


def read_system(source: str, unit: str | None = None) -> ExportSystem:
    """Load a system, and let it show flows in another unit."""
    from routeopt.files import load

    system = load(Path(source) if is_path(source) else source)
    if unit is None:
        return system
    if parse_unit(unit).dimension != parse_unit(system.units.flow).dimension:
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
    kind, name = (part.strip() for part in (target if ":" in target else f"leg:{target}").split(":", 1))
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


def _known_scenarios(ctx: typer.Context, incomplete: str) -> list[str]:
    with contextlib.suppress(Exception):  # completion stays silent where the system cannot be read
        return [name for name in read_system(str(ctx.params.get("system"))).scenarios if name.startswith(incomplete)]
    return []


def _known_systems(incomplete: str) -> list[str]:
    from routeopt.files import bundled_systems

    return [name for name in bundled_systems() if name.startswith(incomplete)]


ScenarioArgument = Annotated[
    str | None,
    typer.Argument(metavar="SCENARIO", autocompletion=_known_scenarios,
                   help="Scenario to apply (default: the base case)."),
]  # fmt: skip
HeldOption = Annotated[
    str | None,
    typer.Option("--scenario", autocompletion=_known_scenarios,
                 help="Background scenario, applied as a static full-year case (default: none)."),
]  # fmt: skip
CloseOption = Annotated[
    list[str] | None,
    typer.Option("--close", metavar="KIND:NAME[=LEFT]",
                 help="Close this as well: route:cpc, leg:btc, country:RU=50% (half is left), "
                 "component:LEG/PART; a name alone is a leg. Repeatable."),
]  # fmt: skip
BuildOption = Annotated[
    list[str] | None,
    typer.Option("--build", metavar="LEG=SIZE",
                 help="Build a leg or add capacity to it: 'tcop=20 Mt/y'. Repeatable."),
]  # fmt: skip
OverOption = Annotated[
    str,
    typer.Option("--over", metavar="KIND", help="Kind of element that is out: leg, component, node, route, country, "
                 "chokepoint, operator or group."),
]  # fmt: skip
EconomicOption = Annotated[
    bool, typer.Option("--economic", help="Maximise netback: fields may shut in where exporting loses money.")
]
ForesightOption = Annotated[
    str, typer.Option(help="For a scenario with a horizon: perfect, or myopic (rolling horizon).")
]


def tables_help(*names: str) -> Any:
    """The option ``--table`` of a command that has these tables."""

    def known(incomplete: str) -> list[str]:
        return [name for name in names if name.startswith(incomplete)]

    return typer.Option("--table", "-t", metavar="NAME", autocompletion=known,
                               help=f"One table: {', '.join(names)}.")  # fmt: skip


SHARED: dict[str, tuple[Any, Any]] = {
    "system": (Annotated[str, typer.Argument(
        metavar="SYSTEM", autocompletion=_known_systems,
        help="A system that comes with routeopt (such as kazakhstan), or a path: it ends in .yaml or has a separator.",
    )], ...),
    "unit": (Annotated[str | None, typer.Option(
        "--unit", metavar="FLOW",
        help="Show flows in another unit of the same kind, such as kt/d for Mt/y; money is then for that time.",
    )], None),
    "table": (Annotated[str | None, tables_help()], None),
    "format": (Annotated[Format, typer.Option("--format", "-f", help="Text, all as JSON, or one table as CSV.")],
               Format.table),
    "output": (Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE",
                                                   help="Write to a file; - writes to standard output.")], None),
    "force": (Annotated[bool, typer.Option("--force", help="Replace an existing file.")], False),
    "quiet": (Annotated[bool, typer.Option("--quiet", "-q", help="Write only errors to stderr.")], False),
}  # fmt: skip
"""What all commands take unless they say otherwise: annotation and default, in the order of their help."""
