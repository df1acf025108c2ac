"""Where streams are at home, so that transit of other countries can be told from one's own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routeopt.system.record import SystemRecord, derived
from routeopt.system.table import LegTable
from routeopt.system.topology import Topology

__all__ = ["at_home", "foreign_countries"]


def at_home(system: SystemRecord, country: str) -> NDArray[np.bool_]:
    """Streams to which a country is their own, shape (C,).

    With one exporter that country is home to all, wherever the fields lie. With several, or none, a stream is at home
    in a country if every field that it may come from lies there; what is blended on the way (`blends_into`) comes from
    the fields of all that went into it. A blend of two countries is at home in neither.
    """
    streams = len(system.streams)
    if isinstance(system.exporter, str):
        return np.full(streams, country == system.exporter)
    if country not in system.exporters:
        return np.zeros(streams, bool)
    graph, nodes = Topology.of(system), system.nodes
    own, others = np.zeros_like(graph.supply), np.zeros_like(graph.supply)
    for place, name in enumerate(graph.nodes):
        if graph.supply[place].any():
            (own if nodes[name].country == country else others)[place] = graph.supply[place]
    home: NDArray[np.bool_] = np.any(graph.reach(own), axis=0)
    foreign: NDArray[np.bool_] = np.any(graph.reach(others), axis=0)
    return home & ~foreign


def foreign_countries(system: SystemRecord) -> NDArray[np.float64]:
    """Countries that are not its own which each stream crosses on each leg, shape (K, C)."""
    return derived(system, _foreign)


def _foreign(system: SystemRecord) -> NDArray[np.float64]:
    crossed = np.repeat(LegTable.of(system).foreign[:, None], len(system.streams), axis=1)
    if len(system.exporters) > 1:
        home = {country: at_home(system, country) for country in system.exporters}
        for place, leg in enumerate(system.legs.values()):
            for country in {*leg.countries} & {*home}:
                crossed[place] -= home[country]
    return crossed
