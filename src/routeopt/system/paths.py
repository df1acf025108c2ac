"""Ways from fields to buyers: fields that reach nobody, and markers that count barrels never or twice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from routeopt.errors import Problem
from routeopt.system.record import SystemRecord
from routeopt.system.topology import Topology

__all__ = ["ways"]


def ways(system: SystemRecord) -> Iterator[Problem]:
    """What is wrong with the ways of a system whose references are right."""
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
    marks = np.fromiter((leg in system.markers for leg in graph.legs), bool, len(graph.legs))
    unmarked = graph.path(graph.sources, graph.bought, ~marks)
    if unmarked:
        yield Problem(f"no marker on the way {_way(graph, unmarked)}", ("routes",),
                      "add one of these legs to the markers of a route", "marker", on_key=True)  # fmt: skip
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
    return Problem(text, ("routes", system.markers[second], "markers"), hint, "marker")


def _way(graph: Topology, legs: list[int]) -> str:
    nodes = [graph.nodes[graph.tail[legs[0]]], *(graph.nodes[graph.head[leg]] for leg in legs)]
    return " - ".join(nodes)
