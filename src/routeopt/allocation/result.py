"""What `allocate` returns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from routeopt.scenario import Scenario
from routeopt.solve.engine import Solved
from routeopt.system import ExportSystem

if TYPE_CHECKING:
    import pandas

    from routeopt.allocation.tables import Tables
    from routeopt.program import Proof

__all__ = ["Allocation", "Certificate"]


@dataclass(frozen=True)
class Certificate:
    """What was proven of an allocation, by arithmetic that does not trust the solver.

    Attributes
    ----------
    proofs : tuple of Proof
        One for each objective, with gap and violations relative to the size of the numbers.
    unique : bool
        Whether the split is the only optimum. If not, others are as good, and the one with the least foreign
        transit is shown.
    solver : str
        What solved it.
    rows, columns : int
        Size of the programme.
    cold : int
        How many solves had to be repeated from cold.
    """

    proofs: tuple[Proof, ...]
    unique: bool
    solver: str
    rows: int
    columns: int
    cold: int

    @property
    def holds(self) -> bool:
        """Whether every objective is proven to 1e-7 relative."""
        return all(proof.holds for proof in self.proofs)

    @property
    def gap(self) -> float:
        """Largest relative gap between a value and its bound."""
        return max((proof.gap for proof in self.proofs), default=0.0)

    def __str__(self) -> str:
        split = "the split is unique" if self.unique else "other splits are as good"
        return f"proven optimal (gap {self.gap:.0e}), {split}; {self.solver}, {self.rows} rows, {self.columns} columns"


@dataclass(frozen=True, repr=False)
class Allocation:
    """Which barrels go which way. Rates are in `flow_unit`, money in `money_unit`.

    Attributes
    ----------
    system : ExportSystem
        The system before the scenario.
    scenario : Scenario
        What was applied, with everything that it extends.
    name : str
        The scenario's name; ``base`` if nothing happens in it.
    """

    system: ExportSystem
    scenario: Scenario
    name: str
    _solved: Solved

    @cached_property
    def _tables(self) -> Tables:
        from routeopt.allocation.tables import Tables

        return Tables(self._solved)

    @property
    def status(self) -> str:
        """``optimal``: anything else raises."""
        return "optimal"

    @property
    def flow_unit(self) -> str:
        """Unit of all flows."""
        return self.system.units.flow

    @property
    def money_unit(self) -> str:
        """Unit of all money."""
        return self._tables.scales.money_unit

    @property
    def exported(self) -> float:
        """Everything that markets receive."""
        return self._tables.exported

    @cached_property
    def shut_in(self) -> float:
        """Not produced because it could not leave."""
        return float(self.fields["shut_in"].sum())

    @property
    def shortage(self) -> float:
        """What domestic refineries lack."""
        return self._tables.shortage

    @property
    def cost(self) -> float:
        """Tariffs, capital recovery of what was built, contract deficiency and output under the minimum."""
        return self._tables.money("spending")

    @property
    def revenue(self) -> float:
        """What markets pay."""
        return self._tables.money("revenue")

    @property
    def netback(self) -> float:
        """Revenue less cost."""
        return self.revenue - self.cost

    @property
    def routes(self) -> pandas.DataFrame:
        """``title``, ``flow`` where the markers end, ``share``; index = route."""
        return self._tables.routes.copy()

    @property
    def legs(self) -> pandas.DataFrame:
        """``flow`` at the inlet, ``arrives``, ``capacity`` left to the exporter, ``utilisation``, ``cost``, ``state``;
        index = leg."""
        return self._tables.legs.copy()

    @property
    def flows(self) -> pandas.DataFrame:
        """``flow`` at the inlet; index = (leg, commodity)."""
        return self._tables.flows.copy()

    @property
    def fields(self) -> pandas.DataFrame:
        """``flow`` that leaves, ``available``, ``shut_in``, ``unavailable`` (closed), ``under_minimum``."""
        return self._tables.fields.copy()

    @property
    def markets(self) -> pandas.DataFrame:
        """``flow`` and ``revenue``; index = market."""
        return self._tables.markets.copy()

    @property
    def refineries(self) -> pandas.DataFrame:
        """``flow`` and ``shortage``; index = refinery."""
        return self._tables.refineries.copy()

    @property
    def groups(self) -> pandas.DataFrame:
        """``use``, ``capacity``, ``utilisation`` and ``unit`` of what legs share; index = group."""
        return self._tables.groups.copy()

    @property
    def contracts(self) -> pandas.DataFrame:
        """``due`` after force majeure and ``deficiency``; index = contract."""
        return self._tables.contracts.copy()

    @cached_property
    def bottlenecks(self) -> pandas.DataFrame:
        """Full capacities that are worth something: ``exports`` (tonnes per tonne) and ``saves`` (USD per tonne)."""
        from routeopt.allocation.bottlenecks import bottlenecks

        return bottlenecks(self._solved, self._tables.scales)

    @property
    def certificate(self) -> Certificate:
        """What was proven."""
        answer, (rows, columns) = self._solved.answer, self._solved.program.shape
        return Certificate(answer.proofs, answer.unique, self._solved.solver, rows, columns, answer.cold)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know before using the numbers."""
        return self._solved.situation.notes

    def summary(self) -> str:
        """A page of text: what leaves by which route, what is lost, what binds, how far it is proven."""
        from routeopt.allocation.summary import summary

        return summary(self)

    def to_pulp(self) -> Any:
        """The same linear programme as a named PuLP problem.

        Returns
        -------
        pulp.LpProblem
            Minimises net cost in `money_unit` with the exported volume and the refineries' supply held at
            their optimum; volumes are in `flow_unit`. Solving it gives minus `netback`.
        """
        from routeopt.allocation.export import to_pulp

        return to_pulp(self._solved, self._tables.scales)

    def __repr__(self) -> str:
        return (
            f"Allocation({self.system.name!r}, {self.name!r}: {self.exported:.4g} {self.flow_unit} exported, "
            f"{self.shut_in:.4g} shut in)"
        )

    def __str__(self) -> str:
        return self.summary()
