"""defend against independent answers: enumeration by hand, networkx, the r-interdiction median, and both methods."""

from __future__ import annotations

import itertools

import networkx
import numpy as np
import pytest

import routeopt as ro
from helpers.defences import drawn_options
from helpers.small import near, network
from routeopt.decide.defence import effects
from routeopt.testing import random_system


def by_allocations(system, options, k, most):
    """By choice, of all attacks on single legs, what refineries then lack and what is lost by `allocate`; legs by name
    only."""
    base, best = ro.allocate(system), {}
    for chosen in (c for size in range(most + 1) for c in itertools.combinations(sorted(options), size)):
        changes = {"build": {}, "reopen": [], "override": {}}
        left, keys = {}, []
        for name in chosen:
            option = options[name]
            changes["build"] |= option.get("build", {})
            changes["reopen"] += option.get("reopen", [])
            changes["override"] |= option.get("override", {})
            keys += [*option.get("build", {}), *option.get("override", {})]
            raw = option.get("protect", {})
            for leg, share in ({raw: "100 %"} if isinstance(raw, str) else raw).items():
                left[leg] = max(float(share.split()[0]) / 100, left.get(leg, 0.0))
        if len(set(keys)) < len(keys):
            continue
        legs = [leg for leg in system.legs if left.get(leg, 0.0) < 1.0]
        worst = []
        for attack in (a for size in range(k + 1) for a in itertools.combinations(legs, size)):
            closures = [{"leg": leg, "availability": left.get(leg, 0.0)} for leg in attack]
            plan = ro.allocate(system, {**changes, "closures": closures})
            worst.append((round(plan.shortage - base.shortage, 6), base.exported - plan.exported))
        best[chosen] = worst
    return best


@pytest.mark.parametrize("seed", [0, 3, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(10, 30))])
def test_equal_to_allocations_one_by_one(seed):
    system = random_system(seed, nodes=6, legs=7)
    drawn = drawn_options(system, seed, protect=1)
    options = dict(sorted(drawn.items())[:5])
    expected = by_allocations(system, options, 1, 2)
    found = ro.defend(system, 1, options, max_options=2)
    table = found.table.set_index("defence")
    assert set(table.index) == expected.keys()
    for chosen, attacks in expected.items():
        shortage, lost = max(attacks)
        assert table.loc[[chosen], ["shortage", "lost"]].iloc[0].tolist() == near([shortage, lost])
    assert (found.shortage, found.lost) == near(min(max(attacks) for attacks in expected.values()))
    exports = {chosen: max(lost for _, lost in attacks) for chosen, attacks in expected.items()}
    found = ro.defend(system, 1, options, max_options=2, measure="exports")
    assert dict(zip(found.table["defence"], found.table["lost"], strict=True)) == near(exports)
    assert ro.defend(system, 1, options, max_options=2, measure="exports", method="ccg").lost == near(
        min(exports.values())
    )


def agree(system, options, k, over, most):
    """Both methods: same losses, costs and ties against every number of decisions."""
    tried = ro.defend(system, k, options, over=over, max_options=most, measure="exports", method="enumeration")
    made = ro.defend(system, k, options, over=over, max_options=most, measure="exports", method="ccg")
    size = max(1.0, tried.target)
    for one, other in zip(tried._levels, made._levels, strict=True):
        assert set(one.ties) == set(other.ties)
        assert one.chosen == other.chosen
        assert other.complete
    assert made.by_k["lost"].tolist() == pytest.approx(tried.by_k["lost"].tolist(), abs=1e-6 * size)
    assert (made.by_k["gap"] <= 1e-6 * size).all()
    assert made.counts.choices <= tried.counts.choices


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(6, 200))])
def test_columns_equal_enumeration(seed):
    # Losses, barrels and tonnes, blending, reserved capacity, groups, refineries, components, partial protection.
    system = random_system(seed, nodes=8, legs=12)
    options = drawn_options(system, seed)
    agree(system, options, 2, "leg", 2)
    builds = {name: option for name, option in options.items() if "protect" not in option}
    country = next(name for leg in system.legs.values() for name in leg.countries if name != system.exporter)
    agree(system, {**builds, "country": {"protect": country}}, 1, "country", 3)


def test_a_bound_that_is_too_small_is_noticed(monkeypatch):
    # A leg without a capacity gets one in the program of options; a tenth of it would hide what protection is worth.
    system = network({"out": ("field", "market")}, {"field": "10 kt/d"}, units={"flow": "kt/d"})
    options = {"walls": {"protect": "out"}}
    assert ro.defend(system, 1, options, max_options=1, method="ccg").lost == near(0)
    cap = effects._cap
    monkeypatch.setattr(effects, "_cap", lambda *of: 0.1 * cap(*of))
    with pytest.raises(ro.CertificateError, match="loses only"):
        ro.defend(system, 1, options, max_options=1, method="ccg")


def grid(seed, side=3):
    """Legs of a square grid with capacities drawn at random; the field feeds one side, the market takes the other."""
    rng = np.random.default_rng(seed)
    legs = {}
    for i, j in itertools.product(range(side), repeat=2):
        for di, dj in ((0, 1), (1, 0), (-1, 0)):
            if 0 <= i + di < side and j + dj < side:
                name = f"{i}{j}-{i + di}{j + dj}"
                legs[name] = (f"n{i}{j}", f"n{i + di}{j + dj}", {"capacity": f"{rng.integers(2, 12)} kt/d"})
    for i in range(side):
        legs[f"in-{i}"] = ("field", f"n{i}0", {"capacity": "30 kt/d"})
        legs[f"out-{i}"] = (f"n{i}{side - 1}", "market", {"capacity": "30 kt/d"})
    return legs


@pytest.mark.parametrize("seed", range(2))
def test_hardened_grid_against_networkx(seed):
    # Defender, attacker, defender on a maximum flow (Brown, Carlyle, Salmeron and Wood 2006), with cuts by networkx.
    legs, k, most = grid(seed), 2, 2
    system = network(legs, {"field": "90 kt/d"}, units={"flow": "kt/d"})
    inner = [name for name in legs if "-" in name and not name.startswith(("in", "out"))]
    graph = networkx.DiGraph()
    for start, end, more in legs.values():
        graph.add_edge(start, end, capacity=float(more["capacity"].split()[0]))

    def flow(closed):
        left = graph.copy()
        left.remove_edges_from((legs[name][0], legs[name][1]) for name in closed)
        return networkx.maximum_flow_value(left, "field", "market")

    values = {a: flow(a) for size in range(k + 1) for a in itertools.combinations(inner, size)}
    choices = [c for size in range(most + 1) for c in itertools.combinations(inner, size)]
    worst = {c: min(value for attack, value in values.items() if not set(attack) & set(c)) for c in choices}
    over = [{"leg": name} for name in inner]
    options = {name: {"protect": f"leg {name}"} for name in inner}
    for method in ("enumeration", "ccg"):
        found = ro.defend(system, k, options, over=over, max_options=most, method=method)
        assert found.lost == near(values[()] - max(worst.values()))
        assert worst[found.chosen] == max(worst.values())
    best = {c for c, value in worst.items() if value == max(worst.values())}
    cheapest = {c for c in best if len(c) == min(map(len, best))}
    assert {found.chosen, *found.ties} == cheapest


@pytest.mark.parametrize("seed", range(2))
def test_r_interdiction_median_with_fortification(seed):
    # Church and Scaparra (2007): q of p facilities are fortified, then r others are lost; every customer goes to the
    # nearest that is left. Distances are tariffs, and what is lost is netback.
    rng = np.random.default_rng(seed)
    p, customers, q, r = 5, 7, 2, 2
    where, home = rng.uniform(0, 100, (p, 2)), rng.uniform(0, 100, (customers, 2))
    weight = rng.integers(1, 9, customers)
    distance = np.linalg.norm(where[:, None] - home[None], axis=2)

    def cost(lost):
        return float(weight @ np.delete(distance, list(lost), axis=0).min(axis=0))

    def after(fortified):
        rest = [j for j in range(p) if j not in fortified]
        return max(cost(lost) for lost in itertools.combinations(rest, r))

    best = min(after(fortified) for fortified in itertools.combinations(range(p), q))
    legs = {f"in-{j}": ("field", f"site-{j}") for j in range(p)}
    legs |= {f"{j}-{i}": (f"site-{j}", f"town-{i}", {"tariff": f"{float(distance[j, i])!r} USD/t"})
             for j in range(p) for i in range(customers)}  # fmt: skip
    towns = {f"town-{i}": {"demand": f"{weight[i]} kt/d"} for i in range(customers)}
    system = network(legs, {"field": f"{weight.sum()} kt/d"}, markets=towns, units={"flow": "kt/d"}, price="500 USD/t")
    sites = [f"site-{j}" for j in range(p)]
    found = ro.defend(system, r, [{"protect": f"node {site}"} for site in sites], max_options=q, measure="netback",
                      over=[{"node": site} for site in sites])  # fmt: skip
    assert found.lost == near(1000.0 * (best - cost(())), 1e-5)
    fortified = [int(name[-1]) for name in found.chosen]
    assert after(fortified) == near(best)
