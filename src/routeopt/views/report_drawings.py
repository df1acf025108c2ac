"""Drawings of a report: matplotlib's figures as SVG in the page, whose lines may say what they are, and plotly."""

from __future__ import annotations

import importlib
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from routeopt.errors import InputError, Problem

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["drawing", "plotly_script"]

_SVG, _LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_REFERENCE = re.compile(r"#([^)\s\"']+)")


def drawing(draw: Callable[[], Axes], name: str, alt: str, tips: Mapping[str, str] | None = None) -> str:
    """What a function draws on a new figure, as SVG to stand in a page; the same each time.

    All ids begin with ``name``, distinct in the page; ``alt`` says what is to be seen; ``tips`` has by the id of a line
    (``leg NAME``) what to say where the pointer is on it.
    """
    import matplotlib
    from matplotlib import pyplot

    sink = io.StringIO()
    figure = None
    with matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "path"}):
        try:
            figure = draw().get_figure(root=True)
            assert figure is not None
            figure.savefig(sink, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight")
        finally:
            if figure is not None:
                pyplot.close(figure)
    return _inline(sink.getvalue(), name, alt, tips or {})


def _inline(text: str, name: str, alt: str, tips: Mapping[str, str]) -> str:
    """Ids of its own, no comments, no styles for the rest of the page, and lines that can be pointed at."""
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _LINK)
    root = ET.fromstring(text)
    hits = [hit for group in root.iter(f"{{{_SVG}}}g") if (hit := _hit(group, tips)) is not None]
    for defs in root.iter(f"{{{_SVG}}}defs"):
        for style in defs.findall(f"{{{_SVG}}}style"):
            defs.remove(style)
    for info in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(info)
    wanted = {found for place in root.iter() for key, value in place.attrib.items() if _refers(key, value)
              for found in _REFERENCE.findall(value)}  # fmt: skip
    for place in root.iter():
        if "d" in place.attrib:  # a hundredth of a point is enough
            place.set("d", _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.2f}", place.attrib["d"]))
        if place.attrib.get("id") in wanted:
            place.set("id", f"{name}-{place.attrib['id']}")
        else:
            place.attrib.pop("id", None)
        for key, value in place.attrib.items():
            if _refers(key, value):
                place.set(key, _REFERENCE.sub(lambda found: f"#{name}-{found[1]}", value))
    for hit in hits:
        root.append(hit)
    root.attrib.pop("width", None)
    root.attrib.pop("height", None)
    root.set("style", f"stroke-linejoin:round;max-width:{_width(root):.0f}px")
    root.set("role", "img")
    root.set("aria-label", alt)
    return ET.tostring(root, encoding="unicode")


def _refers(key: str, value: str) -> bool:
    return "#" in value and (key.endswith("href") or "url(" in value)


def _hit(group: ET.Element, tips: Mapping[str, str]) -> Any:
    """A broad invisible line over a leg."""
    said = tips.get(group.get("id", ""))
    path = group.find(f"{{{_SVG}}}path")
    if said is None or path is None:
        return None
    hit = ET.Element(f"{{{_SVG}}}path", {"class": "hit", "d": path.get("d", "")})
    if path.get("clip-path"):
        hit.set("clip-path", str(path.get("clip-path")))
    ET.SubElement(hit, f"{{{_SVG}}}title").text = said
    return hit


def _width(root: ET.Element) -> float:
    """As large as matplotlib meant it, and half as large again."""
    return 1.5 * float(root.get("viewBox", "0 0 700 400").split()[2])


def plotly_script() -> str:
    """plotly.js, the whole of it: Python's package has no smaller one."""
    try:
        offline = importlib.import_module("plotly.offline")
    except ImportError:
        raise InputError(Problem("a report needs plotly", hint="pip install 'routeopt[report]'")) from None
    return str(offline.get_plotlyjs())
