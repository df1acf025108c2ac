"""Common causes: what makes several things fail together, as a layer above what each does by itself."""

from __future__ import annotations

from typing import ClassVar

from routeopt.system.base import Record
from routeopt.system.components import Outages
from routeopt.system.target import Target

__all__ = ["Cause", "Closes"]


class Closes(Target):
    """What a cause closes: it names one thing, as a closure does, but has no dates."""

    instead_of_several: ClassVar[str] = "give what fails together a tag"


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
