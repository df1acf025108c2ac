"""What all results have in common: they say what they show, appear as a card, are drawn, saved and reported.

Results know nothing of views; this is the one place where they ask for them, and only when somebody looks.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from routeopt.errors import did_you_mean
from routeopt.results.digest import Digest, Drawing, Origins

__all__ = ["Illustration", "Plots", "Result", "illustrate", "view"]


def view(reference: str) -> Any:
    """``module:function`` out of `routeopt.views`, loaded when it is asked for."""
    module, _, name = reference.partition(":")
    return getattr(importlib.import_module(f"routeopt.views.{module}"), name)


class Plots:
    """Drawings of one result by name; each takes ``ax=`` and returns the axes. Called itself it makes the first."""

    def __init__(self, result: Result) -> None:
        self._result = result

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_") or name not in self._result.drawings:
            hint = "" if name.startswith("_") else f"; {did_you_mean(name, self._result.drawings)}"
            raise AttributeError(f"no drawing {name!r}{hint}")
        place = self._result.drawings[name].draws

        def draw(*args: Any, **more: Any) -> Any:
            return view(place)(self._result, *args, **more)

        draw.__name__, draw.__doc__ = name, f"See `routeopt.views.{place.replace(':', '.')}`."
        return draw

    def __call__(self, ax: Any = None, **more: Any) -> Any:
        return getattr(self, self._result._first_drawing)(ax=ax, **more)

    def __dir__(self) -> list[str]:
        return list(self._result.drawings)

    def __repr__(self) -> str:
        names = ", ".join(f".{name}()" for name in self._result.drawings)
        return f"drawings of {type(self._result).__name__}: {names}"


class Result:
    """A result that people look at, save and send on."""

    drawings: ClassVar[Mapping[str, Drawing]] = {}

    @property
    def _first_drawing(self) -> str:
        """What ``plot()`` draws."""
        return next(iter(self.drawings))

    """What ``plot`` draws, by name; the most natural one first."""

    def digest(self) -> Digest:
        """What it shows: title, key figures and tables with units, notes. All that renders a result renders this."""
        raise NotImplementedError

    def origins(self) -> Origins:
        """What it was made of: its manifest tells that."""
        raise NotImplementedError

    @property
    def plot(self) -> Plots:
        """Drawings of this result (`Plots`); called itself it makes the most natural one."""
        if not self.drawings:
            raise AttributeError(f"a {type(self).__name__} has tables only; there is nothing to plot")
        return Plots(self)

    def illustrations(self) -> Iterable[Illustration]:
        """Return the drawings of a report: by default each one that has a caption."""
        return [illustrate(self, name) for name, one in self.drawings.items() if one.caption]

    def _repr_html_(self) -> str:
        return str(view("card:card")(self))

    @property
    def manifest(self) -> dict[str, Any]:
        """Return what reproduces this result: hashes of data and scenario, versions, seed, solver, certificate.

        Returns
        -------
        dict
            Plain values, the same each time: no date and no path.
        """
        return dict(view("writers:manifest")(self))

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
        return str(view("writers:to_json")(self, path, overwrite))

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
        return str(view("writers:to_csv")(self, path, table, overwrite))

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
        written: Path = view("writers:to_parquet")(self, path, table, overwrite)
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
        written: Path = view("report:report")(self, path, overwrite)
        return written


@dataclass(frozen=True, eq=False)
class Illustration:
    """A drawing of one result as a report has it: its name, caption, and arguments for the function that draws."""

    result: Result
    name: str
    caption: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def drawing(self) -> Drawing:
        """How it is drawn."""
        return self.result.drawings[self.name]


def illustrate(result: Result, name: str, /, of: str = "", **arguments: Any) -> Illustration:
    """A drawing of a result for a report; ``of`` tells it from others there, ``arguments`` are for what draws."""
    return Illustration(result, name, result.drawings[name].caption.format(self=result, of=of), arguments)
