"""Where things stand in a file, looked up only when something is wrong."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any

from routeopt.errors import Problem

__all__ = ["Marks", "Positions", "located"]

Marks = dict[str | int, tuple[int, int]]
"""Key or index -> where the key and where the value begins, in characters from the start of the text."""


class Positions:
    """Lines and columns of the keys and values of a document, for messages about ``file``.

    The composer notes two numbers for each entry, in a table for each mapping or list. Nothing else is kept:
    a path is walked through the data, and lines are counted, when a place is asked for."""

    def __init__(self, text: str, file: str = "") -> None:
        self.text, self.file = text, file
        self.data: Any = None
        self.root = 0
        # By identity: the same list or mapping may be reached by several aliases. `data` keeps them alive.
        self._tables: dict[int, Marks] = {}

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer(r"\r\n|\r|\n", self.text))]

    def place(self, index: int) -> tuple[int, int]:
        """Line and column of a character, counted from 1."""
        line = bisect_right(self._lines, index)
        return line, index - self._lines[line - 1] + 1

    def table(self, container: object) -> Marks:
        """A new table of marks for a list or mapping of the data."""
        marks: Marks = {}
        self._tables[id(container)] = marks
        return marks

    def find(self, path: Iterable[str | int], *, on_key: bool = False) -> tuple[int, int]:
        """Line and column of what a path leads to, or of the last key on it (``on_key``), counted from 1.

        What is not there is placed at the deepest part that is. In a list of words a word may stand for its index."""
        here: Any = self.data
        key = value = self.root
        whole = True
        for step in path:
            entry = _entry(here, step)
            if entry is None:
                whole = False
                break
            key, value = self._tables[id(here)][entry]
            here = here[entry]
        if isinstance(here, dict | list):
            # What lacks a key is named by its own key, and so is a block that begins under its key.
            on_key = on_key or not whole or self.place(key)[0] < self.place(value)[0]
        return self.place(key if on_key else value)


def _entry(here: object, step: str | int) -> str | int | None:
    """The key or index that a step means in a mapping or list; None if it leads nowhere."""
    if isinstance(here, dict):
        return step if step in here else None
    if isinstance(here, list):
        if isinstance(step, int):
            return step if 0 <= step < len(here) else None
        return here.index(step) if step in here else None
    return None


def located(problems: Iterable[Problem], positions: Positions) -> list[Problem]:
    """The same problems with file, line and column, from the top of the file to its end, each once."""
    placed: dict[tuple[int, int, str], Problem] = {}
    for problem in problems:
        line, column = problem.line, problem.column
        if not line:
            line, column = positions.find(problem.path, on_key=problem.on_key or _names_its_key(problem))
        full = replace(problem, file=positions.file, line=line, column=column)
        placed.setdefault((line, column, problem.message), full)
    return sorted(placed.values(), key=lambda problem: (problem.line, problem.column))


def _names_its_key(problem: Problem) -> bool:
    """Whether an unknown id is itself the last key: ``differential: {no-such-stream: 1 USD/t}``."""
    return bool(problem.path) and problem.code == "unknown-id" and problem.message.endswith(repr(problem.path[-1]))
