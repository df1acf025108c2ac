"""A closure: a cut of the availability of something, over dates."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator
from pydantic import Field as Declare

from routeopt.system.base import Id, Ids, Record, Tags, wrong
from routeopt.system.causes import SELECTORS
from routeopt.system.dates import Day
from routeopt.system.quantity import Duration, Fraction

__all__ = ["SELECTORS", "Announcement", "Closure", "Recovery"]


class Announcement(Record):
    """What was known of a closure's end, and from when on."""

    on: Day
    """The day on which it was said."""
    until: Day
    """The end that was expected then: the first day back."""

    @model_validator(mode="after")
    def _ahead(self) -> Announcement:
        if self.until <= self.on:
            text = f"says on {self.on} that it ends on {self.until}"
            raise wrong(text, "an end that is expected lies ahead", "until")
        return self


class Recovery(Record):
    """How capacity comes back after the end."""

    shape: str = Declare(default="linear", pattern="^(step|linear)$")
    """``step``: all at once. ``linear``: evenly over `over`."""
    over: Duration | None = None
    """How long it takes."""

    @model_validator(mode="after")
    def _how_long(self) -> Recovery:
        if self.shape == "linear" and self.over is None:
            raise wrong("does not say how long it takes", "write linear 14 d")
        if self.shape == "step" and self.over is not None:
            raise wrong("a step takes no time", f"write linear {self.over}, or step", "over", on_key=True)
        if self.over is not None and self.over.inner > 36_500:
            raise wrong(f"{self.over} is more than a century", "write linear 14 d", "over")
        return self


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
    """First day closed; ``from`` in a file. Without it, or before the horizon, the closure begins with the horizon."""
    end: Day | None = Declare(default=None, alias="to")
    """First day back; ``to`` in a file. Without it the closure lasts to the end of what is planned."""
    cause: str = ""
    """Why."""
    recovery: Annotated[Recovery | None, BeforeValidator(_read_recovery)] = None
    """How capacity comes back."""
    announced: Annotated[tuple[Announcement, ...], BeforeValidator(tuple)] = ()
    """What was said of the end, and when. Without it the end is known from the first day."""
    planned: bool = False
    """Whether it is known before it begins."""
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
        if self.recovery and self.end is None:
            raise wrong("comes back, but has no end", "write to: 2026-01-25", "recovery", on_key=True)
        self._announced_in_order()
        return self

    def _announced_in_order(self) -> None:
        for before, after in itertools.pairwise(self.announced):
            if after.on <= before.on:
                raise wrong(f"was announced on {after.on} after {before.on}", "put them in order", "announced")
        if self.planned and self.announced:
            raise wrong("is planned, so its end is known", "leave announced out", "announced", on_key=True)

    @property
    def target(self) -> tuple[str, str]:
        """What is closed: the selector and the name, ``("leg", "btc")``."""
        for key in SELECTORS:
            name = getattr(self, key)
            if name is not None:
                return key, name
        return "commodity", str(self.commodity)

    @property
    def back(self) -> dt.date:
        """The first day on which all of it is back; the last day of the calendar if it has no end."""
        if self.end is None:
            return dt.date.max
        over = self.recovery.over.inner if self.recovery and self.recovery.over else 0.0
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
