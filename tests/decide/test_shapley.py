"""The Shapley value: games with known answers, its axioms, its definition, and random orders against all coalitions."""

import concurrent.futures as futures
import itertools
import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import routeopt as ro
from helpers.small import near, network
from routeopt.decide.attribution.values import exact, half_width, sampled
from routeopt.elements.values import every_set
from routeopt.testing import random_system

seeds = st.integers(0, 100_000)


def values(found):
    return found.table["shapley"].to_dict()


def simple_game(*winning):
    """A field of one and a leg for each winning coalition: it crosses the countries of all its members."""
    legs = {
        f"way-{place}": ("field", "market", {"capacity": "1 Mt/y", "countries": list(members)})
        for place, members in enumerate(winning)
    }
    return network(legs, {"field": "1 Mt/y"}, exporter="KZ")


def airport(costs):
    """v(S) is the largest cost in S: each strip is a field that every player from there on can empty."""
    levels = list(itertools.pairwise([0, *costs]))
    legs = {
        f"strip-{level}-{player}": (f"strip-{level}", "market", {"capacity": "99 Mt/y", "countries": [country(player)]})
        for level in range(len(costs))
        for player in range(level, len(costs))
    }
    fields = {f"strip-{level}": f"{high - low} Mt/y" for level, (low, high) in enumerate(levels)}
    return network(legs, fields, exporter="KZ")


def country(player):
    return "A" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[player]


def parallel(output, *capacities, **more):
    legs = {
        country(place).lower(): ("field", "market", {"capacity": f"{capacity} Mt/y", **more})
        for place, capacity in enumerate(capacities)
    }
    return network(legs, {"field": f"{output} Mt/y"})


# Games from outside. Littlechild and Owen (1973): each strip is shared by all who need it.
@pytest.mark.parametrize(
    ("costs", "known"),
    [
        ((8, 11, 13, 18), (2, 3, 4, 9)),
        ((40, 50, 60, 70, 80, 90), tuple(part / 6 for part in (40, 52, 67, 87, 117, 177))),
    ],
)
def test_airport_game(costs, known):
    found = ro.shapley(airport(costs), over="country")
    assert found.exact
    assert [values(found)[country(player)] for player in range(len(costs))] == [near(value) for value in known]
    assert found.total == near(costs[-1])


def test_glove_game():
    # Two left gloves side by side, then a right one: 1/6, 1/6, 2/3.
    legs = {name: ("f", "h", {"capacity": "1 Mt/y"}) for name in ("left", "other-left")}
    found = ro.shapley(network(legs | {"right": ("h", "market", {"capacity": "1 Mt/y"})}, {"f": "1 Mt/y"}), "leg")
    assert values(found) == {"right": near(2 / 3), "left": near(1 / 6), "other-left": near(1 / 6)}
    assert found.table.loc["right", "leave_one_out"] == near(1)
    assert found.table["stand_alone_value"].tolist() == [0, 0, 0]


def test_majority_of_three():
    found = ro.shapley(simple_game(("AA", "AB"), ("AA", "AC"), ("AB", "AC")), "country")
    assert found.table["shapley"].tolist() == [near(1 / 3)] * 3
    assert found.table["leave_one_out"].tolist() == [0, 0, 0]


def test_council_of_the_six():
    # Votes 4, 4, 4, 2, 2, 1 with 12 to win, as in the Council of 1958: 14/60 each, 9/60 each, and Luxembourg nothing.
    big, middle, least = ("DE", "FR", "IT"), ("BE", "NL"), "LU"
    winning = [big, *((*two, *middle) for two in itertools.combinations(big, 2)), (*big, least)]
    winning.append((*big, "BE"))  # superfluous, but for it Belgium and the Netherlands would be one player
    found = ro.shapley(simple_game(*winning), "country")
    assert values(found) == {
        **dict.fromkeys(big, near(14 / 60)), **dict.fromkeys(middle, near(9 / 60)), least: 0.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("estate", "known"), [(100, (100 / 3,) * 3), (200, (100 / 3, 250 / 3, 250 / 3)), (300, (50, 100, 150))]
)
def test_bankruptcy_of_the_talmud(estate, known):
    # Claims of 100, 200, 300; shares by order of arrival (O'Neill 1982). A field is the estate, lines are the claims:
    # v(S) = min(estate, claims of S) is the dual of the bankruptcy game and has the same value.
    found = ro.shapley(parallel(estate, 100, 200, 300), "leg")
    assert [values(found)[name] for name in ("aa", "ab", "ac")] == [near(value) for value in known]


# By hand.
def test_substitutes_lose_less_one_at_a_time_and_partners_more():
    rivals = ro.shapley(parallel(10, 7, 7), "leg")
    assert rivals.table["leave_one_out"].sum() == near(6)
    assert "less than the 10.0 attributed: legs substitute for one another, most of all aa and ab" in rivals.headline
    assert rivals.pairs["synergy"].tolist() == [near(4)]
    row = network({"a": ("f", "h", {}), "b": ("h", "market", {"capacity": "5 Mt/y"})}, {"f": "9 Mt/y"})
    partners = ro.shapley(row, "leg")
    assert values(partners) == {"a": near(2.5), "b": near(2.5)}
    assert "losing one at a time adds up to 10.0 Mt/y, more than the 5.0" in partners.headline
    assert "counts 5.00 twice" in partners.headline
    apart = ro.shapley(parallel(99, 3, 4), "leg")
    assert "no two legs substitute for each other" in apart.headline
    assert values(apart) == {"aa": near(3), "ab": near(4)}


def test_one_player_and_what_leaves_without_any():
    legs = {"cut": ("f", "market", {"capacity": "3 Mt/y", "countries": ["RU"]}),
            "free": ("f", "market", {"capacity": "2 Mt/y"})}  # fmt: skip
    found = ro.shapley(network(legs, {"f": "9 Mt/y"}, exporter="KZ"), "country")
    assert (found.value_none, found.value_all, found.total) == (near(2), near(5), near(3))
    assert values(found) == {"RU": near(3)}
    assert "2.00 with all closed" in found.summary()
    assert "one country only" in found.headline


def test_netback_by_hand():
    # 10 to sell at 300: a line of 7 at 10, rail of 7 at 50. In millions: line alone 2030, rail alone 1750,
    # both 2030 + 3 * 250 = 2780.
    legs = {"line": ("f", "market", {"capacity": "7 Mt/y", "tariff": "10 USD/t"}),
            "rail": ("f", "market", {"capacity": "7 Mt/y", "tariff": "50 USD/t"})}  # fmt: skip
    system = network(legs, {"f": "10 Mt/y"}, price="300 USD/t")
    found = ro.shapley(system, "leg", measure="netback")
    assert values(found) == {"line": near(1530e6), "rail": near(1250e6)}
    assert found.value_all == near(ro.allocate(system).netback)
    assert found.unit == "USD/y"
    # Rail at 400 loses 100 a tonne: volume first it costs 700 alone and 300 beside the line; money first it is left.
    dear = system.override({"legs.rail.tariff": "400 USD/t"})
    assert values(ro.shapley(dear, "leg", measure="netback"))["rail"] == near(-500e6)
    assert values(ro.shapley(dear, "leg", measure="netback", economic=True))["rail"] == 0.0


def test_a_refinery_served_first_makes_contributions_negative():
    legs = {"out": ("f", "market", {"capacity": "9 Mt/y"}), "home": ("f", "town", {"capacity": "9 Mt/y"})}
    found = ro.shapley(network(legs, {"f": "10 Mt/y"}, refineries={"town": {"demand": "4 Mt/y"}}), "leg")
    assert values(found) == {"out": near(7.5), "home": near(-1.5)}


def test_fields_closed_produce_nothing():
    legs = {"a": ("one", "h", {}), "b": ("two", "h", {}), "c": ("h", "market", {"capacity": "6 Mt/y"})}
    system = network(legs, {"one": "5 Mt/y", "two": "3 Mt/y"})
    found = ro.shapley(system, "field")
    assert values(found) == {"one": near(4), "two": near(2)}
    assert set(ro.contingencies(system, over="field").elements) == {"one", "two"}


def test_equal_players_are_one_and_closures_can_be_listed():
    legs = {"a": ("f", "h", {"countries": ["AZ", "GE"]}), "b": ("h", "market", {"capacity": "5 Mt/y"})}
    system = network(legs, {"f": "9 Mt/y"}, exporter="KZ")
    assert ro.shapley(system, "country").players == ("AZ = GE",)
    found = ro.shapley(system, [{"leg": "b", "availability": "40 %"}, {"leg": "a"}])
    assert values(found) == {"leg a": near(3.5), "leg b at 40%": near(1.5)}
    assert found.value_none == 0


def test_a_scenario_holds_besides(kz):
    assert "cpc" not in ro.shapley(kz, scenario="cpc-closed").players
    built = ro.shapley(kz, scenario="cpc-closed-with-tcop-20")
    assert built.table.index[0] == "tcop"
    assert built.value_all == near(ro.allocate(kz, "cpc-closed-with-tcop-20").exported)


# The definition, and the axioms.
def by_definition(system, names, measure):
    """Mean contribution over all orders, each coalition allocated by itself."""
    known = {}

    def value(inside):
        if inside not in known:
            shut = [{"country": one} for name in names if name not in inside for one in name.split(" = ")]
            plan = ro.allocate(system, close=shut)
            known[inside] = plan.exported if measure == "volume" else plan.netback
        return known[inside]

    total = dict.fromkeys(names, 0.0)
    for order in itertools.permutations(names):
        for place, name in enumerate(order):
            total[name] += value(frozenset(order[: place + 1])) - value(frozenset(order[:place]))
    return {name: part / math.factorial(len(names)) for name, part in total.items()}


@given(seeds, st.sampled_from(["volume", "netback"]))
@settings(max_examples=12)
def test_against_the_definition_on_random_systems(seed, measure):
    system = random_system(seed)
    try:
        found = ro.shapley(system, "country", measure=measure)
    except ro.ScenarioError:
        return
    expected, size = (
        by_definition(system, found.players, measure),
        max(abs(found.value_all), abs(found.value_none), 1.0),
    )
    for name, value in values(found).items():
        assert abs(value - expected[name]) <= 1e-6 * size
    assert abs(found.table["shapley"].sum() - found.total) <= 1e-9 * size


@st.composite
def small(draw, tag="a"):
    """A few lines from two fields over a hub, the first of them twice, and one without capacity."""
    number = st.integers(1, 9)
    legs = {f"{tag}-none": (f"{tag}-f", f"{tag}-market", {"capacity": "0 Mt/y"})}
    places = [(f"{tag}-f", f"{tag}-h"), (f"{tag}-g", f"{tag}-h"), (f"{tag}-h", f"{tag}-market")]
    places += draw(st.lists(st.sampled_from([*places, (f"{tag}-f", f"{tag}-market")]), max_size=2))
    for place, (start, end) in enumerate(places):
        more = {"capacity": f"{draw(number)} Mt/y", "tariff": f"{draw(number)} USD/t", "loss": f"{draw(number)} %"}
        legs[f"{tag}-{place}"] = (start, end, more)
    legs[f"{tag}-twin"] = legs[f"{tag}-0"]
    return legs, {f"{tag}-f": f"{draw(number)} Mt/y", f"{tag}-g": f"{draw(number)} Mt/y"}, [f"{tag}-market"]


@given(small(), small("b"), st.sampled_from(["volume", "netback"]))
@settings(max_examples=8)
def test_axioms(one, other, measure):
    def game(legs, fields, markets):
        return ro.shapley(network(legs, fields, markets=markets, price="100 USD/t"), "leg", measure=measure)

    found = game(*one)
    part, size = values(found), max(1.0, abs(found.value_all))
    assert abs(sum(part.values()) - found.total) <= 1e-9 * size  # efficiency
    assert abs(part["a-0"] - part["a-twin"]) <= 1e-8 * size  # symmetry
    assert part["a-none"] == 0.0  # who adds nothing gets nothing
    # Additivity: two systems that have nothing in common.
    both = game(one[0] | other[0], one[1] | other[1], one[2] + other[2])
    apart = part | values(game(*other))
    assert both.exact
    for name, value in values(both).items():
        assert abs(value - apart[name]) <= 1e-7 * max(size, abs(both.value_all))


# The arithmetic of values and orders, without a program behind it.
def majority(players):
    """v(S) = (number in S)^2 / n, plus 1 for the first two together."""

    def value(members):
        return members.sum(axis=1) ** 2 / players + (members[:, 0] & members[:, 1])

    return value


def test_fifteen_players_exactly_and_by_orders():
    value = majority(15)
    known = exact(value(every_set(15)))
    assert known == pytest.approx(np.where(np.arange(15) < 2, 1.5, 1.0), rel=1e-12)
    found = sampled(value, 15, 400, seed=3)
    half = half_width(found.error, 200)
    assert (np.abs(found.value - known) <= np.maximum(half, 1e-9)).mean() >= 0.8
    assert found.value.sum() == pytest.approx(value(np.ones((1, 15), bool))[0], rel=1e-12)
    assert found.orders == 400


def test_the_error_is_over_pairs():
    value = np.random.default_rng(8).random(16)
    first, both = (sampled(lambda members: value[members @ (1 << np.arange(4))], 4, orders, 6) for orders in (2, 4))
    second = 2 * both.value - first.value
    assert np.isinf(first.error).all()
    assert both.error == pytest.approx(np.abs(first.value - second) / 2)


def test_intervals_hold_the_value_as_often_as_they_say():
    rng = np.random.default_rng(5)
    game = rng.random(64)

    def value(members):
        return game[members @ (1 << np.arange(6))]

    known, hits = exact(game), []
    for seed in range(150):
        found = sampled(value, 6, 40, seed)
        hits.append(np.abs(found.value - known) <= half_width(found.error, 20))
    assert 0.93 <= np.mean(hits) <= 0.97


def test_pairs_of_orders_are_no_worse_where_players_stand_in_for_each_other():
    def value(members):
        return np.minimum(members @ np.arange(1.0, 9.0), 10.0)

    pairs = sampled(value, 8, 4_000, seed=1)
    rng, single = np.random.default_rng(1), []
    for _ in range(1_000):
        order = rng.permutation(8)
        inside = np.tri(9, 8, -1, dtype=bool)[:, np.argsort(order)]
        single.append(np.diff(value(inside))[np.argsort(order)])
    each = np.std(single, axis=0, ddof=1) / math.sqrt(4_000)
    assert (pairs.error <= 1.05 * each).all()


@pytest.mark.parametrize(("free", "known"), [(5, 2.5706), (11, 2.2010), (63, 1.9983)])
def test_quantiles_of_student(free, known):
    assert half_width(np.ones(1), free + 1)[0] == pytest.approx(known, rel=2e-3)


# Sampling a system.
@pytest.fixture(scope="module")
def sixteen():
    """Sixteen lines of 1 to 4 for 20: too many for all coalitions."""
    return parallel(20, *([1, 2, 3, 4] * 4))


def test_orders_of_a_system(sixteen):
    found = ro.shapley(sixteen, "leg", draws=60, seed=2)
    assert (found.exact, found.draws) == (False, 60)
    assert found.table["shapley"].sum() == near(20)
    assert 0 < found.standard_error < 0.2
    table = found.table
    known = exact(np.minimum(every_set(16) @ np.array([1, 2, 3, 4] * 4), 20.0))  # v(S) = min(20, its capacities)
    for place, name in enumerate(found.players):
        width = max(table.loc[name, "high"] - table.loc[name, "low"], 1e-9)
        assert abs(table.loc[name, "shapley"] - known[place]) < 1.2 * width
    assert ((table["low"] <= table["shapley"]) & (table["shapley"] <= table["high"])).all()
    assert "estimated from 60 random orders (seed 2)" in str(found)
    assert "does not predict bargaining outcomes" in str(found)


def test_the_stop_rule_and_odd_draws(sixteen):
    found = ro.shapley(sixteen, "leg", draws=301, tolerance=0.5)
    assert found.draws == 128
    assert found.standard_error <= 0.5
    assert ro.shapley(sixteen, "leg", draws=13).draws == 14


def test_a_few_players_with_many_draws_are_exact():
    assert ro.shapley(parallel(10, 7, 7, 7), "leg", draws=12).exact


def test_workers_change_nothing(sixteen):
    here = ro.shapley(sixteen, "leg", draws=40, seed=4)
    with futures.ThreadPoolExecutor(3) as pool:
        there = ro.shapley(sixteen, "leg", draws=40, seed=4, executor=pool)
    assert here.table.equals(there.table)
    assert not here.table.equals(ro.shapley(sixteen, "leg", draws=40, seed=5).table)


@pytest.mark.slow
def test_fifteen_legs_exactly_and_by_orders():
    system = parallel(20, *([1, 2, 3, 4] * 4)[:15])
    known = ro.shapley(system, "leg")
    found = ro.shapley(system, "leg", draws=1_000, seed=1)
    assert (known.exact, found.exact) == (True, False)
    value = known.table["shapley"].reindex(found.table.index)
    inside = (found.table["low"] <= value) & (value <= found.table["high"])
    assert inside.mean() >= 0.8


def test_a_player_that_never_matters_is_told():
    names = [country(place).lower() for place in range(16)]
    legs = {name: ("field", "market", {"capacity": "1 Mt/y"}) for name in names}
    found = ro.shapley(network(legs | {"idle": ("field", "market", {"capacity": "0 Mt/y"})}, {"field": "9 Mt/y"}),
                       "leg", draws=20)  # fmt: skip
    assert found.null_players == ("idle",)
    assert "moved nothing in any order: idle" in found.summary()


# Kazakhstan.
@pytest.mark.parametrize("over", ["route", "country", "field"])
def test_kazakhstan(kz, over):
    found = ro.shapley(kz, over)
    assert found.exact
    assert found.table["shapley"].sum() == near(found.total)
    assert found.value_all == near(ro.allocate(kz).exported)
    assert found.headline in found.summary()
    assert "nan" not in found.summary()


# Bad input.
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"measure": "volum"}, "did you mean 'volume'"),
        ({"draws": 0}, "12 or more"),
        ({"draws": True}, "12 or more"),
        ({"seed": -1}, "seed: -1 is no whole number"),
        ({"tolerance": 0}, "standard error above zero"),
        ({"tolerance": "1"}, "standard error above zero"),
    ],
)
def test_bad_arguments(more, said):
    with pytest.raises(ro.InputError, match=said):
        ro.shapley(parallel(10, 7), "leg", **more)


@pytest.mark.parametrize("over", ["rute", "country", [{"leg": "bb"}], 7])
def test_bad_players(over):
    with pytest.raises(ro.ScenarioError):
        ro.shapley(parallel(10, 7), over)
