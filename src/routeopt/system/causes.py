"""Common causes: what makes several things fail together, as a layer above what each does by itself."""

from __future__ import annotations

from typing import ClassVar

from routeopt.system.base import Record
from routeopt.system.components import Outages
from routeopt.system.target import Target

__all__ = ["Closes", "CommonCause"]


class Closes(Target):
    """Target of a common cause: as of a closure, without dates."""

    instead_of_several: ClassVar[str] = "give what fails together a tag"


class CommonCause(Record):
    """An event that closes several parts at once: a storm, a court order, a neighbour.

    A part is down if its own outage or any of its causes is. What a cause explains must not be counted again in
    the parts' own outages.
    """

    closes: Closes
    """The target that is out while it lasts."""
    outages: Outages
    """Its rate, repair time, months and derating."""
    title: str = ""
    """Display name."""
    note: str = ""
    """Remarks for the reader."""
