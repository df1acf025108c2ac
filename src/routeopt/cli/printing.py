"""The one place that turns an answer into a table, JSON or CSV, and puts it where it was asked for."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from routeopt import __version__
from routeopt.cli.guard import usage
from routeopt.cli.table import table_text
from routeopt.cli.text import clean, screen_width, wrapped
from routeopt.errors import did_you_mean
from routeopt.results import Digest, Result

__all__ = ["STDOUT", "Format", "How", "put", "rendered", "show", "write"]

STDOUT = Path("-")
"""What `-o` takes for standard output."""

Parts = list[tuple[str, str]]
"""An answer piece by piece: what it is (title, words, table, note; empty for a gap, or a whole file), and its text."""


class Format(StrEnum):
    """How an answer is written."""

    table = "table"
    json = "json"
    csv = "csv"


@dataclass(frozen=True)
class How:
    """What the caller wants of the answer: format, which table, and where it goes."""

    format: Format = Format.table
    table: str | None = None
    output: Path | None = None
    force: bool = False
    quiet: bool = False

    def check(self, tables: tuple[str, ...] = ()) -> How:
        """Refuse now what could not be written after the work."""
        if self.table is not None and self.table not in tables:
            raise usage(f"there is no table {self.table!r}; {did_you_mean(self.table, tables, other='tables')}",
                        "--table")  # fmt: skip
        if self.output == STDOUT:
            return replace(self, output=None)
        if self.output is not None:
            from routeopt.files.atomic import check_place

            check_place(self.output, self.force)
        return self


def show(answer: Result | Digest, how: How, about: Mapping[str, Any]) -> None:
    """Print an answer, or write it into a file; ``about`` is what was asked, for JSON."""
    put(rendered(answer, how, about), how)


def rendered(answer: Result | Digest, how: How, about: Mapping[str, Any]) -> Parts:
    """An answer in the format that was asked for."""
    from routeopt.views import writers
    from routeopt.views.number_format import plain

    shown = answer.digest() if isinstance(answer, Result) else answer
    if how.table is not None:
        shown = replace(shown, tables=(shown.table(how.table),))
    if how.format is Format.csv:
        return [("", writers.csv_text(shown.table()).removesuffix("\n"))]
    if how.format is Format.json:
        data = {"routeopt": __version__, **{key: plain(value) for key, value in about.items()}}
        data |= writers.document(shown)
        data |= {"manifest": answer.manifest} if isinstance(answer, Result) else {}
        # Any reader takes escapes; letters themselves only where the stream can hold them.
        every = how.output is not None or (sys.stdout.encoding or "").lower().startswith("utf")
        return [("", writers.json_text(data, ascii_only=not every))]
    width = screen_width() if how.output is None else 120
    if how.table is None and hasattr(answer, "summary"):
        return [("words", wrapped(clean(answer.summary()), width))]
    return _page(shown, width, alone=how.table is not None)


def put(parts: Parts, how: How) -> None:
    """Put an answer where it was asked for."""
    if how.output is not None or how.format is not Format.table:
        write("".join(f"{text}\n" for _, text in parts), how)
        return
    from rich.text import Text

    from routeopt.cli.terminal import console

    screen = console()
    for kind, text in parts:
        before = ""
        for line in text.split("\n"):
            head = kind == "title" or (kind == "table" and not before)
            before = line
            screen.print(Text(line, style="bold" if head else "dim" if kind == "note" else ""), soft_wrap=True)


def write(text: str, how: How) -> None:
    """Put text where it was asked for."""
    if how.output is None:
        sys.stdout.write(text)
        return
    from routeopt.files.atomic import write_text

    write_text(how.output, text, overwrite=how.force)
    if not how.quiet:
        print(f"wrote {how.output}", file=sys.stderr)


def _page(shown: Digest, width: int, alone: bool) -> Parts:
    """Title, figures, first table and notes; or the table alone."""
    from routeopt.views.number_format import spoken

    first, *more = shown.tables
    notes = list(shown.notes)
    parts: Parts = []
    if not alone:
        title = f"{shown.title}: {shown.subtitle}" if shown.subtitle else shown.title
        parts += [("title", wrapped(clean(title), width)), ("", "")]
        figures = {one.label: spoken(one.value, one.unit) for one in (*shown.figures, *shown.details)}
        wide = max(map(len, figures))
        parts += [("words", textwrap.fill(f"{label:{wide}}  {clean(said)}", width, subsequent_indent=" " * (wide + 2)))
                  for label, said in figures.items()]  # fmt: skip
        parts += [("", "")]
        notes += [f"--table {', '.join(table.name for table in more)} shows more"] if more else []
    parts.append(("table", table_text(first.flat(), first.units, width, first.frame.index.nlevels)))
    parts += [("", "")] if notes else []
    return parts + [("note", wrapped(f"note: {clean(note)}", width)) for note in notes]
