"""Which numbers are drawn, which move together, and what happens to contradictions."""

import numpy as np
import pytest
from scipy import integrate, stats

import routeopt as ro
from helpers.small import network


def ranged(value, low, high, **more):
    return {"value": value, "low": low, "high": high, **more}


def one_line(capacity=None, **rest):
    line = {"capacity": capacity or ranged("7 Mt/y", 5, 9), **rest.pop("line", {})}
    return network({"line": ("field", "market", line), **rest.pop("legs", {})}, {"field": "10 Mt/y"}, **rest)


def names(system, *args, **kwargs):
    return list(ro.sensitivity(system, *args, draws=2, conclusions={}, **kwargs).inputs_table.index)


def test_a_number_that_is_written_once_moves_as_one(tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text(
        """
        routeopt: 1
        name: two
        sources: {report: {title: A report}}
        nodes: {a: {kind: field, output: 10 Mt/y}, b: {kind: field, output: 10 Mt/y}, m: {kind: market}}
        legs:
          one: {from: a, to: m, capacity: &shared {value: 5 Mt/y, low: 3, high: 8, source: report}}
          two: {from: b, to: m, capacity: *shared}
          three: {from: b, to: m, reserved: {x: *shared}, capacity: {value: 9 Mt/y}}
        """
    )
    found = ro.sensitivity(ro.load(path), draws=30, conclusions={})
    table = found.inputs_table
    # The same number under another key is another number.
    assert list(table.index) == ["legs.one.capacity and 1 more", "legs.three.reserved.x"]
    assert table["places"].iloc[0] == ("legs.one.capacity", "legs.two.capacity")
    drawn = found.inputs["legs.one.capacity and 1 more"]
    routes = found.results["base"]
    assert routes["one"].to_numpy() == pytest.approx(drawn.to_numpy())
    assert routes["two"].to_numpy() == pytest.approx(drawn.to_numpy())
    assert routes["three"].std() > 0.1
    assert table.loc["legs.one.capacity and 1 more", ["value", "low", "high", "unit"]].tolist() == [5, 3, 8, "Mt/y"]


def test_equal_numbers_of_which_nothing_is_known_are_two():
    same = ranged("5 Mt/y", 3, 8)
    system = network({"one": ("a", "market", {"capacity": same}), "two": ("a", "market", {"capacity": same})},
                     {"a": "30 Mt/y"})  # fmt: skip
    assert names(system) == ["legs.one.capacity", "legs.two.capacity"]
    drawn = ro.sensitivity(system, draws=50, conclusions={}).inputs.to_numpy()
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.5
    other = ranged("5 Mt/y", 3, 8, estimate="both from one sentence")
    system = system.override({"legs.one.capacity": other, "legs.two.capacity": other})
    assert names(system) == ["legs.one.capacity and 1 more"]
    # Another estimate, another range or another unit is another number.
    for change in ({"estimate": "another"}, {"high": 9}, {"value": "5.0 Mt/y", "low": 3.5}):
        assert len(names(system.override({"legs.two.capacity": {**other, **change}}))) == 2


def test_one_side_is_drawn_from_that_side_only():
    system = one_line({"value": "7 Mt/y", "low": 5})
    drawn = ro.sensitivity(system, draws=400).inputs["legs.line.capacity"]
    assert drawn.max() <= 7
    assert drawn.mean() == pytest.approx(5 + 4 / 3, abs=4 * np.sqrt(4 / 18 / 400))


def test_what_matters_over_time_only_is_left_out():
    system = one_line(
        line={"transit_time": ranged("3 d", 2, 4), "mode": "tanker", "outages": {"rate": ranged("2 1/y", 1, 3),
              "repair": {"mean": ranged("3 d", 2, 9)}}, "tariff": ranged("3 USD/t", 2, 4),
              "surge": {"delay": ranged("9 d", 5, 15), "rate": "0.5 kt/d per day", "ceiling": "3 kt/d"}},
        legs={"pipe": ("field", "tanks"), "load": ("tanks", "market", {"reserved": {"transit": ranged("1 Mt/y", 0, 2)},
              "capacity": "3 Mt/y", "components": {"in": "parallel", "p": {"capacity": ranged("4 Mt/y", 2, 5),
              "outages": {"rate": ranged("1 1/y", 0.5, 2), "repair": {"mean": "1 d"}}}}})},
        nodes={"tanks": {"kind": "terminal", "storage": {"capacity": ranged("100 kt", 50, 200)}}},
    )  # fmt: skip
    assert names(system) == [
        "legs.line.capacity", "legs.line.tariff", "legs.load.components.p.capacity", "legs.load.reserved.transit",
    ]  # fmt: skip


def test_what_stands_still_or_is_not_built_is_left_out():
    build = {"sizes": ["4 Mt/y", "9 Mt/y"], "capex": [ranged("1e9 USD", 1e8, 2e9), "2e9 USD"], "discount_rate": "8 %",
             "lifetime": ranged("20 y", 10, 30), "lead_time": ranged("4 y", 3, 6)}  # fmt: skip
    new = {"status": "hypothetical", "tariff": ranged("3 USD/t", 2, 4), "build": build}
    idle = {"status": "idle", "capacity": ranged("1 Mt/y", 0.5, 2)}
    system = one_line(legs={"new": ("field", "market", new), "old": ("field", "market", idle)})
    assert names(system) == ["legs.line.capacity"]
    assert names(system, {"reopen": ["old"]}) == ["legs.line.capacity", "legs.old.capacity"]
    assert names(system, [None, {"build": {"new": "6 Mt/y"}}]) == [
        "legs.line.capacity", "legs.new.tariff", "legs.new.build.capex.0", "legs.new.build.lifetime",
    ]  # fmt: skip


def test_a_part_of_a_series_matters_where_it_is_cut():
    parts = {"in": "series", "pump": {"without": ranged("4 Mt/y", 3, 5)}}
    system = one_line(line={"components": parts})
    assert names(system) == ["legs.line.capacity"]
    cut = {"closures": [{"leg": "line", "component": "pump"}]}
    found = ro.sensitivity(system, cut, draws=20, conclusions={})
    assert list(found.inputs) == ["legs.line.capacity", "legs.line.components.pump.without"]
    assert found.results.iloc[:, 0].to_numpy() == pytest.approx(found.inputs.iloc[:, 1].to_numpy())


def test_a_number_that_a_scenario_overrides_stays_in_that_scenario():
    scenario = {"title": "fixed", "override": {"legs.line.capacity": "6 Mt/y"}}
    found = ro.sensitivity(one_line(), [None, scenario], draws=20)
    assert found.results["base", "exported"].std() > 0.1
    assert (found.results["fixed", "exported"] == 6).all()
    with pytest.raises(ro.InputError, match="can change these allocations"):
        ro.sensitivity(one_line(), scenario, draws=20)


def test_vary_keeps_the_rest_and_draws_the_same():
    system = one_line(legs={"rail": ("field", "market", {"capacity": ranged("2 Mt/y", 1, 3)})})
    every = ro.sensitivity(system, draws=30, seed=4)
    one = ro.sensitivity(system, draws=30, seed=4, vary="legs.rail")
    assert list(one.inputs) == ["legs.rail.capacity"]
    assert one.inputs["legs.rail.capacity"].equals(every.inputs["legs.rail.capacity"])
    assert (one.results["base", "line"] == 7).all()
    assert names(system, vary=["legs.rail.capacity", "legs.line"]) == ["legs.line.capacity", "legs.rail.capacity"]


@pytest.mark.parametrize(
    ("vary", "words"),
    [
        ("legs.lin", "nothing stands at 'legs.lin'; did you mean 'legs.line'"),
        ("legs.line.tariff", "nothing at 'legs.line.tariff' has a range; write low and high"),
        ("legs.line.transit_time", "has a range but does not change an annual allocation"),
        (["legs.line", "prise"], "nothing stands at 'prise'"),
        ([], "names no place"),
        (3, "places are text"),
        ([3], "a place is text"),
    ],
)
def test_vary_that_finds_nothing(vary, words):
    system = one_line(line={"tariff": "3 USD/t", "transit_time": ranged("3 d", 2, 4)})
    with pytest.raises(ro.InputError, match="vary") as caught:
        ro.sensitivity(system, draws=2, vary=vary)
    assert words in str(caught.value)


def test_nothing_has_a_range():
    with pytest.raises(ro.InputError, match="no number of 'system' has a range; write low and high beside a value"):
        ro.sensitivity(one_line("7 Mt/y"))
    with pytest.raises(ro.InputError, match="has a range"):
        ro.sensitivity(one_line(ranged("7 Mt/y", 7, 7)))


def contradictory():
    return one_line(ranged("5 Mt/y", 4, 8), line={"reserved": {"others": ranged("3 Mt/y", 1, 6)}})


def test_contradictions_are_drawn_again_and_counted():
    n = 1200
    found = ro.sensitivity(contradictory(), draws=n, conclusions={})
    capacity, reserved = found.inputs["legs.line.capacity"], found.inputs["legs.line.reserved.others"]
    assert (reserved <= capacity).all()
    assert found.results["base", "exported"].to_numpy() == pytest.approx((capacity - reserved).to_numpy(), abs=1e-9)
    c, r = stats.triang(0.25, 4, 4), stats.triang(0.4, 1, 5)
    agree = integrate.quad(lambda x: c.pdf(x) * r.cdf(x), 4, 8, points=[5, 6])[0]
    assert found.rejected / n == pytest.approx(1 - agree, abs=4 * np.sqrt(agree * (1 - agree) / n))
    # What is left follows the ranges given that they agree.
    given = integrate.quad(lambda x: c.pdf(x) * r.cdf(min(x, 3)), 4, 8, points=[5, 6])[0] / agree
    assert (reserved <= 3).mean() == pytest.approx(given, abs=4 * np.sqrt(given * (1 - given) / n))
    assert "drawn again" in found.summary()
    again = ro.sensitivity(contradictory(), draws=200, conclusions={})
    assert again.inputs.equals(found.inputs.head(200))


def test_what_shares_a_number_is_drawn_again_as_a_whole():
    """Two legs with one reserved number: where one of them contradicts itself, the other's capacity moves as well."""
    lot = ranged("3 Mt/y", 1, 6, estimate="one lot in both")
    legs = {"rail": ("field", "market", {"capacity": ranged("6 Mt/y", 4, 7), "reserved": {"others": lot}})}
    system = one_line(ranged("5 Mt/y", 4, 8), line={"reserved": {"others": lot}}, legs=legs)
    found = ro.sensitivity(system, draws=200, conclusions={})
    first = {
        place: ro.sensitivity(system, draws=200, conclusions={}, vary=place)
        for place in ("legs.line.capacity", "legs.rail.capacity")
    }
    assert not any(one.rejected for one in first.values())
    moved = [found.inputs[place] != one.inputs[place] for place, one in first.items()]
    assert 0 < found.rejected < 200
    assert moved[0].equals(moved[1])
    assert moved[0].sum() == found.rejected


def test_ranges_that_never_agree():
    system = one_line(ranged("5 Mt/y", 4, 5), line={"reserved": {"others": ranged("5 Mt/y", 5, 9)}})
    with pytest.raises(ro.InputError, match=r"legs\.line\.capacity, legs\.line\.reserved\.others contradict"):
        ro.sensitivity(system, draws=3)


def test_a_tornado_does_not_show_ends_that_contradict():
    table = ro.sensitivity(contradictory(), draws=3, conclusions={}).tornado("exported")
    assert table.loc["legs.line.capacity", ["low_result", "high_result"]].tolist() == pytest.approx([1, 5])
    ends = table.loc["legs.line.reserved.others", ["low_result", "high_result", "swing"]].tolist()
    assert ends == pytest.approx([4, np.nan, 2], nan_ok=True)


def test_a_tornado_does_not_show_a_round_trip_that_takes_no_time():
    fleet = {"vessels": 5, "cargo": "10 kt", "round_trip": ranged("5 d", 0, 10)}
    system = network({"line": ("field", "market", {"mode": "tanker", "fleet": fleet})}, {"field": "10 Mt/y"})
    table = ro.sensitivity(system, draws=3, conclusions={}).tornado("exported")
    assert table[["low_result", "high_result"]].iloc[0].tolist() == pytest.approx([np.nan, 1.825], nan_ok=True)
