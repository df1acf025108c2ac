"""``routeopt schema`` and ``new``: the beginnings of files of your own."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from routeopt.cli.guard import guarded, usage
from routeopt.cli.options import ForceOption, OutputOption, QuietOption
from routeopt.cli.printing import How, write
from routeopt.errors import FileError, Problem

__all__ = ["new", "schema"]

_STARTERS = {".yaml": "starter.yaml", ".scenarios.yaml": "starter.scenarios.yaml"}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


class Kind(StrEnum):
    """The two kinds of file."""

    system = "system"
    scenarios = "scenarios"


@guarded
def schema(
    kind: Annotated[Kind, typer.Argument(show_default=False, help="Of which kind of file.")],
    output: OutputOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """The JSON Schema of a kind of file.

    Editors that know it complete and check while you type.
    """
    from routeopt.files.schemas import schema_text

    how = How(output=output, force=force, quiet=quiet).check()
    write(schema_text(kind.value), how)


@guarded
def new(
    path: Annotated[
        Path,
        typer.Argument(metavar="FILE.yaml", show_default=False, help="The system's file; its scenarios go beside it."),
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Write a small system and scenarios to make your own of.

    FILE.yaml holds the system and FILE.scenarios.yaml beside it what may happen to it, both with comments. What
    exists is not replaced.
    """
    if path.suffix != ".yaml":
        raise usage(f"{str(path)!r} does not end in .yaml; write {path.stem or path.name}.yaml")
    name = path.stem
    if not _NAME.fullmatch(name):
        raise usage(f"{name!r} becomes the system's name: small letters, digits, - and _ only")
    files = {path.with_name(f"{name}{suffix}"): starter for suffix, starter in _STARTERS.items()}
    from routeopt.files import atomic

    problems: list[Problem] = []
    for file in files:
        try:
            atomic.check_place(file, overwrite=force)
        except FileError as error:
            problems += error.problems
    if problems:
        raise FileError(problems)
    written: list[Path] = []
    try:
        for file, starter in files.items():
            text = resources.files("routeopt.cli").joinpath(starter).read_text(encoding="utf-8")
            atomic.write_text(file, text.replace("my-system", name), overwrite=force)
            written.append(file)
    except BaseException:
        for file in [] if force else written:  # both or none
            file.unlink(missing_ok=True)
        raise
    if not quiet:
        for file in written:
            print(f"wrote {file}", file=sys.stderr)
        shown = str(path)
        print(
            f"try: routeopt check {shown}; routeopt solve {shown}; routeopt solve {shown} main-closed", file=sys.stderr
        )
