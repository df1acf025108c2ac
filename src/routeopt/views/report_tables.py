"""Tables of a report: units in the heads, the exact number behind each shown one, sortable, escaped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from routeopt.results import cells

if TYPE_CHECKING:
    import pandas

__all__ = ["link", "table"]

LONG = 20
"""A table with more rows gets a field to filter them."""
_WIDE = 40
"""A text of more characters may be broken into lines."""
_ID = 30
"""The same of an id on paper."""
PAPER = 12
"""What has more columns is printed in parts."""


def table(
    name: str, title: str, frame: pandas.DataFrame, units: Mapping[str, str],
    links: Mapping[str, Sequence[str]] | None = None,
) -> str:  # fmt: skip
    """A data frame as a sortable table in HTML, in which ``data-v`` of a cell is its number without rounding.

    ``name`` is for the page's own use; ``units`` has those of columns, shares are shown in per cent; ``links`` has
    finished HTML for each cell of a column.

    Examples
    --------
    >>> import pandas
    >>> html = table("t", "Flows", pandas.DataFrame({"flow": [1.23456]}, ["<a>"]), {"flow": "Mt/y"})
    >>> "&lt;a&gt;" in html, 'data-v="1.23456">1.23<' in html, "Mt/y" in html
    (True, True, True)
    """
    columns = _columns(frame, units, dict(links or {}))
    keys, rest = columns[: frame.index.nlevels], columns[frame.index.nlevels :]
    filtering = (
        '<label class="filter">Only rows with <input type="search" autocomplete="off"> <output></output></label>'
        if len(frame) > LONG
        else ""
    )
    wide = len(columns) > PAPER
    screen = _whole(title, columns, f' class="sortable" data-name="{escape(name)}"')
    html = (
        f'<div class="block{" screen" if wide else ""}">{filtering}<div class="scroll" tabindex="0" role="region" '
        f'aria-label="{escape(title)}">{screen}</div></div>'
    )
    if not wide:
        return html
    step = PAPER - len(keys)
    places = range(0, len(rest), step)
    for part, at in enumerate(places, 1):
        said = f"{title}, part {part} of {len(places)}"
        html += f'<div class="block paper">{_whole(said, keys + rest[at : at + step], "")}</div>'
    return html


class _Column(NamedTuple):
    """Head, unit, cells as HTML, and whether they are numbers."""

    head: str
    unit: str
    cells: Sequence[str]
    numeric: bool


def _columns(frame: pandas.DataFrame, units: Mapping[str, str], ready: Mapping[str, Sequence[str]]) -> list[_Column]:
    parts: list[tuple[Any, Any, bool]] = [
        (head, frame.index.get_level_values(level), True) for level, head in enumerate(frame.index.names)
    ]
    parts += [(head, frame.iloc[:, place], False) for place, head in enumerate(frame.columns)]
    found = []
    for head, values, first in parts:
        unit, texts, numeric = cells(list(values), units.get(head, ""))
        if not first and head in ready:
            shown, numeric = [f'<td class="w long">{cell}</td>' for cell in ready[head]], False
        else:
            shown = [_cell(value, text, numeric, first) for value, text in zip(values, texts, strict=True)]
        name = " ".join(str(part) for part in (head if isinstance(head, tuple) else (head,)) if part not in (None, ""))
        found.append(_Column(name, unit, shown, numeric))
    return found


def _whole(title: str, columns: Sequence[_Column], attributes: str) -> str:
    heads = "".join(_th(one, bool(attributes)) for one in columns)
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*(one.cells for one in columns), strict=True))
    head = f"<caption>{escape(title)}</caption><thead><tr>{heads}</tr></thead>"
    return f"<table{attributes}>{head}<tbody>{body}</tbody></table>"


def link(url: str, text: str) -> str:
    """A link, if the address is one of the web; the text alone otherwise."""
    if not url.lower().startswith(("http://", "https://")):
        return escape(text)
    return f'<a href="{escape(url)}" rel="noreferrer">{escape(text)}</a>'


def _th(column: _Column, sortable: bool) -> str:
    look = "" if column.numeric else ' class="w"'
    said = f" <small>{escape(column.unit)}</small>" if column.unit else ""
    head = escape(column.head.replace("_", " ")) or "id"
    if not sortable:
        return f'<th scope="col"{look}>{head}{said}</th>'
    kind = "number" if column.numeric else "words"
    return f'<th scope="col"{look} data-kind="{kind}" aria-sort="none"><button type="button">{head}</button>{said}</th>'


def _cell(value: Any, text: str, numeric: bool, first: bool = False) -> str:
    """One cell; behind a number stands all of it, and what names a row may be broken after a dot."""
    value = value.item() if hasattr(value, "item") else value
    tag, scope = ("th", ' scope="row"') if first else ("td", "")
    if isinstance(value, int | float) and not isinstance(value, bool):
        exact = "" if value != value else repr(value).replace("inf", "Infinity")
        look = "" if numeric else ' class="w"'
        return f'<{tag}{scope}{look} data-v="{exact}">{escape(text)}</{tag}>'
    if isinstance(value, dt.date):
        return f'<{tag}{scope} class="w date">{escape(text)}</{tag}>'
    look = "w long" if len(text) > (_ID if first else _WIDE) else "w"
    shown = escape(text).replace(".", ".<wbr>") if first else escape(text)
    return f'<{tag}{scope} class="{look}">{shown}</{tag}>'
