"""How full an option is and what is only re-routed: each barrel once, by hand and by counting paths."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

import routeopt as ro
from helpers.small import near

BUILD = {"sizes": ["10 kt/d"], "capex": ["36.5e6 USD"], "lifetime": "10 y"}


def option(start, end, **more):
    return {"from": start, "to": end, "status": "hypothetical", "build": BUILD, **more}


def system(output, legs):
    kinds = {"f": {"kind": "field", "output": f"{output} kt/d"}, "h": {"kind": "hub"}, "m": {"kind": "market"}}
    made = ro.ExportSystem.from_dict({
        "units": {"flow": "kt/d"}, "price": "100 USD/t", "nodes": kinds, "legs": legs,
    })  # fmt: skip
    return made.with_scenarios({"shut": ro.Scenario.model_validate({"closures": [{"leg": "old"}]})})


def moved(plan):
    """Re-routed in the base and with the old leg shut; the same in all rows of a state."""
    found = plan.utilisation()["rerouted"].unstack("outcome")
    assert (found.nunique() == 1).all()
    return found.iloc[0][["base", "shut"]].tolist()


def test_options_in_series_count_a_barrel_once():
    # 20 kt/d, 10 leave by the old leg. Two options one behind the other bring 10 more: all new.
    legs = {"old": {"from": "f", "to": "m", "capacity": "10 kt/d"}, "a": option("f", "h"), "z": option("h", "m")}
    plan = ro.expand(system(20, legs), ["a", "z"], {"shut": 0.1})
    assert plan.utilisation()["flow"].tolist() == near([10.0] * 4)
    assert plan.utilisation()["incremental_exports"].tolist() == near([10.0] * 4)
    assert moved(plan) == [0.0, 0.0]


def test_capacity_that_is_added_moves_only_what_exceeds_the_old_flow():
    # 5 more on a leg that carried its 10 before: nothing left by another way.
    legs = {"old": {"from": "f", "to": "m", "capacity": "10 kt/d",
                    "build": {"sizes": ["5 kt/d"], "capex": ["1e6 USD"], "lifetime": "10 y"}}}  # fmt: skip
    plan = ro.expand(system(15, legs), ["old"], {"shut": 0.1})
    assert plan.utilisation().loc[("old", "base"), ["flow", "incremental_exports", "rerouted"]].tolist() == near(
        [15.0, 5.0, 0.0]
    )
    row = plan.required_tariffs().loc["old"]
    # A toll on all 15 of the leg.
    assert row["size"] == near(15.0)
    assert row["full_utilisation"] == near(1e6 / 10 / 365 / 15e3)


def test_options_side_by_side_and_what_they_take_from_the_old_leg():
    # 15 kt/d over a dear old leg of 10. Two free options of 10: 5 gained, 10 re-routed, whatever each of them carries.
    legs = {"old": {"from": "f", "to": "m", "capacity": "10 kt/d", "tariff": "5 USD/t"},
            "a": option("f", "m"), "b": option("f", "m")}  # fmt: skip
    plan = ro.expand(system(15, legs), ["a", "b"], {"shut": 0.9})
    assert set(plan.build) == {"a", "b"}
    assert plan.utilisation()["flow"].unstack("outcome").sum().tolist() == near([15.0, 15.0])
    assert moved(plan) == near([10.0, 0.0])


def test_an_option_that_nothing_reaches_has_its_size_and_an_endless_toll():
    legs = {"old": {"from": "f", "to": "m", "capacity": "10 kt/d"}, "a": option("h", "m"), "b": option("f", "m")}
    plan = ro.expand(system(15, legs), ["a", "b"], {"shut": 0.1})
    wanted = next(choice for choice in plan._solution.ledger.choices if set(choice) == {"a", "b"})
    used = plan.utilisation(wanted).loc["a"]
    assert used["capacity"].tolist() == near([10.0, 10.0])
    assert used["utilisation"].tolist() == [0.0, 0.0]
    row = plan.required_tariffs(wanted).loc["a"]
    # 36.5e6 / 10 years / 365 days over 10 kt/d; nothing flows, so no toll on flows recovers anything.
    assert (row["size"], row["full_utilisation"]) == (near(10.0), near(1.0))
    assert (row["expected_case"], row["base_case"]) == (np.inf, np.inf)


def paths(legs, start, end, crossed=()):
    """Simple paths of a small network, as legs."""
    found = []
    for name, (tail, head) in legs.items():
        if tail == start and name not in crossed and head not in {legs[one][0] for one in crossed}:
            way = (*crossed, name)
            found += [way] if head == end else paths(legs, head, end, way)
    return found


def fewest_through(legs, flow, before, options):
    """The fewest barrels that must cross an option, by paths: one variable each with nothing new on it."""
    ways = paths(legs, "f", "m")
    names = list(legs)
    free = [min(flow[name], before[name]) if name in options else flow[name] for name in names]
    crosses = np.array([[name in way for way in ways] for name in names], float)
    most = -linprog(-np.ones(len(ways)), A_ub=crosses, b_ub=np.array(free) + 1e-9).fun
    return sum(flow[name] for name, (_, head) in legs.items() if head == "m") - most


def compared(seed):
    """Re-routed barrels of a random network in two states against paths: what was expected in each."""
    rng = np.random.default_rng(seed)
    nodes = ["f", "a", "b", "c", "m"]
    legs, ends = {}, {}
    for i, tail in enumerate(nodes):
        for head in nodes[i + 1 :]:
            for copy in range(1 + (rng.random() < 0.3)):
                if rng.random() < 0.75 or (tail, head) == ("f", "m"):
                    name = f"{tail}{head}{copy}"
                    ends[name] = (tail, head)
                    legs[name] = {"from": tail, "to": head, "capacity": f"{rng.integers(1, 12)} kt/d",
                                  "tariff": f"{rng.uniform(1, 20):.3f} USD/t"}  # fmt: skip
    chosen = [str(name) for name in rng.choice(list(ends), 3, replace=False)]
    for name in chosen:
        legs[name]["build"] = {"sizes": [f"{rng.integers(1, 9)} kt/d"], "capex": ["1 USD"], "lifetime": "10 y"}
        if rng.random() < 0.6:
            legs[name] |= {"status": "hypothetical"}
            del legs[name]["capacity"]
    shut = str(rng.choice([name for name in ends if name not in chosen]))
    made = ro.ExportSystem.from_dict({
        "units": {"flow": "kt/d"}, "price": "500 USD/t",
        "nodes": {"f": {"kind": "field", "output": "25 kt/d"}, "m": {"kind": "market"},
                  **{name: {"kind": "hub"} for name in "abc"}}, "legs": legs,
    }).with_scenarios({"shut": ro.Scenario.model_validate({"closures": [{"leg": shut}]})})  # fmt: skip
    plan = ro.expand(made, chosen, {"shut": 0.3})
    table, expectations = plan.utilisation(), []
    build = plan._solution.ledger.choices[plan._solution.place(None)]
    for state, close in (("base", []), ("shut", [shut])):
        old, new = ro.allocate(made, close=close), ro.allocate(made, {"build": build}, close=close)
        flows = new.legs["flow"]
        # Tolls of a dollar move nothing here.
        assert table.xs(state, level="outcome")["flow"].to_dict() == near({name: float(flows[name]) for name in build})
        flow = {name: float(flows[name]) for name in ends}
        before = {name: float(old.legs["flow"][name]) for name in ends}
        through = fewest_through(ends, flow, before, set(build))
        expected = max(0.0, through - max(0.0, new.exported - old.exported))
        found = table.xs(state, level="outcome")["rerouted"].tolist()
        assert found == pytest.approx([expected] * len(build), abs=1e-6)
        expectations.append(expected)
    return expectations


def test_random_networks_against_paths():
    found = np.array([compared(seed) for seed in range(25)])
    assert (found > 1e-6).sum() >= 10
    assert (found <= 1e-6).sum() >= 10
