"""Ctrl-C in the middle of a sweep: it ends at once, leaves nothing behind, and the process can go on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import helpers.interrupted

SCRIPT = Path(helpers.interrupted.__file__)


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def hears_ctrl_c():
    """What was started in the background of a shell ignores it, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(
    ("engine", "where", "all_of_them"),
    [("kernel", "here", False), ("warm", "here", False), ("warm", "processes", False), ("warm", "processes", True)],
)
def test_ctrl_c(tmp_path, engine, where, all_of_them):
    """A terminal interrupts all processes of the group, a notebook only the one that it talks to."""
    asked = [sys.executable, str(SCRIPT), engine, where]
    with subprocess.Popen(
        asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, start_new_session=True,
        preexec_fn=hears_ctrl_c,
    ) as child:  # fmt: skip
        word, *pids = child.stdout.readline().split()
        assert word == "begun"
        assert len(pids) == (2 if where == "processes" else 0)
        (os.killpg if all_of_them else os.kill)(child.pid, signal.SIGINT)
        begun = time.monotonic()
        word, parts, children = child.stdout.readline().split()
        seconds = time.monotonic() - begun
        said, errors = child.communicate(timeout=60)
    assert word == "interrupted"
    assert seconds < 5.0
    assert int(parts) < helpers.interrupted.PARTS
    assert int(children) == 0
    assert said == "again True\n", errors
    assert child.returncode == 0, errors
    assert all(gone(int(pid)) for pid in pids)
    assert list(tmp_path.iterdir()) == []
