"""What people look at first says what the result says, with units."""

import datetime as dt
import io
import json
import math
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import routeopt as ro
from helpers.figures import KINDS
from routeopt.errors import FileError, InputError
from routeopt.results import Digest, Figure, cells, counted, number, spoken, view
from routeopt.views.writers import document, with_units

VOID = {"br", "img", "hr", "meta"}


class Balanced(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.text, self.tags = [], [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def parsed(html):
    found = Balanced()
    found.feed(html)
    assert not found.open
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_result_has_a_title_figures_and_tables_with_rows(results, kind):
    shown = results[kind].digest()
    assert shown.title
    assert shown.figures
    assert shown.tables
    assert len(shown.tables[0].frame)
    for things in (shown.tables, (*shown.figures, *shown.details)):
        assert len({one.name for one in things}) == len(things)


def is_number(value):
    plain = value.item() if hasattr(value, "item") else value
    return isinstance(plain, int | float) and not isinstance(plain, bool)


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_that_leaves_has_a_unit_and_a_title(results, kind):
    """In the digest, and so in all that renders it; files are read back to see that nothing drops them."""
    result, document = results[kind], json.loads(results[kind].to_json())
    shown = result.digest()
    assert document["title"] == shown.title != ""
    assert len(document["figures"]) == len(shown.figures) + len(shown.details)
    for one in (*shown.figures, *shown.details):
        assert one.label
        assert not is_number(one.value) or one.unit, one
        assert document["figures"][one.name]["unit"] == one.unit
    for table in shown.tables:
        assert document["tables"][table.name]["title"] == table.title != ""
        flat, units = table.flat(), document["tables"][table.name]["units"]
        assert flat.columns.is_unique
        heads = list(pd.read_csv(io.StringIO(result.to_csv(None, table.name))).columns)
        for name, head in zip(flat, heads, strict=True):
            if not flat[name].map(is_number).any():
                continue
            if name not in units:  # each row has its own
                assert flat.loc[flat[name].notna(), "unit"].map(bool).all(), (table.name, name)
            elif units[name] not in ("1", "share"):
                assert head == f"{name} [{units[name]}]"


@pytest.mark.parametrize("kind", KINDS)
def test_every_drawing_is_there_and_stands_in_the_report(results, kind):
    result = results[kind]
    named = {name for name, one in result.drawings.items() if one.caption}
    assert bool(named) == bool(result.drawings)
    drawn = [one for one in result.illustrations() if one.result is result]
    # One period has no course, the mean day of a horizon no change, and nor has what changes nothing.
    base = {"plan": {"trajectory"}, "economic": {"trajectory", "change"}, "horizon": {"change"}}.get(kind, set())
    assert {one.name for one in drawn} == named - base
    assert all(one.caption and "{" not in one.caption for one in result.illustrations())
    for name, one in result.drawings.items():
        assert callable(getattr(result.plot, name))
        assert all(callable(view(place)) for place in (one.draws, one.tips, one.live) if place)
    if result.drawings:
        assert dir(result.plot) == sorted(result.drawings)
        with pytest.raises(AttributeError, match="no drawing 'chart'"):
            _ = result.plot.chart
    else:
        with pytest.raises(AttributeError, match="nothing to plot"):
            _ = result.plot


@pytest.mark.parametrize("kind", KINDS)
def test_every_result_is_a_card(results, kind):
    found = parsed(results[kind]._repr_html_())
    text = " ".join(found.text)
    shown = results[kind].digest()
    assert shown.title in text
    for figure in shown.figures:
        assert spoken(figure.value, figure.unit) in text
    assert not found.tags & {"script", "link", "img", "iframe"}


@pytest.mark.parametrize("kind", KINDS)
def test_json_says_everything_and_nothing_that_json_does_not_know(results, kind):
    text = results[kind].to_json()

    def refuse(constant):
        raise AssertionError(constant)

    document = json.loads(text, parse_constant=refuse)
    shown = results[kind].digest()
    assert document["title"] == shown.title
    for table in shown.tables:
        rows = document["tables"][table.name]["rows"]
        assert [list(row) for row in rows] == [list(table.flat().columns)] * len(table.frame)
    assert document["manifest"]["routeopt"] == ro.__version__
    assert document["manifest"]["systems"]


@pytest.mark.parametrize("kind", KINDS)
def test_tables_come_back_from_csv(results, kind, tmp_path):
    for table in results[kind].digest().tables:
        path = tmp_path / f"{table.name}.csv"
        text = results[kind].to_csv(path, table.name)
        assert path.read_text(encoding="utf-8") == text
        levels = list(range(table.frame.index.nlevels))
        back = pd.read_csv(path, index_col=levels, keep_default_na=False, na_values=[""])
        assert list(back.columns) == list(with_units(table).columns[len(levels) :])
        for head, name in zip(back.columns, table.frame.columns, strict=True):
            if table.frame[name].dtype.kind == "f":
                np.testing.assert_allclose(back[head].astype(float), table.frame[name], rtol=1e-12)


def test_capacities_of_a_system_are_as_they_were_written():
    # 100 kb/d of 7.5 barrels per tonne are 4.87 Mt/y, and 36.5 of nothing.
    system = ro.ExportSystem.from_dict({
        "units": {"flow": "Mt/y"}, "commodities": {"x": {"barrels_per_tonne": 7.5}},
        "nodes": {"a": {"kind": "field", "output": "10 Mt/y"}, "b": {"kind": "market"}},
        "legs": {"l": {"from": "a", "to": "b", "capacity": "100 kb/d"}}})  # fmt: skip
    assert system.digest().table("legs").frame.loc["l", "capacity"] == "100 kb/d"


def test_no_figure_is_lost_where_two_labels_make_one_name():
    figures = tuple(Figure(label, value, "1") for value, label in enumerate(("a-b", "a b", "CVaR 95 %", "%", "нефть")))
    found = document(Digest("t", "", figures[:2], (), (), figures[2:]))["figures"]
    assert {name: one["value"] for name, one in found.items()} == {
        "a_b": 0, "a_b_2": 1, "cvar_95": 2, "%": 3, "нефть": 4}  # fmt: skip


def test_the_figures_are_those_of_the_result(results):
    plan, shown = results["plan"], results["plan"].digest()
    values = {figure.label: (figure.value, figure.unit) for figure in shown.figures}
    assert values["exported"] == (plan.exported, "Mt/y")
    assert values["netback"] == (plan.netback, "USD/y")
    risk = {figure.label: figure.value for figure in results["risk"].digest().figures}
    assert risk["expected loss"] == results["risk"].expected_loss
    worst = {figure.label: figure.value for figure in results["contingencies"].digest().figures}
    assert worst["lost"] == results["contingencies"].table["lost"].max()


def test_parquet_keeps_units_and_manifest(results, tmp_path):
    pytest.importorskip("pyarrow")
    import pyarrow.parquet

    plan = results["plan"]
    path = plan.to_parquet(tmp_path / "legs.parquet", "legs")
    back = pd.read_parquet(path)
    pd.testing.assert_frame_equal(back, plan.legs, check_dtype=False, check_index_type=False)
    about = json.loads(pyarrow.parquet.read_schema(path).metadata[b"routeopt"])
    assert about["units"]["flow"] == "Mt/y"
    assert about["manifest"] == plan.manifest
    for kind in KINDS:
        results[kind].to_parquet(tmp_path / f"{kind}.parquet")


def test_the_manifest_tells_data_and_scenario_apart(results):
    kz, plan = results["system"], results["plan"]
    changed = kz.override({"price": {"value": "70 USD/bbl"}})
    one, other = plan.manifest, ro.allocate(changed, "cpc-closed").manifest
    assert one == ro.allocate(kz, "cpc-closed").manifest
    assert one["scenarios"] == other["scenarios"]
    assert one["systems"] != other["systems"]
    assert ro.allocate(kz, "tcop-20").manifest["scenarios"] != one["scenarios"]
    assert results["risk"].manifest["seed"] == 1
    assert "certified" in one["certificates"]["cpc-closed"]


def test_geojson_has_a_line_for_each_leg_whose_ends_are_known(results, tmp_path):
    plan = results["plan"]
    document = json.loads(plan.to_geojson(tmp_path / "map.geojson"))
    assert document == json.loads((tmp_path / "map.geojson").read_text(encoding="utf-8"))
    lines = {f["properties"]["id"]: f for f in document["features"] if f["geometry"]["type"] == "LineString"}
    at = {name for name, node in plan.system.nodes.items() if node.at is not None}
    assert set(lines) == {k for k, leg in plan.system.legs.items() if {leg.origin, leg.destination} <= at}
    assert lines["btc"]["properties"]["flow"] == plan.legs.loc["btc", "flow"]
    longitude, latitude = lines["btc"]["geometry"]["coordinates"][-1]
    assert 35 < longitude < 37
    assert 36 < latitude < 38  # Ceyhan
    bare = ro.ExportSystem.from_dict({
        "units": {"flow": "kb/d"}, "nodes": {"a": {"kind": "field", "output": "1 kb/d"}, "b": {"kind": "market"}},
        "legs": {"l": {"from": "a", "to": "b"}}})  # fmt: skip
    with pytest.raises(InputError, match="where it is") as caught:
        ro.allocate(bare).to_geojson()
    assert "at: [latitude, longitude]" in str(caught.value)


@pytest.mark.parametrize("kind", ["plan", "horizon"])
def test_lp_and_mps_are_read_by_another_solver_to_the_same_netback(results, kind, tmp_path):
    import highspy

    plan = results[kind]
    for suffix, write in (("lp", plan.to_lp), ("mps", plan.to_mps)):
        path = tmp_path / f"program.{suffix}"
        write(path)
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.readModel(str(path))
        solver.run()
        expected = -plan.netback if kind == "plan" else None
        found = solver.getObjectiveValue()
        if expected is not None:
            assert found == pytest.approx(expected, rel=1e-7)
        assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal


def test_nothing_is_overwritten_unless_that_is_asked_for(results, tmp_path):
    path = tmp_path / "plan.json"
    results["plan"].to_json(path)
    before = path.read_bytes()
    with pytest.raises(FileError, match="exists already"):
        results["risk"].to_json(path)
    with pytest.raises(FileError, match="exists already"):
        results["plan"].to_csv(path)
    assert path.read_bytes() == before
    results["risk"].to_json(path, overwrite=True)
    assert path.read_bytes() != before


def test_unknown_tables_and_things_are_refused(results):
    with pytest.raises(InputError, match="no table 'leg'") as caught:
        results["plan"].to_csv(table="leg")
    assert "legs" in str(caught.value)


def test_text_from_files_cannot_become_markup():
    evil = '<script>alert("1")</script> & <b>'
    system = ro.ExportSystem.from_dict({
        "units": {"flow": "kb/d"}, "title": evil,
        "nodes": {"a": {"kind": "field", "output": "1 kb/d", "title": evil}, "b": {"kind": "market", "title": evil}},
        "legs": {"l": {"from": "a", "to": "b", "title": evil, "capacity": "2 kb/d"}},
        "routes": {"r": {"title": evil, "metering_legs": ["l"]}}})  # fmt: skip
    for result in (system, ro.allocate(system), ro.allocate(system, {"title": evil, "closures": [{"leg": "l"}]})):
        html = result._repr_html_()
        assert "<script" not in html
        assert "<b>a" not in html
        assert "&lt;script&gt;" in html
        assert evil in json.loads(result.to_json()).values()


def test_a_small_system_in_barrels_and_days():
    system = ro.ExportSystem.from_dict({
        "units": {"flow": "kb/d"}, "nodes": {"a": {"kind": "field", "output": "5 kb/d"}, "b": {"kind": "market"}},
        "legs": {"l": {"from": "a", "to": "b", "capacity": "2 kb/d"}}})  # fmt: skip
    shown = ro.allocate(system).digest()
    assert [(figure.value, figure.unit) for figure in shown.figures][:2] == [(2.0, "kb/d"), (3.0, "kb/d")]
    parsed(ro.allocate(system, close=["l"])._repr_html_())


@pytest.mark.parametrize(("value", "unit", "text"), [
    (0.0, "Mt/y", "0 Mt/y"), (-3.2e9, "USD/y", "-3.20 bn USD/y"), (1234567.0, "kb", "1,234,567 kb"),
    (float("nan"), "Mt", "unknown"), (1.0, "share", "100.0%"), (7, "", "7"), ("RU", "", "RU"),
    (999.6, "kt", "999.6 kt"), (999.97, "kt", "1,000 kt"), (999.6e6, "USD/y", "999.6 million USD/y"),
    (9.96, "d", "10.0 d"),
])  # fmt: skip
def test_numbers_are_written_as_people_read_them(value, unit, text):
    assert spoken(value, unit) == text


@pytest.mark.parametrize(("values", "unit", "written"), [
    ([64.3766, 1.27119, 0.030129, 0.0, None], "Mt/y", ("Mt/y", ["64.4", "1.27", "0.0301", "0", ""], True)),
    ([0.818, 1.0, 0.0004], "share", ("%", ["81.8", "100.0", "0.04"], True)),
    ([3.82e10, -2.5e6, math.inf], "USD/y", ("million USD/y", ["38,200", "-2.50", "no limit"], True)),
    ([24.6, 1.5e6], "USD/t", ("USD/t", ["24.6", "1,500,000"], True)),  # a price is no sum
    ([3.0, 1200.0, math.nan], "1", ("", ["3", "1,200", ""], True)),
    ([7.973, 13.394211, 12.4e9], "", ("", ["7.973", "13.4", "12,400,000,000"], True)),
    ([None, math.nan], "kt", ("kt", ["", ""], True)),
    (["btc", None, True, ("a", "b"), dt.date(2026, 1, 2)], "", ("", ["btc", "", "yes", "a + b", "2026-01-02"], False)),
])  # fmt: skip
def test_columns_are_written_as_people_read_them(values, unit, written):
    assert cells(values, unit) == written


def test_things_are_counted():
    assert [counted(n, "option") for n in (0, 1, 2, 1000)] == ["0 options", "1 option", "2 options", "1,000 options"]


def test_numbers_of_every_kind():
    assert [number(v) for v in (np.float64(2.0), np.int64(3), np.bool_(True), ("a", "b"), 1e-12, -0.0)] == [
        "2.00", "3", "yes", "a + b", "0", "0"]  # fmt: skip
