"""What every command does: read the system, ask, show the answer as it was asked for, and leave with an exit code."""

from __future__ import annotations

import functools
import inspect
import io
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from routeopt import __version__
from routeopt.cli import terminal
from routeopt.cli.options import SHARED, STDOUT, Format, read_system, tables_help, usage
from routeopt.cli.table import page
from routeopt.cli.terminal import clean, screen_width, waiting, wrapped
from routeopt.errors import InputError, Problem, RouteoptError, did_you_mean
from routeopt.results import Digest, Result, plain

if TYPE_CHECKING:
    from routeopt.system import ExportSystem

__all__ = ["Asked", "command"]

_IN_SHELL_WORDS = {
    r"write overwrite=True": "add --force",
    r"name a regular file": "name a regular file, or write -o - to print",
    r"load_scenarios": "check, with the system's own file beside it",
    r"foresight='perfect'": "--foresight perfect",
    r"write load\((?:pathlib\.Path\()?'(.*)'\)+": r"write ./\1",
}
"""Hints of the library speak Python; here they speak shell."""


@dataclass
class Asked:
    """What a command was asked: of which system, and how and where the answer is wanted."""

    source: str
    unit: str | None
    table: str | None
    format: Format
    output: Path | None
    force: bool
    quiet: bool
    code: int = terminal.OK
    """The exit code, if all goes well."""

    @cached_property
    def system(self) -> ExportSystem:
        """The system, read when it is first looked at, showing flows in the unit that was asked for."""
        return read_system(self.source, self.unit)

    def waiting(self, what: str, bar: bool = False) -> AbstractContextManager[None]:
        """See `routeopt.cli.terminal.waiting`."""
        return waiting(what, self.quiet, bar)

    def check(self, tables: tuple[str, ...]) -> None:
        """Refuse now what could not be written after the work."""
        if self.table is not None and self.table not in tables:
            raise usage(f"there is no table {self.table!r}; {did_you_mean(self.table, tables, other='tables')}",
                        "--table")  # fmt: skip
        if self.output == STDOUT:
            self.output = None
        if self.output is not None:
            from routeopt.files.atomic import check_place

            check_place(self.output, self.force)


def command(*tables: str, lacks: str = "") -> Callable[[Callable[..., Result | Digest | str | None]],
                                                       Callable[..., None]]:  # fmt: skip
    """Make a command of a function that takes what was `Asked` and options of its own, and returns an answer.

    The command has the argument SYSTEM, the function's own options, and those of `SHARED`, which are the same
    everywhere, but for those in ``lacks``; one of its own of the same name stands in. Where the answer goes is checked
    before the function is called. ``tables`` names the tables that the digest of the answer may have: known before
    the work, for help and completion. Text is written as it is.
    """

    def made(ask: Callable[..., Result | Digest | str | None]) -> Callable[..., None]:
        own = {one.name: one for one in list(inspect.signature(ask, eval_str=True).parameters.values())[1:]}
        shared = {name: one for name, one in SHARED.items() if name not in lacks.split() and name not in own}
        if "table" in shared:
            shared["table"] = (Annotated[str | None, tables_help(*tables)], None)
        kind = inspect.Parameter.KEYWORD_ONLY
        listed = {
            name: inspect.Parameter(
                name, kind, annotation=hint, default=inspect.Parameter.empty if value is ... else value
            )
            for name, (hint, value) in shared.items()
        }
        first = {"system": listed.pop("system")} if "system" in listed else {}
        parameters = [*first.values(), *(one.replace(kind=kind) for one in own.values()), *listed.values()]

        def run(**given: Any) -> None:
            wanted: dict[str, Any] = {name: given.get(name, value) for name, (_, value) in SHARED.items()}
            wanted["source"] = wanted.pop("system")
            with _exit_codes():
                asked = Asked(**wanted)
                asked.check(tables)
                options = {name: given[name] for name in own}
                answer = ask(asked, **options)
                if answer is not None:
                    about = {"command": ask.__name__.replace("_", "-")}
                    about |= {"system": asked.system.name} if first else {}
                    with asked.waiting("reading the answer"):
                        parts = _rendered(answer, asked, about | options)
                    _put(parts, asked)
            if asked.code:
                raise typer.Exit(asked.code)

        functools.update_wrapper(run, ask)
        attributes = vars(run)
        del attributes["__wrapped__"]
        attributes["__signature__"] = inspect.Signature(parameters)
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        return run

    return made


Parts = list[tuple[str, str]]
"""An answer piece by piece: what it is (title, words, table, note; empty for a gap, or a whole file), and its text."""


def _rendered(answer: Result | Digest | str, asked: Asked, about: Mapping[str, Any]) -> Parts:
    """An answer in the format that was asked for; ``about`` is what was asked, for JSON."""
    if isinstance(answer, str):
        return [("", answer.removesuffix("\n"))] if answer else []
    from routeopt.views import writers

    shown = answer.digest() if isinstance(answer, Result) else answer
    if asked.table is not None:
        shown = replace(shown, tables=(shown.table(asked.table),))
    if asked.format is Format.csv:
        return [("", writers.csv_text(shown.table()).removesuffix("\n"))]
    if asked.format is Format.json:
        data = {"routeopt": __version__, **{key: plain(value) for key, value in about.items()}}
        data |= writers.document(shown)
        data |= {"manifest": answer.manifest} if isinstance(answer, Result) else {}
        # Any reader takes escapes; letters themselves only where the stream can hold them.
        every = asked.output is not None or (sys.stdout.encoding or "").lower().startswith("utf")
        return [("", writers.json_text(data, ascii_only=not every))]
    width = screen_width() if asked.output is None else 120
    if asked.table is None and hasattr(answer, "summary"):
        return [("words", wrapped(clean(answer.summary()), width))]
    return page(shown, width, alone=asked.table is not None)


def _put(parts: Parts, asked: Asked) -> None:
    """Put an answer where it was asked for."""
    text = "".join(f"{text}\n" for _, text in parts)
    if asked.output is not None:
        from routeopt.files.atomic import write_text

        write_text(asked.output, text, overwrite=asked.force)
        if not asked.quiet:
            print(f"wrote {asked.output}", file=sys.stderr)
    elif asked.format is not Format.table or not any(kind for kind, _ in parts):
        sys.stdout.write(text)
    else:
        from rich.text import Text

        screen = terminal.console()
        for kind, text in parts:
            before = ""
            for line in text.split("\n"):
                head = kind == "title" or (kind == "table" and not before)
                before = line
                screen.print(Text(line, style="bold" if head else "dim" if kind == "note" else ""), soft_wrap=True)


@contextmanager
def _exit_codes() -> Iterator[None]:
    """Errors become messages on stderr and exit codes, whatever happens within."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # letters that a terminal lacks are shown as numbers
            stream.reconfigure(errors="backslashreplace")
    try:
        yield
        sys.stdout.flush()
        return
    except (typer.Exit, typer.BadParameter):
        raise
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        code = terminal.INTERRUPTED
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)  # the interpreter's last flush goes there and does not complain
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        code = terminal.BROKEN_PIPE
    except InputError as error:
        code = _said(terminal.INPUT, *map(_shell, error.problems))
    except RouteoptError as error:
        code = _said(terminal.SOLVE, str(error))
    except MemoryError:
        code = _said(terminal.UNEXPECTED, "not enough memory; ask for less at a time")
    except OSError as error:
        code = _said(terminal.UNEXPECTED, f"the operating system refused: {error.strerror or error}")
    except Exception:
        traceback.print_exc()
        code = _said(terminal.UNEXPECTED, "this is a bug in routeopt, not in your input; please report it "
                     "with the lines above")  # fmt: skip
    raise typer.Exit(code)


def _said(code: int, *lines: str) -> int:
    for text in lines:
        print(f"error: {clean(text)}", file=sys.stderr)
    return code


def _shell(problem: Problem) -> str:
    text = str(problem)
    for python, shell in _IN_SHELL_WORDS.items():
        text = re.sub(python, shell, text)
    return text
