"""Objectives, minimised in turn.

1. ``shortage``: refineries are served first.
2. ``volume``: as much as possible is exported (minus the sum of deliveries).
3. ``money``: tariffs, contract deficiency and output under the minimum, less revenue.
4. ``transit``: tie-break, least foreign transit: flow x foreign countries crossed.
5. ``generic``: tie-break by fixed weights made from ids, so that the answer is unique.

Always minimised, since solvers differ in the sign of duals otherwise.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from routeopt.arrays import Floats
from routeopt.model.conversion import Conversion
from routeopt.model.formulate import Program
from routeopt.scenario.case import Situation
from routeopt.system.commercial import Contract
from routeopt.system.origin import foreign_countries
from routeopt.system.table import LegTable

__all__ = ["Objectives", "money_of", "objectives_of", "promptness"]


EPOCH = 730_120.0
"""An arbitrary day (2000-01-01): generic weights grow with the calendar, so that a horizon and a part of it agree."""


@dataclass(frozen=True)
class Objectives:
    """Cost vectors over the columns. Money is in thousand USD per day, volumes in inner units per day; amounts over
    several periods, which alone have the last four.

    - ``spending``, ``revenue``: the parts of ``money``: money = spending - revenue.
    - ``refill``: shortfall of tanks below their end target.
    - ``trip``: fall of output beyond the ramp-down rate; zero where trips have a price.
    - ``idle``: stocks away from their usual level, times days.
    - ``waiting``: cargoes that wait, times days.
    """

    shortage: Floats
    volume: Floats
    spending: Floats
    revenue: Floats
    transit: Floats
    generic: Floats
    refill: Floats
    trip: Floats
    idle: Floats
    waiting: Floats

    @property
    def money(self) -> Floats:
        """Spending less revenue."""
        return self.spending - self.revenue

    def widened(self, columns: int) -> Objectives:
        """Return the objectives over more columns, at zero cost."""
        more = np.zeros(columns - len(self.volume))
        return Objectives(*(np.concatenate([cost, more]) for cost in vars(self).values()))


def objectives_of(program: Program, situation: Situation, stocks: str = "keep") -> Objectives:
    """Build the objectives of a situation; ``stocks``: as `routeopt.scenario.scenario.Horizon` has them.

    In turn: least refinery shortage; most exports, less the shortfall of tanks at the end, so that exports out of stock
    are no gain; least shortfall of tanks; least trips, if these have no price; least net cost. Ties are broken by least
    waiting of cargoes, earliest output after the first closure (`promptness`), stocks near their usual level, least
    transit and a fixed generic weight.
    """
    if program.day is None:
        return _of_period(program, situation)
    layout, single = program.layout, _of_period(program.single, situation)
    count, width = len(layout.periods), layout.column["landed"]
    days = layout.periods.days[:, None]

    def every(cost: Floats) -> Floats:
        """A cost of one period in all of them."""
        whole = np.zeros(program.shape[1])
        layout.by_period(whole)[:, :width] = cost[:width]
        return whole

    volume, spending, revenue = (every(cost) for cost in (single.volume, single.spending, single.revenue))
    recourse = situation.system.recourse
    afloat = recourse.demurrage
    if afloat is not None:
        stream = layout.topology.becomes[
            layout.flow_leg[layout.lagged[layout.waiting]], layout.flow_stream[layout.lagged[layout.waiting]]
        ]
        price = afloat.inner * Conversion(situation.system).to(afloat.measured_by)[stream]
        layout.by_period(spending)[:, layout.columns("afloat")] = price * days
    deficiency = single.spending[layout.columns("deficiency")]
    _, first = layout.after
    number = len(layout.contracts)
    spending[first : first + number] = [
        deficiency[bucket.place] if bucket.number >= 0 else 0.0 for bucket in layout.contracts
    ]
    spending[first + number :] = [-deficiency[layout.contracts[paid].place] for paid, _ in layout.make_ups]

    refill, trip, idle, waiting = (np.zeros(program.shape[1]) for _ in range(4))
    tripped = recourse.trip
    if tripped is None:
        layout.by_period(trip)[:, layout.columns("trip")] = 1.0 / days
    else:
        system, fields = situation.system, list(situation.system.fields)
        mine = [list(system.streams).index(system.commodity_of(fields[place])) for place in layout.slow]
        price = tripped.inner * Conversion(system).to(tripped.measured_by)[mine]
        layout.by_period(spending)[:, layout.columns("trip")] = price / days
    if stocks == "keep":
        layout.by_period(refill)[layout.periods.planned - 1, layout.columns("below")] = 1.0
        # With losses, refilling a barrel may take more than one: at most as if it crossed every leg, and in large
        # systems at most as if it crossed the worst leg four times.
        gains = program.gain[np.unique(layout.flow_leg)]
        volume += refill / max(float(np.prod(gains)), float(gains.min(initial=1.0)) ** 4)
    for name in ("above", "below"):
        layout.by_period(idle)[:, layout.columns(name)] = days
    layout.by_period(waiting)[:, layout.columns("afloat")] = days
    generic = every(single.generic)
    by_period = layout.by_period(generic)
    by_period[:, layout.column["landed"] :] = 1.0 + np.linspace(0.0, 0.5, layout.size - layout.column["landed"])
    by_period *= 1.0 + (layout.periods.edges[:count, None] - EPOCH) / 36_525.0
    generic[first:] = 1.0
    return Objectives(
        every(single.shortage), volume, spending, revenue, every(single.transit), generic,
        refill, trip, idle, waiting,
    )  # fmt: skip


def _of_period(program: Program, situation: Situation) -> Objectives:
    layout = program.layout
    n = layout.shape[1]
    none = np.zeros(n)
    shortage, volume, transit = np.zeros(n), np.zeros(n), np.zeros(n)
    system, convert = situation.system, Conversion(situation.system)
    shortage[layout.columns("shortage")] = [
        1.0 / convert.mean(refinery.demand.measured_by, refinery.commodities or system.streams)
        for refinery in system.refineries.values()
    ]
    volume[layout.columns("delivery")] = -1.0
    transit[layout.columns("flow")] = foreign_countries(system)[layout.flow_leg, layout.flow_stream]
    spending, revenue = money_of(program, situation)
    generic = _generic(program, situation)
    return Objectives(shortage, volume, spending, revenue, transit, generic, none, none, none, none)


def promptness(program: Program, first: float) -> Floats:
    """Build the tie-break for early output during a closure, so that tanks fill before fields shut in.

    Output times minus the days left in the plan; and refinery shortage times the days left, so that refineries draw on
    tanks first. Zero before the first shortage: without one, tanks would fill to no purpose.

    ``first``: the first day on which a closure leaves less than the usual flow, as an ordinal; infinite if none does.
    """
    layout, planned = program.layout, program.layout.periods.planned
    edges, cost = layout.periods.edges, np.zeros(program.shape[1])
    if not first < np.inf:
        return cost
    begun, ended = np.maximum(edges[:planned], first), edges[1 : planned + 1]
    left = np.where(ended > begun, edges[planned] - 0.5 * (begun + ended), 0.0)[:, None]
    by_period = layout.by_period(cost)
    by_period[:planned, layout.columns("output")] = -left
    by_period[:planned, layout.columns("shortage")] = edges[planned] - edges[:planned, None]
    return cost


def money_of(program: Program, situation: Situation) -> tuple[Floats, Floats]:
    """Compute spending and revenue per unit of each column, USD per tonne (or barrel) of the system."""
    layout, system, convert = program.layout, situation.system, Conversion(situation.system)
    n = layout.shape[1]
    spending, revenue = np.zeros(n), np.zeros(n)
    table = LegTable.of(system)
    spending[layout.columns("flow")] = table.tariff[layout.flow_leg]
    mine = np.flatnonzero(np.isin(layout.flow_leg, table.priced_otherwise))
    spending[mine] *= convert.to_other()[layout.flow_stream[mine]]
    for name in {*situation.set_tariff, *situation.added_tariff, *situation.built}:
        mine = np.flatnonzero(layout.flow_leg == layout.topology.leg_place[name])
        prices = [price * convert.to(basis) for basis, price in _leg_prices(situation, name)]
        spending[mine] = np.sum(prices, axis=0)[layout.flow_stream[mine]] if prices else 0.0
    under = system.recourse.below_min_output
    if under is not None and len(layout.minimum_fields):
        streams = {name: i for i, name in enumerate(system.streams)}
        of_field = [streams[system.commodity_of(name)] for name in system.fields]
        stream = np.array(of_field, np.intp)[layout.minimum_fields]
        spending[layout.columns("under")] = under.inner * convert.to(under.measured_by)[stream]
    spending[layout.columns("deficiency")] = [
        _deficiency(situation, contract, convert) for contract in system.contracts.values()
    ]
    values = [
        _value(situation, name, stream, convert)
        for name, stream in zip(
            np.array(list(system.markets), object)[layout.delivery_market],
            np.array(list(system.streams), object)[layout.delivery_stream],
            strict=True,
        )
    ]
    revenue[layout.columns("delivery")] = values
    return spending, revenue


def _deficiency(situation: Situation, contract: Contract, convert: Conversion) -> float:
    """Return the deficiency price per contract unit: the contract's own, or the tariff of its leg."""
    leg, system = contract.legs[0], situation.system
    price = contract.deficiency or situation.set_tariff.get(leg, system.legs[leg].tariff)
    if price is None:
        return 0.0
    streams = contract.commodities or system.legs[leg].commodities or system.streams
    return price.inner * convert.mean(price.measured_by, streams) / convert.mean(contract.volume.measured_by, streams)


def _leg_prices(situation: Situation, name: str) -> Iterable[tuple[str, float]]:
    """List the tariff of a leg and the capital charge of a build, each with its measure."""
    leg = situation.system.legs[name]
    for price in situation.tariffs(name):
        yield price.measured_by, price.inner
    if leg.build is not None and name in situation.built:
        size = situation.built[name]
        # An expansion is paid for by the whole flow of the expanded leg.
        share = size.inner / (size.inner + leg.nominal) if leg.status == "operating" else 1.0
        yield size.measured_by, leg.build.capital_charge(size.inner) * share


def _value(situation: Situation, market: str, stream: str, convert: Conversion) -> float:
    """Compute the unit value of a stream at a market: price x its own barrels + the differential."""
    system = situation.system
    record, place = system.markets[market], list(system.streams).index(stream)
    value = 0.0
    for price in (record.price or system.price, record.differential.get(stream)):
        if price is not None:
            value += price.inner * convert.to(price.measured_by)[place]
    return value


def _generic(program: Program, situation: Situation) -> Floats:
    """Make weights in [1, 2) from ids alone; positive, so that no flow is circular."""
    layout, system = program.layout, situation.system
    weights = np.empty(layout.shape[1])
    legs, streams = _hashes(system.legs), _hashes(system.streams)
    weights[layout.columns("flow")] = _mix(legs[layout.flow_leg], streams[layout.flow_stream])
    weights[layout.columns("output")] = _hashes(system.fields)
    weights[layout.columns("delivery")] = _mix(
        _hashes(system.markets)[layout.delivery_market], streams[layout.delivery_stream]
    )
    refineries = _hashes(system.refineries)
    weights[layout.columns("intake")] = _mix(refineries[layout.intake_refinery], streams[layout.intake_stream])
    weights[layout.columns("shortage")] = refineries
    weights[layout.columns("under")] = _hashes(system.fields)[layout.minimum_fields]
    weights[layout.columns("deficiency")] = _hashes(system.contracts)
    return 1.0 + weights


def _hashes(names: Iterable[str]) -> Floats:
    return np.array([zlib.crc32(name.encode()) for name in names], float) / 2.0**32


def _mix(first: Floats, second: Floats) -> Floats:
    """Mix two weights, not additively: else swapping two streams between two legs would cost nothing."""
    mixed: Floats = np.modf(997.0 * (first + 0.6180339887498949) * (second + 0.3819660112501051))[0]
    return mixed
