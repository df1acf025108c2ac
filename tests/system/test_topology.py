"""Which stream can get where, against networkx on the graph over (node, commodity)."""

from typing import Any

import networkx as nx
import numpy as np
import pytest

from routeopt.system import ExportSystem
from routeopt.system.topology import Topology
from routeopt.testing import random_system

SEEDS = range(60)


def random_topology(seed: int) -> Topology:
    """Legs at random, more tangled than a system would pass its checks with: loops, dead ends, blending."""
    rng = np.random.default_rng(seed)
    n, k, c = int(rng.integers(2, 9)), int(rng.integers(0, 22)), int(rng.integers(1, 4))
    tail = rng.integers(0, n, k)
    head = (tail + rng.integers(1, n, k)) % n
    becomes = np.where(rng.random((k, c)) < 0.3, rng.integers(0, c, (k, c)), np.arange(c))
    return Topology(
        nodes=tuple(f"n{i}" for i in range(n)), legs=tuple(f"l{i}" for i in range(k)),
        commodities=tuple(f"c{i}" for i in range(c)),
        tail=tail.astype(np.intp), head=head.astype(np.intp), carries=rng.random((k, c)) < 0.7,
        becomes=becomes.astype(np.intp), supply=rng.random((n, c)) < 0.25, bought=rng.random((n, c)) < 0.25,
        refined=rng.random((n, c)) < 0.1, stored=np.zeros((n, c), bool),
    )  # fmt: skip


def graph_of(topology: Topology, legs: Any = None) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(np.ndindex(topology.supply.shape))
    for leg, stream in np.argwhere(topology.carries):
        if legs is None or legs[leg]:
            after = (int(topology.head[leg]), int(topology.becomes[leg, stream]))
            graph.add_edge((int(topology.tail[leg]), int(stream)), after, key=int(leg))
    return graph


def states(mask: Any) -> set[tuple[int, int]]:
    return {(int(node), int(stream)) for node, stream in np.argwhere(mask)}


def onward(graph: nx.MultiDiGraph, start: set[tuple[int, int]]) -> set[tuple[int, int]]:
    return start.union(*(nx.descendants(graph, state) for state in start))


@pytest.mark.parametrize("seed", SEEDS)
def test_reach_and_coreach(seed: int) -> None:
    topology = random_topology(seed)
    some = np.random.default_rng(seed).random(len(topology.legs)) < 0.6
    for legs in (None, some):
        graph = graph_of(topology, legs)
        assert states(topology.reach(topology.supply, legs)) == onward(graph, states(topology.supply))
        assert states(topology.coreach(topology.bought, legs)) == onward(graph.reverse(), states(topology.bought))


@pytest.mark.parametrize("seed", SEEDS)
def test_columns_are_the_edges_on_some_way(seed: int) -> None:
    topology = random_topology(seed)
    graph = graph_of(topology)
    forward = onward(graph, states(topology.supply))
    backward = onward(graph.reverse(), states(topology.bought | topology.refined))
    expected = {(leg, start[1]) for start, end, leg in graph.edges(keys=True) if start in forward and end in backward}
    assert states(topology.columns()) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_path_is_a_shortest_way(seed: int) -> None:
    topology = random_topology(seed)
    some = np.random.default_rng(seed).random(len(topology.legs)) < 0.6
    goal = topology.bought & ~topology.supply
    for legs in (None, some):
        graph = graph_of(topology, legs)
        way = topology.path(topology.supply & ~topology.bought, goal, legs)
        starts, goals = states(topology.supply & ~topology.bought), states(goal)
        lengths = [
            nx.shortest_path_length(graph, start, end)
            for start in starts
            for end in goals
            if nx.has_path(graph, start, end)
        ]
        assert len(way) == min(lengths, default=0)
        here = {state for state in starts if way and state[0] == topology.tail[way[0]]}
        for leg in way:
            here = {end for start in here for _, end, key in graph.out_edges(start, keys=True) if key == leg}
        assert not way or here & goals


def test_random_graphs_are_of_every_kind() -> None:
    ways = [random_topology(seed).columns() for seed in SEEDS]
    assert any(way.any() for way in ways)
    assert any(not way.any() for way in ways)
    assert any((random_topology(seed).reach(random_topology(seed).supply)).all() for seed in SEEDS)


@pytest.mark.parametrize("seed", range(10))
def test_arrays_of_a_system(seed: int) -> None:
    system = random_system(seed)
    topology = Topology.of(system)
    streams = list(system.streams)
    for k, (name, leg) in enumerate(system.legs.items()):
        assert topology.legs[k] == name
        assert topology.nodes[topology.tail[k]] == leg.origin
        assert topology.nodes[topology.head[k]] == leg.destination
        for c, stream in enumerate(streams):
            may = leg.status != "defunct" and (not leg.commodities or stream in leg.commodities)
            assert topology.carries[k, c] == may
            assert streams[topology.becomes[k, c]] == leg.blends_into.get(stream, leg.blends_into.get("*", stream))
    for n, (name, node) in enumerate(system.nodes.items()):
        for c, stream in enumerate(streams):
            takes = not getattr(node, "commodities", ()) or stream in node.commodities
            assert topology.supply[n, c] == (node.kind == "field" and system.commodity_of(name) == stream)
            assert topology.bought[n, c] == (node.kind == "market" and takes)
            assert topology.refined[n, c] == (node.kind == "refinery" and takes)


@pytest.mark.parametrize("order", [("light", "*"), ("*", "light")])
def test_what_is_named_by_itself_goes_before_the_star(full: dict[str, Any], order: tuple[str, str]) -> None:
    meant = {"*": "blend", "light": "light"}
    full["legs"]["south-hub"]["blends_into"] = {key: meant[key] for key in order}
    topology = Topology.of(ExportSystem.from_dict(full))
    row = topology.becomes[topology.legs.index("south-hub")]
    assert [topology.commodities[c] for c in row] == ["light", "blend", "blend"]


def test_defunct_legs_carry_nothing(small: dict[str, Any]) -> None:
    small["legs"]["old"] = {**small["legs"]["ship"], "status": "defunct"}
    small["legs"]["idle"] = {**small["legs"]["ship"], "status": "idle"}
    assert Topology.of(ExportSystem.from_dict(small)).carries.tolist() == [[True], [True], [False], [True]]


def test_nothing_to_walk() -> None:
    topology = random_topology(0)
    empty = np.zeros_like(topology.supply)
    assert not topology.reach(empty).any()
    assert not topology.coreach(empty).any()
    assert topology.path(empty, topology.bought) == []
    assert topology.path(topology.supply, empty) == []
    full = np.ones_like(empty)
    assert topology.path(full, full) == []
