"""A file is written whole or not at all."""

from __future__ import annotations

import os
import stat

import pytest

from routeopt.errors import FileError
from routeopt.files import to_yaml, write_text
from routeopt.system import ExportSystem


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file(tmp_path):
    path = write_text(tmp_path / "a.txt", "é\r\nb\n")
    assert path.read_bytes() == "é\r\nb\n".encode()
    assert names(tmp_path) == ["a.txt"]


def test_what_exists_stays_unless_told(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(FileError, match=r"a\.txt: exists already; .*overwrite=True"):
        write_text(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    write_text(path, "new", overwrite=True)
    assert path.read_text(encoding="utf-8") == "new"
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("step", ["replace", "fsync"])
def test_nothing_is_left_half_written(tmp_path, monkeypatch, step):
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(FileError, match="cannot be written: No space left"):
        write_text(path, "new", overwrite=True)
    assert path.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["a.txt"]


def test_an_interrupt_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_text(tmp_path / "a.txt", "new")
    assert names(tmp_path) == []


def test_text_that_no_file_can_hold(tmp_path):
    with pytest.raises(FileError, match="cannot be written"):
        write_text(tmp_path / "a.txt", "\ud800")
    assert names(tmp_path) == []


def test_without_links_nothing_is_overwritten(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", fail)
    path = write_text(tmp_path / "a.txt", "one")
    with pytest.raises(FileError, match="exists already"):
        write_text(path, "two")
    assert path.read_text(encoding="utf-8") == "one"
    assert names(tmp_path) == ["a.txt"]


def test_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    for path, words in [
        (tmp_path, "is a folder"),
        (tmp_path / "nowhere" / "a.txt", "there is no folder"),
        (tmp_path / "file" / "a.txt", "cannot be written"),
        (tmp_path / "a\0b", "cannot be written"),
    ]:
        with pytest.raises(FileError, match=rf"{words}[^:]*(: [^:;]*)?(; [^:]*)?$"):
            write_text(path, "text")


def test_rights_are_those_of_any_file_or_of_the_one_replaced(tmp_path):
    (tmp_path / "other").touch()
    path = write_text(tmp_path / "a.txt", "one")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "other").stat().st_mode)
    path.chmod(0o600)
    write_text(path, "two", overwrite=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.write_text("old", encoding="utf-8")
    link.symlink_to(target)
    write_text(link, "new", overwrite=True)
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "new"


def test_to_yaml_does_not_overwrite_either(tmp_path):
    nodes = {"f": {"kind": "field", "output": "1 kt/d"}, "m": {"kind": "market"}}
    system = ExportSystem.from_dict({"nodes": nodes, "legs": {"a": {"from": "f", "to": "m"}}})
    path = tmp_path / "a.yaml"
    text = to_yaml(system, path)
    assert path.read_text(encoding="utf-8") == text
    with pytest.raises(FileError, match="exists already"):
        to_yaml(system, path)
    to_yaml(system, path, overwrite=True)
