"""The report without a browser: it stands alone, everything is escaped, and its numbers are the digest's."""

import json
import re
import sys
from html.parser import HTMLParser

import pandas as pd
import pytest

import routeopt as ro
from helpers.figures import KINDS
from helpers.pages import PLOTLY, text_of
from routeopt.errors import FileError, InputError
from routeopt.results import spoken
from routeopt.views.bars import draw_routes
from routeopt.views.network import leg_tips
from routeopt.views.report import _sources as sources
from routeopt.views.report import page
from routeopt.views.report_drawings import drawing
from routeopt.views.report_tables import PAPER, link, table
from routeopt.views.sankey import sankey_figure

pytest.importorskip("plotly")
pytest.importorskip("matplotlib")

WITH_SANKEY = {"plan", "economic", "comparison", "stress", "horizon"}
VOID = {"meta", "link", "br", "wbr", "input", "img", "hr"}


class Page(HTMLParser):
    """Tags that balance, what is loaded, ids, heads of parts, and cells of tables by name."""

    def __init__(self, text):
        super().__init__()
        self.open, self.loaded, self.ids, self.heads, self.tables, self.words = [], [], [], [], {}, []
        self._table = None
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag != "a":
            self.loaded += [given[key] for key in ("src", "href", "xlink:href", "srcset", "poster") if given.get(key)]
        self.ids += [given["id"]] if "id" in given else []
        if tag == "h2":
            self.heads.append(given["id"])
        if tag == "table":
            self._table = self.tables.setdefault(given["data-name"], []) if "data-name" in given else None
        if self._table is not None and tag == "tr":
            self._table.append([])
        if self._table is not None and tag in ("td", "th"):
            self._table[-1].append([given.get("data-v"), ""])

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self._table = None if tag == "table" else self._table

    def handle_data(self, data):
        self.words.append(data)
        if self._table and self.open[-1] != "caption" and self._table[-1]:
            self._table[-1][-1][1] += data


@pytest.fixture(scope="module")
def pages(results):
    """Every page, read."""
    texts = {kind: text_of(kind, results[kind], kind == "plan") for kind in KINDS}
    assert {kind for kind, text in texts.items() if PLOTLY in text} == WITH_SANKEY
    return {kind: Page(text) for kind, text in texts.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_loaded_from_elsewhere(pages, kind):
    assert [one for one in pages[kind].loaded if not one.startswith(("#", "data:"))] == []


@pytest.mark.parametrize("kind", KINDS)
def test_ids_are_distinct_and_each_reference_is_met(pages, kind):
    found = pages[kind]
    assert len(set(found.ids)) == len(found.ids)
    assert {one[1:] for one in found.loaded if one.startswith("#")} <= set(found.ids)


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_are_those_of_the_digest(results, pages, kind):
    shown, found = results[kind].digest(), pages[kind]
    text = " ".join(found.words)
    for figure in shown.figures:
        assert spoken(figure.value, figure.unit) in text
    for one in shown.tables:
        if one.name == "sources":
            continue
        head, *rows = found.tables[one.name]
        assert len(rows) == len(one.frame)
        levels = one.frame.index.nlevels
        for place, name in enumerate(one.frame.columns):
            unit = one.units.get(name, "")
            assert head[levels + place][1].endswith({"share": "%", "1": ""}.get(unit, unit))
            for row, value in zip(rows, one.frame.iloc[:, place], strict=True):
                exact, words = row[levels + place]
                if isinstance(value, float | int) and not isinstance(value, bool):
                    assert exact == "" if pd.isna(value) else float(exact) == pytest.approx(float(value), rel=1e-12)
                elif isinstance(value, str):
                    assert words == value


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_says_where_its_numbers_come_from(results, pages, kind):
    found = pages[kind]
    assert {"tables", "sources", "assumptions", "manifest"} <= set(found.heads)
    assert ("certificate" in found.heads) == ("certificates" in results[kind].manifest)
    assert ("figures" in found.heads) == bool(results[kind].drawings)
    text = " ".join(found.words)
    for digits in results[kind].manifest["systems"].values():
        assert digits in text
    audit = results["system"].sources()
    assert len(found.tables["sources-kazakhstan"]) == len(audit) + 1
    assert len(found.tables["assumptions-kazakhstan"]) == (audit["provenance"] == "estimate").sum() + 1


def test_before_and_after_stands_on_the_page_of_a_scenario_only(results, kz):
    assert "By route, before and after" in text_of("plan", results["plan"], True)
    assert "By route, before and after" not in text_of("base", ro.allocate(kz))


def test_the_page_is_the_same_each_time(results):
    assert page(results["contingencies"]) == page(results["contingencies"])


def test_names_and_notes_are_escaped(kz):
    mean = "</script><script>alert(1)</script>\"'&"
    odd = kz.override({"title": mean, "nodes.tengiz.title": mean, "legs.cpc-kz.title": mean,
                       "routes.cpc.title": mean})  # fmt: skip
    plan = ro.allocate(odd, "cpc-closed")
    text = text_of("escaped", plan)
    assert "alert(1)" in text
    assert "<script>alert" not in text
    found = Page(text)
    assert mean in "".join(found.words)
    assert any(row[1][1] == mean for row in found.tables["routes"][1:])
    drawn = drawing(lambda: draw_routes(ro.compare(plan, plan)), "f", mean, {})
    assert "<script" not in drawn
    assert leg_tips(plan)["leg cpc-kz"].startswith(mean)


def test_only_addresses_of_the_web_become_links(kz):
    assert link("javascript:alert(1)", "<b>") == "&lt;b&gt;"
    assert link("https://x.org/?a=1&b=\"", "<b>") == (
        '<a href="https://x.org/?a=1&amp;b=&quot;" rel="noreferrer">&lt;b&gt;</a>'
    )  # fmt: skip
    name = next(iter(kz.bibliography))
    data = kz.to_dict()
    data["sources"][name]["url"] = "javascript:alert(1)"
    assert "javascript:" not in sources(ro.ExportSystem.from_dict(data))


def test_each_source_that_is_cited_is_listed_once_with_its_address(kz):
    text = sources(kz).partition('<ol class="cited">')[2]
    cited = {one for names in kz.sources()["source"] for one in names.split(", ") if one}
    assert text.count("<li>") == len(cited) > 10
    for name in cited:
        address = kz.bibliography[name].url
        assert not address or f'href="{address.replace("&", "&amp;")}"' in text


def test_wide_tables_are_printed_in_parts_that_hold_every_column():
    wide = pd.DataFrame({f"c{i}": [float(i)] for i in range(30)}, pd.Index(["r"], name="id"))
    found = re.findall(r"<table.*?</table>", table("w", "Wide", wide, {}))
    heads = [re.findall(r"<th scope=\"col\".*?>(?:<button.*?>)?(\w+)<", one) for one in found]
    assert heads[0] == ["id", *wide.columns]
    assert all(len(one) <= PAPER and one[0] == "id" for one in heads[1:])
    assert [name for one in heads[1:] for name in one[1:]] == list(wide.columns)


def test_the_sankey_carries_what_is_exported(results):
    figure = json.loads(sankey_figure(results["plan"]))
    trace = figure["data"][0]
    labels, links = trace["node"]["label"], trace["link"]
    into = [value for to, value in zip(links["target"], links["value"], strict=True)
            if labels[to] in {node.title for node in results["system"].markets.values()}]  # fmt: skip
    assert sum(into) == pytest.approx(results["plan"].exported)


def test_a_file_is_written_whole_and_never_over_another(results, tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    assert results["contingencies"].report(path) == path
    first = path.read_bytes()
    with pytest.raises(FileError, match="exists already"):
        results["risk"].report(path)
    assert path.read_bytes() == first
    results["risk"].report(path, overwrite=True)
    second = path.read_bytes()
    assert second != first
    assert second.endswith(b"</html>\n")
    monkeypatch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(FileError, match="No space left"):
        results["contingencies"].report(path, overwrite=True)
    assert path.read_bytes() == second
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize("library", ["plotly", "matplotlib"])
def test_what_is_missing_is_named(results, tmp_path, monkeypatch, library):
    for name in (library, "plotly.offline"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match=r"routeopt\[report\]"):
        results["plan"].report(tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


def test_results_without_a_sankey_are_small(results, tmp_path):
    assert results["contingencies"].report(tmp_path / "a.html").stat().st_size < 400_000
