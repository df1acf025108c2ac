"""Horizons and closures with one mistake each: what is said, and where."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.small import network
from routeopt.files import load_scenarios

SYSTEM = network({"main": ("f", "market", {"capacity": "10 kt/d"})}, {"f": "10 kt/d"}, units={"flow": "kt/d"})
JANUARY = {"start": "2025-01-01", "end": "2025-02-01", "step": "day"}


def scenario(closure=None, **horizon):
    merged = {**JANUARY, **horizon}
    closures = [{"leg": "main", **closure}] if closure else []
    return {"horizon": {key: value for key, value in merged.items() if value is not None}, "closures": closures}


def span(start, end, **more):
    return {"from": start, "to": end, **more}


ANNOUNCED = [{"on": "2025-01-09", "until": "2025-01-20"}, {"on": "2025-01-08", "until": "2025-01-19"}]

CASES = {
    "after the horizon": (scenario(span("2025-02-01", "2025-02-03")), "closures", "lies outside the horizon"),
    "before the horizon": (scenario(span("2024-12-01", "2025-01-01")), "closures", "lies outside the horizon"),
    "of nothing": (scenario({"leg": None, "from": "2025-01-03"}), "closures.0", "closes nothing"),
    "of a leg that is not there": (scenario({"leg": "mian"}), "closures.0.leg", "did you mean 'main'?"),
    "ends before it starts": (scenario(span("2025-01-09", "2025-01-05")), "closures.0.to", "not after it starts"),
    "ends when it starts": (scenario(span("2025-01-09", "2025-01-09")), "closures.0.to", "first day back"),
    "29 February": (scenario(span("2025-01-09", "2025-02-29")), "closures.0.to", "2025 is no leap year"),
    "30 February": (scenario(span("2025-01-09", "2024-02-30")), "closures.0.to", "there is no 2024-02-30"),
    "29 February of a horizon": (scenario(start="2025-02-29", end="2025-04-01"), "horizon.start", "no leap year"),
    "a horizon that ends before it starts": (scenario(end="2024-02-01"), "horizon.end", "not after it starts"),
    "a horizon of no day": (scenario(end="2025-01-01"), "horizon.end", "not after it starts"),
    "an unknown step": (scenario(step="hour"), "horizon.step", "known: day, event, month, week"),
    "breaks out of order": (
        scenario(step=None, period_starts=["2025-01-20", "2025-01-10"]),
        "horizon.period_starts",
        "would begin on 2025-01-20 and end on 2025-01-10; put them in order",
    ),
    "a break twice": (
        scenario(step=None, period_starts=["2025-01-10", "2025-01-10"]),
        "horizon.period_starts",
        "put them in order",
    ),
    "a break on the first day": (
        scenario(step=None, period_starts=["2025-01-01"]),
        "horizon.period_starts",
        "inside the horizon",
    ),
    "a break on the last day": (
        scenario(step=None, period_starts=["2025-02-01"]),
        "horizon.period_starts",
        "inside the horizon",
    ),
    "breaks and a step": (scenario(period_starts=["2025-01-10"]), "horizon.period_starts", "leave step out"),
    "plans that end early": (
        scenario(lookahead_to="2025-01-20"),
        "horizon.lookahead_to",
        "before it ends on 2025-02-01",
    ),
    "plans beyond a circle": (
        scenario(lookahead_to="2025-02-20", end_stocks="cycle"),
        "horizon.lookahead_to",
        "leave lookahead_to out",
    ),
    "ships beyond a circle": (
        scenario(lookahead_to="2025-02-20", initial_in_transit="cycle"),
        "horizon.lookahead_to",
        "leave lookahead_to",
    ),
    "unknown stocks": (scenario(end_stocks="empty"), "horizon.end_stocks", "known: cycle, free, keep"),
    "unknown way to begin": (
        scenario(initial_in_transit="full"),
        "horizon.initial_in_transit",
        "known: cycle, none, usual",
    ),
    "recovery without a length": (
        scenario(span("2025-01-03", "2025-01-09", recovery="linear")),
        "closures.0.recovery",
        "write linear 14 d",
    ),
    "a step with a length": (
        scenario(span("2025-01-03", "2025-01-09", recovery="step 3 d")),
        "closures.0.recovery",
        "a step takes no time",
    ),
    "recovery without an end": (
        scenario({"from": "2025-01-03", "recovery": "linear 3 d"}),
        "closures.0.recovery",
        "has no end",
    ),
    "recovery of a negative length": (
        scenario(span("2025-01-03", "2025-01-09", recovery="linear -3 d")),
        "closures.0.recovery",
        "negative",
    ),
    "announced out of order": (
        scenario(span("2025-01-03", "2025-01-19", announced=ANNOUNCED)),
        "closures.0.announced",
        "put them in order",
    ),
    "announced for yesterday": (
        scenario(span("2025-01-03", "2025-01-19", announced=[{"on": "2025-01-09", "until": "2025-01-08"}])),
        "closures.0.announced.0.until",
        "lies ahead",
    ),
    "planned and announced": (
        scenario(span("2025-01-03", "2025-01-19", planned=True, announced=ANNOUNCED[:1])),
        "closures.0.announced",
        "leave announced out",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_mistake_is_told_with_its_place(case):
    data, path, words = CASES[case]
    if data["closures"] and data["closures"][0]["leg"] is None:
        del data["closures"][0]["leg"]
    with pytest.raises(ro.ScenarioError) as raised:
        ro.allocate(SYSTEM, data)
    assert [".".join(map(str, problem.path)) for problem in raised.value.problems] == [path]
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("work", "key", "words"),
    [
        ({"from": "02-29", "to": "03-05"}, "from", "write 02-28 or 03-01"),
        ({"from": "02-20", "to": "02-29"}, "to", "write 02-28 or 03-01"),
        ({"from": "2025-02-20", "to": "2025-02-29"}, "to", "2025 is no leap year"),
        ({"from": "04-31", "to": "05-05"}, "from", "there is no 04-31"),
        ({"from": "04-15", "to": "04-15"}, "to", "first day back"),
        ({"from": "2025-04-15", "to": "2025-04-10"}, "to", "not after it starts"),
        ({"from": "2025-04-15", "to": "04-20"}, "to", "write both alike"),
        ({"from": "april", "to": "04-20"}, "from", "needs a date"),
        ({"from": "04-15", "to": "04-20", "availability": "120 %"}, "availability", "more than the whole"),
    ],
)
@pytest.mark.parametrize("where", ["legs.main", "nodes.f"])
def test_stops_that_are_planned_wrongly(where, work, key, words):
    with pytest.raises(ro.InputError) as raised:
        SYSTEM.override({f"{where}.maintenance": [work]})
    assert words in str(raised.value)
    assert f"maintenance.0.{key}" in str(raised.value)


def test_29_february_of_a_leap_year_is_a_day():
    plan = ro.allocate(SYSTEM, {"horizon": {"start": "2024-02-28", "end": "2024-03-02", "step": "day"},
                                "closures": [{"leg": "main", "from": "2024-02-29", "to": "2024-03-01"}]})  # fmt: skip
    assert plan.periods["total", "exported"].tolist() == [10, 0, 10]


def test_tanks_that_start_below_their_heel():
    storage = {"capacity": "9 kt", "initial": "3 %", "heel": "5 %"}
    with pytest.raises(ro.InputError, match="below the heel of 5 %"):
        network({"a": ("f", "t"), "b": ("t", "m")}, {"f": "1 kt/d"}, ["m"],
                nodes={"t": {"kind": "terminal", "storage": storage}})  # fmt: skip


def test_two_mistakes_are_told_at_once():
    data = {
        "horizon": {**JANUARY, "lookahead_to": "2024-01-01"},
        "closures": [{"leg": "main", **span("2025-01-09", "2025-01-05")}, {"leg": "main", "recovery": "linear"}],
    }
    with pytest.raises(ro.ScenarioError) as raised:
        ro.allocate(SYSTEM, data)
    paths = {".".join(map(str, problem.path)) for problem in raised.value.problems}
    assert paths == {"horizon.lookahead_to", "closures.0.to", "closures.1.recovery"}


FILE = """\
routeopt-scenarios: 1
scenarios:
  storm:
    horizon:
      start: 2025-11-01
      end: 2026-03-01
      step: day
    closures:
      - leg: main
        from: 2025-11-29
        to: 2026-01-25
        recovery: linear 14 d
        announced: [{on: 2025-11-30, until: 2026-01-10}, {on: 2025-12-20, until: 2026-01-25}]
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("to: 2026-01-25", "to: §2025-11-25", "not after it starts on 2025-11-29"),
        ("to: 2026-01-25", "to: §2026-02-29", "2026 is no leap year"),
        ("linear 14 d", "§linear", "write linear 14 d"),
        ("end: 2026-03-01", "end: §2025-10-01", "not after it starts on 2025-11-01"),
        ("step: day", "step: day\n      §period_starts: [2025-12-01]", "leave step out"),
        ("step: day", "period_starts: §[2025-12-01, 2025-11-20]", "put them in order"),
        ("step: day", "step: day\n      lookahead_to: §2026-01-01", "before it ends on 2026-03-01"),
        ("step: day", "step: §hourly", "known: day, event, month, week"),
        ("{on: 2025-12-20", "{on: §2025-12-32", "there is no 2025-12-32"),
        ("until: 2026-01-10}", "until: §2025-11-30}", "lies ahead"),
        ("[{on: 2025-11-30, until: 2026-01-10}, {on: 2025-12-20, until: 2026-01-25}]",
         "§[{on: 2025-12-20, until: 2026-01-10}, {on: 2025-11-30, until: 2026-01-25}]", "put them in order"),
        ("leg: main", "leg: §mian", "did you mean 'main'?"),
    ],
)  # fmt: skip
def test_the_place_in_a_file(old, new, words, tmp_path):
    assert FILE.count(old) == 1
    before, _, after = FILE.replace(old, new).partition("§")
    path = tmp_path / "scenarios.yaml"
    path.write_text(before + after, encoding="utf-8")
    with pytest.raises(ro.InputError) as raised:
        load_scenarios(path, SYSTEM)
    (problem,) = raised.value.problems
    assert (problem.file, problem.line) == (str(path), before.count("\n") + 1)
    assert problem.column == len(before.rpartition("\n")[2]) + 1
    assert words in str(problem)
