"""Bad input of every kind: the exit code, what is said, and where."""

import os
import re
import stat
from pathlib import Path

import pytest

from routeopt.cli.terminal import MEANINGS

BAD = """\
routeopt: 1
name: bad
nodes:
  a: {kind: field, output: 10 Mt/yr}
  b: {kind: market, contry: KZ}
legs:
  x: {from: a, to: b, capacity: 5}
"""


@pytest.mark.parametrize(("words", "code", "said"), [
    ([], 0, "Exit codes"),
    (["--version"], 0, "routeopt 0."),
    (["frob"], 2, "frob"),
    (["solve"], 2, "SYSTEM"),
    (["solve", "{}", "--frob"], 2, "--frob"),
    (["solve", "{}", "-f", "xml"], 2, "xml"),
    (["solve", "{}", "-t", "leg"], 2, "did you mean 'legs'?"),
    (["solve", "{}", "--close", "rout:main"], 2, "did you mean 'route'?"),
    (["solve", "{}", "--close", "route:"], 2, "names nothing"),
    (["solve", "{}", "--close", "component:berth-1"], 2, "component:LEG/berth-1"),
    (["solve", "{}", "--build", "bypass"], 2, "no name with a value"),
    (["solve", "{}", "--build", "bypass=1 kb/d", "--build", "bypass=2 kb/d"], 2, "named twice"),
    (["simulate", "{}", "--draws", "3", "--years", "3"], 2, "give one of them"),
    (["stress", "{}"], 2, "SCENARIO"),
    (["new", "x.txt"], 2, "write x.yaml"),
    (["new", "Big.yaml"], 2, "small letters"),
    (["schema", "plan"], 2, "plan"),
    (["solve", "kazakstan"], 3, "did you mean 'kazakhstan'?"),
    (["solve", "no/such/file"], 3, "no such file"),
    (["solve", "."+"/"], 3, "is a folder"),
    (["solve", "{}", "main-closd"], 3, "did you mean 'main-closed'?"),
    (["solve", "{}", "--close", "mian"], 3, "did you mean 'main'?"),
    (["solve", "{}", "--close", "main=150%"], 3, "more than the whole"),
    (["solve", "{}", "--build", "bypass=60"], 3, "needs a unit"),
    (["solve", "{}", "--build", "bipass=60 kb/d"], 3, "did you mean 'bypass'?"),
    (["solve", "{}", "--unit", "Mt/y"], 3, "not of the kind of kb/d"),
    (["solve", "{}", "--unit", "kb/dy"], 3, "unknown unit"),
    (["solve", "{}", "--foresight", "non"], 3, "known: myopic, perfect"),
    (["solve", "{}", "--apportion", "north,suoth"], 3, "south"),
    (["solve", "{}", "-t", "periods"], 3, "no table 'periods'"),
    (["solve", "{}", "-o", "no-such-folder/x"], 3, "no folder"),
    (["stress", "{}", "main-closed", "main-closed"], 3, "two are called"),
    (["contingencies", "{}", "-k", "4"], 3, "write 1, 2 or 3"),
    (["contingencies", "{}", "--over", "legs"], 3, "did you mean 'leg'?"),
    (["contingencies", "{}", "--top", "0"], 3, "positive whole number"),
    (["simulate", "{}", "--draws", "0"], 3, "whole number from 1"),
    (["expand", "{}", "bypass"], 2, "add --outages"),
    (["expand", "{}", "bypass", "--probability", "storm"], 2, "write 'cpc-closed=5%'"),
    (["expand", "{}", "bipass", "--probability", "half=5%"], 3, "did you mean 'bypass'?"),
    (["expand", "{}", "bypass", "--probability", "main-closed=5%", "--cvar-weight", "2"], 3, "share from 0 up to 1"),
    (["worst-case", "{}", "--over", "legs"], 3, "did you mean 'leg'?"),
    (["worst-case", "{}", "--measure", "volum"], 3, "volume"),
    (["solve", "{}", "--solver", "pulp:NONE"], 4, "NONE"),
])  # fmt: skip
def test_codes(run, started, monkeypatch, tmp_path, words, code, said):
    monkeypatch.chdir(tmp_path)
    ran = run(*(str(started) if word == "{}" else word for word in words))
    assert ran.code == code, ran.err
    text = " ".join((ran.out if code == 0 else ran.err).split())
    assert said in text
    assert "Traceback" not in ran.err
    assert code == 0 or ran.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_file_beside_is_offered(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(BAD)
    assert "write ./mine.yaml" in run("solve", "mine").err


@pytest.mark.parametrize("words", [["solve"], ["report"], ["stress", "main-closed"], ["schema", "system"]])
def test_where_an_answer_goes_is_looked_at_before_the_work(run, started, monkeypatch, tmp_path, words):
    def work(*_, **__):
        raise AssertionError("the work was begun")

    for verb in ("routeopt.allocation.allocate", "routeopt.resilience.stress_test", "routeopt.files.load",
                 "routeopt.files.schemas.schema_text"):  # fmt: skip
        monkeypatch.setattr(verb, work)
    words = words if words[0] == "schema" else [words[0], started, *words[1:]]
    pipe, old = tmp_path / "pipe", tmp_path / "old"
    os.mkfifo(pipe)
    old.write_text("old")
    for place, force, said in [
        (old, [], "exists already; choose another name, or add --force"),
        (pipe, [], "is a device or a pipe, which a file would replace; name a regular file, or write -o - to print"),
        (pipe, ["--force"], "write -o - to print"),
        (os.devnull, ["--force"], "write -o - to print"),
        (tmp_path, ["--force"], "is a folder"),
        (tmp_path / "no" / "x", [], "there is no folder"),
        (old / "x", ["--force"], "is not a folder"),
    ]:
        ran = run(*words, "-o", place, *force)
        assert ran.code == 3, ran.err
        assert said in ran.err
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert old.read_text() == "old"
    assert sorted(tmp_path.iterdir()) == [old, pipe]


def test_a_dash_is_standard_output(run, started, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words in (["solve", started], ["solve", started, "-f", "json"], ["schema", "system"]):
        assert run(*words, "-o", "-").out == run(*words).out != ""
    page = run("report", started, "-o", "-")
    assert page.out.startswith("<!DOCTYPE html>")
    assert "wrote" not in page.err
    assert list(tmp_path.iterdir()) == []


def test_new_replaces_no_pipe(run, tmp_path):
    os.mkfifo(tmp_path / "mine.scenarios.yaml")
    ran = run("new", tmp_path / "mine.yaml", "--force")
    assert ran.code == 3
    assert "is a device or a pipe" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.scenarios.yaml"]  # both or none


def test_all_mistakes_of_a_file(run, tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(BAD)
    ran = run("check", path)
    assert ran.code == 3
    lines = ran.out.splitlines()
    assert [line.removeprefix(str(path)).split(": ")[0] for line in lines[:-1]] == [":4:28", ":5:21", ":7:33"]
    assert lines[1].endswith("unknown key 'contry'; did you mean 'country'?")
    assert lines[-1] == "3 errors"
    data = run("check", path, "-f", "json")
    assert data.code == 3
    assert [(row["line"], row["column"]) for row in data.rows("problems")] == [(4, 28), (5, 21), (7, 33)]
    assert data.rows("problems")[0]["hint"] == "write Mt/y"
    solved = run("solve", path)  # every command says the same
    assert solved.code == 3
    assert [line.removeprefix("error: ") for line in solved.err.splitlines()] == lines[:-1]


def test_scenarios_are_checked_against_their_system(run, started, tmp_path):
    for source in (started, started.with_name("small.scenarios.yaml")):
        (tmp_path / source.name).write_text(source.read_text().replace("{leg: main}", "{leg: mian}"))
    path = tmp_path / "small.scenarios.yaml"
    ran = run("check", path)
    assert ran.code == 3
    assert "did you mean 'main'?" in ran.out
    assert f"{path}:8:" in ran.out
    (tmp_path / "small.yaml").unlink()
    alone = run("check", path)  # a name cannot be wrong where no system is known
    assert alone.code == 0
    assert "not checked against a system" in alone.out
    assert run("check", path, "--system", started).code == 3
    assert run("check", path, "--system", "kazakhstan").code == 3


def test_scenarios_find_a_system_by_its_name(run, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("routeopt-scenarios: 1\nsystem: kazakhstan\nscenarios:\n  one: {closures: [{leg: btcc}]}\n")
    assert "did you mean 'btc'?" in run("check", path).out
    path.write_text(path.read_text().replace("btcc", "btc"))
    assert run("check", path).out == f"{path}: 1 scenario, for the system kazakhstan: no errors\n"
    assert run("check", path, "kazakhstan", "-q").out == ""


def test_a_fault_says_that_it_is_one(run, started, monkeypatch):
    def broken(*args, **more):
        raise ZeroDivisionError("one by zero")

    monkeypatch.setattr("routeopt.allocation.allocate", broken)
    ran = run("solve", started)
    assert ran.code == 1
    assert "please report it" in ran.err
    assert "one by zero" in ran.err


def test_titles_do_not_steer_the_terminal(run, tmp_path, started):
    path = tmp_path / "small.yaml"
    path.write_text(started.read_text().replace("title: A small export system", 'title: "\\e[31mred\\a"'))
    for words in (["show", path], ["solve", path]):
        ran = run(*words)
        assert ran.code == 0
        assert "\x1b" not in ran.out
        assert "\\x1b[31mred\\x07" in ran.out


def test_the_page_lists_the_exit_codes(run):
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)] == list(MEANINGS)
    words = " ".join(run("--help").out.split())
    assert all(f"{code} {meaning}" in words for code, meaning in MEANINGS.items())
    for command in re.findall(r"^routeopt (\S+)", page, re.MULTILINE):
        assert run(command, "--help").code == 0
