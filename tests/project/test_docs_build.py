"""The documentation: it builds without a warning, needs no network, its links lead somewhere, nothing is left out."""

import ast
import html.parser
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

import routeopt as ro
from routeopt.units import _TABLE

pytest.importorskip("sphinx", reason="the group docs is not installed")
ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}


class Page(html.parser.HTMLParser):
    """What a page loads, where it leads, and the places in it."""

    def __init__(self, path):
        super().__init__()
        self.loads, self.leads, self.places = [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.places |= {found[key] for key in ("id", "name") if found.get(key)}
        if found.get(LOADED.get(tag, "")) and found.get("rel") not in ("canonical", "search", "next", "prev", "index"):
            self.loads.append(found[LOADED[tag]])
        if tag == "a" and found.get("href"):
            self.leads.append(found["href"])


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The pages, made with every warning an error."""
    folder = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", str(folder / "trees"),
               str(DOCS), str(folder / "html")]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "MPLBACKEND": "Agg"})
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def pages(built):
    return {path.relative_to(built).as_posix(): Page(path) for path in built.rglob("*.html")}


@pytest.mark.slow
def test_every_source_is_a_page_and_every_picture_is_there(built, pages):
    sources = {path.stem for path in DOCS.glob("*.md")}
    assert {f"{name}.html" for name in sources} <= set(pages)
    for path in DOCS.glob("*.md"):
        wanted = path.read_text(encoding="utf-8").count("```{picture}")
        drawn = [name for name in pages[f"{path.stem}.html"].loads if name.startswith("_images/")]
        assert len(drawn) == wanted, path.name
        assert all((built / name).stat().st_size > 5_000 for name in drawn)


@pytest.mark.slow
def test_nothing_is_loaded_from_a_network(built, pages):
    for name, page in pages.items():
        for address in page.loads:
            parts = urlsplit(address)
            assert not parts.scheme or parts.scheme == "data", (name, address)
            assert not parts.netloc, (name, address)
            assert ((built / name).parent / unquote(parts.path)).exists(), (name, address)
    for path in (*built.rglob("*.css"), *built.rglob("*.js")):
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not re.search(r"url\(\s*['\"]?(https?:)?//|@import\s+['\"](https?:)?//", text), path.name


@pytest.mark.slow
def test_links_inside_lead_somewhere(built, pages):
    lost = []
    for name, page in pages.items():
        for address in page.leads:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = ((built / name).parent / unquote(parts.path)).resolve() if parts.path else (built / name).resolve()
            there = target.relative_to(built.resolve()).as_posix() if target.exists() else ""
            if not there or (parts.fragment and there in pages and unquote(parts.fragment) not in pages[there].places):
                lost.append((name, address))
    assert not lost


@pytest.mark.slow
def test_mathematics_is_shown_by_the_browser_itself(built):
    text = (built / "allocate.html").read_text(encoding="utf-8")
    assert text.count('display="block"') >= 3
    assert not re.search(r"<script[^>]*(mathjax|katex)", text, re.IGNORECASE)


@pytest.mark.slow
def test_all_public_names_are_described(pages):
    places = set().union(*(page.places for name, page in pages.items() if name.startswith("api")))
    assert {f"routeopt.{name}" for name in ro.__all__} <= places


@pytest.mark.slow
def test_sentences_with_a_colon_stay_sentences(built):
    """``optimal: anything else raises`` is a sentence about a property, and not its type."""
    text = (built / "api-results.html").read_text(encoding="utf-8")
    (status,) = re.findall(r'id="routeopt.Allocation.status".*?</dd>', text, re.DOTALL)
    assert "optimal: anything else raises." in re.sub(r"<[^>]+>", "", status)


@pytest.fixture(scope="module")
def reference():
    """The page of the file formats as Sphinx reads it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS / "_ext"))
        records = importlib.import_module("records")
    source = [(DOCS / "file-format.md").read_text(encoding="utf-8")]
    records.fill(None, "file-format", source)
    sys.modules.pop("records")
    return source[0]


@pytest.mark.parametrize("kind", ["system", "scenarios"])
def test_every_key_of_the_schema_is_on_the_page(reference, kind):
    """Each record has its table, with all of its keys, their words, and whether they are needed."""
    schema = ro.schema(kind)
    records = {f"file-{kind}": schema} | {
        f"record-{n.lower()}": r for n, r in schema["$defs"].items() if n[0].isupper()
    }
    for target, record in records.items():
        (part,) = re.findall(rf"^\({target}\)=\n(.*?)(?=^\(|^## |\Z)", reference, re.DOTALL | re.MULTILINE)
        rows = {row.split("|")[1].strip(): row for row in part.splitlines() if row.startswith("| `")}
        assert set(rows) == {f"`{key}`" for key in record["properties"]}, target
        for key in record["properties"]:
            assert ("**needed**" in rows[f"`{key}`"]) == (key in record.get("required", ())), (target, key)
            assert len(rows[f"`{key}`"].split("|")[-2].strip()) >= 4, (target, key, "says nothing")


def test_examples_of_records_are_read_as_they_stand(reference):
    """What the page shows as an example of a kind of node is one."""
    found = re.findall(r"^\(record-(\w+)\)=\n(?:(?!^\().)*?```yaml\n(.*?)```", reference, re.DOTALL | re.MULTILINE)
    examples = {name: yaml.safe_load(text) for name, text in found}
    assert {"field", "leg", "closure", "horizon", "fleet", "build", "group"} <= set(examples)
    field = examples["field"] | {"commodity": "oil"}
    nodes = {"f": field, "sea": {"kind": "market"}}
    data = {"exporter": field["country"], "commodities": {"oil": {"barrels_per_tonne": 7.5}}, "nodes": nodes}
    system = ro.ExportSystem.from_dict(data | {"legs": {"line": {"from": "f", "to": "sea"}}})
    assert system.nodes["f"].output.value > 0


def test_units_and_quantities_are_all_there(reference):
    assert all(f"| `{symbol}` |" in reference for symbol in _TABLE)
    for kind in ("system", "scenarios"):
        assert all(f"{{#quantity-{name}}}" in reference for name in ro.schema(kind)["$defs"] if name[0].islower())


def test_every_code_of_an_error_is_on_its_page():
    text = (DOCS / "errors.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE))
    used = {"invalid"}
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Problem"):
                code = node.args[3] if len(node.args) > 3 else None
                code = next((word.value for word in node.keywords if word.arg == "code"), code)
                for part in ast.walk(code) if code is not None else ():
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        used.add(part.value)
    assert used == listed
