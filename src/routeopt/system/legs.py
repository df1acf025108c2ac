"""Legs: directed links, what they can carry, and at what cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, SerializerFunctionWrapHandler, model_serializer, model_validator
from pydantic import Field as Declare

from routeopt.system.base import FrozenDict, Id, Ids, Record, Tags, wrong
from routeopt.system.build import Build
from routeopt.system.components import Components, Fleet, Outages, Surge
from routeopt.system.dates import Maintenance
from routeopt.system.quantity import Duration, Flow, Fraction, Loss, Price, Quantity

__all__ = ["Leg", "Status"]

Status = Literal["operating", "idle", "hypothetical", "defunct"]


class Leg(Record):
    """A directed link from one node to another."""

    origin: Id = Declare(alias="from")
    """Node where the flow enters; capacity and tariff count there. ``from`` in a file."""
    destination: Id = Declare(alias="to")
    """Node where the flow leaves. ``to`` in a file."""
    mode: Literal["pipeline", "tanker", "rail", "sea", "loading"] = "pipeline"
    """Mode of transport; ``loading`` is a port's own throughput."""
    status: Status = "operating"
    """Only ``operating`` legs run, unless a scenario reopens or builds others."""
    title: str = ""
    """Display name."""
    capacity: Flow | None = None
    """Maximum inflow. Default: unlimited, unless components or a fleet limit it."""
    availability: Fraction | None = None
    """Share of the base year in which it worked. Default: all of it."""
    components: Components | None = None
    """Components that can fail alone."""
    fleet: Fleet | None = None
    """Vessels or trains that serve it."""
    reserved: FrozenDict[Flow] = Declare(default_factory=FrozenDict)
    """Capacity used by third parties' crude; scarcity is shared with them pro rata."""
    tariff: Price | None = None
    """Cost per unit of inflow."""
    loss: Loss | None = None
    """Share of inflow that is lost on the way."""
    transit_time: Duration | None = None
    """Time under way: what ships and trains take lands so much later. A pipeline is full, and what enters pushes the
    same out at once; there, and at a loading, it is line fill and only dates the barrels (``days`` of `markets`)."""
    commodities: Ids = ()
    """Commodities that it accepts; empty means all."""
    blends_into: FrozenDict[Id] = Declare(default_factory=FrozenDict)
    """Commodity at the inlet -> commodity at the outlet, where crude is commingled."""
    countries: Ids = ()
    """Countries crossed."""
    chokepoints: Ids = ()
    """Maritime chokepoints passed."""
    operator: Id | None = None
    """Operator."""
    tags: Tags = ()
    """Free labels."""
    surge: Surge | None = None
    """Short-run increase above its usual flow."""
    outages: Outages | None = None
    """Its outage rate and repair time."""
    maintenance: Annotated[tuple[Maintenance, ...], BeforeValidator(tuple)] = ()
    """Planned maintenance; counts over a horizon."""
    build: Build | None = None
    """Sizes and costs of building it."""
    part_of: Id | None = None
    """Leg with which this one is built and reopened."""
    note: str = ""
    """Remarks for the reader."""

    @model_validator(mode="before")
    @classmethod
    def _one_becomes(cls, raw: Any) -> Any:
        # "blends_into: kebco" means that everything does; it is kept as written under a key that no commodity has.
        if isinstance(raw, Mapping) and isinstance(raw.get("blends_into"), str):
            return {**raw, "blends_into": {"*": raw["blends_into"]}}
        return raw

    @model_validator(mode="after")
    def _consistent(self) -> Leg:
        if self.origin == self.destination:
            raise wrong(f"leads from {self.origin!r} to itself", "name two nodes", "to")
        if self.fleet and self.mode not in ("tanker", "rail", "sea"):
            raise wrong(f"a {self.mode} has no fleet", "set mode: tanker, rail or sea", "fleet", on_key=True)
        if self.loss and self.loss.inner >= 1:
            raise wrong("nothing would arrive", "write loss: 2 %", "loss")
        return self

    @model_serializer(mode="wrap")
    def _write(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        full: dict[str, Any] = handler(self)
        if set(full.get("blends_into", ())) == {"*"}:
            full["blends_into"] = full["blends_into"]["*"]
        return full

    @property
    def measured_by(self) -> str:
        """Whether its capacity counts ``"mass"`` or ``"volume"``; empty if it has no limit and none can be built."""
        figures = [*self.capacity_figures(), *(self.build.sizes if self.build else ())]
        return next((figure.measured_by for figure in figures), "")

    @property
    def nominal(self) -> float:
        """Capacity of the whole leg with everything in service, inner units a day in its `measured_by`."""
        limits = [math.inf]
        if self.capacity:
            limits.append(self.capacity.inner)
        if self.fleet:
            limits.append(self.fleet.capacity)
        if self.components and self.components.arrangement == "parallel":
            limits.append(sum(part.capacity.inner for part in self.components.parts.values() if part.capacity))
        return min(limits)

    @property
    def lag(self) -> float:
        """Days that ships and trains are on their way; none in a pipeline: what enters pushes the same out at once."""
        return self.transit_time.inner if self.transit_time and self.mode in ("tanker", "rail", "sea") else 0.0

    @property
    def taken(self) -> float:
        """Capacity that is reserved for others, inner units a day in its `measured_by`."""
        return sum(figure.inner for figure in self.reserved.values())

    def capacity_figures(self) -> list[Quantity]:
        """All figures that count the leg's capacity; they must agree on mass or volume."""
        figures = [self.capacity, self.fleet.cargo if self.fleet else None, *self.reserved.values()]
        if self.components:
            figures += [part.capacity or part.without for part in self.components.parts.values()]
        return [figure for figure in figures if figure is not None]
