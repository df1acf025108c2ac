"""What every result can do: say what it shows, once; cards, the command line, reports and files only render that.

A new kind of result is a subclass of `Result` with ``digest()``, ``origins()``, and ``drawings`` if it can be drawn. A
new drawing is a function in `routeopt.views` that takes the result and ``ax=``, and a line in ``drawings``. A command
for the result is a function that returns it, under `routeopt.cli.command.command`.
"""

from __future__ import annotations

from routeopt.results.digest import ILLUSTRATED, Digest, Drawing, Figure, Origins, Table
from routeopt.results.number_format import cells, counted, joined, number, percent, plain, spoken
from routeopt.results.result import Illustration, Plots, Result, illustrate, view

__all__ = [
    "ILLUSTRATED", "Digest", "Drawing", "Figure", "Illustration", "Origins", "Plots", "Result", "Table", "cells",
    "counted", "illustrate", "joined", "number", "percent", "plain", "spoken", "view",
]  # fmt: skip
