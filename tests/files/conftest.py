"""A small system and its scenarios that use every part of the format, and the check of broken ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from routeopt.errors import InputError, Problem
from routeopt.files import load, load_scenarios

SYSTEM = """\
routeopt: 1
name: small
exporter: KZ
base_year: 2025
units: {flow: Mt/y, money: USD}
price: {value: 68 USD/bbl, low: 55, high: 85, source: [agency]}
commodities:
  light: {title: Light <b>crude</b>, barrels_per_tonne: {value: 7.9, low: 7.8, high: 8.0}}
  heavy: {barrels_per_tonne: 7.2}
sources:
  agency: {title: Prices, date: 2025-03-20, url: "https://example.org"}
nodes:
  oil:
    kind: field
    at: [46.15, 53.38]
    country: KZ
    commodity: light
    output: {value: 39 Mt/y, low: 38, high: 40, note: as planned, source: agency}
    min_output: 33 %
    ramp_up: 3 %/d
  hub: {kind: hub, tags: [cold, windy]}
  port: {kind: terminal, country: RU, storage: {capacity: 7 mb, initial: 50 %, heel: 5 %}}
  plant: {kind: refinery, demand: 1 Mt/y, commodities: [light]}
  south: {kind: market, differential: {light: -1.5 USD/bbl}}
  east: {kind: market, demand: 5 Mt/y, commodities: heavy}
legs:
  trunk:
    from: oil
    to: hub
    capacity: 60 Mt/y
    tariff: {value: 5 USD/t, estimate: a guess}
    loss: 1 %
    countries: [KZ, RU]
  spur: {from: hub, to: plant, operator: local}
  line:
    from: hub
    to: port
    capacity: 50 Mt/y
    components: {in: series, pump: {without: 30 Mt/y, tags: old}}
  loading:
    from: port
    to: south
    mode: loading
    components: {in: parallel, one: 25 Mt/y, two: 25 Mt/y}
    reserved: {others: 5 Mt/y}
    chokepoints: straits
    outages: {rate: 2 1/y, repair: {mean: 3 d}, months: [1, 2, 12]}
  ship:
    from: hub
    to: east
    mode: tanker
    fleet: {vessels: 5, cargo: 9.6 kt, round_trip: 6 d, downtime: 10 %}
    blends_into: heavy
    transit_time: 2 d
    surge: {delay: 9 d, rate: 0.5 kt/d per day, ceiling: 3 kt/d}
  planned:
    from: hub
    to: south
    status: hypothetical
    build: {sizes: [10 Mt/y, 20 Mt/y], capex: [2e9 USD, 3e9 USD], discount_rate: 10 %, lifetime: 25 y}
groups:
  berths: {legs: [loading, ship], capacity: 60 Mt/y}
routes:
  sea: {title: By sea, metering_legs: [loading]}
  others: {metering_legs: [ship, planned]}
contracts:
  promise: {legs: [ship], volume: 1 Mt/y, deficiency: 20 USD/t}
"""

SCENARIOS = """\
routeopt-scenarios: 1
system: small
scenarios:
  shut: {title: Shut, closures: [{route: sea}]}
  built:
    extends: shut
    build: {planned: 20 Mt/y}
  storm:
    horizon: {start: 2025-11-01, end: 2026-03-01, step: day}
    closures:
      - leg: loading
        component: two
        from: 2025-11-29
        to: 2026-01-25
        recovery: linear 14 d
        announced: [{on: 2025-11-30, until: 2026-01-10}]
      - {tag: cold, availability: 50 %}
    probability: 10 %
  dear: {tariffs: {trunk: +6 USD/t}, tags: money}
"""

Refuse = Callable[..., list[Problem]]


@pytest.fixture
def system_text() -> str:
    return SYSTEM


@pytest.fixture
def scenario_text() -> str:
    return SCENARIOS


@pytest.fixture
def refuse(tmp_path: Path) -> Refuse:
    """Load a text in which ``§`` marks where the mistake is; the problem found exactly there has to say the words."""

    def check(text: str, *words: str, scenarios: bool = False) -> list[Problem]:
        before, mark, after = text.partition("§")
        path = tmp_path / "broken.yaml"
        path.write_bytes((before + after).encode())
        system = None
        if scenarios:
            good = tmp_path / "good.yaml"
            good.write_text(SYSTEM, encoding="utf-8")
            system = load(good)
        with pytest.raises(InputError) as raised:
            load_scenarios(path, system) if scenarios else load(path)
        problems = list(raised.value.problems)
        assert mark, "the case has no § where the mistake is"
        place = (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
        for problem in problems:
            assert problem.file == str(path)
            assert problem.line >= 1
            assert problem.column >= 1
        assert [(p.line, p.column) for p in problems] == [place], str(raised.value)
        said = str(problems[0])
        assert said.startswith(f"{path}:{place[0]}:{place[1]}: ")
        for word in words:
            assert word in said
        return problems

    return check


def edited(base: str, old: str, new: str) -> str:
    """The base with one change; the old text must be there exactly once."""
    assert base.count(old) == 1, f"{old!r} is {base.count(old)} times in the base"
    return base.replace(old, new)


@pytest.fixture
def edit() -> Callable[[str, str, str], str]:
    return edited
