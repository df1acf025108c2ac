"""A digest as text that fits a terminal: columns for which there is no room go below, numbers are never cut."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from routeopt.cli.terminal import clean, wrapped
from routeopt.results import Digest, cells, spoken

if TYPE_CHECKING:
    import pandas

__all__ = ["page", "table_text"]

_GAP = 2
_SHORTEST = 12
_ENOUGH = 24
"""Room in which a long text is folded rather than put below."""


def page(shown: Digest, width: int, alone: bool) -> list[tuple[str, str]]:
    """Title, figures, first table and notes, or the table alone, piece by piece: what it is, and its text."""
    first, *more = shown.tables
    notes = list(shown.notes)
    parts: list[tuple[str, str]] = []
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


def table_text(frame: pandas.DataFrame, units: Mapping[str, str], width: int, keys: int = 1) -> str:
    """A table in columns of a fixed width, units in the second line.

    Parameters
    ----------
    frame : pandas.DataFrame
        Flat, as `routeopt.results.Table.flat` makes it.
    units : mapping of str to str
        By column; shares are shown in per cent, large sums of money in millions.
    width : int
        Where what does not fit goes below, with the first columns again.
    keys : int
        How many first columns say what a row is.
    """
    if frame.empty:
        return "(nothing)"
    columns = [_column(str(name), frame[name].tolist(), units.get(str(name), "")) for name in frame.columns]
    heads = [_folded(head, max(_SHORTEST, width * 3 // 5)) for head in columns[:keys]]
    room = max(_SHORTEST, width - sum(_wide(head) + _GAP for head in heads))
    blocks: list[list[Column]] = [[]]
    used = 0
    for column in columns[keys:]:
        if not any(column.cells):
            continue
        left = room - used
        if blocks[-1] and _wide(column) > left and not (column.text and left >= _ENOUGH):
            blocks.append([])
            used, left = 0, room
        blocks[-1].append(_folded(column, left))
        used += _wide(blocks[-1][-1]) + _GAP
    return "\n\n".join("\n".join(_lines([*heads, *block])) for block in blocks)


class Column(NamedTuple):
    """A column as text: its head, its unit and its cells, which may have several lines."""

    name: str
    unit: str
    cells: list[str]
    text: bool


def _wide(column: Column) -> int:
    return max(len(line) for cell in (column.name, column.unit, *column.cells) for line in cell.split("\n"))


def _folded(column: Column, width: int) -> Column:
    """A column of text no wider than that; numbers are never cut."""
    if not column.text or _wide(column) <= width:
        return column
    cells = ["\n".join(textwrap.wrap(cell, width, break_on_hyphens=False)) for cell in column.cells]
    return column._replace(cells=cells)


def _lines(columns: list[Column]) -> list[str]:
    rows = [[column.name for column in columns]]
    if any(column.unit for column in columns):
        rows.append([column.unit for column in columns])
    rows += [[column.cells[place] for column in columns] for place in range(len(columns[0].cells))]
    wide = [_wide(column) for column in columns]
    lines = []
    for row in rows:
        for parts in itertools.zip_longest(*(cell.split("\n") for cell in row), fillvalue=""):
            cells = [
                f"{part:{'<' if column.text else '>'}{size}}"
                for part, column, size in zip(parts, columns, wide, strict=True)
            ]
            lines.append((" " * _GAP).join(cells).rstrip())
    return lines


def _column(name: str, values: list[Any], unit: str) -> Column:
    unit, texts, numeric = cells(values, unit)
    shown = [clean(" ".join(text.split())) or ("-" if numeric else "") for text in texts]
    return Column(clean(name), unit, shown, not numeric)
