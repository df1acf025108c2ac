"""What of a result people look at first: a title, key figures with units, tables with units, notes.

Cards, reports, files and the command line all show this, so that they say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from routeopt.errors import InputError, Problem, did_you_mean

if TYPE_CHECKING:
    import pandas

__all__ = ["Digest", "Figure", "Table", "digest"]


@dataclass(frozen=True)
class Figure:
    """One number.

    Attributes
    ----------
    label : str
    value : float, int or str
    unit : str
        Empty for a plain number or a word; ``share`` for a part of one.
    """

    label: str
    value: float | int | str
    unit: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """One table.

    Attributes
    ----------
    name, title : str
    frame : pandas.DataFrame
    units : mapping of str to str
        Column -> unit; columns without one are words or plain numbers.
    """

    name: str
    title: str
    frame: pandas.DataFrame
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Digest:
    """A result as people read it.

    Attributes
    ----------
    kind : str
        Name of the class of the result.
    title, subtitle : str
    figures : tuple of Figure
        The most important first.
    tables : tuple of Table
        The most important first.
    notes : tuple of str
        What a reader must know before using the numbers.
    """

    kind: str
    title: str
    subtitle: str
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()

    def table(self, name: str | None = None) -> Table:
        """A table by name; the first if none is given.

        Raises
        ------
        InputError
            There is none of that name.
        """
        if name is None:
            return self.tables[0]
        for table in self.tables:
            if table.name == name:
                return table
        known = [table.name for table in self.tables]
        raise InputError(Problem(f"there is no table {name!r}", ("table",), did_you_mean(name, known, other="tables")))


def digest(result: Any) -> Digest:
    """What of a result people look at first.

    Parameters
    ----------
    result
        Anything that a verb of routeopt returns, or an export system.

    Raises
    ------
    InputError
        It is no result.

    Examples
    --------
    >>> import routeopt as ro
    >>> shown = digest(ro.allocate(ro.load("kazakhstan"), "cpc-closed"))
    >>> shown.title, [figure.label for figure in shown.figures][:2], shown.tables[0].units["flow"]
    ('CPC shut', ['exported', 'shut in'], 'Mt/y')
    """
    from routeopt.views import digests_allocation, digests_decide, digests_resilience

    every: dict[str, Callable[[Any], Digest]] = {
        **digests_allocation.KNOWN, **digests_resilience.KNOWN, **digests_decide.KNOWN
    }  # fmt: skip
    for kind in type(result).__mro__:
        if kind.__name__ in every and kind.__module__.startswith("routeopt."):
            return every[kind.__name__](result)
    raise InputError(f"a {type(result).__name__} is no result of routeopt")
