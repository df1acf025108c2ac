"""Commands about files: ``new``, ``check`` and ``schema``."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from routeopt.cli.command import Asked, command
from routeopt.cli.options import Format, is_path, read_system, usage
from routeopt.cli.terminal import INPUT, clean
from routeopt.errors import FileError, InputError, Problem
from routeopt.results import Digest, Figure, Table, counted

if TYPE_CHECKING:
    import pandas

    from routeopt.system import ExportSystem

__all__ = ["check", "new", "schema"]

_STARTERS = {".yaml": "starter.yaml", ".scenarios.yaml": "starter.scenarios.yaml"}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


class Kind(StrEnum):
    """The two kinds of file."""

    system = "system"
    scenarios = "scenarios"


@command(lacks="system unit table format")
def schema(
    asked: Asked,
    kind: Annotated[Kind, typer.Argument(help="Kind of file.")],
) -> str:
    """Print the JSON Schema of a kind of file.

    Editors use it to complete and check while you type.
    """
    from routeopt.files.schemas import schema_text

    return schema_text(kind.value)


@command(lacks="system unit table format output")
def new(
    asked: Asked,
    path: Annotated[Path, typer.Argument(metavar="FILE.yaml", help="The system file; scenarios go beside it.")],
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
) -> None:
    """Write a small example system and its scenarios, to edit.

    FILE.yaml holds the system and FILE.scenarios.yaml beside it the scenarios, both with comments. Existing files are
    not replaced.
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
    if not asked.quiet:
        for file in written:
            print(f"wrote {file}", file=sys.stderr)
        shown = str(path)
        print(
            f"try: routeopt check {shown}; routeopt solve {shown}; routeopt solve {shown} main-closed", file=sys.stderr
        )


@command(lacks="system unit table")
def check(
    asked: Asked,
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="System or scenario files, or a system name.")],
    system: Annotated[
        str | None,
        typer.Option("--system",
                     help="The system that scenarios are for. Default: the one that the file names, searched "
                     "beside the file, in the folder above it, and among those that come with routeopt."),
    ] = None,
) -> Digest | str:  # fmt: skip
    """Find every error in system and scenario files.

    Each is reported as FILE:LINE:COLUMN with a fix. Exit code 3 if there are any.
    """
    given = None if system is None else read_system(system)
    problems: list[Problem] = []
    said: list[str] = []
    for name in files:
        try:
            said.append(_checked(name, given))
        except InputError as error:
            problems += error.problems
    asked.code = INPUT if problems else asked.code
    if asked.format is Format.table:
        lines = [] if asked.quiet else said
        lines += [clean(str(problem)) for problem in problems]
        lines += [counted(len(problems), "error")] if problems else []
        return "\n".join(lines)
    table = Table("problems", "Errors", _frame(problems), {"number": "1", "line": "1", "column": "1"})
    return Digest("Errors", "", (Figure("errors", len(problems), "1"),), (table,), tuple(said))


def _checked(name: str, system: ExportSystem | None) -> str:
    """What is in a file without errors; raises InputError with all of them."""
    from routeopt.files import bundled_systems, load, load_scenarios
    from routeopt.files.reader import read_file

    path = Path(name if is_path(name) else bundled_systems().get(name, name))
    data = read_file(path).data if path.suffix in (".yaml", ".yml") or path.exists() else None
    if isinstance(data, dict) and ("routeopt-scenarios" in data or ("scenarios" in data and "nodes" not in data)):
        wanted = data.get("system")
        owner = system or _owner(path, wanted if isinstance(wanted, str) else None)
        found = load_scenarios(path, owner)
        against = f"for the system {owner.name}" if owner else (
            "not checked against a system, since none was found; name it with --system"
        )  # fmt: skip
        return f"{name}: {counted(len(found), 'scenario')}, {against}: no errors"
    loaded = load(path)
    return (f"{name}: system {loaded.name}, {counted(len(loaded.nodes), 'node')}, "
            f"{counted(len(loaded.legs), 'leg')}, {counted(len(loaded.scenarios), 'scenario')}: no errors")  # fmt: skip


def _owner(path: Path, name: str | None) -> ExportSystem | None:
    """The system that a file of scenarios belongs to, if it can be found and read."""
    from routeopt.files import bundled_systems

    candidates: list[Path] = []
    if path.name.endswith(".scenarios.yaml"):
        candidates.append(path.with_name(path.name.removesuffix(".scenarios.yaml") + ".yaml"))
    if name is not None:
        folders = [path.parent, path.parent.parent] if path.parent.name == "scenarios" else [path.parent]
        candidates += [file for folder in folders for file in sorted(folder.glob("*.yaml")) if file.stem == name]
        candidates += [file for known, file in bundled_systems().items() if known == name]
    for file in candidates:
        if file.resolve() == path.resolve() or not file.is_file():
            continue
        found = _system_alone(file)
        if found is not None and name in (None, found.name):
            return found
    return None


def _system_alone(file: Path) -> ExportSystem | None:
    """A system without its scenarios, in which the errors may be that are looked for."""
    from routeopt.files.reader import read_file
    from routeopt.system import ExportSystem

    data = read_file(file).data
    return ExportSystem.from_dict(data) if isinstance(data, dict) and "nodes" in data else None


def _frame(problems: list[Problem]) -> pandas.DataFrame:
    import pandas

    rows = [
        {
            "file": problem.file, "line": problem.line, "column": problem.column,
            "path": ".".join(map(str, problem.path)), "message": problem.message, "hint": problem.hint,
            "code": problem.code,
        }
        for problem in problems
    ]  # fmt: skip
    columns = ["file", "line", "column", "path", "message", "hint", "code"]
    numbers = pandas.RangeIndex(1, len(rows) + 1, name="number")
    return pandas.DataFrame(rows, index=numbers, columns=columns)
