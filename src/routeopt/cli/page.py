"""What a command has to say, before it is known in which format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

__all__ = ["Page", "Sheet"]


@dataclass(frozen=True)
class Sheet:
    """A table that is made when it is asked for.

    Attributes
    ----------
    make : callable
        Gives the frame; its index is part of the table.
    units : mapping of str to str
        Unit of each column of numbers; ``1`` for shares. A column may be of several units, which then stand beside it
        in a column called ``unit``.
    """

    make: Callable[[], pandas.DataFrame]
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """The answer of a command.

    Attributes
    ----------
    command : str
    about : mapping
        What was asked: system, scenario and so on.
    sheets : mapping of str to Sheet
        Tables; the first is what csv shows.
    values : mapping of str to (value, unit)
        Single figures.
    text : callable, optional
        The page in words, as the result prints itself; the tables stand in its place if there is none.
    notes : tuple of str
        What a reader must know.
    title : str
        First line of the page for people.
    shown : tuple of str
        Tables of the page for people; all if not given.
    """

    command: str
    about: Mapping[str, Any]
    sheets: Mapping[str, Sheet]
    values: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    text: Callable[[], str] | None = None
    notes: tuple[str, ...] = ()
    title: str = ""
    shown: tuple[str, ...] = ()
