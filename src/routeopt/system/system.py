"""The export system: a validated, frozen description of the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from routeopt.errors import SystemDataError
from routeopt.results import Digest, Figure, Origins, Result
from routeopt.system.base import FrozenDict
from routeopt.system.checks import check
from routeopt.system.frames import rows_by_id
from routeopt.system.listing import audit_table, graph, tables
from routeopt.system.override import merged
from routeopt.system.problems import path_in, problems_of
from routeopt.system.record import SystemRecord

if TYPE_CHECKING:
    import networkx
    import pandas

__all__ = ["ExportSystem"]


class ExportSystem(SystemRecord, Result):
    """Fields, legs and markets of one exporter, or of several that share export routes.

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
        # Records that no change touches go in as they are and need not be read again.
        parts = {field.alias or name: getattr(self, name) for name, field in type(self).model_fields.items()}
        return self.from_dict(merged(parts, changes)).with_scenarios(self._scenarios, self._origin)

    def with_scenarios(self, scenarios: Mapping[str, Any], origin: str = "") -> ExportSystem:
        """The same system that knows some scenarios by name; ``origin`` says where it was read."""
        copy = self.model_copy()
        copy._scenarios, copy._origin = FrozenDict(scenarios), origin
        return copy

    def sources(self) -> pandas.DataFrame:
        """The audit table: every number of the system, its range, and where it comes from.

        Returns
        -------
        pandas.DataFrame
            One row a number; columns ``value``, ``unit``, ``low``, ``high``, ``provenance`` (``sourced``,
            ``estimate`` or ``none``), ``source``, ``publisher``, ``date``, ``url``, ``note``; the index
            is the place of the number.
        """
        return audit_table(self)

    def to_networkx(self) -> networkx.MultiDiGraph[str]:
        """The topology as a MultiDiGraph; edge keys are leg ids, attributes are the records' fields.

        Examples
        --------
        >>> found = ExportSystem.from_dict({
        ...     "nodes": {"a": {"kind": "field", "output": "1 Mt/y"}, "b": {"kind": "market"}},
        ...     "legs": {"one": {"from": "a", "to": "b"}, "two": {"from": "a", "to": "b"}},
        ... }).to_networkx()
        >>> sorted(found["a"]["b"])
        ['one', 'two']
        """
        return graph(self)

    def digest(self) -> Digest:
        audit = self.sources()
        kinds = {"fields": self.fields, "legs": self.legs, "markets": self.markets, "routes": self.routes,
                 "scenarios": self.scenarios}  # fmt: skip
        figures = [Figure(label, len(records), "1") for label, records in kinds.items() if records]
        figures += [Figure("numbers", len(audit), "1"),
                    Figure("estimates among them", int((audit["provenance"] == "estimate").sum()), "1")]  # fmt: skip
        about = [f"exporter {', '.join(self.exporters)}"] if self.exporters else []
        about += [f"base year {self.base_year}"] if self.base_year else []
        return Digest(self.title or self.name, ", ".join(about), tuple(figures),
                      tables(self, audit))  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self,))

    def __repr__(self) -> str:
        return f"ExportSystem({self.name!r}, {len(self.nodes)} nodes, {len(self.legs)} legs)"

    def __str__(self) -> str:
        return repr(self)
