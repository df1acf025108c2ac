"""What a new user gets to begin with: it loads, is checked, solves, and nothing is overwritten."""

import shlex

import pytest

import routeopt as ro


def test_it_is_checked_and_solves(run, started, small):
    both = (started, started.with_name("small.scenarios.yaml"))
    assert [path.exists() for path in both] == [True, True]
    assert run("check", *both).out.count("no errors") == 2
    assert small.name == "small"
    base = ro.allocate(small)
    # 200 kb/d less the refinery's 30; the main line takes 140 of them, the railway the rest.
    assert (base.exported, base.shut_in) == (pytest.approx(170), pytest.approx(0))
    assert base.routes["flow"].to_dict() == pytest.approx({"main": 140, "rail": 30, "bypass": 0})
    exported = {name: ro.allocate(small, name).exported for name in small.scenarios}
    assert exported["main-closed"] == pytest.approx(40)  # the railway alone
    assert exported["main-closed-with-bypass"] == pytest.approx(100)
    assert exported["one-berth"] == pytest.approx(130)
    assert exported["half"] == pytest.approx(110)
    assert exported["country-closed"] == pytest.approx(40)
    assert 0 < exported["storm"] <= 170 + 1e-6


def test_all_commands_work_on_it(run, started):
    for words in (["show"], ["sources"], ["solve"], ["stress"], ["contingencies"], ["simulate", "--draws", "50"]):
        more = ["storm"] if words == ["stress"] else []
        assert run(words[0], started, *words[1:], *more).code == 0


def test_comments_name_commands_that_there_are(run, started):
    for line in started.read_text().splitlines():
        for part in line.split("`")[1::2]:
            if part.startswith("routeopt "):
                assert run(shlex.split(part)[1], "--help").code == 0


def test_it_never_overwrites(run, tmp_path):
    path = tmp_path / "mine.yaml"
    beside = tmp_path / "mine.scenarios.yaml"
    beside.write_text("precious")
    ran = run("new", path)
    assert ran.code == 3
    assert "add --force" in ran.err
    assert not path.exists()
    assert beside.read_text() == "precious"
    assert run("new", path, "--force").code == 0
    assert ro.load(path).name == "mine"
    assert run("new", path).code == 3


def test_both_files_or_none(run, tmp_path, monkeypatch):
    from routeopt.files import atomic

    write = atomic.write_text

    def full(place, text, overwrite=False):
        if "scenarios" in place.name:
            raise OSError(28, "No space left on device")
        return write(place, text, overwrite)

    monkeypatch.setattr(atomic, "write_text", full)
    ran = run("new", tmp_path / "mine.yaml")
    assert ran.code == 1
    assert "No space left" in ran.err
    assert list(tmp_path.iterdir()) == []
