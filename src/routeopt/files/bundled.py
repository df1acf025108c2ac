"""Systems that come with the library."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["bundled_systems", "data_folder"]

_PACKAGE = Path(__file__).parents[1]
_NAME = re.compile(r"""^name:[ \t]*["']?([^"'\s#]+)""", re.MULTILINE)
_HEAD = 64 * 1024


def data_folder() -> Path:
    """Where the shipped data are: inside an installed package, or beside ``src`` in a checkout."""
    inside = _PACKAGE / "data"
    return inside if inside.is_dir() else _PACKAGE.parents[1] / "data"


def bundled_systems() -> dict[str, Path]:
    """Return the included systems: name to file.

    Returns
    -------
    dict of str to Path
        Sorted by name. Only the head of each file is read.

    Examples
    --------
    >>> all(path.suffix == ".yaml" for path in bundled_systems().values())
    True
    """
    found: dict[str, Path] = {}
    for path in sorted(data_folder().glob("*.yaml")):
        with path.open(encoding="utf-8", errors="replace") as file:
            name = _NAME.search(file.read(_HEAD))
        if name:
            found[name[1]] = path
    return dict(sorted(found.items()))
