"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from routeopt.cli.printing import Format
from routeopt.cli.reading import bundled_names, scenario_names

__all__ = [
    "BuildOption", "CloseOption", "EconomicOption", "ForceOption", "FormatOption", "HeldOption",
    "OutputOption", "OverOption", "QuietOption", "ScenarioArgument", "SystemArgument", "UnitOption", "tables_help",
]  # fmt: skip


def _known_scenarios(ctx: typer.Context, incomplete: str) -> list[str]:
    return [name for name in scenario_names(ctx.params.get("system")) if name.startswith(incomplete)]


def _known_systems(incomplete: str) -> list[str]:
    return [name for name in bundled_names() if name.startswith(incomplete)]


SystemArgument = Annotated[
    str,
    typer.Argument(
        metavar="SYSTEM", autocompletion=_known_systems, show_default=False,
        help="A system that comes with routeopt (as kazakhstan), or a file: it ends in .yaml or contains a separator.",
    ),
]  # fmt: skip
ScenarioArgument = Annotated[
    str | None,
    typer.Argument(metavar="SCENARIO", autocompletion=_known_scenarios, show_default=False,
                   help="A scenario of the system; nothing happens if it is left out."),
]  # fmt: skip
HeldOption = Annotated[
    str | None,
    typer.Option("--scenario", autocompletion=_known_scenarios, show_default=False,
                 help="A scenario that holds besides, with all its closures in force."),
]  # fmt: skip
CloseOption = Annotated[
    list[str] | None,
    typer.Option("--close", metavar="KIND:NAME[=LEFT]", show_default=False,
                 help="Close something besides: route:cpc, leg:btc, country:RU=50% (half is left), "
                 "component:LEG/PART; a name alone is a leg. May be given again."),
]  # fmt: skip
BuildOption = Annotated[
    list[str] | None,
    typer.Option("--build", metavar="LEG=SIZE", show_default=False,
                 help="Build a leg, or add to it: 'tcop=20 Mt/y'. May be given again."),
]  # fmt: skip
OverOption = Annotated[
    str,
    typer.Option("--over", metavar="KIND", help="What one decision closes: a leg, component, node, route, country, "
                 "chokepoint, operator or group."),
]  # fmt: skip
EconomicOption = Annotated[
    bool, typer.Option("--economic", help="Let fields shut in when exporting does not pay: money before volume.")
]
UnitOption = Annotated[
    str | None,
    typer.Option("--unit", metavar="FLOW", show_default=False,
                 help="Show flows in another unit of the same kind, kt/d for Mt/y; money is then for that time."),
]  # fmt: skip
FormatOption = Annotated[Format, typer.Option("--format", "-f", help="For people, for programs, for spreadsheets.")]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", show_default=False, help="Write into a file; - prints."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Let -o replace a file that exists.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on stderr but errors.")]


def tables_help(*names: str) -> Any:
    """The option ``--table`` of a command that has these tables."""

    def known(incomplete: str) -> list[str]:
        return [name for name in names if name.startswith(incomplete)]

    return typer.Option("--table", "-t", metavar="NAME", autocompletion=known, show_default=False,
                               help=f"One table: {', '.join(names)}.")  # fmt: skip
