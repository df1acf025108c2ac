"""What renders results: cards, drawings, reports and files.

Results reach what is here through `routeopt.results` and nothing else. Figures are functions that take a result or a
plain frame, and ``ax=``, and return the axes; results offer the same as `result.plot`. matplotlib (extra ``plot``) is
imported when something is drawn; the settings of matplotlib are left as they are, and nothing is shown.
"""

from __future__ import annotations

import importlib
from typing import Any

_WHERE = {
    name: module
    for module, names in {
        "bars": "draw_routes draw_shapley draw_tornado",
        "coastline": "outline",
        "curve": "draw_course draw_loss_curve draw_resilience",
        "flows": "by_field_route_market sankey_data",
        "heat": "draw_heat",
        "network": "draw_map draw_schematic",
        "piecewise_linear": "draw_corners",
        "risk": "draw_risk",
        "sankey": "draw_sankey",
    }.items()
    for name in names.split()
}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'routeopt.views' has no attribute {name!r}")
    return getattr(importlib.import_module(f"routeopt.views.{_WHERE[name]}"), name)
