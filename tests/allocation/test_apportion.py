"""How scarce capacity is shared: the same rule in a year and over a horizon, in what is exported, and in ranges."""

from __future__ import annotations

import random

import highspy
import numpy as np
import pulp
import pytest
from scipy.optimize import linprog

import routeopt as ro
from helpers.small import near, network

RULES = ["pro-rata", "pro-rata:commodity", ["b"], ["b", "a"]]
DAYS = {"horizon": {"start": "2025-01-01", "end": "2025-01-11", "step": "day"}}


def shared(**more):
    """Two fields of 10 and a way out for 10; the second field costs more."""
    return network(
        {"la": ("a", "h", {"tariff": "1 USD/t", **more}), "lb": ("b", "h", {"tariff": "2 USD/t"}),
         "out": ("h", "m", {"capacity": "10 kt/d"})},
        {"a": "10 kt/d", "b": "10 kt/d"}, {"m": {"price": "100 USD/t"}}, units={"flow": "kt/d"},
    )  # fmt: skip


def optimum(problem) -> float:
    problem.solve(pulp.HiGHS(msg=False))
    return pulp.value(problem.objective)


def from_text(text: str, path) -> float:
    """The optimum of a file, read by HiGHS itself."""
    path.write_text(text)
    solver = highspy.Highs()
    solver.silent()
    solver.readModel(str(path))
    solver.run()
    return solver.getInfo().objective_function_value


@pytest.mark.parametrize("rule", ["economic", *RULES], ids=str)
def test_exported_programmes_have_the_optimum_of_the_plan(rule, tmp_path):
    # Pro rata 5 and 5: 10 x 100 - 5 x 1 - 5 x 2 = 985 thousand USD per day; b first 980; money alone 990.
    worth = {"economic": 990e3, "pro-rata": 985e3, "pro-rata:commodity": 990e3}.get(str(rule), 980e3)
    plan = ro.allocate(shared(), apportion=rule)
    assert plan.netback == near(worth)
    days = ro.allocate(shared(), DAYS, apportion=rule)
    for found, money in ((plan, worth), (days, 10 * worth)):
        assert optimum(found.to_pulp()) == near(-money)
        assert from_text(found.to_lp(), tmp_path / "a.lp") == near(-money)
        assert from_text(found.to_mps(), tmp_path / "a.mps") == near(-money)


def test_rows_of_shares_have_the_names_of_those_who_share():
    for given in (None, DAYS):
        problem = ro.allocate(shared(), given, apportion="pro-rata").to_pulp()  # PuLP 4 drops rows with their problem
        names = [row.name for row in problem.constraints()]
        assert {"share__a", "share__b"} <= set(names)
        assert len(set(names)) == len(names)


def test_a_share_is_of_what_a_closure_leaves():
    # a has 4 of 10 and b 10: 10 x 4/14 and 10 x 10/14, in a year and on every mean day.
    for given in ({}, DAYS, {"horizon": {**DAYS["horizon"], "step": "month"}}):
        scenario = {"closures": [{"node": "a", "availability": "40 %"}], **given}
        for foresight in ("perfect", "myopic") if given else ("perfect",):
            found = ro.allocate(shared(), scenario, apportion="pro-rata", foresight=foresight).fields["flow"]
            assert found.tolist() == [near(40 / 14), near(100 / 14)]


def test_a_share_over_a_horizon_is_of_all_its_days():
    # b is shut for five of ten days: of 100 + 50 that there are 100 can leave, two thirds each.
    closures = [{"node": "b", "from": "2025-01-01", "to": "2025-01-06"}]
    for foresight in ("perfect", "myopic"):
        plan = ro.allocate(shared(), {**DAYS, "closures": closures}, apportion="pro-rata", foresight=foresight)
        assert plan.fields["flow"].tolist() == [near(100 / 15), near(50 / 15)]


def test_without_foresight_a_plan_shares_what_it_knows_to_be_left():
    # la takes 5, so a and b ship 5 each until the sixth day, when half of a is lost: of 75 and 100 in all, 100 leave.
    # Nameplates would give 50 and 50; what is left from then on, with what was done before, 40 and 60.
    closures = [{"node": "a", "availability": "50 %", "from": "2025-01-06"}]
    plan = ro.allocate(
        shared(capacity="5 kt/d"), {**DAYS, "closures": closures}, apportion="pro-rata", foresight="myopic"
    )
    assert plan.periods["field", "a"].tolist()[:5] == [near(5.0)] * 5
    assert plan.fields["flow"].tolist() == [near(7.5 * 100 / 175), near(10 * 100 / 175)]


@pytest.mark.parametrize(("rule", "flows"), [("economic", [10, 0]), ("pro-rata", [5, 5]), (["b"], [0, 10])], ids=str)
@pytest.mark.parametrize("given", [None, DAYS], ids=["year", "horizon"])
def test_what_refineries_take_is_shared_where_nothing_can_be_exported(rule, flows, given):
    system = network(
        {"la": ("a", "h", {"tariff": "1 USD/t"}), "lb": ("b", "h", {"tariff": "2 USD/t"}), "out": ("h", "r")},
        {"a": "10 kt/d", "b": "10 kt/d"}, [], {"r": {"demand": "10 kt/d"}}, units={"flow": "kt/d"},
    )  # fmt: skip
    plan = ro.allocate(system, given, apportion=rule)
    assert plan.fields["flow"].tolist() == [near(flow) for flow in flows]
    assert plan.shortage == near(0.0)


@pytest.mark.parametrize("given", [None, DAYS], ids=["year", "horizon"])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_ranges_hold_the_shares(given, rule):
    plan = ro.allocate(shared(), given, apportion=rule)
    ranges = plan.flow_ranges("50 %", kinds=["leg"]).droplevel(0)
    assert ranges["flow"].tolist() == [near(flow) for flow in plan.legs["flow"]]
    free = rule == "pro-rata:commodity"  # one commodity: nobody to share with
    # 50 % of 10 x 1 pays for 5 that go by lb.
    assert ranges.loc["la", "width"] == pytest.approx(5.0 if free else 0.0, abs=1e-6)


def test_what_a_tonne_saves_is_missing_where_shares_would_move():
    plan = ro.allocate(shared(), apportion="pro-rata")
    worth = plan.shadow_prices().loc["out"]
    assert (worth["exports_up"], worth["exports_down"], worth["exports_valid_to"]) == (near(1), near(1), near(20))
    assert worth[["saving_up", "saving_down"]].isna().all()
    assert plan.bottlenecks["marginal_exports"].tolist() == [near(1)]
    # b comes first and has all of it, but a is short: money alone would take from b.
    first = ro.allocate(shared(), apportion=["b"]).shadow_prices()
    assert first.loc["out", ["saving_up", "saving_down"]].isna().all()
    # Where everybody has all there is nothing to share, and the worth is that of money.
    wide = shared().override({"legs.out.capacity": "30 kt/d"})
    values = [ro.allocate(wide, apportion=rule).shadow_prices() for rule in ("economic", "pro-rata")]
    assert values[0].equals(values[1])


def test_money_first_shares_nothing():
    for verb in (ro.allocate, ro.stress_test):
        with pytest.raises(ro.ScenarioError, match="no volume to apportion"):
            verb(shared(), DAYS, economic=True, apportion="pro-rata")


# --- against another formulation --------------------------------------------------------------------------------------
def random_case(seed: int):
    """Fields by lines of their own to a hub, from there by two lines; closures of fields, legs and the way out."""
    rng = random.Random(seed)
    count = rng.randint(2, 4)
    outputs = [rng.randint(2, 9) for _ in range(count)]
    lines = [rng.choice([None, rng.randint(1, 8)]) for _ in range(count)]
    exits = [rng.randint(1, 8), rng.randint(1, 8)]
    legs = {
        f"in{i}": (f"f{i}", "h", {"tariff": f"{rng.randint(0, 9)} USD/t", **({"capacity": f"{c} kt/d"} if c else {})})
        for i, c in enumerate(lines)
    }
    legs |= {f"out{i}": ("h", "m", {"capacity": f"{c} kt/d", "tariff": f"{i + 1} USD/t"}) for i, c in enumerate(exits)}
    system = network(legs, {f"f{i}": f"{out} kt/d" for i, out in enumerate(outputs)}, {"m": {"price": "90 USD/t"}},
                     units={"flow": "kt/d"})  # fmt: skip
    days = 6
    left = np.ones((days, count + 1))
    closures = []
    for _ in range(rng.randint(0, 3)):
        which, first, share = rng.randrange(count + 1), rng.randrange(days), rng.choice([0, 25, 50])
        last = rng.randint(first + 1, days)
        left[first:last, which] = np.minimum(left[first:last, which], share / 100)
        what = {"node": f"f{which}"} if which < count else {"leg": "out0"}
        dates = {"from": f"2025-01-{first + 1:02}", "to": f"2025-01-{last + 1:02}"}
        closures.append({**what, "availability": f"{share} %", **dates})
    scenario = {"horizon": {"start": "2025-01-01", "end": f"2025-01-{days + 1:02}"}, "closures": closures}
    available = left[:, :count] * outputs
    limits = np.array([c or np.inf for c in lines])
    return system, scenario, available, limits, exits[0] * left[:, count] + exits[1]


def most_even(available, limits, ways) -> np.ndarray:
    """What fields ship by max-min fair shares of what they have in all, with as much exported as can be: totals."""
    days, count = available.shape
    most = np.minimum(available, limits)
    held = np.concatenate([-np.eye(count)[None].repeat(days, 0)]).transpose(1, 0, 2).reshape(count, -1)
    by_day = np.kron(np.eye(days), np.ones(count))
    volume = float(np.minimum(most.sum(axis=1), ways).sum())
    had = available.sum(axis=0)
    fixed: dict[int, float] = {i: 0.0 for i in range(count) if had[i] == 0}

    def solve(cost, floor, share_of):
        # Columns: day x field, and the share; rows: ways out, volume, at least what is fixed and at least the share.
        rows = [np.c_[by_day, np.zeros(days)], np.r_[-np.ones(days * count), 0.0][None]]
        rows.append(np.c_[held, share_of])
        right = np.concatenate([ways, [-volume + 1e-10], -floor])
        bounds = [(0, u) for u in most.ravel()] + [(0, 1)]
        found = linprog(cost, np.concatenate(rows), right, bounds=bounds, method="highs")
        assert found.status == 0, found.message
        return found

    while len(fixed) < count:
        open_ = [i for i in range(count) if i not in fixed]
        floor = np.array([fixed.get(i, 0.0) for i in range(count)]) - 1e-10
        floor[open_] = 0.0
        cost = np.zeros(days * count + 1)
        cost[-1] = -1.0
        share = -solve(cost, floor, np.where(np.isin(np.arange(count), open_), had, 0.0)).fun
        floor[open_] = share * had[open_] - 1e-10
        stuck = []
        for i in open_:
            alone = np.append(held[i], 0.0)
            if -solve(alone, floor, np.zeros(count)).fun <= share * had[i] + 1e-7:
                stuck.append(i)
        assert stuck
        fixed |= {i: share * had[i] for i in stuck}
    return np.array([fixed[i] for i in range(count)])


@pytest.mark.parametrize("seed", range(25))
def test_shares_over_a_horizon_are_those_of_another_formulation(seed):
    system, scenario, available, limits, ways = random_case(seed)
    plan = ro.allocate(system, scenario, apportion="pro-rata")
    shipped = plan.fields["flow"].to_numpy() * len(available)
    assert shipped == pytest.approx(most_even(available, limits, ways), abs=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_every_exported_programme_gives_the_money_of_its_plan(seed):
    system, scenario, available, _, _ = random_case(seed)
    rng = random.Random(seed)
    names = list(system.fields)
    for rule in ("economic", "pro-rata", rng.sample(names, rng.randint(1, len(names)))):
        plan = ro.allocate(system, scenario, apportion=rule)
        assert optimum(plan.to_pulp()) == near(-plan.netback * len(available))
        year = ro.allocate(system, {"closures": scenario["closures"]}, apportion=rule)
        assert optimum(year.to_pulp()) == near(-year.netback)
        ranges = plan.flow_ranges(kinds=["leg"])
        assert (ranges["low"] <= ranges["flow"] + 1e-9).all()
        blind = ro.allocate(system, scenario, apportion=rule, foresight="myopic")
        problem = blind.to_pulp()
        assert problem.name.endswith("with_perfect_foresight")
        assert optimum(problem) <= -blind.netback * len(available) + 1e-3


@pytest.mark.parametrize("seed", range(8))
def test_a_closure_that_lasts_gives_the_shares_of_a_year(seed):
    # The same closure every day: a horizon without memory is a year, whatever the rule.
    system, scenario, _, _, _ = random_case(100 + seed)
    lasting = [{k: v for k, v in closure.items() if k not in ("from", "to")} for closure in scenario["closures"]]
    for rule in ("pro-rata", list(system.fields)[::-1]):
        year, days = (
            ro.allocate(system, {"closures": lasting, **over}, apportion=rule).fields["flow"]
            for over in ({}, {"horizon": scenario["horizon"]})
        )
        assert days.to_numpy() == pytest.approx(year.to_numpy(), abs=1e-6)
