"""As a process: exit codes, Ctrl-C, a reader that goes away, colour, and what happens without the extra."""

import io
import os
import signal
import subprocess
import sys
import time

import pytest

from routeopt.cli import main

BLOCK = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("typer", "rich", "click"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Block())
"""


def start(*words, code=None, **more):
    command = [sys.executable, "-c", code, *words] if code else [sys.executable, "-m", "routeopt", *words]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen(command, text=True, preexec_fn=hears_ctrl_c if os.name == "posix" else None, **streams)


def hears_ctrl_c():
    """What was started in the background of a shell ignores it, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_without_the_extra():
    """With arguments a message; without any the main job, which needs nothing."""
    module = BLOCK + "import runpy; sys.argv[0] = 'routeopt'; runpy.run_module('routeopt', run_name='__main__')"
    asked = start("solve", "kazakhstan", code=module)
    bare = start(code=module)
    out, err = asked.communicate()
    assert (asked.returncode, out) == (5, "")
    assert err.splitlines() == [
        "routeopt: the command line needs typer, which is not installed",
        "install it with: python -m pip install 'routeopt[cli]'",
    ]
    out, err = bare.communicate()
    assert (bare.returncode, err) == (0, "")
    assert out.splitlines()[-1].startswith("A Trans-Caspian pipeline")


def test_another_missing_module_is_no_missing_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "routeopt.cli.app", None)
    with pytest.raises(ModuleNotFoundError, match=r"routeopt\.cli\.app"):
        main(["--version"])


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c(started, tmp_path):
    out = tmp_path / "years.csv"
    begun = ("import sys; from routeopt.cli import app, main; print('begun', file=sys.stderr, flush=True); "
             "main(sys.argv[1:])")  # fmt: skip
    running = start("simulate", str(started), "--years", "500000", "-f", "csv", "-o", str(out), code=begun)
    try:
        assert running.stderr.readline() == "begun\n"
        time.sleep(1)
        assert running.poll() is None
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=30)
    finally:
        running.kill()  # it would go on for an hour
    assert (running.returncode, said) == (130, ("", "stopped\n"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="pipes")
@pytest.mark.parametrize("form", ["table", pytest.param("csv", marks=pytest.mark.slow)])
def test_a_reader_that_goes_away(started, form):
    read, write = os.pipe()
    os.close(read)
    running = start("show", str(started), "-t", "legs", "-f", form, stdout=write)
    os.close(write)
    _, err = running.communicate()
    assert (running.returncode, err) == (141, "")


class Terminal(io.StringIO):
    """What takes text and says that it is a terminal."""

    def isatty(self):
        return True


@pytest.mark.parametrize(("variables", "styled"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_no_colour_where_it_is_not_wanted(started, monkeypatch, variables, styled):
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in {"TERM": "xterm-256color", "COLUMNS": "80", **variables}.items():
        monkeypatch.setenv(name, value)
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    with pytest.raises(SystemExit) as end:
        main(["show", str(started)])
    assert end.value.code == 0
    assert ("\x1b[1m" in screen.getvalue()) is styled
    assert ("\x1b" in screen.getvalue()) is styled


def test_letters_that_the_terminal_lacks(started, tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(started.read_text().replace("title: A small", "title: Ein größeres"), encoding="utf-8")
    done = start("show", str(path), env={**os.environ, "PYTHONIOENCODING": "ascii"})
    out, err = done.communicate()
    assert (done.returncode, err) == (0, "")
    assert "gr\\xf6\\xdferes" in out


def test_help_loads_nothing_heavy():
    code = ("import sys; from routeopt.cli import main\ntry: main(['--help'])\n"
            "except SystemExit as end: print(end.code)\n"
            "print({'pandas', 'numpy', 'highspy', 'pulp', 'networkx', 'matplotlib'} & set(sys.modules))")  # fmt: skip
    out, err = start(code=code).communicate()
    assert out.splitlines()[-2:] == ["0", "set()"], err


def test_completion(started):
    env = {**os.environ, "_ROUTEOPT_COMPLETE": "complete_zsh"}
    code = "from routeopt.cli import main; main()"
    out, _ = start(
        code=code, env={**env, "_TYPER_COMPLETE_ARGS": f"routeopt solve {started} main-closed-"}
    ).communicate()
    assert "main-closed-with-bypass" in out
    assert "one-berth" not in out
