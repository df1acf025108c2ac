"""A closure: a cut of the availability of something, over dates."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator
from pydantic import Field as Declare

from routeopt.system.base import Record, Tags, wrong
from routeopt.system.dates import Day
from routeopt.system.quantity import Duration, Fraction
from routeopt.system.target import Target

__all__ = ["Announcement", "Closure", "Recovery"]


class Announcement(Record):
    """An announcement of a closure's end."""

    on: Day
    """Day of the announcement."""
    until: Day
    """End expected from then on: the first day back."""

    @model_validator(mode="after")
    def _ahead(self) -> Announcement:
        if self.until <= self.on:
            text = f"says on {self.on} that it ends on {self.until}"
            raise wrong(text, "an end that is expected lies ahead", "until")
        return self


class Recovery(Record):
    """Recovery of capacity after the end of a closure."""

    shape: str = Declare(default="linear", pattern="^(step|linear)$")
    """``step``: all at once. ``linear``: evenly over `duration`."""
    duration: Duration | None = None
    """Time to full capacity."""

    @model_validator(mode="after")
    def _how_long(self) -> Recovery:
        if self.shape == "linear" and self.duration is None:
            raise wrong("does not say how long it takes", "write linear 14 d")
        if self.shape == "step" and self.duration is not None:
            raise wrong("a step takes no time", f"write linear {self.duration}, or step", "duration", on_key=True)
        if self.duration is not None and self.duration.inner > 36_500:
            raise wrong(f"{self.duration} is more than a century", "write linear 14 d", "duration")
        return self


def _read_recovery(raw: Any) -> Any:
    # "linear 14 d" is how it is written in one line.
    if isinstance(raw, str):
        shape, _, over = raw.partition(" ")
        if shape not in ("step", "linear"):
            raise wrong(f"{raw!r} is no way to recover", "write linear 14 d, or step")
        return {"shape": shape, "duration": over} if over else {"shape": shape}
    return raw


class Closure(Target):
    """A cut of availability of one `Target`, with dates; with ``commodity`` it is an embargo on that stream alone."""

    availability: Fraction | None = None
    """Availability left. Default: 0%."""
    start: Day | None = Declare(default=None, alias="from")
    """First day closed; ``from`` in a file. Without it, or before the horizon, the closure begins with the horizon."""
    end: Day | None = Declare(default=None, alias="to")
    """First day back; ``to`` in a file. Default: the closure lasts to the end of the planning window."""
    cause: str = ""
    """Cause, in words."""
    recovery: Annotated[Recovery | None, BeforeValidator(_read_recovery)] = None
    """Recovery of capacity after the end."""
    announced: Annotated[tuple[Announcement, ...], BeforeValidator(tuple)] = ()
    """Announcements of the end. Default: the end is known from the first day."""
    planned: bool = False
    """If true, it is known before it begins."""
    source: Tags = ()
    """Sources: ids of the system's sources, or titles of documents."""
    note: str = ""
    """Remarks for the reader."""

    @model_validator(mode="after")
    def _dates_in_order(self) -> Closure:
        if self.start and self.end and self.end <= self.start:
            raise wrong(f"ends on {self.end}, not after it starts on {self.start}",
                        "'to' is the first day back", "to")  # fmt: skip
        if self.recovery and self.end is None:
            raise wrong("comes back, but has no end", "write to: 2026-01-25", "recovery", on_key=True)
        for before, after in itertools.pairwise(self.announced):
            if after.on <= before.on:
                raise wrong(f"was announced on {after.on} after {before.on}", "put them in order", "announced")
        if self.planned and self.announced:
            raise wrong("is planned, so its end is known", "leave announced out", "announced", on_key=True)
        return self

    @property
    def back(self) -> dt.date:
        """The first day on which all of it is back; the last day of the calendar if it has no end."""
        if self.end is None:
            return dt.date.max
        over = self.recovery.duration.inner if self.recovery and self.recovery.duration else 0.0
        return self.end + dt.timedelta(days=math.ceil(over))

    @property
    def left(self) -> float:
        """Share that stays available."""
        return self.availability.inner if self.availability else 0.0

    def __str__(self) -> str:
        key, name = self.target
        parts = f"{', '.join(self.component)} of {name}" if self.component else f"{key} {name}"
        share = f" at {self.left:.0%}" if self.left else ""
        stream = f" to {self.commodity}" if self.commodity and key != "commodity" else ""
        return f"{parts}{stream}{share}"
