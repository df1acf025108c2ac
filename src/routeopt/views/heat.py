"""Heat map of pairs of closures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from routeopt.errors import InputError, Problem
from routeopt.resilience import Contingencies
from routeopt.results import number
from routeopt.views.style import INK, canvas, figure_of, plain, system_title, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_heat", "pairs"]


def pairs(found: Contingencies, top: int | None = 15, of: str = "lost") -> pd.DataFrame:
    """Loss (or ``shortage`` of refineries) by each pair of the ``top`` most important decisions, all if None; on the
    diagonal by each alone. Symmetric, in the flow unit; if only single closures were tried all but the diagonal is
    missing.
    """
    if top is not None and top < 1:
        raise InputError(Problem(f"{top} shows nothing", ("top",), "write 15, or None for all"))
    order = [str(name) for name in found.importance.index][:top]
    place = {name: found.elements.index(name) for name in order}
    lost, scale = getattr(found._losses, of), found._scales.flow
    n = len(found.elements)
    full = np.full((n, n), np.nan)
    full[np.arange(n), np.arange(n)] = lost[:n] / scale
    if found.k >= 2:
        first, second = np.asarray(found._swept.sets[2]).T
        full[first, second] = full[second, first] = lost[n : n + len(first)] / scale
    chosen = list(place.values())
    return pd.DataFrame(full[np.ix_(chosen, chosen)], order, order)


def draw_heat(found: Contingencies, ax: Axes | None = None, *, top: int | None = 15) -> Axes:
    """What pairs of closures lose, the darker the more; on the diagonal each closure alone.

    The ``top`` most important decisions are shown, all if None; the title says what is left out.
    """
    table = pairs(found, top)
    below = np.tri(len(table), dtype=bool)
    values = np.where(below, table.to_numpy(), np.nan)
    lacking = np.where(below, pairs(found, top, "shortage").to_numpy(), 0.0)
    starves = bool((lacking > 0).any())
    n = len(table)
    size = 2.6 + 0.42 * n
    most = float(np.nanmax(values)) if n else 0.0
    with canvas(ax, (max(5.0, size + 1.4), max(3.6, size))) as ax:
        image = ax.imshow(np.ma.masked_invalid(values), cmap="cividis_r", vmin=min(0.0, float(np.nanmin(values))),
                          vmax=most or 1.0, aspect="auto")  # fmt: skip
        if n <= 20:
            for i, j in zip(*np.nonzero(~np.isnan(values)), strict=True):
                red, green, blue, _ = image.cmap(image.norm(values[i, j]))
                dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
                text = number(float(values[i, j]), 2 if n > 12 else 3)
                if lacking[i, j] > 0:
                    text = f"{number(float(lacking[i, j]), 2 if n > 12 else 3)} unmet\n{text}"
                ax.text(j, i, text, ha="center", va="center", gid=f"{i},{j}",
                        fontsize=(7.0 if n > 12 else 8.0) - 1.5 * ("\n" in text), color="white" if dark else INK,
                        fontweight="bold" if i == j else "normal")  # fmt: skip
        elif starves:
            ax.plot(*np.nonzero(lacking > 0)[::-1], "o", color=INK, markersize=2.5, gid="lacking")
        names = [plain(name, 28) for name in table.index]
        ax.set_xticks(np.arange(n), names, rotation=50, ha="right", rotation_mode="anchor")
        ax.set_yticks(np.arange(n), names)
        ax.tick_params(labelsize=8.5, length=0, labelcolor=INK)
        ax.spines[:].set_visible(False)
        bar = figure_of(ax).colorbar(image, ax=ax, fraction=0.04, pad=0.02)
        bar.set_label(plain(f"lost, {found.flow_unit}"), size=9)
        bar.ax.tick_params(labelsize=8.5)
        bar.outline.set_visible(False)
        left_out = len(found.elements) - n
        what = "pairs of closures" if found.k >= 2 else "closures"
        more = f"; the {n} most important of {len(found.elements)}" if left_out else ""
        more += f"; {'first line' if n <= 20 else 'dots'}: unmet refinery demand" if starves else ""
        gains = "; negative: exports rise" if n and np.nanmin(values) < 0 else ""
        title(ax,
              f"{system_title(found.system)}: lost exports by {what} ({found.over}), {found.flow_unit} ({found.name})",
              f"diagonal: one closed; exports with none closed: {number(found.exported)}{more}{gains}")  # fmt: skip
    return ax
