"""The tables of an allocation, in the units of the system."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from routeopt.allocation.trajectory import Trajectory, destinations_of
from routeopt.arrays import Floats
from routeopt.model.bounds import leg_capacities
from routeopt.model.conversion import Conversion
from routeopt.model.destinations import Destinations
from routeopt.model.limits import field_outputs
from routeopt.scenario.case import Situation
from routeopt.solve.engine import Flows
from routeopt.units import parse_unit

__all__ = ["Scales", "Tables", "period_table"]


@dataclass(frozen=True)
class Scales:
    """From inner units to those in which a system shows results.

    ``flow``: inner units a day in one unit of flow; ``money``: USD for the flow unit's time in one inner unit of money.
    """

    flow: float
    money: float
    flow_unit: str
    money_unit: str

    @classmethod
    def of(cls, unit: str) -> Scales:
        """Scales for a unit of flow."""
        time = unit.partition("/")[2]
        return cls(parse_unit(unit).factor, 1000.0 * parse_unit(time).factor, unit, f"USD/{time}")


class Tables:
    """Reads tables off what flows in a solved period, or on the mean day of a trajectory."""

    def __init__(self, day: Flows, over_time: Trajectory | None = None) -> None:
        self.day, self._over_time = day, over_time
        self._system = day.situation.system
        self._layout = day.program.layout
        self.scales = Scales.of(self._system.units.flow)
        self._x = _without_dust(day.x, day)

    def _block(self, name: str) -> Floats:
        return self._x[self._layout.columns(name)] / self.scales.flow

    @cached_property
    def destinations(self) -> Destinations:
        """What markers carry, and where to."""
        return destinations_of(self._system, self.day.program)

    @cached_property
    def exported(self) -> float:
        """What the routes export, over a horizon the mean of its periods; without routes, what markets receive."""
        if self._over_time is not None:
            periods = self._over_time.layout.periods
            return float(self._over_time.exported[: periods.reported].sum()) / (periods.total * self.scales.flow)
        return float(self.routes["flow"].sum()) if len(self.routes) else self.delivered

    @cached_property
    def delivered(self) -> float:
        """What markets receive."""
        return float(self._block("delivery").sum())

    def bound(self) -> tuple[Floats, Floats, Floats]:
        """What counts of each flow column; what of it, and of each field's output, ends in refineries.

        Inner units a day.
        """
        if self._over_time is not None:
            return self._over_time.exports.bound()
        found, x = self.destinations, self._x
        return x[self._layout.columns("flow")], *found.bound_for_refineries(x, found.share(x))

    @cached_property
    def shortage(self) -> float:
        """What refineries lack."""
        return float(self._shortage().sum())

    def _shortage(self) -> Floats:
        """By refinery; what is counted in the other unit becomes tonnes (or barrels) by the mean of what it takes."""
        return self._block("shortage") * self.day.objectives.shortage[self._layout.columns("shortage")]

    def money(self, part: str) -> float:
        """``spending`` or ``revenue``, in USD for the flow unit's time."""
        sum_ = float(getattr(self.day.objectives, part) @ self._x * self.scales.money)
        if self._over_time is None or part != "spending":
            return sum_
        return sum_ + self._over_time.beyond_tables / self._over_time.layout.periods.total * self.scales.money

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Flow of each commodity at the inlet of each leg."""
        layout = self._layout
        index = pd.MultiIndex.from_arrays(
            [
                np.array(layout.topology.legs, object)[layout.flow_leg],
                np.array(layout.topology.commodities, object)[layout.flow_stream],
            ],
            names=["leg", "commodity"],
        )
        return pd.DataFrame({"flow": self._block("flow")}, index)

    @cached_property
    def leg_flow(self) -> Floats:
        """Flow of all commodities at the inlet of each leg, shape (K,)."""
        return np.bincount(self._layout.flow_leg, self._block("flow"), len(self._layout.topology.legs)).astype(float)

    @cached_property
    def legs(self) -> pd.DataFrame:
        """Flow, capacity and cost of each leg."""
        system, layout, situation = self._system, self._layout, self.day.situation
        flow, capacity, use = self.leg_flow, self._leg_capacity(situation), self._leg_use()
        spent = self.day.objectives.spending[layout.columns("flow")] * self._x[layout.columns("flow")]
        own = leg_capacities(self.day.program, situation)
        with np.errstate(invalid="ignore", divide="ignore"):
            utilisation = np.where((own > 0) & np.isfinite(own), use / own, np.nan)
        return _frame(
            system.legs,
            origin=[leg.origin for leg in system.legs.values()],
            destination=[leg.destination for leg in system.legs.values()],
            mode=[leg.mode for leg in system.legs.values()],
            flow=flow,
            arrives=flow * self.day.program.gain,
            capacity=capacity,
            utilisation=utilisation,
            cost=np.bincount(layout.flow_leg, spent, len(flow)) * self.scales.money,
            status=[self._state(name, own[place]) for place, name in enumerate(system.legs)],
        )

    def _state(self, name: str, capacity: float) -> str:
        situation = self.day.situation
        if not situation.runs(name):
            return self._system.legs[name].status
        if capacity == 0.0:
            return "closed"
        cut = situation.in_service(name) < 1.0
        return "built" if name in situation.built else "reduced" if cut else "open"

    def _leg_use(self) -> Floats:
        """Flow in the unit in which each leg counts its capacity, inner units a day."""
        layout, convert = self._layout, Conversion(self._system)
        weight = np.ones(len(layout.flow_leg))
        for place, leg in enumerate(self._system.legs.values()):
            if leg.measured_by not in ("", self._system.measured_by):
                mine = layout.flow_leg == place
                weight[mine] = convert.to(leg.measured_by)[layout.flow_stream[mine]]
        x = self._x[layout.columns("flow")]
        return np.bincount(layout.flow_leg, weight * x, len(layout.topology.legs)).astype(float)

    def _leg_capacity(self, situation: Situation) -> Floats:
        """Capacities in the unit of flow; barrels become tonnes by the mix that flows, else by the mean stream."""
        system, convert = self._system, Conversion(self._system)
        capacity, use = leg_capacities(self.day.program, situation), self._leg_use()
        for place, leg in enumerate(system.legs.values()):
            if leg.measured_by not in ("", system.measured_by):
                flow = self.leg_flow[place] * self.scales.flow
                names = leg.commodities or tuple(system.streams)
                mean = np.mean([convert.to(leg.measured_by)[list(system.streams).index(name)] for name in names])
                capacity[place] /= use[place] / flow if flow > 0 else mean
        return capacity / self.scales.flow

    @cached_property
    def routes(self) -> pd.DataFrame:
        """Volume that each route exports, where its marker legs end."""
        system, names = self._system, self.destinations.names
        volumes = self.destinations.exported(self._x) / self.scales.flow
        if self._over_time is not None:  # means of the periods' exports
            periods = self._over_time.layout.periods
            rate, found = periods.total * self.scales.flow, self._over_time.routes
            volumes = np.array([float(found[name][: periods.reported].sum()) / rate for name in names])
        titles = [system.routes[name].title or name if name in system.routes else name for name in names]
        share = volumes / volumes.sum() if volumes.sum() else np.zeros(len(volumes))
        return _frame(names, title=titles, flow=volumes, share=share)

    @cached_property
    def fields(self) -> pd.DataFrame:
        """What leaves each field and what stays in the ground."""
        system, scales = self._system, self.scales
        flow = self._block("output")
        available = self.day.bounds.upper[self._layout.columns("output")] / scales.flow
        planned = field_outputs(self._system) / scales.flow
        under = np.zeros(len(flow))
        under[self._layout.minimum_fields] = self._block("under")
        return _frame(
            system.fields,
            commodity=[system.commodity_of(name) for name in system.fields],
            flow=flow,
            available=available,
            shut_in=_gap(available, flow),
            unavailable=_gap(planned, available),
            below_min_output=under,
        )

    @cached_property
    def markets(self) -> pd.DataFrame:
        """What each market buys and pays."""
        layout, columns = self._layout, self._layout.columns("delivery")
        n = len(self._system.markets)
        paid = self.day.objectives.revenue[columns] * self._x[columns] * self.scales.money
        days = {} if self._over_time is None else {"days": self._over_time.ages}
        return _frame(
            self._system.markets,
            flow=np.bincount(layout.delivery_market, self._block("delivery"), n),
            revenue=np.bincount(layout.delivery_market, paid, n),
            **days,
        )

    @cached_property
    def refineries(self) -> pd.DataFrame:
        """What each refinery takes and lacks."""
        layout, n = self._layout, len(self._system.refineries)
        return _frame(
            self._system.refineries,
            flow=np.bincount(layout.intake_refinery, self._block("intake"), n),
            shortage=self._shortage(),
        )

    @cached_property
    def groups(self) -> pd.DataFrame:
        """Use of each shared capacity: in the unit of flow (or, if it counts otherwise, in its own), or vessels."""
        system, rows = self._system, self._layout.rows("group")
        activity = self.day.program.row_activity(self.day.x)[rows]
        limit = self.day.bounds.row_upper[rows]
        vessels = np.array([group.vessels is not None for group in system.groups.values()], bool)
        scale = np.where(vessels, 1.0, self.scales.flow)
        unit = np.where(vessels, "vessels", self.scales.flow_unit).astype(object)
        for place, group in enumerate(system.groups.values()):
            if group.capacity is not None and group.capacity.measured_by != system.measured_by:
                scale[place], unit[place] = group.capacity.factor, group.capacity.unit
        with np.errstate(invalid="ignore", divide="ignore"):
            utilisation = np.where(limit > 0, activity / limit, np.nan)
        return _frame(system.groups, use=activity / scale, capacity=limit / scale, utilisation=utilisation, unit=unit)

    @cached_property
    def contracts(self) -> pd.DataFrame:
        """What was promised, after force majeure, and what is short."""
        system, convert = self._system, Conversion(self._system)
        own = np.ones(len(system.contracts))
        for place, contract in enumerate(system.contracts.values()):
            streams = contract.commodities or system.legs[contract.legs[0]].commodities or system.streams
            own[place] = convert.mean(contract.volume.measured_by, streams)
        due = self.day.bounds.row_lower[self._layout.rows("contract")] / self.scales.flow
        return _frame(system.contracts, due=due / own, deficiency=self._block("deficiency") / own)


def period_table(tables: Tables, trajectory: Trajectory | None, stock_unit: str, year: int) -> pd.DataFrame:
    """See `Allocation.periods`; a plan without a horizon is one period of a year."""
    if trajectory is None:
        starts, columns = [dt.date(year, 1, 1)], _single(tables, stock_unit)
    else:
        periods = trajectory.layout.periods
        starts = list(periods.starts[: periods.reported])
        columns = _by_period(trajectory, tables.scales, stock_unit)
    table = pd.DataFrame(columns, pd.DatetimeIndex(pd.to_datetime(starts), name="from"))
    table.columns = pd.MultiIndex.from_tuples(list(columns), names=["kind", "id"])
    return table


def _by_period(trajectory: Trajectory, scales: Scales, stock_unit: str) -> dict[tuple[str, str], Floats]:
    layout, prepared = trajectory.layout, trajectory.solved.prepared
    system, layout = prepared.situation.system, layout
    shown, days = layout.periods.reported, layout.periods.days[: layout.periods.reported]
    stock = parse_unit(stock_unit).factor

    def rate(amounts: Floats) -> Floats:
        """Amounts of the periods shown, as rates."""
        return _clean(amounts[:shown].T / days / scales.flow).T

    shortage = trajectory.block("shortage") @ prepared.usual.objectives.shortage[layout.columns("shortage")]
    output, delivery = trajectory.block("output"), trajectory.block("delivery")
    columns: dict[tuple[str, str], Floats] = {
        ("total", "days"): days,
        ("total", "exported"): rate(trajectory.exported),
        ("total", "delivered"): rate(trajectory.delivered),
        ("total", "produced"): rate(output.sum(axis=1)),
        ("total", "shut_in"): rate(trajectory.shut_in.sum(axis=1)),
        ("total", "shortage"): rate(shortage),
        ("total", "in_transit"): _clean(trajectory.in_transit[:shown] / stock),
        ("total", "waiting_to_discharge"): _clean(trajectory.block("afloat").sum(axis=1)[:shown] / stock),
    }
    fields = list(system.fields)
    columns |= {("route", name): rate(flow) for name, flow in trajectory.routes.items()}
    columns |= {("field", name): rate(output[:, place]) for place, name in enumerate(fields)}
    columns |= {("trip", fields[place]): trajectory.trips[:shown, place] / scales.flow for place in layout.slow}
    columns |= {("shut_in", name): rate(trajectory.shut_in[:, place]) for place, name in enumerate(fields)}
    for place, name in enumerate(system.markets):
        columns["market", name] = rate(delivery[:, layout.delivery_market == place].sum(axis=1))
    columns |= {("leg", name): rate(trajectory.leg_flow[:, place]) for place, name in enumerate(system.legs)}
    for kind, held in (("terminal", trajectory.terminals), ("ullage", trajectory.ullage)):
        columns |= {(kind, name): _clean(amount[:shown] / stock) for name, amount in held.items()}
    return columns


def _single(tables: Tables, stock_unit: str) -> dict[tuple[str, str], Floats]:
    """One period that lasts: cargoes under way are what its legs take in times their days."""
    day = tables.day
    legs = list(day.situation.system.legs.values())
    lag = np.array([leg.lag for leg in legs]) * day.program.gain
    fields, stock = tables.fields, parse_unit(stock_unit).factor
    columns: dict[tuple[str, str], float] = {
        ("total", "days"): 365.0,
        ("total", "exported"): tables.exported,
        ("total", "delivered"): tables.delivered,
        ("total", "produced"): float(fields["flow"].sum()),
        ("total", "shut_in"): float(fields["shut_in"].sum()),
        ("total", "shortage"): tables.shortage,
        ("total", "in_transit"): float(tables.leg_flow @ lag) * tables.scales.flow / stock,
        ("total", "waiting_to_discharge"): 0.0,
    }
    for kind, table, column in (("route", tables.routes, "flow"), ("field", fields, "flow"),
                                ("shut_in", fields, "shut_in"), ("market", tables.markets, "flow"),
                                ("leg", tables.legs, "flow")):  # fmt: skip
        columns |= {(kind, str(name)): value for name, value in table[column].items()}
    return {key: np.array([value]) for key, value in columns.items()}


def _clean(values: Floats) -> Floats:
    """Zero what lies below the solver's resolution."""
    largest = float(np.abs(values).max(initial=0.0))
    cleaned: Floats = np.where(np.abs(values) < 1e-10 * max(1.0, largest), 0.0, values)
    return cleaned


def _frame(names: Any, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.Index(list(names), name="id", dtype=object))


def _gap(most: Floats, actual: Floats) -> Floats:
    """What is missing, without the last digits of sums."""
    gap = most - actual
    cleaned: Floats = np.where(gap > 1e-12 * np.abs(most), gap, 0.0)
    return cleaned


def _without_dust(x: Floats, day: Flows) -> Floats:
    """Zero what is below the solver's own resolution, so that tables do not show 1e-13 Mt/y."""
    unit = day.bounds.unit
    # Not the largest number: it may be one that stands for "without limit".
    largest = min(max(unit, float(np.abs(x).max(initial=0.0))), 256.0 * unit)
    return np.where(np.abs(x) < 1e-10 * largest, 0.0, x)
