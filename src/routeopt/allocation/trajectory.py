"""What happens over a horizon, read off its plan: amounts by period, inner units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.model import Program, bounds_of
from routeopt.model.conversion import Conversion
from routeopt.model.destinations import Destinations
from routeopt.model.temporal.commitments import contract_dues
from routeopt.model.temporal.initial_state import mean_ages
from routeopt.model.transit import landings, shares
from routeopt.scenario.case import Situation
from routeopt.solve.engine import MeanDay
from routeopt.solve.rolling_horizon import SolvedHorizon
from routeopt.system import ExportSystem
from routeopt.system.nodes import Terminal

if TYPE_CHECKING:
    from routeopt.model import Layout

__all__ = ["Exports", "Trajectory", "destinations_of", "mean_day", "route_names"]


@dataclass(frozen=True, eq=False)
class Exports:
    """Amounts by period that leave by the routes; all arrays have one row a period, those of landing included."""

    trajectory: Trajectory

    @cached_property
    def landing(self) -> Floats:
        """Share of what enters each flow column that counts, shape (T, flow columns).

        All of it, but where cargoes that have not landed by the end do not count (``initial_in_transit: none``).
        """
        layout = self.trajectory.layout
        landing = np.ones((len(layout.periods), len(layout.flow_leg)))
        if self.trajectory.solved.prepared.horizon.initial_in_transit == "none":
            for column, lag in zip(layout.lagged, layout.lag, strict=True):
                left, _, share = shares(layout.periods.edges, float(lag), "none")
                landing[:, column] = np.bincount(left, share, len(landing))
        return landing

    @cached_property
    def counted(self) -> Floats:
        """The columns of one period in each, as far as they count, shape (T, columns of one period)."""
        columns = self.trajectory.x[:, : self.trajectory.layout.column["landed"]].copy()
        columns[:, self.trajectory.layout.columns("flow")] *= self.landing
        return columns

    @cached_property
    def destinations(self) -> Destinations:
        """What markers carry, and where to."""
        prepared = self.trajectory.solved.prepared
        return destinations_of(prepared.situation.system, prepared.program.single)

    @cached_property
    def refinery_share(self) -> Floats:
        """Share of what leaves each state that ends in refineries, shape (T, states)."""
        # A state that nothing leaves in a period, since it waits or comes later, has the share of the whole horizon.
        whole = self.destinations.share(self.counted.sum(axis=0))
        return np.array([self.destinations.share(x, whole) for x in self.counted])

    @cached_property
    def routes(self) -> dict[str, Floats]:
        """What each route exports, by period: on the day on which it enters the marker leg, less what is lost there.

        Route -> shape (T,). A ship that loads is exported that day, wherever it is then.
        """
        found, flow = self.destinations, self.counted[:, self.trajectory.layout.columns("flow")]
        if found.refined:
            flow = flow * (1.0 - self.refinery_share[:, found.heads])
        volumes = found.crossing(flow)
        return dict(zip(found.names, volumes.T, strict=True))

    def bound(self) -> tuple[Floats, Floats, Floats]:
        """As `Tables.bound`, on the horizon's mean day."""
        shown, days = self.trajectory.layout.periods.reported, self.trajectory.layout.periods.total
        parts = [self.destinations.bound_for_refineries(x, share)
                 for x, share in zip(self.counted[:shown], self.refinery_share[:shown], strict=True)]  # fmt: skip
        flow, output = (np.sum(part, axis=0) / days for part in zip(*parts, strict=True))
        return self.counted[:shown, self.trajectory.layout.columns("flow")].sum(axis=0) / days, flow, output

    @cached_property
    def total(self) -> Floats:
        """What leaves by all routes in each period; what markets receive where there are none. Shape (T,)."""
        if self.routes:
            total: Floats = np.sum(list(self.routes.values()), axis=0)
            return total
        return self.trajectory.delivered

    @property
    def whole(self) -> bool:
        """Whether what is under way when the horizon ends is followed to where it goes.

        Not in a part of a longer plan, nor where what is under way comes round or does not count.
        """
        prepared, periods = self.trajectory.solved.prepared, self.trajectory.layout.periods
        usual = prepared.horizon.initial_in_transit == "usual"
        return usual and periods.reported == periods.planned and not prepared.start.handed

    @property
    def on_the_way(self) -> float:
        """What is on its way to the markers when the horizon ends, and is exported when it gets there."""
        return float(self.total[self.trajectory.layout.periods.reported :].sum()) if self.whole else 0.0


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Amounts by period of one plan; all arrays have one row a period, those of landing included."""

    solved: SolvedHorizon

    @property
    def layout(self) -> Layout:
        """What the columns mean."""
        return self.solved.prepared.program.layout

    @cached_property
    def x(self) -> Floats:
        """Columns by period, shape (T, columns of a period)."""
        return self.layout.by_period(self.solved.x)

    def block(self, name: str) -> Floats:
        """A block of columns by period."""
        return self.x[:, self.layout.columns(name)]

    @cached_property
    def arrivals(self) -> Floats:
        """What comes out of each flow column in each period, shape (T, flow columns)."""
        layout, program = self.layout, self.solved.prepared.program
        leg = layout.flow_leg
        out = self.block("flow") * program.gain[leg]
        initial_in_transit, cargoes = (
            self.solved.prepared.horizon.initial_in_transit,
            self.solved.prepared.start.cargoes,
        )
        edges = layout.periods.edges
        for which, (column, lag) in enumerate(zip(layout.lagged, layout.lag, strict=True)):
            left, landed, share = shares(edges, float(lag), initial_in_transit)
            late = np.bincount(landed, share * out[left, column], len(edges) - 1)
            mine = cargoes.which == which
            early = cargoes.amount[mine] * program.gain[leg[column]]
            out[:, column] = late + landings(
                edges, float(lag), cargoes.begun[mine], cargoes.ended[mine], early, initial_in_transit
            )
        return out

    @cached_property
    def leg_flow(self) -> Floats:
        """What enters each leg, shape (T, K)."""
        return _by_leg(self.layout, self.block("flow"))

    @cached_property
    def exports(self) -> Exports:
        """What crosses the markers, and what of it is exported."""
        return Exports(self)

    @property
    def routes(self) -> dict[str, Floats]:
        """What each route exports in each period: route -> shape (T,)."""
        return self.exports.routes

    @property
    def exported(self) -> Floats:
        """What leaves by all routes in each period, shape (T,)."""
        return self.exports.total

    @cached_property
    def delivered(self) -> Floats:
        """What markets receive in each period, shape (T,)."""
        sums: Floats = self.block("delivery").sum(axis=1)
        return sums

    @cached_property
    def left(self) -> Floats:
        """Deliveries of what left within the horizon, whenever they land, by delivery column.

        A horizon by itself counts everything that lands of it and nothing that was under way on the usual day before
        it. A part of a longer plan counts what its last legs took in where another part comes before or after it.
        """
        periods, prepared = self.layout.periods, self.solved.prepared
        landed = np.asarray(self.block("delivery")[: periods.reported].sum(axis=0))
        if prepared.horizon.initial_in_transit != "usual":
            return landed
        before, more = self._on_last_legs()
        if periods.reported == periods.planned:
            landed = landed + self.block("delivery")[periods.reported :].sum(axis=0)
        else:
            landed = landed + before + more
        if not prepared.start.handed:
            age = mean_ages(prepared.program, prepared.start.usual, at_end=True)
            before = prepared.start.usual[self.layout.columns("delivery")] * age
        return np.asarray(landed - before)

    @cached_property
    def ages(self) -> Floats:
        """Days that what each market received had been on its way, line fill included; shape (markets,)."""
        layout, legs = self.layout, self.solved.prepared.situation.system.legs.values()
        transit = np.array([leg.transit_time.inner if leg.transit_time else 0.0 for leg in legs])
        flow = self.x[: self.layout.periods.reported].sum(axis=0)
        ages = mean_ages(self.solved.prepared.program, flow, at_end=True, lag=transit[layout.flow_leg])
        came = flow[layout.columns("delivery")]
        days, total = (np.bincount(layout.delivery_market, part, len(self.markets)) for part in (came * ages, came))
        return np.asarray(np.divide(days, total, out=np.full(len(total), np.nan), where=total > 0.0))

    @cached_property
    def drawn(self) -> Floats:
        """What tanks lack of each commodity at the end of what they shall hold; nothing where the plan goes on."""
        periods = self.layout.periods
        whole = periods.reported == periods.planned and self.solved.prepared.objectives.refill.any()
        return np.asarray(self.block("below")[periods.planned - 1] * whole)

    @property
    def net_exports(self) -> float:
        """Exports of the horizon, with what is on its way to the markers, less what it takes to fill tanks again."""
        upstream = ~self.exports.destinations.beyond[self.layout.stock_row]
        exported = float(self.exported[: self.layout.periods.reported].sum()) + self.exports.on_the_way
        return exported - float((self._put_back * self.drawn)[upstream].sum())

    @property
    def maximised(self) -> float:
        """The volume that plans maximise: what reaches markets, less what it takes to fill tanks again."""
        return float(self.left.sum() - (self._put_back * self.drawn).sum())

    @property
    def _put_back(self) -> Floats:
        """What a unit that a tank lacks at the end counts for, by stock."""
        weights = self.layout.by_period(self.solved.prepared.objectives.volume)[self.layout.periods.planned - 1]
        return np.asarray(weights[self.layout.columns("below")])

    @cached_property
    def trips(self) -> Floats:
        """Output a day that falls faster than fields can be turned down, shape (T, fields)."""
        trips = np.zeros((len(self.layout.periods), len(self.solved.prepared.situation.system.fields)))
        trips[:, self.layout.slow] = self.block("trip") / self.layout.periods.days[:, None]
        return np.where(trips > 1e-9 * self.solved.bounds.unit, trips, 0.0)

    def _on_last_legs(self) -> tuple[Floats, Floats]:
        """What is under way to markets when the horizon begins, and how much more when it ends, by delivery column."""
        layout, cargoes = self.layout, self.solved.prepared.start.cargoes
        open_end = np.setdiff1d(np.arange(len(layout.lagged)), layout.waiting)
        columns = layout.lagged[open_end]
        gain = self.solved.prepared.program.gain[layout.flow_leg[columns]]
        shown = layout.periods.reported
        more = (self.block("flow")[:, columns] * gain - self.arrivals[:, columns])[:shown].sum(axis=0)
        before = np.bincount(cargoes.which, cargoes.amount * self._not_landed, len(layout.lagged))[open_end] * gain
        graph, leg, stream = layout.topology, layout.flow_leg[columns], layout.flow_stream[columns]
        into = np.zeros((2, *layout.balance_row.shape))
        for place, amount in enumerate((before, more)):
            np.add.at(into[place], (graph.head[leg], graph.becomes[leg, stream]), amount)
        found = into[:, self.markets[layout.delivery_market], layout.delivery_stream]
        return found[0], found[1]

    @property
    def _not_landed(self) -> Floats:
        """Part of each cargo of the days before that has not come out when the horizon begins."""
        cargoes = self.solved.prepared.start.cargoes
        late = cargoes.ended + self.layout.lag[cargoes.which] - self.layout.periods.edges[0]
        return np.asarray(np.clip(late / (cargoes.ended - cargoes.begun), 0.0, 1.0))

    @property
    def markets(self) -> NDArray[np.intp]:
        """Node of each market."""
        nodes = self.layout.topology.nodes
        return np.array([nodes.index(name) for name in self.solved.prepared.situation.system.markets], np.intp)

    @cached_property
    def in_transit(self) -> Floats:
        """Cargoes that have left and not landed at the end of each period, those that wait among them; shape (T,)."""
        layout, prepared = self.layout, self.solved.prepared
        gain = prepared.program.gain[layout.flow_leg[layout.lagged]]
        sent = (self.block("flow")[:, layout.lagged] * gain).sum(axis=1)
        come = self.arrivals[:, layout.lagged]
        come = come.sum(axis=1) - come[:, layout.waiting].sum(axis=1) + self.block("landed").sum(axis=1)
        cargoes, before = prepared.start.cargoes, float(prepared.start.afloat.sum())
        before += float((cargoes.amount * self._not_landed * gain[cargoes.which]).sum())
        if prepared.horizon.initial_in_transit == "cycle":
            before += sum(self._round(place) * gain[place] for place in range(len(gain)))
            before += float(self.block("afloat")[-1].sum())
        total: Floats = before + np.cumsum(sent - come)
        return total

    def _round(self, place: int) -> float:
        """What is under way on a cargo column when a horizon that comes round to its start begins."""
        edges, days = self.layout.periods.edges, self.layout.periods.days
        flow, span = self.block("flow")[:, self.layout.lagged[place]], float(edges[-1] - edges[0])
        laps, part = divmod(float(self.layout.lag[place]), span)
        late = np.clip(edges[1:] - np.maximum(edges[:-1], edges[-1] - part), 0.0, None) / days
        return float(laps * flow.sum() + flow @ late)

    @cached_property
    def beyond_tables(self) -> float:
        """Cost that no column of a mean day shows: waiting afloat, trips, less what is returned for what was made up.

        Thousand USD over the horizon; what is returned counts in the part in which its stretch ends.
        """
        prepared, layout = self.solved.prepared, self.layout
        shown, price = layout.periods.reported, prepared.objectives.spending
        blocks = [layout.columns(name) for name in ("afloat", "trip")]
        total = sum(float((layout.by_period(price)[:shown, mine] * self.x[:shown, mine]).sum()) for mine in blocks)
        first = layout.after[1] + len(layout.contracts)
        for place, (_, shipped) in enumerate(layout.make_ups):
            if layout.contracts[shipped].ends <= layout.periods.edges[shown]:
                total += float(price[first + place] * self.solved.x[first + place])
        return total

    @cached_property
    def available(self) -> Floats:
        """What fields could produce, shape (T, fields)."""
        return self.layout.by_period(self.solved.bounds.upper)[:, self.layout.columns("output")]

    @cached_property
    def shut_in(self) -> Floats:
        """What fields could have produced and did not, shape (T, fields)."""
        gap: Floats = np.maximum(self.available - self.block("output"), 0.0)
        return gap

    @cached_property
    def stocks(self) -> Floats:
        """What tanks hold of each commodity when a period ends, shape (T, stocks)."""
        start = self.solved.prepared.start
        return np.asarray(start.reference + self.block("above") - self.block("below"))

    @cached_property
    def terminals(self) -> dict[str, Floats]:
        """What each terminal holds when a period ends, in the system's unit; terminal -> shape (T,)."""
        layout, nodes = self.layout, self.layout.topology.nodes
        return {
            nodes[node]: self.stocks[:, layout.stock_tank == place].sum(axis=1)
            for place, node in enumerate(layout.tanks)
        }

    @cached_property
    def ullage(self) -> dict[str, Floats]:
        """What each terminal could still take when a period ends; terminal -> shape (T,)."""
        system, layout = self.solved.prepared.situation.system, self.layout
        convert, room = Conversion(system), {}
        for place, node in enumerate(layout.tanks):
            name = layout.topology.nodes[node]
            record = system.nodes[name]
            if isinstance(record, Terminal) and record.storage is not None:
                mine = layout.stock_tank == place
                factor = convert.to(record.storage.capacity.measured_by)[layout.stock_stream[mine]]
                free = record.storage.capacity.inner - self.stocks[:, mine] @ factor
                room[name] = free / (factor.mean() if len(factor) else 1.0)
        return room


def _by_leg(layout: Layout, flow: Floats) -> Floats:
    legs = np.zeros((len(layout.topology.legs), len(flow)))
    np.add.at(legs, layout.flow_leg, flow.T)
    return legs.T


def route_names(system: ExportSystem) -> tuple[str, ...]:
    """Ids of the routes, in order."""
    return tuple(system.routes) or tuple(dict.fromkeys(system.metering_legs.values()))


def destinations_of(system: ExportSystem, program: Program) -> Destinations:
    """The routes of a system in its program of one period."""
    return Destinations(program.layout, program.gain, system.metering_legs, route_names(system))


def mean_day(trajectory: Trajectory, among: NDArray[np.bool_] | None = None) -> MeanDay:
    """The mean day in the columns of a single period, so that its tables can be read off.

    Flows are means of what entered within the horizon, deliveries of what left within it. Of some periods (``among``,
    shape (T,)) deliveries are what entered the last legs then.
    """
    solved, layout = trajectory.solved, trajectory.layout
    prepared, reported = solved.prepared, layout.periods.reported
    days, width = layout.periods.total, layout.column["landed"]
    if among is not None:
        among = among & (np.arange(len(among)) < reported)
        days = float(layout.periods.days[among].sum())
        x = np.array(trajectory.x[among, :width].sum(axis=0)) / days
        x[layout.columns("delivery")] = _sent(trajectory, x)
    else:
        x = np.array(trajectory.x[:reported, :width].sum(axis=0)) / days
        x[layout.columns("delivery")] = trajectory.left / days
    _, after = layout.after
    for place, bucket in enumerate(layout.contracts):
        # A stretch that goes on is not short yet; one that was over before has been paid for.
        if bucket.number >= 0 and bucket.ends <= layout.periods.edges[reported] and among is None:
            x[layout.column["deficiency"] + bucket.place] += solved.x[after + place] / days
    situation = _mean_situation(solved, reported)
    bounds = bounds_of(prepared.program.single, situation)
    dues = contract_dues(prepared.program, prepared.situation, solved.shares)[:, :reported].sum(axis=1)
    bounds.row_lower[layout.rows("contract")] = dues / layout.periods.total
    return MeanDay(situation, prepared.program.single, bounds, prepared.usual.objectives, x, prepared.economic)


def _sent(trajectory: Trajectory, x: Floats) -> Floats:
    """What is on its way to each market, by delivery column: inflow of the legs that end there."""
    layout, program = trajectory.layout, trajectory.solved.prepared.program
    graph = layout.topology
    leg, stream = layout.flow_leg, layout.flow_stream
    into = np.zeros(layout.balance_row.shape)
    np.add.at(into, (graph.head[leg], graph.becomes[leg, stream]), x[layout.columns("flow")] * program.gain[leg])
    return np.asarray(into[trajectory.markets[layout.delivery_market], layout.delivery_stream])


def _mean_situation(solved: SolvedHorizon, reported: int) -> Situation:
    days = solved.prepared.program.layout.periods.days[:reported]
    means = {key: float(share[:reported] @ days / days.sum()) for key, share in solved.shares.means.items()}
    return replace(solved.prepared.situation, shares=means)
