"""What is exported over a horizon: counted at the markers, on the day of departure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation.tables import destinations_of
from routeopt.model.destinations import Destinations
from routeopt.model.transit import shares

if TYPE_CHECKING:
    from routeopt.allocation.trajectory import Reading

__all__ = ["Exports"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Exports:
    """Amounts by period that leave by the routes; all arrays have one row a period, those of landing included.

    Attributes
    ----------
    reading : Reading
    """

    reading: Reading

    @cached_property
    def landing(self) -> Floats:
        """Share of what enters each flow column that counts, shape (T, flow columns).

        All of it, but where cargoes that have not landed by the end do not count (``under_way: none``).
        """
        frame = self.reading.frame
        landing = np.ones((len(frame.periods), len(frame.layout.flow_leg)))
        if self.reading.course.prepared.horizon.under_way == "none":
            for column, lag in zip(frame.lagged, frame.lag, strict=True):
                left, _, share = shares(frame.periods.edges, float(lag), "none")
                landing[:, column] = np.bincount(left, share, len(landing))
        return landing

    @cached_property
    def counted(self) -> Floats:
        """The columns of one period in each, as far as they count, shape (T, columns of one period)."""
        columns = self.reading.x[:, : self.reading.frame.column["landed"]].copy()
        columns[:, self.reading.frame.block("flow")] *= self.landing
        return columns

    @cached_property
    def destinations(self) -> Destinations:
        """What markers carry, and where to."""
        prepared = self.reading.course.prepared
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
        found, flow = self.destinations, self.counted[:, self.reading.frame.block("flow")]
        if found.refined:
            flow = flow * (1.0 - self.refinery_share[:, found.heads])
        volumes = found.crossing(flow)
        return dict(zip(found.names, volumes.T, strict=True))

    def bound(self) -> tuple[Floats, Floats, Floats]:
        """As `Tables.bound`, on the horizon's mean day."""
        shown, days = self.reading.frame.periods.reported, self.reading.frame.periods.total
        parts = [self.destinations.bound_for_refineries(x, share)
                 for x, share in zip(self.counted[:shown], self.refinery_share[:shown], strict=True)]  # fmt: skip
        flow, output = (np.sum(part, axis=0) / days for part in zip(*parts, strict=True))
        return self.counted[:shown, self.reading.frame.block("flow")].sum(axis=0) / days, flow, output

    @cached_property
    def total(self) -> Floats:
        """What leaves by all routes in each period; what markets receive where there are none. Shape (T,)."""
        if self.routes:
            total: Floats = np.sum(list(self.routes.values()), axis=0)
            return total
        return self.reading.delivered

    @property
    def whole(self) -> bool:
        """Whether what is under way when the horizon ends is followed to where it goes.

        Not in a part of a longer plan, nor where what is under way comes round or does not count.
        """
        prepared, periods = self.reading.course.prepared, self.reading.frame.periods
        usual = prepared.horizon.under_way == "usual"
        return usual and periods.reported == periods.planned and not prepared.start.handed

    @property
    def on_the_way(self) -> float:
        """What is on its way to the markers when the horizon ends, and is exported when it gets there."""
        return float(self.total[self.reading.frame.periods.reported :].sum()) if self.whole else 0.0
