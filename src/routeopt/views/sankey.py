"""Sankey from field to market."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from routeopt.allocation import Allocation
from routeopt.arrays import Floats
from routeopt.results import number
from routeopt.views.flows import Sankey, sankey_data
from routeopt.views.labels import apart
from routeopt.views.style import GREY, INK, canvas, colour, figure_of, hatch, plain, title, when

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_sankey", "sankey_figure"]


_BAR = 0.025
_GAP = 0.018
_LIVE = {"refinery": "#8C8C8C", "stored": "#B5B5B5", "lost": "#B5B5B5", "shut_in": "#E3B7A0"}
_OWN = {"refinery": "#BDBDBD", "stored": "#D9D9D9", "lost": "#D9D9D9", "shut_in": "#FFFFFF"}


def draw_sankey(plan: Allocation, ax: Axes | None = None, *, most: int = 12) -> Axes:
    """Bands from field by route to market, as wide as their volume, coloured by route; over a horizon its mean day.

    The smallest bars beyond ``most`` in a column are added up. How a route's barrels split over fields is a convention
    where streams mix: see `routeopt.views.flows.by_field_route_market`.
    """
    data = sankey_data(plan, most)
    with canvas(ax, (9.6, 5.4)) as ax:
        ax.set_axis_off()
        ax.set_xlim(-0.32, 1.32)
        ax.set_ylim(-0.02, 1.04)
        shut = f"; {number(plan.shut_in)} shut in" if plan.shut_in > 1e-6 * max(1.0, plan.exported) else ""
        title(ax, when(plan), f"From field by route to market, {data.unit}: {number(plan.exported)} exported{shut}")
        if len(data.nodes):
            _draw(ax, data, [str(one) for one in plan.routes["title"]])
        else:
            ax.text(0.5, 0.5, "nothing flows", ha="center", color=GREY)
        ax.text(0.0, -0.01, "Streams that meet are taken to mix.", transform=ax.transAxes, fontsize=6.5,
                color=GREY, va="top")  # fmt: skip
    return ax


def _draw(ax: Axes, data: Sankey, routes: list[str]) -> None:
    nodes = data.nodes
    columns = sorted(nodes["column"].unique())
    counts = nodes.groupby("column")["flow"].agg(["sum", "size"])
    scale = min((0.96 - _GAP * (n - 1)) / total for total, n in counts.to_numpy() if total > 0)
    x = {column: float(column) / max(1, columns[-1]) for column in columns}
    low = np.zeros(len(nodes))
    for column in columns:
        mine = nodes.index[nodes["column"] == column]
        height = float(nodes.loc[mine, "flow"].sum()) * scale + _GAP * (len(mine) - 1)
        top = 0.5 + height / 2
        for place in mine:
            low[place] = top - float(nodes.loc[place, "flow"]) * scale
            top = low[place] - _GAP
    order = _order(data, routes)
    paint = {place: colour(rank) if rank >= 0 else _OWN[str(nodes.loc[place, "kind"])] for place, rank in order.items()}
    _bands(ax, data, low, scale, x, paint, order)
    for place, node in enumerate(nodes.to_dict("records")):
        face = "#4D4D4D" if node["column"] != 1 else paint[place]
        _bar(ax, x[node["column"]], low[place], float(node["flow"]) * scale, face, f"bar {node['label']}")
    for column in columns:
        _names(ax, data, column, low, scale, x[column], columns[-1])


def _order(data: Sankey, routes: list[str]) -> dict[int, int]:
    """Rank of each bar of the middle column in the system's routes: they keep their colours whatever they carry."""
    middle = data.nodes[data.nodes["column"] == 1]
    known = list(dict.fromkeys([*routes, *map(str, middle["label"])]))
    return {int(str(i)): known.index(str(row["label"])) if row["kind"] == "export" else -1
            for i, row in middle.iterrows()}  # fmt: skip


def _bands(
    ax: Axes, data: Sankey, low: Floats, scale: float, x: dict[int, float], paint: dict[int, str], order: dict[int, int]
) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    nodes = data.nodes.to_dict("records")
    source, target, route = (data.links[key].to_numpy(int) for key in ("source", "target", "route"))
    wide = data.links["flow"].to_numpy(float) * scale
    out_top = low + data.nodes["flow"].to_numpy(float) * scale
    in_top = out_top.copy()
    start = np.zeros(len(wide))
    for i in np.lexsort((-low[target], source)):
        start[i] = out_top[source[i]]
        out_top[source[i]] -= wide[i]
    for i in np.lexsort((-low[source], target)):
        begins, ends, way = nodes[source[i]], nodes[target[i]], int(route[i])
        y0, y1 = float(start[i]), float(in_top[target[i]])
        in_top[target[i]] -= wide[i]
        x0, x1 = x[begins["column"]] + _BAR / 2, x[ends["column"]] - _BAR / 2
        mid, down = (x0 + x1) / 2, float(wide[i])
        points = [(x0, y0), (mid, y0), (mid, y1), (x1, y1), (x1, y1 - down), (mid, y1 - down), (mid, y0 - down),
                  (x0, y0 - down), (x0, y0)]  # fmt: skip
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
        empty = nodes[way]["kind"] == "shut_in"
        ax.add_patch(PathPatch(
            Path(points, codes), facecolor=paint[way], alpha=1.0 if empty else 0.6, linewidth=0.8 if empty else 0.0,
            edgecolor=GREY if empty else "white", linestyle=":" if empty else "-", zorder=1 if empty else 2,
            hatch=hatch(order[way]) if order[way] >= 0 else "", gid=f"band {begins['label']} > {ends['label']}",
        ))  # fmt: skip


def _bar(ax: Axes, x: float, low: float, height: float, face: str, gid: str) -> None:
    from matplotlib.patches import Rectangle

    ax.add_patch(Rectangle((x - _BAR / 2, low), _BAR, height, facecolor=face, edgecolor=INK, linewidth=0.5, zorder=3,
                           gid=gid))  # fmt: skip


def _names(ax: Axes, data: Sankey, column: int, low: Floats, scale: float, x: float, last: int) -> None:
    mine = data.nodes[data.nodes["column"] == column]
    places = mine.index.to_numpy()
    middles = low[places] + mine["flow"].to_numpy() * scale / 2
    height = ax.get_position().height * figure_of(ax).get_size_inches()[1]
    least = 1.06 * 8.5 * 1.25 / 72 / max(1.0, height)
    at = apart(middles.tolist(), least, 0.0, 1.0)
    side = -1 if column == 0 else 1
    for middle, y, (_, node) in zip(middles, at, mine.iterrows(), strict=True):
        text = f"{plain(node['label'], 30 if column != 1 else 26)}  {number(float(node['flow']))}"
        edge = x + side * _BAR / 2
        if abs(y - middle) > 0.3 * least:
            ax.plot([edge, edge + side * 0.018], [middle, y], color=GREY, linewidth=0.5, zorder=4)
        inner = column == 1 and last > 1
        ax.text(edge + side * 0.022, y, text, ha="right" if side < 0 else "left", va="center", fontsize=8.0, zorder=5,
                bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.7 * inner},
                )  # fmt: skip


def sankey_figure(plan: Allocation) -> str:
    """What plotly.js draws, as JSON that is safe within a script element."""
    data = sankey_data(plan)
    nodes, links = data.nodes, data.links
    routes = [str(title) for title in plan.routes["title"]]
    paints = []
    for _, node in nodes.iterrows():
        name = str(node["label"])
        paints.append(colour(routes.index(name)) if node["column"] == 1 and name in routes
                      else _LIVE.get(str(node["kind"]), "#4D4D4D"))  # fmt: skip
    trace: dict[str, Any] = {
        "type": "sankey", "arrangement": "snap", "valueformat": ",.3~g", "valuesuffix": f" {escape(data.unit)}",
        "node": {
            # plotly reads text as HTML, but knows no &quot;
            "label": [escape(str(label), quote=False) for label in nodes["label"]], "color": paints,
            "pad": 14, "thickness": 16, "line": {"color": INK, "width": 0.4},
            "hovertemplate": "%{label}<br>%{value}<extra></extra>",
        },
        "link": {
            "source": links["source"].tolist(), "target": links["target"].tolist(), "value": links["flow"].tolist(),
            "color": [f"{paints[int(route)]}99" for route in links["route"]],
            "hovertemplate": "%{source.label} → %{target.label}<br>%{value}<extra></extra>",
        },
    }  # fmt: skip
    layout = {"font": {"size": 13, "color": INK, "family": "system-ui, sans-serif"}, "paper_bgcolor": "#ffffff",
              "margin": {"l": 12, "r": 12, "t": 14, "b": 14}}  # fmt: skip
    figure = {"data": [trace], "layout": layout}
    return json.dumps(figure, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
