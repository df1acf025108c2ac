"""Horizons against a program of day-sized blocks that was written from the specification and is solved by scipy.

It shares no line with `routeopt.model`: rows as dictionaries, stocks as levels instead of differences, cargoes by
overlap of intervals, earlier objectives held by rows. Random small systems over periods of random length.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse

import routeopt as ro

START = dt.date(2025, 1, 1)
INF = float("inf")


def drawn(seed):
    """Data of a system and the days on which its periods begin, closures as (leg or field, first, back, left)."""
    rng = np.random.default_rng([seed, 77])

    def whole(low, high):
        return int(rng.integers(low, high))

    tanks = ["t0", "t1"]
    nodes = {f"f{i}": {"kind": "field", "output": f"{whole(3, 12)} kt/d"} for i in range(2)}
    for name in nodes:
        if rng.random() < 0.4:
            nodes[name]["ramp_up"] = f"{whole(5, 40)} %/d"
        if rng.random() < 0.4:
            nodes[name]["ramp_down"] = f"{whole(10, 40)} %/d"
    for name in tanks:
        heel = whole(0, 3) * 5
        storage = {"capacity": f"{whole(5, 50)} kt", "initial": f"{heel + whole(0, 60)} %", "heel": f"{heel} %"}
        nodes[name] = {"kind": "terminal", "storage": storage}
    nodes |= {"h": {"kind": "hub"}, "ref": {"kind": "refinery", "demand": f"{whole(1, 5)} kt/d"}}
    nodes |= {"m0": {"kind": "market", "price": f"{whole(90, 110)} USD/t"}, "m1": {"kind": "market"}}
    nodes["m1"] |= {"demand": f"{whole(2, 9)} kt/d", "price": f"{whole(90, 130)} USD/t"}
    ends = [("f0", "t0"), ("f1", "h"), ("h", "t0"), ("h", "t1"), ("t0", "t1"), ("t0", "m0"), ("t1", "m1"),
            ("t1", "m0"), ("t0", "ref"), ("h", "m1")]  # fmt: skip
    legs = {}
    for place, (start, end) in enumerate(ends):
        leg = {"from": start, "to": end, "tariff": f"{whole(1, 40)} USD/t", "capacity": f"{whole(2, 15)} kt/d"}
        if rng.random() < 0.3:
            leg["loss"] = f"{whole(1, 9)} %"
        if place > 1 and rng.random() < 0.4:
            leg |= {"mode": "tanker", "transit_time": f"{whole(1, 8) / 2} d"}
        legs[f"l{place}"] = leg
    edges = np.concatenate([[0], np.cumsum(rng.choice([1, 1, 2, 3], whole(6, 13)))])
    closures = []
    for _ in range(whole(1, 4)):
        first = whole(0, edges[-1] - 1)
        what = f"l{whole(0, len(ends))}" if rng.random() < 0.85 else f"f{whole(0, 2)}"
        closures.append((what, first, whole(first + 1, edges[-1] + 1), whole(0, 2) * whole(0, 60) / 100))
    data = {"units": {"flow": "kt/d"}, "nodes": nodes, "legs": legs, "recourse": {"demurrage": f"{whole(0, 3)} USD/t"}}
    return data, edges, closures


class Days:
    """The program of a horizon, block by block."""

    def __init__(self, data, edges, closures, stocks, initial_in_transit, usual):
        self.data, self.edges, self.closures = data, np.array(edges, float), closures
        self.stocks, self.initial_in_transit, self.usual = stocks, initial_in_transit, usual
        self.count, self.days = len(edges) - 1, np.diff(self.edges)
        self.top, self.rows = [], []
        self.short, self.trip, self.lack, self.sold, self.money = {}, {}, {}, {}, {}
        self.balance = {(n, t): {} for n in data["nodes"] for t in range(self.count)}
        self.known = dict.fromkeys(self.balance, 0.0)
        for name, leg in data["legs"].items():
            self.leg(name, leg)
        for name, node in data["nodes"].items():
            getattr(self, node["kind"])(name, node)
        for key, terms in self.balance.items():
            self.rows.append((terms, -self.known[key], -self.known[key]))

    @staticmethod
    def number(text, default=0.0):
        return float(str(text).split()[0]) if text is not None else default

    def new(self, top=INF):
        self.top.append(top)
        return len(self.top) - 1

    def left(self, what, t):
        """Mean share of a period, hour by hour where nothing but whole days matters: day by day."""
        shares = []
        for day in range(int(self.edges[t]), int(self.edges[t + 1])):
            shares.append(min([1.0, *(c[3] for c in self.closures if c[0] == what and c[1] <= day < c[2])]))
        return float(np.mean(shares))

    def leg(self, name, leg):
        lag, gain = self.number(leg.get("transit_time")), 1.0 - self.number(leg.get("loss")) / 100
        limit, end, total = self.number(leg["capacity"]), leg["to"], self.edges[-1]
        v = [self.new(limit * self.left(name, t) * self.days[t]) for t in range(self.count)]
        for t in range(self.count):
            self.balance[leg["from"], t][v[t]] = -1.0
            self.money[v[t]] = self.number(leg["tariff"])
            if not lag:
                self.balance[end, t][v[t]] = gain
        if not lag:
            return
        come, known = [{} for _ in v], np.zeros(self.count)
        for s in range(self.count):
            for t in range(self.count):
                for lap in range(4 if self.initial_in_transit == "cycle" else 1):
                    low = max(self.edges[s] + lag, self.edges[t] + lap * total)
                    high = min(self.edges[s + 1] + lag, self.edges[t + 1] + lap * total)
                    if high > low:
                        come[t][v[s]] = come[t].get(v[s], 0.0) + gain * (high - low) / self.days[s]
        for t in range(self.count if self.initial_in_transit == "usual" else 0):
            known[t] = gain * self.usual[name] * max(0.0, min(lag, self.edges[t + 1]) - self.edges[t])
        # What comes waits or lands.
        wait = [self.new() for _ in v]
        land = [self.new() for _ in v]
        for t in range(self.count):
            terms = {**come[t], wait[t]: -1.0, land[t]: -1.0}
            before = wait[t - 1] if t or self.initial_in_transit == "cycle" else None
            if before is not None:
                terms[before] = terms.get(before, 0.0) + 1.0
            self.rows.append((terms, -known[t], -known[t]))
            self.balance[end, t][land[t]] = 1.0
            self.money[wait[t]] = self.number(self.data["recourse"]["demurrage"]) * self.days[t]

    def field(self, name, node):
        most = self.number(node["output"])
        share = [self.left(name, t) for t in range(self.count)]
        q = [self.new(most * share[t] * self.days[t]) for t in range(self.count)]
        gap = 0.5 * (self.days + 1.0)  # the mean of so many days, each a pace further
        for t in range(self.count):
            self.balance[name, t][q[t]] = 1.0
            now = {q[t]: 1.0 / self.days[t]}
            then = {q[t - 1]: -1.0 / self.days[t - 1]} if t else {}
            start = 0.0 if t else self.usual[name]
            if "ramp_up" in node:
                rise = self.number(node["ramp_up"]) / 100 * most * gap[t]
                self.rows.append(({**now, **then}, -INF, rise + start))
            if "ramp_down" in node:
                cut = max(0.0, (share[t - 1] if t else min(1.0, self.usual[name] / most)) - share[t])
                fall = (self.number(node["ramp_down"]) / 100 * gap[t] + cut) * most
                over = self.new()
                self.trip[over] = 1.0 / self.days[t]
                self.rows.append(({**now, **then, over: 1.0 / self.days[t]}, start - fall, INF))

    def terminal(self, name, node):
        storage = node["storage"]
        size = self.number(storage["capacity"])
        heel, first = (size * self.number(storage[key]) / 100 for key in ("heel", "initial"))
        s = [self.new(size) for _ in range(self.count)]
        for t in range(self.count):
            self.rows.append(({s[t]: 1.0}, heel, size))
            self.balance[name, t][s[t]] = self.balance[name, t].get(s[t], 0.0) - 1.0
            if t or self.stocks == "cycle":
                before = s[t - 1]
                self.balance[name, t][before] = self.balance[name, t].get(before, 0.0) + 1.0
        if self.stocks != "cycle":
            self.known[name, 0] += first
        if self.stocks == "keep":
            lack = self.new()
            self.lack[lack] = 1.0
            self.rows.append(({s[-1]: 1.0, lack: 1.0}, first, INF))

    def hub(self, name, node):
        pass

    def refinery(self, name, node):
        for t in range(self.count):
            most = self.number(node["demand"]) * self.days[t]
            taken, lack = self.new(), self.new(most)
            self.short[lack] = 1.0
            self.balance[name, t][taken] = -1.0
            self.rows.append(({taken: 1.0, lack: 1.0}, most, most))

    def market(self, name, node):
        for t in range(self.count):
            v = self.new(self.number(node.get("demand"), INF) * self.days[t])
            self.balance[name, t][v] = -1.0
            self.sold[v] = -1.0
            self.money[v] = -self.number(node["price"])

    def solve(self):
        """Shortage, volume less missing stock, missing stock, trips and money, one after the other."""
        found = []
        gains = [1.0 - self.number(leg.get("loss")) / 100 for leg in self.data["legs"].values()]
        net = {**self.sold, **dict.fromkeys(self.lack, 1.0 / max(float(np.prod(gains)), min(gains) ** 4))}
        for goal in (self.short, net, self.lack, self.trip, self.money):
            cost = np.zeros(len(self.top))
            cost[list(goal)] = list(goal.values())
            value = float(cost @ self.minimise(cost))
            found.append(value)
            self.rows.append((goal, -INF, value + 1e-9 * max(1.0, abs(value))))
        return found

    def minimise(self, cost):
        entries = [(i, v, a) for i, (terms, _, _) in enumerate(self.rows) for v, a in terms.items()]
        row, column, value = (np.array(part) for part in zip(*entries, strict=True))
        matrix = scipy.sparse.csr_matrix((value, (row, column)), (len(self.rows), len(self.top)))
        low, high = (np.array([r[k] for r in self.rows]) for k in (1, 2))
        done = scipy.optimize.milp(cost, constraints=scipy.optimize.LinearConstraint(matrix, low, high),
                                   bounds=scipy.optimize.Bounds(0.0, np.array(self.top)))  # fmt: skip
        assert done.status == 0, done.message
        return done.x


def compared(seed, stocks, initial_in_transit):
    data, edges, closures = drawn(seed)
    system = ro.ExportSystem.from_dict(data)
    names = {"l": "leg", "f": "node"}
    dates = [str(START + dt.timedelta(days=int(edge))) for edge in edges]
    horizon = {
        "start": dates[0],
        "end": dates[-1],
        "period_starts": dates[1:-1],
        "end_stocks": stocks,
        "initial_in_transit": initial_in_transit,
    }
    written = [{names[what[0]]: what, "from": str(START + dt.timedelta(days=a)),
                "to": str(START + dt.timedelta(days=b)), "availability": f"{left:.0%}"}
               for what, a, b, left in closures]  # fmt: skip
    plan = ro.allocate(system, {"horizon": horizon, "closures": written})
    base = ro.allocate(system)
    usual = {**base.legs["flow"], **base.fields["flow"]}
    course, goals = plan._horizon, plan._horizon.prepared.objectives
    mine = [float(cost @ course.x) for cost in (goals.shortage, goals.volume, goals.refill, goals.trip, goals.money)]
    return mine, Days(data, edges, closures, stocks, initial_in_transit, usual).solve(), plan


@pytest.mark.parametrize("stocks", ["keep", "free", "cycle"])
@pytest.mark.parametrize("initial_in_transit", ["none", "cycle"])
def test_random_horizons(stocks, initial_in_transit):
    first = {"keep": 0, "free": 100, "cycle": 200}[stocks] + (50 if initial_in_transit == "cycle" else 0)
    bound = 0
    for seed in range(first, first + 25):
        mine, other, plan = compared(seed, stocks, initial_in_transit)
        scale = max(1.0, abs(other[1]))
        assert mine[:4] == pytest.approx(other[:4], rel=1e-6, abs=1e-6 * scale), seed
        # Money is a difference of large sums.
        turnover = 100.0 * scale
        assert mine[4] == pytest.approx(other[4], rel=1e-6, abs=1e-6 * turnover), seed
        assert plan.certificate.valid
        bound += plan.shut_in > 1e-6 and plan.periods["terminal"].std().max() > 1e-6
    assert bound > 5  # closures bite and tanks move in many of them
