"""Scenario files with one mistake each."""

from __future__ import annotations

import pytest

from routeopt.errors import FileError, ScenarioError
from routeopt.files import load, load_scenarios

CASES = [
    # keys and kinds of value
    ("key of the file", "system: small", "§sytem: small", "unknown key 'sytem'", "did you mean 'system'?"),
    ("key of a scenario", "    probability: 10 %", "    §probabilty: 10 %", "did you mean 'probability'?"),
    ("key of a closure", "{tag: cold,", "{§tags: cold,", "unknown key 'tags'", "did you mean 'tag'?"),
    ("key of a horizon", "step: day", "§steps: day", "did you mean 'step'?"),
    ("key of an announcement", "until: 2026", "§untill: 2026", "did you mean 'until'?"),
    ("no closure", "{tag: cold, availability: 50 %}", "§{availability: 50 %}", "closes nothing",
     "name one of leg, node"),
    ("two things in a closure", "{tag: cold,", "{§tag: cold, country: RU,", "names country and tag",
     "one closure for each"),
    ("a component of nothing", "{tag: cold,", "{tag: cold, §component: two,", "belongs to a leg", "leg: ..."),
    ("closures as one mapping", "closures: [{route: sea}]", "closures: §{route: sea}", "needs a list, not a mapping"),
    ("closures as text", "closures: [{route: sea}]", "closures: §sea", "needs a list, not text"),
    ("closures as nothing", "closures: [{route: sea}]", "closures: §~", "needs a list, not nothing"),
    ("a closure as text", "closures: [{route: sea}]", "closures: [§sea]", "needs a mapping, not 'sea'"),
    ("announced as text", "announced: [{on: 2025-11-30, until: 2026-01-10}]", "announced: §soon",
     "needs a list, not text"),
    ("scenario as text", "  shut: {title: Shut, closures: [{route: sea}]}", "  shut: §closed",
     "needs a mapping, not 'closed'"),
    ("version", "routeopt-scenarios: 1", "routeopt-scenarios: §3", "3 is not possible here"),
    ("step", "step: day", "step: §hour", "'hour' is not possible here", "known: day, event, month, week"),
    ("availability of too much", "availability: 50 %", "availability: §150 %", "more than the whole"),
    ("availability in another unit", "availability: 50 %", "availability: §5 Mt/y", "does not measure a share"),
    ("negative probability", "probability: 10 %", "probability: §-10 %", "is negative"),
    ("recovery", "recovery: linear 14 d", "recovery: §slowly", "'slowly' is no way to recover", "write linear 14 d"),
    ("unit of a recovery", "recovery: linear 14 d", "recovery: §linear 14 kt", "does not measure a duration"),
    ("build without a unit", "{planned: 20 Mt/y}", "{planned: §20}", "needs a unit"),
    ("override as a list", "{tariffs: {trunk", "{override: §[a], tariffs: {trunk", "needs a mapping"),
    # dates
    ("no date", "from: 2025-11-29", "from: §November", "needs a date, not 'November'", "write 2025-11-29"),
    ("29 February", "to: 2026-01-25", "to: §2026-02-29", "there is no 2026-02-29", "2026 is no leap year"),
    ("31 November", "from: 2025-11-29", "from: §2025-11-31", "there is no 2025-11-31"),
    ("month 13", "from: 2025-11-29", "from: §2025-13-01", "there is no 2025-13-01"),
    ("a date the other way", "from: 2025-11-29", "from: §29.11.2025", "needs a date"),
    ("a date as a number", "from: 2025-11-29", "from: §20251129", "needs a date, not '20251129'"),
    ("end before start", "to: 2026-01-25", "to: §2025-11-25", "ends on 2025-11-25, not after it starts",
     "first day back"),
    ("end on the start", "to: 2026-01-25", "to: §2025-11-29", "'to' is the first day back"),
    ("horizon that ends before it starts", "end: 2026-03-01", "end: §2025-03-01", "ends on 2025-03-01, not after"),
    ("closure outside the horizon", "from: 2025-11-29\n        to: 2026-01-25",
     "from: 2024-11-29\n        to: 2025-01-25",
     "lies outside the horizon 2025-11-01 to 2026-03-01", "§    closures:\n"),
    # references
    ("another system", "system: small", "system: §large", "written for the system 'large', not for 'small'"),
    ("unknown scenario", "extends: shut", "extends: §shutt", "unknown scenario 'shutt'", "did you mean 'shut'?"),
    ("a scenario that extends itself", "extends: shut", "extends: §built", "extends itself: built -> built"),
    ("a circle of scenarios", "{title: Shut, ", "{title: Shut, extends: built, ", "shut -> built -> shut",
     "§shut\n    build"),
    ("unknown leg", "- leg: loading", "- leg: §loding", "'loding'", "did you mean 'loading'?"),
    ("unknown component", "component: two", "component: §too", "'too'", "'two'"),
    ("unknown route", "{route: sea}", "{route: §see}", "'see'", "'sea'"),
    ("unknown node", "{tag: cold,", "{node: §hup,", "'hup'", "'hub'"),
    ("unknown group", "{tag: cold,", "{group: §berth,", "'berth'", "'berths'"),
    ("unknown country", "{tag: cold,", "{country: §RUS,", "'RUS'", "'RU'"),
    ("unknown chokepoint", "{tag: cold,", "{chokepoint: §strait,", "'strait'", "'straits'"),
    ("unknown operator", "{tag: cold,", "{operator: §locale,", "'locale'", "'local'"),
    ("unknown tag", "{tag: cold,", "{tag: §colt,", "'colt'", "'cold'"),
    ("unknown commodity", "{tag: cold,", "{leg: line, commodity: §lite,", "'lite'", "'light'"),
    ("building an unknown leg", "{planned: 20 Mt/y}", "{§planed: 20 Mt/y}", "'planed'", "'planned'"),
    ("reopening an unknown leg", "{tariffs: {trunk", "{reopen: §trnk, tariffs: {trunk", "'trnk'", "'trunk'"),
    ("cost of an unknown leg", "{tariffs: {trunk", "{tariffs: {§trnk", "'trnk'", "'trunk'"),
    ("cost in another unit", "+6 USD/t", "§+6 Mt/y", "Mt/y"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_the_mistake_is_found(case, scenario_text, refuse, edit):
    _, old, new, *words = case
    text = edit(scenario_text, old, new)
    for word in words:
        if word.startswith("§"):  # the place is elsewhere, at the beginning of these words
            text = edit(text, word[1:], word[1:].replace(word[1:].strip(), "§" + word[1:].strip()))
    refuse(text, *(word for word in words if not word.startswith("§")), scenarios=True)


def test_a_system_is_no_file_of_scenarios(system_text, tmp_path):
    path = tmp_path / "system.yaml"
    path.write_text(system_text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"system\.yaml:1:1: routeopt: holds a system.*read it with load$"):
        load_scenarios(path)


def test_names_are_checked_only_against_a_system(scenario_text, tmp_path, edit):
    path = tmp_path / "scenarios.yaml"
    path.write_text(edit(scenario_text, "leg: loading", "leg: elsewhere"), encoding="utf-8")
    assert list(load_scenarios(path)) == ["shut", "built", "storm", "dear"]


def test_scenarios_beside_a_system_belong_to_it(system_text, scenario_text, tmp_path):
    path = tmp_path / "any.yaml"
    path.write_text(system_text, encoding="utf-8")
    (tmp_path / "scenarios").mkdir()
    beside = tmp_path / "scenarios" / "small.yaml"
    beside.write_text(scenario_text, encoding="utf-8")
    system = load(path)
    assert system.origin == str(path)
    assert list(system.scenarios) == ["shut", "built", "storm", "dear"]
    beside.write_text(scenario_text.replace("route: sea", "route: see"), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"small\.yaml:4:42"):
        load(path)
    beside.rename(tmp_path / "any.scenarios.yaml")
    with pytest.raises(ScenarioError, match=r"any\.scenarios\.yaml:4:42"):
        load(path)
    beside.write_text(scenario_text, encoding="utf-8")
    with pytest.raises(FileError, match="two files hold the scenarios"):
        load(path)


@pytest.mark.parametrize("name", ["{folder}/outside", "a/b", "a\\b"])
def test_the_name_of_a_system_is_no_way_out_of_the_folder(name, system_text, tmp_path, edit):
    (tmp_path / "outside.yaml").write_text("this is read by nobody", encoding="utf-8")
    folder = tmp_path / "inner"
    (folder / "scenarios").mkdir(parents=True)
    path = folder / "system.yaml"
    path.write_text(edit(system_text, "name: small", f"name: '{name.format(folder=tmp_path)}'"), encoding="utf-8")
    assert load(path).scenarios == {}


def test_mistakes_of_all_scenarios_are_told_at_once(scenario_text, tmp_path, system_text, edit):
    system_path, path = tmp_path / "system.yaml", tmp_path / "scenarios.yaml"
    system_path.write_text(system_text, encoding="utf-8")
    text = edit(scenario_text, "route: sea", "route: see")
    text = edit(text, "planned: 20", "planed: 20")
    text = edit(text, "leg: loading", "leg: loding")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as raised:
        load_scenarios(path, load(system_path))
    assert [problem.line for problem in raised.value.problems] == [4, 7, 11]
