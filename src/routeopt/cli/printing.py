"""The one place that turns a page into a table, JSON or CSV, and puts it where it was asked for."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routeopt import __version__
from routeopt.cli.guard import usage
from routeopt.cli.page import Page, Sheet
from routeopt.cli.table import flat, plain, table_text
from routeopt.cli.text import clean, screen_width, wrapped
from routeopt.errors import did_you_mean

if TYPE_CHECKING:
    import pandas

__all__ = ["STDOUT", "Format", "How", "show", "write"]

STDOUT = Path("-")
"""What `-o` takes for standard output."""


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


def show(page: Page, how: How) -> None:
    """Print a page, or write it into a file."""
    if how.format is Format.json:
        write(_json(page, how) + "\n", how)
    elif how.format is Format.csv:
        write(_csv(_sheet(page, how)), how)
    elif how.output is not None:
        write(_text(page, how, 120) + "\n", how)
    else:
        _print(page, how)


def write(text: str, how: How) -> None:
    """Put text where it was asked for."""
    if how.output is None:
        sys.stdout.write(text)
        return
    from routeopt.files.atomic import write_text

    write_text(how.output, text, overwrite=how.force)
    if not how.quiet:
        print(f"wrote {how.output}", file=sys.stderr)


def _print(page: Page, how: How) -> None:
    from rich.text import Text

    from routeopt.cli.screen import console

    screen = console()
    for kind, text in _parts(page, how, screen_width()):
        before = ""
        for line in text.split("\n"):
            head = kind == "title" or (kind == "table" and not before)
            before = line
            screen.print(Text(line, style="bold" if head else "dim" if kind == "note" else ""), soft_wrap=True)


def _text(page: Page, how: How, width: int) -> str:
    return "\n".join(text for _, text in _parts(page, how, width))


def _parts(page: Page, how: How, width: int) -> list[tuple[str, str]]:
    """What is shown in words, part by part: (kind, text)."""
    if how.table is None and page.text is not None:
        return [("words", wrapped(clean(page.text()), width))]
    wanted = (how.table,) if how.table is not None else page.shown or tuple(page.sheets)
    named = {name: page.sheets[name] for name in wanted}
    parts: list[tuple[str, str]] = []
    if how.table is None and page.title:
        parts += [("title", wrapped(clean(page.title), width)), ("", "")]
    if how.table is None and page.values:
        values = {name: f"{_figure(value)} {unit}".strip() for name, (value, unit) in page.values.items()}
        wide = max(map(len, values))
        lines = [textwrap.fill(f"{name:{wide}}  {clean(value)}", width, subsequent_indent=" " * (wide + 2))
                 for name, value in values.items()]  # fmt: skip
        parts += [("words", "\n".join(lines)), ("", "")]
    for name, sheet in named.items():
        frame = sheet.make()
        if len(named) > 1:
            parts.append(("title", name))
        shown, units = flat(frame), _units(frame, sheet)
        parts += [("table", table_text(shown, units, width, frame.index.nlevels)), ("", "")]
    parts += [("note", wrapped(f"note: {clean(note)}", width)) for note in page.notes]
    return parts[:-1] if parts and parts[-1] == ("", "") else parts


def _figure(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
    return "" if value is None else str(value)


def _sheet(page: Page, how: How) -> Sheet:
    if not page.sheets:
        raise usage("there is no table in this answer; write --format table or json", "--format")
    return page.sheets[how.table or next(iter(page.sheets))]


def _units(frame: pandas.DataFrame, sheet: Sheet) -> Mapping[str, str]:
    """Units of the columns that there are, by their flat names; ``kind:*`` holds for every column of a kind."""
    units = {}
    for name in flat(frame.head(0)).columns:
        kind = f"{str(name).partition(':')[0]}:*"
        unit = sheet.units.get(str(name), sheet.units.get(kind))
        if unit:
            units[str(name)] = unit
    return units


def _csv(sheet: Sheet) -> str:
    """One table; the unit stands behind a column's name: ``flow [Mt/y]``. Numbers keep all their digits."""
    frame = sheet.make()
    units, shown = _units(frame, sheet), flat(frame)
    for name in shown.columns:
        if shown[name].map(lambda cell: isinstance(cell, tuple | list)).any():
            shown[name] = [" + ".join(map(str, cell)) for cell in shown[name]]
    named = {name: f"{name} [{units[name]}]" for name in shown.columns if units.get(name, "1") != "1"}
    text: str = shown.rename(columns=named).to_csv(index=False, lineterminator="\n")
    return text


def _json(page: Page, how: How) -> str:
    named = {how.table: page.sheets[how.table]} if how.table is not None else page.sheets
    tables = {}
    for name, sheet in named.items():
        frame = sheet.make()
        rows = [{str(k): plain(v) for k, v in row.items()} for row in flat(frame).to_dict("records")]
        tables[name] = {"units": dict(_units(frame, sheet)), "rows": rows}
    document = {
        "routeopt": __version__,
        "command": page.command,
        **{key: plain(value) for key, value in page.about.items()},
        "values": {key: {"value": plain(value), "unit": unit} for key, (value, unit) in page.values.items()},
        "notes": list(page.notes),
        "tables": tables,
    }
    # Any reader takes escapes; letters themselves only where the stream can hold them.
    every = how.output is not None or (sys.stdout.encoding or "").lower().startswith("utf")
    return json.dumps(document, indent=1, ensure_ascii=not every, allow_nan=False)
