"""A row of the table, and how the table is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["TOLERANCE", "Row", "disagreement", "printed"]

TOLERANCE = 1e-6
"""Values may differ by so much of the largest of their kind."""

HEAD = ("instance", "rows x columns", "work", "peer", "closures", "ours us", "peer us", "ratio", "wanted", "ok?")


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes
    ----------
    ours, theirs : float
        Seconds for one closure (or, in months, for one solve).
    closures : str
        How many of ours and of theirs were timed in a repeat, and how many repeats.
    wanted : float or None
        The ratio theirs / ours that is wanted at least.
    failed : str
        What is wrong: values that differ, or an error. Makes the command fail.
    note : str
        Why there are no numbers.
    """

    instance: str
    shape: tuple[int, int]
    work: str
    peer: str
    closures: str = ""
    ours: float | None = None
    theirs: float | None = None
    wanted: float | None = None
    failed: str = ""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times faster routeopt is."""
        return self.theirs / self.ours if self.ours and self.theirs else None

    def cells(self) -> tuple[str, ...]:
        """As text."""
        said = (self.failed and f"FAILED: {self.failed}") or self.note
        if not said and self.ratio is not None and self.wanted is not None:
            said = "yes" if self.ratio >= self.wanted else "below"
        return (
            self.instance, f"{self.shape[0]} x {self.shape[1]}", self.work, self.peer, self.closures,
            _number(self.ours and 1e6 * self.ours), _number(self.theirs and 1e6 * self.theirs),
            _number(self.ratio), _number(self.wanted), said,
        )  # fmt: skip


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def disagreement(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> str:
    """What differs between the three values of closures; empty if nothing does."""
    size = np.maximum(np.abs(ours).max(axis=0, initial=0.0), 1.0)
    off = np.abs(ours - theirs) / size
    if np.isfinite(off).all() and off.max(initial=0.0) <= TOLERANCE:
        return ""
    off = np.where(np.isfinite(off), off, np.inf)
    closure, kind = np.unravel_index(int(off.argmax()), off.shape)
    what = ("shortage", "volume", "money")[int(kind)]
    return f"{what} of closure {closure} differs by {off[closure, kind]:.1e} of the largest"


def printed(rows: Sequence[Row], markdown: bool = False) -> str:
    """All rows as an aligned table."""
    cells = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(HEAD))]
    right = {4, 5, 6, 7, 8}
    lines = []
    for line in cells:
        padded = [text.rjust(w) if k in right else text.ljust(w)
                  for k, (text, w) in enumerate(zip(line, widths, strict=True))]  # fmt: skip
        lines.append("| " + " | ".join(padded) + " |" if markdown else "  ".join(padded).rstrip())
    rule = ["-" * (w - 1) + ":" if k in right else "-" * w for k, w in enumerate(widths)]
    lines.insert(1, "| " + " | ".join(rule) + " |" if markdown else "  ".join("-" * w for w in widths))
    return "\n".join(lines)
