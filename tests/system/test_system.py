"""A system as data and back, changed, counted, drawn, and made of frames."""

import copy
import json
import pickle
import threading
from collections.abc import Callable
from typing import Any

import networkx
import numpy as np
import pandas as pd
import pytest

from routeopt.errors import SystemDataError
from routeopt.scenario import Scenario
from routeopt.system import ExportSystem, Quantity
from routeopt.system.base import FrozenDict
from routeopt.system.iterate import quantities
from routeopt.system.record import derived
from routeopt.system.topology import Topology
from routeopt.testing import random_system

Case = Callable[..., Any]


@pytest.fixture
def system(full: dict[str, Any]) -> ExportSystem:
    return ExportSystem.from_dict(full)


# There and back


def test_round_trip_of_everything(system: ExportSystem) -> None:
    data = system.to_dict()
    assert ExportSystem.from_dict(data) == system
    assert ExportSystem.from_dict(json.loads(json.dumps(data))) == system
    assert ExportSystem.from_dict(data).to_dict() == data


def test_what_is_written_is_short(system: ExportSystem) -> None:
    data = system.to_dict()
    assert data["routeopt"] == 1
    assert data["legs"]["south-hub"] == {"from": "south", "to": "hub", "blends_into": "blend", "chokepoints": ("pass",)}
    assert data["groups"]["quota"]["legs"] == ["hub-port", "tanks-far"]
    assert data["legs"]["loading"]["components"]["spm-1"] == "42 Mt/y"
    assert data["commodities"]["light"]["barrels_per_tonne"]["estimate"] == "typical"
    assert data["sources"]["press"] == {"title": "Article"}
    assert "groups" not in ExportSystem.from_dict({"nodes": data["nodes"], "legs": data["legs"],
                                                   "commodities": data["commodities"],
                                                   "sources": data["sources"]}).to_dict()  # fmt: skip


def test_long_and_short_forms_are_one_system(full: dict[str, Any]) -> None:
    before = ExportSystem.from_dict(full)
    full["legs"]["south-hub"]["blends_into"] = {"*": "blend"}
    full["legs"]["south-hub"]["chokepoints"] = "pass"
    full["groups"]["quota"]["legs"] = {"hub-port": {}, "tanks-far": None}
    full["groups"]["berths"]["legs"]["loading"] = 0.5
    full["routes"]["west"]["metering_legs"] = tuple(full["routes"]["west"]["metering_legs"])
    full["legs"]["loading"]["components"]["spm-1"] = {"capacity": {"value": "42.0 Mt/y"}}
    after = ExportSystem.from_dict(full)
    assert after == before
    assert hash(after) == hash(before)


@pytest.mark.parametrize("seed", range(12))
def test_round_trip_of_random_systems(seed: int) -> None:
    system = random_system(seed)
    assert ExportSystem.from_dict(system.to_dict()) == system


def test_the_data_is_left_alone(full: dict[str, Any]) -> None:
    before = copy.deepcopy(full)
    system = ExportSystem.from_dict(full)
    assert full == before
    full["legs"]["loading"]["capacity"] = "1 Mt/y"
    full["routes"]["west"]["metering_legs"].append("x")
    assert system == ExportSystem.from_dict(before)


@pytest.mark.parametrize("remake", [lambda s: pickle.loads(pickle.dumps(s)), copy.deepcopy, copy.copy])
def test_copies(system: ExportSystem, remake: Case) -> None:
    known = system.with_scenarios({"s": Scenario(title="S")}, origin="here.yaml")
    again = remake(known)
    assert again == system
    assert hash(again) == hash(system)
    assert (dict(again.scenarios), again.origin) == ({"s": Scenario(title="S")}, "here.yaml")
    assert again.metering_legs == system.metering_legs


@pytest.mark.parametrize("remake", [lambda s: pickle.loads(pickle.dumps(s)), copy.deepcopy])
def test_what_was_derived_does_not_travel(system: ExportSystem, remake: Case) -> None:
    # A function that is defined here cannot be pickled, nor can a lock.
    made = derived(system, lambda _: threading.Lock())
    assert made.acquire(blocking=False)
    assert system.measured_by in ("mass", "volume")
    again = remake(system)
    assert again == system
    assert not set(vars(again)) - set(ExportSystem.model_fields)


def test_what_is_derived_is_made_once_and_shared_by_copies_that_say_the_same(system: ExportSystem) -> None:
    def count(_: ExportSystem) -> list[int]:
        return []

    assert derived(system, count) is derived(system, count) is derived(copy.copy(system), count)
    assert derived(system.with_scenarios({}), count) is derived(system, count)
    changed = system.model_copy(update={"note": "another"})
    assert derived(changed, count) is not derived(system, count)


def test_a_changed_model_copy_derives_anew(system: ExportSystem) -> None:
    assert len(system.fields) > 1
    assert Topology.of(system).nodes == tuple(system.nodes)
    left = {name: node for name, node in system.nodes.items() if name != next(iter(system.fields))}
    changed = system.model_copy(update={"nodes": FrozenDict(left)})
    assert len(changed.fields) == len(system.fields) - 1
    assert changed.origin == system.origin


def test_equality(full: dict[str, Any]) -> None:
    first = ExportSystem.from_dict(full)
    assert first == ExportSystem.from_dict(full)
    assert first == first.with_scenarios({"s": Scenario()})
    assert first != full
    full["note"] = "another"
    assert first != ExportSystem.from_dict(full)
    assert len({first, ExportSystem.from_dict(full), first.with_scenarios({})}) == 2


def test_how_it_prints(system: ExportSystem) -> None:
    assert repr(system) == str(system) == "ExportSystem('full', 7 nodes, 8 legs)"


# What is in it


def test_kinds_of_node(system: ExportSystem) -> None:
    assert list(system.fields) == ["north", "south"]
    assert list(system.refineries) == ["plant"]
    assert list(system.markets) == ["port", "far"]
    assert system.measured_by == "volume"


def test_commodity_of(system: ExportSystem, small: dict[str, Any]) -> None:
    assert [system.commodity_of(field) for field in system.fields] == ["light", "heavy"]
    plain = ExportSystem.from_dict(small)
    assert (plain.commodity_of("oil"), list(plain.streams), plain.measured_by) == ("crude", ["crude"], "mass")
    small["commodities"] = {"tengiz": {}}
    assert ExportSystem.from_dict(small).commodity_of("oil") == "tengiz"


def test_markers(system: ExportSystem, small: dict[str, Any]) -> None:
    assert system.metering_legs == {
        "loading": "west", "hub-port": "west", "new-port": "west", "tanks-far": "east", "new": "east",
    }  # fmt: skip
    small["legs"]["rail"] = {"from": "oil", "to": "sea"}
    assert ExportSystem.from_dict(small).metering_legs == {"ship": "ship", "rail": "rail"}


def test_with_scenarios(system: ExportSystem) -> None:
    assert (dict(system.scenarios), system.origin) == ({}, "")
    known = system.with_scenarios({"s": Scenario()}, "f.yaml")
    assert (list(known.scenarios), known.origin) == (["s"], "f.yaml")
    assert dict(system.scenarios) == {}
    with pytest.raises(TypeError):
        known.scenarios["t"] = Scenario()


# Changed copies


def capacity(system: ExportSystem, leg: str) -> Quantity | None:
    return system.legs[leg].capacity


@pytest.mark.parametrize(
    "changes",
    [
        {"legs.loading.capacity": "50 Mt/y"},
        {"legs.loading": {"capacity": "50 Mt/y"}},
        {"legs": {"loading": {"capacity": "50 Mt/y"}}},
        {"legs": {"loading": {"capacity": {"value": "50 Mt/y"}}}},
    ],
)
def test_override_nested_and_dotted(system: ExportSystem, full: dict[str, Any], changes: dict[str, Any]) -> None:
    changed = system.override(changes)
    assert capacity(changed, "loading") == Quantity(50.0, "Mt/y")
    assert changed.override({"legs.loading.capacity": "83 Mt/y"}) == system
    assert system == ExportSystem.from_dict(full)


def test_override_of_nothing(system: ExportSystem) -> None:
    assert system.override({}) == system


def test_override_at_every_depth(system: ExportSystem) -> None:
    changed = system.override({
        "name": "other",
        "units.flow": "Mt/y",
        "nodes.tanks.storage.heel": "10 %",
        "legs.hub-port.fleet.vessels": 15,
        "legs.loading.components.spm-2": "30 Mt/y",
        "legs.loading.components.spm-3.capacity": "20 Mt/y",
        "legs.north-tanks": {"reserved": {"others": "1 Mt/y"}, "countries": ["RU"]},
        "contracts.promise.volume": "2 Mt/y",
    })  # fmt: skip
    assert (changed.name, changed.measured_by) == ("other", "mass")
    assert changed.nodes["tanks"].storage.heel == Quantity(10.0, "%")
    assert changed.nodes["tanks"].storage.initial == Quantity(50.0, "%")
    assert changed.legs["hub-port"].fleet.capacity == pytest.approx(3 * system.legs["hub-port"].fleet.capacity)
    parts = changed.legs["loading"].components.parts
    assert [parts[name].capacity.value for name in parts] == [42, 30, 20]
    assert parts["spm-3"].operator == "else"
    assert changed.legs["north-tanks"].taken == pytest.approx(1000 / 365)
    assert changed.legs["north-tanks"].countries == ("RU",)
    assert changed.contracts["promise"].volume.value == 2


def test_a_quantity_is_replaced_whole(system: ExportSystem) -> None:
    price = system.override({"price": "50 USD/bbl"}).price
    assert price == Quantity(50.0, "USD/bbl")
    price = system.override({"price": {"value": "50 USD/bbl", "low": 40}}).price
    assert price == Quantity(50.0, "USD/bbl", 40.0)
    output = system.override({"nodes.north.output.value": "39 Mt/y"}).nodes["north"].output
    assert output == Quantity(39.0, "Mt/y")
    with pytest.raises(SystemDataError, match=r"nodes\.north\.output: has no value"):
        system.override({"nodes.north.output.low": 30})


def test_none_removes(system: ExportSystem) -> None:
    assert capacity(system.override({"legs.north-tanks": {"components": None, "capacity": None, "reserved": None}}),
                    "north-tanks") is None  # fmt: skip
    assert "ships" not in system.override({"groups.ships": None}).groups
    assert not system.override({"groups": None}).groups
    smaller = system.override({"nodes.plant": None, "legs.south-plant": None})
    assert "plant" not in smaller.nodes
    with pytest.raises(SystemDataError, match=r"nodes\.plnat: cannot be removed.*did you mean 'plant'"):
        system.override({"nodes.plnat": None})


def test_what_a_removal_leaves_hanging_is_named(system: ExportSystem) -> None:
    with pytest.raises(SystemDataError) as caught:
        system.override({"nodes.hub": None})
    assert {problem.path for problem in caught.value.problems} == {
        ("legs", "south-hub", "to"), ("legs", "hub-port", "from"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"legs.second": {"from": "tanks", "to": "far"}, "routes.east.metering_legs": ["tanks-far", "new", "second"]},
        {
            "legs.second.to": "far",
            "legs.second.from": "tanks",
            "routes.east.metering_legs": ["tanks-far", "new", "second"],
        },
    ],
)
def test_new_entries(system: ExportSystem, changes: dict[str, Any]) -> None:
    changed = system.override(changes)
    assert len(changed.legs) == 9
    assert changed.metering_legs["second"] == "east"


def test_members_of_a_group_are_kept(system: ExportSystem) -> None:
    members = system.override({"groups.quota.legs.hub-port.weight": 2}).groups["quota"].legs
    assert list(members) == ["hub-port", "tanks-far"]
    assert members["hub-port"].weight == Quantity(2.0)
    assert list(system.override({"groups.quota.legs": ["loading"]}).groups["quota"].legs) == ["loading"]


def test_what_else_a_leg_becomes_is_kept(system: ExportSystem) -> None:
    becomes = system.override({"legs.south-hub.blends_into.light": "light"}).legs["south-hub"].blends_into
    assert becomes == {"*": "blend", "light": "light"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"legs.laoding.capacity": "5 Mt/y"}, "legs.laoding: there is no 'laoding' in legs; did you mean 'loading'?"),
        ({"nodes.prot.demand": "5 Mt/y"}, "nodes.prot: there is no 'prot' in nodes; did you mean 'port'?"),
        ({"commodities.lihgt.barrels_per_tonne": 8}, "did you mean 'light'?"),
        ({"groups": {"qouta": {"capacity": "5 Mt/y"}}}, "did you mean 'quota'?"),
        ({"legs.loading.capcity": "5 Mt/y"}, "legs.loading.capcity: unknown key 'capcity'; did you mean 'capacity'?"),
        ({"leg.loading.capacity": "5 Mt/y"}, "leg: unknown key 'leg'; did you mean 'legs'?"),
        ({"legs.loading.capacity": "5 USD"}, "legs.loading.capacity: USD does not measure a flow; write 10 Mt/y"),
        ({"legs.loading": "x"}, "legs.loading: needs a mapping, not 'x'"),
        ({"legs": None}, "needs 'legs'"),
        (["legs"], "an override is a mapping of changes, not list"),
    ],
)
def test_changes_that_name_nothing(system: ExportSystem, changes: Any, message: str) -> None:
    with pytest.raises(SystemDataError) as caught:
        system.override(changes)
    assert message in str(caught.value)


def test_all_wrong_changes_are_named(system: ExportSystem) -> None:
    with pytest.raises(SystemDataError) as caught:
        system.override({"legs.x.capacity": "5 Mt/y", "nodes.y": None})
    assert {problem.path for problem in caught.value.problems} == {("legs", "x"), ("nodes", "y")}


def test_a_new_commodity_that_something_makes(system: ExportSystem) -> None:
    changed = system.override({"commodities.sour.barrels_per_tonne": 7, "nodes.south.commodity": "sour",
                               "nodes.plant.commodities": ["sour"]})  # fmt: skip
    assert changed.commodity_of("south") == "sour"
    changed = system.override({"commodities.mix": {"barrels_per_tonne": 7}, "legs.south-plant.blends_into": "mix",
                               "nodes.plant.commodities": None})  # fmt: skip
    assert "mix" in changed.streams


def test_scenarios_stay_with_a_changed_copy(system: ExportSystem) -> None:
    known = system.with_scenarios({"s": Scenario()}, "f.yaml").override({"name": "other"})
    assert (list(known.scenarios), known.origin) == (["s"], "f.yaml")


def test_a_changed_copy_derives_anew(system: ExportSystem) -> None:
    assert system.measured_by == "volume"
    changed = system.override({"units.flow": "Mt/y", "routes": None})
    assert changed.measured_by == "mass"
    assert changed.metering_legs["loading"] == "loading"


# The audit table


def test_every_number_is_in_the_audit_table(system: ExportSystem) -> None:
    table = system.sources()
    assert len(table) == len(list(quantities(system))) == _numbers(system.to_dict())
    assert table.index.is_unique
    assert table.index.name == "number"


def _numbers(part: Any, key: str = "") -> int:
    """Quantities of a written system, counted without its records."""
    if key in ("at", "months", "base_year", "routeopt", "countries", "tags", "chokepoints"):
        return 0
    if isinstance(part, dict):
        return 1 if "value" in part else sum(_numbers(value, name) for name, value in part.items())
    if isinstance(part, list | tuple):
        return sum(_numbers(value) for value in part)
    looks = isinstance(part, str) and part[:1] in "-0123456789" and key not in ("date", "title")
    return int(looks or (isinstance(part, int | float) and not isinstance(part, bool)))


def test_rows_of_the_audit_table(system: ExportSystem) -> None:
    table = system.sources()
    price = table.loc["price"]
    assert (price["value"], price["unit"], price["low"], price["high"]) == (68, "USD/bbl", 55, 85.5)
    assert (price["provenance"], price["source"], price["publisher"]) == ("sourced", "agency", "Agency")
    assert (price["date"], price["url"], price["note"]) == ("2025-03", "https://x.org/y", "mean of the year")
    assert table.loc["legs.loading.components.spm-2.capacity", ["provenance", "note"]].tolist() == [
        "estimate",
        "as spm-1",
    ]
    assert table.loc["legs.loading.capacity", "provenance"] == "none"
    assert table.loc["legs.north-tanks.reserved.others", "source"] == "press, agency"
    assert table.loc["legs.new.build.capex.1", "low"] == 4.0e9
    assert table.loc["legs.north-tanks.outages.repair.cv", "value"] == 0.5
    assert table.loc["groups.berths.legs.hub-port.weight", "value"] == 1.5
    assert set(table["provenance"]) == {"sourced", "estimate", "none"}


def test_an_estimate_from_a_source_is_an_estimate(small: dict[str, Any]) -> None:
    small["sources"] = {"s": {"title": "S"}}
    small["legs"]["line"]["capacity"] = {"value": "7 Mt/y", "source": "s", "estimate": "half of it", "note": "n"}
    row = ExportSystem.from_dict(small).sources().loc["legs.line.capacity"]
    assert (row["provenance"], row["source"], row["note"]) == ("estimate", "s", "half of it")


def test_places_of_the_audit_table_can_be_overridden(system: ExportSystem) -> None:
    for place, row in system.sources().iterrows():
        if any(part.isdigit() for part in str(place).split(".")):
            continue
        unit = row["unit"]
        same = f"{row['value']!r} {unit}" if unit else row["value"]
        assert system.override({str(place): same}).sources().loc[place, "value"] == row["value"], place


# networkx


def test_graph(system: ExportSystem) -> None:
    graph = system.to_networkx()
    assert isinstance(graph, networkx.MultiDiGraph)
    assert graph.name == "full"
    assert list(graph.nodes) == list(system.nodes)
    assert {key for _, _, key in graph.edges(keys=True)} == set(system.legs)
    for start, end, key, data in graph.edges(keys=True, data=True):
        leg = system.legs[key]
        assert (start, end) == (leg.origin, leg.destination)
        for name in type(leg).model_fields:
            assert name in ("origin", "destination") or data[name] == getattr(leg, name)
    assert graph.nodes["north"]["output"] == system.nodes["north"].output
    assert graph.nodes["port"]["kind"] == "market"


def test_parallel_legs_are_kept(system: ExportSystem) -> None:
    graph = system.to_networkx()
    assert sorted(graph["tanks"]["port"]) == ["loading", "new-port"]
    assert graph.number_of_edges() == 8
    assert graph["tanks"]["far"]["new"]["status"] == "hypothetical"


# pandas


@pytest.fixture
def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    nodes = pd.DataFrame({
        "id": ["oil", "hub", "sea"],
        "kind": ["field", "hub", "market"],
        "output": ["10 Mt/y", None, np.nan],
        "demand": [pd.NA, None, "9 Mt/y"],
        "at": [[46.1, 53.3], None, np.array([37, 15])],
    })  # fmt: skip
    legs = pd.DataFrame({
        "from": ["oil", "hub", "hub"], "to": ["hub", "sea", "sea"], "mode": ["pipeline", "sea", "tanker"],
        "capacity": ["7 Mt/y", np.nan, "2 Mt/y"], "loss": np.array([0.01, np.nan, 0], np.float64),
        "availability": np.array([1, 1, 0], np.int64), "tags": [["a", "b"], None, "c"],
    }, index=["line", "ship", "boat"])  # fmt: skip
    return nodes, legs


def test_frames(frames: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    system = ExportSystem.from_frames(*frames, name="frames", price="60 USD/t", units={"flow": "kt/d"})
    assert system == ExportSystem.from_dict({
        "name": "frames", "price": "60 USD/t", "units": {"flow": "kt/d"},
        "nodes": {
            "oil": {"kind": "field", "output": "10 Mt/y", "at": [46.1, 53.3]},
            "hub": {"kind": "hub"},
            "sea": {"kind": "market", "demand": "9 Mt/y", "at": [37, 15]},
        },
        "legs": {
            "line": {"from": "oil", "to": "hub", "capacity": "7 Mt/y", "loss": 0.01, "availability": 1,
                     "tags": ["a", "b"]},
            "ship": {"from": "hub", "to": "sea", "mode": "sea", "availability": 1},
            "boat": {"from": "hub", "to": "sea", "mode": "tanker", "capacity": "2 Mt/y", "loss": 0,
                     "availability": 0, "tags": "c"},
        },
    })  # fmt: skip
    assert list(system.legs) == ["line", "ship", "boat"]


def test_frames_are_left_alone(frames: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    before = [frame.copy(deep=True) for frame in frames]
    ExportSystem.from_frames(*frames)
    for frame, old in zip(frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, old)


def test_two_rows_with_one_id(frames: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    nodes, legs = frames
    with pytest.raises(SystemDataError, match="legs: two rows have the id 'line'"):
        ExportSystem.from_frames(nodes, legs.rename(index={"boat": "line"}))
    with pytest.raises(SystemDataError, match="nodes: two rows have the id '1'"):
        ExportSystem.from_frames(nodes.assign(id=["oil", 1, "1"]), legs)


def test_frames_that_are_no_tables_of_ids(frames: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    nodes, legs = frames
    with pytest.raises(SystemDataError, match="nodes: a row has no id"):
        ExportSystem.from_frames(nodes.assign(id=["oil", None, "sea"]), legs)
    with pytest.raises(SystemDataError, match="nodes must be a pandas DataFrame, not dict"):
        ExportSystem.from_frames({}, legs)
    twice = pd.concat([legs, legs[["mode"]]], axis=1)
    with pytest.raises(SystemDataError, match="legs: two columns are called 'mode'"):
        ExportSystem.from_frames(nodes, twice)


def test_mistakes_in_frames_are_named_by_row_and_column(frames: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    nodes, legs = frames
    with pytest.raises(SystemDataError) as caught:
        ExportSystem.from_frames(nodes, legs.assign(capacity=[7.0, np.nan, 2.0]))
    assert str(caught.value).splitlines() == [
        "legs.line.capacity: needs a unit; write 10 Mt/y",
        "legs.boat.capacity: needs a unit; write 10 Mt/y",
    ]
    with pytest.raises(SystemDataError, match=r"legs\.line\.capcity: unknown key"):
        ExportSystem.from_frames(nodes, legs.rename(columns={"capacity": "capcity"}))
