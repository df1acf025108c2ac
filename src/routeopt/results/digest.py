"""What a result shows: a title, key figures and tables with units, notes, drawings. Plain data, nothing that renders.

Units are written as in a file (``Mt/y``, ``USD/t``). Two more words stand for numbers without a dimension: ``share``
for a part of one, shown in per cent, and ``1`` for counts and ratios, shown as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from routeopt.errors import InputError, Problem, did_you_mean

if TYPE_CHECKING:
    import pandas

__all__ = ["ILLUSTRATED", "Digest", "Drawing", "Figure", "Origins", "Table"]

ILLUSTRATED = 4
"""Of at most so many scenarios a report has a drawing each; its tables have all."""
_OTHER = re.compile(r"\W+")


@dataclass(frozen=True)
class Figure:
    """One number or word with its label and unit, which is empty for words alone."""

    label: str
    value: float | int | str
    unit: str = ""

    @property
    def name(self) -> str:
        """The label as a key of a file: ``shut_in``."""
        return _OTHER.sub("_", self.label.lower()).strip("_") or self.label


@dataclass(frozen=True, eq=False)
class Table:
    """One table: its name in files, its title, and its frame or what makes it when somebody asks.

    ``units`` has the unit of each column of numbers, and of an index of numbers. A column whose rows differ has none:
    their units stand in a column called ``unit``.
    """

    name: str
    title: str
    made: pandas.DataFrame | Callable[[], pandas.DataFrame]
    units: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def frame(self) -> pandas.DataFrame:
        """The table itself."""
        return self.made() if callable(self.made) else self.made

    @property
    def empty(self) -> bool:
        """Whether it is known to have no rows, without making it."""
        return not callable(self.made) and self.made.empty

    def flat(self) -> pandas.DataFrame:
        """The same with its index as columns, for files and screens; an index without a name becomes ``id``."""
        frame = self.frame
        if frame.index.nlevels == 1 and frame.index.name is None:
            frame = frame.rename_axis("id")
        return frame.set_axis([str(name) for name in frame.columns], axis="columns").reset_index()


@dataclass(frozen=True, eq=False)
class Digest:
    """A result as people read it: title, where it belongs, figures and tables with the most important first.

    ``notes`` are what a reader must know before using the numbers; ``details`` are further figures, which files and the
    command line have and cards leave out.
    """

    title: str
    subtitle: str
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    details: tuple[Figure, ...] = ()

    def table(self, name: str | None = None) -> Table:
        """A table by name, the first by default; InputError if there is none of that name."""
        if name is None:
            return self.tables[0]
        for table in self.tables:
            if table.name == name:
                return table
        known = [table.name for table in self.tables]
        text = f"there is no table {name!r} of {self.title}"
        raise InputError(Problem(text, ("table",), did_you_mean(name, known, other="tables")))


@dataclass(frozen=True, eq=False)
class Origins:
    """What a result was made of, as its manifest tells: systems, allocations that it holds with their certificates by
    name, scenarios of which it holds none, and what else was asked (a seed, a number of draws, foresight).
    """

    systems: tuple[Any, ...]
    plans: Mapping[str, Any] = field(default_factory=dict)
    scenarios: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Drawing:
    """A drawing of a kind of result.

    ``draws`` is ``module:function`` of `routeopt.views`; the function takes the result and ``ax=`` and returns the
    axes. ``caption`` stands under it in a report, with ``{self}`` for the result and ``{of}`` for what tells it from
    others there; without one reports leave it out. ``tips`` finds the words to show where somebody points at a line;
    ``live`` makes a plotly figure of the same, which browsers show in its place.
    """

    draws: str
    caption: str = ""
    tips: str = ""
    live: str = ""
