"""Sets of closures on networks where every answer is known by hand."""

from importlib import import_module
from itertools import pairwise

import pandas as pd
import pytest

import routeopt as ro
from helpers.small import near, network, shuffled
from routeopt.errors import ScenarioError

contingencies_verb = import_module("routeopt.resilience.contingencies")  # the package has the function by that name


def parallel(**more):
    """Two pipes of which one is enough, and a field with a way of its own."""
    return network(
        {"cheap": ("f", "market", {"capacity": "12 Mt/y", "tariff": "10 USD/t", "operator": "one"}),
         "dear": ("f", "market", {"capacity": "10 Mt/y", "tariff": "30 USD/t", "operator": "two"}),
         "side": ("g", "market", {"capacity": "4 Mt/y", "tariff": "20 USD/t", "operator": "one"})},
        {"f": "10 Mt/y", "g": "4 Mt/y"}, price="500 USD/t", **more,
    )  # fmt: skip


def by_names(found):
    return found.table.set_index("elements")


def test_a_pipe_that_carries_nothing_matters_in_a_pair():
    found = ro.contingencies(parallel(), k=2)
    table = by_names(found)
    assert table.loc[[("dear",)], "lost"].item() == 0
    assert table.loc[[("dear",)], "netback_lost"].item() == 0
    assert table.loc[[("cheap",)], "lost"].item() == 0
    assert table.loc[[("cheap",)], "netback_lost"].item() == near(10e6 * 20)
    both = table.loc[[("cheap", "dear")]].iloc[0]
    assert both[["exported", "lost", "synergy", "size"]].tolist() == near([4.0, 10.0, 10.0, 2])
    assert both["netback_lost"] == near(10e6 * (500 - 10))
    assert table.loc[[("cheap", "side")], ["lost", "synergy"]].iloc[0].tolist() == near([4.0, 0.0])
    assert found.worst["elements"].tolist() == [("cheap", "dear")]
    assert found.exported == near(14.0)


def test_the_table_is_ranked_worst_first():
    found = ro.contingencies(parallel(), k=2)
    assert found.table["elements"].tolist() == [
        ("cheap", "dear"),
        ("side",), ("cheap", "side"), ("dear", "side"),
        ("cheap",), ("dear",),
    ]  # fmt: skip
    assert found.table.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert found.table.index.name == "rank"
    assert found.table["lost"].tolist() == near([10.0, 4.0, 4.0, 4.0, 0.0, 0.0])
    kept = ro.contingencies(parallel(), k=2, top=2)
    pd.testing.assert_frame_equal(kept.table, found.table.head(2))
    assert kept.counts.sets == found.counts.sets == 7
    pd.testing.assert_frame_equal(kept.by_size, found.by_size)


def test_by_size_and_importance():
    found = ro.contingencies(parallel(), k=2)
    assert found.by_size.index.tolist() == [1, 2]
    assert found.by_size["sets"].tolist() == [3, 3]
    assert found.by_size["losing"].tolist() == [1, 3]
    assert found.by_size["lost"].tolist() == near([4.0, 10.0])
    assert found.by_size["share"].tolist() == near([4 / 14, 10 / 14])
    assert found.by_size["mean"].tolist() == near([4 / 3, 6.0])
    assert found.by_size["example"].tolist() == [("side",), ("cheap", "dear")]
    weight = found.importance
    assert weight.index.tolist() == ["cheap", "dear", "side"]
    assert weight["lost_alone"].tolist() == near([0.0, 0.0, 4.0])
    assert weight["worst"].tolist() == near([1.0, 1.0, 0.0])
    assert weight["largest"].tolist() == near([10.0, 10.0, 4.0])
    assert weight["mean"].tolist() == near([7.0, 7.0, 4.0])
    assert weight["synergy"].tolist() == near([10.0, 10.0, 0.0])
    assert ro.contingencies(parallel()).importance["synergy"].isna().all()


@pytest.mark.parametrize(
    ("shape", "pair", "triple"),
    [("parallel", 0.0, 10.0), ("series", -10.0, -20.0)],
)
def test_synergy_of_three_is_what_no_split_explains(shape, pair, triple):
    places = ["f", "a", "b", "market"]
    ends = [("f", "market")] * 3 if shape == "parallel" else list(pairwise(places))
    legs = {f"leg-{i}": (*pair_of, {"capacity": "10 Mt/y"}) for i, pair_of in enumerate(ends)}
    table = ro.contingencies(network(legs, {"f": "10 Mt/y"}), k=3).table
    assert table.loc[table["size"] == 1, "synergy"].tolist() == [0.0, 0.0, 0.0]
    assert table.loc[table["size"] == 2, "synergy"].tolist() == near([pair] * 3)
    assert table.loc[table["size"] == 3, "synergy"].tolist() == near([triple])


def test_a_pair_and_a_single_explain_a_triple():
    found = ro.contingencies(parallel(), k=3)
    last = found.table[found.table["size"] == 3].iloc[0]
    assert last["lost"] == near(14.0)
    assert last["synergy"] == 0  # L(cheap, dear) + L(side), though every pair and single apart add up to less


def test_ties_of_the_worst_are_all_reported():
    legs = {name: ("f", "market", {"capacity": "5 Mt/y"}) for name in ("a", "b", "c", "d")}
    found = ro.contingencies(network(legs, {"f": "10 Mt/y"}), k=3)
    assert found.worst["lost"].tolist() == near([5.0] * 4)
    assert found.worst["elements"].tolist() == [("a", "b", "c"), ("a", "b", "d"), ("a", "c", "d"), ("b", "c", "d")]
    assert found.by_size["worst"].tolist() == [4, 6, 4]
    assert found.importance["worst"].tolist() == near([0.75] * 4)
    assert "and 3 more" in repr(found)
    assert "4 sets of 3 are equally bad" in str(found)


def test_decisions_close_all_that_they_hit():
    found = by_names(ro.contingencies(parallel(), k=2, over="operator"))
    assert found.loc[[("one",)], "lost"].item() == near(4.0)  # the dear pipe takes over, the side has no other way
    assert found.loc[[("one", "two")], "lost"].item() == near(14.0)
    nodes = ro.contingencies(parallel(), over="node")
    assert set(nodes.elements) == {"f", "g", "market"}
    assert by_names(nodes)["lost"].to_dict() == near({("market",): 14.0, ("f",): 10.0, ("g",): 4.0})


def test_decisions_that_hit_the_same_parts_are_one():
    system = network(
        {"pipe": ("f", "market", {"capacity": "10 Mt/y", "chokepoints": ["strait", "canal"], "countries": ["BB"]}),
         "rail": ("f", "market", {"capacity": "3 Mt/y", "chokepoints": ["tunnel"]})},
        {"f": "10 Mt/y"}, routes={"main": {"metering_legs": ["pipe"]}, "other": {"metering_legs": ["rail"]}},
    )  # fmt: skip
    assert ro.contingencies(system, over="chokepoint").elements == ("canal = strait", "tunnel")
    several = [{"route": "main"}, "pipe", {"leg": "pipe", "availability": "50 %"}, {"country": "BB"}]
    found = ro.contingencies(system, k=2, over=several)
    assert found.elements == ("country BB = leg pipe = route main", "leg pipe at 50%")
    assert by_names(found)["lost"].tolist() == near([7.0, 7.0, 2.0])
    assert found.over == "closure"


def test_components_add_up():
    parts = {"in": "parallel", "a": "6 Mt/y", "b": "6 Mt/y", "c": "6 Mt/y"}
    system = network({"port": ("f", "market", {"capacity": "12 Mt/y", "components": parts})}, {"f": "10 Mt/y"})
    found = ro.contingencies(system, k=3, over="component")
    assert found.elements == ("port/a", "port/b", "port/c")
    lost = found.table.groupby("size")["lost"].unique().map(list).to_dict()
    assert lost == {1: [0.0], 2: [near(4.0)], 3: [near(10.0)]}


def test_what_does_not_run_or_is_closed_is_no_decision():
    system = network(
        {"open": ("f", "market"), "spare": ("f", "market", {"capacity": "2 Mt/y"}),
         "planned": ("f", "market", {"capacity": "9 Mt/y", "status": "hypothetical"})},
        {"f": "10 Mt/y"}, groups={"later": {"legs": ["planned"], "capacity": "5 Mt/y"}},
    )  # fmt: skip
    assert ro.contingencies(system).elements == ("open", "spare")
    closed = {"closures": [{"leg": "open"}], "build": {"planned": "3 Mt/y"}}
    found = ro.contingencies(system, k=3, scenario=closed)
    assert found.elements == ("planned", "spare")
    assert found.exported == near(5.0)
    assert found.table["lost"].tolist() == near([5.0, 3.0, 2.0])
    assert found.k == 2  # there are no more decisions
    with pytest.raises(ScenarioError, match="no group"):
        ro.contingencies(system, over="group")
    assert ro.contingencies(system, over="group", scenario=closed).elements == ("later",)


def test_a_closed_refinery_way_is_a_shortage_and_not_a_gain_in_secret():
    system = network(
        {"line": ("f", "hub"), "home": ("hub", "plant"), "out": ("hub", "market", {"capacity": "9 Mt/y"})},
        {"f": "10 Mt/y"}, refineries={"plant": {"demand": "3 Mt/y"}},
    )  # fmt: skip
    table = by_names(ro.contingencies(system))
    assert table.loc[[("home",)], ["exported", "lost", "shortage"]].iloc[0].tolist() == near([9.0, -2.0, 3.0])
    assert table["shortage"].to_dict() == near({("line",): 3.0, ("out",): 0.0, ("home",): 3.0})


def test_money_before_volume():
    system = parallel()
    dear = system.override({"legs.cheap.tariff": "600 USD/t"})
    found = ro.contingencies(dear, economic=True)
    # Nobody uses a pipe that costs more than the price.
    assert by_names(found)["lost"].to_dict() == near({("dear",): 10.0, ("side",): 4.0, ("cheap",): 0.0})
    assert by_names(found).loc[[("dear",)], "netback_lost"].item() == near(10e6 * 470)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"over": "legs"}, "did you mean 'leg'"),
        ({"over": "planet"}, "cannot close one 'planet' at a time"),
        ({"over": "chokepoint"}, "no chokepoint"),
        ({"over": []}, "none of these closures"),
        ({"over": 7}, "not int"),
        ({"over": ["cheep"]}, "did you mean 'cheap'"),
        ({"over": [{"leg": "cheap"}, {"route": "x"}]}, "unknown route 'x'"),
        ({"scenario": "nothing"}, "unknown scenario"),
        ({"k": 0}, "not 0"),
        ({"k": 4}, "write 1, 2 or 3"),
        ({"k": True}, "not True"),
        ({"k": 1.0}, "not 1.0"),
        ({"top": 0}, "positive whole number, not 0"),
    ],
)
def test_wrong_requests_are_named(arguments, words):
    with pytest.raises(ScenarioError, match=words):
        ro.contingencies(parallel(), **arguments)


def test_the_order_of_the_data_does_not_matter():
    closures = [{"leg": "cheap"}, {"operator": "two"}, {"leg": "side", "availability": "50 %"}, {"node": "f"}]
    data = parallel().to_dict()
    first = ro.contingencies(parallel(), k=3, over=closures)
    for seed in range(3):
        system = ro.ExportSystem.from_dict(shuffled(data, seed))
        again = ro.contingencies(system, k=3, over=closures[seed:] + closures[:seed])
        pd.testing.assert_frame_equal(again.table, first.table)


def test_it_says_what_it_found():
    found = ro.contingencies(parallel(name="small"), k=2)
    assert repr(found) == "Contingencies('small', k=2, cheap + dear: 10.0 Mt/y lost)"
    text = str(found)
    for words in ("3 elements (leg), 6 sets of up to 2", "cheap + dear", "netback lost in million USD/y", "certified"):
        assert words in text
    with pytest.raises(AttributeError):
        found.top = 3


def test_kazakhstan_by_route(kz):
    found = ro.contingencies(kz, k=2, over="route")
    assert found.table.loc[found.table["size"] == 1, "elements"].iloc[0] == ("cpc",)
    for _, row in found.table.iterrows():
        plan = ro.allocate(kz, close=[{"route": name} for name in row["elements"]])
        assert row["exported"] == near(plan.exported)
    assert all("cpc" in names for names in found.worst["elements"])


def test_more_sets_than_memory_are_refused():
    legs = {f"l{k}": ("f", "market", {"capacity": "1 Mt/y"}) for k in range(600)}
    system = network(legs, {"f": "600 Mt/y"})
    with pytest.raises(ro.ScenarioError) as caught:
        ro.contingencies(system, k=3, top=10)
    # 1 + 600 + 600 x 599 / 2 + 600 x 599 x 598 / 6 sets; 288 elements make just under four million.
    text = str(caught.value)
    assert "600 elements make 36,000,501 sets of up to 3, which take 9 GB" in text
    assert "write k=2, or name up to 288 elements in over=" in text


def test_the_limit_is_exact(monkeypatch):
    legs = {f"l{k}": ("f", "market", {"capacity": "1 Mt/y"}) for k in range(6)}
    system = network(legs, {"f": "6 Mt/y"})
    monkeypatch.setattr(contingencies_verb, "MOST_SETS", 42)  # 1 + 6 + 15 + 20
    assert ro.contingencies(system, k=3).counts.sets == 42
    monkeypatch.setattr(contingencies_verb, "MOST_SETS", 41)
    with pytest.raises(ro.ScenarioError, match="write k=2, or name up to 5 elements"):
        ro.contingencies(system, k=3)
    assert ro.contingencies(system, k=2).counts.sets == 22
