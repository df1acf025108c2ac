"""The worst case against enumeration, against cuts, and with bounds that are too small."""

import dataclasses
import itertools

import networkx as nx
import numpy as np
import pytest

import routeopt as ro
from helpers.small import near, network
from routeopt.decide.interdiction import worst_case as verb
from routeopt.decide.interdiction.choices import choices_of
from routeopt.decide.interdiction.dual_bounds import prices_of
from routeopt.decide.interdiction.milp import Milp
from routeopt.decide.interdiction.search import search
from routeopt.errors import CertificateError
from routeopt.model import objectives_of
from routeopt.scenario.case import situate
from routeopt.scenario.resolve import resolve
from routeopt.solve.batch import Batch
from routeopt.testing import random_scenario, random_system


class Study:
    """A system, what can be closed, and everything that the program is made of."""

    def __init__(self, system, over, k, economic=False, scenario=None):
        calm = resolve(system, scenario)
        situation = situate(system, calm)
        self.choices = choices_of(system, calm, situation, k, over, None, None, ())
        self.batch = Batch(system, situation, self.choices.closures, economic=economic)
        self.plan = self.batch.plan
        self.objectives = objectives_of(self.plan.program, situation)
        self.prices = prices_of(self.plan.program, self.objectives)

    def milp(self, prices=None):
        plan = self.plan
        made = Milp(plan.program, plan.bounds, self.objectives, plan.closing, self.choices, prices or self.prices)
        return made.solve()

    def all_sets(self):
        most = int(self.choices.budget)
        sets = [one for size in range(most + 1) for one in itertools.combinations(range(len(self.choices)), size)]
        return sets, self.batch.solve(sets, engine="warm")


def closures_of(system, seed, many):
    """Closures of all kinds: partial ones, components, groups, embargoes, countries."""
    found = (random_scenario(system, 1000 * seed + i, closures=1).closures for i in range(40))
    return list({str(one): one for several in found for one in several}.values())[:many]


def assert_programme_is_enumeration(seed, nodes, legs, k, many=9, scenario=False):
    system = random_system(seed, nodes=nodes, legs=legs)
    besides = random_scenario(system, seed) if scenario else None
    study = Study(system, closures_of(system, seed, many), k, scenario=besides)
    attack = study.milp()
    _, found = study.all_sets()
    tolerance = 1e-6 * max(study.plan.bounds.unit, float(found.exported[0]))
    least = float(found.exported.min())
    assert attack.finished
    assert attack.value == pytest.approx(least, abs=tolerance)
    assert attack.least == pytest.approx(least, abs=tolerance)
    certified = study.batch.solve([attack.options], engine="warm").exported[0]
    assert certified == pytest.approx(least, abs=tolerance)
    return study, least < found.exported[0] - tolerance


def test_programme_is_enumeration_on_random_systems():
    hurt = proven = partial = 0
    for seed in range(60):
        study, worse = assert_programme_is_enumeration(seed, 8, 12, 2)
        hurt += worse
        proven += study.prices.proven
        partial += any(0 < closure.left < 1 for option in study.choices.closures for closure in option)
    assert hurt > 50
    assert partial > 50
    assert 10 < proven < 50  # both kinds of weights


def test_programme_is_enumeration_where_a_scenario_holds_besides():
    """Closures in force, legs reopened and built."""
    assert sum(assert_programme_is_enumeration(seed, 8, 13, 2, scenario=True)[1] for seed in range(300, 310)) > 5


def starving(seed, nodes, legs):
    """A random system with a few refineries that are fed over lines of their own and shared groups."""
    rng = np.random.default_rng(seed)
    system = random_system(seed, nodes=nodes, legs=legs)
    data, unit = system.to_dict(), system.units.flow
    hubs = [name for name, node in data["nodes"].items() if node["kind"] in ("hub", "terminal")]
    for i in range(4):
        data["nodes"][f"refinery-{i}"] = {"kind": "refinery", "demand": f"{rng.uniform(1, 9):.2f} {unit}"}
        for j, hub in enumerate(rng.choice(hubs, 2)):
            data["legs"][f"feeds-{i}-{j}"] = {"from": str(hub), "to": f"refinery-{i}"}
    shared = {f"feeds-{i}-0": float(rng.choice([0.05, 0.5, 1.0, 20.0])) for i in range(4)}
    data.setdefault("groups", {})["home"] = {"legs": shared, "capacity": f"{rng.uniform(2, 12):.2f} {unit}"}
    return ro.ExportSystem.from_dict(data)


def in_order(study):
    """What the worst of all sets leaves: shortage first, then exports; and what decides between equals."""
    _, found = study.all_sets()
    noise = 1e-6 * max(study.plan.bounds.unit, float(found.exported[0]))
    most = float(found.shortage.max())
    return most, float(found.exported[found.shortage >= most - noise].min()), noise


def assert_refineries_first(seed):
    """The verb against all sets, in every mode; whether refineries mattered, and whether a weight is not proven."""
    system = starving(seed, 8, 12)
    over = closures_of(system, seed, 8)
    study = Study(system, over, 2)
    shortage, exported, noise = in_order(study)
    scale = 1 / ro.units.parse_unit(system.units.flow).factor
    for check in ("auto", True, False):
        try:
            worst = ro.worst_case(system, 2, over, enumerate=check)
        except CertificateError:  # a weight that is not proven may be too small: then it is said
            if check or study.prices.proven:
                raise
            continue
        calm = float(study.all_sets()[1].shortage[0])
        assert worst.shortage == pytest.approx((shortage - calm) * scale, abs=20 * noise * scale)
        if worst.proven or study.prices.proven:
            assert worst.exported - worst.lost == pytest.approx(exported * scale, abs=20 * noise * scale)
        assert worst.allocation.shortage - calm * scale == pytest.approx(worst.shortage, abs=20 * noise * scale)
        assert (worst.curve["shortage"].diff().dropna() >= -noise * scale).all()
    return shortage > calm + noise, not study.prices.proven


def test_refineries_first_on_random_systems():
    found = np.array([assert_refineries_first(seed) for seed in range(24)])
    assert (found.sum(axis=0) >= 8).all()


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_refineries_first_on_more_random_systems(block):
    for seed in range(100 + 20 * block, 120 + 20 * block):
        assert_refineries_first(seed)


def test_a_system_on_which_the_weighted_objectives_defeat_the_solver():
    study, worse = assert_programme_is_enumeration(95, 8, 14, 2)
    assert worse
    assert study.all_sets()[1].counts.cold > 0


@pytest.mark.slow
@pytest.mark.parametrize("block", range(14))
def test_programme_is_enumeration_on_more_random_systems(block):
    for seed in range(60 + 10 * block, 70 + 10 * block):
        assert_programme_is_enumeration(seed, 8, 12, 2)
        assert_programme_is_enumeration(seed, 12, 28, 3, 8)


@pytest.mark.parametrize("economic", [False, True])
def test_search_leaves_nothing_out(economic):
    for seed in range(8):
        system = random_system(seed)
        study = Study(system, closures_of(system, seed, 9), 3, economic)
        sets, found = study.all_sets()
        tree = search(study.batch, study.choices)
        assert tree.complete
        assert len(tree.sets) < len(sets)
        known = dict(zip(tree.sets, tree.values, strict=True))
        assert len(known) == len(tree.sets)
        size = max(1.0, np.abs(found.money).max())
        for one, exported, money in zip(sets, found.exported, found.money, strict=True):
            # Solved itself, or settled by a part of it that was.
            parts = [p for n in range(len(one) + 1) for p in itertools.combinations(one, n) if p in known]
            assert any(
                known[p][0] == pytest.approx(exported, abs=1e-6)
                and known[p][2] == pytest.approx(money, abs=1e-6 * size)
                for p in parts
            )


def test_search_gives_up_where_it_was_told():
    study = Study(random_system(1), "leg", 3)
    assert not search(study.batch, study.choices, 50).complete


@pytest.mark.parametrize("seed", range(14))
def test_maximum_flow_interdiction_by_cuts(seed):
    """Without losses: the least over all cuts of their capacity less their k largest arcs (Wood 1993)."""
    rng = np.random.default_rng(seed)
    nodes = ["f", "a", "b", "c", "d", "market"]
    arcs = {}
    for start, end in itertools.permutations(nodes, 2):
        if end != "f" and start != "market" and rng.random() < 0.55:
            arcs[f"{start}-{end}"] = (start, end, {"capacity": f"{rng.integers(1, 20)} Mt/y"})
    arcs.setdefault("f-a", ("f", "a", {"capacity": "9 Mt/y"}))
    arcs.setdefault("d-market", ("d", "market", {"capacity": "9 Mt/y"}))
    arcs.setdefault("a-d", ("a", "d", {"capacity": "9 Mt/y"}))
    system = network(arcs, {"f": "1000 Mt/y"})
    cuts = []
    for inside in itertools.product((False, True), repeat=4):
        side = {"f", *itertools.compress(nodes[1:5], inside)}
        cuts.append(sorted((float(more["capacity"].split()[0]) for a, b, more in arcs.values()
                            if a in side and b not in side), reverse=True))  # fmt: skip
    for k in (1, 2, 3):
        left = min(sum(cut[k:]) for cut in cuts)
        worst = ro.worst_case(system, k, enumerate=False)
        assert worst.exported - worst.lost == pytest.approx(left, abs=1e-6)
        assert worst.proven
        assert worst.gap == 0
        assert worst.allocation.exported == pytest.approx(left, abs=1e-6)


def test_a_published_network():
    """The network of Christofides that GLPK ships as an example: 29 flow. What k closures leave, by networkx."""
    arcs = {(1, 2): 14, (1, 4): 23, (2, 3): 10, (2, 4): 9, (3, 5): 12, (3, 8): 18, (4, 5): 26, (5, 2): 11, (5, 6): 25,
            (5, 7): 4, (6, 7): 7, (6, 8): 8, (7, 9): 15, (8, 9): 20}  # fmt: skip
    names = {1: "f", 9: "market"}
    system = network(
        {f"{i}-{j}": (names.get(i, f"n{i}"), names.get(j, f"n{j}"), {"capacity": f"{size} Mt/y"})
         for (i, j), size in arcs.items()}, {"f": "1000 Mt/y"},
    )  # fmt: skip
    graph = nx.DiGraph([(i, j, {"capacity": size}) for (i, j), size in arcs.items()])

    def left(taken):
        rest = graph.copy()
        rest.remove_edges_from(taken)
        return nx.maximum_flow_value(rest, 1, 9)

    for k in (1, 2):
        worst = ro.worst_case(system, k)
        assert worst.exported == near(29.0)
        by_set = {taken: left(taken) for taken in itertools.combinations(arcs, k)}
        assert worst.exported - worst.lost == near(min(by_set.values()))
        best = [taken for taken, flow in by_set.items() if flow == min(by_set.values())]
        assert sorted(map(sorted, worst.ties)) == sorted(sorted(f"{i}-{j}" for i, j in taken) for taken in best)


def test_grid_loses_one_for_each_arc():
    """A grid of five rows of unit capacity: every cut has five arcs or more, so k closures leave 5 - k."""
    rows, columns, arcs = 5, 4, {}
    for r, c in itertools.product(range(rows), range(columns - 1)):
        arcs[f"h{r}{c}"] = (f"n{r}{c}", f"n{r}{c + 1}", {"capacity": "1 Mt/y"})
    for r, c in itertools.product(range(rows - 1), range(columns)):
        arcs[f"d{r}{c}"] = (f"n{r}{c}", f"n{r + 1}{c}", {"capacity": "1 Mt/y"})
        arcs[f"u{r}{c}"] = (f"n{r + 1}{c}", f"n{r}{c}", {"capacity": "1 Mt/y"})
    for r in range(rows):
        arcs[f"in{r}"] = ("f", f"n{r}0", {"capacity": "1 Mt/y"})
        arcs[f"out{r}"] = (f"n{r}{columns - 1}", "market", {"capacity": "1 Mt/y"})
    system = network(arcs, {"f": "100 Mt/y"})
    worst = ro.worst_case(system, 2, enumerate=False)
    assert worst.curve["lost"].tolist() == near([1.0, 2.0])
    assert not worst.ties_complete  # there are far more than are looked for


@pytest.mark.parametrize("seed", range(6))
def test_shortest_path_interdiction(seed):
    """Israeli and Wood: which arcs, taken away, make the shortest path longest? Here as netback that is lost."""
    rng = np.random.default_rng(100 + seed)
    arcs = {"dear": ("f", "market", {"capacity": "9 Mt/y", "tariff": "99 USD/t"})}
    graph = nx.MultiDiGraph()
    graph.add_edge("f", "market", key="dear", length=99)
    for start, end in itertools.permutations(["f", "a", "b", "c", "market"], 2):
        if end != "f" and start != "market" and (rng.random() < 0.6 or (start, end) == ("f", "a")):
            length = int(rng.integers(1, 30))
            arcs[f"{start}-{end}"] = (start, end, {"capacity": "9 Mt/y", "tariff": f"{length} USD/t"})
            graph.add_edge(start, end, key=f"{start}-{end}", length=length)
    system = network(arcs, {"f": "1 Mt/y"})
    closed = [one for one in graph.edges(keys=True) if one[2] != "dear"]

    def shortest(taken):
        left = graph.copy()
        left.remove_edges_from(taken)
        return nx.shortest_path_length(left, "f", "market", weight="length")

    base = shortest(())
    for k in (1, 2):
        expected = (
            max(shortest(taken) for size in range(k + 1) for taken in itertools.combinations(closed, size)) - base
        )
        worst = ro.worst_case(system, k, measure="netback", protect=["dear"])
        assert worst.lost == near(1e6 * expected)
        assert worst.unit == "USD/y"
        assert worst.allocation.exported == near(1.0)


# Bounds that are too small.


@pytest.fixture
def trap():
    """Leg ``one`` carries 10. Country BB closes two legs in a row that carry 9.5, and can split the price on both."""
    return network(
        {"one": ("f", "market", {"capacity": "10 Mt/y"}),
         "first": ("g", "h", {"capacity": "20 Mt/y", "countries": ["BB"]}),
         "second": ("h", "market", {"capacity": "20 Mt/y", "countries": ["BB"]})},
        {"f": "10 Mt/y", "g": "9.5 Mt/y"},
    )  # fmt: skip


OVER = ({"leg": "one"}, {"country": "BB"})


def tenth_too_small(program, objectives):
    right = prices_of(program, objectives)
    return dataclasses.replace(right, columns=0.9 * right.columns, rows=0.9 * right.rows)


def test_a_bound_a_tenth_too_small_names_the_wrong_attack(trap):
    study = Study(trap, OVER, 1)
    named = study.choices.names
    scale = study.plan.bounds.unit
    naive = study.milp(tenth_too_small(study.plan.program, study.objectives))
    assert [named[o] for o in naive.options] == ["country BB"]
    # It looks right by itself: the certified optimum under its attack agrees with it.
    assert study.batch.solve([naive.options], engine="warm").exported[0] == pytest.approx(naive.value, abs=1e-6 * scale)
    ours = study.milp()
    assert [named[o] for o in ours.options] == ["leg one"]
    assert ours.value < naive.value
    assert ro.worst_case(trap, over=OVER, enumerate=False).attack == ("leg one",)
    assert ro.worst_case(trap, over=OVER, enumerate=False).lost == near(10.0)


def test_enumeration_catches_a_bound_that_is_too_small(trap, monkeypatch):
    monkeypatch.setattr(verb, "prices_of", tenth_too_small)
    assert ro.worst_case(trap, over=OVER, enumerate=False).attack == ("country BB",)  # nobody looked
    with pytest.raises(CertificateError, match="all sets together"):
        ro.worst_case(trap, over=OVER)


def test_solving_the_attack_again_catches_a_bound_that_is_too_small(trap, monkeypatch):
    monkeypatch.setattr(verb, "prices_of", tenth_too_small)
    with pytest.raises(CertificateError, match="certified optimum"):
        ro.worst_case(trap, over=[{"leg": "one"}], enumerate=False)


def test_weight_of_shortage_covers_what_a_refinery_takes_from_exports():
    """A tonne to the refinery takes ten of what the group can handle, so ten for export stay behind."""
    system = network(
        {"home": ("f", "r"), "spare": ("f", "r", {"capacity": "1 Mt/y"}), "out": ("f", "market")}, {"f": "90 Mt/y"},
        refineries={"r": {"demand": "1 Mt/y"}}, groups={"g": {"capacity": "20 Mt/y", "legs": {"home": 10, "out": 1}}},
    )  # fmt: skip
    study = Study(system, [{"leg": "spare"}, {"group": "g", "availability": "60 %"}], 1)
    assert study.prices.proven
    assert study.prices.weight > 11
    worst = ro.worst_case(system, over=[{"leg": "spare"}, {"group": "g", "availability": "60 %"}], enumerate=False)
    assert worst.attack == ("leg spare",)
    assert worst.lost == near(10.0)
    assert worst.proven
    small = dataclasses.replace(study.prices, weight=5.0)
    assert [study.choices.names[o] for o in study.milp(small).options] == ["group g at 60%"]


def test_all_sets_settle_what_a_weight_that_is_not_proven_cannot(monkeypatch):
    """4 for a plant, 6 abroad. A weight of 0.01 sells the plant's crude, so the program takes half of out for the
    worst, 1.5 lost. All sets have the answer, and it is not asked; without them it says what to write."""
    system = network(
        {"up": ("f", "h", {"capacity": "10 Mt/y"}), "home": ("h", "r"), "out": ("h", "market", {"capacity": "9 Mt/y"})},
        {"f": "10 Mt/y"}, refineries={"r": {"demand": "4 Mt/y"}},
    )  # fmt: skip
    over = [{"leg": "up", "availability": "50 %"}, {"leg": "home"}, {"leg": "out", "availability": "50 %"}]

    def light(program, objectives):
        right = prices_of(program, objectives)
        return dataclasses.replace(right, weight=0.01, proven=False)

    monkeypatch.setattr(verb, "prices_of", light)
    for check in ("auto", True):
        worst = ro.worst_case(system, over=over, measure="exports", enumerate=check)
        assert (worst.attack, worst.lost, worst.proven) == (("leg up at 50%",), near(5.0), True)
    worst = ro.worst_case(system, over=over, measure="exports", enumerate=False)
    assert (worst.attack, worst.lost, worst.proven) == (("leg out at 50%",), near(1.5), False)
    assert "enumerate=True settles it" in worst.verification
