"""What every part of an allocation reads: its data, totals, tables, ranges and shadow prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from routeopt.allocation.certificate import Certificate, certificate_of
from routeopt.allocation.trajectory import Trajectory
from routeopt.errors import SolveError
from routeopt.results import Result
from routeopt.scenario import Scenario
from routeopt.solve.engine import Flows, Solved
from routeopt.solve.horizon_solver import Work
from routeopt.solve.rolling_horizon import SolvedHorizon
from routeopt.system import ExportSystem

if TYPE_CHECKING:
    import pandas

    from routeopt.allocation.tables import Tables
    from routeopt.model.temporal import Start

__all__ = ["Core"]


@dataclass(frozen=True, repr=False, eq=False)
class Core(Result):
    """An optimum and what is read off it; `routeopt.Allocation` adds money, other tools and words."""

    system: ExportSystem
    scenario: Scenario
    name: str
    _point: Flows
    _over_time: Trajectory | None = None

    @property
    def _solved(self) -> Solved:
        """The optimum with its multipliers; only one period has one."""
        if not isinstance(self._point, Solved):
            raise SolveError("this is about the optimum of one period; leave the horizon out and solve again")
        return self._point

    @property
    def _optimum(self) -> Solved | Trajectory:
        """What ranges, prices and other tools are read from."""
        return self._over_time or self._solved

    @property
    def _trajectory(self) -> Trajectory:
        """Amounts by period; only a horizon has them."""
        if self._over_time is None:
            raise SolveError("this is about a horizon; give the scenario one with start and end")
        return self._over_time

    @property
    def _horizon(self) -> SolvedHorizon:
        return self._trajectory.solved

    @cached_property
    def _tables(self) -> Tables:
        from routeopt.allocation.tables import Tables

        return Tables(self._point, self._over_time)

    @cached_property
    def periods(self) -> pandas.DataFrame:
        """Every period: index = first day; columns = (kind, id). Without a horizon one row: a year that lasts.

        ``total``: ``days``, ``exported`` (by all routes), ``delivered`` (what lands at markets), ``produced``,
        ``shut_in``, ``shortage``, ``in_transit`` and ``waiting_to_discharge`` (cargoes at the end of the period, and
        those of them that wait). ``route``: exports, on the day on which they enter the marker. ``field``: output;
        ``shut_in``: by field; ``trip``: by how much output falls faster than a field can be turned down, when the
        period begins. ``leg``: inflow. ``market``: deliveries. ``terminal``: what it holds when the period ends;
        ``ullage``: what it could still take. Rates are in `flow_unit`; what is held, under way and afloat is an amount
        in `stock_unit`. Only a horizon knows trips and what tanks hold.

        Examples
        --------
        >>> import routeopt as ro
        >>> kz = ro.load("kazakhstan")
        >>> storm = ro.allocate(kz, "cpc-2023-11-storm", foresight="myopic")
        >>> storm.periods["route", "cpc"].loc["2023-11-26":"2023-11-30"].round(0).tolist()
        [0.0, 0.0, 0.0, 0.0, 76.0]
        """
        from routeopt.allocation.tables import period_table

        return period_table(self._tables, self._over_time, self.stock_unit, self.system.base_year or 2025)

    @property
    def stock_unit(self) -> str:
        """Unit of what is held and under way."""
        return self.flow_unit.partition("/")[0]

    @property
    def foresight(self) -> str:
        """``perfect`` or ``myopic``; without a horizon everything is known."""
        return "perfect" if self._over_time is None else self._horizon.foresight

    @property
    def solver_stats(self) -> Work:
        """How often a horizon was planned, and how much work that was; of one period only how many solves."""
        return Work(1, len(self._solved.answer.proofs)) if self._over_time is None else self._horizon.work

    @cached_property
    def end_state(self) -> Start | None:
        """How things stand on the day after the horizon; `allocate` and `stress_test` can go on from it.

        None without a horizon: a year that lasts ends as it began, on the usual day that they start from by themselves.
        """
        from routeopt.allocation.state import state_after

        return None if self._over_time is None else state_after(self._over_time)

    @property
    def status(self) -> str:
        """``optimal``: anything else raises."""
        return "optimal"

    @property
    def optimal(self) -> bool:
        """False for an alternative that costs more (`routeopt.alternatives`), and for a plan without foresight."""
        return self._solved.optimal if self._over_time is None else self._horizon.optimal

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
        """``flow`` at the inlet, ``arrives``, ``capacity`` left to the exporter, ``utilisation``, ``cost``, ``status``;
        index = leg."""
        return self._tables.legs.copy()

    @property
    def flows(self) -> pandas.DataFrame:
        """``flow`` at the inlet; index = (leg, commodity)."""
        return self._tables.flows.copy()

    @property
    def fields(self) -> pandas.DataFrame:
        """``flow`` that leaves, ``available``, ``shut_in``, ``unavailable`` (closed), ``below_min_output``."""
        return self._tables.fields.copy()

    @property
    def markets(self) -> pandas.DataFrame:
        """``flow`` and ``revenue``; index = market.

        Over a horizon also ``days``: how long what arrived had been under way, line fill of pipelines included.
        """
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

        ``kind`` (leg or group), ``status`` (full, or closed), ``capacity`` and its ``unit``; for a tonne more of
        capacity ``marginal_relief``: tonnes that refineries lack no longer, ``marginal_exports``: tonnes more exported
        (less, where a refinery takes them), ``marginal_saving``: USD saved with the exported volume held;
        ``valid_to``: the capacity up to which the first of them that is not zero holds; ``description``: the same as a
        sentence. Details: `shadow_prices`. What a vessel is worth is in `flow_unit` and `money_unit`.

        Over a horizon, with terminals, there are ``days`` on which it bound, ``capacity`` of a mean day, and
        ``marginal_exports``: tonnes more exported for a tonne per day more of capacity, mean of those days. Without
        foresight they are those of the last plan.
        """
        from routeopt.allocation.bottlenecks import bottlenecks

        return bottlenecks(self._optimum, self._tables.scales)

    def shadow_prices(self, names: Iterable[str] | None = None) -> pandas.DataFrame:
        """What one more unit and one less of each capacity is worth, exactly.

        Parameters
        ----------
        names : iterable of str, optional
            Legs and groups; all that have a capacity if not given. Over a horizon each takes a dozen programs of it.

        Returns
        -------
        pandas.DataFrame
            Index = id; ``kind``, ``status``, ``unit``, ``capacity``, ``use``. For a tonne to the right and to the left:
            ``relief_up``, ``relief_down``: tonnes that refineries lack no longer, or besides; ``exports_up``,
            ``exports_down``: tonnes of exports; ``saving_up``, ``saving_down``: USD. Each holds up to ``.._until`` and
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
        contracts is held, though a closure leaves more or less of it where their own legs have another capacity. Over
        a horizon a tonne is one a day more on every day, closed or not, and values are means of its days.

        Examples
        --------
        >>> import routeopt as ro
        >>> kz = ro.load("kazakhstan")
        >>> worth = ro.allocate(kz, "cpc-closed").shadow_prices(["aktau-makhachkala"]).iloc[0]
        >>> float(worth["exports_up"]), round(float(worth["exports_valid_to"]), 2), worth["exports_next_binding"]
        (1.0, 3.93, 'aktau-berths')
        """
        from routeopt.allocation.bottlenecks import shadow_prices

        return shadow_prices(self._optimum, self._tables.scales, names)

    @cached_property
    def minimum_cut(self) -> pandas.DataFrame:
        """What stops the next barrel: ``kind``, ``unit``, ``capacity``, ``weight``; index = id.

        Kinds are ``leg``, ``group``, ``field`` (its output), ``market`` (its demand), ``embargo`` and
        ``constraint`` (of your own). The weights are multipliers of the volume: the sum of weight x capacity is
        what can be exported, if no refinery takes any of it (where nothing is lost on the way it is the cut of
        the max-flow min-cut theorem). There can be several cuts; one is shown.
        """
        from routeopt.allocation.bottlenecks import minimum_cut

        return minimum_cut(self._optimum, self._tables.scales)

    @property
    def bottleneck_summary(self) -> str:
        """What limits exports, as a sentence: the minimum cut, or over a horizon the bottlenecks."""
        from routeopt.allocation.bottlenecks import bottleneck_summary

        if self._over_time is None:
            return bottleneck_summary(self._solved, self.minimum_cut)
        found = self.bottlenecks
        names = [f"{name} ({days:.0f} d)" for name, days in zip(found.index, found["days"], strict=True)][:4]
        return f"exports are limited by {', '.join(names)}" if names else "nothing limits exports but the fields"

    def flow_ranges(
        self,
        slack: str | float = 0.0,
        sums: Mapping[str, Iterable[str]] | None = None,
        kinds: Iterable[str] | None = None,
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
            Which of ``route``, ``leg`` and ``market`` to show: all, but over a horizon routes only if not given, since
            each flow is two programs of the whole horizon.

        Returns
        -------
        pandas.DataFrame
            Index = (kind, id); ``low``, ``flow`` (the answer shown), ``high``, ``width`` in `flow_unit`.
            Flows that go round in circles do not count. Over a horizon they are means of its days.
            An alternative or a plan without foresight has no region of equals: an error says so.

        Examples
        --------
        >>> import routeopt as ro
        >>> plan = ro.allocate(ro.load("kazakhstan"))
        >>> ranges = plan.flow_ranges("1 %", sums={"russia": ["cpc", "atyrau-samara", "makhachkala"]})
        >>> bool(ranges.loc[("route", "cpc"), "width"] > 1), bool(ranges.loc[("sum", "russia"), "low"] > 70)
        (True, True)
        """
        from routeopt.allocation.ranges import flow_ranges

        kinds = kinds or (("route", "leg", "market") if self._over_time is None else ("route",))
        return flow_ranges(self._optimum, self._tables.scales.flow, slack, sums, kinds)

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
            within the slack. The index is blind to spare capacity. Over a horizon no plan lies outside of ``low`` and
            ``high``; they may be too far apart by 0.0001, and by more where plans differ in how much leaves within it.
            A refinery that several routes feed keeps the mix that it has in this plan.
            A plan without foresight has no region of equals: an error says so.
        """
        from routeopt.allocation.ranges import concentration

        return concentration(self._optimum, slack)

    @property
    def certificate(self) -> Certificate:
        """What was certified; over a horizon of every plan that was made, the worst of each stage."""
        return certificate_of(self._optimum)

    @property
    def _best(self) -> bool:
        """Whether it is no alternative."""
        return self._solved.optimal if self._over_time is None else self._horizon.best
