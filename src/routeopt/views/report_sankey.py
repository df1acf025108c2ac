"""The Sankey of a report: plotly's JavaScript in the page, from the same flows as the drawn one."""

from __future__ import annotations

import importlib
import json
from html import escape
from typing import TYPE_CHECKING, Any

from routeopt.errors import InputError, Problem
from routeopt.views.flows import sankey_data
from routeopt.views.style import colour

if TYPE_CHECKING:
    from routeopt.allocation import Allocation

__all__ = ["plotly_script", "sankey_figure"]

_OWN = {"refinery": "#8C8C8C", "stored": "#B5B5B5", "lost": "#B5B5B5", "shut_in": "#E3B7A0"}
_INK = "#222222"


def plotly_script() -> str:
    """plotly.js, the whole of it: Python's package has no smaller one."""
    try:
        offline = importlib.import_module("plotly.offline")
    except ImportError:
        raise InputError(Problem("a report needs plotly", hint="pip install 'routeopt[report]'")) from None
    return str(offline.get_plotlyjs())


def sankey_figure(plan: Allocation) -> str:
    """What plotly.js draws, as JSON that is safe within a script element."""
    data = sankey_data(plan)
    nodes, links = data.nodes, data.links
    routes = [str(title) for title in plan.routes["title"]]
    paints = []
    for _, node in nodes.iterrows():
        name = str(node["label"])
        paints.append(colour(routes.index(name)) if node["column"] == 1 and name in routes
                      else _OWN.get(str(node["kind"]), "#4D4D4D"))  # fmt: skip
    trace: dict[str, Any] = {
        "type": "sankey", "arrangement": "snap", "valueformat": ",.3~g", "valuesuffix": f" {escape(data.unit)}",
        "node": {
            # plotly reads text as HTML, but knows no &quot;
            "label": [escape(str(label), quote=False) for label in nodes["label"]], "color": paints,
            "pad": 14, "thickness": 16, "line": {"color": _INK, "width": 0.4},
            "hovertemplate": "%{label}<br>%{value}<extra></extra>",
        },
        "link": {
            "source": links["source"].tolist(), "target": links["target"].tolist(), "value": links["flow"].tolist(),
            "color": [f"{paints[int(route)]}99" for route in links["route"]],
            "hovertemplate": "%{source.label} → %{target.label}<br>%{value}<extra></extra>",
        },
    }  # fmt: skip
    layout = {"font": {"size": 13, "color": _INK, "family": "system-ui, sans-serif"}, "paper_bgcolor": "#ffffff",
              "margin": {"l": 12, "r": 12, "t": 14, "b": 14}}  # fmt: skip
    figure = {"data": [trace], "layout": layout}
    return json.dumps(figure, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
