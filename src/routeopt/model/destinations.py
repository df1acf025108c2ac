"""Exports through metering legs: their volume less the part that goes on to refineries.

Streams mix where they meet: all outflows of a state (node, commodity) have one mix. So the share of a state that ends
in refineries is one number, and a metering leg exports its volume less that share of its end state. Nothing is
computed without a refinery downstream of a metering leg.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.model.layout import Layout

__all__ = ["Destinations"]

Ints = NDArray[np.intp]

_NEGLIGIBLE = 1e-12
"""Share of the largest flow below which a column carries nothing."""


@dataclass(frozen=True, eq=False)
class Destinations:
    """Shares of flows by destination, over the columns of one period.

    ``gain`` (K,): share of what enters each leg that arrives; ``markers``: metering leg -> route; ``names``: routes, in
    order.
    """

    layout: Layout
    gain: Floats
    markers: Mapping[str, str]
    names: tuple[str, ...]

    @cached_property
    def route(self) -> Ints:
        """Route that each flow column meters, -1 where none."""
        place = {name: i for i, name in enumerate(self.names)}
        legs = self.layout.topology.legs
        of_leg = np.array([place[self.markers[leg]] if leg in self.markers else -1 for leg in legs], np.intp)
        return np.asarray(of_leg[self.layout.flow_leg])

    @cached_property
    def beyond(self) -> NDArray[np.bool_]:
        """States downstream of a metering leg, by balance row."""
        tail, head, *_ = self._ends
        beyond = np.bincount(head[self.route >= 0], minlength=self.layout.row["leg"]) > 0
        while (fresh := np.setdiff1d(head[beyond[tail]], np.flatnonzero(beyond))).size:
            beyond[fresh] = True
        return beyond

    @property
    def _enters(self) -> NDArray[np.bool_]:
        """Flow columns on the first metering leg of a path; a second one can only lead to refineries."""
        return np.asarray((self.route >= 0) & ~self.beyond[self._ends[0]])

    @cached_property
    def refined(self) -> bool:
        """Whether a refinery lies downstream of a metering leg."""
        return bool(self.beyond[self._ends[3]].any())

    @cached_property
    def _ends(self) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        """Balance rows at both ends of each flow column, and of each delivery, intake and field."""
        layout, graph = self.layout, self.layout.topology
        leg, stream, row = layout.flow_leg, layout.flow_stream, layout.balance_row
        market, refinery = (np.flatnonzero(mask.any(axis=1)) for mask in (graph.bought, graph.refined))
        return (row[graph.tail[leg], stream], row[graph.head[leg], graph.becomes[leg, stream]],
                row[market[layout.delivery_market], layout.delivery_stream],
                row[refinery[layout.intake_refinery], layout.intake_stream], row[graph.supply])  # fmt: skip

    def share(self, x: Floats, otherwise: Floats | float = 0.0) -> Floats:
        """Compute the share of each state's outflow that ends in refineries; ``otherwise`` without outflow.

        ``x``: columns of one period.
        """
        tail, head, delivery, intake, _ = self._ends
        count = self.layout.row["leg"]
        flow, sold, taken = (self._real(x, name) for name in ("flow", "delivery", "intake"))
        ended = np.bincount(intake, taken, count)
        out = np.bincount(tail, flow, count) + np.bincount(delivery, sold, count) + ended
        dry = out <= 0
        found = np.where(dry, otherwise, ended / np.where(dry, 1.0, out))
        # Without a path to a refinery the share is zero; for a closed circle the equations would be singular.
        live = found > 0
        while (fresh := np.setdiff1d(tail[(flow > 0) & live[head]], np.flatnonzero(live))).size:
            live[fresh] = True
        at = np.cumsum(live) - 1
        inside = (flow > 0) & live[tail] & live[head] & ~dry[tail]
        matrix = np.eye(int(live.sum()))
        np.add.at(matrix, (at[tail[inside]], at[head[inside]]), -flow[inside] / out[tail[inside]])
        found[live] = np.linalg.solve(matrix, found[live])
        return found

    def exported(self, x: Floats) -> Floats:
        """Compute the exports of each route: the outflow of its metering legs to markets. Shape (routes,).

        ``x``: columns of one period.
        """
        flow = x[self.layout.columns("flow")]
        return self.crossing(flow * (1.0 - self.share(x)[self.heads]) if self.refined else flow)

    def bound_for_refineries(self, x: Floats, share: Floats) -> tuple[Floats, Floats]:
        """Return the part of each flow column and field output that ends in refineries; ``share``: of `share`."""
        made = share[self._ends[4]]
        return x[self.layout.columns("flow")] * share[self.heads], x[self.layout.columns("output")] * made

    def crossing(self, flow: Floats) -> Floats:
        """Sum the outflow of each route's metering legs, for inflows of flow columns: shape (..., routes)."""
        marked = np.flatnonzero(self.route >= 0)
        gives = np.zeros((len(self.route), len(self.names)))
        gives[marked, self.route[marked]] = self.gain[self.layout.flow_leg[marked]]
        return np.asarray(flow @ gives)

    @property
    def heads(self) -> Ints:
        """Balance row at the end of each flow column."""
        return self._ends[1]

    def weights(self, x: Floats) -> Floats:
        """Compute column weights that sum to the exports of each route, shape (routes, columns).

        They are exact where the crude of a refinery has come by one route, whatever flows. Where it has come by
        several, the refinery's mix is that of ``x``.
        """
        weights = np.zeros((len(self.names), len(x)))
        enters = np.flatnonzero(self._enters)
        weights[self.route[enters], enters] = self.gain[self.layout.flow_leg[enters]]
        if self.refined:
            intake = np.arange(*self.layout.columns("intake").indices(len(x)))
            weights[:, intake] -= self._mix(x)[self._ends[3]].T
        return weights

    def _mix(self, x: Floats) -> Floats:
        """Compute the volume metered by each route per unit of inflow of each state, shape (states, routes)."""
        tail, head, *_ = self._ends
        flow = self._real(x, "flow")
        # A state without inflow has the mix of all possible inflows.
        flow = flow + 1e-13 * max(1e-30, float(flow.max(initial=0.0)))
        gain, count = self.gain[self.layout.flow_leg], self.layout.row["leg"]
        enters = self._enters
        beyond = self.beyond
        at, inside = np.cumsum(beyond) - 1, ~enters & beyond[tail]
        came = np.bincount(head, flow * gain, count)
        entry = np.zeros((int(beyond.sum()), len(self.names)))
        np.add.at(entry, (at[head[enters]], self.route[enters]), (flow * gain)[enters] / came[head[enters]])
        matrix = np.eye(len(entry))
        np.add.at(matrix, (at[head[inside]], at[tail[inside]]), -flow[inside] / came[head[inside]])
        mix = np.zeros((count, len(self.names)))
        mix[beyond] = np.linalg.solve(matrix, entry)
        return mix

    def _real(self, x: Floats, block: str) -> Floats:
        """Return a block with negligible values set to zero."""
        values = x[self.layout.columns(block)]
        limit = _NEGLIGIBLE * float(np.abs(x[: self.layout.column["shortage"]]).max(initial=0.0))
        return np.where(values > limit, values, 0.0)
