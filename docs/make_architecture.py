"""Draw the packages of routeopt and what they import: ``python docs/make_architecture.py``.

A package stands above those that it imports. An arrow is left out where a longer path says the same. Files that the
page names and that are not there are printed.
"""

import ast
import html
import re
from pathlib import Path

import networkx as nx

HERE = Path(__file__).parent
SOURCE = HERE.parent / "src" / "routeopt"
BOX, GAP, ROW, PAD = (196, 46), 24, 74, 50

SAYS = {
    "arrays": "types of arrays",
    "errors": "errors with place and hint",
    "units": "units and their conversion",
    "intervals": "confidence intervals",
    "results": "what every result can do",
    "system": "data: nodes, legs, contracts",
    "scenario": "closures, horizons, builds",
    "files": "YAML in and out, schemas",
    "model": "the LP as arrays; certificate",
    "solve": "HiGHS, PuLP, batch kernel",
    "allocation": "allocate and its result",
    "comparison": "compare allocations",
    "elements": "what can fail; value of sets",
    "resilience": "stress tests, N-k, outages",
    "decide": "attack, defence, expansion",
    "views": "figures, cards, reports",
    "cli": "command line",
    "testing": "small random systems",
}


def imports():
    """Which package or module imports which, type-only imports included."""
    graph = nx.DiGraph()
    for path in SOURCE.rglob("*.py"):
        here = path.relative_to(SOURCE).with_suffix("").parts[0]
        if here.startswith("__"):
            continue
        graph.add_node(here)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            parts = (node.module or "").split(".") if isinstance(node, ast.ImportFrom) else []
            if len(parts) > 1 and parts[0] == "routeopt" and parts[1] != here:
                graph.add_edge(here, parts[1])
    return graph


def rows(graph):
    """Packages by row, the lowest first: each as low as what it imports allows."""
    level = {}
    for name in reversed(list(nx.lexicographical_topological_sort(graph))):
        level[name] = 1 + max((level[below] for below in graph.successors(name)), default=-1)
    return [sorted(name for name in level if level[name] == row) for row in range(max(level.values()) + 1)]


def drawn():
    """The picture as SVG."""
    graph = imports()
    places, lines = {}, rows(graph)
    width = max(map(len, lines)) * (BOX[0] + GAP) + 2 * PAD
    height = len(lines) * ROW + 2 * PAD - (ROW - BOX[1])
    for row, names in enumerate(lines):
        left = (width - len(names) * (BOX[0] + GAP) + GAP) / 2
        for place, name in enumerate(names):
            places[name] = left + place * (BOX[0] + GAP), height - PAD - BOX[1] - row * ROW
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-family="sans-serif">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#5b6b7b"/></marker></defs>',
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>',
    ]
    level = {name: row for row, names in enumerate(lines) for name in names}
    lanes = {-1: PAD - 14, 1: width - PAD + 14}
    for above, below in sorted(nx.transitive_reduction(graph).edges):
        (x, y), (to_x, to_y) = places[above], places[below]
        if level[above] - level[below] == 1:
            way = f"M{x + BOX[0] / 2:g} {y + BOX[1]:g}L{to_x + BOX[0] / 2:g} {to_y - 1:g}"
        else:  # round the boxes between, in a lane of its own
            side = 1 if to_x + BOX[0] / 2 >= width / 2 else -1
            out, end = (x + BOX[0], to_x + BOX[0] + 1) if side == 1 else (x, to_x - 1)
            way = f"M{out:g} {y + BOX[1] / 2:g}H{lanes[side]:g}V{to_y + BOX[1] / 2:g}H{end:g}"
            lanes[side] += 12 * side
        parts.append(f'<path d="{way}" stroke="#5b6b7b" fill="none" marker-end="url(#tip)"/>')
    for name, (x, y) in sorted(places.items()):
        middle = x + BOX[0] / 2
        parts += [
            f'<rect x="{x:g}" y="{y:g}" width="{BOX[0]}" height="{BOX[1]}" rx="6" fill="#e8eef5" stroke="#33485e"/>',
            f'<text x="{middle:g}" y="{y + 20:g}" text-anchor="middle" font-weight="bold" font-size="14">{name}</text>',
            f'<text x="{middle:g}" y="{y + 38:g}" text-anchor="middle" font-size="12">'
            f"{html.escape(SAYS.get(name, ''))}</text>",
        ]
    return "\n".join([*parts, "</svg>", ""])


def missing():
    """Files of the source that the page names and that are not there."""
    named = re.findall(r"`((?:\w+/)*\w+\.py)`", (HERE / "architecture.md").read_text(encoding="utf-8"))
    return [name for name in dict.fromkeys(named) if not any((base / name).exists() for base in (SOURCE, HERE.parent))]


if __name__ == "__main__":
    print("\n".join(f"architecture.md: there is no {name}" for name in missing()))
    (HERE / "_static" / "architecture.svg").write_text(drawn(), encoding="utf-8")
