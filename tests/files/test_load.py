"""Names and paths, the bundled data, and what random damage does to a file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routeopt.errors import FileError, InputError
from routeopt.files import bundled, bundled_systems, load, load_scenarios


@pytest.fixture
def shipped(tmp_path, monkeypatch, system_text):
    """A folder of data as it comes with the library."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "routes.yaml").write_text("# a comment\n" + system_text, encoding="utf-8")
    (folder / "other.yaml").write_text("name: 'other'  # quoted\n", encoding="utf-8")
    (folder / "nameless.yaml").write_text("title: none\n", encoding="utf-8")
    monkeypatch.setattr(bundled, "data_folder", lambda: folder)
    return folder


def test_bundled_systems_are_found_by_the_name_in_the_file(shipped):
    assert bundled_systems() == {"other": shipped / "other.yaml", "small": shipped / "routes.yaml"}
    assert load("small").name == "small"


@pytest.mark.parametrize("name", ["smal", "../../etc/passwd", "/etc/passwd", "", "a\0b", "x" * 5000, ".", "data"])
def test_an_unknown_name(shipped, name):
    with pytest.raises(FileError) as raised:
        load(name)
    assert "comes with the library" in str(raised.value)
    assert ("did you mean 'small'?" if name == "smal" else "other, small") in str(raised.value)


def test_an_unknown_name_that_is_a_file(shipped, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text("a: 1", encoding="utf-8")
    Path("plain").write_text("a: 1", encoding="utf-8")
    with pytest.raises(FileError, match=r"write load\('mine\.yaml'\)"):
        load("mine")
    with pytest.raises(FileError, match=r"write load\(pathlib\.Path\('plain'\)\)"):
        load("plain")


@pytest.mark.parametrize("source", [3, None, b"small", ["small"]])
def test_what_is_no_path(source):
    with pytest.raises(FileError, match="needs a"):
        load(source)
    with pytest.raises(FileError, match="needs a path"):
        load_scenarios(source)


def test_the_data_folder_of_a_checkout_and_of_a_package(tmp_path, monkeypatch):
    monkeypatch.setattr(bundled, "_PACKAGE", tmp_path / "src" / "routeopt")
    assert bundled.data_folder() == tmp_path / "data"
    (tmp_path / "src" / "routeopt" / "data").mkdir(parents=True)
    assert bundled.data_folder() == tmp_path / "src" / "routeopt" / "data"


@pytest.mark.parametrize("name", sorted(bundled_systems()))
def test_what_is_shipped_loads(name):
    system = load(name)
    assert system.name == name
    for path in sorted((bundled.data_folder() / "scenarios").glob(f"{name}.yaml")):
        assert list(system.scenarios) == list(load_scenarios(path, system))


def large_system(legs: int) -> str:
    nodes = [f"  n{i}: {{kind: hub, title: Node {i}, at: [46.15, 53.38], country: KZ}}" for i in range(1000)]
    lines = [
        f"  leg-{i}:\n    from: n{i % 1000}\n    to: m\n    tariff: {i % 30 + 1} USD/t\n    countries: [KZ, RU]\n"
        "    capacity: {value: 39 Mt/y, low: 38, high: 40, note: something about it}"
        for i in range(legs)
    ]
    ends = "  f: {kind: field, output: 10 Mt/y}\n  m: {kind: market}\nlegs:\n  a: {from: f, to: n0}"
    return "\n".join(["nodes:", *nodes, ends, *lines, ""])


def test_ten_thousand_legs_are_read(tmp_path):
    path = tmp_path / "large.yaml"
    path.write_text(large_system(10_000), encoding="utf-8")
    assert len(load(path).legs) == 10_001


def test_nesting_cannot_exhaust_the_interpreter(tmp_path):
    path = tmp_path / "deep.yaml"
    for text in ("[" * 100_000, "- " * 100_000, "nodes: " + "{a: " * 50_000):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(FileError, match=r"deep\.yaml:1:\d+: "):
            load(path)
    assert sys.getrecursionlimit() >= 1000


JUNK = st.sampled_from(
    ["", " ", "\n", "\t", ":", ": ", "-", "- ", "[", "]", "{", "}", ",", "#", "'", '"', "&a ", "*a", "!x ", "|", ">",
     "%",
     "~", "null", "true", "0", "-1", "1e999", ".nan", ".inf", "9" * 400, "NO", "é", "\x00", "\u2028", "<<: ", "? ",
     "light", "hub", "5 Mt/y", "10 %", "2025-02-29", "[a, b]", "{a: b}", "[[x]]", "{x: [1]}", "- - x"]
)  # fmt: skip


@st.composite
def damaged(draw, text):
    """The text with a few characters, words or lines replaced, doubled or lost."""
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["value", "key", "characters", "line", "lines", "double"]))
        lines = text.split("\n")
        at = draw(st.integers(0, len(lines) - 1))
        if kind in ("value", "key") and ":" in lines[at]:
            key, _, value = lines[at].partition(":")
            junk = draw(JUNK)
            lines[at] = f"{key}: {junk}" if kind == "value" else f"{key[: len(key) - len(key.lstrip())]}{junk}:{value}"
        elif kind == "characters":
            begin = draw(st.integers(0, len(text)))
            end = begin + draw(st.integers(0, 12))
            lines = (text[:begin] + draw(JUNK) + text[end:]).split("\n")
        elif kind == "double":
            lines.insert(draw(st.integers(0, len(lines))), lines[at])
        else:
            del lines[at : at + (1 if kind == "line" else draw(st.integers(1, 6)))]
        text = "\n".join(lines)
    return text


FUZZ = settings(max_examples=250, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])


def survives(text, path, read):
    path.write_text(text, encoding="utf-8")
    problems = ()
    try:
        read(path)
    except InputError as error:
        problems = error.problems
    for problem in problems:
        assert problem.file == str(path)
        assert problem.line >= 1
        assert problem.message


@FUZZ
@given(data=st.data())
def test_a_damaged_system_never_escapes(data, tmp_path, system_text):
    survives(data.draw(damaged(system_text)), tmp_path / "fuzz.yaml", load)


@FUZZ
@given(data=st.data())
def test_a_damaged_file_of_scenarios_never_escapes(data, tmp_path, system_text, scenario_text):
    good = tmp_path / "good.yaml"
    good.write_text(system_text, encoding="utf-8")
    system = load(good)
    survives(data.draw(damaged(scenario_text)), tmp_path / "fuzz.yaml", lambda path: load_scenarios(path, system))
