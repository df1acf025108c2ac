"""What renders results: cards, drawings, reports and files.

Results reach what is here through `routeopt.results` and nothing else. Figures are functions that take a result or a
plain frame, and ``ax=``, and return the axes; results offer the same as `result.plot`. matplotlib (extra ``plot``) is
imported when something is drawn; the settings of matplotlib are left as they are, and nothing is shown.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routeopt.views.bars import draw_routes, draw_shapley, draw_tornado
    from routeopt.views.coastline import outline
    from routeopt.views.curve import draw_course, draw_loss_curve, draw_resilience
    from routeopt.views.flows import by_field_route_market, sankey_data
    from routeopt.views.heat import draw_heat
    from routeopt.views.network import draw_map, draw_schematic
    from routeopt.views.piecewise_linear import draw_corners
    from routeopt.views.risk import draw_risk
    from routeopt.views.sankey import draw_sankey

_WHERE = {
    name: module
    for module, names in {
        "bars": "draw_routes draw_shapley draw_tornado",
        "curve": "draw_course draw_loss_curve draw_resilience",
        "flows": "by_field_route_market sankey_data",
        "heat": "draw_heat",
        "piecewise_linear": "draw_corners",
        "network": "draw_map draw_schematic",
        "coastline": "outline",
        "risk": "draw_risk",
        "sankey": "draw_sankey",
    }.items()
    for name in names.split()
}

__all__ = [
    "by_field_route_market",
    "draw_corners",
    "draw_course",
    "draw_heat",
    "draw_loss_curve",
    "draw_map",
    "draw_resilience",
    "draw_risk",
    "draw_routes",
    "draw_sankey",
    "draw_schematic",
    "draw_shapley",
    "draw_tornado",
    "outline",
    "sankey_data",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'routeopt.views' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"routeopt.views.{_WHERE[name]}"), name)
    globals()[name] = value
    return value
