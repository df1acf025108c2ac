"""A closure: a cut of the availability of something, over dates."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema, model_validator
from pydantic import Field as Declare

from routeopt.system.base import Id, Ids, Record, Tags, wrong
from routeopt.system.causes import SELECTORS
from routeopt.system.quantity import Duration, Fraction

__all__ = ["SELECTORS", "Announcement", "Closure", "Day", "Recovery"]


def _read_day(raw: object) -> dt.date:
    if isinstance(raw, dt.date) and not isinstance(raw, dt.datetime):
        return raw
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", raw.strip()) if isinstance(raw, str) else None
    if match is None:
        raise wrong(f"needs a date, not {str(raw)[:40]!r}", "write 2025-11-29")
    year, month, day = (int(part) for part in match.groups())
    try:
        return dt.date(year, month, day)
    except ValueError:
        hint = f"{year} is no leap year" if (month, day) == (2, 29) else "write year-month-day"
        raise wrong(f"there is no {raw}", hint) from None


Day = Annotated[
    dt.date,
    BeforeValidator(_read_day),
    PlainSerializer(lambda day: day.isoformat(), return_type=str),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A date, as year-month-day. Spans are half-open: the end is the first day back."""


class Announcement(Record):
    """What was known of a closure's end, and from when on."""

    on: Day
    """The day on which it was said."""
    until: Day
    """The end that was expected then."""


class Recovery(Record):
    """How capacity comes back after the end."""

    shape: str = Declare(default="linear", pattern="^(step|linear)$")
    """``step``: all at once. ``linear``: evenly over `over`."""
    over: Duration | None = None
    """How long it takes."""


def _read_recovery(raw: Any) -> Any:
    # "linear 14 d" is how it is written in one line.
    if isinstance(raw, str):
        shape, _, over = raw.partition(" ")
        if shape not in ("step", "linear"):
            raise wrong(f"{raw!r} is no way to recover", "write linear 14 d, or step")
        return {"shape": shape, "over": over} if over else {"shape": shape}
    return raw


class Closure(Record):
    """A cut of availability. It names one thing; with ``commodity`` it is an embargo on that stream alone."""

    leg: Id | None = None
    """A leg; with ``component`` only that part of it."""
    component: Ids = ()
    """One or several components of the leg."""
    node: Id | None = None
    """A node: a field loses output, any other node what passes through it."""
    group: Id | None = None
    """A group: its shared capacity."""
    route: Id | None = None
    """A route: its marker legs."""
    country: Id | None = None
    """A country: the legs that cross it and the hubs and terminals that lie in it, not its fields and markets."""
    chokepoint: Id | None = None
    """A narrow place: the legs and nodes that belong to it."""
    operator: Id | None = None
    """Whoever runs legs, nodes and components."""
    tag: str | None = None
    """Legs, nodes and components that carry the tag."""
    commodity: Id | None = None
    """Only this stream is stopped."""
    availability: Fraction | None = None
    """What is left: 0 % if not given."""
    start: Day | None = Declare(default=None, alias="from")
    """First day closed; ``from`` in a file. Without it the closure begins with the horizon."""
    end: Day | None = Declare(default=None, alias="to")
    """First day back; ``to`` in a file. Without it the closure lasts to the horizon's end."""
    cause: str = ""
    """Why."""
    recovery: Annotated[Recovery | None, BeforeValidator(_read_recovery)] = None
    """How capacity comes back."""
    announced: Annotated[tuple[Announcement, ...], BeforeValidator(tuple)] = ()
    """What was said of the end, and when."""
    source: Tags = ()
    """Where this is known from: ids of the system's sources, or titles of documents."""
    note: str = ""
    """What a reader should know."""

    @model_validator(mode="after")
    def _one_thing(self) -> Closure:
        named = [key for key in SELECTORS if getattr(self, key) is not None]
        if len(named) > 1:
            raise wrong(f"names {' and '.join(named)}", "write one closure for each", named[1], on_key=True)
        if self.component and self.leg is None:
            raise wrong("a component belongs to a leg", "write leg: ... beside it", "component", on_key=True)
        if not named and self.commodity is None:
            raise wrong("closes nothing", f"name one of {', '.join(SELECTORS)} or commodity")
        if self.component and self.commodity is not None:
            raise wrong("a component cannot be closed to one commodity", "close the leg to it", "commodity")
        if self.start and self.end and self.end <= self.start:
            raise wrong(f"ends on {self.end}, not after it starts on {self.start}",
                        "'to' is the first day back", "to")  # fmt: skip
        return self

    @property
    def target(self) -> tuple[str, str]:
        """What is closed: the selector and the name, ``("leg", "btc")``."""
        for key in SELECTORS:
            name = getattr(self, key)
            if name is not None:
                return key, name
        return "commodity", str(self.commodity)

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
