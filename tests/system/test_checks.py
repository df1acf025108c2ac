"""What makes a system contradict itself: each with a near case that is fine."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from routeopt.errors import SystemDataError
from routeopt.system import ExportSystem

Case = Callable[..., Any]


def test_the_least_that_is_a_system(small: dict[str, Any], full: dict[str, Any], problems: Case) -> None:
    assert problems(small) == ()
    assert problems(full) == ()
    small["legs"]["line"] = {"from": "oil", "to": "hub"}
    small["groups"] = small["routes"] = small["contracts"] = None
    assert problems(small) == ()


def test_no_mapping_at_all(problems: Case) -> None:
    for data in ([1], "x", None, 5):
        with pytest.raises(SystemDataError, match="a system is a mapping with nodes and legs, not"):
            ExportSystem.from_dict(data)
    assert [str(p) for p in problems({})] == ["needs 'nodes'", "needs 'legs'"]


def test_nothing_in_it(small: dict[str, Any], problems: Case) -> None:
    small["nodes"] = None
    (problem,) = problems(small)
    assert str(problem) == "nodes: has no nodes; write at least a field, a market and a leg"
    (problem,) = problems({"nodes": {"sea": {"kind": "market"}}, "legs": {}})
    assert problem.message == "has no field, so nothing can be exported"


@pytest.mark.parametrize(
    ("where", "ghost", "what", "path"),
    [
        ("nodes.north.commodity", "ligth", "commodity", None),
        ("nodes.plant.commodities", ["hevy"], "commodity", "nodes.plant.commodities.0"),
        ("nodes.port.commodities", "ligth", "commodity", None),
        ("nodes.port.differential", {"ligth": "1 USD/t"}, "commodity", "nodes.port.differential.ligth"),
        ("legs.loading.from", "tansk", "node", None),
        ("legs.loading.to", "prot", "node", None),
        ("legs.hub-port.commodities", ["light", "blnd"], "commodity", "legs.hub-port.commodities.1"),
        ("legs.south-hub.blends_into", "blnd", "commodity", None),
        ("legs.south-hub.blends_into", {"heavy": "blnd"}, "commodity", "legs.south-hub.blends_into.heavy"),
        ("legs.south-hub.blends_into", {"hevy": "blend"}, "commodity", "legs.south-hub.blends_into.hevy"),
        ("legs.new-port.part_of", "nwe", "leg", None),
        ("groups.quota.legs", ["loading", "hub-prot"], "leg", "groups.quota.legs.1"),
        ("groups.quota.legs", {"hub-prot": 2}, "leg", "groups.quota.legs.hub-prot"),
        ("routes.east.metering_legs", ["tanks-far", "nwe"], "leg", "routes.east.metering_legs.1"),
        ("routes.east.metering_legs", "tnks-far", "leg", None),
        ("contracts.pay.legs", ["lodaing"], "leg", "contracts.pay.legs.0"),
        ("contracts.pay.through", "lodaing", "leg", None),
        ("contracts.promise.commodities", ["ligth"], "commodity", "contracts.promise.commodities.0"),
        ("price.source", ["agnecy"], "source", "price.source"),
        ("nodes.north.output.source", "agnecy", "source", None),
    ],
)
def test_every_kind_of_reference(
    full: dict[str, Any], problems: Case, put: Case, where: str, ghost: Any, what: str, path: str | None
) -> None:
    found = [problem for problem in problems(put(full, where, ghost)) if problem.code == "unknown-id"]
    assert len(found) == 1
    (problem,) = found
    assert problem.message.startswith(f"unknown {what} '")
    assert problem.hint.startswith("did you mean '")
    assert ".".join(map(str, problem.path)) == (path or where)


def test_hints_without_a_near_name(small: dict[str, Any], full: dict[str, Any], problems: Case, put: Case) -> None:
    (problem,) = problems(put(copy.deepcopy(small), "nodes.oil.commodity", "zzz"))
    assert problem.hint == "describe 'zzz' under commodities"
    (problem,) = problems(put(copy.deepcopy(small), "legs.line.capacity", {"value": "1 Mt/y", "source": "zzz"}))
    assert problem.hint == "describe it under sources"
    (problem,) = problems(put(full, "nodes.north.commodity", "zzz"))
    assert problem.hint == "commodities here: blend, heavy, light"


def test_field_without_a_commodity(full: dict[str, Any], problems: Case) -> None:
    del full["nodes"]["south"]["commodity"]
    (problem,) = problems(full)
    assert problem.message == "needs 'commodity', since the system has several"
    assert problem.hint == "write commodity: light, or another"


def test_a_star_is_no_commodity(small: dict[str, Any], problems: Case) -> None:
    small["commodities"] = {"*": {}}
    (problem,) = problems(small)
    assert problem.path == ("commodities", "*")


def test_part_of_itself_or_of_a_part(full: dict[str, Any], problems: Case) -> None:
    full["legs"]["new-port"]["part_of"] = "new-port"
    (problem,) = problems(full)
    assert problem.message == "'new-port' is part of itself"
    full["legs"]["new-port"]["part_of"] = "new"
    full["legs"]["third"] = {**full["legs"]["new-port"], "part_of": "new-port"}
    (problem,) = problems(full)
    assert (problem.message, problem.hint) == ("'new-port' is itself part of 'new'", "write part_of: new")


def test_a_leg_to_itself(small: dict[str, Any], problems: Case) -> None:
    small["legs"]["line"]["to"] = "oil"
    (problem,) = problems(small)
    assert str(problem) == "legs.line.to: leads from 'oil' to itself; name two nodes"


def test_several_mistakes_at_once(small: dict[str, Any], problems: Case) -> None:
    small["nodes"]["oil"]["output"] = "-1 Mt/y"
    small["legs"]["line"]["capcity"] = 1
    small["legs"]["ship"]["mode"] = "boat"
    small["price"] = "68"
    places = {".".join(map(str, problem.path)) for problem in problems(small)}
    assert places == {"nodes.oil.output", "legs.line.capcity", "legs.ship.mode", "price"}
    assert len(problems(small)) == 4


def test_several_contradictions_at_once(small: dict[str, Any], problems: Case) -> None:
    small["legs"]["line"]["reserved"] = {"others": "8 Mt/y"}
    small["legs"]["ship"]["status"] = "defunct"
    small["contracts"] = {"c": {"legs": "line", "volume": "1 Mt/y"}}
    assert {problem.code for problem in problems(small)} == {"reserved", "unreachable", "missing"}


# Ways to the market


def unreachable(problems: Case, data: dict[str, Any]) -> list[str]:
    return [str(problem.path[1]) for problem in problems(data) if problem.code == "unreachable"]


@pytest.fixture
def streams(small: dict[str, Any]) -> dict[str, Any]:
    small["commodities"] = {"light": {}, "heavy": {}}
    small["nodes"]["oil"]["commodity"] = "light"
    return small


@pytest.mark.parametrize("status", ["operating", "idle", "hypothetical", "defunct"])
def test_reach_counts_every_leg_that_could_work(small: dict[str, Any], problems: Case, status: str) -> None:
    small["legs"]["ship"]["status"] = status
    assert unreachable(problems, small) == (["oil"] if status == "defunct" else [])


@pytest.mark.parametrize("way", ["from hub", "no leg", "wrong way"])
def test_a_field_that_leads_nowhere(small: dict[str, Any], problems: Case, way: str) -> None:
    if way == "no leg":
        del small["legs"]["line"]
    elif way == "wrong way":
        small["legs"]["ship"].update({"from": "sea", "to": "hub"})
    else:
        small["legs"]["line"].update({"from": "hub", "to": "oil"})
    assert unreachable(problems, small) == ["oil"]


def test_reach_by_carries_takes_and_becomes(streams: dict[str, Any], problems: Case) -> None:
    assert unreachable(problems, streams) == []
    streams["legs"]["ship"]["commodities"] = "heavy"
    assert unreachable(problems, streams) == ["oil"]
    streams["legs"]["line"]["blends_into"] = "heavy"
    assert unreachable(problems, streams) == []
    streams["nodes"]["sea"]["commodities"] = ["light"]
    assert unreachable(problems, streams) == ["oil"]
    streams["legs"]["ship"]["blends_into"] = {"heavy": "light"}
    assert unreachable(problems, streams) == []
    streams["legs"]["line"]["blends_into"] = {"*": "heavy", "light": "light"}
    assert unreachable(problems, streams) == ["oil"]
    streams["legs"]["line"]["blends_into"] = {"light": "light", "*": "heavy"}
    assert unreachable(problems, streams) == ["oil"]


def test_a_refinery_is_a_place_to_go(small: dict[str, Any], problems: Case) -> None:
    small["nodes"]["sea"] = {"kind": "refinery", "demand": "5 Mt/y"}
    assert unreachable(problems, small) == []


# Markers


def markers(problems: Case, data: dict[str, Any], **routes: Any) -> list[str]:
    data["routes"] = {name: {"metering_legs": legs} for name, legs in routes.items()}
    return [problem.message for problem in problems(data)]


def test_one_marker_on_each_way(small: dict[str, Any], problems: Case) -> None:
    assert markers(problems, small, west="line") == []
    assert markers(problems, small, west=["ship"]) == []
    assert markers(problems, small, west=["line", "ship"]) == [
        "a way crosses two markers, 'line' and then 'ship': its barrels would be counted twice"
    ]
    assert markers(problems, small, west=["line"], east=["ship"]) != []


def test_a_way_without_a_marker(small: dict[str, Any], problems: Case) -> None:
    small["legs"]["rail"] = {"from": "oil", "to": "sea"}
    (message,) = markers(problems, small, west="line")
    assert message == "no marker on the way oil - sea"
    assert markers(problems, small, west="line", rail="rail") == []


def test_a_route_without_markers(small: dict[str, Any], problems: Case) -> None:
    assert markers(problems, small, west=[]) == ["has no markers"]


def test_a_marker_on_two_routes_or_twice(small: dict[str, Any], problems: Case) -> None:
    assert markers(problems, small, west="line", east="line") == ["'line' already marks route 'west'"]
    assert markers(problems, small, west=["line", "line"]) == ["'line' already marks route 'west'"]


def test_markers_on_legs_that_do_not_work(small: dict[str, Any], problems: Case) -> None:
    small["legs"]["ship-2"] = {**small["legs"]["ship"], "status": "hypothetical"}
    assert markers(problems, small, west="ship") == ["no marker on the way oil - hub - sea"]
    assert markers(problems, small, west="ship", new="ship-2") == []
    small["legs"]["ship-2"]["status"] = "defunct"
    assert markers(problems, small, west="ship") == []
    assert markers(problems, small, west="ship-2") == ["no marker on the way oil - hub - sea"]


def test_a_loop_through_a_marker(small: dict[str, Any], problems: Case) -> None:
    small["legs"]["back"] = {"from": "hub", "to": "oil"}
    assert markers(problems, small, west="line") == [
        "a way crosses the marker 'line' twice: its barrels would be counted twice"
    ]
    assert markers(problems, small, west="ship") == []


def test_two_markers_that_no_stream_crosses_both(streams: dict[str, Any], problems: Case) -> None:
    """The second is behind the first, but carries only what the first does not."""
    streams["nodes"]["wax"] = {"kind": "field", "commodity": "heavy", "output": "1 Mt/y"}
    streams["legs"]["line"]["commodities"] = "light"
    streams["legs"]["wax-hub"] = {"from": "wax", "to": "hub"}
    streams["legs"]["ship"]["commodities"] = "heavy"
    streams["legs"]["tank"] = {"from": "hub", "to": "sea", "commodities": "light"}
    assert markers(problems, streams, a="line", b="ship") == []
    streams["legs"]["line"]["blends_into"] = {"light": "heavy"}
    assert markers(problems, streams, a="line", b="ship") == [
        "a way crosses two markers, 'line' and then 'ship': its barrels would be counted twice"
    ]


def test_ways_to_a_refinery_need_no_marker(small: dict[str, Any], problems: Case) -> None:
    small["nodes"]["plant"] = {"kind": "refinery", "demand": "1 Mt/y"}
    small["legs"]["home"] = {"from": "oil", "to": "plant"}
    assert markers(problems, small, west="ship") == []


def test_without_routes_a_market_that_passes_crude_on_leaves_no_routes(small: dict[str, Any], problems: Case) -> None:
    assert set(ExportSystem.from_dict(small).metering_legs) == {"ship"}
    small["nodes"]["far"] = {"kind": "market"}
    small["legs"]["on"] = {"from": "sea", "to": "far"}
    assert problems(small) == ()
    assert not ExportSystem.from_dict(small).metering_legs
    assert markers(problems, small, west="ship") == []


# Capacities


@pytest.mark.parametrize(
    ("keys", "reserved", "fits"),
    [
        ({"capacity": "7 Mt/y"}, "7 Mt/y", True),
        ({"capacity": "7 Mt/y"}, "7000 kt/y", True),
        ({"capacity": "7 Mt/y"}, "7.001 Mt/y", False),
        ({"capacity": "7 Mt/y", "components": {"in": "parallel", "a": "2 Mt/y", "b": "2 Mt/y"}}, "4 Mt/y", True),
        ({"capacity": "7 Mt/y", "components": {"in": "parallel", "a": "2 Mt/y", "b": "2 Mt/y"}}, "5 Mt/y", False),
        ({"capacity": "7 Mt/y", "components": {"in": "series", "a": "2 Mt/y"}}, "5 Mt/y", True),
        ({"capacity": "7 Mt/y", "components": {"in": "series", "a": "2 Mt/y"}}, "8 Mt/y", False),
        ({"mode": "rail", "fleet": {"vessels": 5, "cargo": "10 kt", "round_trip": "5 d"}}, "10 kt/d", True),
        ({"mode": "rail", "fleet": {"vessels": 5, "cargo": "10 kt", "round_trip": "5 d"}}, "10.1 kt/d", False),
        ({"components": {"in": "parallel", "a": "2 Mt/y"}}, "3 Mt/y", False),
    ],
)
def test_reserved_above_capacity(
    small: dict[str, Any], problems: Case, keys: dict[str, Any], reserved: str, fits: bool
) -> None:
    small["legs"]["line"] = {"from": "oil", "to": "hub", "reserved": {"others": reserved}, **keys}
    assert [p.code for p in problems(small)] == ([] if fits else ["reserved"])


def test_reservations_add_up(small: dict[str, Any], problems: Case) -> None:
    small["legs"]["line"]["reserved"] = {"a": "4 Mt/y", "b": "4 Mt/y"}
    (problem,) = problems(small)
    assert problem.message == "8 Mt/y are reserved of a capacity of 7 Mt/y"
    assert problem.path == ("legs", "line", "reserved")


def test_reserved_without_a_capacity(small: dict[str, Any], problems: Case) -> None:
    small["legs"]["ship"]["reserved"] = {"a": "4 Mt/y"}
    assert [p.message for p in problems(small)] == ["reserves a part of a capacity that it does not have"]


def test_series_without_a_capacity(small: dict[str, Any], problems: Case) -> None:
    small["legs"]["ship"]["components"] = {"in": "series", "a": "4 Mt/y"}
    assert [p.message for p in problems(small)] == ["components in series need the leg's own capacity"]


@pytest.mark.parametrize(
    "keys",
    [
        {"reserved": {"a": "10 kb/d"}},
        {"components": {"in": "parallel", "a": "10 kb/d"}},
        {"components": {"in": "series", "a": "10 kb/d"}},
        {"mode": "sea", "fleet": {"vessels": 1, "cargo": "1 kb", "round_trip": "1 d"}},
        {"build": {"sizes": "10 kb/d", "capex": "1 USD", "discount_rate": 0, "lifetime": "1 y"}},
    ],
)
def test_tonnes_and_barrels_on_one_leg(small: dict[str, Any], problems: Case, keys: dict[str, Any]) -> None:
    small["commodities"] = {"crude": {"barrels_per_tonne": 7.5}}
    small["legs"]["line"].update(keys)
    assert [p.code for p in problems(small)] == ["mixed-units"]
    small["legs"]["line"]["capacity"] = "900 kb/d"
    assert problems(small) == ()


def test_unit_of_the_system(small: dict[str, Any], problems: Case, put: Case) -> None:
    for unit, code in (("Mt", "unit-kind"), ("USD/t", "unit-kind"), ("Mt/yr", "unit-unknown"), ("", "unit-unknown")):
        (problem,) = problems(put(small, "units.flow", unit))
        assert (problem.path, problem.code) == (("units", "flow"), code)
        assert problem.hint
    put(small, "units.flow", "kt/month")
    assert problems(small) == ()


# Barrels per tonne


NEEDS = [
    ("nodes.oil.output", "100 kb/d"),
    ("nodes.sea.demand", "100 kb/d"),
    ("nodes.sea.price", "60 USD/bbl"),
    ("nodes.sea.differential", {"light": "1 USD/bbl"}),
    ("legs.line.capacity", "100 kb/d"),
    ("legs.line.tariff", "1 USD/bbl"),
    ("legs.ship.fleet", {"vessels": 1, "cargo": "100 kb", "round_trip": "1 d"}),
    ("legs.ship.components", {"in": "parallel", "a": "100 kb/d"}),
    ("legs.ship.build", {"sizes": "10 kb/d", "capex": "1 USD", "discount_rate": 0, "lifetime": "1 y"}),
    ("groups.g", {"legs": ["line"], "capacity": "100 kb/d"}),
    ("groups.g", {"legs": {"line": {"cargo": "100 kb", "round_trip": "1 d"}}, "vessels": 1}),
    ("contracts.c", {"legs": "line", "volume": "100 kb/d", "deficiency": "1 USD/bbl"}),
    ("price", "60 USD/bbl"),
    ("recourse.below_min_output", "10 USD/bbl"),
]


@pytest.mark.parametrize(("where", "value"), NEEDS, ids=[f"{where}-{i}" for i, (where, _) in enumerate(NEEDS)])
def test_barrels_per_tonne_wherever_they_meet(
    streams: dict[str, Any], problems: Case, put: Case, where: str, value: Any
) -> None:
    streams["commodities"] = {"light": {}}
    put(streams, where, value)
    (problem,) = problems(streams)
    assert problem.message.startswith("needs barrels_per_tonne, since " + where)
    assert problem.path == ("commodities", "light")
    streams["commodities"]["light"] = {"barrels_per_tonne": 7.5}
    assert problems(streams) == ()


def test_barrels_per_tonne_of_the_stream_without_a_name(small: dict[str, Any], problems: Case) -> None:
    small["price"] = "60 USD/bbl"
    (problem,) = problems(small)
    assert (problem.path, problem.hint) == (("commodities",), "write commodities: {crude: {barrels_per_tonne: 7.9}}")


def test_tonnes_in_a_system_of_barrels(small: dict[str, Any], problems: Case) -> None:
    small["units"] = {"flow": "kb/d"}
    (problem,) = problems(small)
    assert problem.message == "needs barrels_per_tonne, since nodes.oil.output is in Mt/y and flows are in kb/d"


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("nodes.sea.differential", {"heavy": "1 USD/bbl"}),
        ("legs.line.surge", {"delay": "1 d", "rate": "1 kb/d per day", "ceiling": "1 kb/d"}),
        ("contracts.c", {"legs": "line", "volume": "1 kb/d", "deficiency": "1 USD/bbl", "commodities": "heavy"}),
        ("contracts.c", {"legs": "pipe", "volume": "1 kb/d", "deficiency": "1 USD/bbl"}),
        ("groups.g", {"legs": ["pipe"], "capacity": "1 kb/d"}),
        ("legs.pipe.capacity", "1 kb/d"),
    ],
)
def test_barrels_per_tonne_not_of_streams_that_are_not_concerned(
    streams: dict[str, Any], problems: Case, put: Case, where: str, value: Any
) -> None:
    streams["commodities"]["heavy"] = {"barrels_per_tonne": 7}
    streams["legs"]["pipe"] = {"from": "oil", "to": "hub", "commodities": "heavy"}
    assert problems(put(streams, where, value)) == ()


# Groups and contracts


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ({"legs": ["line"], "capacity": "5 Mt/y"}, ""),
        ({"legs": "line", "capacity": "5 Mt/y"}, ""),
        ({"legs": {"line": None, "ship": 2}, "capacity": "5 Mt/y"}, ""),
        ({"legs": {"line": {"cargo": "5 kt", "round_trip": "2 d"}}, "vessels": 3, "downtime": "5 %"}, ""),
        ({"legs": ["line"]}, "needs either a capacity or vessels"),
        ({"legs": ["line"], "capacity": "5 Mt/y", "vessels": 3}, "needs either a capacity or vessels, not both"),
        ({"legs": [], "capacity": "5 Mt/y"}, "has no legs"),
        ({"capacity": "5 Mt/y"}, "has no legs"),
        ({"legs": 5, "capacity": "5 Mt/y"}, "needs a list of legs, not a number"),
        ({"legs": ["line", "line"], "capacity": "5 Mt/y"}, "names a leg twice"),
        ({"legs": ["line"], "vessels": 3}, "shared vessels need cargo and round_trip on 'line'"),
        ({"legs": {"line": {"cargo": "5 kt"}}, "vessels": 3}, "shared vessels need cargo and round_trip on 'line'"),
        ({"legs": {"line": {"cargo": "5 kt"}}, "capacity": "5 Mt/y"},
         "'line' has a cargo but the group has no vessels"),
        ({"legs": {"line": {"cargo": "5 kt", "round_trip": "2 d", "weight": 2}}, "vessels": 3},
         "'line' has a weight, but vessels are shared by cargo and round_trip"),
        ({"legs": ["line"], "capacity": "5 Mt/y", "downtime": "5 %"}, "only vessels have a downtime"),
        ({"legs": {"line": {"cargo": "5 kt", "round_trip": "2 d"}, "ship": {"cargo": "5 kb", "round_trip": "2 d"}},
          "vessels": 3}, "counts cargoes in tonnes and in barrels"),
    ],
)  # fmt: skip
def test_groups(small: dict[str, Any], problems: Case, group: dict[str, Any], message: str) -> None:
    small["commodities"] = {"crude": {"barrels_per_tonne": 7.5}}
    small["groups"] = {"g": group}
    assert [p.message for p in problems(small)] == ([message] if message else [])


@pytest.mark.parametrize(
    ("contract", "message"),
    [
        ({"legs": "line", "volume": "1 Mt/y"}, ""),
        ({"legs": "line", "volume": "1 Mt/y", "deficiency": "5 USD/t"}, ""),
        ({"legs": "ship", "volume": "1 Mt/y", "deficiency": "5 USD/t"}, ""),
        ({"legs": ["line", "same"], "volume": "1 Mt/y"}, ""),
        ({"legs": [], "volume": "1 Mt/y"}, "has no legs"),
        ({"legs": "ship", "volume": "1 Mt/y"}, "needs 'deficiency', since its legs have no common tariff"),
        ({"legs": ["line", "ship"], "volume": "1 Mt/y"}, "needs 'deficiency', since its legs have no common tariff"),
        ({"legs": "line", "volume": "10 kb/d"}, "is in kb/d but its shortfall is priced in USD/t"),
        ({"legs": "line", "volume": "1 Mt/y", "deficiency": "5 USD/bbl"},
         "is in Mt/y but its shortfall is priced in USD/bbl"),
    ],
)  # fmt: skip
def test_contracts(small: dict[str, Any], problems: Case, contract: dict[str, Any], message: str) -> None:
    small["commodities"] = {"crude": {"barrels_per_tonne": 7.5}}
    small["legs"]["line"]["tariff"] = "3 USD/t"
    small["legs"]["same"] = {**small["legs"]["line"]}
    small["contracts"] = {"c": contract}
    assert [p.message for p in problems(small)] == ([message] if message else [])
