"""Contracts are not fulfilled by oil that goes round in circles: by hand, and against going through all legs."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest

import routeopt as ro
from helpers.independent import independent_optimum
from helpers.small import near, network
from routeopt.scenario import Scenario
from routeopt.solve.cycles import circles_may_pay
from routeopt.testing import random_scenario, random_system


def reversible(tariff=0, deficiency=20, **legs):
    """Ten from a; b is a dear way out, and between the two there is a line that runs in either direction."""
    return network(
        {"fa": ("f", "a"), "ab": ("a", "b", {"capacity": "20 kt/d", "tariff": f"{tariff} USD/t"}),
         "ba": ("b", "a", {"capacity": "20 kt/d", "tariff": f"{tariff} USD/t"}),
         "am": ("a", "market", {"tariff": "1 USD/t"}), "bm": ("b", "market", {"tariff": "60 USD/t"}), **legs},
        {"f": "10 kt/d"}, {"market": {"price": "500 USD/t"}}, units={"flow": "kt/d"},
        contracts={"pay": {"legs": ["ab"], "volume": "8 kt/d", "deficiency": f"{deficiency} USD/t"}},
    )  # fmt: skip


def test_oil_that_comes_back_fulfils_nothing():
    # All ten by am at 1, and 8 short at 20; going round a, b, a would cost 10 alone.
    plan = ro.allocate(reversible())
    assert plan.cost == near(170_000)
    assert plan.contracts.loc["pay", "deficiency"] == near(8)
    assert plan.legs.loc[["ab", "ba"], "flow"].tolist() == [0.0, 0.0]
    assert "among flows without cycles through contracts" in str(plan.certificate)
    assert plan.certificate.valid
    assert "only go round in circles" in " ".join(plan.notes)


@pytest.mark.parametrize("price", ["1e3", "1e6", "1e9"])
def test_a_price_that_stands_for_never_hides_no_choice_among_circles(price):
    # 5 of never are short whatever happens. Of pay 8 by bm at 1.1 and 2 by am cost 10.8 with nothing short; all ten
    # by am and 8 short at 0.2 would cost 11.6.
    legs = {"never": ("f", "market", {"capacity": "3 kt/d", "tariff": "900 USD/t"})}
    system = reversible(deficiency=0.2, **legs).override({"legs.bm.tariff": "1.1 USD/t", "nodes.f.output": "13 kt/d"})
    never = {"legs": ["never"], "volume": "8 kt/d", "deficiency": f"{price} USD/t"}
    plan = ro.allocate(system.override({"contracts.never": never}))
    assert plan.contracts["deficiency"].to_dict() == near({"pay": 0.0, "never": 5.0})
    assert plan.certificate.cycle_checks > 0


def test_a_leg_that_leads_on_fulfils_its_contract():
    # 80 a tonne short is more than the 59 that bm costs more: 8 go that way.
    plan = ro.allocate(reversible(deficiency=80))
    assert (plan.cost, plan.contracts.loc["pay", "deficiency"]) == (near(8 * 60_000 + 2 * 1_000), 0.0)


def test_a_circle_that_costs_more_than_is_short_changes_nothing():
    # Going round costs 2 x 11 for the 20 that are due.
    plan = ro.allocate(reversible(tariff=11))
    assert (plan.cost, plan.certificate.cycle_checks) == (near(170_000), 0)
    assert plan.shadow_prices(["ab"])["saving_up"].iloc[0] == 0.0
    ro.allocate(reversible(tariff=11), {"horizon": {"start": "2025-01-01", "end": "2025-01-06"}})


def test_a_circle_that_pays_without_the_contract_stays():
    # 20 go round at -3 and 1, and ten leave by am: 20 x -2 + 10 x 1 = -30.
    system = reversible().override({"legs.ab.tariff": "-3 USD/t", "legs.ba.tariff": "1 USD/t"})
    plan = ro.allocate(system)
    assert (plan.cost, plan.certificate.cycle_checks, plan.contracts.loc["pay", "deficiency"]) == (
        near(-30_000),
        0,
        0.0,
    )
    assert ro.contingencies(system, k=1, over="leg").table["netback_lost"].notna().all()


def test_a_circle_of_three_legs_and_one_that_is_longer():
    legs = {
        "ab": ("a", "b", {"capacity": "9 kt/d"}),
        "ba": ("c", "a"),
        "bc": ("b", "c"),
        "ca": ("b", "d"),
        "da": ("d", "c"),
    }
    assert ro.allocate(reversible(**legs)).cost == near(170_000)


def test_a_line_cut_in_two_and_a_leg_split_in_two_change_nothing():
    cut = {"ab": ("a", "h", {"capacity": "20 kt/d"}), "hb": ("h", "b")}
    split = {"back": ("b", "a", {"capacity": "3 kt/d"}), "ba": ("b", "a", {"capacity": "17 kt/d"})}
    for legs in (cut, split, {**cut, **split}):
        assert ro.allocate(reversible(**legs)).cost == near(170_000)


def test_many_closures_are_right_too():
    system = reversible()
    table = ro.contingencies(system, k=1, over="leg").table.set_index("elements")
    for (leg,), extra in table["netback_lost"].items():
        plan = ro.allocate(system, close=[leg])
        assert extra == pytest.approx(ro.allocate(system).netback - plan.netback, abs=1e-3), leg


@pytest.mark.parametrize("solver", ["highs", "pulp:HiGHS"])
def test_a_horizon_of_one_period_is_a_period(solver):
    horizon = {"start": "2025-01-01", "end": "2025-01-11", "step": "event"}
    plan = ro.allocate(reversible(), {"horizon": horizon}, solver=solver)
    assert plan.cost == near(170_000)


def test_what_a_capacity_saves_is_left_open_and_what_it_exports_is_not():
    row = ro.allocate(reversible()).shadow_prices(["ab"]).iloc[0]
    assert row[["saving_up", "saving_down"]].isna().all()
    assert row[["capacity", "exports_up", "exports_down"]].tolist() == [near(20), 0.0, 0.0]


@pytest.mark.parametrize(
    "ask",
    [
        lambda system: ro.allocate(system, {"horizon": {"start": "2025-01-01", "end": "2025-01-06"}}),
        lambda system: ro.capacity_curve(system, "ab", measure="netback"),
        lambda system: ro.allocate(system).concentration("1 %"),
        lambda system: ro.alternatives(system, minimise={"leg": "am"}),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(ask):
    with pytest.raises(ro.InputError, match=r"a circular flow could fulfil a contract .* remove the contract"):
        ask(reversible())


def test_expansion_refuses():
    build = {"sizes": "5 kt/d", "capex": "730e6 USD", "lifetime": "10 y"}
    system = reversible(second=("f", "market", {"status": "hypothetical", "build": build}))
    shut = system.with_scenarios({"shut": Scenario.model_validate({"closures": [{"leg": "am"}]})})
    with pytest.raises(ro.InputError, match="the value of an option is not defined"):
        ro.expand(shut, "second", {"shut": 0.2})


def test_the_near_optimal_range_spends_nothing_that_a_circle_saves():
    # 1 % of 170 000 is 1700 USD. Every tonne by ab and bm costs 59 more and saves 20: 43.6 t; with the circle it
    # would be any amount.
    low, high = ro.allocate(reversible()).flow_ranges("1 %").loc[("leg", "bm"), ["low", "high"]]
    assert (low, high) == (pytest.approx(0.0, abs=1e-9), near(1.7 / 39, 1e-5))


def test_the_least_flow_within_a_slack_is_not_what_a_circle_would_allow():
    # By b and bm a tonne costs 5 more than by am, and 20 less are due: 8 of 10 go there, for 8 x 6 + 2 x 1 = 50. Going
    # round would cost 6, so with 3 % of slack (1500 USD) 1.5 kt/d could leave bm; but being short costs 15 more: 0.1.
    system = reversible(tariff=3).override({"legs.bm.tariff": "3 USD/t"})
    plan = ro.allocate(system)
    assert (plan.cost, plan.certificate.cycle_checks) == (near(50_000), 0)
    low, high = plan.flow_ranges("3 %").loc[("leg", "bm"), ["low", "high"]]
    assert (low, high) == (near(7.9), near(8.3))


def round_and_round(seed):
    """Hubs with lines in both directions, cheap enough to go round for what is due."""
    rng = np.random.default_rng([seed, 977])
    hubs = [f"h{i}" for i in range(3)]
    legs = {"in": ("f", "h0"), "in-2": ("g", str(rng.choice(hubs)))}
    for a, b in itertools.permutations(hubs, 2):
        if rng.random() < 0.75:
            tariff = int(rng.integers(0, 8)) - (int(rng.integers(0, 3)) if rng.random() < 0.1 else 0)
            more = {"tariff": f"{tariff} USD/t", "capacity": f"{rng.integers(1, 12)} kt/d"}
            legs[f"{a}-{b}"] = (a, b, {**more, **({"loss": "5 %"} if rng.random() < 0.2 else {})})
    for hub in hubs:
        legs[f"{hub}-m"] = (
            hub,
            "market",
            {"tariff": f"{rng.integers(0, 40)} USD/t", "capacity": f"{rng.integers(0, 12)} kt/d"},
        )
    lines = [name for name in legs if name.count("h") == 2]
    contracts = {
        f"c{i}": {"legs": [str(rng.choice(lines))], "volume": f"{rng.integers(1, 9)} kt/d",
                  "deficiency": f"{rng.integers(1, 40)} USD/t", "force_majeure": False}
        for i in range(int(rng.integers(1, 3)))
    }  # fmt: skip
    return network(legs, {"f": "9 kt/d", "g": "4 kt/d"}, {"market": {"price": "100 USD/t"}}, contracts=contracts,
                   units={"flow": "kt/d"}), lines  # fmt: skip


def best_without_circles(system, lines, closed=()):
    """Netback by going through all sets of lines that leave no circle through a leg with a contract."""
    counted = {leg for contract in system.contracts.values() for leg in contract.legs}
    best = None
    for size in range(len(lines) + 1):
        for shut in itertools.combinations(lines, size):
            graph = nx.DiGraph([(system.legs[k].origin, system.legs[k].destination) for k in lines if k not in shut])
            rounds = [
                [f"{a}-{b}" for a, b in zip(way, [*way[1:], way[0]], strict=True)] for way in nx.simple_cycles(graph)
            ]
            # A circle that pays by its own tariffs is none that a contract makes.
            costs = [sum(system.legs[k].tariff.inner for k in way) for way in rounds if counted & set(way)]
            if any(cost >= 0 for cost in costs):
                continue
            closures = [{"leg": leg} for leg in {*shut, *closed}]
            found = independent_optimum(system, Scenario.model_validate({"closures": closures}))
            best = max(filter(None, (best, (round(found.exported, 6), found.netback))))
    return best


def check_round_and_round(seed):
    system, lines = round_and_round(seed)
    plan = ro.allocate(system)
    exported, netback = best_without_circles(system, lines)
    assert plan.exported == pytest.approx(exported, abs=1e-5)
    assert plan.netback / 1000 == pytest.approx(netback, rel=1e-6, abs=1e-5)
    return plan


def test_random_lines_in_both_directions():
    tried = [check_round_and_round(seed).certificate.cycle_checks for seed in range(12)]
    assert sum(count > 0 for count in tried) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12, 200))
def test_many_random_lines_in_both_directions(seed):
    check_round_and_round(seed)


@pytest.mark.parametrize("seed", range(4))
def test_random_lines_under_closures_one_by_one(seed):
    system, lines = round_and_round(seed)
    table = ro.contingencies(system, k=1, over="leg").table.set_index("elements")
    calm = ro.allocate(system).netback
    for leg in lines:
        exported, netback = best_without_circles(system, lines, [leg])
        row = table.loc[[(leg,)]].iloc[0]
        assert row["exported"] == pytest.approx(exported, abs=1e-5)
        assert (calm - row["netback_lost"]) / 1000 == pytest.approx(netback, rel=1e-6, abs=1e-3)


def test_where_no_circle_is_said_to_pay_none_is_found():
    # `circles_may_pay` lets batches, horizons and values of capacity go ahead: it may be wrong on one side only.
    said, found = [], []
    for seed in range(60):
        system = random_system(seed) if seed % 2 else round_and_round(seed)[0]
        solved = ro.allocate(system, random_scenario(system, seed))._solved
        said.append(circles_may_pay(solved.program, solved.objectives))
        found.append(solved.tried > 0)
    assert not any(pays and not told for pays, told in zip(found, said, strict=True))
    assert 0 < sum(found) <= sum(said) < 45
