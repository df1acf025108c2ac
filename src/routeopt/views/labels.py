"""Labels that do not collide: each takes the nearest free place around its point, the most important first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from routeopt.arrays import Floats
from routeopt.views.style import GREY, INK, MISSING, plain

try:
    from matplotlib.artist import Artist
    from matplotlib.text import Text
except ImportError:
    raise ImportError(MISSING) from None

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Label", "apart", "label"]


_ANGLES = np.radians([0, 180, 90, 270, 45, 135, 225, 315, 22, 158, 202, 338, 67, 112, 247, 292])
_RADII = (5.0, 12.0, 22.0, 34.0, 48.0, 64.0, 84.0, 108.0, 140.0)
_NEAR = 12.0
"""Points within which a label needs no line to what it names."""


@dataclass(frozen=True)
class Label:
    """A text at a point in data coordinates; ``weight`` says who chooses first, ``must`` that it may not be left out,
    ``reach`` how many points from its own point it may stand."""

    text: str
    at: tuple[float, float]
    weight: float = 0.0
    bold: bool = False
    must: bool = False
    reach: float = 150.0


def label(ax: Axes, labels: Sequence[Label], busy: Floats, points: Floats) -> None:
    """Put labels on axes, so that they cover no marker (``points``) and rather no line (points ``busy``), both shape
    (n, 2).

    Places are found when the figure is drawn, and again when its size changes. A label for which there is no place
    is not shown, unless it must be: then it stands where it covers least.
    """
    made = []
    for one in sorted(labels, key=lambda one: -one.weight):
        text = ax.annotate(
            plain(one.text, 40), one.at, (0, 0), textcoords="offset points", va="center", ha="left",
            annotation_clip=False, fontsize=8.5 if one.bold else 7.5, fontweight="bold" if one.bold else "normal",
            color=INK, zorder=8,
            arrowprops={"arrowstyle": "-", "linewidth": 0.5, "color": GREY, "shrinkA": 0, "shrinkB": 1.5},
            bbox={"boxstyle": "square,pad=0.08", "facecolor": "white", "edgecolor": "none", "alpha": 0.65},
        )  # fmt: skip
        text.set_in_layout(False)
        made.append((one, text))
    ax.add_artist(_Placer(made, busy, points))


class _Placer(Artist):
    """Draws nothing; moves the labels before they are drawn."""

    def __init__(self, made: list[tuple[Label, Any]], busy: Floats, points: Floats) -> None:
        super().__init__()
        self.made, self.busy, self.points = made, busy.reshape(-1, 2), points.reshape(-1, 2)
        self.placed: object = None
        self.set_zorder(-100.0)
        self.set_in_layout(False)

    def draw(self, renderer: Any) -> None:
        ax = self.axes
        assert ax is not None
        frame = ax.get_window_extent(renderer)
        now = (*frame.bounds, *ax.get_xlim(), *ax.get_ylim(), renderer.points_to_pixels(1.0))
        if now != self.placed:
            self.placed = now
            self._place(renderer, np.array(frame.extents))

    def _place(self, renderer: Any, frame: Floats) -> None:
        dot = renderer.points_to_pixels(1.0)
        assert self.axes is not None
        to_pixels = self.axes.transData.transform
        busy = to_pixels(self.busy) if len(self.busy) else np.empty((0, 2))
        markers = to_pixels(self.points) if len(self.points) else np.empty((0, 2))
        taken, leaders = np.empty((0, 4)), np.empty((0, 2))
        for one, text in self.made:
            text.set_visible(True)
            size = Text.get_window_extent(text, renderer)
            at = to_pixels(one.at)
            boxes, offsets, sides = _candidates(at, size.width / dot + 2, size.height / dot + 1, dot)
            ways = np.linspace(at[None], _ends(boxes, at), 9)[1:]  # shape (8, candidates, 2)
            cost = np.repeat(np.array(_RADII), len(_ANGLES)) / 12.0
            cost = cost + 0.5 * _inside(boxes, busy) + 3.0 * _inside(boxes, leaders)
            blocked = _overlaps(boxes, taken) + _inside(boxes, markers)
            for step in ways[:-1]:
                blocked = blocked + (2 * _overlaps(np.hstack([step, step]), taken))
            blocked = blocked + (np.repeat(np.array(_RADII), len(_ANGLES)) > one.reach)
            blocked = blocked + 100.0 * ((boxes[:, :2] < frame[:2]).any(1) | (boxes[:, 2:] > frame[2:]).any(1))
            best = int(np.argmin(cost + 1e4 * blocked))
            text.set_visible(bool(one.must or blocked[best] == 0))
            text.xyann, side = tuple(offsets[best]), sides[best]
            text.set_ha(side)
            far = _RADII[best // len(_ANGLES)] > _NEAR
            text.arrow_patch.set_visible(far)
            if text.get_visible():
                taken = np.vstack([taken, boxes[best]])
                leaders = np.vstack([leaders, ways[:, best]]) if far else leaders


def _candidates(at: Floats, width: float, height: float, dot: float) -> tuple[Floats, Floats, list[str]]:
    """Boxes in pixels, offsets in points and alignments of all places around a point."""
    angle = np.tile(_ANGLES, len(_RADII))
    radius = np.repeat(np.array(_RADII), len(_ANGLES))
    x, y = np.cos(angle) * radius, np.sin(angle) * (radius + height / 2)
    side = np.where(np.abs(np.cos(angle)) < 0.2, 0.5, np.where(x > 0, 0.0, 1.0))
    left, low = x - side * width, y - height / 2
    boxes = np.column_stack([left, low, left + width, low + height]) * dot + np.tile(at, 2)
    names = {0.0: "left", 0.5: "center", 1.0: "right"}
    return boxes, np.column_stack([x, y]), [names[float(one)] for one in side]


def _ends(boxes: Floats, at: Floats) -> Floats:
    """The point of each box that is nearest to the anchor: where its line ends."""
    return np.clip(at, boxes[:, :2], boxes[:, 2:])


def _overlaps(boxes: Floats, taken: Floats) -> Floats:
    """How many of the boxes taken each box meets, shape (boxes,)."""
    apart = (boxes[:, None, 2:] <= taken[None, :, :2]).any(2) | (boxes[:, None, :2] >= taken[None, :, 2:]).any(2)
    found: Floats = (~apart).sum(axis=1).astype(float)
    return found


def _inside(boxes: Floats, points: Floats) -> Floats:
    """How many points lie in each box, shape (boxes,)."""
    near = points[((points > boxes[:, :2].min(axis=0)) & (points < boxes[:, 2:].max(axis=0))).all(axis=1)]
    x, y = near.T
    across = (x > boxes[:, :1]) & (x < boxes[:, 2:3])
    found: Floats = (across & (y > boxes[:, 1:2]) & (y < boxes[:, 3:4])).sum(axis=1).astype(float)
    return found


def apart(wanted: Sequence[float], least: float, low: float, high: float) -> Floats:
    """Positions in [low, high] as near as possible to those wanted, in their order, neighbours ``least`` apart if there
    is room: least squares (pools of adjacent violators).

    Examples
    --------
    >>> apart([1.0, 1.0, 5.0], 1.0, 0.0, 10.0).tolist()
    [0.5, 1.5, 5.0]
    """
    if not len(wanted):
        return np.empty(0)
    least = min(least, (high - low) / max(1, len(wanted) - 1))
    order = np.argsort(np.asarray(wanted, float), kind="stable")
    shifted = np.asarray(wanted, float)[order] - least * np.arange(len(order))
    pools: list[list[float]] = []  # mean, count
    for value in shifted.tolist():
        pools.append([value, 1])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            value, count = pools.pop()
            mean, before = pools[-1]
            pools[-1] = [(mean * before + value * count) / (before + count), before + count]
    level = np.concatenate([np.full(int(count), mean) for mean, count in pools])
    level = np.clip(level, low, max(low, high - least * (len(order) - 1)))
    found = np.empty(len(order))
    found[order] = level + least * np.arange(len(order))
    return found
