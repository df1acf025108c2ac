"""The five kinds of node."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, model_validator
from pydantic import Field as Declare

from routeopt.system.base import FrozenDict, Id, Ids, Position, Record, Tags, wrong
from routeopt.system.dates import Maintenance
from routeopt.system.quantity import Flow, Fraction, FractionRate, Price, Stock

__all__ = ["Field", "Hub", "Market", "Node", "Refinery", "Storage", "Terminal"]


class NodeBase(Record):
    """What all nodes have."""

    title: str = ""
    """Name for people; the id is used where it is empty."""
    at: Position | None = None
    """Latitude and longitude in degrees, for maps."""
    country: Id | None = None
    """Where it lies, as an ISO 3166 code of two letters."""
    operator: Id | None = None
    """Who runs it; a closure can name it."""
    chokepoints: Ids = ()
    """Narrow places that it belongs to; a closure can name them."""
    tags: Tags = ()
    """Free words; a closure can name them."""
    note: str = ""
    """What a reader should know."""


class Field(NodeBase):
    """Produces one commodity."""

    kind: Literal["field"]
    """``field``."""
    commodity: Id | None = None
    """What it produces; may be left out where the system has one commodity."""
    output: Flow
    """What it can produce."""
    own_use: Fraction | None = None
    """Share of the output that never leaves: own use, losses at the field, change of stock."""
    min_output: Fraction | None = None
    """Share of the output below which it cannot be turned down; what lies under it is reported and priced."""
    ramp_down: FractionRate | None = None
    """How fast it can be turned down, in shares of the output a day."""
    ramp_up: FractionRate | None = None
    """How fast it comes back, in shares of the output a day."""
    maintenance: Annotated[tuple[Maintenance, ...], BeforeValidator(tuple)] = ()
    """Stops that are planned; they count where a horizon has dates."""


class Hub(NodeBase):
    """Joins legs; what comes in goes out."""

    kind: Literal["hub"]
    """``hub``."""


class Storage(Record):
    """Tanks."""

    capacity: Stock
    """Working volume of all tanks."""
    initial: Fraction | None = None
    """How full they are at the start of a horizon."""
    heel: Fraction | None = None
    """Share that cannot be drawn."""

    @model_validator(mode="after")
    def _above_heel(self) -> Storage:
        if self.initial and self.heel and self.initial.inner < self.heel.inner:
            raise wrong(
                f"starts at {self.initial}, below the heel of {self.heel}", "start at the heel or above", "initial"
            )
        return self


class Terminal(NodeBase):
    """Stores and loads; over a year what comes in goes out."""

    kind: Literal["terminal"]
    """``terminal``."""
    storage: Storage | None = None
    """Its tanks."""


class Refinery(NodeBase):
    """Domestic demand, served before anything is exported."""

    kind: Literal["refinery"]
    """``refinery``."""
    demand: Flow
    """What it takes."""
    commodities: Ids = ()
    """Commodities that it can run; empty means all."""


class Market(NodeBase):
    """Buys."""

    kind: Literal["market"]
    """``market``."""
    demand: Flow | None = None
    """The most that it buys; without it there is no limit."""
    price: Price | None = None
    """Price here; without it the system's benchmark price holds."""
    differential: FrozenDict[Price] = Declare(default_factory=FrozenDict)
    """What a commodity earns here above the price."""
    commodities: Ids = ()
    """Commodities that it buys; empty means all."""


Node = Annotated[Field | Hub | Terminal | Refinery | Market, Declare(discriminator="kind")]
