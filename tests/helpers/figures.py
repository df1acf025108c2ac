"""What tests ask of every figure."""

from __future__ import annotations

import itertools

ODD = "A $x_1$ & <b>_y</b> $"
KINDS = ("system", "plan", "economic", "comparison", "stress", "horizon", "contingencies", "n-1", "risk", "risks",
         "alternatives", "sensitivity", "loss curve", "worst case", "defence", "shapley",
         "capacity curve", "expansion")  # fmt: skip


def drawn(ax):
    """Draws the figure of some axes and returns its renderer."""
    figure = ax.get_figure(root=True)
    if figure.stale or not hasattr(figure, "drawn_at"):
        figure.canvas.draw()
        figure.drawn_at = figure.canvas.get_renderer()
    return figure.drawn_at


def texts(ax):
    """Boxes of all texts that are seen: in the axes, ticks, labels, titles, legend."""
    from matplotlib.text import Text

    renderer = drawn(ax)
    found = [*ax.texts, ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label]
    if ax.axison:
        ticks = ([*axis.get_ticklabels()] for axis in (ax.xaxis, ax.yaxis))
        low, high = sorted(ax.get_xlim()), sorted(ax.get_ylim())
        for labels, (first, last), part in zip(ticks, (low, high), (0, 1), strict=True):
            found += [t for t in labels if first <= t.get_position()[part] <= last]
    found += ax.get_legend().get_texts() if ax.get_legend() else []
    return [(t, Text.get_window_extent(t, renderer)) for t in found if t.get_visible() and t.get_text().strip()]


def collisions(ax, slack=1.0):
    """Pairs of texts that overlap by more than a pixel."""
    found = []
    for (one, a), (other, b) in itertools.combinations(texts(ax), 2):
        if a.x0 + slack < b.x1 and b.x0 + slack < a.x1 and a.y0 + slack < b.y1 and b.y0 + slack < a.y1:
            found.append((one.get_text(), other.get_text()))
    return found


def outside(ax):
    """Texts that leave the figure."""
    box = ax.get_figure(root=True).bbox
    return [t.get_text() for t, b in texts(ax) if b.x0 < -1 or b.y0 < -1 or b.x1 > box.x1 + 1 or b.y1 > box.y1 + 1]


def part(ax, gid):
    """The artist of a name."""
    return next(one for one in ax.get_children() if one.get_gid() == gid)
