"""What is written loads to the same again, to the last digit and letter."""

from __future__ import annotations

import math
import string

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routeopt.errors import InputError
from routeopt.files import load, load_scenarios, to_yaml
from routeopt.files.bundled import bundled_systems
from routeopt.files.reader import read_text
from routeopt.files.write import _document
from routeopt.scenario import ScenarioFile
from routeopt.system import ExportSystem

HARD = [
    "", " ", "~", "null", "NO", "no", "yes", "on", "true", "True", "12", "-1", "1.5", "1e5", "1E+5", "0o17", "0x1F",
    "017",
    "12:30", "2025-11-29", "1_000", ".inf", "-.INF", ".nan", "<<", "=", "-", "- a", "?", "? a", ":", "a: b", "a:", ":a",
    "a #b", "#a", "*a", "&a", "!a", "!!str", "%a", "@a", "`a", "|", ">", "'", '"', "''", "a'b", "[", "]", "{", "}", ",",
    "[a]", "{a: b}", "a, b", " a", "a ", "\ta", "a\t", "a\tb", "\n", "a\n", "\na", "a\nb", "a\n\nb\n", "  a\nb",
    "a \nb",
    "a\n  b\nc", "a\r\nb", "a\rb", "\x85", "a\u2028b", "\ufeffa", "\xa0a\xa0", "\0", "\x1b[31m", "\x7f", "---", "...",
    "--- a", "é", "Атырау", "阿拉山口", "🛢", "<b>&amp;</b>", "\\", "a\\nb", "x" * 300, "word " * 60, "9" * 400,
    "\ud7ff",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(HARD),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.lists(st.sampled_from(HARD), min_size=2, max_size=4).map("\n".join),
)
NUMBERS = st.one_of(
    st.integers(0, 10**17),
    st.floats(0, 1e12, allow_nan=False),
    st.sampled_from([0.1, 1 / 3, 1e-7, 5e-324, 1e22, 123456789.123456789, 2**53 + 1, 0.1 + 0.2, -0.0]),
)


@pytest.mark.parametrize("text", HARD)
def test_hard_texts(text):
    data = {"a": text, "b": [text, {"c": text}], "d": {"e": {"f": [text] * 3}}}
    document = read_text(_document(data, "x"))
    assert document.data == data
    assert document.problems == ()


@pytest.mark.parametrize("key", [key for key in HARD if key])
def test_hard_keys(key):
    assert read_text(_document({"a": {key: 1}}, "x")).data == {"a": {key: 1}}


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
        max_leaves=12,
    )
)
@settings(max_examples=300, deadline=None)
def test_any_plain_data(data):
    assert read_text(_document({"root": data, "end": 1}, "x")).data == {"root": data, "end": 1}


@pytest.mark.parametrize("value", [math.inf, -math.inf, 1e300, 1e-300, 1.5, -2.0])
def test_numbers_are_numbers_for_older_readers_too(value):
    text = _document({"a": {"b": value}}, "x")
    assert read_text(text).data["a"]["b"] == value
    assert yaml.safe_load(text)["a"]["b"] == value
    assert "!" not in text


@st.composite
def quantities(draw, unit, *, most=1e12):
    number = draw(st.one_of(st.integers(0, int(most)), st.floats(0, most)))
    written = f"{number!r} {unit}"
    if draw(st.booleans()):
        return written
    full = {"value": written, "low": draw(st.floats(0, 1)) * number, "high": number + draw(st.floats(0, 10))}
    if most == 1:
        del full["high"]
    full |= {"note": draw(TEXTS), draw(st.sampled_from(["note", "estimate"])): draw(TEXTS)}
    if draw(st.booleans()):
        full["source"] = draw(st.sampled_from(["one", ["one"], ["two", "one"]]))
    return full


@st.composite
def ids(draw):
    letters = st.text(string.ascii_letters + string.digits + "-_ :#,[]&*é", min_size=1, max_size=8)
    return draw(
        st.one_of(letters.map(str.strip).filter(bool), st.sampled_from(["NO", "1e5", "12:30", "~", "-", "yes"]))
    )


@st.composite
def systems(draw):
    """A chain of nodes from a field to a market with everything that a leg can have, and parallel legs."""
    flow = st.sampled_from(["Mt/y", "kt/d", "t/d"])
    names = draw(st.lists(ids(), min_size=4, max_size=6, unique=True))
    kinds = ["field", *draw(st.lists(st.sampled_from(["hub", "terminal"]), min_size=len(names) - 2,
                                     max_size=len(names) - 2)), "market"]  # fmt: skip
    nodes = {}
    for name, kind in zip(names, kinds, strict=True):
        nodes[name] = {
            "kind": kind,
            "title": draw(TEXTS),
            "note": draw(TEXTS),
            "tags": draw(st.lists(TEXTS, max_size=3)),
        }
        if draw(st.booleans()):
            nodes[name]["at"] = [draw(st.floats(-90, 90)), draw(st.floats(-180, 180))]
            nodes[name]["country"] = draw(ids())
    nodes[names[0]] |= {"output": draw(quantities(draw(flow))), "min_output": draw(quantities("%", most=1))}
    nodes[names[-1]] |= {"price": draw(quantities("USD/t"))}
    legs = {}
    for place in range(len(names) - 1):
        for twin in range(draw(st.integers(1, 2))):
            leg = {"from": names[place], "to": names[place + 1]}
            if draw(st.booleans()):
                leg |= {"tariff": draw(quantities("USD/t")), "loss": draw(quantities("%", most=1)), "note": draw(TEXTS)}
            if draw(st.booleans()):
                leg |= {"components": {"in": "series", draw(ids()): draw(quantities("kt/d")),
                                       "with more": {"without": "1 kt/d", "tags": draw(TEXTS)}},
                        "capacity": draw(quantities("Mt/y"))}  # fmt: skip
            if draw(st.booleans()):
                leg |= {
                    "mode": "sea",
                    "fleet": {"vessels": draw(st.integers(0, 9)), "cargo": "7 kt", "round_trip": "6 d"},
                }
            if draw(st.booleans()):
                leg |= {"blends_into": draw(st.sampled_from(["crude", {"crude": "crude"}])), "countries": [draw(ids())]}
            if draw(st.booleans()):
                leg |= {"outages": {"rate": "2 1/y", "repair": {"mean": "3 d"}, "months": [1, 12]}}
            legs[f"{draw(ids())} {place} {twin}"] = leg
    members = draw(st.sampled_from([list(legs), dict.fromkeys(legs, 2.5), {leg: {"weight": "3"} for leg in legs}]))
    return {
        "name": draw(ids()), "title": draw(TEXTS), "note": draw(TEXTS), "nodes": nodes, "legs": legs,
        "commodities": {"crude": {"title": draw(TEXTS), "barrels_per_tonne": 7.3}},
        "sources": {"one": {"title": draw(TEXTS), "date": "2025-03-20"}, "two": {"title": "NO", "url": "https://x#y"}},
        "groups": {draw(ids()): {"legs": members, "capacity": draw(quantities("Mt/y"))}},
        "contracts": {draw(ids()): {"legs": [next(iter(legs))], "volume": "1 Mt/y", "deficiency": "5 USD/t",
                                    "force_majeure": draw(st.booleans())}},
    }  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=systems())
def test_a_system_comes_back_equal(data, tmp_path):
    system = ExportSystem.from_dict(data)
    path = tmp_path / "system.yaml"
    text = to_yaml(system, path, overwrite=True)
    again = load(path)
    assert again == system
    assert to_yaml(again) == text


@pytest.mark.parametrize("name", sorted(bundled_systems()))
def test_what_is_shipped_comes_back_equal(name, tmp_path):
    system = load(name)
    path = tmp_path / "routes.yaml"
    to_yaml(system, path)
    assert load(path) == system
    beside = tmp_path / "routes.scenarios.yaml"
    to_yaml(system.scenarios, beside, written_for=system.name)
    assert load(path).scenarios == system.scenarios


def test_scenarios_come_back_equal(scenario_text, system_text, tmp_path):
    path = tmp_path / "scenarios.yaml"
    path.write_text(scenario_text, encoding="utf-8")
    scenarios = load_scenarios(path)
    to_yaml(scenarios, path, overwrite=True, written_for="small")
    assert load_scenarios(path) == scenarios
    hard = {
        "1e5": {"title": "NO", "closures": [{"tag": "~", "cause": "a: b\nc", "from": "2024-02-29"}], "tags": HARD[1:]}
    }
    scenarios = ScenarioFile.model_validate({"routeopt-scenarios": 1, "scenarios": hard}).scenarios
    to_yaml(scenarios, path, overwrite=True)
    assert load_scenarios(path) == scenarios


def test_what_is_neither_a_system_nor_scenarios_is_refused(system_text, tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(system_text, encoding="utf-8")
    for wrong in ({"shut": {"closures": []}}, ["shut"], None):
        with pytest.raises(InputError, match="needs a system or scenarios by id"):
            to_yaml(wrong)
    with pytest.raises(InputError, match="a system has its own name"):
        to_yaml(load(path), written_for="small")


def test_it_reads_well(system_text, tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(system_text, encoding="utf-8")
    lines = to_yaml(load(path)).splitlines()
    assert lines[0] == "# yaml-language-server: $schema=schema/system.schema.json"
    assert "price: {value: 68 USD/bbl, low: 55, high: 85, source: [agency]}" in lines
    assert "  light: {title: Light <b>crude</b>, barrels_per_tonne: {value: 7.9, low: 7.8, high: 8}}" in lines
    assert "    fleet: {vessels: 5, cargo: 9.6 kt, round_trip: 6 d, downtime: 10 %}" in lines
    assert "    blends_into: heavy" in lines
    assert "  sea: {title: By sea, metering_legs: [loading]}" in lines
    assert max(map(len, lines)) <= 110
