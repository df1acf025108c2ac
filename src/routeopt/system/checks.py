"""What is wrong in a system that is well formed: parts that do not fit together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import numpy as np

from routeopt.errors import Problem, UnitError, did_you_mean
from routeopt.system.components import Outages
from routeopt.system.iterate import quantities
from routeopt.system.nodes import Market, Refinery
from routeopt.system.quantity import Quantity
from routeopt.system.record import SystemRecord
from routeopt.system.targets import unknown_names
from routeopt.system.topology import Topology
from routeopt.units import counts_gas, counts_liquid, parse_unit

__all__ = ["check"]

_FLOW_DIMENSIONS = ((1, 0, -1, 0), (0, 1, -1, 0))


def check(system: SystemRecord) -> list[Problem]:
    """Everything that is wrong; empty if the system can be computed with."""
    if not system.nodes:
        return [Problem("has no nodes", ("nodes",), "write at least a field, a market and a leg", "empty")]
    problems = [*_references(system), *_units(system)]
    if not problems and system.gas:
        problems = list(_gas(system))
    if problems:
        return problems  # what follows would stumble over the same mistakes
    problems = [*_capacities(system), *_barrels(system), *_contracts(system), *_outages(system)]
    return [*problems, *_ways(system)]


_PLURALS = {"commodity": "commodities", "source": "sources", "leg": "legs", "node": "nodes"}


def _unknown(what: str, name: str, known: Collection[str], *path: str | int) -> Problem:
    plural = _PLURALS[what]
    hint = did_you_mean(name, known, other=f"{plural} here") or f"describe it under {plural}"
    if what == "commodity" and list(known) == ["crude"]:
        hint = f"describe {name!r} under commodities"  # the system names none
    return Problem(f"unknown {what} {name!r}", path, hint, "unknown-id")


def _strangers(
    what: str, names: Iterable[str], known: Collection[str], *path: str | int, by: str = "place"
) -> Iterator[Problem]:
    """Names that nothing has, each at its place in a list, or under its own name in a mapping."""
    for place, name in enumerate(names):
        if name not in known:
            yield _unknown(what, name, known, *path, place if by == "place" else name)


def _references(system: SystemRecord) -> Iterator[Problem]:
    streams, legs = system.streams, system.legs
    if "*" in streams:
        yield Problem("'*' means every commodity and cannot be one", ("commodities", "*"), "choose a name", on_key=True)
    for name, field in system.fields.items():
        if field.commodity is None and len(streams) > 1:
            yield Problem(
                "needs 'commodity', since the system has several",
                ("nodes", name),
                f"write commodity: {next(iter(streams))}, or another",
                code="missing",
                on_key=True,
            )
        elif field.commodity is not None and field.commodity not in streams:
            yield _unknown("commodity", field.commodity, streams, "nodes", name, "commodity")
    buyers: list[tuple[str, Market | Refinery]] = [*system.markets.items(), *system.refineries.items()]
    for name, buyer in buyers:
        yield from _strangers("commodity", buyer.commodities, streams, "nodes", name, "commodities")
    for name, market in system.markets.items():
        yield from _strangers("commodity", market.differential, streams, "nodes", name, "differential", by="name")
    for name, leg in legs.items():
        for key, node in (("from", leg.origin), ("to", leg.destination)):
            if node not in system.nodes:
                yield _unknown("node", node, system.nodes, "legs", name, key)
        yield from _strangers("commodity", leg.commodities, streams, "legs", name, "commodities")
        for before, after in leg.blends_into.items():
            if before not in streams and before != "*":
                yield _unknown("commodity", before, streams, "legs", name, "blends_into", before)
            if after not in streams:
                yield _unknown("commodity", after, streams, "legs", name, "blends_into", before)
        if leg.part_of is not None:
            yield from _whole(system, name, leg.part_of)
    yield from _shared_references(system)
    for path, quantity in quantities(system):
        for source in quantity.source:
            if source not in system.bibliography:
                yield _unknown("source", source, system.bibliography, *path, "source")


def _whole(system: SystemRecord, name: str, whole: str) -> Iterator[Problem]:
    """What is wrong with the leg that a leg is part of."""
    path = ("legs", name, "part_of")
    if whole not in system.legs:
        yield _unknown("leg", whole, system.legs, *path)
    elif whole == name:
        yield Problem(f"{name!r} is part of itself", path, "name another leg, or leave it out")
    elif (further := system.legs[whole].part_of) is not None:
        yield Problem(f"{whole!r} is itself part of {further!r}", path, f"write part_of: {further}")


def _shared_references(system: SystemRecord) -> Iterator[Problem]:
    legs = system.legs
    for name, group in system.groups.items():
        yield from _strangers("leg", group.legs, legs, "groups", name, "legs", by="name")
    seen: dict[str, str] = {}
    for name, route in system.routes.items():
        for place, leg in enumerate(route.metering_legs):
            if leg not in legs:
                yield _unknown("leg", leg, legs, "routes", name, "metering_legs", place)
            elif leg in seen:
                yield Problem(f"{leg!r} already marks route {seen[leg]!r}", ("routes", name, "metering_legs", place),
                              "name it once", "metering-leg")  # fmt: skip
            seen.setdefault(leg, name)
    for name, contract in system.contracts.items():
        yield from _strangers("leg", contract.legs, legs, "contracts", name, "legs")
        yield from _strangers("leg", contract.through, legs, "contracts", name, "through")
        yield from _strangers("commodity", contract.commodities, system.streams, "contracts", name, "commodities")


def _units(system: SystemRecord) -> Iterator[Problem]:
    try:
        flow = parse_unit(system.units.flow)
    except UnitError as error:
        first = error.problems[0]
        yield Problem(first.message, ("units", "flow"), first.hint, first.code)
        return
    if flow.dimension not in _FLOW_DIMENSIONS:
        yield Problem(f"{flow} does not measure a flow", ("units", "flow"), "write Mt/y or kb/d", "unit-kind")


def _capacities(system: SystemRecord) -> Iterator[Problem]:
    for name, leg in system.legs.items():
        figures = leg.capacity_figures()
        if len({figure.measured_by for figure in figures}) > 1:
            text = " and ".join(sorted({str(figure) for figure in figures}))
            yield Problem(f"counts its capacity in tonnes and in barrels: {text}", ("legs", name),
                          "use one of them for capacity, components, fleet and reserved", "mixed-units")  # fmt: skip
        elif leg.taken > leg.nominal * (1 + 1e-12):
            unit = next(iter(leg.reserved.values())).unit
            factor = parse_unit(unit).factor
            text = f"{leg.taken / factor:g} {unit} are reserved of a capacity of {leg.nominal / factor:g} {unit}"
            yield Problem(text, ("legs", name, "reserved"), "reserve at most the capacity", "reserved")
        if leg.reserved and leg.nominal == np.inf:
            yield Problem("reserves a part of a capacity that it does not have", ("legs", name, "reserved"),
                          "give the leg a capacity", "reserved")  # fmt: skip
        if leg.build and leg.measured_by and leg.build.sizes[0].measured_by != leg.measured_by:
            text = f"{leg.build.sizes[0]} and the leg's capacity are not both tonnes or both barrels"
            yield Problem(text, ("legs", name, "build", "sizes"), "use one of them for both", "mixed-units")
        if leg.components and leg.components.arrangement == "series" and leg.nominal == np.inf:
            yield Problem("components in series need the leg's own capacity", ("legs", name, "components"),
                          "write capacity: 80 Mt/y", "missing")  # fmt: skip
    for name, group in system.groups.items():
        cargoes = {member.cargo.measured_by for member in group.legs.values() if member.cargo}
        if len(cargoes) > 1:
            yield Problem("counts cargoes in tonnes and in barrels", ("groups", name, "legs"),
                          "use one of them for all cargoes", "mixed-units")  # fmt: skip


def _gas(system: SystemRecord) -> Iterator[Problem]:
    """Gas may be counted in its volume and in nothing else: barrels per tonne and prices are those of liquids."""
    flow = system.units.flow
    wrong: dict[str, list[tuple[tuple[str | int, ...], Quantity]]] = {}
    for path, quantity in quantities(system):
        why = ""
        if counts_liquid(flow):  # the rest is in order; what counts gas stands out
            why = f"flows are in {flow}, and gas converts to neither tonnes nor barrels" * counts_gas(quantity.unit)
        elif quantity.unit and parse_unit(quantity.unit).dimension[3]:
            why = "it has no money for gas yet"
        elif path[-1] == "barrels_per_tonne" or counts_liquid(quantity.unit):
            why = "gas converts to neither tonnes nor barrels"
        if why:
            wrong.setdefault(why, []).append((path, quantity))
    hint = "give every quantity, and units: {flow: bcm/y}, in m3, mcm or bcm, and leave out barrels per tonne and money"
    for why, found in wrong.items():
        path, quantity = found[0]
        more = f" ({len(found) - 1} more like it)" if len(found) > 1 else ""
        yield Problem(f"routeopt counts liquids: {why}; this is {quantity}{more}", path, hint, "gas")


def _barrels(system: SystemRecord) -> Iterator[Problem]:
    """Where tonnes and barrels meet, every stream concerned needs its barrels per tonne."""
    lacking = {name for name, stream in system.streams.items() if stream.barrels_per_tonne is None}
    if not lacking:
        return
    reported: set[str] = set()
    for path, quantity in quantities(system):
        if quantity.measured_by in ("", system.measured_by):
            continue
        for name in sorted(_streams_at(system, path) & lacking - reported):
            reported.add(name)
            place = ("commodities", name) if name in system.commodities else ("commodities",)
            where = ".".join(str(part) for part in path)
            text = f"needs barrels_per_tonne, since {where} is in {quantity.unit} and flows are in {system.units.flow}"
            hint = "write barrels_per_tonne: 7.9"
            if name not in system.commodities:
                hint = f"write commodities: {{{name}: {{barrels_per_tonne: 7.9}}}}"
            if "m3" in f"{quantity.unit}/{system.units.flow}".split("/"):
                hint += " if it is crude; gas does not convert to tonnes yet"
            yield Problem(text, place, hint, "missing", on_key=True)


def _streams_at(system: SystemRecord, path: tuple[str | int, ...]) -> set[str]:
    """Streams that a quantity at ``path`` has to be converted for."""
    every = set(system.streams)
    section, name = path[0], str(path[1]) if len(path) > 1 else ""
    if section == "nodes":
        node = system.nodes[name]
        if "storage" in path:
            return set()  # tanks matter over time only, where stock is converted stream by stream
        if name in system.fields:
            return {system.commodity_of(name)}
        if "differential" in path:
            return {str(path[3])}
        return set(getattr(node, "commodities", ())) or every
    if section == "legs":
        return set() if {"surge", "outages"} & set(path) else set(system.legs[name].commodities) or every
    if section == "groups":
        legs = [str(path[3])] if len(path) > 3 else list(system.groups[name].legs)
        return set().union(*(set(system.legs[leg].commodities) or every for leg in legs))
    if section == "contracts":
        contract = system.contracts[name]
        carried = set().union(*(set(system.legs[leg].commodities) or every for leg in contract.legs))
        return carried & (set(contract.commodities) or every)
    if section == "recourse":
        return {system.commodity_of(field) for field in system.fields}
    return every if section == "price" else set()


def _contracts(system: SystemRecord) -> Iterator[Problem]:
    for name, contract in system.contracts.items():
        price = contract.deficiency or system.legs[contract.legs[0]].tariff
        if price is not None and price.measured_by != contract.volume.measured_by:
            text = f"is in {contract.volume.unit} but its shortfall is priced in {price.unit}"
            yield Problem(text, ("contracts", name, "volume"), "use tonnes or barrels for both", "mixed-units")
        if contract.deficiency is None:
            tariffs = {_price(system.legs[leg].tariff) for leg in contract.legs}
            if tariffs == {None} or len(tariffs) > 1:
                yield Problem("needs 'deficiency', since its legs have no common tariff", ("contracts", name),
                              "write deficiency: 20 USD/t", "missing", on_key=True)  # fmt: skip


def _price(tariff: Quantity | None) -> tuple[float, str] | None:
    return None if tariff is None else (tariff.inner, tariff.measured_by)


def _outages(system: SystemRecord) -> Iterator[Problem]:
    """What is wrong with what may fail: repairs without a length, names that nothing has."""
    for name, leg in system.legs.items():
        if leg.outages is not None:
            yield from _instant(leg.outages, "legs", name)
        for part, component in leg.components.parts.items() if leg.components else ():
            if component.outages is not None:
                yield from _instant(component.outages, "legs", name, "components", part)
    for name, cause in system.common_causes.items():
        yield from _instant(cause.outages, "common_causes", name)
        yield from (problem.under("common_causes", name, "closes") for problem in unknown_names(system, cause.closes))


def _instant(outages: Outages, *path: str) -> Iterator[Problem]:
    if outages.repair.mean.inner <= 0:
        yield Problem("a repair takes time", (*path, "outages", "repair", "mean"), "write mean: 5 d")


def _ways(system: SystemRecord) -> Iterator[Problem]:
    """Fields that reach nobody, and markers that count barrels never or twice."""
    graph = Topology.of(system)
    if not system.fields:
        yield Problem("has no field, so nothing can be exported", ("nodes",), "add a node of kind: field", "empty")
    goal = graph.bought | graph.refined
    served = graph.coreach(goal)
    for name in system.fields:
        node = graph.nodes.index(name)
        if not (graph.supply[node] & served[node]).any():
            stream = system.commodity_of(name)
            yield Problem(f"no way leads {stream!r} from here to a market or refinery that takes it", ("nodes", name),
                          "add a leg, or mend carries and takes on the way", "unreachable", on_key=True)  # fmt: skip
    if system.routes:
        yield from _markers(system, graph)


def _markers(system: SystemRecord, graph: Topology) -> Iterator[Problem]:
    marks = np.fromiter((leg in system.metering_legs for leg in graph.legs), bool, len(graph.legs))
    unmarked = graph.path(graph.sources, graph.bought, ~marks)
    if unmarked:
        yield Problem(f"no marker on the way {_way(graph, unmarked)}", ("routes",),
                      "add one of these legs to the markers of a route", "metering-leg", on_key=True)  # fmt: skip
    forward = graph.reach(graph.sources)
    backward = graph.coreach(graph.bought)
    arrived = np.zeros_like(forward)
    crossed, stream = np.nonzero(marks[:, None] & graph.carries & forward[graph.tail])
    arrived[graph.head[crossed], graph.becomes[crossed, stream]] = True
    again = marks[:, None] & graph.carries & graph.reach(arrived)[graph.tail]
    if not (again & backward[graph.head[:, None], graph.becomes]).any():
        return
    for leg in np.flatnonzero(marks):
        after = np.zeros_like(forward)
        enters = graph.carries[leg] & forward[graph.tail[leg]]
        after[graph.head[leg], graph.becomes[leg][enters]] = True
        beyond = graph.reach(after)
        for other in np.flatnonzero(marks):
            passes = graph.carries[other] & beyond[graph.tail[other]]
            if (passes & backward[graph.head[other], graph.becomes[other]]).any():
                yield _counted_twice(system, graph.legs[leg], graph.legs[other])
                return


def _counted_twice(system: SystemRecord, first: str, second: str) -> Problem:
    crossed = f"the marker {first!r} twice" if first == second else f"two markers, {first!r} and then {second!r}"
    text = f"a way crosses {crossed}: its barrels would be counted twice"
    hint = f"take {first!r} or {second!r} out of the markers"
    if first == second:
        hint = f"mark a leg outside the loop in place of {first!r}"
    return Problem(text, ("routes", system.metering_legs[second], "metering_legs"), hint, "metering-leg")


def _way(graph: Topology, legs: list[int]) -> str:
    nodes = [graph.nodes[graph.tail[legs[0]]], *(graph.nodes[graph.head[leg]] for leg in legs)]
    return " - ".join(nodes)
