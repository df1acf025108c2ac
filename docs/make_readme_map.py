"""Draw the map of the README: ``python docs/make_readme_map.py``."""

from pathlib import Path

import matplotlib

import routeopt as ro

matplotlib.use("Agg")
axes = ro.allocate(ro.load("kazakhstan"), "cpc-closed").plot.map()
axes.figure.savefig(Path(__file__).parent / "images" / "cpc-closed.png", dpi=85, bbox_inches="tight")
