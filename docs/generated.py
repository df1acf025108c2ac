"""Put computed tables into a page of the documentation, between ``<!-- name -->`` and ``<!-- end -->``."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["publish"]


def publish(page: Path, tables: Mapping[str, str]) -> None:
    """Print the tables; with ``--write`` put each into its place in the page instead."""
    if "--write" not in sys.argv:
        print("\n\n".join(tables.values()))
        return
    text = page.read_text(encoding="utf-8")
    for name, content in tables.items():
        found = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL).search(text)
        if found is None:
            raise SystemExit(f"{page.name} has no place for the table {name!r}")
        text = f"{text[: found.start()]}{found[1]}{content}\n{found[2]}{text[found.end() :]}"
    page.write_text(text, encoding="utf-8")
