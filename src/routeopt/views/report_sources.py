"""Where the numbers of a report come from, what was assumed, what was proven, and how to make it again."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from routeopt.results import Result
from routeopt.views.report_tables import link, table

if TYPE_CHECKING:
    from routeopt.system import ExportSystem

__all__ = ["assumptions", "certificates", "manifest_list", "sources", "systems"]


def systems(result: Result) -> list[ExportSystem]:
    """The export systems that a result is about, each name once."""
    return list({system.name: system for system in result.origins().systems}.values())


def sources(system: ExportSystem) -> str:
    """Every number that has a source, or could have one, and the list of sources."""
    audit = system.sources()
    frame = audit[["value", "unit", "low", "high", "basis", "source", "note"]].copy()
    cited = [[name for name in str(names).split(", ") if name] for names in frame["source"]]
    links = {"source": ["; ".join(_source(system, name) for name in names) for names in cited]}
    counts = frame["basis"].value_counts()
    said = ", ".join(f"{count} {basis}" for basis, count in counts.items())
    words = f"<p>{len(frame)} numbers: {escape(said)}. A value without low and high has no range given.</p>"
    used = dict.fromkeys(name for names in cited for name in names)
    listed = "".join(f"<li>{_source(system, name)}{_note(system, name)}</li>" for name in used)
    listed = f'<h3>Cited</h3><ol class="cited">{listed}</ol>' if listed else ""
    return (
        words
        + table(f"sources-{system.name}", f"Every number of {system.title or system.name}", frame, {}, links)
        + listed
    )


def assumptions(system: ExportSystem) -> str:
    """The numbers that are estimates, with their reasons; empty if there are none."""
    audit = system.sources()
    frame = audit.loc[audit["basis"] == "estimate", ["value", "unit", "low", "high", "note"]]
    if not len(frame):
        return ""
    frame = frame.rename(columns={"note": "reason"})
    return table(f"assumptions-{system.name}", f"Estimates in {system.title or system.name}", frame, {})


def certificates(manifest: Mapping[str, Any]) -> str:
    """What was proven of each allocation that the result holds."""
    return _pairs(manifest["certificates"]) if "certificates" in manifest else ""


def manifest_list(manifest: Mapping[str, Any]) -> str:
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
