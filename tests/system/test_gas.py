"""Gas may be counted in its volume; what would turn it into tonnes, barrels or money is refused in words."""

from __future__ import annotations

import pytest

import routeopt as ro
from routeopt.units import parse_unit

NODES = {"f": {"kind": "field", "output": "10 bcm/y"}, "m": {"kind": "market"}}
PIPE = {"from": "f", "to": "m", "capacity": "6 bcm/y", "countries": ["UA"]}
GAS = {"units": {"flow": "bcm/y"}, "nodes": NODES, "legs": {"p": PIPE}}


def leg(**changes):
    return {**GAS, "legs": {"p": PIPE, "lng": {"from": "f", "to": "m", **changes}}}


def test_gas_in_one_unit_of_volume_is_solved_and_called_gas():
    plan = ro.allocate(
        ro.ExportSystem.from_dict({**GAS, "exporter": "RU"}), close=[{"leg": "p", "availability": "50 %"}]
    )
    assert plan.exported == pytest.approx(3.0)
    words = f"{plan.summary()} {plan.bottleneck_summary} {plan.bottlenecks.to_string()}"
    assert "bcm/y" in words
    assert "bbl" not in words
    assert "barrel" not in words
    mixed = {**leg(capacity="3000 mcm/y"), "units": {"flow": "mcm/d"}}
    assert ro.allocate(ro.ExportSystem.from_dict(mixed)).exported == pytest.approx(9000 / 365)


@pytest.mark.parametrize(("system", "place", "said"), [
    (leg(capacity="3.4 Mt/y"), ("legs", "lng", "capacity"), "3.4 Mt/y"),
    (leg(capacity="100 kb/d"), ("legs", "lng", "capacity"), "100 kb/d"),
    (leg(tariff="1 USD/m3"), ("legs", "lng", "tariff"), "money"),
    (leg(tariff="2 USD/bbl"), ("legs", "lng", "tariff"), "money"),
    ({**GAS, "price": "0.28 USD/m3"}, ("price",), "money"),
    # What the library itself used to ask for: 8.7 passed as "barrels" in a tonne of gas and was wrong by a thousand.
    ({**leg(capacity="3.4 Mt/y"), "commodities": {"lng": {"barrels_per_tonne": 8.7}}},
     ("commodities", "lng", "barrels_per_tonne"), "8.7"),
    ({**GAS, "units": {}}, ("nodes", "f", "output"), "10 bcm/y"),
    ({**GAS, "units": {"flow": "kb/d"}}, ("nodes", "f", "output"), "flows are in kb/d"),
    ({"nodes": {**NODES, "f": {"kind": "field", "output": "10 kb/d"}}, "legs": {"p": PIPE}, "units": {"flow": "kb/d"}},
     ("legs", "p", "capacity"), "6 bcm/y"),
])  # fmt: skip
def test_gas_meets_neither_tonnes_nor_barrels_nor_money(system, place, said):
    with pytest.raises(ro.InputError) as caught:
        ro.ExportSystem.from_dict(system)
    problem = caught.value.problems[0]
    assert problem.path == place
    assert "routeopt counts liquids" in problem.message
    assert said in problem.message
    assert "m3, mcm or bcm" in problem.hint
    assert "7.9" not in str(caught.value)


@pytest.mark.parametrize("density", [8.7, 8700])
def test_no_density_is_proposed_for_gas(density):
    # 8,700 barrels of gas at normal conditions are a tonne of it: too many for any liquid.
    with pytest.raises(ro.InputError) as caught:
        ro.ExportSystem.from_dict({**GAS, "commodities": {"gas": {"barrels_per_tonne": density}}})
    assert "7.9" not in str(caught.value)
    assert "gas" in caught.value.problems[0].message + caught.value.problems[0].hint


@pytest.mark.parametrize("scenario", [
    {"tariffs": {"p": "+1 USD/m3"}}, {"build": {"p": "3 kb/d"}}, {"build": {"p": "3 Mt/y"}},
    {"override": {"price": "70 USD/bbl"}}, {"override": {"units": {"flow": "kb/d"}}},
    {"override": {"legs": {"p": {"capacity": "3 Mt/y"}}}},
])  # fmt: skip
def test_no_scenario_turns_gas_into_anything_else(scenario):
    with pytest.raises(ro.InputError, match=r"liquids|gas|cubic metres"):
        ro.allocate(ro.ExportSystem.from_dict(GAS), scenario)


def test_a_file_is_refused_at_its_line(tmp_path):
    path = tmp_path / "gas.yaml"
    path.write_text(
        "routeopt: 1\nname: gas\nunits: {flow: bcm/y}\nnodes:\n  f: {kind: field, output: 10 bcm/y}\n"
        "  m: {kind: market}\nlegs:\n  lng: {from: f, to: m, capacity: 3.4 Mt/y}\n"
    )
    with pytest.raises(ro.InputError, match=r"gas\.yaml:8:\d+: legs\.lng\.capacity: routeopt counts liquids"):
        ro.load(path)


def test_cubic_metres_of_oil_go_on_meeting_barrels_and_tonnes():
    nodes = {"f": {"kind": "field", "output": "1000 m3/d"}, "m": {"kind": "market", "price": "70 USD/bbl"}}
    data = {"units": {"flow": "kb/d"}, "nodes": nodes, "legs": {"p": {"from": "f", "to": "m", "tariff": "10 USD/m3"}}}
    plan = ro.allocate(ro.ExportSystem.from_dict(data))
    assert plan.exported == pytest.approx(1 / 0.158987294928)
    assert plan.cost == pytest.approx(10_000)
    with pytest.raises(ro.InputError, match=r"7\.9.* if it is crude; gas does not convert"):
        ro.ExportSystem.from_dict({**data, "units": {"flow": "kt/d"}})


@pytest.mark.parametrize(("unit", "thousand", "other"), [
    ("USD/mcm", "0.28 USD/m3", "0.00028 of a million"), ("USD/tcm", "0.28 USD/m3", "2.8e-10 of a trillion"),
    ("USD/MCM", "0.28 USD/m3", "0.00028 of a million"),
])  # fmt: skip
def test_a_price_for_mcm_has_two_readings(unit, thousand, other):
    with pytest.raises(ro.InputError, match=r"to some and for a") as caught:
        parse_unit(unit)
    assert thousand in str(caught.value)
    assert other in str(caught.value)


@pytest.mark.parametrize("unit", ["tcm/y", "mcf/d", "mmscfd", "bcf/y", "MMBtu", "USD/MMBtu", "TWh/y"])
def test_other_units_of_gas_are_not_taken_for_a_near_one(unit):
    with pytest.raises(ro.InputError, match=r"for gas there are m3, mcm \(a million m3\) and bcm"):
        parse_unit(unit)
