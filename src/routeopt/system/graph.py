"""The topology for networkx."""

from __future__ import annotations

import networkx

from routeopt.system.record import SystemRecord

__all__ = ["to_networkx"]


def to_networkx(system: SystemRecord) -> networkx.MultiDiGraph[str]:
    """See `ExportSystem.to_networkx`."""
    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(name=system.name)
    for name, node in system.nodes.items():
        graph.add_node(name, **{key: getattr(node, key) for key in type(node).model_fields})
    for name, leg in system.legs.items():
        attributes = {key: getattr(leg, key) for key in type(leg).model_fields if key not in ("origin", "destination")}
        graph.add_edge(leg.origin, leg.destination, key=name, **attributes)
    return graph
