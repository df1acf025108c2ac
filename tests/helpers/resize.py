"""A capacity a little larger or smaller, solved from scratch by the independent model."""

from __future__ import annotations

import numpy as np

from helpers.independent import INF, _Model


class Resized(_Model):
    """The independent model with one leg or group changed by a step.

    Parameters
    ----------
    step : float
        In the unit in which the capacity is shown.
    one : float
        Inner units in one of those.
    shown : float, optional
        The capacity as it is shown. Where a leg counts barrels, that says how many there are in a tonne of the mix.
    """

    def __init__(self, system, scenario, kind=None, name=None, step=0.0, one=1.0, shown=0.0):
        self.kind, self.name, self.step, self.one, self.shown = kind, name, step, one, shown
        self.place = {}
        super().__init__(system.override(scenario.override) if scenario.override else system, scenario)

    def limit(self, name, share=None):
        before = super().limit(name)
        if (self.kind, self.name) != ("leg", name):
            return super().limit(name, share)
        if self.shown:
            after = before * max(0.0, self.shown + self.step) / self.shown
        else:
            after = max(0.0, before + self.step * self.one * self.own_units(name))
        # The step is one of what is in service; of the whole it is as much more.
        return after if share is None or not before else super().limit(name, share) * after / before

    def promise(self, name, contract, only, best):
        """As without the step: values of capacity hold what is due under contracts."""
        step, self.step = self.step, 0.0
        carried = super().promise(name, contract, only, best)
        self.step = step
        return carried

    def own_units(self, name):
        """What a leg counts for a unit of the system: barrels for a tonne where it counts barrels."""
        streams = {s for leg, s, *_ in self.arcs() if leg == name}
        return float(np.mean([self.per(self.in_barrels(self.world.legs[name]), s) for s in streams]))

    def write_field(self, name, field, balance):
        self.place["field", name] = len(self.top)
        super().write_field(name, field, balance)

    def write_market(self, name, market, balance):
        before = len(self.rows)
        super().write_market(name, market, balance)
        if len(self.rows) > before:
            self.place["market", name] = before

    def write_shared(self, by_leg):
        self.by_leg, first = by_leg, len(self.rows)
        super().write_shared(by_leg)
        for offset, (name, group) in enumerate(self.world.groups.items()):
            self.place["group", name] = first + offset
            if (self.kind, self.name) == ("group", name):
                terms, low, high = self.rows[first + offset]
                basis = group.capacity.unit if group.capacity else ""
                barrels = "b/" in basis or "bbl" in basis
                own = np.mean([self.per(barrels, s) for s in self.world.streams]) * self.one if basis else 1.0
                self.rows[first + offset] = (terms, low, max(0.0, high + self.step * own))

    def most(self):
        """Least shortage, most exported after that, and a point."""
        width = len(self.top)
        short, sold = np.zeros(width), np.zeros(width)
        short[list(self.short)], sold[list(self.sold)] = 1.0, 1.0
        lack = float(self.minimise(short) @ short)
        rows = list(self.rows)
        self.row(dict.fromkeys(self.short, 1.0), -INF, lack + 1e-10)
        x = self.minimise(-sold)
        self.rows = rows
        return lack, float(x @ sold), x

    def cheapest(self, lack, out):
        """Least net cost with the refineries' shortage and the exported volume held."""
        cash = np.array([self.money[v] for v in range(len(self.top))])
        found = []
        for times in (1, 2):
            rows = list(self.rows)
            self.row(dict.fromkeys(self.short, 1.0), -INF, lack + times * 1e-9)
            self.row(dict.fromkeys(self.sold, 1.0), out - times * 1e-8, out)
            found.append(float(self.minimise(cash) @ cash))
            self.rows = rows
        return 2 * found[0] - found[1]

    def is_full(self, kind, name, x):
        """Whether a point takes all that there is."""
        if kind == "leg":
            use = sum(self.per(self.in_barrels(self.world.legs[name]), s) * x[v] for s, v in self.by_leg[name])
            return use >= self.limit(name) * (1 - 1e-6)
        if kind == "field":
            column = self.place[kind, name]
            return x[column] >= self.top[column] * (1 - 1e-6)
        terms, _, high = self.rows[self.place[kind, name]]
        return sum(value * x[v] for v, value in terms.items()) >= high * (1 - 1e-6)
