"""Tables of a report: units in the heads, the exact number behind each shown one, sortable, escaped."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from routeopt.views.number_format import number

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
    keys = [one for one in columns if one.first]
    rest = columns[len(keys) :]
    filtering = (
        '<label class="filter">Only rows with <input type="search" autocomplete="off"> <output></output></label>'
        if len(frame) > LONG
        else ""
    )
    wide = len(columns) > PAPER
    screen = _whole(title, columns, len(frame), f' class="sortable" data-name="{escape(name)}"')
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
        html += f'<div class="block paper">{_whole(said, keys + rest[at : at + step], len(frame), "")}</div>'
    return html


@dataclass(frozen=True)
class _Column:
    """Head, unit, values, whether it names the rows, and finished HTML for its cells, if there is any."""

    head: str
    unit: str
    values: Sequence[Any]
    first: bool
    ready: Sequence[str] | None = None

    @property
    def numeric(self) -> bool:
        known = [value for value in self.values if not _missing(value)]
        return self.ready is None and bool(known) and all(_is_number(value) for value in known)


def _columns(frame: pandas.DataFrame, units: Mapping[str, str], ready: Mapping[str, Sequence[str]]) -> list[_Column]:
    keys = [key if isinstance(key, tuple) else (key,) for key in frame.index]
    found = [_Column(_head(head), "", [key[i] for key in keys], True) for i, head in enumerate(frame.index.names)]
    for place, head in enumerate(frame.columns):
        values = list(frame.iloc[:, place])
        found.append(_Column(_head(head), units.get(head, ""), values, False, ready.get(head)))
    return found


def _whole(title: str, columns: Sequence[_Column], rows: int, attributes: str) -> str:
    numeric = [one.numeric for one in columns]
    heads = "".join(_th(one, is_number, bool(attributes)) for one, is_number in zip(columns, numeric, strict=True))
    body = "".join(
        "<tr>" + "".join(_td(one, i, is_number) for one, is_number in zip(columns, numeric, strict=True)) + "</tr>"
        for i in range(rows)
    )
    head = f"<caption>{escape(title)}</caption><thead><tr>{heads}</tr></thead>"
    return f"<table{attributes}>{head}<tbody>{body}</tbody></table>"


def link(url: str, text: str) -> str:
    """A link, if the address is one of the web; the text alone otherwise."""
    if not url.lower().startswith(("http://", "https://")):
        return escape(text)
    return f'<a href="{escape(url)}" rel="noreferrer">{escape(text)}</a>'


def _head(name: object) -> str:
    parts = name if isinstance(name, tuple) else (name,)
    return " ".join(str(part) for part in parts if part not in (None, ""))


def _is_number(value: Any) -> bool:
    plain = value.item() if hasattr(value, "item") else value
    return isinstance(plain, int | float) and not isinstance(plain, bool)


def _missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _th(column: _Column, numeric: bool, sortable: bool) -> str:
    look = "" if numeric else ' class="w"'
    below = escape({"share": "%", "1": ""}.get(column.unit, column.unit))
    said = f" <small>{below}</small>" if below else ""
    head = escape(column.head.replace("_", " ")) or "id"
    if not sortable:
        return f'<th scope="col"{look}>{head}{said}</th>'
    kind = "number" if numeric else "words"
    return f'<th scope="col"{look} data-kind="{kind}" aria-sort="none"><button type="button">{head}</button>{said}</th>'


def _td(column: _Column, row: int, numeric: bool) -> str:
    value = column.values[row]
    tag, scope = ("th", ' scope="row"') if column.first else ("td", "")
    if column.ready is not None:
        return f'<{tag}{scope} class="w long">{column.ready[row]}</{tag}>'
    if _is_number(value):
        plain = value.item() if hasattr(value, "item") else value
        shown = number(100.0 * plain if column.unit == "share" else plain)
        look = "" if numeric else ' class="w"'
        exact = "" if _missing(plain) else repr(plain).replace("inf", "Infinity")
        return f'<{tag}{scope}{look} data-v="{exact}">{escape(shown)}</{tag}>'
    if day := _date(value):
        return f'<{tag}{scope} class="w date">{day}</{tag}>'
    text = "" if _missing(value) else number(value)
    inside = escape(text)
    if column.first:  # ids may be broken after a dot
        look = "w long" if len(text) > _ID else "w"
        return f'<th scope="row" class="{look}">{inside.replace(".", ".<wbr>")}</th>'
    return f'<td class="{"w long" if len(text) > _WIDE else "w"}">{inside}</td>'


def _date(value: Any) -> str:
    """A moment without its time, if that is midnight."""
    if not isinstance(value, dt.datetime):
        return ""
    return f"{value:%Y-%m-%d}" if value.time() == dt.time() else f"{value:%Y-%m-%d %H:%M}"
