"""Refineries come first for the operator, so whatever ranks losses counts what they lack first, and shows it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import routeopt as ro
from helpers.outages import fails
from helpers.small import near, network
from routeopt.testing import random_scenario, random_system


@pytest.fixture(scope="module")
def plant():
    """A field of 10 feeds a plant of 4 over ``home`` and exports over ``out`` (8) what is left: 6."""
    return network(
        {"home": ("f", "plant", {"outages": fails(0.1)}), "out": ("f", "market", {"capacity": "8 kt/d"}),
         "spur": ("f", "market", {"capacity": "1 kt/d"})},
        {"f": "10 kt/d"}, units={"flow": "kt/d"}, refineries={"plant": {"demand": "4 kt/d"}},
    )  # fmt: skip


def test_a_leg_that_starves_a_refinery_ranks_first(plant):
    # Without home the plant lacks 4 and 9 of 10 leave: 3 more. Without out 1 leaves: 5 lost. The spur is spare.
    found = ro.contingencies(plant, 1)
    assert found.table["elements"].tolist() == [("home",), ("out",), ("spur",)]
    assert found.table["shortage"].tolist() == near([4.0, 0.0, 0.0])
    assert found.table["lost"].tolist() == near([-3.0, 5.0, 0.0])
    assert found.worst["elements"].tolist() == [("home",)]
    assert found.importance.index.tolist() == ["home", "out", "spur"]
    assert found.importance["shortage"].tolist() == near([4.0, 0.0, 0.0])
    row = found.by_size.loc[1]
    assert (row["losing"], row["worst"], row["example"]) == (2, 1, ("home",))
    assert (row["shortage"], row["lost"]) == (near(4.0), near(5.0))
    assert "unmet refinery demand 4.00 kt/d, 3.00 more exported" in repr(found)
    # With two, out and home: the plant lacks 4, and 5 of 6 exports are lost.
    two = ro.contingencies(plant, 2)
    assert two.worst["elements"].tolist() == [("home", "out")]
    assert two.worst[["shortage", "lost"]].to_numpy().tolist() == [near([4.0, 5.0])]


def test_every_verb_says_the_same(plant):
    worst = ro.worst_case(plant, 1)
    assert (worst.attack, worst.shortage, worst.lost) == (("home",), near(4.0), near(-3.0))
    both = ro.n_minus_one(plant, over="leg")
    assert both.table.index.tolist() == ["home", "out", "spur"]
    assert both.table.loc["home", ["shortage", "exported", "lost", "ratio"]].tolist() == near([4.0, 9.0, -3.0, 1.5])
    assert (both.most_short_element, both.critical_element, both.network_ratio) == ("home", "out", near(1 / 6))
    assert "unmet refinery demand is largest, 4.00, with leg home closed" in str(both)
    horizon = {"start": "2025-01-01", "end": "2025-01-11"}
    test = ro.stress_test(plant, {name: {"horizon": horizon, "closures": [{"leg": name}]} for name in ("out", "home")})
    assert test.ranking.index.tolist() == ["home", "out"]
    assert test.ranking[["shortage", "lost"]].to_numpy().tolist() == [near([40.0, -30.0]), near([0.0, 50.0])]
    curve = ro.loss_curve(plant, "home", max_duration="3 d", recovery_window="2 d")
    assert curve.shortage.tolist() == near([0.0, 4.0, 8.0, 12.0])
    assert curve.lost.tolist() == near([0.0, -3.0, -6.0, -9.0])
    assert curve.ride_through_days == 0.0
    players = ro.shapley(plant, "leg").table
    # Home alone feeds the plant. Out brings 8 or, after the others, less by what home takes.
    assert players["relief"].to_dict() == {"home": near(4.0), "out": 0.0, "spur": 0.0}
    assert players.loc["home", "leave_one_out"] == near(-3.0)


def test_shortage_of_outages(plant):
    # Home is down for a tenth of the time: the plant lacks 0.4 on average, and 0.3 more is exported.
    risk = ro.simulate_outages(plant, draws=100)
    assert (risk.expected_shortage, risk.expected_loss) == (near(0.4), near(-0.3))
    row = risk.importance.loc["leg home"]
    assert row[["shortage_when_down", "shortage_when_up"]].tolist() == near([4.0, 0.0])
    assert "unmet refinery demand 0.4 kt/d on average" in str(risk)
    assert "unmet refinery demand 0.4" in repr(risk)
    drawn = ro.simulate_outages(plant, draws=4_000, method="sample", seed=3)
    low, high = drawn.table.loc["expected_shortage", ["low", "high"]]
    assert low < 0.4 < high
    linked = ro.simulate_outages(plant, years=4, intertemporal=True, seed=2)
    apart = ro.simulate_outages(plant, years=4, intertemporal=False, seed=2)
    assert linked.expected_shortage == pytest.approx(apart.expected_shortage, rel=1e-6)
    assert apart.expected_shortage > 0


def test_events_that_starve_lead_the_ranking(plant):
    both = plant.override({"legs": {"out": {"outages": fails(0.3)}}})
    found = ro.simulate_outages(both, draws=100).importance
    # Out costs far more exports; home is what the plant lacks by.
    assert found.index.tolist() == ["leg home", "leg out"]
    assert found["fussell_vesely"].idxmax() == "leg out"


def test_every_card_shows_the_shortage(plant):
    def names(result):
        return " ".join(figure.label for figure in result.digest().figures)

    horizon = {"start": "2025-01-01", "end": "2025-01-11"}
    closed = {"horizon": horizon, "closures": [{"leg": "home"}]}
    for result in (
        ro.contingencies(plant, 1), ro.worst_case(plant, 1), ro.n_minus_one(plant, over="leg"),
        ro.stress_test(plant, {"x": closed}), ro.loss_curve(plant, "home", max_duration="2 d", recovery_window="1 d"),
        ro.defend(plant, 1, [{"protect": "out"}], max_options=1),
    ):  # fmt: skip
        assert "unmet refinery demand" in names(result), type(result).__name__
    assert "expected shortage" in names(ro.simulate_outages(plant, draws=10))


def test_kazakhstan_counts_its_refineries_first(kz):
    """Kenkiyak-Kumkol leaves Kazakhstan's refineries 8.58 Mt/y short: rank 1, though 4 Mt/y more are exported."""
    found = ro.contingencies(kz, 1)
    first = found.table.iloc[0]
    assert first["elements"] == ("kenkiyak-kumkol",)
    assert first["shortage"] == pytest.approx(8.58, abs=0.01)
    assert first["lost"] < 0
    # Nothing that starves a refinery stands behind anything that does not.
    assert found.table["shortage"].is_monotonic_decreasing
    assert (found.table.loc[found.table["shortage"] == 0, "lost"] >= 0).all()


def pairs(found):
    """Shortage and loss by set, with the empty one, as the library ranks them."""
    rows = zip(found.table["elements"], found.table["shortage"].round(6), found.table["lost"].round(6), strict=True)
    return {(): (0.0, 0.0), **{tuple(sorted(names)): (s + 0.0, v + 0.0) for names, s, v in rows}}


@pytest.mark.parametrize("seed", range(8))
def test_closing_more_is_never_a_gain(seed):
    """By (shortage, lost) in this order, whatever exports do by themselves; and the engines agree."""
    system = random_system(seed, nodes=8, legs=12)
    closures = {
        str(one): one for i in range(12) for one in random_scenario(system, 100 * seed + i, closures=1).closures
    }
    found = ro.contingencies(system, 2, list(closures.values()), engine="warm")
    known = pairs(found)
    for names, value in known.items():
        for size in range(len(names)):
            for part in itertools.combinations(names, size):
                assert known[part][0] <= value[0] + 2e-6
                if abs(known[part][0] - value[0]) <= 2e-6:
                    assert known[part][1] <= value[1] + 2e-6
    order = found.table[["shortage", "lost"]].round(5).to_numpy().tolist()
    assert order == sorted(order, reverse=True)
    kernel = pairs(ro.contingencies(system, 2, list(closures.values()), engine="kernel"))
    assert np.array(list(kernel.values())) == pytest.approx(np.array([known[names] for names in kernel]), abs=1e-5)


def test_expansion_shows_what_refineries_lack(plant):
    scenarios = plant.with_scenarios({"shut": ro.Scenario.model_validate({"closures": [{"leg": "home"}]})})
    option = {"leg": "spur", "sizes": ["2 kt/d"], "capex": ["1e6 USD"], "lifetime": "10 y"}
    found = ro.expand(scenarios, [option], {"shut": 0.25})
    assert found.expected_shortage == near(1.0)
    assert found.table["expected_shortage"].tolist() == near([1.0, 1.0])
    assert "unmet refinery demand 1 on average" in found.summary()
