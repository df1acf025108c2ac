"""All answers that are as good, by other means: rows that hold the optimum, scipy, every order of hubs."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import scipy.optimize

from helpers.independent import INF, _Model


class Face(_Model):
    """What is optimal for the independent model, or costs up to ``allowance`` (thousand USD per day) more."""

    def __init__(self, system, scenario, allowance=0.0, economic=False):
        super().__init__(system.override(scenario.override) if scenario.override else system, scenario)
        self.flows = [(name, stream) for name, stream, *_ in self.arcs()]  # columns come in this order
        self.unit = _one(self.world)
        best = self.solve(economic)
        hair = 1e-9
        self.row(dict.fromkeys(self.short, 1.0), -INF, best.shortage + hair)
        if not economic:
            self.row(dict.fromkeys(self.sold, 1.0), best.exported - hair, best.exported + hair)
        self.row(dict(self.money), -INF, -best.netback + allowance + hair * max(1.0, abs(best.netback)))

    def leg(self, name):
        """Weights of the flow into a leg."""
        return self._weights({name: 1.0})

    def route(self, name):
        """Weights of the volume of a route where its markers end."""
        ends = {}
        for leg, route in self.world.metering_legs.items():
            if route == name:
                loss = self.world.legs[leg].loss
                ends[leg] = 1.0 - (loss.inner if loss else 0.0)
        return self._weights(ends)

    def _weights(self, legs):
        weights = np.zeros(len(self.top))
        for column, (name, _) in enumerate(self.flows):
            weights[column] = legs.get(name, 0.0)
        return weights

    def range(self, weights):
        """Least and most, in the flow unit of the system; circles count."""
        ends = [sign * float(self.minimise(sign * weights) @ (sign * weights)) for sign in (1.0, -1.0)]
        return tuple(end / self.unit for end in ends)

    def tie_broken(self, rng):
        """Flows of an optimum that random weights choose; they are positive, so nothing goes round in circles."""
        cost = rng.uniform(0.1, 1.0, len(self.top))
        x = self.minimise(cost)
        legs = {}
        for column, (name, _) in enumerate(self.flows):
            legs[name] = legs.get(name, 0.0) + float(x[column]) / self.unit
        return legs


def _one(world):
    """Inner units in one flow unit."""
    from routeopt.units import parse_unit

    return parse_unit(world.units.flow).factor


def without_circles(legs, fields, slack=0.0):
    """Least and most of every leg over flows in which no hub comes before itself, by trying every order of hubs.

    Parameters
    ----------
    legs : dict
        id -> (from, to, capacity or None, tariff). Nodes that begin with ``h`` are hubs, with ``m`` markets.
    fields : dict
        id -> output.
    slack : float
        Money that may be wasted.
    """
    hubs = sorted({node for start, end, *_ in legs.values() for node in (start, end) if node.startswith("h")})
    names = list(legs)
    upper = np.array([INF if legs[k][2] is None else float(legs[k][2]) for k in names])
    cost = np.array([float(legs[k][3]) for k in names])
    out = -np.array([legs[k][1].startswith("m") for k in names], float)
    # Hubs balance; fields send at most what they produce.
    balance = np.array([[(legs[k][1] == h) - (legs[k][0] == h) for k in names] for h in hubs], float)
    sends = np.array([[legs[k][0] == f for k in names] for f in fields], float)
    produced = np.array([float(size) for size in fields.values()])

    def solve(objective, top, rows=(), most=()):
        done = scipy.optimize.linprog(
            objective, np.vstack([sends, *rows]), np.concatenate([produced, most]),
            balance, np.zeros(len(hubs)), np.column_stack([np.zeros(len(names)), top]),
        )  # fmt: skip
        return done.fun if done.status == 0 else None

    volume = solve(out, upper)
    money = solve(cost, upper, [out], [volume + 1e-9])
    found = dict.fromkeys(names, (INF, -INF))
    for allowed in _orders(legs, hubs):
        top = np.where(allowed, upper, 0.0)
        for i, name in enumerate(names):
            one = np.eye(len(names))[i]
            ends = [solve(sign * one, top, [out, cost], [volume + 1e-9, money + slack + 1e-9]) for sign in (1, -1)]
            if None not in ends:
                low, high = found[name]
                found[name] = min(low, ends[0]), max(high, -ends[1])
    return found


def _orders(legs, hubs):
    """Which legs lead on in an order of the hubs, for every order but those that allow only what another one does."""
    masks = set()
    for order in permutations(hubs):
        place = {hub: i for i, hub in enumerate(order)}
        masks.add(tuple(place.get(start, -1) < place.get(end, len(hubs)) for start, end, *_ in legs.values()))
    masks = np.array(sorted(masks))
    within = (masks[:, None, :] <= masks[None, :, :]).all(axis=2)
    return masks[within.sum(axis=1) == 1]  # within itself alone
