"""What a change costs to apply is told honestly: only what says MATRIX has another matrix."""

from __future__ import annotations

import numpy as np
import pytest

import routeopt as ro
from helpers.small import flows, near, network
from routeopt.model import formulate
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.scenario.effect import Effect, effect_of, read_cost, same_matrix
from routeopt.testing import random_scenario, random_system


@pytest.fixture
def system():
    return network(
        {"a": ("f", "h", {"capacity": "8 Mt/y", "tariff": "5 USD/t", "loss": "1 %",
                          "components": {"in": "parallel", "one": "4 Mt/y", "two": "4 Mt/y"}}),
         "b": ("h", "market", {"mode": "tanker", "fleet": {"vessels": 3, "cargo": "40 kt", "round_trip": "5 d"},
                               "reserved": {"others": "1 Mt/y"}}),
         "tariff": ("f", "market", {"capacity": "1 Mt/y"}), "r": ("f", "refinery"), "gh": ("g", "h"),
         "new": ("f", "market", {"status": "hypothetical", "capacity": "1 Mt/y"})},
        {"f": {"output": "10 Mt/y", "commodity": "light", "min_output": "10 %"},
         "g": {"output": "5 Mt/y", "commodity": "heavy"}},
        {"market": {"demand": "9 Mt/y", "differential": {"light": "1 USD/bbl"}}}, {"refinery": {"demand": "1 Mt/y"}},
        price="60 USD/bbl",
        commodities={"light": {"barrels_per_tonne": 8}, "heavy": {"barrels_per_tonne": 7}},
        groups={"quota": {"capacity": "6 Mt/y", "legs": {"a": 1, "tariff": 2}},
                "ships": {"vessels": 3, "legs": {"b": {"cargo": "40 kt", "round_trip": "5 d"}}}},
        contracts={"c": {"legs": ["a"], "volume": "2 Mt/y", "deficiency": "5 USD/t"}},
    )  # fmt: skip


BOUNDS = [
    {"legs.a.capacity": "7 Mt/y"},
    {"legs": {"a": {"capacity": {"value": "7 Mt/y", "low": 6}}}},
    {"legs.a.availability": "50 %"},
    {"legs.a.components.one": "3 Mt/y"},
    {"legs.b.reserved.others": "2 Mt/y"},
    {"legs.b.fleet.vessels": 5},
    {"legs.new.status": "operating"},
    {"nodes.f.output": "12 Mt/y"},
    {"nodes.f.output": "200 kb/d"},
    {"nodes.f.min_output": "20 %"},
    {"nodes.f.own_use": "3 %"},
    {"nodes.market.demand": "3 Mt/y"},
    {"nodes.market.demand": None},
    {"nodes.refinery.demand": "2 Mt/y"},
    {"groups.quota.capacity": "5 Mt/y"},
    {"groups.ships.vessels": 2},
    {"contracts.c.volume": "1 Mt/y"},
]
COSTS = [
    {"legs.a.tariff": "6 USD/t"},
    {"legs.a.tariff": "1 USD/bbl"},
    {"price": "70 USD/bbl"},
    {"nodes.market.price": "500 USD/t"},
    {"nodes.market.differential.heavy": "2 USD/bbl"},
    {"contracts.c.deficiency": "7 USD/t"},
    {"recourse.below_min_output": "50 USD/t"},
    {"legs.a.tariff": "6 USD/t", "legs.a.capacity": "7 Mt/y"},
]
MATRIX = [
    {"legs.a.loss": "2 %"},
    {"legs.tariff.loss": "2 %"},  # a leg may be called anything
    {"legs.b.fleet.cargo": "30 kt"},
    {"groups.ships.legs.b.round_trip": "6 d"},
    {"groups.quota.legs.a.weight": 2},
    {"commodities.light.barrels_per_tonne": 7.9},
    {"legs.more": {"from": "f", "to": "market", "capacity": "1 Mt/y"}},
    {"legs.a.commodities": ["light"]},
    {"units.flow": "kt/d"},
]
HIDDEN = [  # they look like bounds and bring a row, a column or another unit
    {"nodes.g.min_output": "20 %"},
    {"nodes.f.min_output": None},
    {"legs.a.capacity": "160 kb/d", "legs.a.components": None},
    {"nodes.market.demand": "150 kb/d"},
    {"nodes.refinery.demand": "20 kb/d"},
    {"groups.quota.capacity": "120 kb/d"},
    {"contracts.c": {"volume": "40 kb/d", "deficiency": "1 USD/bbl"}},
    {"legs.new.status": "defunct"},
]


def effect(system, changes):
    return situate(system, Scenario.model_validate({"override": changes})).effect


def same_programme(system, changes):
    one, two = formulate(system), formulate(system.override(changes))
    return one.shape == two.shape and all(
        np.array_equal(getattr(one, name), getattr(two, name)) for name in ("start", "index", "value")
    )


@pytest.mark.parametrize("changes", BOUNDS)
def test_bounds(system, changes):
    assert effect(system, changes) is Effect.BOUNDS
    assert same_programme(system, changes)


@pytest.mark.parametrize("changes", COSTS)
def test_costs(system, changes):
    assert effect(system, changes) is Effect.COSTS
    assert same_programme(system, changes)


@pytest.mark.parametrize("changes", MATRIX)
def test_matrix(system, changes):
    assert effect(system, changes) is Effect.MATRIX


@pytest.mark.parametrize("changes", HIDDEN)
def test_changes_of_the_matrix_that_do_not_look_like_it(system, changes):
    assert effect(system, changes) is Effect.MATRIX


@pytest.mark.parametrize("changes", [*BOUNDS, *COSTS, *MATRIX, *HIDDEN])
def test_the_answer_is_that_of_the_changed_system(system, changes):
    quick, plain = ro.allocate(system, {"override": changes}), ro.allocate(system.override(changes))
    assert (quick.exported, quick.flow_unit) == (near(plain.exported), plain.flow_unit)
    assert (quick.netback, quick.money_unit) == (near(plain.netback), plain.money_unit)
    assert flows(quick) == {name: near(flow) for name, flow in flows(plain).items()}


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ({}, Effect.NONE),
        ({"title": "nothing", "note": "at all"}, Effect.NONE),
        ({"closures": [{"leg": "a"}]}, Effect.BOUNDS),
        ({"reopen": ["new"]}, Effect.BOUNDS),
        ({"build": {"new": "1 Mt/y"}}, Effect.COSTS),
        ({"tariffs": {"a": "+1 USD/t"}}, Effect.COSTS),
        ({"closures": [{"leg": "a"}], "tariffs": {"a": "+1 USD/t"}}, Effect.COSTS),
        ({"tariffs": {"a": "+1 USD/t"}, "override": {"legs.a.loss": "1 %"}}, Effect.MATRIX),
    ],
)
def test_the_deepest_counts(scenario, expected):
    assert effect_of(Scenario.model_validate(scenario)) is expected


@pytest.mark.parametrize(
    ("raw", "added", "value"),
    [("+6 USD/t", True, 6), ("-6 USD/t", True, -6), (" +0.5 USD/bbl", True, 0.5), ("20 USD/t", False, 20),
     ({"value": "20 USD/t", "note": "agreed"}, False, 20), ({"value": "-3 USD/t"}, False, -3)],
)  # fmt: skip
def test_costs_that_are_added_and_costs_that_replace(raw, added, value):
    is_added, price = read_cost(raw)
    assert (is_added, price.value) == (added, value)


def test_closures_never_change_the_matrix():
    for seed in range(30):
        system = random_system(seed)
        situation = situate(system, random_scenario(system, seed))
        assert situation.effect < Effect.MATRIX
        assert situation.system is system


def test_a_pace_or_a_tank_that_goes_is_another_matrix():
    system = ro.ExportSystem.from_dict(
        {
            "nodes": {
                "f": {"kind": "field", "output": "10 Mt/y", "ramp_down": "5 %/d", "ramp_up": "2 %/d"},
                "t": {"kind": "terminal", "storage": {"capacity": "100 kt"}},
                "m": {"kind": "market"},
            },
            "legs": {"a": {"from": "f", "to": "t"}, "b": {"from": "t", "to": "m"}},
        }
    )
    for change in ({"nodes.f.ramp_up": None}, {"nodes.f.ramp_down": None}, {"nodes.t.storage": None}):
        assert not same_matrix(system, system.override(change))
    assert same_matrix(system, system.override({"nodes.f.ramp_up": "3 %/d", "nodes.t.storage.capacity": "90 kt"}))
    # Without a restart pace the field is back at once.
    closed = {"horizon": {"start": "2025-01-01", "end": "2025-01-11"}, "override": {"nodes": {"f": {"ramp_up": None}}},
              "closures": [{"leg": "b", "from": "2025-01-02", "to": "2025-01-06"}]}  # fmt: skip
    plan = ro.allocate(system, closed, foresight="myopic")
    assert plan.periods["field", "f"].iloc[5:].tolist() == pytest.approx([10.0] * 5)
