"""What markers carry, and what of it goes on to refineries and is not exported.

Where streams meet they mix: what leaves a state (node, commodity) has one mix, whichever way it takes. So the share
of a state that ends in refineries is one number, and what a marker exports is its volume less the share of the state
in which it ends. Nothing is computed where no refinery lies beyond a marker.
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

_DUST = 1e-12
"""Share of the largest flow below which a column carries nothing."""


@dataclass(frozen=True, eq=False)
class Destinations:
    """Follows barrels through the columns of one period.

    ``gain`` (K,): share of what enters each leg that arrives; ``markers``: marker leg -> route; ``names``: routes, in
    order.
    """

    layout: Layout
    gain: Floats
    markers: Mapping[str, str]
    names: tuple[str, ...]

    @cached_property
    def route(self) -> Ints:
        """Route that each flow column marks, -1 where it marks none."""
        place = {name: i for i, name in enumerate(self.names)}
        legs = self.layout.topology.legs
        of_leg = np.array([place[self.markers[leg]] if leg in self.markers else -1 for leg in legs], np.intp)
        return np.asarray(of_leg[self.layout.flow_leg])

    @cached_property
    def beyond(self) -> NDArray[np.bool_]:
        """States that crude reaches beyond a marker, by balance row."""
        tail, head, *_ = self._ends
        beyond = np.bincount(head[self.route >= 0], minlength=self.layout.row["leg"]) > 0
        while (fresh := np.setdiff1d(head[beyond[tail]], np.flatnonzero(beyond))).size:
            beyond[fresh] = True
        return beyond

    @property
    def _enters(self) -> NDArray[np.bool_]:
        """Flow columns that cross the first marker of their way; a second one can only lead to refineries."""
        return np.asarray((self.route >= 0) & ~self.beyond[self._ends[0]])

    @cached_property
    def refined(self) -> bool:
        """Whether a refinery lies beyond a marker."""
        return bool(self.beyond[self._ends[3]].any())

    @cached_property
    def _ends(self) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        """State in which each flow column begins and ends, and of each delivery, intake and field: balance rows."""
        layout, graph = self.layout, self.layout.topology
        leg, stream, row = layout.flow_leg, layout.flow_stream, layout.balance_row
        market, refinery = (np.flatnonzero(mask.any(axis=1)) for mask in (graph.bought, graph.refined))
        return (row[graph.tail[leg], stream], row[graph.head[leg], graph.becomes[leg, stream]],
                row[market[layout.delivery_market], layout.delivery_stream],
                row[refinery[layout.intake_refinery], layout.intake_stream], row[graph.supply])  # fmt: skip

    def share(self, x: Floats, otherwise: Floats | float = 0.0) -> Floats:
        """Share of what leaves each state that ends in refineries; ``otherwise`` where nothing leaves.

        ``x``: columns of one period.
        """
        tail, head, delivery, intake, _ = self._ends
        count = self.layout.row["leg"]
        flow, sold, taken = (self._real(x, name) for name in ("flow", "delivery", "intake"))
        ended = np.bincount(intake, taken, count)
        out = np.bincount(tail, flow, count) + np.bincount(delivery, sold, count) + ended
        idle = out <= 0
        found = np.where(idle, otherwise, ended / np.where(idle, 1.0, out))
        # Where nothing leads to a refinery the share is zero; a circle that nothing leaves would have no share at all.
        live = found > 0
        while (fresh := np.setdiff1d(tail[(flow > 0) & live[head]], np.flatnonzero(live))).size:
            live[fresh] = True
        at = np.cumsum(live) - 1
        inside = (flow > 0) & live[tail] & live[head] & ~idle[tail]
        matrix = np.eye(int(live.sum()))
        np.add.at(matrix, (at[tail[inside]], at[head[inside]]), -flow[inside] / out[tail[inside]])
        found[live] = np.linalg.solve(matrix, found[live])
        return found

    def exported(self, x: Floats) -> Floats:
        """Volume of each route: what its markers give to their ends, bound for markets. Shape (routes,).

        ``x``: columns of one period.
        """
        flow = x[self.layout.columns("flow")]
        return self.crossing(flow * (1.0 - self.share(x)[self.heads]) if self.refined else flow)

    def bound_for_refineries(self, x: Floats, share: Floats) -> tuple[Floats, Floats]:
        """What of each flow column and of each field's output ends in refineries; ``share``: as `share` has it."""
        made = share[self._ends[4]]
        return x[self.layout.columns("flow")] * share[self.heads], x[self.layout.columns("output")] * made

    def crossing(self, flow: Floats) -> Floats:
        """What comes out of the markers of each route, of what enters each flow column: shape (..., routes)."""
        marked = np.flatnonzero(self.route >= 0)
        gives = np.zeros((len(self.route), len(self.names)))
        gives[marked, self.route[marked]] = self.gain[self.layout.flow_leg[marked]]
        return np.asarray(flow @ gives)

    @property
    def heads(self) -> Ints:
        """State in which each flow column ends."""
        return self._ends[1]

    def weights(self, x: Floats) -> Floats:
        """Weights over the columns that add up to the volume of each route, shape (routes, columns).

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
        """Volume at the markers of each route in a unit that comes into each state, shape (states, routes)."""
        tail, head, *_ = self._ends
        flow = self._real(x, "flow")
        # States that nothing enters have the mix of all that could.
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
        """A block without dust."""
        values = x[self.layout.columns(block)]
        limit = _DUST * float(np.abs(x[: self.layout.column["shortage"]]).max(initial=0.0))
        return np.where(values > limit, values, 0.0)
