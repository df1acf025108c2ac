"""All commands together."""

from __future__ import annotations

from typing import Annotated

import typer

from routeopt import __version__
from routeopt.cli.commands import contingencies, expand, report, show, simulate, solve, sources, stress, worst_case
from routeopt.cli.doctor import doctor
from routeopt.cli.files import check, new, schema
from routeopt.cli.terminal import MEANINGS

__all__ = ["app"]

_CODES = "\n".join(f"  {code:<4} {meaning}" for code, meaning in MEANINGS.items())
_EPILOG = f"\b\nExit codes:\n{_CODES}"

app = typer.Typer(
    name="routeopt", epilog=_EPILOG, rich_markup_mode=None, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)  # fmt: skip


@app.callback(invoke_without_command=True, epilog=_EPILOG)
def root(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", "-V", is_eager=True, help="Show the version.")] = False,
) -> None:
    """Allocate crude exports to routes, close routes, and measure what is lost.

    SYSTEM is a system that comes with routeopt (such as kazakhstan), or a path that ends in .yaml or contains a
    separator. Results go to stdout as a table, JSON or CSV; progress and errors go to stderr.
    """
    if version:
        typer.echo(f"routeopt {__version__}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit


for _command in (
    new, check, show, sources, solve, stress, contingencies, simulate, worst_case, expand, report, schema, doctor,
):  # fmt: skip
    app.command(_command.__name__.replace("_", "-"))(_command)
