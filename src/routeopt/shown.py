"""What every result can do with itself: show a card in a notebook, be drawn, be saved.

Results know nothing of views; this is the one place where they ask for them, and only when somebody looks.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

__all__ = ["Figures", "Shown", "view"]

T_co = TypeVar("T_co", covariant=True)


def view(module: str, name: str) -> Any:
    """Something out of `routeopt.views`, loaded when it is asked for."""
    return getattr(importlib.import_module(f"routeopt.views.{module}"), name)


class Figures(Generic[T_co]):
    """Attribute of a result's class that gives its figures, by the name of a class in `routeopt.views.accessors`.

    Results know nothing of figures, and nothing that draws is imported before ``result.plot`` is read.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.__doc__ = "Figures of this result; called itself it draws the most natural one."

    def __get__(self, result: Any, owner: type | None = None) -> T_co:
        if result is None:
            return cast("T_co", self)  # as every descriptor answers when a class is asked
        found: T_co = view("accessors", self._kind)(result)
        return found


class Shown:
    """A result that people look at, save and send on."""

    def _repr_html_(self) -> str:
        return str(view("card", "card")(self))

    @property
    def manifest(self) -> dict[str, Any]:
        """What it takes to make this result again: hashes of data and scenario, versions, seed, solver, certificate.

        Returns
        -------
        dict
            Plain values, the same each time: no date and no path.
        """
        return dict(view("manifest", "manifest")(self))

    def to_json(self, path: str | os.PathLike[str] | None = None, *, overwrite: bool = False) -> str:
        """Key figures, all tables with their units, notes and the manifest as one JSON document.

        Parameters
        ----------
        path : str or path, optional
            Also write it there, whole or not at all.
        overwrite : bool
            Replace a file that exists.

        Returns
        -------
        str
            The document. Numbers that are missing or infinite are null.

        Raises
        ------
        FileError
            The file exists, or cannot be written.
        """
        return str(view("saving", "to_json")(self, path, overwrite))

    def to_csv(
        self, path: str | os.PathLike[str] | None = None, table: str | None = None, *, overwrite: bool = False
    ) -> str:
        """One table as comma-separated values, units in the heads of its columns.

        Parameters
        ----------
        path : str or path, optional
            Also write it there.
        table : str, optional
            Which one (`tables` of `to_json`); the first if not given.
        overwrite : bool

        Returns
        -------
        str

        Raises
        ------
        InputError
            There is no such table.
        FileError
            The file exists, or cannot be written.
        """
        return str(view("saving", "to_csv")(self, path, table, overwrite))

    def to_parquet(self, path: str | os.PathLike[str], table: str | None = None, *, overwrite: bool = False) -> Path:
        """One table as a Parquet file; units, key figures and manifest are in its metadata under ``routeopt``.

        Parameters
        ----------
        path : str or path
        table : str, optional
            As in `to_csv`.
        overwrite : bool

        Raises
        ------
        InputError
            There is no such table, or pyarrow is not installed (extra ``parquet``).
        FileError
            The file exists, or cannot be written.
        """
        written: Path = view("saving", "to_parquet")(self, path, table, overwrite)
        return written

    def report(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """One page to send on: key figures, map, Sankey, curves, tables, sources, assumptions, certificate, manifest.

        It is a single file that asks for nothing from the network, and prints. It has some 6 MB, most of it plotly's
        JavaScript, and less than 0.4 MB for results without a Sankey.

        Parameters
        ----------
        path : str or path
            An ``.html`` file, written whole or not at all.
        overwrite : bool
            Replace a file that exists.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        InputError
            plotly or matplotlib is not installed (extra ``report``).
        FileError
            The file exists, or cannot be written.
        """
        written: Path = view("report", "report")(self, path, overwrite)
        return written
