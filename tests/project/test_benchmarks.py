"""The table of benchmarks: it runs, peers agree, and one that does not makes it fail."""

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
OWN = ("closures", "instances", "months", "peers", "row", "scale", "table", "timing")


@pytest.fixture
def own(monkeypatch):
    """Modules of the folder, which are scripts and no package; gone from sight afterwards."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module
    for name in [name for name in sys.modules if name.partition(".")[0] in OWN]:
        monkeypatch.delitem(sys.modules, name)


def test_quick_runs_and_agrees():
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "table.py"), "--quick", "--markdown", "--peers", "highspy", "scipy"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    table = [line for line in done.stdout.splitlines() if line.startswith("| Kazakhstan")]
    assert len(table) == 4
    for line in table:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[3] in ("highspy warm", "scipy linprog")
        assert float(cells[7].replace(",", "")) > 0
        assert cells[9] == ""


def test_a_value_that_differs_fails(own):
    row = own("row")
    ours = np.array([[0.0, -100.0, -5e4], [2.0, -60.0, -3e4]])
    assert row.disagreement(ours, ours * (1 + 9e-7)) == ""
    assert "volume of closure 1 differs by 2.0e-06" in row.disagreement(
        ours, ours + np.array([[0, 0, 0], [0, 2e-4, 0]])
    )
    assert "money of closure 0" in row.disagreement(ours, ours + np.array([[0, 0, np.nan], [0, 0, 0]]))
    one = row.Row("here", (1, 2), "work", "peer", "1 / 1", 1e-6, 3e-6, 2.0)
    assert one.cells()[-1] == "yes"
    assert row.Row("here", (1, 2), "work", "peer", "1 / 1", 1e-6, 1.9e-6, 2.0).cells()[-1] == "below"


def test_a_wrong_peer_ends_with_an_error(own, monkeypatch, capsys):
    table, peers, instances = own("table"), own("peers"), own("instances")
    case = instances.Instance("small", instances.generated(40, 90))
    monkeypatch.setattr(table, "_kz", lambda: case)
    right = own("peers.highs_warm").Warm()

    class Wrong:
        name, how, closures, whole = "wrong", "", True, False
        refuses, prepare = right.refuses, right.prepare

        def solve(self, sets):
            return right.solve(sets) * [1.0, 1.0, 1.0001]

    monkeypatch.setattr(peers, "load", lambda name: Wrong() if name == "scipy" else "not installed (nothing)")
    monkeypatch.setattr("logging.disable", lambda level: None)
    assert table.main(["--quick", "--peers", "scipy", "glop"]) == 1
    shown = capsys.readouterr().out
    assert "FAILED: money" in shown
    assert "not installed" in shown
