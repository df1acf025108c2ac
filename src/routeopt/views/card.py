"""The card that a notebook shows: title, key figures, a small table with bars, notes; plain HTML, all escaped."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

from routeopt.results import Result, Table, cells, counted, spoken

if TYPE_CHECKING:
    import pandas

__all__ = ["card"]

ROWS, COLUMNS, NOTES = 8, 7, 3
"""At most so many are shown; what is left out is said."""

STYLE = """
.ro-card{font:14px/1.45 system-ui,sans-serif;color:inherit;max-width:62rem;margin:.3rem 0;padding:.7rem .9rem;
border:1px solid color-mix(in srgb,currentColor 25%,transparent);border-radius:.5rem;overflow-x:auto}
.ro-card .ro-t{font-weight:600;font-size:1.05rem}
.ro-card .ro-s{opacity:.7}
.ro-card .ro-f{display:flex;flex-wrap:wrap;gap:.3rem 1.6rem;margin:.5rem 0}
.ro-card .ro-f b{display:block;font-size:1.1rem;font-weight:600}
.ro-card .ro-f span{opacity:.7;font-size:.85rem}
.ro-card table{border-collapse:collapse;margin:.4rem 0;font-size:.9rem;background:transparent;color:inherit}
.ro-card th,.ro-card td{padding:.15rem .6rem;text-align:right;border:0;background:transparent;color:inherit;
font-variant-numeric:tabular-nums}
.ro-card th{font-weight:600;vertical-align:bottom;
border-bottom:1px solid color-mix(in srgb,currentColor 35%,transparent)}
.ro-card th small{font-weight:400;opacity:.7;display:block}
.ro-card td.ro-l,.ro-card th.ro-l{text-align:left}
.ro-card .ro-n{opacity:.75;font-size:.85rem;margin:.2rem 0}
.ro-card svg{vertical-align:middle}
.ro-card svg rect{fill:#0072b2}
@media (prefers-color-scheme:dark){.ro-card svg rect{fill:#56b4e9}}
"""


def card(result: Result) -> str:
    """A result as a small piece of HTML that reads well on light and on dark ground."""
    shown = result.digest()
    figures = "".join(
        f"<div><b>{escape(spoken(figure.value, figure.unit))}</b><span>{escape(figure.label)}</span></div>"
        for figure in shown.figures
    )
    notes = "".join(f'<div class="ro-n">{escape(note)}</div>' for note in shown.notes[:NOTES])
    filled = [table for table in shown.tables if not table.empty]
    more = [table.title for table in filled[1:]]
    if more:
        notes += f'<div class="ro-n">also: {escape(", ".join(more))}</div>'
    return (
        f'<style>{STYLE}</style><div class="ro-card"><div class="ro-t">{escape(shown.title)}</div>'
        f'<div class="ro-s">{escape(shown.subtitle)}</div><div class="ro-f">{figures}</div>'
        f"{_table(filled[0]) if filled else ''}{notes}</div>"
    )


def _table(table: Table) -> str:
    frame, columns = table.frame, list(table.frame.columns[:COLUMNS])
    shown = frame.head(ROWS)
    bars = _barred(frame, columns)
    largest = float(frame[bars].abs().max()) if bars is not None else 0.0
    heads = [f'<th class="ro-l">{escape(str(name or ""))}</th>' for name in frame.index.names]
    keys = [shown.index.get_level_values(level).tolist() for level in range(frame.index.nlevels)]
    sides = [[f'<td class="ro-l">{escape(text)}</td>' for text in cells(names).texts] for names in keys]
    if bars is not None:
        heads.append("<th></th>")
        sides.append([_bar(float(value), largest) for value in shown[bars]])
    for name in columns:
        unit, texts, numeric = cells(shown[name].tolist(), table.units.get(name, ""))
        kind = "" if numeric else ' class="ro-l"'
        below = f"<small>{escape(unit)}</small>" if unit else ""
        heads.append(f"<th{kind}>{escape(str(name).replace('_', ' '))}{below}</th>")
        sides.append([f"<td{kind}>{escape(text)}</td>" for text in texts])
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*sides, strict=True))
    left = []
    if len(frame) > ROWS:
        left.append(counted(len(frame) - ROWS, "more row"))
    if len(frame.columns) > COLUMNS:
        left.append(counted(len(frame.columns) - COLUMNS, "more column"))
    rest = f'<div class="ro-n">{escape(" and ".join(left))}</div>' if left else ""
    return f"<table><thead><tr>{''.join(heads)}</tr></thead><tbody>{body}</tbody></table>{rest}"


def _barred(frame: pandas.DataFrame, columns: list[Any]) -> Any:
    """What is lost, or the first column of numbers, if their sizes can be compared by eye."""
    if "unit" in columns:  # each row has its own
        return None
    for name in sorted(columns, key=lambda name: name != "lost"):
        if frame[name].dtype.kind == "f" and math.isfinite(frame[name].abs().max()) and frame[name].abs().max() > 0:
            return name
    return None


def _bar(value: float, largest: float) -> str:
    width = 0.0 if math.isnan(value) else 60.0 * abs(value) / largest
    return (
        f'<td class="ro-l"><svg width="62" height="10" role="img" aria-hidden="true">'
        f'<rect x="0" y="1" width="{width:.1f}" height="8" rx="1"></rect></svg></td>'
    )
