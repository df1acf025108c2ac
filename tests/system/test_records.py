"""Records: frozen, strict, documented."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

import routeopt.system as records
from routeopt.system import ExportSystem
from routeopt.system.base import FrozenDict

Case = Callable[..., Any]
MODELS = [thing for name in records.__all__ if issubclass(thing := getattr(records, name), BaseModel)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_attribute_says_what_it_is(model: type[BaseModel]) -> None:
    assert model.__doc__
    for name, field in model.model_fields.items():
        assert field.description, name
        assert field.description[-1] in ".`", name


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_is_frozen_and_closed(model: type[BaseModel]) -> None:
    assert model.model_config["frozen"]
    assert model.model_config["extra"] == "forbid"
    assert model.model_config["strict"]


def test_attributes_cannot_be_set(full: dict[str, Any]) -> None:
    system = ExportSystem.from_dict(full)
    for record, name in (
        (system, "name"),
        (system.legs["new"], "status"),
        (system.nodes["north"], "output"),
        (system.nodes["tanks"].storage, "capacity"),
        (system.groups["ships"].legs["tanks-far"], "cargo"),
    ):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(record, name, None)
        with pytest.raises(ValidationError, match="frozen"):
            delattr(record, name)
    assert system == ExportSystem.from_dict(full)


def _all_dicts(part: Any) -> list[dict[str, Any]]:
    if isinstance(part, BaseModel):
        return [found for name in type(part).model_fields for found in _all_dicts(getattr(part, name))]
    if isinstance(part, dict):
        return [part, *(found for value in part.values() for found in _all_dicts(value))]
    return []


def test_there_is_no_plain_dict_or_list_inside(full: dict[str, Any]) -> None:
    system = ExportSystem.from_dict(full)
    found = _all_dicts(system)
    assert len(found) >= 25
    assert {type(one) for one in found} == {FrozenDict}
    assert type(system.scenarios) is FrozenDict
    for name in ("fields", "markets", "refineries", "streams", "metering_legs"):
        assert type(getattr(system, name)) is FrozenDict


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.__setitem__("b", 2),
        lambda d: d.__delitem__("a"),
        lambda d: d.clear(),
        lambda d: d.pop("a"),
        lambda d: d.popitem(),
        lambda d: d.setdefault("b", 2),
        lambda d: d.update(b=2),
        lambda d: d.update({"b": 2}),
        lambda d: d.__ior__({"b": 2}),
    ],
)
def test_frozen_dict_refuses_every_mutator(change: Case) -> None:
    frozen = FrozenDict({"a": 1})
    with pytest.raises(TypeError, match="override"):
        change(frozen)
    assert frozen == {"a": 1}


def test_ior_does_not_change_it_either() -> None:
    frozen = same = FrozenDict({"a": 1})
    with pytest.raises(TypeError, match="override"):
        same |= {"b": 2}
    assert frozen == {"a": 1}


def test_frozen_dict_otherwise_is_a_dict() -> None:
    frozen = FrozenDict({"a": 1, "b": 2})
    assert hash(frozen) == hash(FrozenDict({"b": 2, "a": 1}))
    assert frozen | {"c": 3} == {"a": 1, "b": 2, "c": 3}
    for again in (pickle.loads(pickle.dumps(frozen)), copy.deepcopy(frozen), copy.copy(frozen)):
        assert again == frozen
        assert type(again) is FrozenDict


@pytest.mark.parametrize(
    ("where", "raw", "message", "code"),
    [
        ("title", 5, "needs text, not 5", "type"),
        ("nodes.oil.title", ["x"], "needs text, not a list", "type"),
        ("base_year", "2025", "needs a whole number, not '2025'", "type"),
        ("base_year", 2025.5, "needs a whole number, not 2025.5", "type"),
        ("routeopt", 2, "2 is not possible here", "invalid-choice"),
        ("units", "Mt/y", "needs a mapping, not 'Mt/y'", "type"),
        ("units.money", "EUR", "'EUR' is not possible here", "invalid-choice"),
        ("name", 5, "an id must be text, not a number 5", "invalid"),
        ("name", "a.b", "'a.b' cannot be an id", "invalid"),
        ("name", " a", "' a' cannot be an id", "invalid"),
        ("name", "", "'' cannot be an id", "invalid"),
        ("name", "a\x1b[31m", "'a\\x1b[31m' cannot be an id", "invalid"),
        ("legs.line.from", None, "an id must be text, not nothing", "invalid"),
        ("legs.line.from", True, "an id must be text, not a truth value True", "invalid"),
        ("legs.line.mode", "pipe", "'pipe' is not possible here", "invalid-choice"),
        ("legs.line.status", "planned", "'planned' is not possible here", "invalid-choice"),
        ("legs.line.operator", [1], "an id must be text, not a list", "invalid"),
        ("legs.line.countries", {"a": 1}, "needs a list, not a mapping", "invalid"),
        ("legs.line.countries", 5, "needs a list, not a number", "invalid"),
        ("legs.line.components", ["p"], "needs a mapping, not a list", "type"),
        ("legs.line.reserved", "8 Mt/y", "needs a mapping of ids, not text", "invalid"),
        ("nodes.oil.kind", "feild", "'feild' is not possible here", "invalid-choice"),
        ("nodes.oil.kind", None, "needs a word, not nothing", "type"),
        ("nodes.oil.kind", ["field"], "needs a word, not a list", "type"),
        ("nodes.oil.at", [100, 20], "[100, 20] is not a place on Earth", "invalid"),
        ("nodes.oil.at", [10, 200], "[10, 200] is not a place on Earth", "invalid"),
        ("nodes.oil.at", [float("nan"), 20], "[nan, 20] is not a place on Earth", "invalid"),
        ("nodes.oil.at", "46, 53", "needs latitude and longitude in degrees", "invalid"),
        ("nodes.oil.at", [46, True], "needs latitude and longitude in degrees", "invalid"),
        ("nodes.oil.at", [46], "needs latitude and longitude in degrees", "invalid"),
        ("nodes.oil", None, "needs a mapping, not nothing", "type"),
        ("nodes", [1], "needs a mapping of ids, not a list", "invalid"),
        ("legs", "x", "needs a mapping of ids, not text", "invalid"),
        ("routes.r", "line", "needs a mapping, not 'line'", "type"),
    ],
)
def test_the_wrong_kind_of_thing(
    small: dict[str, Any], problems: Case, put: Case, where: str, raw: Any, message: str, code: str
) -> None:
    (problem,) = problems(put(small, where, raw))
    assert (problem.message, problem.code) == (message, code)
    assert problem.path == tuple(where.split("."))


def test_hints_for_mappings_and_kinds(small: dict[str, Any], problems: Case, put: Case) -> None:
    (problem,) = problems(put(copy.deepcopy(small), "routes.r", "line"))
    assert problem.hint == "write metering_legs: ... under it"
    (problem,) = problems(put(copy.deepcopy(small), "nodes.oil.kind", None))
    assert problem.hint == "write one of: field, hub, market, refinery, terminal"
    (problem,) = problems(put(copy.deepcopy(small), "nodes.oil.kind", "feild"))
    assert problem.hint == "did you mean 'field'?"
    del small["nodes"]["oil"]["kind"]
    (problem,) = problems(small)
    assert (problem.message, problem.path, problem.on_key) == ("needs 'kind'", ("nodes", "oil"), True)
    assert problem.hint == "write kind: field, hub, terminal, refinery or market"


@pytest.mark.parametrize(
    ("where", "meant"),
    [
        ("exprter", "exporter"),
        ("units.flwo", "flow"),
        ("commodities.light.barels_per_tonne", "barrels_per_tonne"),
        ("sources.agency.publsher", "publisher"),
        ("nodes.north.outptu", "output"),
        ("nodes.tanks.storge", "storage"),
        ("nodes.tanks.storage.cpacity", "capacity"),
        ("nodes.port.demnd", "demand"),
        ("nodes.port.differential.light", ""),
        ("legs.loading.capcity", "capacity"),
        ("legs.loading.components.spm-3.operatr", "operator"),
        ("legs.hub-port.fleet.vesels", "vessels"),
        ("legs.north-tanks.surge.cieling", "ceiling"),
        ("legs.north-tanks.outages.repiar", "repair"),
        ("legs.north-tanks.outages.repair.men", "mean"),
        ("legs.new.build.dicount", "discount_rate"),
        ("groups.quota.capcity", "capacity"),
        ("groups.ships.legs.tanks-far.crgo", "cargo"),
        ("routes.west.metering_lges", "metering_legs"),
        ("contracts.pay.volme", "volume"),
        ("recourse.below_min_outptu", "below_min_output"),
        ("price.hihg", "high"),
    ],
)
def test_unknown_keys_at_every_level(full: dict[str, Any], problems: Case, put: Case, where: str, meant: str) -> None:
    if not meant:
        full["nodes"]["port"]["differential"]["light"] = {"value": "1 USD/bbl", "hgih": 2}
        where, meant = "nodes.port.differential.light.hgih", "high"
    else:
        put(full, where, "x")
    *_, key = where.split(".")
    (problem,) = problems(full)
    assert problem.message == f"unknown key {key!r}"
    assert problem.hint == f"did you mean {meant!r}?"
    assert problem.path == tuple(where.split("."))
    assert problem.on_key


def test_keys_that_are_not_text(small: dict[str, Any], problems: Case) -> None:
    small[1] = 2
    (problem,) = problems(small)
    assert (str(problem), problem.on_key) == ("1: a key must be text, not 1; put it in quotes", True)
    del small[1]
    small["nodes"][5] = {"kind": "hub"}
    (problem,) = problems(small)
    assert str(problem) == "nodes.5: an id must be text, not a number 5; put it in quotes"
    assert problem.on_key


def test_each_kind_and_mode_is_its_own(full: dict[str, Any]) -> None:
    system = ExportSystem.from_dict(full)
    kinds = {name: type(node).__name__ for name, node in system.nodes.items()}
    assert kinds == {
        "north": "Field", "south": "Field", "tanks": "Terminal", "hub": "Hub", "plant": "Refinery",
        "port": "Market", "far": "Market",
    }  # fmt: skip
    for kind, key in (("hub", "output"), ("field", "storage"), ("terminal", "demand"), ("refinery", "price")):
        data = {"kind": kind, "output": "1 Mt/y", "demand": "1 Mt/y"}
        data = {k: v for k, v in data.items() if (kind, k) in (("field", "output"), ("refinery", "demand"))}
        nodes = {**full["nodes"], "odd": {"kind": kind, **data, key: "1 Mt/y"}}
        with pytest.raises(ValueError, match=f"nodes.odd.{key}: unknown key '{key}'"):
            ExportSystem.from_dict({**full, "nodes": nodes})


def test_a_title_with_html_is_text(small: dict[str, Any]) -> None:
    title = "<script>alert('x')</script> & {braces}"
    small["title"] = small["nodes"]["oil"]["title"] = title
    system = ExportSystem.from_dict(small)
    assert (system.title, system.nodes["oil"].title) == (title, title)
    assert system.to_dict()["title"] == title


@pytest.mark.parametrize("where", ["legs.line.mode", "legs.line.to", "legs.line.capacity", "nodes.oil.kind"])
def test_very_long_words_are_refused_in_a_few(small: dict[str, Any], problems: Case, put: Case, where: str) -> None:
    (problem,) = problems(put(small, where, "x" * 1_000_000))
    assert len(str(problem)) < 1000
