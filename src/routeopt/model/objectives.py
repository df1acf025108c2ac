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
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from routeopt.model.conversion import Conversion
from routeopt.model.formulate import Program
from routeopt.scenario.case import Situation
from routeopt.system.commercial import Contract
from routeopt.system.origin import foreign_countries
from routeopt.system.table import LegTable

__all__ = ["Objectives", "money_of", "objectives_of"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Objectives:
    """Cost vectors over the columns. Money is in thousand USD a day, volumes in inner units a day.

    Attributes
    ----------
    spending, revenue : float array
        The parts of ``money``: money = spending - revenue.
    """

    shortage: Floats
    volume: Floats
    spending: Floats
    revenue: Floats
    transit: Floats
    generic: Floats

    @property
    def money(self) -> Floats:
        """Spending less revenue."""
        return self.spending - self.revenue

    def widened(self, columns: int) -> Self:
        """The same over more columns, which cost nothing."""
        more = {
            name: np.concatenate([getattr(self, name), np.zeros(columns - len(self.volume))])
            for name in self.__dataclass_fields__
        }
        return replace(self, **more)


def objectives_of(program: Program, situation: Situation) -> Objectives:
    """The objectives of a programme in a situation."""
    layout = program.layout
    n = layout.shape[1]
    shortage, volume, transit = np.zeros(n), np.zeros(n), np.zeros(n)
    system, convert = situation.system, Conversion(situation.system)
    shortage[layout.columns("shortage")] = [
        1.0 / convert.mean(refinery.demand.basis, refinery.takes or system.streams)
        for refinery in system.refineries.values()
    ]
    volume[layout.columns("delivery")] = -1.0
    transit[layout.columns("flow")] = foreign_countries(system)[layout.flow_leg, layout.flow_stream]
    spending, revenue = money_of(program, situation)
    return Objectives(shortage, volume, spending, revenue, transit, _generic(program, situation))


def money_of(program: Program, situation: Situation) -> tuple[Floats, Floats]:
    """Spending and revenue of a unit in each column, USD a tonne (or a barrel) of the system."""
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
    under = system.recourse.under_minimum
    if under is not None and len(layout.minimum_fields):
        streams = {name: i for i, name in enumerate(system.streams)}
        of_field = [streams[system.commodity_of(name)] for name in system.fields]
        stream = np.array(of_field, np.intp)[layout.minimum_fields]
        spending[layout.columns("under")] = under.inner * convert.to(under.basis)[stream]
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
    streams = contract.commodities or system.legs[leg].carries or system.streams
    return price.inner * convert.mean(price.basis, streams) / convert.mean(contract.volume.basis, streams)


def _leg_prices(situation: Situation, name: str) -> Iterable[tuple[str, float]]:
    """Tariff of a leg and, if it was built, what recovers its capital, with the unit that each is for."""
    leg = situation.system.legs[name]
    for price in situation.tariffs(name):
        yield price.basis, price.inner
    if leg.build is not None and name in situation.built:
        size = situation.built[name]
        # What is added to a leg that stands is paid for by all that the leg then carries.
        share = size.inner / (size.inner + leg.nominal) if leg.status == "operating" else 1.0
        yield size.basis, leg.build.capital_charge(size.inner) * share


def _value(situation: Situation, market: str, stream: str, convert: Conversion) -> float:
    """What a unit of a stream earns at a market: price x its own barrels + the differential."""
    system = situation.system
    record, place = system.markets[market], list(system.streams).index(stream)
    value = 0.0
    for price in (record.price or system.price, record.differential.get(stream)):
        if price is not None:
            value += price.inner * convert.to(price.basis)[place]
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
