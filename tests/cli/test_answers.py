"""Commands say what the verbs say: in JSON with units, in CSV to the last digit, in text without cut numbers."""

import io
import json
import math

import pandas as pd
import pytest

import routeopt as ro
from routeopt.cli.table import table_text

FORMATS = ("table", "json", "csv")


def same(rows, frame, columns):
    """JSON rows hold a frame's numbers; what is not finite is null."""
    assert len(rows) == len(frame)
    for row, (_, right) in zip(rows, frame.iterrows(), strict=True):
        for column in columns:
            value = right[column]
            if isinstance(value, str) or math.isfinite(value):
                assert row[column] == value
            else:
                assert row[column] is None


def test_solve_kazakhstan(run, kz):
    plan = ro.allocate(kz, "cpc-closed", close=["btc"], build={"tcop": "20 Mt/y"})
    asked = ("solve", "kazakhstan", "cpc-closed", "--close", "btc", "--build", "tcop=20 Mt/y", "--format", "json")
    data = run(*asked).data
    assert data["figures"]["exported"] == {"label": "exported", "value": plan.exported, "unit": "Mt/y"}
    assert data["figures"]["netback"] == {"label": "netback", "value": plan.netback, "unit": "USD/y"}
    assert data["figures"]["certified"]["value"] is True
    assert (data["system"], data["scenario"], data["command"]) == ("kazakhstan", "cpc-closed", "solve")
    same(data["tables"]["routes"]["rows"], plan.routes, ["title", "flow", "share"])
    same(data["tables"]["legs"]["rows"], plan.legs, ["flow", "capacity", "cost", "status"])
    assert data["tables"]["legs"]["units"] == {
        "flow": "Mt/y", "arrives": "Mt/y", "capacity": "Mt/y", "utilisation": "share", "cost": "USD/y",
    }  # fmt: skip
    assert data["tables"]["exposure"]["rows"][0]["kind"] == plan.exposure.index[0][0]


def test_solve_closes_what_is_said(run, started, small):
    for words, closure in {
        "main": {"leg": "main"}, "leg:main=40 %": {"leg": "main", "availability": "40 %"},
        "country:XB": {"country": "XB"}, "component:loading/berth-2": {"leg": "loading", "component": "berth-2"},
        "route:rail": {"route": "rail"}, "operator:pipeline-company": {"operator": "pipeline-company"},
    }.items():  # fmt: skip
        data = run("solve", started, "--close", words, "-f", "json", "-t", "routes").data
        plan = ro.allocate(small, close=[closure])
        assert data["figures"]["exported"]["value"] == plan.exported
        assert list(data["tables"]) == ["routes"]
    assert run("solve", started, "--economic", "-f", "json").data["figures"]["exported"]["value"] == pytest.approx(
        ro.allocate(small, economic=True).exported
    )


def test_solve_words(run, started, small):
    ran = run("solve", started, "main-closed")
    plan = ro.allocate(small, "main-closed")
    assert (ran.code, ran.err) == (0, "")
    assert " ".join(ran.out.split()) == " ".join(plan.summary().split())


def test_periods(run, started, small):
    ran = run("solve", started, "storm", "--foresight", "myopic", "-t", "periods", "-f", "csv")
    plan = ro.allocate(small, "storm", foresight="myopic")
    read = pd.read_csv(io.StringIO(ran.out), index_col=0)
    assert list(read.index) == [day.strftime("%Y-%m-%d") for day in plan.periods.index]
    assert read["route main [kb/d]"].tolist() == plan.periods["route", "main"].tolist()
    assert read["terminal port [kb]"].tolist() == plan.periods["terminal", "port"].tolist()
    assert read["total days [d]"].sum() == 59


@pytest.mark.parametrize("table", ["routes", "legs", "flows", "fields", "markets", "bottlenecks"])
def test_csv_round_trip(run, started, small, table):
    frame = getattr(ro.allocate(small), table).reset_index()
    read = pd.read_csv(io.StringIO(run("solve", started, "-f", "csv", "-t", table).out))
    read.columns = [name.partition(" [")[0] for name in read.columns]
    pd.testing.assert_frame_equal(read, frame, check_dtype=False, check_exact=True)


def test_csv_names_units(run, started):
    head = run("solve", started, "-f", "csv", "-t", "legs").out.splitlines()[0]
    assert head == ("id,origin,destination,mode,flow [kb/d],arrives [kb/d],capacity [kb/d],utilisation,"
                    "cost [USD/d],status")  # fmt: skip


def test_another_unit(run, started, small):
    data = run("solve", started, "--unit", "mb/y", "-f", "json").data
    assert data["figures"]["exported"]["unit"] == "mb/y"
    assert data["figures"]["exported"]["value"] == pytest.approx(ro.allocate(small).exported * 0.365)


def test_stress(run, started, small):
    test = ro.stress_test(small, ["storm", "one-berth"])
    ran = run("stress", started, "storm", "one-berth", "-f", "json")
    same(ran.rows("scenarios"), test.ranking, list(test.table.columns))
    assert ran.data["tables"]["scenarios"]["units"]["lost"] == "kb"
    same(ran.rows("value_of_foresight"), test.value_of_foresight, ["perfect", "myopic", "difference"])
    assert len(ran.rows("routes")) == len(test.routes)
    ran = run("stress", started, "storm")
    assert ran.code == 0
    assert {"lost", "days_to_tank_top", "resilience"} <= set(ran.out.split())


def test_contingencies(run, started, small):
    found = ro.contingencies(small, k=2, over="route")
    ran = run("contingencies", started, "-k", "2", "--over", "route", "-f", "json")
    same(ran.rows("sets"), found.table, ["size", "exported", "lost", "netback_lost", "synergy"])
    assert ran.rows("sets")[0]["elements"] == list(found.table["elements"].iloc[0])
    same(ran.rows("importance"), found.importance, ["lost_alone", "largest"])
    ran = run("contingencies", started, "-k", "2", "--over", "leg", "--top", "3")
    assert "the worst 3 of" in ran.out
    assert (
        run("contingencies", started, "-k", "2", "--over", "route", "-f", "csv")
        .out.splitlines()[1]
        .startswith("1," + " + ".join(found.table["elements"].iloc[0]))
    )


def test_simulate(run, started, small):
    risk = ro.simulate_outages(small, draws=500, seed=3)
    ran = run("simulate", started, "--draws", 500, "--seed", 3, "-f", "json")
    same(ran.rows("measures"), risk.table, ["value", "standard_error", "low", "unit"])
    same(ran.rows("importance"), risk.importance, ["birnbaum", "fussell_vesely"])
    assert sum(row["probability"] for row in ran.rows("histogram")) == pytest.approx(1.0)
    assert " ".join(run("simulate", started, "--draws", 500).out.split()) == " ".join(str(risk).split())


def test_worst_case(run, started, small):
    worst = ro.worst_case(small, k=2, over="route")
    ran = run("worst-case", started, "-k", "2", "--over", "route", "-f", "json")
    same(ran.rows("curve"), worst.curve, ["lost", "share", "added", "ties"])
    assert [row["attack"] for row in ran.rows("curve")] == [list(names) for names in worst.curve["attack"]]
    assert ran.data["figures"]["lost"] == {"label": "lost", "value": worst.lost, "unit": "kb/d"}
    assert " ".join(run("worst-case", started, "-k", "2", "--over", "route").out.split()) == (
        " ".join(worst.summary().split())
    )
    kept = run("worst-case", started, "--over", "route", "--protect", "main", "-f", "json")
    assert kept.data["figures"]["worst"]["value"] == "rail"


def test_expand(run, started, small):
    plan = ro.expand(small, ["bypass"], {"main-closed": "20 %"})
    asked = ("expand", started, "bypass", "--probability", "main-closed=20%")
    ran = run(*asked, "-f", "json")
    same(ran.rows("choices"), plan.table, ["capital", "total", "net_benefit", "expected_loss"])
    same(ran.rows("break_even"), plan.break_even, ["break_even", "pays"])
    assert ran.data["figures"]["build"]["value"] == ", ".join(f"{leg} {size}" for leg, size in plan.build.items())
    assert ran.data["tables"]["choices"]["units"]["expected_loss"] == "kb/d"
    assert " ".join(run(*asked).out.split()) == " ".join(plan.summary().split())


def test_show_and_sources(run, started, small):
    ran = run("show", started, "-f", "json")
    assert [row["node"] for row in ran.rows("nodes")] == list(small.nodes)
    assert [row["leg"] for row in ran.rows("legs")] == list(small.legs)
    assert [row["scenario"] for row in ran.rows("scenarios")] == list(small.scenarios)
    assert ran.data["figures"]["nodes_field"]["value"] == 2
    assert "main line shut" in " ".join(run("show", started, "-t", "scenarios").out.lower().split())
    audit = small.sources()
    same(run("sources", started, "-f", "json").rows("numbers"), audit, ["value", "unit", "low", "provenance", "note"])
    assert len(run("sources", started, "--provenance", "estimate", "-f", "json").rows("numbers")) == (
        (audit["provenance"] == "estimate").sum()
    )


@pytest.mark.parametrize(("words", "verb"), [
    (["solve", "storm"], lambda small: ro.allocate(small, "storm")),
    (["stress", "storm"], lambda small: ro.stress_test(small, ["storm"])),
    (["contingencies", "--over", "route"], lambda small: ro.contingencies(small, over="route")),
    (["simulate", "--draws", "500"], lambda small: ro.simulate_outages(small, draws=500)),
    (["worst-case", "--over", "route"], lambda small: ro.worst_case(small, over="route")),
    (["expand", "bypass", "--probability", "main-closed=20%"],
     lambda small: ro.expand(small, ["bypass"], {"main-closed": "20 %"})),
])  # fmt: skip
def test_commands_show_what_the_result_shows(run, started, small, words, verb):
    """JSON is the result's own file and what was asked; the tables that --help names are those that there are."""
    result, asked = verb(small), [words[0], started, *words[1:]]
    data, own = run(*asked, "-f", "json").data, json.loads(result.to_json())
    assert {key: data[key] for key in own if key != "kind"} == {key: own[key] for key in own if key != "kind"}
    help_text = " ".join(run(words[0], "--help").out.split())
    named = help_text.partition("One table: ")[2].partition(".")[0].split(", ")
    assert sorted(named) == sorted(table.name for table in result.digest().tables)
    assert run(*asked, "-f", "csv").out == result.to_csv()


def test_numbers_of_all_kinds_keep_their_digits():
    frame = pd.DataFrame({"value": [7.973, 12_400_000_000.0, 0.05, float("inf"), None], "unit": list("abcde")})
    text = table_text(frame.rename_axis("id").reset_index(), {}, 80)
    assert [line.split()[1] for line in text.splitlines()[1:4]] == ["7.973", "12,400,000,000", "0.05"]
    assert "no limit" in text
    shares = table_text(
        pd.DataFrame({"id": ["a"], "share": [0.1234], "cost": [-2.5e9]}), {"share": "share", "cost": "USD/y"}, 80
    )
    assert shares.split() == ["id", "share", "cost", "%", "million", "USD/y", "a", "12.3", "-2,500"]


def test_schema(run, tmp_path):
    ran = run("schema", "scenarios", "-o", tmp_path / "s.json")
    assert (ran.code, ran.out) == (0, "")
    assert run("schema", "scenarios").out == (tmp_path / "s.json").read_text(encoding="utf-8")
    assert run("schema", "scenarios").data == ro.schema("scenarios")


def test_doctor(run, monkeypatch):
    ran = run("doctor", "-f", "json")
    states = {row["what"]: row["status"] for row in ran.rows("findings")}
    assert ran.code == 0
    assert states["highs"] == states["data kazakhstan"] == states["pulp"] == states["pulp:HiGHS"] == "ok"
    monkeypatch.setattr("routeopt.cli.doctor._EXPORTED", 9.5)  # an optimum that is not right is found out
    monkeypatch.setattr("routeopt.files.bundled_systems", dict)
    ran = run("doctor", "-f", "json")
    assert ran.code == 1
    assert {row["what"]: row["status"] for row in ran.rows("findings")}["highs"] == "failed"


@pytest.mark.parametrize("width", [80, 120])
def test_text_fits_the_screen(run, started, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    for words in (["show", started], ["show", started, "-t", "legs"], ["solve", started, "-t", "legs"],
                  ["contingencies", started], ["sources", started], ["stress", started, "storm"],
                  ["solve", started, "-t", "bottlenecks"]):  # fmt: skip
        lines = run(*words).out.splitlines()
        assert len(lines) > 3
        assert max(map(len, lines)) <= width, words
        assert "\x1b" not in "".join(lines)


def test_output_file(run, started, tmp_path):
    place = tmp_path / "plan.json"
    first = run("solve", started, "-f", "json", "-o", place)
    assert (first.code, first.out) == (0, "")
    assert "wrote" in first.err
    before = place.read_text(encoding="utf-8")
    again = run("solve", started, "main-closed", "-f", "json", "-o", place)
    assert again.code == 3
    assert "add --force" in again.err
    assert place.read_text(encoding="utf-8") == before
    quiet = run("solve", started, "main-closed", "-f", "json", "-o", place, "--force", "-q")
    assert (quiet.code, quiet.err) == (0, "")
    assert place.read_text(encoding="utf-8") != before
    run("solve", started, "-o", tmp_path / "plan.txt")
    assert "Main line and port" in (tmp_path / "plan.txt").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.json", "plan.txt"]


def test_report(run, started, tmp_path):
    pytest.importorskip("plotly")
    page = tmp_path / "page.html"
    ran = run("report", started, "main-closed", "-o", str(page))
    assert (ran.code, ran.out) == (0, "")
    assert page.read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    before = page.read_bytes()
    again = run("report", started, "-o", str(page))
    assert again.code == 3
    assert "--force" in again.err
    assert page.read_bytes() == before
    assert run("report", started).code == 2
