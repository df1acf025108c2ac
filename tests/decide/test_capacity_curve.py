"""Capacity curves against hand calculations and against allocations at many sizes."""

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given, settings

import routeopt as ro
from helpers.round_numbers import round_system
from helpers.small import near, network
from routeopt.testing import random_scenario, random_system


def corners(curve, *columns):
    return [tuple(near(value) for value in row) for row in curve.table[list(columns)].to_numpy().tolist()]


def line_and_rail(**line):
    return network(
        {
            "line": ("field", "market", {"capacity": "4 Mt/y", "tariff": "10 USD/t", **line}),
            "rail": ("field", "market", {"capacity": "3 Mt/y", "tariff": "50 USD/t"}),
        },
        {"field": "10 Mt/y"},
        price="300 USD/t",
    )


# By hand.
def test_volume_and_netback_of_a_line_beside_rail():
    system = line_and_rail()
    volume = ro.capacity_curve(system, "line")
    assert volume.table[["capacity", "exported", "slope"]].to_numpy().tolist() == [
        [0, near(3), near(1)], [near(7), near(10), 0],
    ]  # fmt: skip
    assert volume.table["netback_slope"].isna().all()
    assert (volume.saturation, volume.value_at(5), volume.value_at(40)) == (near(7), near(8), near(10))
    # To 7 a tonne of line brings a tonne, worth 290; beyond, up to 10, it takes a tonne from rail and saves 40.
    netback = ro.capacity_curve(system, "line", measure="netback")
    assert netback.table["capacity"].tolist() == [0, near(7), near(10)]
    assert netback.table["netback_slope"].tolist() == [near(290), near(40), 0]
    assert netback.table["incremental_netback"].tolist() == [0, near(2030e6), near(2150e6)]
    assert (netback.saturation, netback.value_at(8.5)) == (near(10), near(2090e6))
    assert netback.studied_sizes.loc["today", ["capacity", "exported", "incremental_exports"]].tolist() == [
        near(4),
        near(7),
        near(4),
    ]
    assert netback.studied_sizes.loc["today", "incremental_netback"] == near(1160e6)


def test_exports_that_do_not_pay_lower_netback():
    # A dear line of 400 for crude worth 300: each tonne of it loses 100, and volume comes first.
    curve = ro.capacity_curve(line_and_rail(tariff="400 USD/t"), "line", measure="netback")
    assert curve.table["netback_slope"].tolist() == [near(-100), 0]
    assert curve.saturation == near(7)


def test_netback_is_not_concave_where_volume_comes_first():
    # Two fields share a hub; what a closed line must take first is the crude that only it can take, which loses money.
    legs = {
        "line": ("h", "market", {"tariff": "10 USD/t"}),
        "in": ("cheap", "h", {"capacity": "2 Mt/y", "tariff": "350 USD/t"}),
        "own": ("dear", "h", {"tariff": "0 USD/t"}),
        "way": ("dear", "market", {"capacity": "4 Mt/y", "tariff": "150 USD/t"}),
    }
    system = network(legs, {"cheap": "2 Mt/y", "dear": "4 Mt/y"}, price="300 USD/t")
    curve = ro.capacity_curve(system, "line", measure="netback")
    assert curve.table["capacity"].tolist() == [0, near(2), near(6)]
    assert curve.table["netback_slope"].tolist() == [near(-60), near(140), 0]
    assert curve.table["slope"].tolist() == [near(1), 0, 0]


def test_losses_count_at_the_inlet():
    legs = {"a": ("f", "h", {"loss": "20 %"}), "b": ("h", "market", {"capacity": "4 Mt/y", "loss": "50 %"})}
    system = network(legs, {"f": "10 Mt/y"})
    assert corners(ro.capacity_curve(system, "a"), "capacity", "exported") == [(0, 0), (5, 2)]
    assert corners(ro.capacity_curve(system, "b"), "capacity", "exported") == [(0, 0), (8, 4)]


def test_a_group_ends_the_curve():
    legs = {name: ("f", "market", {"capacity": "9 Mt/y"}) for name in ("a", "b")}
    system = network(legs, {"f": "20 Mt/y"}, groups={"berths": {"legs": {"a": 2, "b": 1}, "capacity": "12 Mt/y"}})
    # b takes 9 of the 12; the last 3 carry 1.5 on a. Beyond that a would take from b.
    curve = ro.capacity_curve(system, "a")
    assert corners(curve, "capacity", "exported") == [(0, 9), (1.5, 10.5), (9, 10.5)]
    assert curve.saturation == near(1.5)


def test_reserved_availability_and_sizes():
    build = {
        "sizes": ["5 Mt/y", "9 Mt/y"],
        "capex": ["1e9 USD", "2e9 USD"],
        "discount_rate": "10 %",
        "lifetime": "20 y",
    }
    more = {
        "status": "hypothetical",
        "capacity": "9 Mt/y",
        "reserved": {"others": "1 Mt/y"},
        "availability": "80 %",
        "build": build,
    }
    system = network({"new": ("f", "market", more), "old": ("f", "market", {"capacity": "2 Mt/y"})}, {"f": "8 Mt/y"})
    curve = ro.capacity_curve(system, "new")
    assert list(curve.studied_sizes.index) == ["5 Mt/y", "9 Mt/y"]
    for name, row in curve.studied_sizes.iterrows():
        plan = ro.allocate(system, build={"new": name})
        assert (row["exported"], row["capacity"]) == (near(plan.exported), near((float(name[0]) - 1) * 0.8))
        assert curve.value_at(row["capacity"]) == near(plan.exported)
    built = ro.capacity_curve(system, "new", {"build": {"new": "9 Mt/y"}})
    assert built.table.equals(curve.table)
    # Capital is left out: a free line earns what its crude is worth.
    priced = ro.capacity_curve(system.override({"price": "100 USD/t"}), "new", measure="netback")
    assert priced.table["netback_slope"].tolist() == [near(100), 0, *[0] * (len(priced.table) - 2)]


def test_components_and_closures():
    parts = {"in": "parallel", "one": "3 Mt/y", "two": "3 Mt/y"}
    system = network({"port": ("f", "market", {"components": parts})}, {"f": "10 Mt/y"})
    assert ro.capacity_curve(system, "port").studied_sizes["exported"].tolist() == [near(6)]
    half = ro.capacity_curve(system, "port", {"closures": [{"leg": "port", "component": "one"}]})
    assert half.in_service == near(0.5)
    assert corners(half, "capacity", "exported") == [(0, 0), (20, 10)]
    assert "closures leave 50% of it in service" in half.summary()
    shut = ro.capacity_curve(system, "port", {"closures": [{"leg": "port"}]})
    assert (shut.saturation, shut.table["exported"].max()) == (0, 0)
    assert "no capacity of it brings anything more" in shut.summary()


def test_an_embargo_stops_one_stream():
    system = network(
        {"a": ("f", "h", {}), "b": ("g", "h", {}), "line": ("h", "market", {"capacity": "9 Mt/y"})},
        {"f": {"output": "3 Mt/y", "commodity": "light"}, "g": {"output": "4 Mt/y", "commodity": "heavy"}},
        commodities={"light": {"barrels_per_tonne": 8.0}, "heavy": {"barrels_per_tonne": 7.0}},
    )
    assert corners(ro.capacity_curve(system, "line"), "capacity", "exported") == [(0, 0), (7, 7), (9, 7)]
    half = ro.capacity_curve(system, "line", {"closures": [{"leg": "line", "availability": "50 %"}]})
    assert corners(half, "capacity", "exported") == [(0, 0), (14, 7)]
    stopped = ro.capacity_curve(system, "line", {"closures": [{"leg": "line", "commodity": "heavy"}]})
    assert corners(stopped, "capacity", "exported") == [(0, 0), (3, 3), (9, 3)]


def test_barrels_on_a_leg_of_several_streams():
    # 8 and 7 barrels per tonne: a capacity of one tonne is 7.5 barrels, and light crude takes more of them.
    system = network(
        {"a": ("f", "h", {}), "b": ("g", "h", {}), "line": ("h", "market", {"capacity": "15 mb/d"})},
        {"f": {"output": "3 kt/d", "commodity": "light"}, "g": {"output": "4 kt/d", "commodity": "heavy"}},
        commodities={"light": {"barrels_per_tonne": 8.0}, "heavy": {"barrels_per_tonne": 7.0}},
        units={"flow": "kt/d"},
    )
    curve = ro.capacity_curve(system, "line")
    assert corners(curve, "capacity", "exported")[:3] == [(0, 0), (28 / 7.5, 4), (52 / 7.5, 7)]
    assert curve.studied_sizes.loc["today", "capacity"] == near(2000)


def test_refineries_are_served_first():
    legs = {"home": ("f", "town", {"capacity": "2 Mt/y"}), "out": ("f", "market", {})}
    system = network(legs, {"f": "10 Mt/y"}, refineries={"town": {"demand": "4 Mt/y"}})
    curve = ro.capacity_curve(system, "home")
    assert corners(curve, "capacity", "exported", "slope") == [(0, 10, -1), (4, 6, 0)]


def test_netback_where_a_refinery_gets_more():
    # Crude that only the refinery can take comes 2 for nothing and then at 50: exports stay, money has a corner.
    legs = {
        "out": ("f", "market", {}),
        "cheap": ("own", "h", {"capacity": "2 Mt/y"}),
        "dear": ("own", "h", {"capacity": "9 Mt/y", "tariff": "50 USD/t"}),
        "home": ("h", "town", {"capacity": "1 Mt/y", "tariff": "5 USD/t"}),
    }
    system = network(legs, {"f": "10 Mt/y", "own": "9 Mt/y"}, refineries={"town": {"demand": "4 Mt/y"}})
    curve = ro.capacity_curve(system, "home", measure="netback")
    assert corners(curve, "capacity", "exported", "netback_slope") == [(0, 10, -5), (2, 10, -55), (4, 10, 0)]


def test_where_the_curve_ends():
    system = line_and_rail()
    short = ro.capacity_curve(system, "line", up_to="5 Mt/y")
    assert short.table["capacity"].tolist() == [0, near(5)]
    assert math.isnan(short.table["slope"].iloc[-1])
    assert short.saturation == near(7)
    with pytest.raises(ro.InputError, match=r"from 0 to 5\.00 Mt/y"):
        short.value_at(6)
    with pytest.raises(ro.InputError):
        short.value_at(-1)
    long = ro.capacity_curve(system, "line", up_to="70 Mt/y")
    assert long.table["capacity"].tolist() == [0, near(7), near(70)]
    assert "saturated at 7.0" in repr(long)


# Against allocations one by one, with the capacity overridden.
def at_sizes(system, leg, scenario, curve, sizes):
    unit = system.units.flow
    for size in sizes:
        # What the data limit the leg by makes room for the size alone.
        changed = system.override({f"legs.{leg}": plain(system, leg, f"{size!r} {unit}")})
        yield size, ro.allocate(changed, scenario)


def plain(system, leg, capacity):
    """A leg as it is, with one capacity in place of all that limits it."""
    record = system.legs[leg]
    assume(not record.components and not record.reserved and record.fleet is None and record.availability is None)
    assume(record.measured_by in ("", system.measured_by))
    return {"capacity": capacity}


@given(st.integers(0, 100_000), st.sampled_from(["volume", "netback"]))
@settings(max_examples=12)
def test_random_systems_against_allocations(seed, measure):
    system = random_system(seed)
    scenario = random_scenario(system, seed)
    usual = [name for name, leg in system.legs.items() if leg.status == "operating" and name not in scenario.build]
    leg = usual[seed % len(usual)]
    plain(system, leg, "")
    assume(leg not in scenario.override)
    curve = ro.capacity_curve(system, leg, scenario, measure=measure)
    assume(curve.in_service > 0)
    zero = None
    end = curve.table["capacity"].iloc[-1]
    for size, plan in at_sizes(system, leg, scenario, curve, [0.0, *np.linspace(0, 1.05 * end, 7)[1:].tolist()]):
        zero = zero or plan
        if measure == "volume":
            assert abs(curve.value_at(size) - plan.exported) <= 1e-6 * max(1.0, plan.exported)
        else:
            assert abs(curve.value_at(size) - (plan.netback - zero.netback)) <= 1e-5 * max(1.0, abs(plan.netback))
    if measure == "volume" and not system.refineries:
        assert (np.diff(curve.table["slope"]) <= 1e-6).all()


@pytest.mark.parametrize(("leg", "scenario"), [("tcop", "cpc-closed"), ("cpc-loading", None), ("btc", "cpc-closed")])
def test_kazakhstan_against_allocations(kz, leg, scenario):
    # A capacity of none is no force majeure, so let nothing suspend what was promised.
    kz = kz.override({f"contracts.{name}.force_majeure": False for name in kz.contracts})
    volume = ro.capacity_curve(kz, leg, scenario)
    netback = ro.capacity_curve(kz, leg, scenario, measure="netback")
    assert set(volume.table["capacity"].round(6)) <= set(netback.table["capacity"].round(6))
    record = kz.legs[leg]
    for name, row in netback.studied_sizes.iterrows():
        plan = ro.allocate(kz, scenario, build={leg: name} if record.status == "hypothetical" else None)
        assert row["exported"] == near(plan.exported)
        assert volume.value_at(row["capacity"]) == near(plan.exported)
        assert netback.value_at(row["capacity"]) == near(row["incremental_netback"])
        # Built, its capital is in the tariff of the plan; the curve is before that.
        charge = 0.0
        if record.status == "hypothetical":
            size = next(size for size in record.build.sizes if str(size) == name)
            charge = record.build.capital_charge(size.inner) * plan.legs.loc[leg, "flow"] * 1e6
        shut = ro.allocate(kz, scenario, close=[leg] if record.status == "operating" else ())
        assert row["incremental_netback"] == pytest.approx(plan.netback + charge - shut.netback, rel=1e-6)
    assert (np.diff(volume.table["slope"]) <= 1e-9).all()


# Bad input.
@pytest.mark.parametrize(
    ("leg", "more", "error", "said"),
    [
        ("lin", {}, ro.ScenarioError, "did you mean 'line'"),
        ("line", {"measure": "cost"}, ro.InputError, "unknown measure"),
        ("line", {"up_to": 5}, ro.InputError, "has no unit"),
        ("line", {"up_to": "5 USD"}, ro.InputError, "is no flow"),
        ("line", {"up_to": "0 Mt/y"}, ro.InputError, "has no length"),
        ("line", {"scenario": "nothing"}, ro.ScenarioError, "nothing"),
    ],
)
def test_bad_input(leg, more, error, said):
    with pytest.raises(error, match=said):
        ro.capacity_curve(line_and_rail(), leg, **more)


def test_a_defunct_leg_has_no_curve():
    system = line_and_rail().override({"legs.rail.status": "defunct"})
    with pytest.raises(ro.ScenarioError, match="'rail' is defunct"):
        ro.capacity_curve(system, "rail")


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("measure", ["volume", "netback"])
def test_systems_of_round_numbers_against_allocations(seed, measure):
    # Where losses meet capacities that fit exactly, nothing may live on a hair of volume; and no weight is big enough
    # for every refinery.
    system = round_system(seed)
    leg = next(name for name, record in system.legs.items() if record.capacity is not None)
    curve = ro.capacity_curve(system, leg, measure=measure)
    at, none = curve.table["capacity"].to_numpy(), ro.allocate(system.override({f"legs.{leg}.capacity": "0 kt/d"}))
    for size in (*at, *(0.5 * (at[1:] + at[:-1])), *(0.9 * at[1:] + 0.1 * at[:-1])):
        plan = ro.allocate(system.override({f"legs.{leg}.capacity": f"{float(size)!r} kt/d"}))
        expected = plan.exported if measure == "volume" else plan.netback - none.netback
        assert curve.value_at(float(size)) == pytest.approx(expected, rel=1e-6, abs=1e-3), size
