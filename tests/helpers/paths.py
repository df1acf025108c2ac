"""Every path of a small system without cycles, and programs over how much goes along each."""

from __future__ import annotations

import numpy as np
import scipy.optimize

from helpers.small import network


def random_acyclic(seed):
    """Fields, five hubs in a row, two markets, a refinery; two streams, blends, losses, ties."""
    rng = np.random.default_rng(seed)
    streams, hubs = ["light", "heavy"], [f"h{i}" for i in range(5)]
    legs, number = {}, iter(range(99))

    def add(start, end):
        more = {"countries": [c for c in ("RU", "AZ") if rng.random() < 0.3], "tariff": f"{rng.integers(0, 3)} USD/t"}
        if rng.random() < 0.6:
            more["capacity"] = f"{rng.integers(2, 9)} Mt/y"
        if rng.random() < 0.3:
            more["loss"] = f"{rng.integers(1, 20)} %"
        if rng.random() < 0.2:
            more["blends_into"] = {"light": "heavy"}
        legs[f"leg{next(number)}"] = (start, end, more)

    for field in ("f0", "f1", "f2"):
        for hub in rng.choice(hubs[:3], 2, replace=False):
            add(field, str(hub))
    for place in range(4):
        for ahead in rng.choice(hubs[place + 1 :], min(2, 4 - place), replace=False):
            add(hubs[place], str(ahead))
    for end in ("m0", "m1", "m1"):
        add(str(rng.choice(hubs[2:])), end)
    add("h4", "m0")
    add("h4", "refinery")
    fields = {
        name: {"output": f"{rng.integers(3, 9)} Mt/y", "commodity": str(rng.choice(streams))}
        for name in ("f0", "f1", "f2")
    }
    return network(
        legs,
        fields,
        markets=["m0", "m1"],
        refineries={"refinery": {"demand": "2 Mt/y"}},
        commodities={name: {} for name in streams},
        exporter="KZ",
    )


def every_path(system):
    """Lists of (leg, stream at its inlet), from a field to a market or refinery."""
    paths = []

    def walk(node, stream, path):
        if system.nodes[node].kind in ("market", "refinery"):
            paths.append(path)
        for name, record in system.legs.items():
            if record.origin == node:
                after = record.blends_into.get(stream) or record.blends_into.get("*") or stream
                walk(record.destination, after, [*path, (name, stream)])

    for name in system.fields:
        walk(name, system.commodity_of(name), [])
    return paths


class Paths:
    """Flows along every path, at the field."""

    def __init__(self, system, crossed):
        self.system, self.paths = system, every_path(system)
        self.at = [[] for _ in self.paths]  # what is left at each leg of one tonne, and at the end
        self.sold, self.home, self.cost, self.crosses = (np.zeros(len(self.paths)) for _ in range(4))
        for i, path in enumerate(self.paths):
            left = 1.0
            for name, _ in path:
                record = system.legs[name]
                self.at[i].append(left)
                self.cost[i] += left * record.tariff.value
                left *= 1.0 - (record.loss.inner if record.loss else 0.0)
            if system.nodes[system.legs[path[-1][0]].destination].kind == "market":
                self.sold[i] = left
                self.crosses[i] = left if any(name in crossed for name, _ in path) else 0.0
            else:
                self.home[i] = left

    def use(self, of):
        """Row: what of each path passes the (leg, stream) pairs for which ``of`` holds."""
        return np.array([sum(a for a, step in zip(left, path, strict=True) if of(*step))
                         for left, path in zip(self.at, self.paths, strict=True)])  # fmt: skip

    def range(self, rows, low, high):
        ends = []
        for sign in (1, -1):
            matrix = np.vstack([rows, -rows])
            done = scipy.optimize.linprog(sign * self.crosses, matrix, np.concatenate([high, -low]))
            assert done.status == 0, done.message
            ends.append(sign * done.fun)
        return ends


class Region:
    """All allocations that serve refineries and export as much as a plan, by how much they may cost more."""

    def __init__(self, plan, country):
        system = self.system = plan.system
        crossed = {k for k, record in system.legs.items() if country in record.countries}
        self.paths, self.plan = Paths(system, crossed), plan
        self.rows, self.low, self.high = [], [], []
        for name, record in system.legs.items():
            if record.capacity is not None:
                self.add(self.paths.use(lambda leg, _, name=name: leg == name), -1e3, record.capacity.value)
        for name, field in system.fields.items():
            starts = [float(system.legs[path[0][0]].origin == name) for path in self.paths.paths]
            self.add(np.array(starts), -1e3, field.output.value)
        self.add(self.paths.sold, plan.exported - 1e-7, plan.exported + 1e-7)
        taken = float(plan.refineries["flow"].sum())
        self.add(self.paths.home, taken - 1e-7, taken + 1e-7)

    def add(self, row, low, high):
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def range(self, more):
        """Least and most that crosses, in Mt/y, for so many millions more than the optimum."""
        rows = np.array([*self.rows, self.paths.cost])
        low, high = [*self.low, -1e6], [*self.high, self.plan.cost / 1e6 + more + 1e-7]
        return self.paths.range(rows, np.array(low), np.array(high))
