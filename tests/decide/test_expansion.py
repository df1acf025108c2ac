"""What to build: against hand calculations, single allocations, and one method against the others."""

import numpy as np
import pytest

import routeopt as ro
from helpers.small import near, network
from routeopt.testing import random_scenario, random_system


def insured(capex="730e6 USD", **more):
    """A line of 10 Mt/y at 100 USD/t, and a second of 5 that costs 73 million USD per year."""
    system = network(
        {
            "line": ("field", "port", {"capacity": "10 Mt/y"}),
            "second": ("field", "port", {
                "status": "hypothetical", "tariff": "20 USD/t",
                "build": {"sizes": "5 Mt/y", "capex": capex, "lifetime": "10 y", **more},
            }),
        },
        {"field": "10 Mt/y"}, markets=["port"], price="100 USD/t",
    )  # fmt: skip
    half = {"leg": "line", "availability": "50 %"}
    return system.with_scenarios(
        {
            "shut": ro.Scenario.model_validate({"closures": [{"leg": "line"}]}),
            "half": ro.Scenario.model_validate({"closures": [half]}),
        }
    )


def several(seed, options=2):
    """A random system with options on legs that stand, and scenarios."""
    system = random_system(seed, nodes=9, legs=16)
    rng = np.random.default_rng(seed)
    unit = "Mt/y" if system.measured_by == "mass" else "kb/d"
    legs = [n for n, leg in system.legs.items() if leg.status == "operating" and np.isfinite(leg.nominal)]
    # Two options that a contract or a group joins change one limit together; those are tested apart.
    bound = {n for contract in system.contracts.values() for n in (*contract.legs, *contract.through)}
    legs = [
        n for n in legs if n not in bound and (system.legs[n].measured_by or system.measured_by) == system.measured_by
    ]
    scale = 1.0 if system.measured_by == "mass" else 20.0
    chosen = [
        {
            "leg": str(leg),
            "sizes": [f"{3 * scale} {unit}", f"{8 * scale} {unit}"],
            "discount_rate": "8 %",
            "lifetime": "20 y",
            "capex": [f"{rng.uniform(0.1, 3):.3f}e9 USD", f"{rng.uniform(0.1, 6):.3f}e9 USD"],
        }
        for leg in rng.permutation(legs)[:options]
    ]
    cases = []
    for place in range(3):
        scenario = random_scenario(system, 100 * seed + place)
        data = {
            "closures": scenario.closures,
            "tariffs": scenario.tariffs,
            "probability": float(rng.uniform(0.05, 0.3)),
        }
        cases.append(ro.Scenario.model_validate({**data, "title": f"case {place}"}))
    return system, chosen, cases


def test_by_hand():
    plan = ro.expand(insured(), "second", {"shut": 0.2, "half": 0.1})
    # Nothing: 0.7 x 10 + 0.1 x 5 Mt at 100. Second: it brings 5 Mt at 80 when the line is shut or halved.
    assert plan.table.loc["nothing", "total"] == near(-750e6)
    assert plan.cost["capital"] == near(73e6)
    assert plan.cost["total"] == near(73e6 - 750e6 - 0.3 * 400e6)
    assert plan.cost["net_benefit"] == near(0.3 * 400e6 - 73e6)
    assert plan.build["second"].inner == near(5 / 365 * 1000)
    assert plan.expected_loss == near(0.2 * 5)
    # Worst 5 %: shut, 5 of 10 lost.
    assert plan.cvar["volume"] == near(5.0)
    assert plan.cvar["money"] == near(73e6 - 400e6)
    # 0.1 x 400 + p x 400 = 73 while the other has 10 %; 0.2 x 400 is more than 73 already.
    assert plan.break_even.loc[("second 5 Mt/y", "shut"), "break_even"] == near(0.0825)
    assert plan.break_even.loc[("second 5 Mt/y", "half"), "break_even"] == 0.0
    # Knowing: build in 30 % of the years: 0.3 x (400 - 73) instead of 0.3 x 400 - 73.
    assert plan.evpi == near(0.7 * 73e6)
    # The mean line has 10 x 0.7 + 0.5 = 7.5 Mt/y: 2.5 Mt at 80 are worth 200 > 73, so it is built as well.
    assert plan.vss == 0.0
    assert "second 5 Mt/y" in plan.summary()


def test_the_mean_state_hides_a_rare_closure():
    plan = ro.expand(insured("5000e6 USD"), "second", {"shut": 0.9})
    # Mean line 1 Mt/y: 5 Mt at 80 = 400 < 500, not built; and truly 0.9 x 400 = 360 < 500, not built either.
    assert plan.build == {}
    assert plan.vss == 0.0
    system = insured("3000e6 USD").override({"legs": {"line": {"capacity": "15 Mt/y"}}})
    system = system.with_scenarios({"shut": ro.Scenario.model_validate({"closures": [{"leg": "line"}]})})
    # Capacity to spare hides a third of the closures: mean line 3 Mt/y ... 5 x 80 = 400 > 300 built; with 1/3: 10, not.
    plan = ro.expand(system, "second", {"shut": 0.9})
    assert plan.cost["net_benefit"] == near(60e6)
    rare = ro.expand(insured("300e6 USD").override({"legs": {"line": {"capacity": "15 Mt/y"}}}).with_scenarios(
        {"shut": ro.Scenario.model_validate({"closures": [{"leg": "line"}]})}), "second", {"shut": 1 / 3})  # fmt: skip
    # Mean line 10 Mt/y: nothing is missing, nothing is built; truly 400 / 3 > 30.
    assert rare.vss == near(400e6 / 3 - 30e6)


def test_annuity_by_hand():
    plan = ro.expand(insured("1e9 USD", discount_rate="10 %", lifetime="25 y"), "second", {"shut": 0.2})
    # r (1+r)^n / ((1+r)^n - 1) = 0.1 x 10.8347 / 9.8347
    assert plan.table["capital"].iloc[1] == pytest.approx(110.168e6, rel=1e-5)


def test_capital_is_paid_once():
    """The charge that allocate adds to the tariff of a built leg is not in the operating cost."""
    system = insured()
    plan = ro.expand(system, "second", {"shut": 0.2})
    charged = ro.allocate(system, "shut", build={"second": "5 Mt/y"})
    assert charged.cost == near(5e6 * (20 + 73 / 5))
    assert plan.outcomes.loc["shut", "operating"] == near(5e6 * 20 - 500e6)
    toll = ro.expand(system, "second", {"shut": 0.2}, annuity_as_toll=True)
    assert toll.cost["total"] == near(plan.cost["total"])


def test_a_toll_keeps_an_option_empty_where_others_are_cheaper():
    system = network(
        {
            "old": ("field", "port", {"capacity": "10 Mt/y", "tariff": "30 USD/t"}),
            "new": ("field", "port", {"status": "hypothetical", "tariff": "20 USD/t",
                                      "build": {"sizes": "10 Mt/y", "capex": "2e9 USD", "lifetime": "10 y"}}),
        },
        {"field": "10 Mt/y"}, markets=["port"], price="100 USD/t",
    )  # fmt: skip
    system = system.with_scenarios({"shut": ro.Scenario.model_validate({"closures": [{"leg": "old"}]})})
    sunk, toll = (ro.expand(system, "new", {"shut": 0.25}, annuity_as_toll=toll) for toll in (False, True))
    # The charge is 200 / 10 = 20 USD/t: 40 against 30.
    assert sunk.utilisation().loc[("new", "base"), "flow"] == near(10)
    assert toll.utilisation().loc[("new", "base"), "flow"] == 0
    assert toll.utilisation().loc[("new", "shut"), ["flow", "incremental_exports", "rerouted"]].tolist() == near(
        [10, 10, 0]
    )
    assert sunk.utilisation().loc[("new", "base"), ["incremental_exports", "rerouted"]].tolist() == near([0, 10])
    tariffs = toll.required_tariffs().loc["new"]
    assert tariffs[["full_utilisation", "expected_case"]].tolist() == near([20, 80])
    assert tariffs["base_case"] == np.inf
    assert tariffs["per_incremental_export"] == near(80)
    # Sunk saves 0.75 x 100 million more: old's tariff is 10 USD/t dearer.
    assert sunk.cost["net_benefit"] - toll.cost["net_benefit"] == near(0.75 * 100e6)


def test_one_sure_scenario_is_deterministic():
    system = insured()
    plan = ro.expand(system, "second", {"shut": 1})
    bare = system.override({"legs": {"second": {"build": {"capex": None}}}})
    expected = [
        -ro.allocate(bare, "shut").netback,
        73e6 - ro.allocate(bare, "shut", build={"second": "5 Mt/y"}).netback,
    ]
    assert plan.table["total"].tolist() == near(expected)
    assert plan.evpi == plan.vss == 0.0


@pytest.mark.parametrize("seed", range(3))
def test_volume_first_is_what_allocate_says(seed):
    system, options, cases = several(seed)
    plan = ro.expand(system, options, cases, value_of_lost_exports=50, value_of_unmet_demand=900)
    unit = 1e6 if system.measured_by == "mass" else 1e3
    base = ro.allocate(system)
    year = 1.0
    for label, row in plan.table.iloc[::3].iterrows():
        built = {} if label == "nothing" else dict(part.split(" ", 1) for part in label.split(", "))
        total = 0.0
        for p, case in zip([1 - sum(c.probability.inner for c in cases), *(c.probability.inner for c in cases)],
                           [None, *cases], strict=True):  # fmt: skip
            bare = system.override({"legs": {leg: {"build": None} for leg in built if system.legs[leg].build}})
            hit = ro.allocate(bare, case, build=built)
            lost = base.exported - hit.exported
            total += p * (-hit.netback + unit * year * (50 * lost + 900 * hit.shortage))
        assert row["operating"] == pytest.approx(total, rel=1e-6)


@pytest.mark.parametrize("risk", [None, ro.CVaR(0.8, weight=0.5)])
@pytest.mark.parametrize("seed", [*range(4, 9), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(9, 60))])
def test_three_methods_agree(seed, risk):
    system, options, cases = several(seed)
    asked = {"economic": True, "value_of_lost_exports": 20.0, "risk": risk}
    methods = ("enumeration", "extensive", "l-shaped")
    plans = {method: ro.expand(system, options, cases, method=method, **asked) for method in methods}
    exact = plans["enumeration"]
    for plan in plans.values():
        assert plan.cost["objective"] == pytest.approx(exact.cost["objective"], rel=1e-7)
        assert plan.build == exact.build or exact.ties
        assert plan.evpi == pytest.approx(exact.evpi, abs=1e-6 * abs(exact.cost["objective"]))
        assert plan.vss == pytest.approx(exact.vss, abs=1e-6 * abs(exact.cost["objective"]), nan_ok=True)
        assert plan.evpi >= 0
        assert not plan.vss < 0
    frontiers = [plan.frontier for plan in plans.values()]
    size = abs(exact.cost["total"])
    for found in frontiers:
        assert (np.diff(found["total"]) >= -1e-9 * size).all()
        assert (np.diff(found["cvar"]) <= 1e-9 * size).all()
        assert found["total"].iloc[0] == pytest.approx(frontiers[0]["total"].iloc[0], rel=1e-7)
        assert found["cvar"].iloc[-1] == pytest.approx(frontiers[0]["cvar"].iloc[-1], rel=1e-7)


@pytest.mark.parametrize("seed", [4, 5, 6, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(7, 40))])
def test_continuous_sizes_are_no_worse_and_both_methods_agree(seed):
    system, options, cases = several(seed)
    asked = {"economic": True, "risk": ro.CVaR(0.8, weight=0.3)}
    discrete = ro.expand(system, options[:1], cases, **asked)
    plans = [
        ro.expand(system, options[:1], cases, continuous=True, method=m, **asked) for m in ("extensive", "l-shaped")
    ]
    size = abs(discrete.cost["objective"])
    assert plans[0].cost["objective"] <= discrete.cost["objective"] + 1e-7 * size
    assert plans[1].cost["objective"] == pytest.approx(plans[0].cost["objective"], abs=1e-6 * size)
    # A fine grid finds nothing better.
    leg, sizes = options[0]["leg"], np.linspace(0, 1, 9)[1:]
    largest = float(options[0]["sizes"][-1].split()[0])
    unit = options[0]["sizes"][-1].split()[1]
    points = [0.0, *(float(one.split()[0]) for one in options[0]["sizes"])]
    costs = [0.0, *(float(one.split()[0]) for one in options[0]["capex"])]
    grid = {**options[0], "sizes": [f"{share * largest} {unit}" for share in sizes],
            "capex": [f"{np.interp(share * largest, points, costs)} USD" for share in sizes]}  # fmt: skip
    fine = ro.expand(system, [grid], cases, **asked)
    assert plans[0].cost["objective"] <= fine.cost["objective"] + 1e-7 * size, leg


def test_a_convex_capex_needs_no_binary_and_a_falling_one_does():
    data = {"leg": "second", "sizes": ["2 Mt/y", "6 Mt/y"], "lifetime": "10 y"}
    cheap = {**data, "capex": ["100e6 USD", "900e6 USD"]}
    scale = {**data, "capex": ["500e6 USD", "900e6 USD"]}
    for option, whole in ((cheap, False), (scale, True)):
        plan = ro.expand(insured(), option, {"shut": 0.2}, economic=True, continuous=True)
        assert bool(plan._solution.model.problem.first.whole.any()) is whole
    # Convex: 50 USD/t of the first 2 Mt/y, 200 beyond, a tenth of it a year against 0.2 x 80: 5 and 20 against 16.
    plan = ro.expand(insured(), cheap, {"shut": 0.2}, economic=True, continuous=True)
    assert plan.build["second"].value == near(2.0)
    # Economies of scale: 90 million for 6 Mt/y against 96: all or nothing.
    plan = ro.expand(insured(), scale, {"shut": 0.2}, economic=True, continuous=True)
    assert plan.build["second"].value == near(6.0)
    assert ro.expand(insured(), scale, {"shut": 0.18}, economic=True, continuous=True).build == {}


def outaged():
    line = {"capacity": "6 kt/d", "outages": {"rate": "9.125 /y", "repair": {"mean": {"value": "10 d", "high": 20}}}}
    return network(
        {
            "one": ("field", "port", line),
            "two": ("field", "port", line),
            "third": ("field", "port", {"status": "hypothetical", "capacity": "6 kt/d", "outages": line["outages"],
                                        "build": {"sizes": "6 kt/d", "capex": "36.5e6 USD", "lifetime": "10 y"}}),
        },
        {"field": "10 kt/d"}, markets=["port"], price="100 USD/t", units={"flow": "kt/d"},
    )  # fmt: skip


def test_outages_by_hand():
    plan = ro.expand(outaged(), "third", outages=True)
    # Each is down a fifth of the time. Without the third 1.68 are lost (simulate_outages); with it 4 where two are
    # down, 10 where all are: 3 x 0.04 x 0.8 x 4 + 0.008 x 10 = 0.464.
    assert plan.table["expected_loss"].tolist() == near([1.68, 0.464])
    assert plan.table["expected_loss"].iloc[0] == near(ro.simulate_outages(outaged(), draws=1000).expected_loss)
    assert plan.cost["capital"] == near(1e4)  # USD per day
    assert plan.cost["net_benefit"] == near((1.68 - 0.464) * 1e5 - 1e4)
    assert len(plan.outcomes) == 8
    assert plan.break_even.empty
    table = plan.tornado(vary="legs.third.outages")
    assert table["net_benefit_high"].iloc[0] < plan.cost["net_benefit"]


def test_outages_are_the_draws_of_simulate_outages(monkeypatch):
    from routeopt.resilience.outages import states

    monkeypatch.setattr(states, "ALWAYS_EXACT", 0)
    system = outaged()
    plan = ro.expand(system, "third", outages=True, draws=7, seed=3)
    drawn = ro.simulate_outages(system, draws=7, seed=3, method="sample", scenario={"build": {"third": "6 kt/d"}})
    assert plan.table["expected_loss"].iloc[1] == near(drawn.expected_loss)
    assert plan.outcomes["probability"].sum() == near(1.0)
    assert len(plan.outcomes) <= 7


def test_scenarios_and_outages_together():
    system = outaged().with_scenarios({"shut": ro.Scenario.model_validate({"closures": [{"leg": "one"}]})})
    plan = ro.expand(system, "third", {"shut": 0.1}, outages=True)
    assert plan.table["expected_loss"].iloc[0] == near(0.9 * 1.68 + 0.1 * 4)
    assert plan.break_even["break_even"].iloc[0] == 0.0


def test_a_tornado_by_hand():
    system = insured().override({"price": {"value": "100 USD/t", "low": 50, "high": 120}})
    system = system.override({"legs": {"second": {"build": {"capex": [{"value": "730e6 USD", "high": 1e9}]}}}})
    system = system.with_scenarios({"shut": ro.Scenario.model_validate({"closures": [{"leg": "line"}]})})
    plan = ro.expand(system, "second", {"shut": {"value": "20 %", "low": 10, "high": 30}})
    table = plan.tornado()
    # Saves p x 5 Mt x (price - 20) - 73.
    assert table.loc["price", ["net_benefit_low", "net_benefit_high"]].tolist() == near([30e6 - 73e6, 100e6 - 73e6])
    assert table.loc["price", "break_even_low"] == near(73 / 150)
    assert table.loc["probability of shut", ["net_benefit_low", "net_benefit_high"]].tolist() == near(
        [40e6 - 73e6, 120e6 - 73e6]
    )
    assert table.loc["legs.second.build.capex.0", ["net_benefit_low", "net_benefit_high"]].tolist() == near(
        [7e6, -20e6]
    )
    assert table["turns"].tolist() == [True, True, True]
    drawn = plan.ranges(20)
    assert len(drawn) == 20
    assert drawn["net_benefit"].between(-73e6, 27e6).all()


def test_ties_are_told():
    plan = ro.expand(insured("800e6 USD"), "second", {"shut": 0.2})
    assert plan.build == {}
    assert [set(tie) for tie in plan.ties] == [{"second"}]
    assert any("as good" in note for note in plan.notes)


def test_a_scenario_may_close_a_part_of_an_option():
    half = {
        "title": "half",
        "probability": 0.2,
        "closures": [{"leg": "line"}, {"leg": "second", "availability": "40 %"}],
    }
    plan = ro.expand(insured(), "second", [half])
    assert plan.utilisation({"second": "5 Mt/y"}).loc[("second", "half"), ["flow", "capacity"]].tolist() == near([2, 2])
    assert not any("could be closed" in note for note in plan.notes)
    assert plan.table["net_benefit"].iloc[1] == near(0.2 * 2e6 * 80 - 73e6)


def test_a_million_combinations_are_decomposed():
    legs = {f"line-{k}": ("field", "port", {"capacity": "1 Mt/y", "tariff": f"{k} USD/t"}) for k in range(8)}
    system = network(legs, {"field": "20 Mt/y"}, markets=["port"], price="100 USD/t")
    system = system.with_scenarios({"shut": ro.Scenario.model_validate({"closures": [{"leg": "line-0"}]})})
    sizes = [f"{size} Mt/y" for size in range(1, 6)]
    options = [{"leg": leg, "sizes": sizes, "lifetime": "10 y", "capex": [f"{900 * k}e6 USD" for k in range(1, 6)]}
               for leg in legs]  # fmt: skip
    plan = ro.expand(system, options, {"shut": 0.5}, economic=True)
    assert plan.method == "l-shaped"
    # A unit costs 90 a year and earns 100 less its tariff; of line 0 only every other year. Lines that stand take 8 of
    # the field's 20 Mt/y, the cheapest additions take the other 12.
    built = {leg: size.value for leg, size in plan.build.items()}
    assert built == near({"line-1": 5, "line-2": 5, "line-3": 2})


def test_kazakhstan():
    kz = ro.load("kazakhstan")
    plan = ro.expand(kz, "tcop", {"cpc-closed": "2 %"}, risk=ro.CVaR(0.95, weight=0.5))
    assert (plan.table["expected_loss"].diff().dropna() <= 1e-9).all()
    assert plan.evpi >= 0
    assert "tcop" in str(plan)
    use = plan.utilisation({"tcop": "20 Mt/y"})
    assert use.loc[("tcop", "cpc-closed"), "flow"] == near(20.0)
    # A tornado edits copies; the same through an override and a question of its own.
    moved = plan.tornado({"tcop": "20 Mt/y"}, vary="legs.btc.tariff").iloc[0]
    dear = kz.override({"legs.btc.tariff": f"{moved['high']} USD/t"}).with_scenarios(kz.scenarios)
    other = ro.expand(dear, "tcop", {"cpc-closed": "2 %"}, risk=ro.CVaR(0.95, weight=0.5))
    assert moved["net_benefit_high"] == near(other.table.loc["tcop 20 Mt/y", "net_benefit"])


@pytest.mark.slow
def test_kazakhstan_over_a_thousand_outages():
    kz = ro.load("kazakhstan")
    asked = {"outages": True, "draws": 1000, "economic": True, "risk": ro.CVaR(0.95, weight=0.5)}
    one = ro.expand(kz, "tcop", **asked)
    two = ro.expand(kz, "tcop", method="l-shaped", **asked)
    assert len(one.outcomes) >= 1000
    assert two.cost["objective"] == near(one.cost["objective"])
    assert two.build == one.build
    risk = ro.simulate_outages(kz, draws=1000)
    first = ro.expand(kz, "tcop", outages=True, draws=1000)
    assert first.table["expected_loss"].iloc[0] == near(risk.expected_loss)
