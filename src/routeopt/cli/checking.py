"""``routeopt check``: every mistake of a file, with its place and what to write instead."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from routeopt.cli import codes
from routeopt.cli.guard import guarded
from routeopt.cli.options import ForceOption, FormatOption, OutputOption, QuietOption
from routeopt.cli.printing import Format, How, show, write
from routeopt.cli.reading import bundled_names, is_path, read_system, system_named
from routeopt.cli.text import clean
from routeopt.errors import InputError, Problem
from routeopt.results import Digest, Figure, Table

if TYPE_CHECKING:
    import pandas

    from routeopt.system import ExportSystem

__all__ = ["check"]


@guarded
def check(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", show_default=False, help="Files of systems or scenarios, or a name."),
    ],
    system: Annotated[
        str | None,
        typer.Option("--system", show_default=False,
                     help="The system that scenarios are for. Without it the one that the file names is looked for "
                     "beside the file, in the folder above it, and among those that come with routeopt."),
    ] = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:  # fmt: skip
    """Find every mistake in files of systems and scenarios.

    Each comes as FILE:LINE:COLUMN with what to write instead. Exit code 3 if there are any.
    """
    how = How(format, None, output, force, quiet).check()
    given = None if system is None else read_system(system)
    problems: list[Problem] = []
    said: list[str] = []
    for name in files:
        try:
            said.append(_checked(name, given))
        except InputError as error:
            problems += error.problems
    if how.format is Format.table:
        lines = [clean(str(problem)) for problem in problems]
        lines += [f"{len(problems)} mistake{'s' if len(problems) > 1 else ''}"] if problems else []
        write("".join(f"{line}\n" for line in [*([] if quiet else said), *lines]), how)
    else:
        table = Table("problems", "Mistakes", _frame(problems), {"number": "1", "line": "1", "column": "1"})
        figures = (Figure("mistakes", len(problems), "1"),)
        show(Digest("Mistakes", "", figures, (table,), tuple(said)), how, {"command": "check", "files": files})
    if problems:
        sys.stdout.flush()
        raise typer.Exit(codes.INPUT)


def _checked(name: str, system: ExportSystem | None) -> str:
    """What is in a file without a mistake; raises InputError with all of them."""
    from routeopt.files import load, load_scenarios
    from routeopt.files.reader import read_file

    path = Path(name) if is_path(name) or name not in bundled_names() else system_named(name)
    data = read_file(path).data if path.suffix in (".yaml", ".yml") or path.exists() else None
    if isinstance(data, dict) and ("routeopt-scenarios" in data or ("scenarios" in data and "nodes" not in data)):
        wanted = data.get("system")
        owner = system or _owner(path, wanted if isinstance(wanted, str) else None)
        found = load_scenarios(path, owner)
        against = f"for the system {owner.name}" if owner else (
            "not checked against a system, since none was found; name it with --system"
        )  # fmt: skip
        return f"{name}: {len(found)} scenarios, {against}: no mistake"
    loaded = load(path)
    return (f"{name}: system {loaded.name}, {len(loaded.nodes)} nodes, {len(loaded.legs)} legs, "
            f"{len(loaded.scenarios)} scenarios: no mistake")  # fmt: skip


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
    """A system without its scenarios, in which the mistakes may be that are looked for."""
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
