"""Draws against overrides and allocations made one by one, and conclusions against known probabilities."""

import math
import pickle
import sys
import types

import numpy as np
import pytest

import routeopt as ro
from helpers.small import network
from routeopt.decide.uncertainty.result import Sensitivity
from routeopt.solve import engine

BOTH = [None, "cpc-closed"]


def ranged(value, low, high, **more):
    return {"value": value, "low": low, "high": high, **more}


def two_lines(least=15, **rest):
    """A line of 5 to 9 that is cheap, and rail of 2 that is dear (or may be cheaper, with another least tariff)."""
    return network(
        {
            "line": ("field", "market", {"capacity": ranged("7 Mt/y", 5, 9), "tariff": "10 USD/t"}),
            "rail": ("field", "market", {"capacity": "2 Mt/y", "tariff": ranged("30 USD/t", least, 40)}),
        },
        {"field": "10 Mt/y"},
        **rest,
    )


def changed(system, found, values):
    """The system of a draw, made by `override` from what was drawn."""
    table = found.inputs_table
    changes = {}
    for name, value in values.items():
        unit = table.loc[name, "unit"]
        for place in table.loc[name, "places"]:
            changes[place] = f"{float(value)!r} {unit}" if unit else float(value)
    return system.override(changes)


def figures(plan):
    """What the results of a draw hold, from an allocation."""
    totals = [plan.exported, plan.shut_in, plan.shortage, plan.cost, plan.netback]
    return np.array([*totals, *plan.routes["flow"]])


def close(found, expected):
    return np.abs(found - expected) <= 1e-9 * np.maximum(1.0, np.abs(expected))


@pytest.fixture(scope="module")
def kazakhstan(kz):
    return ro.sensitivity(kz, BOTH, 60, seed=7)


def test_draws_are_what_overrides_and_cold_allocations_give(kz, kazakhstan):
    columns = list(kazakhstan.results["base"].columns)
    assert columns == ["exported", "shut_in", "shortage", "cost", "netback", *kz.routes]
    for draw in (0, 23, 59):
        system = changed(kz, kazakhstan, kazakhstan.inputs.loc[draw])
        for name, scenario in zip(kazakhstan.scenarios, BOTH, strict=True):
            expected = figures(ro.allocate(system, scenario))
            assert close(kazakhstan.results.loc[draw, name].to_numpy(), expected).all()
    for name, scenario in zip(kazakhstan.scenarios, BOTH, strict=True):
        assert close(kazakhstan.base[name].to_numpy(), figures(ro.allocate(kz, scenario))).all()


def test_a_tornado_is_what_overrides_give(kz, kazakhstan):
    table = kazakhstan.tornado(("cpc-closed", "exported"), top=4)
    assert table["swing"].is_monotonic_decreasing
    for name, row in table.iterrows():
        low, high = (
            ro.allocate(changed(kz, kazakhstan, {name: row[end]}), "cpc-closed").exported for end in ("low", "high")
        )
        assert row[["low_result", "high_result"]].tolist() == pytest.approx([low, high], rel=1e-9)
        three = [low, high, kazakhstan.base["cpc-closed", "exported"]]
        assert row["swing"] == pytest.approx(max(three) - min(three), abs=1e-9)
    every = kazakhstan.tornado(("cpc-closed", "exported"), top=None)
    assert len(every) == len(kazakhstan.inputs_table)
    assert every.head(4).equals(table)


def test_numbers_that_stand_in_the_matrix():
    """Losses, round trips of shared vessels and barrels per tonne change coefficients."""
    vessels = {"vessels": 4, "legs": {"near": {"cargo": "10 kt", "round_trip": ranged("4 d", 3, 6)},
               "far": {"cargo": ranged("12 kt", 8, 15), "round_trip": "9 d"}}}  # fmt: skip
    system = network(
        {
            "pipe": ("a", "hub", {"loss": ranged("2 %", 0, 10), "tariff": ranged("1 USD/t", 0, 4)}),
            "near": ("hub", "market", {"mode": "tanker", "tariff": "3 USD/t", "loss": ranged("1 %", 0, 3)}),
            "far": ("hub", "market", {"mode": "tanker", "tariff": "1 USD/t"}),
            "barrels": ("hub", "market", {"capacity": ranged("5 kb/d", 3, 9), "tariff": "0.1 USD/bbl"}),
            "other": ("b", "hub"),
        },
        {"a": {"output": "6 Mt/y", "commodity": "light"}, "b": {"output": "1 Mt/y", "commodity": "heavy"}},
        groups={"fleet": vessels},
        commodities={"light": {"barrels_per_tonne": ranged(7.9, 7.5, 8.2)}, "heavy": {"barrels_per_tonne": 6.5}},
        price="60 USD/bbl",
    )
    scenario = {"title": "cut", "override": {"legs.pipe.loss": "5 %"}, "closures": [{"leg": "far"}]}
    found = ro.sensitivity(system, [None, scenario], draws=25)
    assert len(found.inputs_table) == 7
    for draw in range(0, 25, 4):
        other = changed(system, found, found.inputs.loc[draw])
        for name, one in (("base", None), ("cut", scenario)):
            assert close(found.results.loc[draw, name].to_numpy(), figures(ro.allocate(other, one))).all()
    ends = found.tornado(("base", "exported"), top=None)
    for name in found.inputs_table.index:
        alone = ro.allocate(changed(system, found, {name: found.inputs_table.loc[name, "high"]}))
        assert ends.loc[name, "high_result"] == pytest.approx(alone.exported, rel=1e-9)


def test_a_matrix_that_does_not_move_is_written_once(monkeypatch):
    written = []
    real = engine.formulate
    for module in ("routeopt.decide.uncertainty.monte_carlo", "routeopt.solve.engine"):
        monkeypatch.setattr(sys.modules[module], "formulate", lambda *a: written.append(1) or real(*a))
    ro.sensitivity(two_lines(), draws=30)
    assert len(written) == 2  # for the base, and to see whether it moves


def test_shares_are_the_probabilities():
    conclusions = {
        "line over 6": lambda plan: plan.routes["flow"]["line"] > 6,
        "rail is cheaper": lambda plan: plan.cost < 10e6 * plan.exported,
        "always": lambda plan: plan.exported > 6,
        "never": lambda plan: np.bool_(plan.exported > 11),
    }
    n = 1000
    found = ro.sensitivity(two_lines(least=5), draws=n, seed=2, conclusions=conclusions)
    table = found.conclusions
    # Triangular: below 6 lies (6-5)² / (4 * 2); rail under 10 USD/t lies (10-5)² / (35 * 25).
    for name, exact in (("line over 6", 1 - 1 / 8), ("rail is cheaper", 25 / 875)):
        error = math.sqrt(exact * (1 - exact) / n)
        assert table.loc[name, "share"] == pytest.approx(exact, abs=4 * error)
        share = table.loc[name, "share"]
        assert table.loc[name, "standard_error"] == pytest.approx(math.sqrt(share * (1 - share) / n))
    assert table["holds"].tolist() == [True, False, True, False]
    assert table["share"].tolist()[2:] == [1.0, 0.0]
    assert (table["low"] <= table["share"]).all()
    assert (table["share"] <= table["high"]).all()
    assert table.loc["always", "low"] == pytest.approx(1 / (1 + 1.959964**2 / n))
    assert (table["draws"] == n).all()
    assert found.critical_inputs("line over 6")[["at_low", "at_high"]].to_numpy().tolist() == [[False, True]]
    assert list(found.critical_inputs("rail is cheaper").index) == ["legs.rail.tariff"]
    assert found.critical_inputs("always").empty


def test_default_conclusions():
    scenario = {"title": "no rail", "closures": [{"leg": "rail"}]}
    found = ro.sensitivity(two_lines(), [None, scenario], draws=400)
    table = found.conclusions
    assert list(table.index) == [
        "base: line carries more than rail", "base: line is full", "base: rail is full", "no rail: line is full",
        "no rail exports less than base",
    ]  # fmt: skip
    assert table["holds"].all()
    # With 9 of the line no more than 1 is left for rail: it is full while line + 2 <= 10.
    exact = 1 - 1 / 8
    error = math.sqrt(exact * (1 - exact) / 400)
    assert table.loc["base: rail is full", "share"] == pytest.approx(exact, abs=4 * error)
    assert table["share"].drop("base: rail is full").tolist() == [1, 1, 1, 1]
    assert "base: rail is full" in found.summary()


def test_what_binds_in_a_row_is_seen_as_full():
    streams = {"x": {"output": "4 Mt/y", "commodity": "light"}, "y": {"output": "4 Mt/y", "commodity": "heavy"}}
    system = network(
        {
            "from-x": ("x", "hub"),
            "from-y": ("y", "hub"),
            "trunk": ("hub", "market", {"capacity": ranged("6 Mt/y", 5, 9)}),
        },
        streams,
        commodities={"light": {}, "heavy": {}},
        groups={"berths": {"legs": ["trunk"], "capacity": "6 Mt/y"}},
    )
    found = ro.sensitivity(system, draws=300).conclusions
    exact = {"trunk is full": 1 / 4, "berths is full": 3 / 4}  # one or the other: below 6 lies (6-5)² / (4 * 1)
    for name, share in exact.items():
        assert found.loc[name, "share"] == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / 300))


def test_functions_get_plans_by_the_name_of_the_scenario(kz):
    seen = []

    def drop(plans):
        seen.append((list(plans), plans["base"].name, plans["cpc-closed"].scenario.closures[0].target))
        assert plans["base"].certificate.valid
        return plans["base"].exported - plans["cpc-closed"].exported > 30

    found = ro.sensitivity(kz, BOTH, 3, conclusions={"a heavy loss": drop})
    assert seen == [(["base", "cpc-closed"], "base", ("route", "cpc"))] * 4  # the base first
    assert found.conclusions.loc["a heavy loss", "share"] == 1


def test_the_first_draws_of_a_longer_run_are_the_same(kz, kazakhstan):
    short = ro.sensitivity(kz, BOTH, 15, seed=7)
    assert short.inputs.equals(kazakhstan.inputs.head(15))
    assert close(short.results.to_numpy(), kazakhstan.results.head(15).to_numpy()).all()
    other = ro.sensitivity(kz, BOTH, 15, seed=8)
    assert not (other.inputs == short.inputs).to_numpy().any()


def test_neither_order_nor_number_of_scenarios_matters(kz, kazakhstan):
    turned = ro.sensitivity(kz, ["cpc-closed", None], 15, seed=7)
    alone = ro.sensitivity(kz, "cpc-closed", 15, seed=7)
    assert turned.inputs.equals(kazakhstan.inputs.head(15))
    assert alone.inputs.equals(kazakhstan.inputs.head(15))
    for found in (turned, alone):
        assert close(found.results["cpc-closed"].to_numpy(), kazakhstan.results["cpc-closed"].head(15)).all().all()
    assert turned.scenarios == ("cpc-closed", "base")


def test_the_order_of_the_data_does_not_matter():
    both = ranged("1 Mt/y", 0.5, 2, note="of one lot")
    system = two_lines().override({"legs.line.reserved": {"x": both}, "legs.rail.reserved": {"x": both}})
    data = system.to_dict()
    data["legs"] = dict(reversed(data["legs"].items()))
    one, two = (ro.sensitivity(s, draws=10) for s in (system, ro.ExportSystem.from_dict(data)))
    assert list(one.inputs)[1:] == ["legs.line.reserved.x and 1 more", "legs.rail.tariff"]
    two_inputs = two.inputs.rename(columns={"legs.rail.reserved.x and 1 more": "legs.line.reserved.x and 1 more"})
    assert one.inputs.equals(two_inputs[list(one.inputs)])
    assert close(one.results["base", "exported"], two.results["base", "exported"]).all()


def test_a_draw_leaves_the_system_as_it_was(kz):
    before = kz.to_dict()
    plan = ro.allocate(kz)
    ro.sensitivity(kz, BOTH, 3)
    assert kz.to_dict() == before
    assert ro.allocate(kz).exported == plan.exported


def test_a_plan_of_a_draw_knows_its_system():
    """What a conclusion sees is a whole allocation: it can be asked on, and its system solved again."""

    def asks(plan):
        again = ro.allocate(plan.system)
        assert again.system.fields.keys() == {"field"}
        assert plan.system.legs["line"].capacity.value == pytest.approx(plan.legs["capacity"]["line"])
        return again.exported == pytest.approx(plan.exported) and "line" in plan.summary()

    assert ro.sensitivity(two_lines(), draws=4, conclusions={"same": asks}).conclusions["share"].tolist() == [1.0]


def test_quantiles_and_rank_correlations():
    found = ro.sensitivity(two_lines(), draws=500)
    at = found.quantiles("line")
    assert list(at.index) == [5, 50, 95]
    # Triangular from 5 by 7 to 9, symmetric: 5 % lie below 5 + sqrt(0.05 * 8).
    for percent, exact in ((5, 5 + math.sqrt(0.4)), (50, 7), (95, 9 - math.sqrt(0.4))):
        assert at.loc[percent, "low"] <= exact <= at.loc[percent, "high"]
        assert at.loc[percent, "low"] <= at.loc[percent, "value"] <= at.loc[percent, "high"]
    few = ro.sensitivity(two_lines(), draws=20).quantiles(("base", "line"), [5])
    assert np.isnan(few["low"]).tolist() == [True]
    assert not np.isnan(few["high"]).any()
    ranks = found.rank_correlations("cost")
    assert list(ranks.index) == ["legs.rail.tariff", "legs.line.capacity"]
    assert ranks["correlation"].iloc[0] > 0.7
    assert (ranks["standard_error"] < 0.05).all()
    assert found.rank_correlations("line").loc["legs.line.capacity", "correlation"] == pytest.approx(1.0)
    assert found.rank_correlations("shortage")["correlation"].isna().all()


def test_summary_and_what_is_shown(kazakhstan):
    text = kazakhstan.summary()
    assert "60 draws of" in text
    assert "(seed 7)" in text
    assert "cpc-closed exports less than base: 100 %" in text
    # Sixty draws do not support a tenth of a per cent.
    shares = [line.split(": ")[-1] for line in text.splitlines() if " to " in line]
    assert shares
    assert not [share for share in shares if "." in share]
    assert str(kazakhstan) == text
    assert len(repr(kazakhstan)) < 90


def test_a_route_may_be_called_like_a_total():
    system = two_lines(routes={"cost": {"metering_legs": ["line"]}, "rail": {"metering_legs": ["rail"]}})
    found = ro.sensitivity(system, draws=5)
    assert list(found.results["base"].columns)[3:] == ["cost", "netback", "route cost", "rail"]
    assert found.results["base", "route cost"].to_numpy() == pytest.approx(found.inputs["legs.line.capacity"])


def test_results_are_frozen_and_travel(kazakhstan):
    for frame in (kazakhstan.inputs, kazakhstan.results):
        frame.iloc[:] = 0.0
    assert (kazakhstan.inputs != 0).to_numpy().any()
    assert (kazakhstan.results["base", "exported"] > 0).all()
    with pytest.raises(AttributeError):
        kazakhstan.draws = 3
    copy = pickle.loads(pickle.dumps(ro.sensitivity(two_lines(), draws=5)))
    assert isinstance(copy, Sensitivity)
    assert copy.tornado("exported")["swing"].max() == pytest.approx(3.0)


def test_one_draw_is_enough_to_speak():
    found = ro.sensitivity(two_lines(), draws=1)
    assert found.conclusions["share"].isin([0.0, 1.0]).all()
    assert np.isnan(found.rank_correlations("cost")["standard_error"]).all()
    assert found.summary()


def test_every_draw_is_certified(monkeypatch):
    proven = []
    real = engine.lexicographic
    monkeypatch.setattr(engine, "lexicographic", lambda *a, **more: proven.append(real(*a, **more)) or proven[-1])
    ro.sensitivity(two_lines(), draws=6)
    assert len(proven) == 7
    assert all(proof.valid for answer in proven for proof in answer.proofs)


def test_an_error_says_in_which_draw():
    loop = network(
        {"out": ("a", "b"), "back": ("b", "a", {"tariff": ranged("0 USD/t", -9, 9)}), "on": ("b", "market")},
        {"a": "1 Mt/y"},
    )
    with pytest.raises(ro.UnboundedError) as caught:
        ro.sensitivity(loop, draws=50)
    assert "in draw" in caught.value.__notes__[0]

    def breaks(plan):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError) as own:
        ro.sensitivity(two_lines(), draws=2, conclusions={"mine": breaks})
    assert own.value.__notes__ == ["in conclusion 'mine', at the values of the data"]


@pytest.mark.parametrize("draws", [0, -1, 2.5, True, "10"])
def test_draws_are_a_whole_number(draws):
    with pytest.raises(ro.InputError, match=r"draws: .* is no whole number of 1 or more"):
        ro.sensitivity(two_lines(), draws=draws)


@pytest.mark.parametrize("seed", [-1, None, 1.5])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(ro.InputError, match="seed: "):
        ro.sensitivity(two_lines(), draws=2, seed=seed)


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ("lost", "unknown scenario 'lost'"),
        ([None, "lost"], "unknown scenario 'lost'"),
        ([], "scenario: names no scenario"),
        ([None, {}], "two scenarios are called 'base'"),
        ({"closures": [{"leg": "lin"}]}, "did you mean 'line'"),
    ],
)
def test_scenarios_that_are_none(scenario, words):
    with pytest.raises(ro.InputError, match=words):
        ro.sensitivity(two_lines(), scenario, draws=2)


@pytest.mark.parametrize(
    ("conclusions", "words"),
    [
        ({"mine": lambda plan: plan.exported}, r"conclusions\.mine: returned float, not True or False"),
        ({"mine": lambda plan: None}, r"conclusions\.mine: returned NoneType"),
        ({"mine": 3}, r"conclusions\.mine: a conclusion is a name and a function"),
        ([lambda plan: True], "conclusions: conclusions are a mapping"),
    ],
)
def test_conclusions_that_are_none(conclusions, words):
    with pytest.raises(ro.InputError, match=words):
        ro.sensitivity(two_lines(), draws=2, conclusions=conclusions)


def test_no_conclusions_at_all():
    found = ro.sensitivity(two_lines(), draws=2, conclusions={})
    assert found.conclusions.empty
    assert list(found.conclusions) == ["holds", "share", "standard_error", "low", "high", "draws"]


def test_questions_that_have_no_answer(kazakhstan):
    with pytest.raises(ro.InputError, match=r"a result is a scenario and a quantity; write \('base', 'exported'\)"):
        kazakhstan.quantiles("exported")
    with pytest.raises(ro.InputError, match="unknown quantity 'exportd'; did you mean 'exported'"):
        kazakhstan.tornado(("base", "exportd"))
    with pytest.raises(ro.InputError, match="unknown scenario 'bas'"):
        kazakhstan.rank_correlations(("bas", "exported"))
    with pytest.raises(ro.InputError, match="percent: 0 is not between"):
        kazakhstan.quantiles(("base", "exported"), [0])
    with pytest.raises(ro.InputError, match="top: 0 shows nothing"):
        kazakhstan.tornado(("base", "exported"), top=0)
    with pytest.raises(ro.InputError, match="unknown conclusion 'x'"):
        kazakhstan.critical_inputs("x")


def test_progress(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ro.InputError, match=r"needs tqdm; pip install 'routeopt\[progress\]'"):
        ro.sensitivity(two_lines(), draws=2, progress=True)
    shown = []
    bar = types.ModuleType("tqdm")
    bar.tqdm = lambda steps, **words: shown.append((len(steps), words["unit"])) or steps
    monkeypatch.setitem(sys.modules, "tqdm", bar)
    quiet, loud = (ro.sensitivity(two_lines(), draws=4, progress=on) for on in (False, True))
    assert shown == [(4, "draw")]
    assert loud.results.equals(quiet.results)
