"""Tables of a report: units in the heads, the exact number behind each shown one, sortable, escaped."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from routeopt.views.words import number

if TYPE_CHECKING:
    import pandas

__all__ = ["link", "table"]

LONG = 20
"""A table with more rows gets a field to filter them."""
_WIDE = 40
"""A text of more characters may be broken into lines."""


def table(
    name: str, title: str, frame: pandas.DataFrame, units: Mapping[str, str],
    links: Mapping[str, Sequence[str]] | None = None,
) -> str:  # fmt: skip
    """A data frame as a sortable table.

    Parameters
    ----------
    name, title : str
        For the page's own use, and for people.
    frame : pandas.DataFrame
    units : mapping of str to str
        Column -> unit; shares are shown in per cent.
    links : mapping of str to sequence of str, optional
        Column -> finished HTML for each of its cells.

    Returns
    -------
    str
        HTML in which ``data-v`` of a cell is its number without rounding.

    Examples
    --------
    >>> import pandas
    >>> html = table("t", "Flows", pandas.DataFrame({"flow": [1.23456]}, ["<a>"]), {"flow": "Mt/y"})
    >>> "&lt;a&gt;" in html, 'data-v="1.23456">1.23<' in html, "Mt/y" in html
    (True, True, True)
    """
    ready = dict(links or {})
    keys = [key if isinstance(key, tuple) else (key,) for key in frame.index]
    columns: list[tuple[str, str, list[Any], bool]] = [
        (_head(head), "", [key[i] for key in keys], True) for i, head in enumerate(frame.index.names)
    ]
    for place, head in enumerate(frame.columns):
        columns.append((_head(head), units.get(head, ""), list(frame.iloc[:, place]), False))
    kinds = ["words" if head in ready else _kind(values) for head, _, values, _ in columns]
    heads = "".join(
        _th(head, unit, kind) for (head, unit, _, _), kind in zip(columns, kinds, strict=True)
    )  # fmt: skip
    rows = []
    for i in range(len(frame)):
        cells = []
        for (head, unit, values, first), kind in zip(columns, kinds, strict=True):
            inside = ready[head][i] if head in ready else None
            cells.append(_td(values[i], unit, kind, first, inside))
        rows.append(f"<tr>{''.join(cells)}</tr>")
    filtering = (
        f'<label class="filter">Only rows with <input type="search" autocomplete="off"> <output></output></label>'
        if len(rows) > LONG else ""
    )  # fmt: skip
    return (
        f'<div class="block">{filtering}<div class="scroll" tabindex="0" role="region" aria-label="{escape(title)}">'
        f'<table class="sortable" data-name="{escape(name)}"><caption>{escape(title)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div></div>"
    )


def link(url: str, text: str) -> str:
    """A link, if the address is one of the web; the text alone otherwise."""
    if not url.lower().startswith(("http://", "https://")):
        return escape(text)
    return f'<a href="{escape(url)}" rel="noreferrer">{escape(text)}</a>'


def _head(name: object) -> str:
    parts = name if isinstance(name, tuple) else (name,)
    return " ".join(str(part) for part in parts if part not in (None, ""))


def _kind(values: Sequence[Any]) -> str:
    known = [value for value in values if not _missing(value)]
    return "number" if known and all(_is_number(value) for value in known) else "words"


def _is_number(value: Any) -> bool:
    plain = value.item() if hasattr(value, "item") else value
    return isinstance(plain, int | float) and not isinstance(plain, bool)


def _missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _th(head: str, unit: str, kind: str) -> str:
    look = "" if kind == "number" else ' class="w"'
    below = escape("%" if unit == "share" else unit)
    said = f" <small>{below}</small>" if below else ""
    return (
        f'<th scope="col"{look} data-kind="{kind}" aria-sort="none"><button type="button">'
        f"{escape(head.replace('_', ' ')) or 'id'}</button>{said}</th>"
    )


def _td(value: Any, unit: str, kind: str, first: bool, inside: str | None) -> str:
    tag, scope = ("th", ' scope="row"') if first else ("td", "")
    if inside is not None:
        return f'<{tag}{scope} class="w long">{inside}</{tag}>'
    if _is_number(value):
        plain = value.item() if hasattr(value, "item") else value
        shown = number(100.0 * plain if unit == "share" else plain)
        look = "" if kind == "number" else ' class="w"'
        exact = "" if _missing(plain) else repr(plain).replace("inf", "Infinity")
        return f'<{tag}{scope}{look} data-v="{exact}">{escape(shown)}</{tag}>'
    text = _date(value) or ("" if _missing(value) else number(value))
    look = "w long" if len(text) > _WIDE else "w"
    return f'<{tag}{scope} class="{look}">{escape(text)}</{tag}>'


def _date(value: Any) -> str:
    """A moment without its time, if that is midnight."""
    if not isinstance(value, dt.datetime):
        return ""
    return f"{value:%Y-%m-%d}" if value.time() == dt.time() else f"{value:%Y-%m-%d %H:%M}"
