"""What the Gulf and Canada have in common with every system that is shipped: sourced, titled, coherent."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import routeopt as ro
from helpers.small import whole_year
from routeopt.scenario.resolve import resolve
from routeopt.system.iterate import quantities
from routeopt.system.topology import Topology

ROOT = Path(__file__).parents[2]
NAMES = ("gulf", "canada")


@pytest.fixture(scope="module", params=NAMES)
def system(request: pytest.FixtureRequest) -> ro.ExportSystem:
    return ro.load(request.param)


def changed(system: ro.ExportSystem) -> dict[str, ro.ExportSystem]:
    """The system and its copies with what scenarios override."""
    overrides = {name: resolve(system, name).override for name in system.scenarios}
    return {"": system, **{name: system.override(change) for name, change in overrides.items() if change}}


def test_every_number_has_a_source_or_says_how_it_was_inferred(system: ro.ExportSystem) -> None:
    for name, copy in changed(system).items():
        bare = [(name, path) for path, number in quantities(copy) if not number.source and not number.estimate]
        assert [entry for entry in bare if entry[1] != ("price",)] == []
    assert set(system.sources()["provenance"]) == {"sourced", "estimate"}


def test_every_number_has_a_range(system: ro.ExportSystem) -> None:
    for path, number in quantities(system):
        assert number.low is not None, path
        assert number.high is not None, path


def test_every_source_is_used_and_says_who_and_when(system: ro.ExportSystem) -> None:
    used = {source for copy in changed(system).values() for _, number in quantities(copy) for source in number.source}
    for scenario in system.scenarios.values():
        used |= {*scenario.source, *(source for closure in scenario.closures for source in closure.source)}
    assert set(system.bibliography) - used == set()
    for name, source in system.bibliography.items():
        assert source.title, name
        assert source.publisher, name
        assert source.date, name
        assert source.url or "address not kept" in source.note.lower(), name


def test_every_node_has_a_place_and_a_country(system: ro.ExportSystem) -> None:
    assert [name for name, node in system.nodes.items() if node.at is None or node.country is None] == []


def test_every_way_to_a_market_crosses_one_marker(system: ro.ExportSystem) -> None:
    graph = Topology.of(system)
    marked = {graph.leg_place[leg] for leg in system.metering_legs}
    found = 0
    # Every walk, leg by leg, from every field; no shipped system has a loop.
    for field in system.fields:
        stream = graph.commodities.index(system.commodity_of(field))
        stack = [(graph.nodes.index(field), stream, 0)]
        while stack:
            node, stream, crossed = stack.pop()
            if graph.bought[node, stream]:
                assert crossed == 1, (field, graph.nodes[node])
                found += 1
            for leg in [k for k in range(len(graph.legs)) if graph.tail[k] == node and graph.carries[k, stream]]:
                stack.append((int(graph.head[leg]), int(graph.becomes[leg, stream]), crossed + (leg in marked)))
    assert found >= len(system.fields) - 1


def test_scenarios_are_titled_and_can_be_allocated(system: ro.ExportSystem) -> None:
    for name, scenario in system.scenarios.items():
        assert scenario.title, name
        plan = ro.allocate(system, whole_year(system, name))
        assert plan.certificate.valid, name
        # What is not refined can be exported: volume and shortage move together, so it is their sum that is bounded.
        most = ro.allocate(system, {"override": resolve(system, name).override}).exported
        assert plan.exported <= most + plan.shortage + 1e-6, name


def test_events_have_dates_causes_and_sources(system: ro.ExportSystem) -> None:
    events = {name: scenario for name, scenario in system.scenarios.items() if "event" in scenario.tags}
    assert len(events) >= 4
    for name, event in events.items():
        assert event.horizon is not None, name
        assert event.source, name
        for closure in event.closures:
            assert closure.start is not None, name
            assert closure.cause, name


def test_what_is_exported_is_what_leaves_the_fields(system: ro.ExportSystem) -> None:
    plan = ro.allocate(system)
    refined = plan.refineries["flow"].sum()
    assert plan.shortage == pytest.approx(0, abs=1e-9)
    assert plan.exported + refined == pytest.approx(plan.fields["flow"].sum())
    assert plan.routes["flow"].sum() >= plan.exported - 1e-9  # a route may feed a refinery on its way


def test_outages_can_be_simulated(system: ro.ExportSystem) -> None:
    risk = ro.simulate_outages(system, draws=100)
    assert risk.exact
    assert 0 < risk.expected_loss < 0.05 * ro.allocate(system).exported


@pytest.mark.parametrize("name", NAMES)
def test_files_name_their_schemas(name: str) -> None:
    for file, schema in {f"{name}.yaml": "schema/system", f"scenarios/{name}.yaml": "../schema/scenarios"}.items():
        line = (ROOT / "data" / file).read_text(encoding="utf-8").partition("\n")[0]
        assert line == f"# yaml-language-server: $schema={schema}.schema.json"


def test_an_unknown_name_is_met_with_those_that_are_known() -> None:
    with pytest.raises(ro.InputError, match="did you mean 'canada'"):
        ro.load("canda")


def test_published_tables_are_those_of_the_data() -> None:
    spec = importlib.util.spec_from_file_location("systems", ROOT / "docs" / "systems.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    page = (ROOT / "docs" / "systems.md").read_text(encoding="utf-8")
    for name, content in script.parts().items():
        assert content in page, f"run python docs/systems.py --write ({name})"
