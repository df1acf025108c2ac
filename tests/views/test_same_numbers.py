"""Routes, exports and deliveries are the same numbers wherever they are shown."""

import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import routeopt as ro
from helpers.figures import part
from helpers.small import near
from routeopt.cli.app import app
from routeopt.results import number, spoken
from routeopt.results import number as amount
from routeopt.views import sankey_data
from routeopt.views.report import page

CASES = [("kazakhstan", "cpc-closed"), ("canada", "mainline-half"), ("gulf", "hormuz-closed"),
         ("kazakhstan", "cpc-2023-11-storm"), ("canada", "mainline-ten-days")]  # fmt: skip


@pytest.fixture(scope="module", params=CASES, ids=[scenario for _, scenario in CASES])
def shown(request):
    """A system's name, a scenario's, and the plan."""
    name, scenario = request.param
    return name, scenario, ro.allocate(ro.load(name), scenario)


def routes(plan):
    return plan.routes.set_index("title")["flow"]


class Rows(HTMLParser):
    """Cells of all rows of all tables of a page."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.inside = [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.inside = True
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


def test_the_routes_are_what_is_exported(shown):
    _, _, plan = shown
    assert plan.routes["flow"].sum() == near(plan.exported)
    assert plan.routes["share"].sum() == near(1)


def test_the_sankey_is_as_wide_as_the_routes(shown):
    _, _, plan = shown
    data = sankey_data(plan, 99)
    bars = data.nodes[(data.nodes["column"] == 1) & (data.nodes["kind"] == "export")].set_index("label")["flow"]
    flows = routes(plan)
    pd.testing.assert_series_equal(bars.sort_index(), flows[flows > 1e-6].sort_index(), check_names=False, rtol=1e-7)
    into = data.links.groupby("target")["flow"].sum()
    assert into[data.nodes.index[data.nodes["kind"] == "export"].intersection(into.index)].sum() >= plan.exported - 1e-6


def test_the_map_and_the_bars_say_the_routes(shown):
    _, _, plan = shown
    flows, ax = routes(plan), plan.plot.map()
    said = [text.get_text() for text in ax.texts]
    for title, flow in flows[flows > 1e-6].items():
        mine = [text for text in said if text.startswith(title[:17]) and re.search(r" [\d.,]+$", text)]
        assert mine, title
        assert all(text.endswith(f" {number(flow)}") for text in mine), (title, flow, mine)
    assert f"{number(plan.exported)} {plan.flow_unit} exported" in " ".join(
        (ax.get_title("left"), *(text.get_text() for text in ax.texts))
    )
    both = ro.compare(plan, plan)
    assert both.table.loc["route"].iloc[:, 0].tolist() == near(plan.routes["flow"].tolist())
    assert both.table.loc[("total", "exported")].tolist() == near([plan.exported] * 2)
    widths = [patch.get_width() for patch in both.plot.routes().patches]
    for flow in flows:
        assert np.isclose(widths, flow, rtol=1e-9, atol=1e-9).any()


def test_the_summary_says_the_routes(shown):
    _, _, plan = shown
    text = plan.summary()
    assert f"exported {amount(plan.exported)} {plan.flow_unit}" in text
    for title, flow in routes(plan).items():
        assert re.search(rf"^{re.escape(title)} +{re.escape(amount(flow))} ", text, re.MULTILINE), title


def test_card_json_and_csv_say_the_routes(shown):
    _, _, plan = shown
    card, document = plan._repr_html_(), json.loads(plan.to_json())
    assert spoken(plan.exported, plan.flow_unit) in card
    rows = document["tables"]["routes"]["rows"]
    assert [row["flow"] for row in rows] == near(plan.routes["flow"].tolist())
    back = pd.read_csv(io.StringIO(plan.to_csv(None, "routes")))
    assert back[f"flow [{plan.flow_unit}]"].tolist() == near(plan.routes["flow"].tolist())
    cells = {title: row for row in Rows(card).rows for title in row}
    for title, flow in routes(plan).items():
        assert number(float(flow)) in cells[title], title


@pytest.mark.parametrize(("name", "scenario"), CASES[:4])
def test_the_page_says_the_routes(name, scenario):
    plan = ro.allocate(ro.load(name), scenario)
    html = page(plan)
    assert spoken(plan.exported, plan.flow_unit) in html
    cells = {title: row for row in Rows(html).rows for title in row[:2]}
    for title, flow in routes(plan).items():
        assert number(float(flow)) in cells[title], title
    live = json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', html, re.DOTALL)[1])["data"][0]
    drawn = sankey_data(plan)
    assert live["link"]["value"] == near(drawn.links["flow"].tolist())


def test_the_command_line_says_the_routes(shown):
    name, scenario, plan = shown
    ran = CliRunner().invoke(app, ["solve", name, scenario, "--format", "json", "--quiet"])
    assert ran.exit_code == 0
    document = json.loads(ran.stdout)
    figures = {name: found["value"] for name, found in document["figures"].items()}
    assert (figures["exported"], figures["delivered"]) == (near(plan.exported), near(plan.delivered))
    assert [row["flow"] for row in document["tables"]["routes"]["rows"]] == near(plan.routes["flow"].tolist())


@pytest.mark.parametrize(("name", "scenario"), CASES[3:])
def test_the_course_is_as_high_as_the_routes(name, scenario):
    plan = ro.allocate(ro.load(name), scenario)
    days, flows = plan.periods["total", "days"].to_numpy(), plan.routes["flow"]
    ax = plan.plot.trajectory()
    for route in flows[flows > 1e-6].index:
        points = part(ax, f"route {route}").get_paths()[0].vertices
        x, y = points[:, 0], points[:, 1]
        area = 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
        assert area / days.sum() == pytest.approx(flows[route], rel=1e-6), route


def test_digests_have_the_exports_first(shown):
    _, _, plan = shown
    first = plan.digest().figures[0]
    assert (first.label, first.value, first.unit) == ("exported", plan.exported, plan.flow_unit)
