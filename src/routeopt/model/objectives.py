"""What is minimised, one after the other.

1. ``shortage``: refineries are served first.
2. ``volume``: as much as possible is exported (minus the sum of deliveries).
3. ``money``: tariffs, contract deficiency and output under the minimum, less what markets pay.
4. ``transit``: among equals, the fewest foreign borders: flow x foreign countries crossed.
5. ``generic``: among equals still, fixed weights made from ids, so that the answer is one and the same.

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
    """Cost vectors over the columns. Money is in thousand USD per day, volumes in inner units a day; amounts over
    several periods, of which alone the last four are.

    - ``spending``, ``revenue``: the parts of ``money``: money = spending - revenue.
    - ``refill``: what tanks lack at the end of what they shall hold.
    - ``trip``: output a day that falls faster than fields can be turned down; nothing where trips have a price.
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
        """The same over more columns, which cost nothing."""
        more = np.zeros(columns - len(self.volume))
        return Objectives(*(np.concatenate([cost, more]) for cost in vars(self).values()))


def objectives_of(program: Program, situation: Situation, stocks: str = "keep") -> Objectives:
    """The objectives in a situation; ``stocks``: as `routeopt.scenario.scenario.Horizon` has them.

    Refineries are served first; then as much as possible is exported, where what tanks lack at the end of what they
    shall hold is taken off, so that a barrel drawn from a tank and exported is no gain; of what is equal in that, tanks
    end as full as they can; then fields trip as little as they must, if trips have no price; then all is done at the
    least net cost. Of what is equal in all that, cargoes do not wait, fields produce as long as they can from the first
    closure on (`promptness`), tanks stay near their usual level, so that what was stored leaves soon, transit is least,
    and a fixed generic weight decides.
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
        # Where ways lose oil, putting a barrel back may take more than one: no more than if it crossed all of them, and
        # in large systems no more than if it crossed the worst four times.
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
    """What makes fields produce early once something is short, so that tanks fill before anything is shut in.

    Output times minus the days that are left of the plan; and what refineries lack, times the days that are left, so
    that they live from tanks as long as those last. Nothing before, and nothing where closures take nothing away: on
    calm days tanks would only fill for nothing.

    ``first``: the first day on which a closure leaves less than a usual day uses, as an ordinal; infinite if none does.
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
    """Spending and revenue of a unit in each column, USD per tonne (or a barrel) of the system."""
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
    """Price of a unit short, in the unit that the contract counts: its own, or the tariff that is due anyway."""
    leg, system = contract.legs[0], situation.system
    price = contract.deficiency or situation.set_tariff.get(leg, system.legs[leg].tariff)
    if price is None:
        return 0.0
    streams = contract.commodities or system.legs[leg].commodities or system.streams
    return price.inner * convert.mean(price.measured_by, streams) / convert.mean(contract.volume.measured_by, streams)


def _leg_prices(situation: Situation, name: str) -> Iterable[tuple[str, float]]:
    """Tariff of a leg and, if it was built, what recovers its capital, with the unit that each is for."""
    leg = situation.system.legs[name]
    for price in situation.tariffs(name):
        yield price.measured_by, price.inner
    if leg.build is not None and name in situation.built:
        size = situation.built[name]
        # What is added to a leg that stands is paid for by all that the leg then carries.
        share = size.inner / (size.inner + leg.nominal) if leg.status == "operating" else 1.0
        yield size.measured_by, leg.build.capital_charge(size.inner) * share


def _value(situation: Situation, market: str, stream: str, convert: Conversion) -> float:
    """What a unit of a stream earns at a market: price x its own barrels + the differential."""
    system = situation.system
    record, place = system.markets[market], list(system.streams).index(stream)
    value = 0.0
    for price in (record.price or system.price, record.differential.get(stream)):
        if price is not None:
            value += price.inner * convert.to(price.measured_by)[place]
    return value


def _generic(program: Program, situation: Situation) -> Floats:
    """Weights between one and two that depend on ids only. They are positive, so that no flow runs in circles."""
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
    """A weight for a pair that is no sum of two: else two streams could change places between two legs for nothing."""
    mixed: Floats = np.modf(997.0 * (first + 0.6180339887498949) * (second + 0.3819660112501051))[0]
    return mixed
