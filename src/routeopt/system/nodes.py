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
    """Display name. Default: the id."""
    at: Position | None = None
    """Latitude and longitude in degrees, for maps."""
    country: Id | None = None
    """Country, as a two-letter ISO 3166 code."""
    operator: Id | None = None
    """Operator; a closure can target it."""
    chokepoints: Ids = ()
    """Maritime chokepoints that it belongs to; a closure can target them."""
    tags: Tags = ()
    """Free labels; a closure can target them."""
    note: str = ""
    """Remarks for the reader."""


class Field(NodeBase):
    """Produces one commodity."""

    kind: Literal["field"]
    """``field``."""
    commodity: Id | None = None
    """Commodity produced; optional if the system has only one."""
    output: Flow
    """Production capacity."""
    own_use: Fraction | None = None
    """Share of output not exported: own use, field losses, change of stocks."""
    min_output: Fraction | None = None
    """Turndown limit, as a share of output; output below it is reported and priced."""
    ramp_down: FractionRate | None = None
    """Ramp-down limit, share of output per day."""
    ramp_up: FractionRate | None = None
    """Ramp-up limit, share of output per day."""
    maintenance: Annotated[tuple[Maintenance, ...], BeforeValidator(tuple)] = ()
    """Planned maintenance; counts over a horizon."""


class Hub(NodeBase):
    """Joins legs; inflow equals outflow."""

    kind: Literal["hub"]
    """``hub``."""


class Storage(Record):
    """Tanks."""

    capacity: Stock
    """Total working volume."""
    initial: Fraction | None = None
    """Fill level at the start of a horizon."""
    heel: Fraction | None = None
    """Share that cannot be drawn (heel)."""

    @model_validator(mode="after")
    def _above_heel(self) -> Storage:
        if self.initial and self.heel and self.initial.inner < self.heel.inner:
            raise wrong(
                f"starts at {self.initial}, below the heel of {self.heel}", "start at the heel or above", "initial"
            )
        return self


class Terminal(NodeBase):
    """Stores and loads; over a year inflow equals outflow."""

    kind: Literal["terminal"]
    """``terminal``."""
    storage: Storage | None = None
    """Tanks."""


class Refinery(NodeBase):
    """Domestic demand, served before anything is exported."""

    kind: Literal["refinery"]
    """``refinery``."""
    demand: Flow
    """Demand."""
    commodities: Ids = ()
    """Commodities that it accepts; empty means all."""


class Market(NodeBase):
    """Buys crude."""

    kind: Literal["market"]
    """``market``."""
    demand: Flow | None = None
    """Maximum purchases. Default: unlimited."""
    price: Price | None = None
    """Price here. Default: the system's benchmark price."""
    differential: FrozenDict[Price] = Declare(default_factory=FrozenDict)
    """Differential of each commodity to the price."""
    commodities: Ids = ()
    """Commodities that it accepts; empty means all."""


Node = Annotated[Field | Hub | Terminal | Refinery | Market, Declare(discriminator="kind")]
