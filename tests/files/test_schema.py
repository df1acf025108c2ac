"""The published JSON Schemas: valid, up to date, as permissive as the loader and as strict about keys."""

from __future__ import annotations

import re

import pytest
from jsonschema import Draft202012Validator

from routeopt.files import load, load_scenarios, schema
from routeopt.files.bundled import data_folder
from routeopt.files.reader import read_file, read_text
from routeopt.files.schemas import schema_folder, schema_text, write_schemas

KINDS = ("system", "scenarios")
SHIPPED = [
    *(("system", path) for path in sorted(data_folder().glob("*.yaml"))),
    *(("scenarios", path) for path in sorted((data_folder() / "scenarios").glob("*.yaml"))),
]


def faults(kind, data):
    return [error.message for error in Draft202012Validator(schema(kind)).iter_errors(data)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_valid_and_published(kind):
    Draft202012Validator.check_schema(schema(kind))
    published = (schema_folder() / f"{kind}.schema.json").read_text(encoding="utf-8")
    assert published == schema_text(kind), "run python -m routeopt.files"


def test_writing_them(tmp_path):
    assert [path.name for path in write_schemas(tmp_path)] == ["system.schema.json", "scenarios.schema.json"]


def test_another_kind():
    with pytest.raises(ValueError, match="'system' and of 'scenarios', not of 'systems'"):
        schema("systems")


@pytest.mark.parametrize(("kind", "path"), SHIPPED, ids=[path.name for _, path in SHIPPED])
def test_what_is_shipped_is_accepted_and_names_its_schema(kind, path):
    assert faults(kind, read_file(path).data) == []
    first = path.read_text(encoding="utf-8").splitlines()[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert named, f"the first line of {path.name} must name its schema"
    assert (path.parent / named[1]).resolve() == (schema_folder() / f"{kind}.schema.json").resolve()


# Replaced, by what: forms that the loader reads, and the schema must not refuse.
FORMS = [
    ("exporter: KZ", "exporter: [KZ, RU]"),
    ("legs: [loading, ship], cap", "legs: loading, cap"),
    ("legs: [loading, ship], cap", "legs: {loading: 1, ship: 2.5 %}, cap"),
    ("legs: [loading, ship], cap", "legs: {loading: {weight: 1}, ship: {}}, cap"),
    ("berths: {legs: [loading, ship], capacity: 60 Mt/y}",
     "berths: {legs: {ship: {cargo: 9 kt, round_trip: 6 d}}, vessels: 3, downtime: 0.1}"),
    ("blends_into: heavy", "blends_into: {light: heavy}"),
    ("commodities: heavy", "commodities: [heavy]"),
    ("metering_legs: [loading]", "metering_legs: loading"),
    ("sizes: [10 Mt/y, 20 Mt/y], capex: [2e9 USD, 3e9 USD]", "sizes: 10 Mt/y, capex: {value: 2e9 USD, low: 1e9}"),
    ("one: 25 Mt/y,", "one: {value: 25 Mt/y, high: 26}, three: {capacity: 5 Mt/y, tags: new},"),
    ("{in: parallel, one: 25 Mt/y, two: 25 Mt/y}", "{in: parallel, parts: {one: {capacity: 50 Mt/y}}}"),
    ("{in: series, pump: {without: 30 Mt/y, tags: old}}", "{in: series, pump: 30 Mt/y}"),
    ("vessels: 5", "vessels: {value: 5, low: '4', high: ~, note: ~}"),
    ("min_output: 33 %", "min_output: 0.33"),
    ("min_output: 33 %", "min_output: ~"),
    ("at: [46.15, 53.38]", "at: [46, 53]"),
    ("contracts:\n  promise: {legs: [ship], volume: 1 Mt/y, deficiency: 20 USD/t}\n", "contracts:\nrecourse: {}\n"),
    ("blends_into: heavy\n    transit_time: 2 d", "blends_into:\n    commodities: heavy"),
]  # fmt: skip
SCENARIO_FORMS = [
    ("recovery: linear 14 d", "recovery: step"),
    ("recovery: linear 14 d", "recovery: {shape: linear, duration: 14 d}"),
    ("recovery: linear 14 d", "recovery: ~"),
    ("extends: shut", "extends: [shut]"),
    ("component: two", "component: [two, one]"),
    ("{planned: 20 Mt/y}", "{planned: {value: 20 Mt/y, low: 10}}"),
    ("{tariffs: {trunk: +6 USD/t}", "{tariffs: ~"),
    ("{tariffs: {trunk: +6 USD/t}", "{override: {legs.trunk.capacity: 50 Mt/y}"),
    ("{tariffs: {trunk: +6 USD/t}", "{tariffs: {trunk: {value: 20 USD/t, low: 10}}"),
    ("system: small", "system: ~"),
]


@pytest.mark.parametrize(("old", "new"), [("exporter: KZ", "exporter: KZ"), *FORMS])
def test_what_the_loader_reads_the_schema_accepts(old, new, system_text, tmp_path, edit):
    path = tmp_path / "form.yaml"
    path.write_text(edit(system_text, old, new), encoding="utf-8")
    load(path)
    assert faults("system", read_file(path).data) == []


@pytest.mark.parametrize(("old", "new"), [("extends: shut", "extends: shut"), *SCENARIO_FORMS])
def test_what_the_loader_of_scenarios_reads_the_schema_accepts(old, new, scenario_text, tmp_path, edit):
    path = tmp_path / "form.yaml"
    path.write_text(edit(scenario_text, old, new), encoding="utf-8")
    load_scenarios(path)
    assert faults("scenarios", read_file(path).data) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("exporter: KZ", "exportr: KZ"), ("money: USD", "mony: USD"), ("min_output:", "min_outptu:"),
     ("low: 38", "lo: 38"),
     ("    loss:", "    los:"), ("tags: old", "tagz: old"), ("cargo:", "cargoes:"), ("lifetime:", "lifetmie:"),
     ("capacity: 60 Mt/y\n", "capacity: 60\n"), ("kind: terminal", "kind: port"), ("mode: tanker", "mode: ship"),
     ("title: By sea", "title: 3"), ("[46.15, 53.38]", "[46.15]"), ("routeopt: 1", "routeopt: 2"), ("nodes:", "node:")],
)  # fmt: skip
def test_the_schema_refuses_what_the_loader_refuses(old, new, system_text, edit):
    assert faults("system", read_text(edit(system_text, old, new)).data)


@pytest.mark.parametrize(
    ("old", "new"),
    [("system: small", "sistem: small"), ("{tag: cold", "{tags: cold"), ("step: day", "step: hour"),
     ("closures: [{route: sea}]", "closures: {route: sea}"), ("linear 14 d", "slowly"), ("until:", "untill:")],
)  # fmt: skip
def test_the_schema_of_scenarios_refuses_what_the_loader_refuses(old, new, scenario_text, edit):
    assert faults("scenarios", read_text(edit(scenario_text, old, new)).data)
