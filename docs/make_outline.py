"""Makes data/outline/world.json, the outline behind the maps, from two npm packages that carry public data.

    npm pack world-atlas@2 && npm pack i18n-iso-countries@7     (and unpack both)
    python docs/make_outline.py world-atlas/countries-50m.json i18n-iso-countries/codes.json

The first has Natural Earth's countries at 1:50 million as TopoJSON: borders are arcs that neighbours share, so that they
still meet after each arc has been simplified by itself. The second turns ISO 3166 numbers into codes of two letters.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

TOLERANCE = 0.1
"""Degrees by which a line may move."""
GRID = 0.05
"""Degrees of one step of the coordinates written."""
SMALLEST = 0.12
"""Square degrees below which an island is left out, unless its country has no larger one."""
LEFT_OUT = ("AQ",)


def main(atlas: Path, codes: Path) -> None:
    world = json.loads(atlas.read_text(encoding="utf-8"))
    two = {number: short for short, _, number, *_ in json.loads(codes.read_text(encoding="utf-8"))}
    scale, shift = (np.array(world["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in world["arcs"]]
    arcs = [simplified(arc) for arc in arcs]
    countries: dict[str, list[list[int]]] = {}
    for shape in world["objects"]["countries"]["geometries"]:
        name = two.get(shape.get("id", ""), "") or shape["properties"]["name"]
        polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape.get("arcs", [])
        rings = [polygon[0] for polygon in polygons]  # a hole is another country, or a lake that nobody misses
        sizes = [area(joined(arcs, ring)) for ring in rings]
        kept = [ring for ring, size in zip(rings, sizes, strict=True) if size >= min(SMALLEST, max(sizes))]
        if name not in LEFT_OUT:
            countries.setdefault(name, []).extend(kept)
    write(arcs, countries)


def simplified(line: np.ndarray) -> np.ndarray:
    """Douglas and Peucker's line: no point of the old one is further off than the tolerance."""
    keep = np.zeros(len(line), bool)
    keep[[0, -1]] = True
    if (line[0] == line[-1]).all() and len(line) > 3:  # a ring by itself: hold its furthest point
        keep[int(np.argmax(np.hypot(*(line - line[0]).T)))] = True
    ends = np.flatnonzero(keep).tolist()
    todo = list(zip(ends[:-1], ends[1:], strict=True))
    while todo:
        first, last = todo.pop()
        if last - first < 2:
            continue
        along, inner = line[last] - line[first], line[first + 1 : last] - line[first]
        length = float(np.hypot(*along))
        off = np.abs(along[0] * inner[:, 1] - along[1] * inner[:, 0]) / length if length else np.hypot(*inner.T)
        place = int(np.argmax(off))
        if off[place] > TOLERANCE:
            keep[first + 1 + place] = True
            todo += [(first, first + 1 + place), (first + 1 + place, last)]
    return line[keep]


def joined(arcs: list[np.ndarray], ring: list[int]) -> np.ndarray:
    """The points of a ring; a negative number is an arc backwards."""
    return np.concatenate([arcs[i] if i >= 0 else arcs[~i][::-1] for i in ring])


def area(ring: np.ndarray) -> float:
    """Square degrees, by the shoelace formula."""
    x, y = np.unwrap(ring[:, 0], period=360.0), ring[:, 1]
    return 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))


def write(arcs: list[np.ndarray], countries: dict[str, list[list[int]]]) -> None:
    """Arcs as steps on a grid; only those that some ring uses."""
    used = sorted({i if i >= 0 else ~i for rings in countries.values() for ring in rings for i in ring})
    place = {old: new for new, old in enumerate(used)}
    steps = []
    for i in used:
        points = np.round(arcs[i] / GRID).astype(int)
        steps.append(np.diff(points, axis=0, prepend=np.zeros((1, 2), int)).ravel().tolist())
    shapes = {
        name: [[place[i] if i >= 0 else ~place[~i] for i in ring] for ring in rings]
        for name, rings in sorted(countries.items())
    }
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in steps)
    named = ",\n".join(f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in shapes.items())
    target = Path(__file__).parents[1] / "data" / "outline" / "world.json"
    target.write_text(f'{{"grid":{GRID},\n"arcs":[\n{lines}],\n"countries":{{\n{named}}}}}\n', encoding="utf-8")
    print(f"{target.name}: {len(shapes)} countries, {sum(map(len, steps)) // 2} points, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
