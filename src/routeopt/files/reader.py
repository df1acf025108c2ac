"""From the text of a file to plain data with positions.

PyYAML's libyaml gives events; the tree is put together here, without recursion, so that nothing a file holds
can exhaust the interpreter. Only the core types of YAML 1.2 exist: nothing is executed and nothing is fetched.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from routeopt.errors import FileError, Problem
from routeopt.files.compose import Composer
from routeopt.files.positions import Positions
from routeopt.files.syntax import syntax_problem

__all__ = ["MAX_BYTES", "Document", "read_file", "read_text"]

MAX_BYTES = 32 * 1024 * 1024
"""Size of the largest file that is read."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds."""

    data: Any  # dicts with text as keys, lists, texts, numbers, truth values and None
    positions: Positions  # where each part of it stands
    problems: tuple[Problem, ...]  # after which it could be read on: duplicate keys, keys that are not text, tags


def read_text(text: str | bytes, file: str = "") -> Document:
    """Read YAML; bytes are UTF-8, with or without a byte order mark; ``file`` is its name in messages.

    Raises FileError, with the place, if it is not UTF-8, not YAML, empty, holds several documents, or passes a limit
    (`MAX_BYTES`, and those of `routeopt.files.compose`).

    >>> document = read_text("country: NO\\nlegs:\\n  btc: {capacity: 50 Mt/y}\\n")
    >>> document.data
    {'country': 'NO', 'legs': {'btc': {'capacity': '50 Mt/y'}}}
    >>> document.positions.find(("legs", "btc", "capacity"))
    (3, 19)
    """
    _refuse_size(len(text), file)
    if isinstance(text, bytes):
        text = _decoded(text, file)
    text = text.removeprefix("\ufeff")
    positions = Positions(text, file)
    strange = _NOT_TEXT.search(text)
    if strange:
        line, column = positions.place(strange.start())
        message = f"the character {strange[0]!r} cannot be in a text file"
        raise FileError(Problem(message, hint="delete it", code="syntax", file=file, line=line, column=column))
    composer = Composer(positions)
    try:
        composer.compose(_events(text))
    except FileError:
        raise
    except (yaml.YAMLError, ValueError) as error:
        raise FileError([*composer.problems, syntax_problem(error, positions)]) from None
    return Document(positions.data, positions, tuple(composer.problems))


def read_file(path: Path, name: str = "") -> Document:
    """Read a YAML file; ``name`` stands for it in messages. Raises `FileError` as `read_text`."""
    name = name or str(path)

    def fail(message: str, hint: str = "") -> FileError:
        return FileError(Problem(message, hint=hint, code="file", file=name))

    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            raise fail("is a folder, not a file", "name a .yaml file in it")
        if not stat.S_ISREG(found.st_mode):
            raise fail("is not a file that can be read")
        _refuse_size(found.st_size, name)
        content = path.read_bytes()
    except FileNotFoundError:
        raise fail("there is no such file", _beside(path)) from None
    except PermissionError:
        raise fail("cannot be read", "you lack the permission") from None
    except OSError as error:
        raise fail(f"cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        if isinstance(error, FileError):
            raise
        raise fail(f"is not the name of a file: {error}") from None
    return read_text(content, name)


def _events(text: str) -> Iterator[Any]:
    events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
    return events


def _refuse_size(size: int, file: str) -> None:
    if size > MAX_BYTES:
        message = f"has {size / 1e6:.0f} MB; files up to {MAX_BYTES / 1e6:.0f} MB are read"
        raise FileError(Problem(message, hint="divide it", code="limit", file=file))


def _decoded(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        line, column = Positions(before).place(len(before))
        message = f"is not text in UTF-8: byte 0x{content[error.start]:02x}"
        hint = "save the file as UTF-8"
        raise FileError(Problem(message, hint=hint, code="encoding", file=file, line=line, column=column)) from None


def _beside(path: Path) -> str:
    """A hint that names a file like it in the same folder."""
    from difflib import get_close_matches

    try:
        names = sorted(entry.name for entry in path.parent.iterdir() if entry.suffix in (".yaml", ".yml"))
    except OSError:
        return f"there is no folder {path.parent} either"
    near = get_close_matches(path.name, names, n=1)
    return f"did you mean {near[0]!r}?" if near else ""
