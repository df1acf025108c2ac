"""What `allocate` returns for a scenario with a horizon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation.certificate import Certificate
from routeopt.allocation.result import Allocation
from routeopt.allocation.trajectory import Reading, mean_day
from routeopt.errors import SolveError
from routeopt.results import Digest, Drawing, Illustration, Origins, Table, illustrate
from routeopt.solve.exact import not_tried
from routeopt.solve.horizon_solver import Work
from routeopt.solve.rolling_horizon import Course, follow

if TYPE_CHECKING:
    import pandas

    from routeopt.model.temporal import Start

__all__ = ["HorizonAllocation"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class HorizonAllocation(Allocation):
    """What happens over a horizon, period by period.

    Everything an `Allocation` shows is here as the mean of the horizon's days: legs and routes by what entered them
    within it, deliveries by what left within it, whenever it lands. `periods` has each period by itself.
    """

    drawings: ClassVar = {
        "course": Drawing("curve:draw_course", "Exports by route in each period"),
        **{name: one for name, one in Allocation.drawings.items() if name != "change"},  # the base is a year
    }

    course: Course

    @cached_property
    def reading(self) -> Reading:
        """Amounts by period as arrays, in inner units."""
        return Reading(self.course)

    @cached_property
    def periods(self) -> pandas.DataFrame:
        """Every period: index = first day; columns = (kind, id).

        ``total``: ``days``, ``exported`` (by all routes), ``delivered`` (what lands at markets), ``produced``,
        ``shut_in``, ``shortage``, ``under_way`` and ``afloat`` (cargoes at the end of the period, and those of them
        that wait). ``route``: exports, on the day on which they enter the marker. ``field``: output; ``shut_in``: by
        field; ``trip``: by how much output falls faster than a field can be turned down, when the period begins.
        ``leg``: inflow. ``market``: deliveries. ``terminal``: what it holds when the period ends; ``room``: what it
        could still take. Rates are in `flow_unit`; what is held, under way and afloat is an amount in `stock_unit`.

        Examples
        --------
        >>> import routeopt as ro
        >>> storm = ro.allocate(ro.load("kazakhstan"), "cpc-2023-11-storm", foresight="myopic")
        >>> storm.periods["route", "cpc"].loc["2023-11-26":"2023-11-30"].round(0).tolist()
        [0.0, 0.0, 0.0, 0.0, 76.0]
        """
        from routeopt.allocation.period_tables import period_table

        return period_table(self.reading, self._tables.scales.flow, self.stock_unit)

    @property
    def cost(self) -> float:
        """Tariffs, capital recovery, deficiency less what was made up, output under the minimum, waiting, trips."""
        days = self.reading.frame.periods.total
        return super().cost + self.reading.beyond_tables / days * self._tables.scales.money

    @property
    def exported(self) -> float:
        """What leaves the exporter's hands on the mean day: the mean of the periods' exports."""
        periods = self.reading.frame.periods
        return float(self.reading.exported[: periods.reported].sum()) / (periods.total * self._tables.scales.flow)

    @property
    def routes(self) -> pandas.DataFrame:
        """``title``, ``flow`` exported, ``share``; index = route. Means of the periods' exports."""
        table, shown = self._tables.routes.copy(), self.reading.frame.periods.reported
        rate = self.reading.frame.periods.total * self._tables.scales.flow
        table["flow"] = [float(self.reading.routes[str(name)][:shown].sum()) / rate for name in table.index]
        total = float(table["flow"].sum())
        table["share"] = table["flow"] / total if total else 0.0
        return table

    def _bound(self) -> tuple[Floats, Floats, Floats]:
        return self.reading.exports.bound()

    @property
    def markets(self) -> pandas.DataFrame:
        """As of one period, and ``days``: how long what arrived had been under way, line fill of pipelines included."""
        return super().markets.assign(days=self.reading.ages)

    @property
    def stock_unit(self) -> str:
        """Unit of what is held and under way."""
        return self.flow_unit.partition("/")[0]

    @property
    def foresight(self) -> str:
        """``perfect`` or ``myopic``."""
        return self.course.foresight

    @property
    def work(self) -> Work:
        """How often it was planned, and how much work that was."""
        return self.course.work

    @cached_property
    def state(self) -> Start:
        """How things stand on the day after the horizon; `allocate` and `stress_test` can go on from it."""
        from routeopt.allocation.state import state_after

        return state_after(self.reading)

    @cached_property
    def at_a_loss(self) -> pandas.Series:
        """As `Allocation.at_a_loss`, on the mean day; the horizon is planned once more, with money first."""
        import pandas

        paid = replace(self.course.prepared, economic=True, apportion=("economic", []), _kept={})
        course = follow(paid, self.course.scenario, self.foresight)
        paying = HorizonAllocation(self.system, self.scenario, self.name, mean_day(Reading(course)), course)
        flow, loss = self.exported - paying.exported, paying.netback - self.netback
        real = flow > 1e-6 * self.exported and loss > 1e-6 * abs(self.cost) and self.revenue != 0
        return pandas.Series({"flow": flow, "loss": loss} if real else {"flow": 0.0, "loss": 0.0})

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know before using the numbers."""
        from routeopt.allocation.period_notes import notes_of

        return notes_of(self.course)

    @property
    def optimal(self) -> bool:
        """Whether the plan is the optimum of the whole horizon; where ends are not known beforehand it need not be."""
        return self.foresight == "perfect"

    @cached_property
    def bottlenecks(self) -> pandas.DataFrame:
        """Full capacities that are worth something; index = id, what exports most comes first.

        ``kind`` (leg, group or terminal), ``state`` (full, or closed if it was shut whenever it bound), ``days`` on
        which it bound, ``capacity`` of a mean day and its ``unit``; ``exports``: tonnes more exported for a tonne a day
        more of capacity, mean of those days; ``words``.
        """
        from routeopt.allocation.period_values import bottlenecks

        return bottlenecks(self.reading, self._tables.scales)

    def capacity_values(self, names: Iterable[str] | None = None) -> pandas.DataFrame:
        """Not over a horizon: see `bottlenecks`."""
        raise self._one_period("capacity_values", "bottlenecks")

    @cached_property
    def minimum_cut(self) -> pandas.DataFrame:
        """Not over a horizon: see `bottlenecks`."""
        raise self._one_period("minimum_cut", "bottlenecks")

    @property
    def what_stops(self) -> str:
        """What limits exports, as a sentence."""
        found = self.bottlenecks
        names = [f"{name} ({days:.0f} d)" for name, days in zip(found.index, found["days"], strict=True)][:4]
        return f"exports are limited by {', '.join(names)}" if names else "nothing limits exports but the fields"

    def flow_ranges(
        self,
        slack: str | float = 0.0,
        sums: Mapping[str, Iterable[str]] | None = None,
        kinds: Iterable[str] = ("route",),
    ) -> pandas.DataFrame:
        """What is certain: least and most of each mean flow over all plans of the horizon that are as good, or nearly.

        Parameters
        ----------
        slack, sums, kinds
            As `Allocation.flow_ranges`. Only plans with perfect foresight have a region of equals.

        Returns
        -------
        pandas.DataFrame
            Index = (kind, id); ``low``, ``flow``, ``high``, ``width``: means of the horizon's days in `flow_unit`.

        Raises
        ------
        SolveError
            The plan was made without foresight.
        """
        from routeopt.allocation.period_ranges import flow_ranges

        self._foreseen("flow_ranges")
        return flow_ranges(self.reading, self._tables.scales.flow, slack, sums, kinds)

    def concentration(self, slack: str | float = 0.0) -> pandas.DataFrame:
        """Herfindahl-Hirschman index of what the routes carry over the whole horizon, and effective number of routes.

        Parameters
        ----------
        slack : str or float
            As in `flow_ranges`; only plans with perfect foresight have a region of equals.

        Returns
        -------
        pandas.DataFrame
            As `Allocation.concentration`. No plan lies outside of ``low`` and ``high``; they may be too far apart by
            0.0001, and by more where plans differ in how much leaves within the horizon. A refinery that several routes
            feed keeps the mix that it has in this plan.

        Raises
        ------
        SolveError
            The plan was made without foresight.
        """
        from routeopt.allocation.period_ranges import concentration

        self._foreseen("concentration")
        return concentration(self.reading, slack)

    def exposure_ranges(self, slack: str | float = 0.0) -> pandas.DataFrame:
        """Shares of the exported barrels that cross each foreign country and chokepoint, on the mean day.

        Parameters
        ----------
        slack : str or float
            Only zero: other plans of the horizon are not searched.

        Returns
        -------
        pandas.DataFrame
            As `Allocation.exposure_ranges`.
        """
        if slack not in (0.0, "0 %"):
            raise self._one_period("exposure_ranges with a slack", "slack=0")
        return super().exposure_ranges()

    @property
    def certificate(self) -> Certificate:
        """What was proven: of every plan that was made, the worst of each stage."""
        from routeopt.allocation.period_values import worst_proofs

        rows, columns = self.course.prepared.program.shape
        answers = [answer for _, answer in self.course.plans]
        unique = self.optimal and self.course.answer.unique
        return Certificate(worst_proofs(answers), unique, "highs", rows, columns,
                           sum(answer.cold for answer in answers),
                           partial(not_tried, "a horizon has too many rows for it; one period has it"))  # fmt: skip

    def to_pulp(self) -> Any:
        """The programme of the whole horizon as a named PuLP problem.

        It is the programme in which everything is known from the first day, in amounts. Of a plan without foresight
        the problem's name ends in ``with_perfect_foresight``: it exports and supplies no less than that plan did, at
        a net cost that can be lower.

        Returns
        -------
        pulp.LpProblem
            As `Allocation.to_pulp`, in amounts; names end in the first day of their period.
        """
        from routeopt.allocation.exporters import horizon_to_pulp

        return horizon_to_pulp(self.reading, self._tables.scales)

    def digest(self) -> Digest:
        mean, periods = super().digest(), self.periods
        flow, stock = self.flow_unit, self.stock_unit
        pairs = [(str(pair[0]), str(pair[1])) for pair in periods.columns]
        own = {"total days": "d", "total under_way": stock, "total afloat": stock}
        units = {f"{kind} {name}": stock if kind in ("terminal", "room") else flow for kind, name in pairs} | own
        heads = [" ".join(pair) for pair in pairs]
        table = Table("periods", "By period", periods.set_axis(heads, axis="columns"), units)
        notes = (f"{self.foresight} foresight; rates are means over the horizon", *mean.notes)
        return replace(mean, tables=(mean.tables[0], table, *mean.tables[1:]), notes=notes)

    def origins(self) -> Origins:
        return replace(super().origins(), settings={"foresight": self.foresight})

    def illustrations(self) -> list[Illustration]:
        mean = " on the mean day"
        return [illustrate(self, "course"), illustrate(self, "network", mean), illustrate(self, "sankey", mean)]

    def summary(self) -> str:
        """A page of text: what leaves, what is shut in, what tanks do, what binds, how far it is proven."""
        from routeopt.allocation.period_summary import summary

        return summary(self)

    def _foreseen(self, what: str) -> None:
        if not self.optimal:
            raise SolveError(
                f"{what} is about plans that are as good as the optimum; a plan without foresight has none beside it; "
                "ask for foresight='perfect'"
            )

    def _one_period(self, what: str, instead: str) -> SolveError:
        return SolveError(f"{what} is about one period; over a horizon use {instead}")
