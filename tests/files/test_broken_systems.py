"""Systems with one mistake each: every one is found, at its place, in words that help."""

from __future__ import annotations

from pathlib import Path

import pytest

from routeopt.errors import FileError, InputError, SystemDataError
from routeopt.files import load

# Name, what is replaced in the small system, by what (§ marks where the mistake is), words of the message.
CASES = [
    # keys
    ("key at the top", "exporter: KZ", "§exportr: KZ", "unknown key 'exportr'", "did you mean 'exporter'?"),
    ("key of units", "money: USD", "§mony: USD", "unknown key 'mony'", "did you mean 'money'?"),
    ("key of a field", "min_output: 33 %", "§min_outptu: 33 %", "did you mean 'min_output'?"),
    ("key of a hub", "tags: [cold, windy]", "§output: 3 Mt/y", "unknown key 'output'", "known: "),
    ("key of a storage", "heel: 5 %", "§heal: 5 %", "did you mean 'heel'?"),
    ("key of a leg", "    loss: 1 %", "    §los: 1 %", "did you mean 'loss'?"),
    ("key of a leg, written otherwise", "    tariff:", "    §Tariff:", "did you mean 'tariff'?"),
    ("key of a quantity", "low: 38", "§lo: 38", "did you mean 'low'?"),
    ("key of a component", "tags: old", "§tag: old", "did you mean 'tags'?"),
    ("key of a fleet", "cargo: 9.6 kt", "cargo: 9.6 kt, §ships: 3", "unknown key 'ships'", "vessels"),
    ("key of outages", "rate: 2 1/y", "rate: 2 1/y, §mean: 3 d", "unknown key 'mean'"),
    ("key of a repair", "{mean: 3 d}", "{mean: 3 d, §distributon: fixed}", "did you mean 'distribution'?"),
    ("key of surge", "ceiling: 3 kt/d", "ceiling: 3 kt/d, §floor: 1 kt/d", "unknown key 'floor'", "ceiling"),
    ("key of build", "lifetime: 25 y", "lifetime: 25 y, §leadtime: 5 y", "did you mean 'lead_time'?"),
    ("key of a group", "capacity: 60 Mt/y}", "capacity: 60 Mt/y, §weights: 1}", "unknown key 'weights'"),
    ("key of a route", "title: By sea", "§titel: By sea", "did you mean 'title'?"),
    ("key of a contract", "deficiency: 20", "§deficit: 20", "unknown key 'deficit'", "did you mean 'deficiency'?"),
    ("key of a source", "url:", "§link:", "unknown key 'link'", "url"),
    ("key of a commodity", "heavy: {barrels_per_tonne: 7.2}", "heavy: {barrels_per_tonne: 7.2, §bpt: 1}", "'bpt'"),
    # what is missing
    (
        "no kind",
        "  hub: {kind: hub, tags: [cold, windy]}",
        "  §hub: {tags: [cold, windy]}",
        "needs 'kind'",
        "field, hub",
    ),
    (
        "no output",
        "    output: {value: 39 Mt/y, low: 38, high: 40, note: as planned, source: agency}\n",
        "",
        "needs 'output'",
        "§  oil:",
    ),
    ("no from", "spur: {from: hub, to", "§spur: {to", "needs 'from'"),
    ("no demand", "plant: {kind: refinery, demand: 1 Mt/y,", "§plant: {kind: refinery,", "needs 'demand'"),
    ("no cargo", "fleet: {vessels: 5, cargo: 9.6 kt,", "§fleet: {vessels: 5,", "needs 'cargo'"),
    ("no markers", "sea: {title: By sea, metering_legs: [loading]}", "§sea: {title: By sea}", "needs 'metering_legs'"),
    ("no title of a source", "agency: {title: Prices,", "§agency: {", "needs 'title'"),
    ("no value", "output: {value: 39 Mt/y,", "output: §{", "has no value", "write value: 10 Mt/y"),
    ("no commodity", "    commodity: light\n", "", "needs 'commodity'", "§  oil:"),
    ("no arrangement", "{in: parallel, one", "§{one", "how they stand", "write in: parallel or in: series"),
    (
        "no capacity of a group",
        "berths: {legs: [loading, ship], capacity: 60 Mt/y}",
        "berths: §{legs: [loading]}",
        "needs either a capacity or vessels",
    ),
    ("no barrels per tonne", "heavy: {barrels_per_tonne: 7.2}", "§heavy: {title: Heavy}", "needs barrels_per_tonne"),
    # kinds of value
    ("text for a number", "base_year: 2025", "base_year: §this year", "whole number", "'this year'"),
    ("number for a text", "title: Prices", "title: §12", "needs text, not 12"),
    (
        "list for a mapping",
        "  sea: {title: By sea, metering_legs: [loading]}\n  others: {metering_legs: [ship, planned]}\n",
        "  - sea\n",
        "needs a mapping of ids, not a list",
        "§routes:",
    ),
    ("text for a record", "hub: {kind: hub, tags: [cold, windy]}", "hub: §hub", "needs a mapping, not 'hub'"),
    ("nothing for a record", "hub: {kind: hub, tags: [cold, windy]}", "hub:§", "needs a mapping, not nothing"),
    ("mapping for a list", "[KZ, RU]", "§{KZ: 1}", "needs a list, not a mapping", "write [a, b]"),
    ("number in a list of words", "[cold, windy]", "[cold, §3]", "needs text, not 3"),
    ("word of choice", "mode: tanker", "mode: §tankr", "'tankr' is not possible here", "did you mean 'tanker'?"),
    ("kind of node", "kind: terminal", "kind: §terminl", "did you mean 'terminal'?"),
    ("arrangement", "{in: parallel", "{in: §paralel", "did you mean 'parallel'?"),
    ("status", "status: hypothetical", "status: §planned", "'planned' is not possible here", "hypothetical"),
    ("another currency", "money: USD", "money: §EUR", "'EUR' is not possible here", "USD"),
    ("another version", "routeopt: 1", "routeopt: §2", "2 is not possible here"),
    ("months as text", "[1, 2, 12]", "§winter", "needs a list, not text"),
    ("months as a number", "[1, 2, 12]", "§12", "needs a list, not a number"),
    (
        "legs of a group in lists",
        "legs: [loading, ship], capacity",
        "legs: [[loading], ship], capacity",
        "holds a list",
        "§{legs: [[loading]",
    ),
    ("a position of three", "[46.15, 53.38]", "§[46.15, 53.38, 2]", "latitude and longitude", "write [46.15, 53.38]"),
    ("a position off the Earth", "[46.15, 53.38]", "§[146.15, 53.38]", "not a place on Earth"),
    # quantities
    ("no unit", "capacity: 60 Mt/y\n", "capacity: §60\n", "needs a unit", "write 10 Mt/y"),
    ("unknown unit", "capacity: 60 Mt/y\n", "capacity: §60 Mt/yr\n", "unknown unit 'Mt/yr'", "write Mt/y"),
    ("nonsense unit", "capacity: 60 Mt/y\n", "capacity: §60 parsec\n", "unknown unit 'parsec'", "kt"),
    ("a stock for a flow", "capacity: 60 Mt/y\n", "capacity: §60 Mt\n", "Mt does not measure a flow"),
    ("a price for a flow", "capacity: 60 Mt/y\n", "capacity: §60 USD/t\n", "USD/t does not measure a flow"),
    ("a flow for a price", "deficiency: 20 USD/t", "deficiency: §20 Mt/y", "does not measure a price"),
    ("a flow for a duration", "transit_time: 2 d", "transit_time: §2 kt/d", "does not measure a duration", "write 6 d"),
    ("a duration for a share", "min_output: 33 %", "min_output: §33 d", "does not measure a share"),
    ("a share for a rate", "ramp_up: 3 %/d", "ramp_up: §3 %", "does not measure a share a time", "write 3 %/d"),
    ("a flow for a stock", "{capacity: 7 mb", "{capacity: §7 mb/d", "does not measure a volume in store"),
    ("a unit for a count", "vessels: 5", "vessels: §5 d", "does not measure a count"),
    ("results in a price", "flow: Mt/y", "flow: §USD/t", "does not measure a flow", "write Mt/y or kb/d"),
    ("results in no unit", "flow: Mt/y", "flow: §mtpa", "unknown unit 'mtpa'", "write Mt/y"),
    ("a separator", "capacity: 60 Mt/y\n", "capacity: §1,200 kt/d\n", "separator", "write 1"),
    ("words for a number", "capacity: 60 Mt/y\n", "capacity: §sixty Mt/y\n", "is not a number with a unit"),
    ("NaN", "capacity: 60 Mt/y\n", "capacity: §.nan\n", "is nan"),
    ("NaN where no unit is needed", "vessels: 5", "vessels: §.nan", "is nan, which is not a number to compute with"),
    ("infinity", "vessels: 5", "vessels: §.inf", "is inf, which is not a number to compute with"),
    ("a number beyond all", "capacity: 60 Mt/y\n", "capacity: §1e999 Mt/y\n", "is not a finite number"),
    ("a number beyond all once converted", "capacity: 60 Mt/y\n", "capacity: §1e308 Mt/d\n", "too large a number"),
    ("nan in a range", "low: 38", "low: §.nan", "is nan"),
    ("infinity in a range", "high: 40", "high: §.inf", "is inf"),
    ("a truth value", "vessels: 5", "vessels: §true", "needs a count, not"),
    ("a list", "capacity: 60 Mt/y\n", "capacity: §[60 Mt/y]\n", "needs a flow, not a list"),
    ("nothing", "output: {value: 39 Mt/y", "output: {value: §~", "has no value"),
    ("negative volume", "output: {value: 39 Mt/y, low: 38,", "output: {value: §-39 Mt/y,", "is negative (-39 Mt/y)"),
    ("negative capacity", "capacity: 60 Mt/y\n", "capacity: §-60 Mt/y\n", "is negative"),
    ("negative low", "low: 38", "low: §-38", "is negative"),
    ("negative loss", "loss: 1 %", "loss: §-1 %", "is negative (-1 %): a loop through it would gain volume"),
    ("loss of all", "loss: 1 %", "loss: §100 %", "nothing would arrive"),
    ("share above the whole", "min_output: 33 %", "min_output: §133 %", "more than the whole"),
    ("low above the value", "low: 38", "low: §50", "low 50 is above the value 39"),
    ("high below the value", "high: 40", "high: §30", "high 30 is below the value 39"),
    ("no barrels in a tonne", "heavy: {barrels_per_tonne: 7.2}", "heavy: {barrels_per_tonne: §0}", "is zero"),
    (
        "many barrels in a tonne",
        "heavy: {barrels_per_tonne: 7.2}",
        "heavy: {barrels_per_tonne: §720}",
        "is 720, more than 20",
    ),
    ("note that is a number", "note: as planned", "note: §12", "note must be text", "put it in quotes"),
    ("source that is a mapping", "source: agency}", "source: §{a: 1}}", "source must name entries of sources"),
    ("voyage without time", "round_trip: 6 d", "round_trip: §0 d", "a round trip takes time"),
    # references
    ("node of a leg", "to: hub\n    capacity: 60", "to: §hup\n    capacity: 60", "unknown node 'hup'", "'hub'?"),
    ("commodity of a field", "commodity: light", "commodity: §lite", "unknown commodity 'lite'", "'light'?"),
    (
        "commodity of a refinery",
        "commodities: [light]",
        "commodities: [§lights]",
        "unknown commodity 'lights'",
        "'light'?",
    ),
    ("commodity of a market", "commodities: heavy", "commodities: §heavi", "unknown commodity 'heavi'", "'heavy'?"),
    ("commodity of a differential", "{light: -1.5", "{§ligth: -1.5", "unknown commodity 'ligth'", "'light'?"),
    (
        "commodity that enters",
        "blends_into: heavy",
        "blends_into: {§ligt: heavy}",
        "unknown commodity 'ligt'",
        "'light'?",
    ),
    ("commodity that leaves", "blends_into: heavy", "blends_into: §kebco", "unknown commodity 'kebco'", "heavy, light"),
    ("commodity carried", "transit_time: 2 d", "commodities: [light, §havy]", "unknown commodity 'havy'", "'heavy'?"),
    ("leg of a group", "[loading, ship], cap", "[loading, §shp], cap", "unknown leg 'shp'", "'ship'?"),
    ("leg of a group with weights", "legs: [loading, ship], cap", "legs: {loading: 1, §shp: 2}, cap", "unknown leg"),
    ("leg of a route", "[ship, planned]", "[ship, §planed]", "unknown leg 'planed'", "'planned'?"),
    ("leg of a contract", "legs: [ship], vol", "legs: [§ships], vol", "unknown leg 'ships'", "'ship'?"),
    ("leg that it is built with", "status: hypothetical", "part_of: §shipp", "unknown leg 'shipp'", "'ship'?"),
    ("source", "source: [agency]", "source: §[agence]", "unknown source 'agence'", "'agency'?"),
    ("an id with a dot", "  agency: {", "  §agen.cy: {", "cannot be an id"),
    # parts that do not fit together
    ("a leg to itself", "from: oil\n    to: hub", "from: oil\n    to: §oil", "leads from 'oil' to itself"),
    (
        "reserved above capacity",
        "reserved: {others: 5 Mt/y}",
        "reserved: §{others: 55 Mt/y}",
        "55 Mt/y are reserved of a capacity of 50 Mt/y",
        "reserve at most the capacity",
    ),
    (
        "reserved of no capacity",
        "spur: {from: hub, to: plant,",
        "spur: {reserved: §{a: 1 kt/d}, from: hub, to: plant,",
        "a capacity that it does not have",
    ),
    (
        "tonnes and barrels on a leg",
        "reserved: {others: 5 Mt/y}",
        "reserved: {others: 5 kb/d}",
        "in tonnes and in barrels",
        "§  loading:",
    ),
    ("fleet of a pipeline", "    mode: tanker\n    fleet", "    §fleet", "a pipeline has no fleet", "mode: tanker"),
    ("component without a capacity", "one: 25 Mt/y", "one: §{operator: me}", "needs 'capacity'"),
    (
        "component in series with a capacity",
        "{without: 30 Mt/y, tags: old}",
        "§{without: 30 Mt/y, capacity: 3 Mt/y}",
        "has no 'capacity'",
    ),
    ("a leg twice in a group", "legs: [loading, ship], cap", "legs: §[ship, ship], cap", "names a leg twice"),
    (
        "a capacity and vessels",
        "capacity: 60 Mt/y}",
        "capacity: 60 Mt/y, vessels: 3}",
        "either a capacity or vessels",
        "§{legs: [loading, ship]",
    ),
    ("sizes that shrink", "sizes: [10 Mt/y, 20 Mt/y]", "sizes: §[20 Mt/y, 10 Mt/y]", "must grow"),
    ("a cost too few", "capex: [2e9 USD, 3e9 USD]", "capex: §[2e9 USD]", "2 sizes need 2 costs, not 1"),
    (
        "an unreachable field",
        "    from: oil\n    to: hub",
        "    from: hub\n    to: oil",
        "no way leads 'light'",
        "§  oil:",
    ),
    (
        "a way without a marker",
        "loading]}\n  others: {metering_legs: [ship, planned]}",
        "planned]}\n  others: {metering_legs: [ship]}",
        "no marker on the way oil - hub - port - south",
        "§routes:",
    ),
    ("a way with two markers", "metering_legs: [loading]", "metering_legs: §[loading, line]", "crosses two markers"),
    (
        "a leg that marks two routes",
        "[ship, planned]",
        "[ship, planned, §loading]",
        "'loading' already marks route 'sea'",
    ),
    (
        "a contract without a price",
        "promise: {legs: [ship], volume: 1 Mt/y, deficiency: 20 USD/t}",
        "§promise: {legs: [ship], volume: 1 Mt/y}",
        "needs 'deficiency'",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_the_mistake_is_found(case, system_text, refuse, edit):
    _, old, new, *words = case
    text = edit(system_text, old, new)
    for word in words:
        if word.startswith("§"):  # the place is elsewhere, at the beginning of these words
            text = edit(text, word[1:], word[1:].replace(word[1:].strip(), "§" + word[1:].strip()))
    refuse(text, *(word for word in words if not word.startswith("§")))


WHOLE = [
    ("no field", "nodes: §{m: {kind: market}, h: {kind: hub}}\nlegs: {a: {from: h, to: m}}", "has no field"),
    ("nothing at all", "§legs: {a: {from: x, to: y}}\n", "needs 'nodes'"),
    ("no legs", "§nodes: {f: {kind: field, output: 1 kt/d}}\n", "needs 'legs'"),
    ("a list", "§- a\n- b\n", "needs a mapping with nodes and legs, not a list"),
    ("a text", "§name\n", "needs a mapping with nodes and legs, not text"),
    ("a number", "§12\n", "needs a mapping with nodes and legs, not a single value"),
    ("a file of scenarios", "§routeopt-scenarios: 1\nscenarios: {}\n", "holds scenarios", "load_scenarios"),
]


@pytest.mark.parametrize(("text", "words"), [(t, w) for _, t, *w in WHOLE], ids=[case[0] for case in WHOLE])
def test_a_file_that_is_no_system(text, words, refuse):
    assert any(word in problem.message for problem in refuse(text, *words) for word in words)


def test_all_mistakes_are_told_at_once(system_text, tmp_path, edit):
    text = edit(system_text, "exporter: KZ", "exportr: KZ")
    text = edit(text, "loss: 1 %", "loss: -1 %")
    text = edit(text, "capacity: 60 Mt/y\n", "capacity: 60\n")
    text = edit(text, "mode: tanker", "mode: tankr")
    text = edit(text, "min_output: 33 %", "min_output: 33 %\n    country: KZ")
    path = tmp_path / "five.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load(path)
    lines = [problem.line for problem in raised.value.problems]
    assert lines == sorted(lines)
    assert [text.splitlines()[line - 1].strip() for line in lines] == [
        "exportr: KZ",
        "country: KZ",
        "capacity: 60",
        "loss: -1 %",
        "mode: tankr",
    ]


def test_what_follows_from_a_mistake_of_syntax_is_not_told_again(system_text, refuse, edit):
    # Otherwise 2025 would also be an unknown key.
    refuse(edit(system_text, "exporter: KZ", "§2025: KZ"), "a key must be text, not a number")


def test_mistakes_of_syntax_and_of_content_are_told_together(system_text, tmp_path, edit):
    path = tmp_path / "both.yaml"
    path.write_text(edit(system_text, "loss: 1 %", "loss: -1 %") + "name: again\n", encoding="utf-8")
    with pytest.raises(FileError) as raised:
        load(path)
    assert ["negative" in str(p) or "twice" in str(p) for p in raised.value.problems] == [True, True]


def test_a_title_may_hold_html(system_text, tmp_path):
    path = tmp_path / "html.yaml"
    path.write_text(system_text, encoding="utf-8")
    assert load(path).commodities["light"].title == "Light <b>crude</b>"


def test_the_name_of_the_file_stays_as_given(system_text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("here.yaml").write_text(system_text + "zz: 1\n", encoding="utf-8")
    with pytest.raises(SystemDataError, match=r"^here\.yaml:\d+:1: zz: unknown key"):
        load("here.yaml")
