"""Common causes: what makes several things fail together, as a layer above what each does by itself."""

from __future__ import annotations

from pydantic import model_validator

from routeopt.system.base import Id, Ids, Record, wrong
from routeopt.system.components import Outages

__all__ = ["SELECTORS", "Cause", "Closes"]

SELECTORS = ("leg", "node", "group", "route", "country", "chokepoint", "operator", "tag")
"""What a closure or a cause can name, besides a component of a leg and a commodity."""


class Closes(Record):
    """What a cause closes: it names one thing, as a closure does, but has no dates."""

    leg: Id | None = None
    """A leg; with ``component`` only those parts of it."""
    component: Ids = ()
    """One or several components of the leg, all closed together."""
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

    @model_validator(mode="after")
    def _one_thing(self) -> Closes:
        named = [key for key in SELECTORS if getattr(self, key) is not None]
        if len(named) > 1:
            raise wrong(f"names {' and '.join(named)}", "give what fails together a tag", named[1], on_key=True)
        if self.component and self.leg is None:
            raise wrong("a component belongs to a leg", "write leg: ... beside it", "component", on_key=True)
        if not named and self.commodity is None:
            raise wrong("closes nothing", f"name one of {', '.join(SELECTORS)} or commodity")
        if self.component and self.commodity is not None:
            raise wrong("a component cannot be closed to one commodity", "close the leg to it", "commodity")
        return self

    @property
    def target(self) -> tuple[str, str]:
        """What is closed: the selector and the name, ``("tag", "black-sea")``."""
        for key in SELECTORS:
            name = getattr(self, key)
            if name is not None:
                return key, name
        return "commodity", str(self.commodity)


class Cause(Record):
    """Something outside the system that closes several of its parts at once: a storm, a court, a neighbour.

    A part is down if its own outage or any of its causes is. What a cause explains must not be counted again in
    the parts' own outages.
    """

    closes: Closes
    """What is out while it lasts."""
    outages: Outages
    """How often it comes, how long it lasts, in which months, and what share is out."""
    title: str = ""
    """Name for people."""
    note: str = ""
    """What a reader should know."""
