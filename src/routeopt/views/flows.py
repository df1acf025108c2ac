"""Which barrels go from where, by which route, to whom: what every Sankey is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routeopt.allocation import Allocation
from routeopt.arrays import Floats

__all__ = ["Sankey", "by_field_route_market", "sankey_data"]


_DUST = 1e-9

TANKS = "tanks"
REFINED, SHUT_IN, LOST, STORED = "Domestic refineries", "Shut in", "Lost on the way", "Into tanks and ships"


def by_field_route_market(plan: Allocation) -> pd.DataFrame:
    """What each field sends by each route to each market.

    Where streams meet they are taken to mix, and what leaves has the mix of what came in (proportional tracing, after
    Bialek 1996, IEE Proc. Gener. Transm. Distrib. 143, 313-320): sums by field, route and market are those of the
    allocation; how a route's barrels split over fields is this convention where one commodity comes from several
    fields, since the barrels of one stream cannot be told apart. Over a horizon it is the mean day; what tanks gave
    counts as a field called ``tanks``.

    Returns
    -------
    pandas.DataFrame
        ``field``, ``route`` (empty if none is crossed), ``end``, ``kind`` (``market``, ``refinery``, ``shut_in``,
        ``lost`` on the way, ``stored``) and ``flow`` in the unit of the allocation: what arrives there. All of a route
        but what refineries get is what it exports.
    """
    rows: list[tuple[str, str, str, str, float]] = []
    for trace in _traces(plan):
        rows += [*trace.ends(), *trace.left_in_tanks(), *trace.lost_beyond()]
    frame = pd.DataFrame(rows, columns=["field", "route", "end", "kind", "flow"])
    arrived = frame.groupby("field")["flow"].sum()
    fields = plan.fields
    rest = [
        *(
            (name, "", "", "lost", produced - float(arrived.get(name, 0.0)))
            for name, produced in fields["flow"].items()
        ),
        *((name, "", "", "shut_in", shut) for name, shut in fields["shut_in"].items()),
    ]
    noise = _DUST * max(1.0, float(fields["available"].sum()))
    frame = pd.concat([frame, pd.DataFrame([row for row in rest if row[4] > 100 * noise], columns=frame.columns)])
    frame = frame[frame["flow"] > noise].astype({"flow": float})
    keys = ["field", "route", "end", "kind"]
    return frame.groupby(keys, sort=False)[["flow"]].sum().reset_index()


def _traces(plan: Allocation) -> list[_Trace]:
    """Barrels bound for markets and those bound for refineries, each by themselves: routes carry what they export."""
    x = plan._tables._x
    layout = plan._point.program.layout
    output, delivery, intake = (x[layout.columns(name)] for name in ("output", "delivery", "intake"))
    flow, bound, made = plan._tables.bound()
    return [
        _Trace(plan, flow - bound, output - made, "delivery", delivery),
        *([_Trace(plan, bound, made, "intake", intake)] if len(intake) else []),
    ]


class _Trace:
    """Barrels of each source through the states (node, commodity), before and after a marker."""

    def __init__(self, plan: Allocation, flow: Floats, output: Floats, block: str, taken: Floats) -> None:
        solved, system = plan._point, plan.system
        self.layout, self.scale = solved.program.layout, plan._tables.scales.flow
        layout, graph = self.layout, self.layout.topology
        self.size = graph.supply.size
        width = graph.supply.shape[1]
        leg = layout.flow_leg
        tail, head = graph.tail[leg] * width + layout.flow_stream, graph.head[leg] * width
        head = head + graph.becomes[leg, layout.flow_stream]
        arrives = flow * solved.program.gain[leg]
        place = {name: i for i, name in enumerate(graph.nodes)}
        streams = {name: i for i, name in enumerate(graph.commodities)}
        self.fields = list(system.fields)
        source = np.array([place[n] * width + streams[system.commodity_of(n)] for n in self.fields], np.intp)
        self.block, self.taken = block, taken
        self.buyers = list(system.markets if block == "delivery" else system.refineries)
        self.owner = layout.delivery_market if block == "delivery" else layout.intake_refinery
        node = np.array([place[n] for n in self.buyers], np.intp)[self.owner]
        self.sinks = node * width + (layout.delivery_stream if block == "delivery" else layout.intake_stream)

        sold = np.bincount(self.sinks, taken, self.size)
        came = np.bincount(head, arrives, self.size) + np.bincount(source, output, self.size)
        went = np.bincount(tail, flow, self.size) + sold
        noise = _DUST * max(1e-30, float(came.max(initial=0.0)))
        # Over a horizon tanks and ships give and take; in a single period both are equal.
        self.given = np.where(went - came > noise, went - came, 0.0)
        self.kept = np.where(came - went > noise, came - went, 0.0)
        self.through = came + self.given

        markers = system.metering_legs
        routes = list(dict.fromkeys(markers.values()))
        route_of = np.array([routes.index(markers[name]) if name in markers else -1 for name in graph.legs], np.intp)
        sources = len(self.fields) + 1
        entry = np.zeros((self.size, sources))
        np.add.at(entry, (source, np.arange(len(source))), output)
        entry[:, -1] = self.given
        share = np.divide(flow, self.through[tail], out=np.zeros(len(flow)), where=self.through[tail] > noise)
        marked = route_of[leg] >= 0
        pass_on = ~marked & (flow > 0)
        before = self._spread(tail[pass_on], head[pass_on], (share * solved.program.gain[leg])[pass_on], entry)
        second = np.zeros((self.size, sources, max(1, len(routes))))
        for column in np.flatnonzero(marked & (flow > 0)):
            crossing = before[tail[column]] * share[column] * solved.program.gain[leg[column]]
            second[head[column], :, route_of[leg[column]]] += crossing
        flat = second.reshape(self.size, -1)
        after = self._spread(tail[pass_on], head[pass_on], (share * solved.program.gain[leg])[pass_on], flat)
        self.names = [*self.fields, TANKS]
        self.routes = ["", *(routes or ["-"])]
        self.crossed = second.sum(axis=0)
        self.amount = np.concatenate([before[:, :, None], after.reshape(second.shape)], axis=2)

    def _spread(self, tail: NDArray[np.intp], head: NDArray[np.intp], share: Floats, entry: Floats) -> Floats:
        """What passes each state, by source: F = entry + P F over the states that anything passes."""
        live = np.unique(np.concatenate([tail, head, np.flatnonzero(entry.any(axis=1))]))
        at = np.full(self.size, -1)
        at[live] = np.arange(len(live))
        matrix = np.eye(len(live))
        np.add.at(matrix, (at[head], at[tail]), -share)
        found = np.zeros_like(entry)
        if len(live):
            found[live] = np.linalg.solve(matrix, entry[live])
        return found

    def _rows(self, state: int, amount: float, end: str, kind: str) -> list[tuple[str, str, str, str, float]]:
        if self.through[state] <= 0 or amount <= 0:
            return []
        part = self.amount[state] * (amount / self.through[state]) / self.scale
        return [
            (self.names[i], self.routes[j], end, kind, float(part[i, j]))
            for i, j in zip(*np.nonzero(part), strict=True)
        ]

    def ends(self) -> list[tuple[str, str, str, str, float]]:
        """Rows of what markets or refineries get."""
        kind, found = "market" if self.block == "delivery" else "refinery", []
        for who, state, amount in zip(self.owner.tolist(), self.sinks.tolist(), self.taken.tolist(), strict=True):
            found += self._rows(state, amount, self.buyers[who], kind)
        return found

    def lost_beyond(self) -> list[tuple[str, str, str, str, float]]:
        """Rows of what is exported and lost on the way from there: what crossed, less where it is found again."""
        if self.block != "delivery":
            return []
        found = np.zeros_like(self.crossed)
        for field, route, *_, amount in [*self.ends(), *self.left_in_tanks()]:
            if route:
                found[self.names.index(field), self.routes.index(route) - 1] += amount
        lost = self.crossed / self.scale - found
        return [
            (self.names[i], self.routes[j + 1], "", "lost", float(lost[i, j]))
            for i, j in zip(*np.nonzero(lost > 100 * _DUST * max(1.0, float(found.sum()))), strict=True)
        ]

    def left_in_tanks(self) -> list[tuple[str, str, str, str, float]]:
        """Rows of what went into tanks, or is under way when the horizon ends; no route exports what is refined."""
        found = []
        for state in np.flatnonzero(self.kept).tolist():
            found += self._rows(state, float(self.kept[state]), "", "stored")
        exports = self.block == "delivery"
        return [(field, route if exports else "", end, kind, flow) for field, route, end, kind, flow in found]


@dataclass(frozen=True)
class Sankey:
    """Bars in columns and the bands between them.

    ``nodes`` has ``label``, ``column`` (0 fields, 1 routes, 2 markets), ``flow``, ``kind``, the largest first in each
    column, what is no export last; ``links`` has ``source`` and ``target`` (places in ``nodes``), ``flow`` and
    ``route`` (place of the route in ``nodes``).
    """

    nodes: pd.DataFrame
    links: pd.DataFrame
    unit: str


def sankey_data(plan: Allocation, most: int = 12) -> Sankey:
    """Bars and bands of a Sankey from field to market; the smallest bars beyond ``most`` in a column are added up.

    A band goes from field to route and from route to market; the bar of a route is what it exports. Barrels for
    refineries go by a bar of their own; what is shut in, or lost or kept before a route, ends there, and what is lost
    or kept beyond it leaves the route's bar. In a system without routes bands end at the markets.
    """
    flows, system = by_field_route_market(plan), plan.system
    titles = plan.routes["title"]
    own = {"refinery": REFINED, "shut_in": SHUT_IN, "lost": LOST, "stored": STORED}
    is_market = flows["kind"] == "market"
    routed = flows["route"].isin(titles.index) & (flows["kind"] != "refinery")

    def named(ids: pd.Series[str]) -> list[str]:
        return [(system.nodes[i].title or i) if i in system.nodes else i.capitalize() for i in ids]

    label = flows["kind"].map(own).where(~is_market, pd.Series(named(flows["end"]), flows.index))
    middle = label.where(~routed, flows["route"].map(titles))
    refined = flows["kind"] == "refinery"
    ends = label.where(~refined, pd.Series(named(flows["end"]), flows.index)).where(routed | refined, "")
    rank = flows["kind"].map({"market": 0, "refinery": 1, "stored": 2, "lost": 3, "shut_in": 4})
    table = pd.DataFrame({
        "field": named(flows["field"]), "middle": middle, "end": ends, "flow": flows["flow"], "rank": rank,
    })  # fmt: skip
    for column in ("field", "middle", "end"):
        table[column] = _fewer(table, column, most)
    nodes: list[tuple[str, int, float, str]] = []
    places: dict[tuple[int, str], int] = {}
    for number, column in enumerate(("field", "middle", "end")):
        sums = table[table[column] != ""].groupby(column).agg({"flow": "sum", "rank": "min"})
        order = sums.sort_values(["rank", "flow"], ascending=[True, False], kind="stable") if number else (
            sums.sort_values("flow", ascending=False, kind="stable"))  # fmt: skip
        for name, row in order.iterrows():
            places[number, str(name)] = len(nodes)
            kind = "field" if number == 0 else ("export", "refinery", "stored", "lost", "shut_in")[int(row["rank"])]
            nodes.append((str(name), number, float(row["flow"]), kind))
    links: list[tuple[int, int, float, int]] = []
    steps = ((table, "field", "middle", 0), (table[table["end"] != ""], "middle", "end", 1))
    for rows, start, stop, number in steps:
        for key, row in rows.groupby([start, stop], sort=False)[["flow"]].sum().iterrows():
            first, last = (str(part) for part in (key if isinstance(key, tuple) else (key, "")))
            source, target = places[number, first], places[number + 1, last]
            links.append((source, target, float(row["flow"]), target if number == 0 else source))
    return Sankey(
        pd.DataFrame(nodes, columns=["label", "column", "flow", "kind"]),
        pd.DataFrame(links, columns=["source", "target", "flow", "route"]),
        plan.flow_unit,
    )


def _fewer(table: pd.DataFrame, column: str, most: int) -> pd.Series[str]:
    """Names with the smallest put together if there are too many."""
    sums = table[table[column] != ""].groupby(column)["flow"].sum().sort_values(ascending=False, kind="stable")
    if len(sums) <= most:
        return table[column]
    rest = set(sums.index[most - 1 :])
    return table[column].where(~table[column].isin(rest), f"{len(rest)} others")
