"""The optimum once more, by other means.

Written from the description of the format and from the records alone: dictionaries of arcs instead of arrays,
rows that hold earlier objectives instead of optimal faces, scipy instead of highspy. It shares no line with
`routeopt.model` or `routeopt.scenario.case`; where the two agree, both would have to be wrong alike.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import count

import numpy as np
import scipy.optimize
import scipy.sparse

INF = float("inf")


@dataclass
class Optimum:
    """Rates in kt/d or kb/d, money in thousand USD per day."""

    shortage: float
    exported: float
    netback: float


def independent_optimum(system, scenario, economic=False) -> Optimum:
    """Solve a system under a flat scenario from scratch."""
    world = system.override(scenario.override) if scenario.override else system
    return _Model(world, scenario).solve(economic)


class _Model:
    def __init__(self, world, scenario):
        self.world, self.scenario = world, scenario
        self.barrels = {s: c.barrels_per_tonne.inner if c.barrels_per_tonne else None for s, c in world.streams.items()}
        self.volume_world = world.units.flow.split("/")[0] in ("bbl", "kb", "mb", "m3", "mcm", "bcm")
        self.open_share = defaultdict(lambda: 1.0)
        self.part_share = defaultdict(lambda: 1.0)
        self.field_share = defaultdict(lambda: 1.0)
        self.group_share = defaultdict(lambda: 1.0)
        self.stream_share = defaultdict(lambda: 1.0)
        for closure in scenario.closures:
            self.close(closure)
        self.on = {name for name, leg in world.legs.items() if self.is_on(name, leg)}
        self.number = count()
        self.top: list[float] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []
        self.short, self.sold, self.money = {}, {}, defaultdict(float)
        self.write()

    # -- what is closed

    def close(self, c):
        left = c.availability.inner if c.availability else 0.0
        legs, nodes, parts, groups = set(), set(), set(), set()
        everything = self.world.legs
        if c.component:
            parts = {(c.leg, part) for part in c.component}
        elif c.leg:
            legs = {c.leg}
        elif c.node:
            nodes = {c.node}
        elif c.group:
            groups = {c.group}
        elif c.route:
            legs = set(self.world.routes[c.route].metering_legs) if self.world.routes else {c.route}
        elif c.country:
            legs = {k for k, leg in everything.items() if c.country in leg.countries}
            nodes = {k for k, n in self.world.nodes.items() if n.country == c.country and n.kind in ("hub", "terminal")}
        elif c.chokepoint:
            legs = {k for k, leg in everything.items() if c.chokepoint in leg.chokepoints}
            nodes = {k for k, n in self.world.nodes.items() if c.chokepoint in n.chokepoints}
        elif c.operator:
            legs = {k for k, leg in everything.items() if leg.operator == c.operator}
            nodes = {k for k, n in self.world.nodes.items() if n.operator == c.operator}
            parts = {(k, p) for k, p, r in self.parts() if r.operator == c.operator}
        elif c.tag:
            legs = {k for k, leg in everything.items() if c.tag in leg.tags}
            nodes = {k for k, n in self.world.nodes.items() if c.tag in n.tags}
            parts = {(k, p) for k, p, r in self.parts() if c.tag in r.tags}
        else:
            legs = set(everything)
        for node in nodes:
            if self.world.nodes[node].kind == "field":
                if not c.commodity:
                    self.field_share[node] = min(self.field_share[node], left)
            else:
                legs |= {k for k, leg in everything.items() if node in (leg.origin, leg.destination)}
        for leg in legs:
            if c.commodity:
                self.stream_share[leg, c.commodity] = min(self.stream_share[leg, c.commodity], left)
            elif left == 0 or self.nominal(everything[leg]) < INF:
                self.open_share[leg] = min(self.open_share[leg], left)
        if not c.commodity:
            for part in parts:
                self.part_share[part] = min(self.part_share[part], left)
            for group in groups:
                self.group_share[group] = min(self.group_share[group], left)

    def parts(self):
        for name, leg in self.world.legs.items():
            if leg.components:
                for part, record in leg.components.parts.items():
                    yield name, part, record

    def is_on(self, name, leg):
        woken = set(self.scenario.reopen) | {k for k, size in self.scenario.build.items() if size.value > 0}
        if leg.status == "defunct":
            return False
        return leg.status == "operating" or name in woken or leg.part_of in woken

    # -- what a leg can take

    @staticmethod
    def nominal(leg):
        best = leg.capacity.inner if leg.capacity else INF
        if leg.fleet:
            f = leg.fleet
            best = min(best, f.vessels.inner * f.cargo.inner / f.round_trip.inner
                       * (1 - (f.downtime.inner if f.downtime else 0)))  # fmt: skip
        if leg.components and leg.components.arrangement == "parallel":
            best = min(best, sum(p.capacity.inner for p in leg.components.parts.values()))
        return best

    def service(self, name):
        """Share of the nominal capacity in service."""
        leg = self.world.legs[name]
        share, full = self.open_share[name], self.nominal(leg)
        if leg.components and any((name, part) in self.part_share for part in leg.components.parts):
            if full == 0:
                return 0.0
            if leg.components.arrangement == "parallel":
                works = sum(self.part_share[name, k] * p.capacity.inner for k, p in leg.components.parts.items())
            else:
                works = full
                for k, p in leg.components.parts.items():
                    s = self.part_share[name, k]
                    works = min(works, s * full + (1 - s) * min(full, p.without.inner))
            share = min(share, works / full)
        return share

    def limit(self, name, share=None):
        """What can enter a leg with what is in service, or with a given share of it."""
        leg = self.world.legs[name]
        share = self.service(name) if share is None else share
        if name not in self.on or share == 0:
            return 0.0
        total = self.nominal(leg)
        added = self.scenario.build.get(name)
        if added is not None and added.value > 0:
            total = total + added.inner if leg.status == "operating" else added.inner
        if total == INF:
            return INF
        working = leg.availability.inner if leg.availability else 1.0
        return max(0.0, total - sum(r.inner for r in leg.reserved.values())) * share * working

    def in_barrels(self, leg):
        figures = [leg.capacity, leg.fleet.cargo if leg.fleet else None]
        if leg.components:
            figures += [p.capacity or p.without for p in leg.components.parts.values()]
        if leg.build:
            figures += list(leg.build.sizes)
        unit = next((f.unit for f in figures if f is not None), None)
        return None if unit is None else unit.split("/")[0] in ("bbl", "kb", "mb", "m3", "mcm", "bcm")

    def per(self, quantity_in_barrels, stream):
        """Units of a quantity in one unit of the world, for a stream."""
        if quantity_in_barrels is None or quantity_in_barrels == self.volume_world:
            return 1.0
        return self.barrels[stream] if quantity_in_barrels else 1.0 / self.barrels[stream]

    def cash(self, price, stream):
        return 0.0 if price is None else price.inner * self.per(price.unit.endswith("/bbl"), stream)

    # -- the program

    def column(self, top=INF):
        self.top.append(top)
        return next(self.number)

    def row(self, terms, low, high):
        self.rows.append((dict(terms), low, high))

    def after(self, leg, stream):
        return leg.blends_into.get(stream) or leg.blends_into.get("*") or stream

    def arcs(self):
        """Arcs of streams that lie on some way from a field to a buyer."""
        ways = [
            (k, s, (leg.origin, s), (leg.destination, self.after(leg, s)))
            for k, leg in self.world.legs.items()
            for s in self.world.streams
            if leg.status != "defunct" and (not leg.commodities or s in leg.commodities)
        ]
        first = next(iter(self.world.streams))
        fed = {(k, n.commodity or first) for k, n in self.world.nodes.items() if n.kind == "field"}
        wanted = {
            (k, s)
            for k, n in self.world.nodes.items()
            if n.kind in ("market", "refinery")
            for s in self.world.streams
            if not n.commodities or s in n.commodities
        }
        for reached, near, far in ((fed, 2, 3), (wanted, 3, 2)):
            grown = True
            while grown:
                fresh = {way[far] for way in ways if way[near] in reached} - reached
                reached |= fresh
                grown = bool(fresh)
        return [way for way in ways if way[2] in fed and way[3] in wanted]

    def write(self):
        world, balance, through, by_leg = self.world, defaultdict(dict), {}, defaultdict(list)
        for name, stream, start, end in self.arcs():
            leg = world.legs[name]
            v = through[name, stream] = self.column()
            by_leg[name].append((stream, v))
            balance[start][v] = balance[start].get(v, 0.0) - 1.0
            balance[end][v] = balance[end].get(v, 0.0) + 1.0 - (leg.loss.inner if leg.loss else 0.0)
            self.money[v] += self.toll(name, stream)
        for name, flows in by_leg.items():
            leg, cap, whole = world.legs[name], self.limit(name), self.limit(name, 1.0)
            if cap < INF:
                self.row({v: self.per(self.in_barrels(leg), s) for s, v in flows}, -INF, cap)
            for s, v in flows:
                share = self.stream_share[name, s]
                if share == 0:
                    self.top[v] = 0.0
                elif share < 1 and whole < INF:
                    self.row({v: self.per(self.in_barrels(leg), s)}, -INF, share * whole)
        for name, node in world.nodes.items():
            getattr(self, f"write_{node.kind}", lambda *_: None)(name, node, balance)
        for terms in balance.values():
            self.row(terms, 0.0, 0.0)
        self.write_shared(by_leg)

    def toll(self, name, stream):
        leg = self.world.legs[name]
        price = self.cash(leg.tariff, stream)
        raw = self.scenario.tariffs.get(name)
        if raw is not None:
            number, unit = str(raw).split()
            own = float(number) * self.per(unit.endswith("/bbl"), stream)
            price = price + own if number[0] in "+-" else own
        size = self.scenario.build.get(name)
        if leg.build and size is not None and size.value > 0:
            charge = self.annuity(leg.build) * self.capex(leg.build, size) / (365 * size.inner)
            if leg.status == "operating":
                charge *= size.inner / (size.inner + self.nominal(leg))
            price += charge * self.per(self.in_barrels(leg), stream)
        return price

    @staticmethod
    def annuity(build):
        r, n = build.discount_rate.inner, build.lifetime.inner / 365
        return r / (1 - (1 + r) ** -n) if r else 1 / n

    @staticmethod
    def capex(build, size):
        return float(np.interp(size.inner, [s.inner for s in build.sizes], [c.inner for c in build.capex]))

    def write_field(self, name, field, balance):
        stream = field.commodity or next(iter(self.world.streams))
        most = field.output.inner / self.per("b/" in field.output.unit or "bbl" in field.output.unit, stream)
        most *= (1 - (field.own_use.inner if field.own_use else 0)) * self.field_share[name]
        v = self.column(most)
        balance[name, stream][v] = 1.0
        if field.min_output:
            under = self.column()
            self.row({v: 1.0, under: 1.0}, field.min_output.inner * most, INF)
            self.money[under] += self.cash(self.world.recourse.below_min_output, stream)

    def write_market(self, name, market, balance):
        bought = {}
        for stream in market.commodities or self.world.streams:
            if (name, stream) in balance:
                v = bought[stream] = self.column()
                balance[name, stream][v] = -1.0
                self.sold[v] = 1.0
                benchmark = market.price or self.world.price
                worth = self.cash(benchmark, stream) + self.cash(market.differential.get(stream), stream)
                self.money[v] -= worth
        if market.demand and bought:
            barrels = "b/" in market.demand.unit or "bbl" in market.demand.unit
            self.row({v: self.per(barrels, s) for s, v in bought.items()}, -INF, market.demand.inner)

    def write_refinery(self, name, refinery, balance):
        lack = self.column(refinery.demand.inner)
        self.short[lack] = 1.0
        taken = {lack: 1.0}
        barrels = "b/" in refinery.demand.unit or "bbl" in refinery.demand.unit
        for stream in refinery.commodities or self.world.streams:
            if (name, stream) in balance:
                v = self.column()
                balance[name, stream][v] = -1.0
                taken[v] = self.per(barrels, stream)
        self.row(taken, refinery.demand.inner, refinery.demand.inner)

    def write_shared(self, by_leg):
        world = self.world
        for name, group in world.groups.items():
            terms = {}
            for leg, member in group.legs.items():
                for s, v in by_leg[leg]:
                    if group.capacity:
                        barrels = "b/" in group.capacity.unit or "bbl" in group.capacity.unit
                        terms[v] = self.per(barrels, s) * (member.weight.inner if member.weight else 1.0)
                    else:
                        cargoes = self.per(member.cargo.unit in ("bbl", "kb", "mb"), s) / member.cargo.inner
                        terms[v] = cargoes * member.round_trip.inner
            if group.capacity:
                most = group.capacity.inner
            else:
                most = group.vessels.inner * (1 - (group.downtime.inner if group.downtime else 0))
            self.row(terms, -INF, most * self.group_share[name])
        for contract in world.contracts.values():
            due = contract.volume.inner
            if contract.force_majeure:
                ways = [[(leg, contract.commodities) for leg in contract.legs]]
                ways += [[(leg, ())] for leg in contract.through]
                for way in ways:
                    carried, best = (sum(self.promise(leg, contract, only, whole) for leg, only in way)
                                     for whole in (False, True))  # fmt: skip
                    if best < contract.volume.inner:  # too small a capacity is no force majeure
                        running = any(leg in self.on for leg, _ in way)
                        carried *= contract.volume.inner / best if best else 0.0
                        if not best and running:
                            shut = all(self.service(leg) == 0 for leg, _ in way)
                            carried = 0.0 if shut else contract.volume.inner
                    due = min(due, carried)
            lack = self.column()
            terms = {lack: 1.0}
            barrels = "b/" in contract.volume.unit or "bbl" in contract.volume.unit
            for leg in contract.legs:
                for s, v in by_leg[leg]:
                    if not contract.commodities or s in contract.commodities:
                        terms[v] = self.per(barrels, s)
            self.row(terms, due, INF)
            price = contract.deficiency or world.legs[contract.legs[0]].tariff
            self.money[lack] += price.inner

    def promise(self, name, contract, only, best):
        """What a leg can carry towards a contract, in the contract's unit: a small program of its own.

        Now, or at best: nothing closed, all the year.
        """
        leg, whole = self.world.legs[name], self.limit(name, 1.0)
        if best and leg.availability:
            whole /= leg.availability.inner
        cap = whole if best else self.limit(name)
        streams = [s for s in leg.commodities or self.world.streams if not only or s in only]
        shares = [1.0 if best else self.stream_share[name, s] for s in streams]
        if cap == 0 or not any(shares):
            return 0.0
        if whole == INF:
            return INF
        barrels = "b/" in contract.volume.unit or "bbl" in contract.volume.unit
        size = [self.per(self.in_barrels(leg), s) for s in streams]
        top = [share * whole / one for share, one in zip(shares, size, strict=True)]
        best = scipy.optimize.linprog([-self.per(barrels, s) for s in streams], A_ub=[size], b_ub=[cap],
                                      bounds=[(0, most) for most in top])  # fmt: skip
        return -best.fun

    # -- three objectives, one after the other

    def solve(self, economic):
        width = len(self.top)
        cash = np.array([self.money[v] for v in range(width)])
        short, sold = np.zeros(width), np.zeros(width)
        short[list(self.short)] = 1.0
        sold[list(self.sold)] = 1.0
        lack = self.minimise(short) @ short
        if economic:
            money, out = self.held(cash, lack, None, sold)
        else:
            out = -self.held(-sold, lack, None)[0]
            money, _ = self.held(cash, lack, out)
        return Optimum(float(lack), float(out), -money)

    def held(self, cost, lack, out, measure=None):
        """Minimum of a cost with what came before held by rows, and another measure of the point.

        A row needs some slack, and a unit of volume can be worth thousands of dollars where two ways differ
        in loss by little: so the slack is taken out again by solving with one and with two of it.
        """
        found = []
        slack = 1e-9 * max(1.0, lack, out or 0.0)
        for times in (1, 2):
            rows = list(self.rows)
            self.row(dict.fromkeys(self.short, 1.0), -INF, lack + times * slack)
            if out is not None:
                self.row(dict.fromkeys(self.sold, 1.0), out - times * slack, INF)
            x = self.minimise(cost)
            found.append((float(x @ cost), 0.0 if measure is None else float(x @ measure)))
            self.rows = rows
        (first, seen), (second, _) = found
        return 2 * first - second, seen

    def matrix(self):
        entries = [(i, v, a) for i, (terms, _, _) in enumerate(self.rows) for v, a in terms.items()]
        i, v, a = zip(*entries, strict=True)
        shape = len(self.rows), len(self.top)
        return scipy.sparse.csr_matrix((a, (i, v)), shape), *np.array([row[1:] for row in self.rows]).T

    def minimise(self, cost):
        matrix, low, high = self.matrix()
        same = low == high
        upper, lower = ~same & (high < INF), ~same & (low > -INF)
        result = scipy.optimize.linprog(
            cost,
            A_ub=scipy.sparse.vstack([matrix[upper], -matrix[lower]]),
            b_ub=np.concatenate([high[upper], -low[lower]]),
            A_eq=matrix[same],
            b_eq=low[same],
            bounds=np.column_stack([np.zeros(len(self.top)), self.top]),
            method="highs",
            options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
        )
        assert result.status == 0, result.message
        return result.x
