"""A file is written whole or not at all."""

from __future__ import annotations

import os
import socket
import stat

import pytest

import routeopt as ro
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


@pytest.fixture(params=["pipe", "device", "socket", "link to a pipe"])
def special(request, tmp_path):
    """Something that has a name and is no regular file."""
    path = tmp_path / "special"
    if request.param == "device":
        return os.devnull  # a file beside it could not even be made without being root; it is refused before that
    if request.param == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(path))
        return path
    os.mkfifo(tmp_path / "pipe" if "link" in request.param else path)
    if "link" in request.param:
        path.symlink_to(tmp_path / "pipe")
    return path


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_is_no_regular_file_is_never_replaced(special, overwrite):
    before = os.lstat(special), os.stat(special)
    with pytest.raises(FileError, match=r"is a device or a pipe, .*; name a regular file"):
        write_text(special, "new", overwrite=overwrite)
    assert [stat.S_IFMT(now.st_mode) for now in (os.lstat(special), os.stat(special))] == [
        stat.S_IFMT(then.st_mode) for then in before
    ]


def test_a_device_that_could_be_replaced_is_not(tmp_path):
    path = tmp_path / "full"
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 7))
    except PermissionError:  # only root makes devices; then the file that a rename would leave cannot be made either
        path = os.devnull
    with pytest.raises(FileError, match="is a device"):
        write_text(path, "new", overwrite=True)
    assert stat.S_ISCHR(os.stat(path).st_mode)


def test_links_that_lead_nowhere_or_in_circles(tmp_path):
    link, loop = tmp_path / "link.txt", tmp_path / "loop.txt"
    link.symlink_to(tmp_path / "later.txt")
    write_text(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "later.txt").read_text(encoding="utf-8") == "new"
    loop.symlink_to(loop)
    with pytest.raises(FileError, match="cannot be written"):
        write_text(loop, "new", overwrite=True)


def test_the_place_is_looked_at_before_the_work(tmp_path, monkeypatch):
    nodes = {"f": {"kind": "field", "output": "1 kt/d"}, "m": {"kind": "market"}}
    plan = ro.allocate(ExportSystem.from_dict({"nodes": nodes, "legs": {"a": {"from": "f", "to": "m"}}}))

    def work(*_, **__):
        raise AssertionError("the work was begun")

    monkeypatch.setattr(type(plan), "digest", work)
    monkeypatch.setattr("routeopt.views.report.page", work)
    monkeypatch.setattr(type(plan), "to_pulp", work)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "old").write_text("", encoding="utf-8")
    for write in (plan.to_json, plan.to_csv, plan.to_parquet, plan.to_geojson, plan.to_lp, plan.to_mps, plan.report):
        for name, words in (("pipe", "device or a pipe"), ("old", "overwrite=True"), ("no/such", "no folder")):
            with pytest.raises(FileError, match=words):
                write(tmp_path / name)
    assert names(tmp_path) == ["old", "pipe"]


def test_to_yaml_does_not_overwrite_either(tmp_path):
    nodes = {"f": {"kind": "field", "output": "1 kt/d"}, "m": {"kind": "market"}}
    system = ExportSystem.from_dict({"nodes": nodes, "legs": {"a": {"from": "f", "to": "m"}}})
    path = tmp_path / "a.yaml"
    text = to_yaml(system, path)
    assert path.read_text(encoding="utf-8") == text
    with pytest.raises(FileError, match="exists already"):
        to_yaml(system, path)
    to_yaml(system, path, overwrite=True)
