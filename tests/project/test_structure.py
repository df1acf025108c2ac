"""The house: imports point down, nothing heavy is loaded early, public names are documented."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import networkx
import pytest

import routeopt

SOURCE = Path(routeopt.__file__).parent

# A folder or module may import from those that stand before it, and from itself.
ORDER = ["arrays", "errors", "units", "intervals", "results", "system", "scenario", "files", "model", "solve",
         "allocation", "comparison", "elements", "resilience", "decide", "testing", "views", "cli"]  # fmt: skip
FORBIDDEN = {("files", "model"), ("model", "files"), ("solve", "files"), ("allocation", "files")}


def imports_of(path):
    """Modules of routeopt that a file imports, also inside functions and for type checking only."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("routeopt"):
            yield node.module


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_point_down(path):
    place = path.relative_to(SOURCE).with_suffix("").parts[0]
    if place in ("__init__", "__main__"):
        return
    for module in imports_of(path):
        parts = module.split(".")
        if len(parts) == 1:
            continue
        assert ORDER.index(parts[1]) <= ORDER.index(place), f"{place} imports {module}"
        assert (place, parts[1]) not in FORBIDDEN


def module_of(path):
    return ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")


def test_no_import_goes_round_in_a_circle():
    """Of single files, imports inside functions and for type checking included."""
    files = {module_of(path): path for path in SOURCE.rglob("*.py")}
    below = networkx.DiGraph()
    for module, path in files.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("routeopt"):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                below.add_edges_from((module, name if name in files else node.module) for name in names)
    below.remove_edges_from(list(networkx.selfloop_edges(below)))
    circles = [circle for circle in networkx.strongly_connected_components(below) if len(circle) > 1]
    assert not [sorted(circle) for circle in circles]


def test_only_one_way_leads_up_to_the_figures():
    """Results reach views through `routeopt.results`, by name; only views know matplotlib."""
    by_name, drawing = set(), set()
    for path in SOURCE.rglob("*.py"):
        text, place = path.read_text(encoding="utf-8"), path.relative_to(SOURCE).as_posix()
        if "import_module" in text and "routeopt.views" in text and not place.startswith("views/"):
            by_name.add(place)
        if any(line.strip().startswith(("import matplotlib", "from matplotlib")) for line in text.splitlines()):
            drawing.add(place.partition("/")[0])
    assert by_name == {"results/result.py"}
    assert drawing == {"views"}


@pytest.mark.parametrize(("library", "home"), [("highspy", "solve/highs.py"), ("pulp", "solve/pulp_adapter.py")])
def test_solvers_are_imported_in_one_file(library, home):
    found = []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == library for name in names):
                found.append(path.relative_to(SOURCE).as_posix())
    assert set(found) == {home}


def test_one_door_leads_into_the_kernel():
    """Others take `routeopt.solve.kernel` alone: what is in the folder can change, or go, without them."""
    for path in SOURCE.rglob("*.py"):
        if path.parent.name != "kernel":
            for module in imports_of(path):
                assert not module.startswith("routeopt.solve.kernel."), path
    for name in ("numba", "highspy", "pulp"):
        assert name not in loaded_by("from routeopt.solve import kernel; assert not kernel.loaded()")


def loaded_by(code):
    """Top-level modules that a fresh interpreter has loaded after some code."""
    script = f"{code}\nimport sys\nprint('\\n'.join({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_loads_nothing_heavy():
    assert not loaded_by("import routeopt") & {"numpy", "pandas", "pydantic", "networkx", "pulp", "highspy", "yaml"}


def test_allocating_loads_neither_pandas_nor_networkx_nor_pulp():
    code = "import routeopt as ro; plan = ro.allocate(ro.load('kazakhstan')); plan.certificate"
    assert not loaded_by(code) & {"pandas", "networkx", "pulp", "matplotlib"}


def test_public_names_exist_and_are_documented():
    assert sorted(routeopt.__all__) == routeopt.__all__
    for name in routeopt.__all__:
        thing = getattr(routeopt, name)
        assert inspect.getdoc(thing), name
    assert set(routeopt.__all__) <= set(dir(routeopt))
    with pytest.raises(AttributeError, match="no attribute 'alocate'"):
        _ = routeopt.alocate


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE)))
def test_every_module_says_what_it_is(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "no docstring"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 450, "more than one idea?"
