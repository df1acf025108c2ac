"""What closures and common causes name: one thing to close. `routeopt.system.targets` says what each kind closes."""

from __future__ import annotations

from typing import ClassVar

from pydantic import model_validator

from routeopt.system.base import Id, Ids, Record, wrong

__all__ = ["ELEMENTS", "KINDS", "SELECTORS", "Target"]


class Target(Record):
    """One thing to close; with ``commodity`` it is an embargo on that stream alone."""

    leg: Id | None = None
    """A leg; with ``component``, only those components."""
    component: Ids = ()
    """One or several components of the leg, closed together."""
    node: Id | None = None
    """A node: a field loses output, any other node its throughput."""
    group: Id | None = None
    """A group: its shared capacity."""
    route: Id | None = None
    """A route: its metering legs."""
    country: Id | None = None
    """A country: the legs that cross it and the hubs and terminals that lie in it, not its fields and markets."""
    chokepoint: Id | None = None
    """A maritime chokepoint: the legs and nodes that belong to it."""
    operator: Id | None = None
    """An operator: the legs, nodes and components that it runs."""
    tag: str | None = None
    """Legs, nodes and components that carry the tag."""
    commodity: Id | None = None
    """Stop this commodity only (an embargo)."""

    instead_of_several: ClassVar[str] = "write one closure for each"

    @model_validator(mode="after")
    def _one_thing(self) -> Target:
        named = [key for key in SELECTORS if getattr(self, key) is not None]
        if len(named) > 1:
            raise wrong(f"names {' and '.join(named)}", self.instead_of_several, named[1], on_key=True)
        if self.component and self.leg is None:
            raise wrong("a component belongs to a leg", "write leg: ... beside it", "component", on_key=True)
        if not named and self.commodity is None:
            raise wrong("closes nothing", f"name one of {', '.join(SELECTORS)} or commodity")
        if self.component and self.commodity is not None:
            raise wrong("a component cannot be closed to one commodity", "close the leg to it", "commodity")
        return self

    @property
    def target(self) -> tuple[str, str]:
        """Kind and name of the target: ``("leg", "btc")``."""
        for key in SELECTORS:
            name = getattr(self, key)
            if name is not None:
                return key, name
        return "commodity", str(self.commodity)


KINDS = tuple(Target.model_fields)
"""Kinds of things that can be closed."""
SELECTORS = tuple(kind for kind in KINDS if kind not in ("component", "commodity"))
"""Those of which a closure names exactly one."""
ELEMENTS = (*(kind for kind in KINDS if kind not in ("tag", "commodity")), "field")
"""What can be taken out one at a time: things, not words or streams; fields are those among the nodes."""
