"""What the documents say is run: docstrings, README and docs blocks, examples, the main job."""

import doctest
import importlib
import pkgutil
import re
import runpy
import sys
from pathlib import Path

import pytest

import routeopt

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(routeopt.__path__, "routeopt.")
    if not module.name.endswith("__main__")  # importing one runs it
)


@pytest.mark.parametrize("name", ["routeopt", *MODULES])
def test_docstring_examples(name):
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert result.failed == 0


def test_docstring_examples_exist():
    finder, count = doctest.DocTestFinder(exclude_empty=True), 0
    for name in ["routeopt", *MODULES]:
        count += sum(bool(found.examples) for found in finder.find(importlib.import_module(name)))
    assert count >= 15


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_python_blocks(path, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "block"}  # of the whole page: its blocks go on from one another
    for block in re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
        exec(compile(block, str(path), "exec"), names)


def test_readme_says_what_its_blocks_print(capsys):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = next(b for b in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "from_dict" in b)
    exec(compile(block, "README.md", "exec"), {})
    promised = re.findall(r"print\(.*\) *# ([\d.]+)$", block, re.MULTILINE)
    assert [float(value) for value in capsys.readouterr().out.split()] == pytest.approx([float(p) for p in promised])
    assert len(promised) == 2


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples(path, capsys):
    runpy.run_path(str(path), run_name="__main__")
    printed = capsys.readouterr().out
    assert len(printed.splitlines()) >= 3
    assert "nan" not in printed.lower().split()


def test_no_example_types_its_findings():
    """Findings are computed: no example prints a number of its own that the data could contradict."""
    for path in EXAMPLES:
        for text in re.findall(r'print\(\s*"([^"{}]*)"\s*\)', path.read_text(encoding="utf-8")):
            assert not re.search(r"\d+\.\d|\d ?%|\bMt", text), (path.name, text)


def test_main_job(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["routeopt"])
    runpy.run_module("routeopt", run_name="__main__")
    last = capsys.readouterr().out.splitlines()[-2:]
    assert last[0].startswith("A year without CPC costs")
    assert "would save" in last[1]


def test_version_is_one():
    version = routeopt.__version__
    assert f'version = "{version}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"version: {version}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_readme_opens_with_the_two_commands():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    assert commands[0].endswith("-m routeopt")
    assert "pytest" in commands[1]
    assert lines.index(commands[1]) < 15
    assert sys.version_info >= (3, 11)
