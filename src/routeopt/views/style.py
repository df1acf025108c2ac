"""One look for all figures: colours, hatches, fonts, and text that is shown as it is written."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from routeopt.allocation import Allocation
from routeopt.errors import InputError, Problem, did_you_mean
from routeopt.system import ExportSystem

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

__all__ = [
    "CLOSED", "INK", "PALE", "canvas", "colour", "dates", "figure_of", "hatch", "legend", "needs", "plain", "quiet",
    "scenario_title", "span", "system_title", "title", "when",
]  # fmt: skip

MISSING = "figures need matplotlib; pip install 'routeopt[plot]'"
INK, GREY, PALE = "#222222", "#6E6E6E", "#D9D9D9"
CLOSED = "#D55E00"
"""Vermilion of the palette of Okabe and Ito (2008), which people with any colour vision tell apart."""
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#F0E442", "#D55E00", "#7F7F7F")
_HATCHES = ("", "////", "....", "\\\\\\\\", "xxxx", "oo", "++++", "||||")

LOOK: dict[Any, Any] = {
    "font.family": "sans-serif", "font.size": 9.0, "text.usetex": False, "axes.titlesize": 11.0, "text.color": INK,
    "axes.labelsize": 9.0, "axes.edgecolor": GREY, "axes.labelcolor": INK, "axes.linewidth": 0.8,
    "axes.facecolor": "white", "figure.facecolor": "white", "axes.grid": False, "axes.axisbelow": True,
    "axes.formatter.use_mathtext": False, "axes.unicode_minus": True, "axes.xmargin": 0.02, "axes.ymargin": 0.05,
    "hatch.linewidth": 0.6, "hatch.color": "#FFFFFF", "legend.frameon": False, "legend.fontsize": 8.5,
    "lines.linewidth": 1.8, "xtick.labelsize": 8.5, "ytick.labelsize": 8.5, "xtick.color": GREY, "ytick.color": GREY,
    "xtick.labelcolor": INK, "ytick.labelcolor": INK, "date.autoformatter.day": "%Y-%m-%d",
}  # fmt: skip


@contextmanager
def canvas(ax: Axes | None, size: tuple[float, float] = (8.0, 4.5)) -> Iterator[Axes]:
    """Axes to draw on, the caller's own or those of a new figure, in the look of the library.

    The global settings are as before afterwards; pyplot is touched only for a new figure. ``size`` is in inches.
    """
    try:
        import matplotlib
    except ImportError:
        raise ImportError(MISSING) from None
    if ax is None:
        from matplotlib import pyplot

        untyped: Any = pyplot
        # Chooses the backend, if none is in use: a notebook's turns interactive, which must outlast the look.
        untyped.draw_if_interactive()
    with matplotlib.rc_context(LOOK):
        if ax is None:
            _, ax = pyplot.subplots(figsize=size, layout="constrained")
        elif not hasattr(ax, "add_artist"):
            raise InputError(Problem(f"ax is a {type(ax).__name__}, not axes", ("ax",), "take one of plt.subplots()"))
        yield ax


def colour(place: int) -> str:
    """The colour of the n-th of several things; they repeat after eight, then the hatch differs."""
    return _COLOURS[place % len(_COLOURS)]


def hatch(place: int) -> str:
    """The hatch of the n-th of several things, so that they differ in grey too."""
    return _HATCHES[(place + place // len(_COLOURS)) % len(_HATCHES)]


def plain(text: object, most: int = 60) -> str:
    """A text for matplotlib that shows as it is: no mathematics from dollar signs, one line, not too long.

    Examples
    --------
    >>> print(plain("5 $/t to 7 $/t"))
    5 \\$/t to 7 \\$/t
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    line = line if len(line) <= most else line[: most - 1].rstrip() + "…"
    return line.replace("$", "\\$")


def title(ax: Axes, *lines: str) -> None:
    """What is shown, and when, at the left above the axes; long lines are broken to the width of the axes."""
    room = max(24, int(_inches(ax) * 12.0))
    broken = [part for line in lines if line for part in textwrap.wrap(plain(line, 4 * room), room)[:3]]
    ax.set_title("\n".join(broken), loc="left", fontsize=10.5, color=INK)


def _columns(names: Sequence[str], room: float) -> int:
    """As many columns as fit; they are filled one after the other."""
    for count in range(min(6, len(names)), 1, -1):
        most, extra = divmod(len(names), count)
        ends = [most * (i + 1) + min(i + 1, extra) for i in range(count)]
        widths = [max(map(len, names[a:b])) for a, b in zip([0, *ends], ends, strict=False)]
        if sum(0.07 * width + 0.62 for width in widths) <= room:
            return count
    return 1


def _inches(ax: Axes) -> float:
    """Width of the axes, as far as it is known before the layout."""
    return float(ax.get_position(original=True).width * figure_of(ax).get_size_inches()[0]) * 1.08


def figure_of(ax: Axes) -> Figure:
    """The whole figure that axes stand in."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise InputError(Problem("ax has been taken out of its figure", ("ax",), "take one of plt.subplots()"))
    return figure


def quiet(ax: Axes, grid: Literal["x", "y", "both", ""] = "y") -> None:
    """Axes without what is not needed; settings that hold when ticks are made later."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=8.5, colors=GREY, labelcolor=INK)
    if grid:
        ax.grid(axis=grid, color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)


def legend(ax: Axes, handles: Sequence[Any], labels: Iterable[str], columns: int = 0, **more: Any) -> Legend | None:
    """A legend beneath the axes, where it hides nothing; labels may begin with an underscore."""
    named = [plain(label, 72) for label in labels]
    if not named:
        return None
    from matplotlib.transforms import ScaledTranslation

    figure = figure_of(ax)
    # A fixed distance beneath: what stands under the axes does not grow with them.
    below = ax.transAxes + ScaledTranslation(0.0, -(40.0 if ax.axison else 15.0) / 72.0, figure.dpi_scale_trans)
    more = {"loc": "upper left", "bbox_to_anchor": (0.0, 0.0), "bbox_transform": below, "borderaxespad": 0.0, **more}
    count = columns or _columns(named, _inches(ax))
    made = ax.legend(handles, ["-" for _ in named], ncols=count, fontsize=8.5, frameon=False, **more)
    for text, name in zip(made.get_texts(), named, strict=True):
        text.set_text(name)
    return made


def dates(ax: Axes) -> None:
    """Days along the x axis, as short as they can be."""
    from matplotlib import dates as module

    untyped: Any = module

    places = untyped.AutoDateLocator(minticks=3, maxticks=8)
    ax.xaxis.set_major_locator(places)
    ax.xaxis.set_major_formatter(untyped.ConciseDateFormatter(places))
    ax.set_xlabel("date (first day of each period)")


def system_title(system: ExportSystem) -> str:
    """The system's name for people."""
    return system.title or system.name


def scenario_title(plan: Allocation) -> str:
    """The scenario's name for people; an alternative's own name."""
    return plan.scenario.title if plan.scenario.title and plan.optimal else plan.name


def when(plan: Allocation) -> str:
    """``System: scenario, 1 to 30 November`` or ``2025 base year``."""
    head = f"{system_title(plan.system)}: {scenario_title(plan)}"
    if plan._over_time is not None:
        first, last = span(plan)
        return f"{head}, mean of {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    return f"{head}, {plan.system.base_year} base year" if plan.system.base_year else f"{head}, a whole year"


def span(plan: Allocation) -> tuple[dt.date, dt.date]:
    """First and last day of a horizon."""
    first: dt.date = plan.periods.index[0].date()
    return first, first + dt.timedelta(days=int(plan.periods["total", "days"].sum()) - 1)


def needs(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse a frame that lacks a column."""
    missing = [name for name in columns if name not in frame]
    if missing:
        hint = did_you_mean(missing[0], map(str, frame.columns), other="its columns")
        raise InputError(Problem(f"the frame has no column {missing[0]!r}", ("frame",), hint, "unknown-id"))
