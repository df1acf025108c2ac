"""Dates, and work that is planned ahead."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema, model_validator
from pydantic import Field as Declare

from routeopt.system.base import Record, Tags, wrong
from routeopt.system.quantity import Fraction

__all__ = ["Day", "Maintenance", "YearDay"]


def _read_day(raw: object) -> dt.date:
    if isinstance(raw, dt.date) and not isinstance(raw, dt.datetime):
        return _in_reach(raw)
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", raw.strip()) if isinstance(raw, str) else None
    if match is None:
        raise wrong(f"needs a date, not {str(raw)[:40]!r}", "write 2025-11-29")
    year, month, day = (int(part) for part in match.groups())
    try:
        found = dt.date(year, month, day)
    except ValueError:
        hint = f"{year} is no leap year" if (month, day) == (2, 29) else "write year-month-day"
        raise wrong(f"there is no {raw}", hint) from None
    return _in_reach(found)


def _in_reach(day: dt.date) -> dt.date:
    if not 1800 <= day.year <= 2500:
        raise wrong(f"{day.year} is no year of an export system", "write a year from 1800 to 2500")
    return day


Day = Annotated[
    dt.date,
    BeforeValidator(_read_day),
    PlainSerializer(lambda day: day.isoformat(), return_type=str),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A date, as year-month-day. Spans are half-open: the end is the first day back."""


def _read_year_day(raw: object) -> str:
    if isinstance(raw, str) and re.fullmatch(r"\d{2}-\d{2}", raw.strip()):
        text = raw.strip()
        if text == "02-29":
            raise wrong("02-29 comes in leap years only", "write 02-28 or 03-01")
        try:
            dt.date(2001, int(text[:2]), int(text[3:]))
        except ValueError:
            raise wrong(f"there is no {text} in a year", "write month-day, as 04-15") from None
        return text
    return _read_day(raw).isoformat()


YearDay = Annotated[str, BeforeValidator(_read_year_day)]
"""A date, or month-day for every year (``04-15``)."""


class Maintenance(Record):
    """Planned maintenance of a normal year, known in advance.

    Examples
    --------
    >>> work = Maintenance.model_validate({"from": "12-30", "to": "01-02"})
    >>> [str(day) for day in next(work.spans(dt.date(2025, 1, 1), dt.date(2026, 1, 1)))]
    ['2024-12-30', '2025-01-02']
    """

    start: YearDay = Declare(alias="from")
    """First day out; ``from`` in a file. ``04-15`` means every year."""
    end: YearDay = Declare(alias="to")
    """First day back; ``to`` in a file."""
    availability: Fraction | None = None
    """Availability left. Default: 0%."""
    source: Tags = ()
    """Sources."""
    note: str = ""
    """Remarks for the reader."""

    @model_validator(mode="after")
    def _forward(self) -> Maintenance:
        if len(self.start) != len(self.end):
            raise wrong("one end is a date and the other comes every year", "write both alike", "to")
        if self.end == self.start or (len(self.start) == 10 and self.end < self.start):
            raise wrong(f"ends on {self.end}, not after it starts on {self.start}", "'to' is the first day back", "to")
        return self

    @property
    def left(self) -> float:
        """Share that stays available."""
        return self.availability.inner if self.availability else 0.0

    def spans(self, first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
        """First day out and first day back of each stop that touches the days from ``first`` to before ``last``."""
        if len(self.start) == 10:
            stops = [(dt.date.fromisoformat(self.start), dt.date.fromisoformat(self.end))]
        else:
            over = int(self.end < self.start)
            stops = [
                (dt.date.fromisoformat(f"{year}-{self.start}"), dt.date.fromisoformat(f"{year + over}-{self.end}"))
                for year in range(first.year - over, last.year + 1)
            ]
        return ((start, end) for start, end in stops if start < last and end > first)
