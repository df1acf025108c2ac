"""The export system: a validated, frozen description of the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field as Declare
from pydantic import PrivateAttr, ValidationError

from routeopt.errors import SystemDataError
from routeopt.results import Digest, Figure, Origins, Result
from routeopt.system.base import FrozenDict, Id, OneOrMore, Record
from routeopt.system.causes import Cause
from routeopt.system.commercial import Commodity, Contract, Group, Recourse, Route, Source, Units
from routeopt.system.iterate import quantities
from routeopt.system.legs import Leg
from routeopt.system.nodes import Field, Market, Node, Refinery
from routeopt.system.problems import path_in, problems_of
from routeopt.system.quantity import Price
from routeopt.units import counts_gas, parse_unit

if TYPE_CHECKING:
    import networkx
    import pandas

__all__ = ["ExportSystem"]


class ExportSystem(Record, Result):
    """Fields, legs and markets of one exporter, or of several who share their ways out.

    Make one with `routeopt.load`, `from_dict` or `from_frames`: those also check that the parts fit
    together. A system cannot be changed; `override` makes a changed copy.

    Examples
    --------
    >>> system = ExportSystem.from_dict({
    ...     "nodes": {
    ...         "field": {"kind": "field", "output": "10 Mt/y"},
    ...         "port": {"kind": "market"},
    ...     },
    ...     "legs": {"line": {"from": "field", "to": "port", "capacity": "7 Mt/y"}},
    ... })
    >>> system.legs["line"].capacity.value
    7.0
    """

    routeopt: Literal[1] = 1
    """Version of the file format."""
    name: Id = "system"
    """Short name."""
    title: str = ""
    """Name for people."""
    exporter: OneOrMore | None = None
    """Country whose exports these are; transit of other countries is foreign. Where several countries export, list
    them: then each stream is at home where its fields lie, and transit of another exporter is foreign as well."""
    base_year: int | None = None
    """Year that the numbers describe."""
    units: Units = Declare(default_factory=Units)
    """Units in which results are shown."""
    price: Price | None = None
    """Benchmark price; what a tonne earns = price x barrels per tonne + the market's differential."""
    commodities: FrozenDict[Commodity] = Declare(default_factory=FrozenDict)
    """The exporter's streams; one called ``crude`` if none is given."""
    bibliography: FrozenDict[Source] = Declare(default_factory=FrozenDict, alias="sources")
    """Where numbers come from; ``sources`` in a file."""
    nodes: FrozenDict[Node]
    """Fields, hubs, terminals, refineries and markets."""
    legs: FrozenDict[Leg]
    """Directed links."""
    groups: FrozenDict[Group] = Declare(default_factory=FrozenDict)
    """Legs that share one capacity."""
    routes: FrozenDict[Route] = Declare(default_factory=FrozenDict)
    """Names for reporting; if none is given, each leg into a market is a route."""
    contracts: FrozenDict[Contract] = Declare(default_factory=FrozenDict)
    """Volumes that were promised."""
    causes: FrozenDict[Cause] = Declare(default_factory=FrozenDict)
    """What makes several parts fail together."""
    recourse: Recourse = Declare(default_factory=Recourse)
    """Prices of what closures may force."""
    note: str = ""
    """What a reader should know."""

    _scenarios: Mapping[str, Any] = PrivateAttr(default_factory=FrozenDict)
    _origin: str = PrivateAttr(default="")
    _memo: dict[str, Any] = PrivateAttr(default_factory=dict)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ExportSystem:
        """Make a system from plain data in the form of a file.

        Parameters
        ----------
        data : mapping
            Keys as in ``data/routes.yaml``; only ``nodes`` and ``legs`` are needed.

        Returns
        -------
        ExportSystem

        Raises
        ------
        SystemDataError
            Something is wrong; `problems` lists everything that was found, with the place of each.
        """
        from routeopt.system.checks import check

        if not isinstance(data, Mapping):
            raise SystemDataError(f"a system is a mapping with nodes and legs, not {type(data).__name__}")
        try:
            system = cls.model_validate(dict(data), by_name=False)
        except ValidationError as error:
            raise SystemDataError(problems_of(error, cls, data)) from None
        problems = check(system)
        if problems:
            raise SystemDataError([replace(problem, path=path_in(data, problem.path)) for problem in problems])
        return system

    @classmethod
    def from_frames(cls, nodes: pandas.DataFrame, legs: pandas.DataFrame, **rest: Any) -> ExportSystem:
        """Make a system from two pandas frames, one row a node and one row a leg.

        Parameters
        ----------
        nodes, legs : pandas.DataFrame
            Columns are the keys of the file format; the id is the column ``id`` or else the index.
            Empty cells are left out.
        **rest
            Any other part of a system: ``units={"flow": "kb/d"}``, ``price="70 USD/bbl"``.

        Raises
        ------
        SystemDataError
            As `from_dict`; two rows with one id are named.
        """
        from routeopt.system.frames import rows_by_id

        data = {"nodes": rows_by_id(nodes, "nodes"), "legs": rows_by_id(legs, "legs"), **rest}
        return cls.from_dict(data)

    def to_dict(self) -> dict[str, Any]:
        """The system as plain data in the form of a file; `from_dict` makes the same system of it."""
        return {"routeopt": 1, **self.written()}

    def override(self, changes: Mapping[str, Any]) -> ExportSystem:
        """A changed copy.

        Parameters
        ----------
        changes : mapping
            Nested as the file, or with dotted keys: ``{"legs.btc.capacity": "50 Mt/y"}``. A quantity is
            replaced whole, with its range and sources; ``None`` removes a key. New nodes and legs may be added.

        Returns
        -------
        ExportSystem
            With the same scenarios.

        Raises
        ------
        SystemDataError
            A change names nothing that exists, or the changed system contradicts itself.
        """
        from routeopt.system.override import merged

        # Records that no change touches go in as they are and need not be read again.
        parts = {field.alias or name: getattr(self, name) for name, field in type(self).model_fields.items()}
        return self.from_dict(merged(parts, changes)).with_scenarios(self._scenarios, self._origin)

    def with_scenarios(self, scenarios: Mapping[str, Any], origin: str = "") -> ExportSystem:
        """The same system that knows some scenarios by name; ``origin`` says where it was read."""
        copy = self.model_copy()
        copy._scenarios, copy._origin = FrozenDict(scenarios), origin
        return copy

    @property
    def scenarios(self) -> Mapping[str, Any]:
        """Scenarios that belong to the system, by id (`routeopt.scenario.Scenario`)."""
        return self._scenarios

    @property
    def origin(self) -> str:
        """Where the system was read; empty if it was not read from a file."""
        return self._origin

    @property
    def memo(self) -> dict[str, Any]:
        """Place for what others derive from the system and want to keep as long as it lives."""
        return self._memo

    @cached_property
    def basis(self) -> str:
        """``"mass"`` or ``"volume"``: what is balanced at the nodes."""
        return parse_unit(self.units.flow).basis

    @cached_property
    def gas(self) -> bool:
        """Whether gas is counted: some volume is in mcm or bcm."""
        return counts_gas(self.units.flow) or any(counts_gas(quantity.unit) for _, quantity in quantities(self))

    @cached_property
    def piece(self) -> str:
        """What a price is for: a tonne, a barrel, or a cubic metre of gas."""
        return "t" if self.basis == "mass" else "m3" if self.gas else "bbl"

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
    def markers(self) -> Mapping[str, str]:
        """Marker leg -> route.

        Without routes in the data each leg into a market marks a route of its name, unless some market also
        passes crude on: then there are no routes, since barrels would be counted twice.
        """
        if self.routes:
            return FrozenDict({leg: name for name, route in self.routes.items() for leg in route.markers})
        if any(leg.origin in self.markets for leg in self.legs.values()):
            return FrozenDict()
        return FrozenDict({k: k for k, leg in self.legs.items() if leg.destination in self.markets})

    def commodity_of(self, field: str) -> str:
        """The commodity that a field produces."""
        return self.fields[field].commodity or next(iter(self.streams))

    def sources(self) -> pandas.DataFrame:
        """The audit table: every number of the system, its range, and where it comes from.

        Returns
        -------
        pandas.DataFrame
            One row a number; columns ``value``, ``unit``, ``low``, ``high``, ``basis`` (``sourced``,
            ``estimate`` or ``none``), ``source``, ``publisher``, ``date``, ``url``, ``note``; the index
            is the place of the number.
        """
        from routeopt.system.audit import audit_table

        return audit_table(self)

    def to_networkx(self) -> networkx.MultiDiGraph[str]:
        """The topology as a MultiDiGraph; edge keys are leg ids, attributes are the records' fields.

        Examples
        --------
        >>> graph = ExportSystem.from_dict({
        ...     "nodes": {"a": {"kind": "field", "output": "1 Mt/y"}, "b": {"kind": "market"}},
        ...     "legs": {"one": {"from": "a", "to": "b"}, "two": {"from": "a", "to": "b"}},
        ... }).to_networkx()
        >>> sorted(graph["a"]["b"])
        ['one', 'two']
        """
        from routeopt.system.graph import to_networkx

        return to_networkx(self)

    def digest(self) -> Digest:
        from routeopt.system.listing import tables

        audit = self.sources()
        kinds = {"fields": self.fields, "legs": self.legs, "markets": self.markets, "routes": self.routes,
                 "scenarios": self.scenarios}  # fmt: skip
        figures = [Figure(label, len(records), "1") for label, records in kinds.items() if records]
        figures += [Figure("numbers", len(audit), "1"),
                    Figure("estimates among them", int((audit["basis"] == "estimate").sum()), "1")]  # fmt: skip
        titles = {name: route.title for name, route in self.routes.items()}
        about = [f"exporter {', '.join(self.exporters)}"] if self.exporters else []
        about += [f"base year {self.base_year}"] if self.base_year else []
        return Digest(self.title or self.name, ", ".join(about), tuple(figures),
                      tables(self.nodes, self.legs, self.groups, titles, self.markers, audit))  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self,))

    def __getstate__(self) -> dict[Any, Any]:
        # What was derived is quicker made again than sent to a worker.
        state = super().__getstate__()
        return {**state, "__pydantic_private__": {**(state["__pydantic_private__"] or {}), "_memo": {}}}

    def __eq__(self, other: object) -> bool:
        # Where a system was read and which scenarios came with it does not make it another system.
        if not isinstance(other, ExportSystem):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in type(self).model_fields)

    def __hash__(self) -> int:
        return hash((self.name, self.nodes, self.legs))

    def __repr__(self) -> str:
        return f"ExportSystem({self.name!r}, {len(self.nodes)} nodes, {len(self.legs)} legs)"

    def __str__(self) -> str:
        return repr(self)
