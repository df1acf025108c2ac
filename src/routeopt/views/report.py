"""A result as one page that stands alone: no network, no other file, nothing to install for whoever reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routeopt.errors import InputError, Problem
from routeopt.files.atomic import check_place, write_text
from routeopt.results import Illustration, Result, counted, spoken, view
from routeopt.views.report_drawings import drawing, plotly_script
from routeopt.views.report_tables import link, table

if TYPE_CHECKING:
    from routeopt.system import ExportSystem

__all__ = ["Part", "page", "parts", "report", "svg"]

_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
"""The browser itself sees to it that the page asks for nothing."""


def report(result: Result, path: str | os.PathLike[str], overwrite: bool = False) -> Path:
    """See `routeopt.results.Result.report`."""
    check_place(path, overwrite)  # before seconds of drawing
    return write_text(path, page(result), overwrite)


def page(result: Result) -> str:
    """The page as a string of HTML. InputError if plotly or matplotlib is missing (extra ``report``)."""
    shown = result.digest()
    made, manifest = parts(result), result.manifest
    sections = [("figures", "Figures", "".join(map(_figure, made)))] if made else []
    tables = [one for one in shown.tables if one.name != "sources" and len(one.frame)]
    sections.append(("tables", "Tables", "".join(table(t.name, t.title, t.frame, t.units) for t in tables)))
    about = _systems(result)
    sections.append(("sources", "Sources", "".join(map(_sources, about))))
    sections.append(("assumptions", "Assumptions", "".join(map(_assumptions, about))))
    sections.append(("certificate", "Certificate", _certificates(manifest)))
    sections.append(("manifest", "Manifest", _manifest(manifest)))
    sections = [one for one in sections if one[2]]
    figures = "".join(
        f"<div><dt>{escape(one.label)}</dt><dd>{escape(spoken(one.value, one.unit))}</dd></div>"
        for one in shown.figures
    )
    notes = "".join(f"<li>{escape(note)}</li>" for note in shown.notes)
    menu = "".join(f'<li><a href="#{key}">{title}</a></li>' for key, title, _ in sections)
    body = "".join(f'<section><h2 id="{key}">{title}</h2>{inside}</section>' for key, title, inside in sections)
    live = [one for one in made if one.plotly]
    data = "".join(f'<script type="application/json" id="{one.name}-data">{one.plotly}</script>' for one in live)
    scripts = f"<script>{plotly_script()}</script>" if live else ""
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        f"<title>{escape(shown.title)}: {escape(shown.subtitle)}</title><style>{_package('report.css')}</style>"
    )
    top = (
        f'<a class="skip" href="#main">Skip to the content</a><header><h1>{escape(shown.title)}</h1>'
        f'<p class="under">{escape(shown.subtitle)}</p>'
        f'<nav aria-label="Parts of the page"><ul>{menu}</ul></nav></header>'
    )
    end = (
        f"<footer><p>{type(result).__name__} made by routeopt {escape(manifest['routeopt'])}. "
        'This page needs no network.</p></footer><div id="tip" role="status" hidden></div>'
    )
    listed = f'<ul class="notes">{notes}</ul>' if notes else ""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{top}<main id="main">'
        f'<dl class="figures">{figures}</dl>{listed}{body}</main>{end}{data}{scripts}'
        f"<script>{_package('report.js')}</script></body></html>\n"
    )


@dataclass(frozen=True)
class Part:
    """One drawing: its name in the page, its caption, SVG, and JSON of what plotly draws in its place, if anything."""

    name: str
    caption: str
    svg: str
    plotly: str = ""


def parts(result: Result) -> list[Part]:
    """Drawings of a result, the most important first; none for kinds that have only tables."""
    if not result.drawings:
        return []
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise InputError(Problem("a report needs matplotlib", hint="pip install 'routeopt[report]'")) from None
    return [
        Part(
            f"f{place}",
            one.caption,
            svg(one, f"f{place}"),
            _live(one),
        )
        for place, one in enumerate(result.illustrations(), 1)
    ]


def _live(one: Illustration) -> str:
    made: str = view(one.drawing.live)(one.result) if one.drawing.live else ""
    return made


def svg(one: Illustration, name: str) -> str:
    """A drawing as SVG whose ids begin with a name."""
    tips = view(one.drawing.tips)(one.result) if one.drawing.tips else {}
    draw = partial(view(one.drawing.draws), one.result, **one.arguments)
    return drawing(draw, name, one.caption, tips)


def _figure(part: Part) -> str:
    drawn = f'<div class="drawn scroll" tabindex="0" role="region" aria-label="{escape(part.caption)}">{part.svg}</div>'
    if part.plotly:
        # Paper has the drawn one, and so have browsers that run no scripts.
        live = (f'<div class="live scroll" tabindex="0" role="region" aria-label="{escape(part.caption)}">'
                f'<div data-figure="{part.name}-data"></div></div>')  # fmt: skip
        drawn = f'{live}<div class="paper">{drawn}</div>'
    return f"<figure>{drawn}<figcaption>{escape(part.caption)}</figcaption></figure>"


def _package(name: str) -> str:
    return (files("routeopt.views") / name).read_text(encoding="utf-8")


def _systems(result: Result) -> list[ExportSystem]:
    """The export systems that a result is about, each name once."""
    return list({system.name: system for system in result.origins().systems}.values())


def _sources(system: ExportSystem) -> str:
    """Every number that has a source, or could have one, and the list of sources."""
    audit = system.sources()
    frame = audit[["value", "unit", "low", "high", "provenance", "source", "note"]].copy()
    cited = [[name for name in str(names).split(", ") if name] for names in frame["source"]]
    links = {"source": ["; ".join(_source(system, name) for name in names) for names in cited]}
    counts = frame["provenance"].value_counts()
    said = ", ".join(f"{count} {basis}" for basis, count in counts.items())
    words = f"<p>{counted(len(frame), 'number')}: {escape(said)}. A value without low and high has no range.</p>"
    used = dict.fromkeys(name for names in cited for name in names)
    listed = "".join(f"<li>{_source(system, name)}{_note(system, name)}</li>" for name in used)
    listed = f'<h3>Cited</h3><ol class="cited">{listed}</ol>' if listed else ""
    return (
        words
        + table(f"sources-{system.name}", f"Every number of {system.title or system.name}", frame, {}, links)
        + listed
    )


def _assumptions(system: ExportSystem) -> str:
    """The numbers that are estimates, with their reasons; empty if there are none."""
    audit = system.sources()
    frame = audit.loc[audit["provenance"] == "estimate", ["value", "unit", "low", "high", "note"]]
    if not len(frame):
        return ""
    frame = frame.rename(columns={"note": "reason"})
    return table(f"assumptions-{system.name}", f"Estimates in {system.title or system.name}", frame, {})


def _certificates(manifest: Mapping[str, Any]) -> str:
    """What was proven of each allocation that the result holds."""
    return _pairs(manifest["certificates"]) if "certificates" in manifest else ""


def _manifest(manifest: Mapping[str, Any]) -> str:
    """The manifest, line by line."""
    lines: dict[str, str] = {}
    for key, value in manifest.items():
        if key == "certificates":
            continue  # they have a part of their own
        if isinstance(value, Mapping):
            lines |= {f"{key}: {name}": str(one) for name, one in value.items()}
        else:
            lines[key] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return _pairs(lines)


def _pairs(lines: Mapping[str, str]) -> str:
    rows = "".join(f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in lines.items())
    return f'<dl class="pairs">{rows}</dl>'


def _note(system: ExportSystem, name: str) -> str:
    note = system.bibliography[name].note
    return f": {escape(note)}" if note else ""


def _source(system: ExportSystem, name: str) -> str:
    found = system.bibliography[name]
    about = ", ".join(part for part in (found.publisher, found.date) if part)
    return link(found.url, found.title or name) + (f" ({escape(about)})" if about else "")
