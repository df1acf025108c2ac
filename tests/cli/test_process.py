"""As a process: exit codes, Ctrl-C, a reader that goes away, colour, and what happens without the extra."""

import os
import pty
import select
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
    return subprocess.Popen(command, text=True, **streams)


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
    running = start("simulate", str(started), "--years", "500000", "-f", "csv", "-o", str(out))
    time.sleep(2.5)
    assert running.poll() is None
    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=30)
    assert (running.returncode, said) == (130, ("", "stopped\n"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="pipes")
@pytest.mark.parametrize("form", ["table", "csv"])
def test_a_reader_that_goes_away(started, form):
    read, write = os.pipe()
    os.close(read)
    running = start("show", str(started), "-t", "legs", "-f", form, stdout=write)
    os.close(write)
    _, err = running.communicate()
    assert (running.returncode, err) == (141, "")


def on_terminal(words, **environment):
    """What a terminal gets."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", **environment}
    if "NO_COLOR" not in environment:
        env.pop("NO_COLOR", None)
    running = subprocess.Popen([sys.executable, "-m", "routeopt", *words], stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    got = b""
    while select.select([ours], [], [], 30)[0]:
        try:
            part = os.read(ours, 4096)
        except OSError:  # how Linux says that nobody writes any more
            break
        if not part:
            break
        got += part
    os.close(ours)
    assert running.wait() == 0
    return got.decode()


@pytest.mark.skipif(os.name != "posix", reason="terminals")
def test_no_colour_where_it_is_not_wanted(started):
    words = ["show", str(started)]
    assert "\x1b[1m" in on_terminal(words)
    bare = on_terminal(words, NO_COLOR="1")
    assert "\x1b" not in bare
    assert max(map(len, bare.splitlines())) <= 80


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
