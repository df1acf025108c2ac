"""What `allocate` returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar

from routeopt.allocation.certificate import Certificate
from routeopt.allocation.in_money import InMoney
from routeopt.allocation.other_tools import ForOtherTools
from routeopt.errors import SolveError
from routeopt.results import Digest, Drawing, Figure, Illustration, Origins, Result, Table
from routeopt.scenario import Scenario
from routeopt.solve.engine import Flows, Solved
from routeopt.solve.exact import exact, not_tried
from routeopt.system import ExportSystem

if TYPE_CHECKING:
    import numpy as np
    import pandas
    from numpy.typing import NDArray

    from routeopt.allocation.tables import Tables

__all__ = ["Allocation"]


@dataclass(frozen=True, repr=False, eq=False)
class Allocation(Result, InMoney, ForOtherTools):
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

    drawings: ClassVar = {
        "network": Drawing(
            "network:draw_network",
            "Network{of}: legs coloured by use, as wide as their flow; point at one to read its numbers",
            tips="network:leg_tips",
        ),
        "sankey": Drawing(
            "sankey:draw_sankey",
            "From field by route to market{of}, {self.flow_unit}; where streams meet they are taken to mix",
            live="sankey:sankey_figure",
        ),
        "change": Drawing("bars:draw_change", "By route, before and after"),
        "map": Drawing("network:draw_map"),
        "schematic": Drawing("network:draw_schematic"),
    }

    system: ExportSystem
    scenario: Scenario
    name: str
    _point: Flows

    @property
    def _solved(self) -> Solved:
        """The optimum with its multipliers; only one period has one."""
        if not isinstance(self._point, Solved):
            raise SolveError("this is about the optimum of one period; leave the horizon out and solve again")
        return self._point

    @cached_property
    def _tables(self) -> Tables:
        from routeopt.allocation.tables import Tables

        return Tables(self._point)

    def _bound(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        return self._tables.bound()

    @property
    def status(self) -> str:
        """``optimal``: anything else raises."""
        return "optimal"

    @property
    def optimal(self) -> bool:
        """False for an alternative that costs more than the optimum (`routeopt.alternatives`)."""
        return self._solved.optimal

    @property
    def flow_unit(self) -> str:
        """Unit of all flows."""
        return self._tables.scales.flow_unit

    @property
    def money_unit(self) -> str:
        """Unit of all money."""
        return self._tables.scales.money_unit

    @property
    def exported(self) -> float:
        """What leaves the exporter's hands: the sum of `routes`.

        Without routes, and without markers to count by, what markets receive.
        """
        return self._tables.exported

    @property
    def delivered(self) -> float:
        """What markets receive: less than `exported` by what is lost beyond the markers."""
        return self._tables.delivered

    @cached_property
    def shut_in(self) -> float:
        """Not produced because it could not leave."""
        return float(self.fields["shut_in"].sum())

    @property
    def shortage(self) -> float:
        """What domestic refineries lack."""
        return self._tables.shortage

    @property
    def routes(self) -> pandas.DataFrame:
        """``title``, ``flow`` exported, ``share``; index = route.

        A route's flow is counted where its markers end, less what they carry on to refineries: where streams meet
        beyond a marker they are taken to mix. The sum is `exported`.
        """
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
        """Full capacities that are worth something; index = id, what relieves refineries and exports most comes first.

        ``kind`` (leg or group), ``state`` (full, or closed), ``capacity`` and its ``unit``; for a tonne more of
        capacity ``relieves``: tonnes that refineries lack no longer, ``exports``: tonnes more exported (less, where a
        refinery takes them), ``saves``: USD saved with the exported volume held; ``until``: the capacity up to which
        the first of them that is not zero holds; ``words``: the same as a sentence. Details: `capacity_values`.
        What a vessel is worth is in `flow_unit` and `money_unit`.
        """
        from routeopt.allocation.bottlenecks import bottlenecks

        return bottlenecks(self._solved, self._tables.scales)

    def capacity_values(self, names: Iterable[str] | None = None) -> pandas.DataFrame:
        """What one more unit and one less of each capacity is worth, exactly.

        Parameters
        ----------
        names : iterable of str, optional
            Legs and groups; all that have a capacity if not given.

        Returns
        -------
        pandas.DataFrame
            Index = id; ``kind``, ``state``, ``unit``, ``capacity``, ``use``. For a tonne to the right and to the left:
            ``relieves_more``, ``relieves_less``: tonnes that refineries lack no longer, or besides; ``exports_more``,
            ``exports_less``: tonnes of exports; ``saves_more``, ``saves_less``: USD. Each holds up to ``.._until`` and
            down to ``.._from``; ``.._next``: what binds then.

        Notes
        -----
        Values are what allocating again with another capacity finds. Refineries come first, then exports, then money:
        what a tonne saves is missing where refineries get more or less, and to the left where exports fall. Where one
        more exports more, it is the saving with the exported volume held. There is nothing to the left of a capacity
        of zero. Pieces shorter than a millionth of the capacity are passed over. Where money comes first
        (``economic=True``) there is no worth in exports, and what a tonne saves is what it earns. Nothing is said of
        money where shares (``apportion=``) leave a field short, since they would move, or where oil that goes round in
        circles would fulfil a contract for less than it costs: allocate again with another capacity. What is due under
        contracts is held, though a closure leaves more or less of it where their own legs have another capacity.

        Examples
        --------
        >>> import routeopt as ro
        >>> kz = ro.load("kazakhstan")
        >>> worth = ro.allocate(kz, "cpc-closed").capacity_values(["aktau-makhachkala"]).iloc[0]
        >>> float(worth["exports_more"]), round(float(worth["exports_until"]), 2), worth["exports_next"]
        (1.0, 3.93, 'aktau-berths')
        """
        from routeopt.allocation.bottlenecks import capacity_values

        return capacity_values(self._solved, self._tables.scales, names)

    @cached_property
    def minimum_cut(self) -> pandas.DataFrame:
        """What stops the next barrel: ``kind``, ``unit``, ``capacity``, ``weight``; index = id.

        Kinds are ``leg``, ``group``, ``field`` (its output), ``market`` (its demand), ``embargo`` and
        ``constraint`` (of your own). The weights are multipliers of the volume: the sum of weight x capacity is
        what can be exported, if no refinery takes any of it (where nothing is lost on the way it is the cut of
        the max-flow min-cut theorem). There can be several cuts; one is shown.
        """
        from routeopt.allocation.bottlenecks import minimum_cut

        return minimum_cut(self._solved, self._tables.scales)

    @property
    def what_stops(self) -> str:
        """The minimum cut as a sentence."""
        from routeopt.allocation.bottlenecks import what_stops

        return what_stops(self._solved, self.minimum_cut)

    def flow_ranges(
        self,
        slack: str | float = 0.0,
        sums: Mapping[str, Iterable[str]] | None = None,
        kinds: Iterable[str] = ("route", "leg", "market"),
    ) -> pandas.DataFrame:
        """What is certain: least and most of each flow over all answers that are as good, or nearly.

        Parameters
        ----------
        slack : str or float
            By how much net cost may be worse, as a share of the transport cost, with the exported volume held:
            ``"1 %"``. Zero keeps to the optimal face.
        sums : mapping
            Further quantities: name -> legs, routes or markets that are added up.
        kinds : iterable of str
            Which of ``route``, ``leg`` and ``market`` to show.

        Returns
        -------
        pandas.DataFrame
            Index = (kind, id); ``low``, ``flow`` (the answer shown), ``high``, ``width`` in `flow_unit`.
            Flows that go round in circles do not count.

        Examples
        --------
        >>> import routeopt as ro
        >>> plan = ro.allocate(ro.load("kazakhstan"))
        >>> ranges = plan.flow_ranges("1 %", sums={"russia": ["cpc", "atyrau-samara", "makhachkala"]})
        >>> bool(ranges.loc[("route", "cpc"), "width"] > 1), bool(ranges.loc[("sum", "russia"), "low"] > 70)
        (True, True)
        """
        from routeopt.allocation.ranges import flow_ranges

        return flow_ranges(self._solved, self._tables.scales.flow, slack, sums, kinds)

    @cached_property
    def exposure(self) -> pandas.DataFrame:
        """As `exposure_ranges` with a slack of zero."""
        return self.exposure_ranges()

    def exposure_ranges(self, slack: str | float = 0.0) -> pandas.DataFrame:
        """Shares of the exported barrels that cross each foreign country and chokepoint at least once.

        Parameters
        ----------
        slack : str or float
            As in `flow_ranges`.

        Returns
        -------
        pandas.DataFrame
            Index = (kind, id); ``low`` and ``high``: over all ways to trace the barrels through this allocation;
            ``near_low`` and ``near_high``: over all allocations within the slack as well. A barrel counts once
            for each country; shares do not add up to one.
        """
        from routeopt.allocation.exposure import exposure

        return exposure(self._point, slack)

    def concentration(self, slack: str | float = 0.0) -> pandas.DataFrame:
        """Herfindahl-Hirschman index of the routes (sum of squared shares) and effective number of routes (1/HHI).

        Returns
        -------
        pandas.DataFrame
            Index = ``hhi``, ``effective_routes``; ``value`` of this allocation, ``low`` and ``high`` over all
            within the slack. The index is blind to spare capacity.
        """
        from routeopt.allocation.exposure import concentration

        return concentration(self._solved, slack)

    @property
    def certificate(self) -> Certificate:
        """What was proven."""
        solved = self._solved
        answer, (rows, columns) = solved.answer, solved.program.shape
        circles = "several programmes settle contracts that circles would fulfil"
        prove = partial(not_tried, circles) if solved.tried else partial(exact, solved)
        return Certificate(answer.proofs, answer.unique, solved.solver, rows, columns, answer.cold, prove, solved.tried)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know before using the numbers."""
        from routeopt.allocation.summary import said_of_losses

        return (*self._solved.situation.notes, *self._solved.notes, *said_of_losses(self))

    def digest(self) -> Digest:
        flow, money, certificate = self.flow_unit, self.money_unit, self.certificate
        amount, single = flow.partition("/")[0], isinstance(self._point, Solved)
        delivered, lacking = Figure("delivered", self.delivered, flow), Figure("refineries lack", self.shortage, flow)
        differs, starving = abs(self.exported - self.delivered) > 1e-6 * max(1e-30, self.exported), self.shortage > 0
        figures = [Figure("exported", self.exported, flow), *([delivered] if differs else []),
                   Figure("shut in", self.shut_in, flow), *([lacking] if starving else []),
                   Figure("transport cost", self.cost, money), Figure("netback", self.netback, money)]  # fmt: skip
        cheap, loss = self.at_a_loss if single else (0.0, 0.0)
        if cheap > 0:
            figures += [Figure("exported at a loss", float(cheap), flow), Figure("loss on it", float(loss), money)]
        details = (*([] if differs else [delivered]), *([] if starving else [lacking]),
                   Figure("revenue", self.revenue, money), Figure("proven", certificate.holds),
                   Figure("gap", certificate.gap, "share"), Figure("unique", certificate.unique),
                   Figure("solver", certificate.solver))  # fmt: skip
        columns = ("flow", "arrives", "available", "shut_in", "unavailable", "under_minimum", "shortage", "due",
                   "deficiency")  # fmt: skip
        units = {**dict.fromkeys(columns, flow), "cost": money, "revenue": money, "days": "d",
                 **dict.fromkeys(("share", "utilisation"), "share")}  # fmt: skip
        crossed = dict.fromkeys(("low", "high", "near_low", "near_high"), "share")
        each = f"{amount} for one"
        worth = {"relieves": each, "exports": each, "saves": f"USD/{self.system.piece}", "days": "d"}
        tables = [
            Table("routes", "Routes", self.routes, units),
            Table("bottlenecks", "What is full and what one more unit is worth", lambda: self.bottlenecks, worth),
            Table("legs", "Legs", self.legs, {**units, "capacity": flow}),
            Table("flows", "Flows by commodity", self.flows, units),
            Table("fields", "Fields", self.fields, units),
            Table("markets", "Markets", self.markets, units),
            Table("refineries", "Refineries at home", self.refineries, units),
            Table("groups", "Shared capacities", self.groups, units),
            Table("contracts", "Contracts", self.contracts, units),
            Table("exposure", "Share of exports that crosses each country and chokepoint", lambda: self.exposure,
                  crossed),
        ]  # fmt: skip
        if single and not self.optimal:  # an alternative: what one more unit is worth there, nobody asks
            del tables[1]
        title = self.scenario.title or ("As it is" if self.name == "base" else self.name)
        return Digest(title, self.system.title or self.system.name, tuple(figures), tuple(tables),
                      (*self.notes, str(certificate)), details)  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.system,), {self.name: self})

    def illustrations(self) -> Iterable[Illustration]:
        # The base beside itself would say nothing.
        return [one for one in super().illustrations() if one.name != "change" or self._changed]

    @property
    def _changed(self) -> bool:
        """Whether it may export something else than the base."""
        return self.name != "base" or bool(self._solved.added) or self._solved.sharing is not None

    def summary(self) -> str:
        """A page of text: what leaves by which route, what is lost, what binds, how far it is proven."""
        from routeopt.allocation.summary import summary

        return summary(self)

    def __repr__(self) -> str:
        said = f"{self.exported:.4g} {self.flow_unit} exported, {self.shut_in:.4g} shut in"
        return f"Allocation({self.system.name!r}, {self.name!r}: {said})"

    def __str__(self) -> str:
        return self.summary()
