"""The result of `stress_test`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation import Allocation
from routeopt.allocation.exposure import exposure
from routeopt.allocation.money import beyond
from routeopt.allocation.trajectory import Trajectory, mean_day
from routeopt.comparison import compare
from routeopt.elements.losses import levels, worst_first
from routeopt.elements.values import resolution
from routeopt.errors import InputError, did_you_mean
from routeopt.resilience.measures import Curve, fill_day
from routeopt.results import ILLUSTRATED, Digest, Drawing, Figure, Illustration, Origins, Result, Table, illustrate
from routeopt.results.number_format import number
from routeopt.solve.rolling_horizon import follow
from routeopt.system import ExportSystem
from routeopt.units import parse_unit

if TYPE_CHECKING:
    import pandas


__all__ = ["StressTest"]


@dataclass(frozen=True, repr=False, eq=False)
class StressTest(Result):
    """Scenarios over their horizons. Amounts are in `amount_unit`, money in USD.

    ``test[name]`` is the scenario's `Allocation`, with ``periods`` by route, field and terminal.

    Attributes
    ----------
    system : ExportSystem
    plans : mapping of str to Allocation
        Plan with the closures, by scenario.
    targets : mapping of str to Allocation
        Plan without the closures, by scenario.
    foresight : str
    """

    drawings: ClassVar = {
        "curve": Drawing("curve:draw_resilience", "{of}: exports with and without the closures"),
    }

    system: ExportSystem
    plans: Mapping[str, Allocation]
    targets: Mapping[str, Allocation]
    foresight: str

    def __getitem__(self, name: str) -> Allocation:
        if name not in self.plans:
            raise InputError(f"test: no scenario {name!r}; {did_you_mean(name, self.plans)}")
        return self.plans[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.plans)

    def __len__(self) -> int:
        return len(self.plans)

    @property
    def amount_unit(self) -> str:
        """Unit of all amounts: the flow unit without its time."""
        return self.system.units.flow.partition("/")[0]

    @cached_property
    def table(self) -> pandas.DataFrame:
        """Losses and times by scenario; index = scenario. Columns:

        - ``target``: exports without the closures;
        - ``lost``: target less exports, less ``on_the_way`` (additional volume still on its way to the metering legs
          at the end), plus the volume drawn from tanks and not put back (where legs lose oil, at most the volume that
          refilling takes); ``drawn``: the latter, as missing from the tanks;
        - ``in_storage``: additional volume in tanks or waiting to discharge at the end;
        - ``deferred``: short for a while, exported later within the horizon;
        - ``shut_in``: additional production shut in; ``shortage``: additional unmet refinery demand (that crude may be
          exported, so ``lost`` may be negative);
        - ``rerouted``: increase over target, summed over the routes that carry more;
        - ``extra_cost``, ``revenue_lost`` and their sum ``netback_lost``, as in `routeopt.allocation.money.beyond`;
        - ``days_to_tank_top``: from the first day on which closures bind until a tank that they fill is full in this
          plan; zero without ullage, missing if no tank fills up or nothing is shut in;
        - ``days_of_ullage``: the same if fields do not know the end and produce as long as they can;
        - ``days_to_recover``: until exports are back at target for good, from the end of the last binding closure, or
          from the beginning of the first if the last does not end within the horizon; missing if they are not back;
        - ``equivalent_days_lost``; ``resilience`` = 1 - equivalent_days_lost / ``window`` (days);
        - ``max_shortfall``: largest share of the target missing in a period.
        """
        import pandas

        rows = {name: self._row(name) for name in self.plans}
        return pandas.DataFrame.from_dict(rows, orient="index").rename_axis("scenario")

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on the numbers, each with the name of its scenario."""
        return tuple(dict.fromkeys(f"{name}: {note}" for name in self for note in self[name].notes))

    @property
    def ranking(self) -> pandas.DataFrame:
        """`table`, worst first: by shortage of refineries, loss, and equivalent days lost."""
        table = self.table
        noise = resolution(0.0, table["target"].to_numpy())
        columns = (("shortage", noise), ("lost", noise), ("equivalent_days_lost", resolution(1.0)))
        return table.iloc[worst_first(*(levels(table[name].to_numpy(), least) for name, least in columns))]

    def curve(self, name: str) -> Curve:
        """Exports and target by period, in `amount_unit`, with the measures of resilience.

        Returns
        -------
        routeopt.resilience.measures.Curve
            Arrays ``edges``, ``exported``, ``target``, ``days`` and ``quality`` (exported / target); numbers
            ``equivalent_days_lost``, ``resilience``, ``max_shortfall`` and ``deferred``.
        """
        reading, target = self[name]._trajectory, self.targets[name]._trajectory
        shown = reading.layout.periods.reported
        unit = parse_unit(self.amount_unit).factor
        edges = reading.layout.periods.edges[: shown + 1]
        return Curve(edges - edges[0], reading.exported[:shown] / unit, target.exported[:shown] / unit)

    @cached_property
    def curves(self) -> pandas.DataFrame:
        """Share of the target exported; index = first day of a period, columns = scenarios."""
        import pandas

        return pandas.DataFrame({
            name: pandas.Series(self.curve(name).quality, plan.periods.index) for name, plan in self.plans.items()
        })  # fmt: skip

    @cached_property
    def routes(self) -> pandas.DataFrame:
        """Amounts by route: ``target``, ``actual``, ``change``; index = (scenario, route)."""
        import pandas

        rows = {}
        for name, plan in self.plans.items():
            before, after = self._by_route(self.targets[name]._trajectory), self._by_route(plan._trajectory)
            for route in after:
                rows[name, route] = (before[route], after[route], after[route] - before[route])
        index = pandas.MultiIndex.from_tuples(rows, names=["scenario", "route"])
        return pandas.DataFrame(list(rows.values()), index, ["target", "actual", "change"])

    def exposure(self, name: str) -> pandas.DataFrame:
        """Return shares of exports that cross foreign countries and chokepoints.

        Returns
        -------
        pandas.DataFrame
            Index = (kind, id); ``before_low``, ``before_high`` without closures, ``during_low``, ``during_high`` on
            the mean day with a closure, of the exports of those days; minimum and maximum over all ways to trace the
            barrels.
        """
        reading = self[name]._trajectory
        first, last = self._span(name)
        edges = reading.layout.periods.edges
        during = (edges[1:] > first) & (edges[:-1] < last)
        during[reading.layout.periods.reported :] = False
        before = exposure(mean_day(self.targets[name]._trajectory, np.ones(len(during), bool)), 0.0)
        shown = exposure(mean_day(reading, during), 0.0) if during.any() else before
        joined = before[["low", "high"]].add_prefix("before_").join(shown[["low", "high"]].add_prefix("during_"))
        return joined.sort_values("during_high", ascending=False, kind="stable")

    @cached_property
    def value_of_foresight(self) -> pandas.DataFrame:
        """Cost of limited foresight; index = scenario, amounts in `amount_unit`.

        ``perfect``, ``myopic``: lost exports with each foresight; ``difference``: myopic less perfect; ``shortage``:
        unmet refinery demand due to limited foresight (refineries are served first, so ``difference`` may be negative
        beside it); ``replans``: number of myopic plans. Losses count the objective of the plans, deliveries to markets
        less the missing end stock, so that perfect foresight is a bound.
        """
        import pandas

        unit, rows = parse_unit(self.amount_unit).factor, {}
        for name, plan in self.plans.items():
            target = self.targets[name]._trajectory.maximised
            lost, lacks, plans = {}, {}, 0
            for foresight in ("perfect", "myopic"):
                course = plan._horizon
                if foresight != self.foresight:
                    course = follow(plan._horizon.prepared, plan._horizon.scenario, foresight)
                lost[foresight] = (target - Trajectory(course).maximised) / unit
                objective = course.prepared.objectives.shortage
                lacks[foresight] = float(objective @ course.x[: len(objective)]) / unit
                plans = course.work.plans
            lost = {key: _clean(value, target / unit) for key, value in lost.items()}
            price = _clean(lost["myopic"] - lost["perfect"], target / unit)
            shortage = _clean(lacks["myopic"] - lacks["perfect"], target / unit)
            rows[name] = (lost["perfect"], lost["myopic"], price, shortage, plans)
        frame = pandas.DataFrame.from_dict(rows, orient="index", columns=_VALUE_OF_FORESIGHT)
        return frame.rename_axis("scenario")

    def _row(self, name: str) -> dict[str, float]:
        plan, target = self.plans[name], self.targets[name]
        reading, calm = plan._trajectory, target._trajectory
        unit, days = parse_unit(self.amount_unit).factor, reading.layout.periods.total
        shown, curve = reading.layout.periods.reported, self.curve(name)
        size = float(calm.exported[:shown].sum()) / unit
        routes = self._by_route(reading)
        before = self._by_route(calm)
        year = days / parse_unit(self.system.units.flow.partition("/")[2]).factor
        first, last = self._span(name)
        start = reading.layout.periods.edges[0]
        since = (last if last < np.inf else first) - start
        found = {
            "lost": (calm.net_exports - reading.net_exports) / unit,
            "drawn": float(reading.drawn.sum() - calm.drawn.sum()) / unit,
            "on_the_way": (reading.exports.on_the_way - calm.exports.on_the_way) / unit,
            "in_storage": (_held(reading, shown) - _held(calm, shown)) / unit,
            "deferred": curve.deferred,
            "shut_in": (float(reading.shut_in[:shown].sum()) - float(calm.shut_in[:shown].sum())) / unit,
            "shortage": (plan.shortage - target.shortage) * year,
            "rerouted": sum(max(0.0, routes[route] - before[route]) for route in routes),
        }
        found = {key: _clean(value, size) for key, value in found.items()}
        return {
            **found,
            **{key: value * year for key, value in beyond(plan, target).items()},
            "target": size,
            "days_to_tank_top": self._tank_top(name, reading, first) if found["shut_in"] > 0.0 else np.nan,
            "days_of_ullage": self._ullage(name, first) if found["shut_in"] > 0.0 else np.nan,
            "days_to_recover": curve.recovered_on(since) - since,
            "equivalent_days_lost": _clean(curve.equivalent_days_lost, days),
            "resilience": 1.0 - _clean(curve.equivalent_days_lost, days) / days,
            "max_shortfall": _clean(curve.max_shortfall, 1.0),
            "window": days,
        }

    def _by_route(self, reading: Trajectory) -> dict[str, float]:
        unit, shown = parse_unit(self.amount_unit).factor, reading.layout.periods.reported
        return {name: float(flow[:shown].sum()) / unit for name, flow in reading.routes.items()}

    def _span(self, name: str) -> tuple[float, float]:
        """First and last day of the closures that bind; infinite if they do not end."""
        periods = self.plans[name]._trajectory.layout.periods
        first, last = self.plans[name]._horizon.span
        return first, last if last < periods.edges[periods.reported] else np.inf

    def _ullage(self, name: str, since: float) -> float:
        """Days to tank top if fields do not know the end and produce as long as they can."""
        course = self.plans[name]._horizon
        greedy = Trajectory(follow(course.prepared, course.scenario, self.foresight, greedy=True))
        return self._tank_top(name, greedy, since)

    def _tank_top(self, name: str, reading: Trajectory, since: float) -> float:
        """Days until a tank that closures fill is full; zero if they fill none."""
        calm, course = self.targets[name]._trajectory, reading.solved
        periods, days, filling = reading.layout.periods, [], False
        shown = periods.reported
        for terminal, held in reading.terminals.items():
            capacity = held + reading.ullage[terminal]
            before = float(course.prepared.start.stock[stocks_of(reading, terminal)].sum())
            grew = held[:shown] > calm.terminals[terminal][:shown] + 1e-9 * capacity[:shown]
            if grew.any():
                filling = True
                day = fill_day(periods.edges[: shown + 1], held[:shown], before, float(capacity[0]), since)
                days += [] if np.isnan(day) else [day - since]
        return max(min(days, default=float("nan") if filling else 0.0), 0.0)

    def digest(self) -> Digest:
        amount, table = self.amount_unit, self.ranking
        worst, first = str(table.index[0]), table.iloc[0].to_dict()
        units = {name: "USD" if name in ("extra_cost", "revenue_lost", "netback_lost")
                 else "share" if name in ("resilience", "max_shortfall")
                 else "d" if "days" in name or name == "window" else amount for name in table.columns}  # fmt: skip
        shown = {"shortage": "unmet refinery demand", "lost": "lost", "deferred": "deferred",
                 "days_to_tank_top": "days to tank-top", "days_to_recover": "days to recover",
                 "resilience": "resilience"}  # fmt: skip
        figures = tuple(Figure(label, float(first[name]), units[name]) for name, label in shown.items())
        tables = (
            Table("scenarios", "Scenarios, by shortage, then loss", table, units),
            Table("routes", "Exports by route over the horizon", self.routes,
                  dict.fromkeys(("target", "actual", "change"), amount)),
            Table("curves", "Share of the target exported", self.curves, dict.fromkeys(self, "share")),
            Table("value_of_foresight", "Lost exports by foresight", lambda: self.value_of_foresight,
                  {**dict.fromkeys(_VALUE_OF_FORESIGHT, amount), "replans": "1"}),
        )  # fmt: skip
        several = len(self) > 1
        notes = ("figures: worst scenario",) if several else ()
        return Digest(f"{len(self)} scenarios, worst: {worst}" if several else worst,
                      self.system.title or self.system.name, figures, tables,
                      (*notes, f"{self.foresight} foresight", *self.notes))  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.system,), self.plans, settings={"foresight": self.foresight})

    def illustrations(self) -> list[Illustration]:
        names = [str(name) for name in self.ranking.index]
        worst, plan = names[0], self[names[0]]
        return [
            *(illustrate(self, "curve", name, name=name) for name in names[:ILLUSTRATED]),
            illustrate(compare(self.targets[worst], plan), "routes", f" in {worst}, without and with its closures"),
            illustrate(plan, "network", f" of {worst} on the mean day"),
            illustrate(plan, "sankey", f" in {worst} on the mean day"),
        ]

    def __repr__(self) -> str:
        return f"StressTest({self.system.name!r}, {len(self)} scenarios, {self.foresight} foresight)"

    def __str__(self) -> str:
        shown = self.ranking[["shortage", "lost", "deferred", "shut_in", "rerouted", "days_to_tank_top",
                              "days_to_recover", "equivalent_days_lost", "resilience", "window"]]  # fmt: skip
        title = self.system.title or self.system.name
        head = f"{title}: stress test, {self.foresight} foresight; amounts in {self.amount_unit}, times in days"
        table = shown.to_string(float_format=number, na_rep="-")
        return "\n".join([head, table, *(f"note: {note}" for note in self.notes)])


_VALUE_OF_FORESIGHT = ["perfect", "myopic", "difference", "shortage", "replans"]


def _held(reading: Trajectory, shown: int) -> float:
    """Volume in tanks and waiting to discharge when the horizon ends."""
    return float(reading.stocks[shown - 1].sum() + reading.block("afloat")[shown - 1].sum())


def stocks_of(reading: Trajectory, terminal: str) -> NDArray[np.bool_]:
    """Mask of the stocks of a terminal."""
    layout = reading.layout
    place = [layout.topology.nodes[node] for node in layout.tanks].index(terminal)
    mask: NDArray[np.bool_] = layout.stock_tank == place
    return mask


def _clean(value: float, size: float) -> float:
    """Zero a value within the certificates' tolerance."""
    return 0.0 if abs(value) <= resolution(0.0, size) else value
