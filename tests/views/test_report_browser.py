"""The report in a real browser: nothing is fetched, nothing fails, tables sort, bands speak, paper is whole."""

import base64
import json
import re

import pytest

import routeopt as ro
from helpers.browser import Browser, chromium
from helpers.pages import PLOTLY, text_of
from routeopt.views.report_drawings import plotly_script

pytest.importorskip("plotly")
pytest.importorskip("matplotlib")

STILL = [{"name": "prefers-reduced-motion", "value": "reduce"}]
HOSTILE = '<img src=x onerror="hacked=1">'


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    program = chromium()
    if program is None:
        pytest.skip("there is no Chromium on this machine")
    found = Browser(program, tmp_path_factory.mktemp("chromium"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def pages(results, tmp_path_factory, kz):
    folder = tmp_path_factory.mktemp("pages")
    strange = kz.override({"nodes.tengiz.title": HOSTILE, "title": HOSTILE})
    texts = {
        "plan": text_of("plan", results["plan"], True),
        "horizon": text_of("horizon", results["horizon"]),
        "strange": text_of("strange", ro.allocate(strange)),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text.replace(PLOTLY, plotly_script()), encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in texts}


@pytest.fixture
def page(browser, pages):
    """A page as it opens on a desk, without a network."""

    def opened(name="plan", width=1280):
        browser.call("Emulation.setEmulatedMedia", media="", features=STILL)
        browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        browser.call(
            "Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0
        )
        browser.open(pages[name])
        return browser

    return opened


@pytest.mark.parametrize("name", ["plan", "horizon", "strange"])
def test_opens_without_a_network_asks_for_nothing_and_says_nothing(page, pages, name):
    seen = page(name)
    assert seen.run("document.querySelectorAll('.live .sankey-link').length") > 5
    asked = {one["request"]["url"] for one in seen.told("Network.requestWillBeSent")}
    assert asked - {"data:,"} == {pages[name]}
    assert not seen.told("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")


def test_names_are_shown_as_they_are_written(page):
    seen = page("strange")
    assert seen.run("typeof hacked") == "undefined"
    assert seen.run("document.querySelectorAll('img').length") == 0
    assert seen.run("document.querySelector('.under').textContent") == HOSTILE
    labels = seen.run("[...document.querySelectorAll('.live .node-label')].map((one) => one.textContent)")
    assert HOSTILE in labels


HEAD = "document.querySelectorAll('table[data-name=legs] thead th')[{}]"


def column(seen, place):
    script = "[...document.querySelector('table[data-name=legs]').tBodies[0].rows].map((row) => row.cells[{}].{})"
    if seen.run(HEAD.format(place) + ".dataset.kind") == "number":
        return [float(v) if v else None for v in seen.run(script.format(place, "dataset.v || ''"))]
    return seen.run(script.format(place, "textContent"))


def press(seen, place):
    button = HEAD.format(place) + ".querySelector('button')"
    seen.run(f"{button}.scrollIntoView({{block: 'center'}})")
    middle = "((box) => [box.x + box.width / 2, box.y + box.height / 2])"
    seen.click(*seen.run(f"{middle}({button}.getBoundingClientRect())"))


def place_of(seen, name):
    heads = seen.run(
        "[...document.querySelectorAll('table[data-name=legs] thead button')].map((one) => one.textContent)"
    )
    return heads.index(name)


def test_a_click_sorts_numbers_the_largest_first_and_then_turns_round(page):
    seen = page()
    flow = place_of(seen, "flow")
    before = column(seen, flow)
    press(seen, flow)
    assert column(seen, flow) == sorted(before, reverse=True) != before
    assert seen.run(HEAD.format(flow) + ".getAttribute('aria-sort')") == "descending"
    press(seen, flow)
    assert column(seen, flow) == sorted(before)


def test_what_is_missing_stays_last_either_way(page):
    seen = page()
    use = place_of(seen, "utilisation")
    for down in (True, False):
        press(seen, use)
        found = column(seen, use)
        known = [value for value in found if value is not None]
        assert found[: len(known)] == sorted(known, reverse=down)
        assert None in found


def test_words_sort_by_the_keyboard(page):
    seen = page()
    origin = place_of(seen, "origin")
    before = column(seen, origin)
    for key, text, down in (("Enter", "\r", False), (" ", " ", True)):
        seen.run(f"{HEAD.format(origin)}.querySelector('button').focus()")
        seen.key(key, text)
        assert column(seen, origin) == sorted(before, reverse=down)
    assert seen.run(HEAD.format(origin) + ".getAttribute('aria-sort')") == "descending"


def test_a_leg_on_the_map_says_its_name_flow_and_capacity(page):
    seen = page()
    found = seen.run("""(() => {
      for (const line of document.querySelectorAll('.hit')) {
        line.scrollIntoView({block: 'center'});
        for (const part of [0.5, 0.3, 0.7]) {
          const at = line.getPointAtLength(part * line.getTotalLength()).matrixTransform(line.getScreenCTM());
          if (document.elementFromPoint(at.x, at.y) === line) return [at.x, at.y, line.dataset.tip];
        }
      }
    })()""")
    assert seen.run("document.getElementById('tip').hidden")
    seen.move(*found[:2])
    assert not seen.run("document.getElementById('tip').hidden")
    text = seen.run("document.getElementById('tip').textContent")
    assert text == found[2]
    assert re.search(r"\nflow [\d.,]+ Mt/y\ncapacity ", text)


def test_a_band_of_the_sankey_says_its_flow(page):
    seen = page()
    x, y = seen.run("""(() => {
      const all = [...document.querySelectorAll('.live .sankey-link')];
      const box = (one) => one.getBoundingClientRect();
      const band = all.sort((a, b) => box(b).height - box(a).height)[0];
      band.scrollIntoView({block: 'center'});
      for (let y = box(band).top; y < box(band).bottom; y += 3) {
        const x = box(band).left + box(band).width / 2;
        if (document.elementFromPoint(x, y) === band) return [x, y];
      }
    })()""")
    seen.move(x - 3, y)
    seen.move(x, y)
    wait = """new Promise((done) => { let n = 0; const look = () => {
      const text = document.querySelector('.live .hoverlayer').textContent;
      text || n++ > 50 ? done(text) : setTimeout(look, 20); }; look(); })"""
    assert re.search(r"→.*\d Mt/y", seen.run(wait))


def test_rows_can_be_filtered(page):
    seen = page()
    rows = "[...document.querySelector('table[data-name=legs]').tBodies[0].rows].filter((row) => !row.hidden).length"
    everything = seen.run(rows)
    seen.run("""(() => {
      const field = document.querySelector('table[data-name=legs]').closest('.block').querySelector('input');
      field.value = 'tanker';
      field.dispatchEvent(new Event('input'));
    })()""")
    assert 0 < seen.run(rows) < everything


@pytest.mark.parametrize("name", ["plan", "horizon"])
def test_paper_is_whole(page, name):
    seen = page(name)
    printed = seen.call("Page.printToPDF", preferCSSPageSize=True)
    data = base64.b64decode(printed["data"])
    assert 5 <= len(re.findall(rb"/Type\s*/Page\b", data)) <= 45
    assert re.search(rb"/MediaBox \[0 0 59\d\S* 84\d", data)  # A4
    # What stands on 186 mm: nothing is cut, and what only a screen can do is gone.
    seen.call("Emulation.setEmulatedMedia", media="print")
    seen.call("Emulation.setDeviceMetricsOverride", width=703, height=1000, deviceScaleFactor=1, mobile=False)
    wide = (
        "[...document.querySelectorAll('table')].filter((one) => one.getClientRects().length && one.offsetWidth > 703)"
    )
    assert seen.run(f"{wide}.map((one) => one.caption.textContent)") == []
    for gone in ("nav", ".filter", ".live"):
        assert seen.run(f"[...document.querySelectorAll('{gone}')].every((one) => !one.getClientRects().length)"), gone
    assert seen.run("[...document.querySelectorAll('.paper svg')].every((one) => one.getClientRects().length)")
    link = "getComputedStyle(document.querySelector('.cited a'), '::after').content"
    assert "http" in json.dumps(seen.run(link))


@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_itself_never_scrolls_sideways(page, width):
    assert page(width=width).run("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(page, scheme):
    """Contrast of at least 4.5 to 1, as WCAG 2.2 asks (its formula for relative luminance)."""
    seen = page()
    seen.call("Emulation.setEmulatedMedia", media="", features=[{"name": "prefers-color-scheme", "value": scheme}])
    names = ["--ink", "--soft", "--mark", "--ground", "--panel"]
    hexes = seen.run(f"{names}.map((name) => getComputedStyle(document.documentElement).getPropertyValue(name))")

    def light(text):
        text = text.strip().lstrip("#")
        text = text if len(text) == 6 else "".join(2 * c for c in text)
        parts = [int(text[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    ink, soft, mark, ground, panel = map(light, hexes)
    assert (ground < 0.5) == (scheme == "dark")
    for text in (ink, soft, mark):
        for behind in (ground, panel):
            assert (max(text, behind) + 0.05) / (min(text, behind) + 0.05) >= 4.5
