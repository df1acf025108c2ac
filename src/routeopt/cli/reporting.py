"""``routeopt report``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from routeopt.cli.guard import guarded
from routeopt.cli.options import (
    BuildOption,
    CloseOption,
    EconomicOption,
    ForceOption,
    QuietOption,
    ScenarioArgument,
    SystemArgument,
    UnitOption,
)
from routeopt.cli.printing import STDOUT
from routeopt.cli.progress import waiting
from routeopt.cli.reading import closures, pairs, read_system

__all__ = ["report"]


@guarded
def report(
    system: SystemArgument,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The page, FILE.html; - prints it.")],
    scenario: ScenarioArgument = None,
    close: CloseOption = None,
    build: BuildOption = None,
    economic: EconomicOption = False,
    foresight: Annotated[str, typer.Option(help="Where the scenario has a horizon: perfect or myopic.")] = "perfect",
    unit: UnitOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """One page to send on: map, flows, curves, sortable tables, sources, certificate. It needs no network."""
    cut, built = closures(close), pairs(build, "--build", "tcop=20 Mt/y")
    from routeopt.allocation import allocate
    from routeopt.files.atomic import check_place

    if output != STDOUT:
        check_place(output, force)
    loaded = read_system(system, unit)
    with waiting(f"solving {scenario or 'the base'}", quiet):
        plan = allocate(loaded, scenario, close=cut, build=built, economic=economic, foresight=foresight)
    with waiting("drawing", quiet):
        if output == STDOUT:
            from routeopt.views.report import page

            sys.stdout.write(page(plan))
            return
        made = plan.report(output, overwrite=force)
    if not quiet:
        print(f"wrote {made}", file=sys.stderr)
