"""A small system on disk, as `routeopt new` writes it, and a way to run the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import routeopt as ro
from routeopt.cli.app import app


class Ran:
    """What a command left behind."""

    def __init__(self, result):
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr

    @property
    def data(self):
        return json.loads(self.out)

    def rows(self, table):
        return self.data["tables"][table]["rows"]


@pytest.fixture
def run(monkeypatch):
    """Runs ``routeopt`` in this process on a screen of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TQDM_DISABLE", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return lambda *words: Ran(CliRunner().invoke(app, [str(word) for word in words]))


@pytest.fixture(scope="session")
def started(tmp_path_factory) -> Path:
    """The system file of `routeopt new`."""
    path = tmp_path_factory.mktemp("new") / "small.yaml"
    assert CliRunner().invoke(app, ["new", str(path)]).exit_code == 0
    return path


@pytest.fixture(scope="session")
def small(started) -> ro.ExportSystem:
    """The same, loaded."""
    return ro.load(started)
