"""What every command about a system does: read it, ask, and show the answer in the format that was asked for."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from routeopt.cli.guard import guarded
from routeopt.cli.options import (
    ForceOption,
    FormatOption,
    OutputOption,
    QuietOption,
    SystemArgument,
    UnitOption,
    tables_help,
)
from routeopt.cli.printing import Format, How, put, rendered
from routeopt.cli.progress import waiting
from routeopt.cli.reading import read_system
from routeopt.results import Digest, Result

if TYPE_CHECKING:
    from routeopt.system import ExportSystem

__all__ = ["Asked", "command"]


@dataclass(frozen=True)
class Asked:
    """The system that a command is about, read when it is first looked at, and how the answer is wanted."""

    source: str
    unit: str | None
    how: How

    @cached_property
    def system(self) -> ExportSystem:
        """The system, showing flows in the unit that was asked for."""
        return read_system(self.source, self.unit)

    def waiting(self, what: str, bar: bool = False) -> AbstractContextManager[None]:
        """See `routeopt.cli.progress.waiting`."""
        return waiting(what, self.how.quiet, bar)


def command(*tables: str) -> Callable[[Callable[..., Result | Digest]], Callable[..., None]]:
    """Make a command of a function that takes what was `Asked` and options of its own, and returns a result.

    The command has the argument SYSTEM, the function's own options, and those for unit, table, format and file, which
    are the same everywhere. Where the result goes is checked before the function is called.

    Parameters
    ----------
    *tables : str
        Tables that the digest of the result may have: known before the work, for help and completion.
    """

    def made(ask: Callable[..., Result | Digest]) -> Callable[..., None]:
        own = list(inspect.signature(ask, eval_str=True).parameters.values())[1:]
        shared: list[tuple[str, Any, Any]] = [
            ("unit", UnitOption, None), ("table", Annotated[str | None, tables_help(*tables)], None),
            ("format", FormatOption, Format.table),
            ("output", OutputOption, None), ("force", ForceOption, False), ("quiet", QuietOption, False),
        ]  # fmt: skip
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters = [
            inspect.Parameter("system", kind, annotation=SystemArgument),
            *(one.replace(kind=kind) for one in own),
            *(inspect.Parameter(name, kind, annotation=hint, default=default) for name, hint, default in shared),
        ]

        def run(
            *, system: str, unit: str | None, table: str | None, format: Format, output: Path | None, force: bool,
            quiet: bool, **given: Any,
        ) -> None:  # fmt: skip
            asked = Asked(system, unit, How(format, table, output, force, quiet).check(tables))
            answer = ask(asked, **given)
            about = {"command": ask.__name__.replace("_", "-"), "system": asked.system.name, **given}
            with asked.waiting("reading the answer"):
                parts = rendered(answer, asked.how, about)
            put(parts, asked.how)

        functools.update_wrapper(run, ask)
        attributes = vars(run)
        del attributes["__wrapped__"]
        attributes["__signature__"] = inspect.Signature(parameters)
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        return guarded(run)

    return made
