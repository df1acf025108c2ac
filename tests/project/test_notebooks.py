"""The notebooks run, show what they promise, and are kept without outputs."""

import ast
import gc
import json
import re
import warnings
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
NAMES = [path.stem for path in NOTEBOOKS]


def cells(path, kind):
    """Sources of the cells of a kind, in order."""
    book = json.loads(path.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == kind]


def shown(source, namespace, name):
    """Run a cell; what its last expression shows, as a notebook would show it."""
    tree = ast.parse(source, name)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), namespace)
    if last is None:
        return ""
    value = eval(compile(ast.Expression(last.value), name, "eval"), namespace)
    if value is None or source.rstrip().endswith(";"):
        return ""
    html = getattr(value, "_repr_html_", None)
    return html() if html is not None else repr(value)


def run(path):
    """All that a notebook shows and the number of figures it draws, in one namespace, without a kernel."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    namespace, outputs, figures = {"__name__": "__main__"}, [], 0
    try:
        for place, source in enumerate(cells(path, "code")):
            outputs.append(shown(source, namespace, f"{path.stem}[{place}]"))
            for number in pyplot.get_fignums():
                pyplot.figure(number).canvas.draw()
                figures += 1
            pyplot.close("all")
    finally:
        pyplot.close("all")
    return outputs, figures


def test_there_are_five():
    assert [name[:2] for name in NAMES] == ["01", "02", "03", "04", "05"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_runs(path, capsys):
    outputs, figures = run(path)
    printed = capsys.readouterr()
    assert figures >= 2
    assert figures == sum("plot" in code and code.rstrip().endswith(";") for code in cells(path, "code"))
    assert any("ro-card" in output for output in outputs)
    assert len(printed.out.splitlines()) >= 4
    assert not {"nan", "inf"} & set(re.findall(r"[a-z]+", printed.out.lower()))
    assert printed.err == ""
    gc.collect()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_is_kept_without_outputs(path):
    text = path.read_text(encoding="utf-8")
    book = json.loads(text)
    assert book["metadata"]["kernelspec"]["name"] == "python3"
    assert book["nbformat"] == 4
    ids = [cell["id"] for cell in book["cells"]]
    assert len(ids) == len(set(ids))
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
        assert cell["metadata"] == {}
    assert not re.search(r"/(tmp|home|work|root|Users)\b|[A-Z]:\\\\", text)
    assert text.endswith("}\n")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_text_says_no_numbers_of_its_own(path):
    """What is found is printed from the results: no text that data could contradict."""
    texts = cells(path, "markdown")
    for text in texts:
        assert not re.search(r"\d+\.\d|\d ?%|\d (Mt|kt|USD|kb)", text), text
    for code in cells(path, "code"):
        for said in re.findall(r"print\(\s*\"([^\"{}]*)\"\s*\)", code):
            assert not re.search(r"\d", said), said
    assert any("Conclusions and limits" in text for text in texts[-2:])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_cells_are_short(path):
    for source in cells(path, "code"):
        text = re.sub(r'= """.*?"""', "= ...", source, flags=re.DOTALL)  # a file in a cell may be as long as it is
        assert len(text.splitlines()) <= 16, source
        assert max(map(len, text.splitlines())) <= 112, source  # as wide as a page of a browser


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS[:1], ids=NAMES[:1])
def test_runs_in_a_kernel(path, tmp_path, monkeypatch):
    """As a person runs it: every cell that draws shows its figure, and none says anything on stderr."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    pytest.importorskip("matplotlib_inline")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.delenv("MPLBACKEND", raising=False)
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the client's own dependencies
        nbclient.NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for cell in book.cells:
        if cell.cell_type != "code":
            continue
        assert not [output for output in cell.outputs if output.get("name") == "stderr"]
        if "plot." in cell.source and cell.source.rstrip().endswith(";"):
            assert any("image/png" in output.get("data", {}) for output in cell.outputs), cell.source
