"""The picture of the packages is that of the code."""

import importlib.util
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_picture_is_that_of_the_code():
    spec = importlib.util.spec_from_file_location("make_architecture", DOCS / "make_architecture.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    drawn = (DOCS / "_static" / "architecture.svg").read_text(encoding="utf-8")
    assert script.drawn() == drawn, "run python docs/make_architecture.py"
    assert set(script.imports()) <= set(script.SAYS), "say in docs/make_architecture.py what the new package is for"
