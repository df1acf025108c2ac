"""What an export system is: its records, what follows from them alone, and what is kept with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Literal, Self, TypeVar

from pydantic import Field as Declare
from pydantic import PrivateAttr

from routeopt.system.base import FrozenDict, Id, OneOrMore, Record
from routeopt.system.causes import CommonCause
from routeopt.system.commercial import Commodity, Contract, Group, Recourse, Route, Source, Units
from routeopt.system.iterate import quantities
from routeopt.system.legs import Leg
from routeopt.system.nodes import Field, Market, Node, Refinery
from routeopt.system.quantity import Price
from routeopt.units import counts_gas, parse_unit

__all__ = ["SystemRecord", "derived"]

Fact = TypeVar("Fact")


class SystemRecord(Record):
    """The data of an `ExportSystem`, without what makes, checks and shows it."""

    routeopt: Literal[1] = 1
    """Version of the file format."""
    name: Id = "system"
    """Short name."""
    title: str = ""
    """Display name."""
    exporter: OneOrMore | None = None
    """Country whose exports these are; transit of other countries is foreign. Where several countries export, list
    them: then each stream is at home where its fields lie, and transit of another exporter is foreign as well."""
    base_year: int | None = None
    """Year that the numbers describe."""
    units: Units = Declare(default_factory=Units)
    """Units in which results are shown."""
    price: Price | None = None
    """Benchmark price; revenue per tonne = price x barrels per tonne + the market's differential."""
    commodities: FrozenDict[Commodity] = Declare(default_factory=FrozenDict)
    """The exporter's streams. Default: one, named ``crude``."""
    bibliography: FrozenDict[Source] = Declare(default_factory=FrozenDict, alias="sources")
    """Sources of the numbers; ``sources`` in a file."""
    nodes: FrozenDict[Node]
    """Fields, hubs, terminals, refineries and markets."""
    legs: FrozenDict[Leg]
    """Directed links."""
    groups: FrozenDict[Group] = Declare(default_factory=FrozenDict)
    """Legs that share one capacity."""
    routes: FrozenDict[Route] = Declare(default_factory=FrozenDict)
    """Names for reporting. Default: each leg into a market is a route."""
    contracts: FrozenDict[Contract] = Declare(default_factory=FrozenDict)
    """Committed volumes."""
    common_causes: FrozenDict[CommonCause] = Declare(default_factory=FrozenDict)
    """Events that take several parts out together."""
    recourse: Recourse = Declare(default_factory=Recourse)
    """Prices of the recourse that closures may force."""
    note: str = ""
    """Remarks for the reader."""

    _scenarios: Mapping[str, Any] = PrivateAttr(default_factory=FrozenDict)
    _origin: str = PrivateAttr(default="")
    _derived: dict[Callable[..., Any], Any] = PrivateAttr(default_factory=dict)

    @property
    def scenarios(self) -> Mapping[str, Any]:
        """Scenarios that belong to the system, by id (`routeopt.scenario.Scenario`)."""
        return self._scenarios

    @property
    def origin(self) -> str:
        """File that the system was read from; empty if none."""
        return self._origin

    @cached_property
    def measured_by(self) -> str:
        """``"mass"`` or ``"volume"``: what is balanced at the nodes."""
        return parse_unit(self.units.flow).measured_by

    @cached_property
    def gas(self) -> bool:
        """Whether gas is counted: some volume is in mcm or bcm."""
        return counts_gas(self.units.flow) or any(counts_gas(quantity.unit) for _, quantity in quantities(self))

    @cached_property
    def priced_unit(self) -> str:
        """What a price is for: a tonne, a barrel, or a cubic metre of gas."""
        return "t" if self.measured_by == "mass" else "m3" if self.gas else "bbl"

    @cached_property
    def streams(self) -> Mapping[str, Commodity]:
        """The commodities, or the single one called ``crude`` where the system names none."""
        return self.commodities or FrozenDict({"crude": Commodity()})

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Nodes that produce."""
        return FrozenDict({k: n for k, n in self.nodes.items() if isinstance(n, Field)})

    @cached_property
    def refineries(self) -> Mapping[str, Refinery]:
        """Nodes of domestic demand."""
        return FrozenDict({k: n for k, n in self.nodes.items() if isinstance(n, Refinery)})

    @cached_property
    def markets(self) -> Mapping[str, Market]:
        """Nodes that buy."""
        return FrozenDict({k: n for k, n in self.nodes.items() if isinstance(n, Market)})

    @property
    def exporters(self) -> tuple[str, ...]:
        """The countries whose exports these are; empty if the data name none."""
        return self.exporter if isinstance(self.exporter, tuple) else (self.exporter,) if self.exporter else ()

    @cached_property
    def metering_legs(self) -> Mapping[str, str]:
        """Marker leg -> route.

        Without routes in the data each leg into a market marks a route of its name, unless some market also
        passes crude on: then there are no routes, since barrels would be counted twice.
        """
        if self.routes:
            return FrozenDict({leg: name for name, route in self.routes.items() for leg in route.metering_legs})
        if any(leg.origin in self.markets for leg in self.legs.values()):
            return FrozenDict()
        return FrozenDict({k: k for k, leg in self.legs.items() if leg.destination in self.markets})

    def commodity_of(self, field: str) -> str:
        """The commodity that a field produces."""
        return self.fields[field].commodity or next(iter(self.streams))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy; one with other data derives everything anew."""
        copy = super().model_copy(update=update, deep=deep)
        if update:
            copy._forget()
        return copy

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        copy = self.model_copy()  # frozen all the way down: only what was derived could be shared
        copy._forget()
        return copy

    def _forget(self) -> None:
        for name in self.__dict__.keys() - type(self).model_fields:
            del self.__dict__[name]
        self._derived = {}

    def __getstate__(self) -> dict[Any, Any]:
        # What was derived is quicker made again than sent to a worker, and a solver cannot be sent at all.
        state = super().__getstate__()
        own = {name: value for name, value in state["__dict__"].items() if name in type(self).model_fields}
        return {**state, "__dict__": own, "__pydantic_private__": {**state["__pydantic_private__"], "_derived": {}}}

    def __eq__(self, other: object) -> bool:
        # Where a system was read and which scenarios came with it does not make it another system.
        if not isinstance(other, SystemRecord):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in type(self).model_fields)

    def __hash__(self) -> int:
        return hash((self.name, self.nodes, self.legs))


def derived(system: SystemRecord, make: Callable[[Any], Fact]) -> Fact:
    """What a function makes of a system: made at the first call, kept as long as the system lives.

    The function is the key, so nobody else can put anything there. Copies that say the same share what is kept;
    changed copies, deep copies and pickles begin with nothing. Two threads may both make it; one result stays.
    """
    kept = system._derived
    fact: Fact = kept[make] if make in kept else kept.setdefault(make, make(system))
    return fact
