"""PuLP: the same program for other tools, other solvers, and constraints of the caller's own."""

from __future__ import annotations

import warnings

import numpy as np
import pulp
import pytest

import routeopt as ro
from helpers.small import flows, near, network
from routeopt.testing import random_scenario, random_system


def installed():
    """PuLP solvers of this machine; the bundled CBC of PuLP 3 warns that it will go."""
    return [name for name in pulp.listSolvers(onlyAvailable=True) if name in ("HiGHS", "PULP_CBC_CMD", "COIN_CMD")]


def solve(problem, name="HiGHS"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        problem.solve(pulp.getSolver(name, msg=False))
    return pulp.value(problem.objective)


@pytest.fixture
def two_ways():
    """Field of 10; a carries 7 at 10, b carries 6 at 30."""
    return network(
        {"a": ("f", "market", {"capacity": "7 Mt/y", "tariff": "10 USD/t"}),
         "b": ("f", "market", {"capacity": "6 Mt/y", "tariff": "30 USD/t"})},
        {"f": "10 Mt/y"},
    )  # fmt: skip


def test_highs_is_installed_with_pulp():
    assert "HiGHS" in installed()


@pytest.mark.parametrize("name", installed())
@pytest.mark.parametrize("scenario", [None, "cpc-closed", "cpc-closed-with-tcop-20", "one-mooring", "russia"])
def test_the_same_optimum_from_every_installed_solver(kz, name, scenario):
    plan = ro.allocate(kz, scenario)
    assert -solve(plan.to_pulp(), name) == near(plan.netback)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        again = ro.allocate(kz, scenario, solver=f"pulp:{name}")
    assert again.certificate.solver == f"pulp:{name}"
    assert f"pulp:{name}, multipliers from HiGHS" in str(again.certificate)  # it solves too, and that is said
    assert (again.exported, again.netback) == (near(plan.exported), near(plan.netback))
    assert again.legs["flow"].to_numpy() == pytest.approx(plan.legs["flow"].to_numpy(), abs=1e-5)


def test_random_programmes_written_as_pulp_problems():
    for seed in range(25):
        system = random_system(seed)
        plan = ro.allocate(system, random_scenario(system, seed))
        scale = max(1.0, abs(plan.revenue), abs(plan.cost))
        assert -solve(plan.to_pulp()) == pytest.approx(plan.netback, abs=1e-5 * scale)


def test_names_are_readable_unique_and_fit_for_files(tmp_path):
    system = network(
        {"a b": ("f", "market"), "a-b": ("f", "market"), "a_b": ("f", "market"), "трубопровод": ("f", "market")},
        {"f": "1 Mt/y"},
    )  # fmt: skip
    problem = ro.allocate(system).to_pulp()
    names = [variable.name for variable in problem.variables()]
    assert len(set(names)) == len(names)
    assert {"flow__a_b__crude", "flow__a_b__crude__2", "flow__a_b__crude__3", "output__f"} <= set(names)
    rows = [row.name for row in problem.constraints()]
    assert "balance__f__crude" in rows
    assert len(set(rows)) == len(rows)
    file = tmp_path / "plan.lp"
    problem.writeLP(str(file))
    assert "balance__f__crude" in file.read_text()


def test_volumes_are_in_the_systems_unit_and_money_in_usd(two_ways):
    problem = ro.allocate(two_ways).to_pulp()
    bounds = {variable.name: variable.upBound for variable in problem.variables()}
    assert bounds["flow__a__crude"] == near(7)
    assert bounds["output__f"] == near(10)
    assert solve(problem) == near(160e6)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pulp:HIGHS", "did you mean 'HiGHS'"),
        ("pulp:NOPE", "no solver 'NOPE' here"),
        ("pulp:GUROBI", "it is not installed; available: "),
        ("pulp:", "did you mean 'pulp:HiGHS'"),
        ("higs", "did you mean 'highs'"),
    ],
)
def test_solvers_that_are_not_there(two_ways, name, message):
    with pytest.raises(ro.SolverError, match=message):
        ro.allocate(two_ways, solver=name)


# -- constraints of the caller's own


def test_an_added_constraint_holds_and_is_certified(two_ways):
    def at_most_four(problem, variables):
        problem += variables.leg("a") <= 4, "a_at_most_four"

    plan = ro.allocate(two_ways, constraints=at_most_four)
    assert flows(plan) == {"a": near(4), "b": near(6)}
    assert plan.cost == near(4 * 10e6 + 6 * 30e6)
    assert plan.certificate.valid
    assert plan.certificate.rows == ro.allocate(two_ways).certificate.rows + 1


def test_equal_at_least_and_constants_on_either_side(two_ways):
    def rows(problem, variables):
        problem += variables.leg("a") + 1 == variables.leg("b"), "one_more"
        problem += variables.leg("a") + 0.5 >= 3

    plan = ro.allocate(two_ways, constraints=rows)
    assert flows(plan) == {"a": near(4.5), "b": near(5.5)}


def test_an_added_variable_links_legs(two_ways):
    def share(problem, variables):
        total = problem.add_variable("total", 0)
        problem += total == variables.exported(), "total"
        problem += variables.leg("a") <= 0.4 * total, "at_most_two_fifths"

    plan = ro.allocate(two_ways, constraints=share)
    # b carries 6, which are three fifths of 10.
    assert flows(plan) == {"a": near(4), "b": near(6)}
    assert plan.certificate.columns == ro.allocate(two_ways).certificate.columns + 1


def test_a_bound_may_be_tightened_but_not_loosened(two_ways):
    def tighter(problem, variables):
        variables.flow["a", "crude"].upBound = 2

    def looser(problem, variables):
        variables.flow["a", "crude"].upBound = 20

    def below_zero(problem, variables):
        variables.flow["a", "crude"].lowBound = -1

    assert flows(ro.allocate(two_ways, constraints=tighter)) == {"a": near(2), "b": near(6)}
    for function in (looser, below_zero):
        with pytest.raises(ro.InputError, match=r"loosened a bound of 'flow__a__crude'; .*override"):
            ro.allocate(two_ways, constraints=function)


def test_constraints_that_leave_no_answer_are_named(two_ways):
    def impossible(problem, variables):
        problem += variables.leg("a") >= 8, "too_much_on_a"

    with pytest.raises(ro.InfeasibleError, match="too_much_on_a"):
        ro.allocate(two_ways, constraints=impossible)

    def nameless(problem, variables):
        problem += variables.leg("a") >= 8

    with pytest.raises(ro.InfeasibleError, match=r"constraint 1|_C1"):
        ro.allocate(two_ways, constraints=nameless)


def test_the_objective_belongs_to_routeopt(two_ways):
    def other(problem, variables):
        problem.setObjective(variables.leg("a"))

    def more(problem, variables):
        problem.objective += 5 * variables.leg("a")

    for function in (other, more):
        with pytest.raises(ro.InputError, match="replaced the objective"):
            ro.allocate(two_ways, constraints=function)


def test_whole_numbers_are_refused(two_ways):
    def on_or_off(problem, variables):
        switch = problem.add_variable("switch", 0, 1, cat="Binary")
        problem += variables.leg("a") <= 7 * switch

    def whole(problem, variables):
        variables.flow["a", "crude"].cat = "Integer"

    for function, name in ((on_or_off, "switch"), (whole, "flow__a__crude")):
        with pytest.raises(ro.InputError, match=f"variable '{name}' is whole-numbered"):
            ro.allocate(two_ways, constraints=function)


def test_our_own_constraints_may_not_be_changed(two_ways):
    def changed(problem, variables):
        row = next(row for row in problem.constraints() if row.name == "balance__f__crude")
        row.changeRHS(3)

    with pytest.raises(ro.InputError, match="changed the constraint 'balance__f__crude'"):
        ro.allocate(two_ways, constraints=changed)


def test_a_constraint_that_is_returned_and_not_added_is_noticed(two_ways):
    with pytest.raises(ro.InputError, match=r"added nothing; write problem \+= constraint"):
        ro.allocate(two_ways, constraints=lambda problem, variables: variables.leg("a") <= 4)


def test_unknown_names_get_a_suggestion(two_ways):
    with pytest.raises(ro.InputError, match="unknown leg 'c'"):
        ro.allocate(two_ways, constraints=lambda problem, variables: variables.leg("c"))
    with pytest.raises(ro.InputError, match="unknown market 'markt'; did you mean 'market'"):
        ro.allocate(two_ways, constraints=lambda problem, variables: variables.market("markt"))


def test_routes_are_measured_where_they_end():
    system = network({"a": ("f", "market", {"loss": "10 %"})}, {"f": "10 Mt/y"})

    def at_most_four_and_a_half(problem, variables):
        problem += variables.route("a") <= 4.5

    plan = ro.allocate(system, constraints=at_most_four_and_a_half)
    assert (plan.exported, flows(plan)) == (near(4.5), {"a": near(5)})


def test_doing_nothing_changes_nothing(kz):
    plain = ro.allocate(kz)
    same = ro.allocate(kz, constraints=lambda problem, variables: None)
    assert same.netback == near(plain.netback, 1e-12)
    assert np.array_equal(same.legs["flow"], plain.legs["flow"])


def test_constraints_with_another_solver(kz):
    def germany(problem, variables):
        problem += variables.route("cpc") <= 50, "cpc_at_most_50"

    direct = ro.allocate(kz, constraints=germany)
    assert direct.routes.loc["cpc", "flow"] == near(50)
    other = ro.allocate(kz, constraints=germany, solver="pulp:HiGHS")
    assert (other.exported, other.netback) == (near(direct.exported), near(direct.netback))
