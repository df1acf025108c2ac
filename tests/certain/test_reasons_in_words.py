"""Reasons in the ids and units of the file, and conflicts that cannot be made smaller, checked by another solver."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse

import routeopt as ro
from helpers.small import near, network
from routeopt.model import bounds_of
from routeopt.model.sparse import with_row
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.solve.engine import program_of
from routeopt.solve.iis import elastic, find_conflict
from routeopt.testing import random_system

STREAMS = {"light": {"barrels_per_tonne": 8}, "heavy": {"barrels_per_tonne": 7}}


def refused(system, function, **more):
    with pytest.raises(ro.InfeasibleError) as caught:
        ro.allocate(system, constraints=function, **more)
    return caught.value


def asks(make, name="mine"):
    """A function that adds one constraint."""

    def function(problem, variables):
        problem += make(variables), name

    return function


def two_streams(**more):
    """Both streams in one leg, so that its capacity is a row."""
    return network(
        {"a": ("f", "h"), "b": ("g", "h"), "out": ("h", "market", more)},
        {"f": {"output": "10 kt/d", "commodity": "light"}, "g": {"output": "10 kt/d", "commodity": "heavy"}},
        commodities=STREAMS, units={"flow": "kt/d"},
    )  # fmt: skip


def test_a_leg_with_several_streams():
    error = refused(two_streams(capacity="6 kt/d"), asks(lambda v: v.leg("out") >= 7))
    assert set(error.conflict) == {"'mine' requires at least 7 kt/d", "leg 'out' carries at most 6 kt/d"}
    shut = refused(two_streams(capacity="6 kt/d"), asks(lambda v: v.leg("out") >= 1), close=["out"])
    assert "leg 'out' carries at most 0 kt/d (it is closed)" in shut.conflict


def test_a_capacity_in_barrels_is_told_in_barrels():
    # All light is 8 barrels per tonne: 80 kb/d of it are 10 kt/d, of heavy 70 kb/d. 12 kt/d are more than 80 kb/d.
    error = refused(two_streams(capacity="80 kb/d"), asks(lambda v: v.leg("out") >= 12))
    assert "leg 'out' carries at most 80 kb/d" in error.conflict
    # The best that 80 kb/d can do is 10 of heavy and 10 / 8 of light.
    assert error.relaxation == {"mine": near(11.25 - 12)}


def test_groups_in_their_own_unit():
    def grouped(**group):
        return network(
            {"a": ("f", "market"), "b": ("f", "market")}, {"f": {"output": "30 kt/d", "commodity": "light"}},
            commodities=STREAMS, units={"flow": "kt/d"}, groups={"port": group},
        )  # fmt: skip

    barrels = grouped(capacity="80 kb/d", legs=["a", "b"])
    assert "group 'port' has at most 80 kb/d" in refused(barrels, asks(lambda v: v.exported() >= 11)).conflict
    ship = {"cargo": "10 kt", "round_trip": "5 d"}
    fleet = grouped(vessels=3, legs={"a": ship, "b": ship})
    error = refused(fleet, asks(lambda v: v.exported() >= 7))
    assert "group 'port' has at most 3 vessels" in error.conflict
    assert error.relaxation == {"mine": near(-1)}


def test_demand_in_its_own_unit():
    system = network(
        {"a": ("f", "market")}, {"f": {"output": "30 kt/d", "commodity": "light"}},
        markets={"market": {"demand": "80 kb/d"}}, commodities=STREAMS, units={"flow": "kt/d"},
    )  # fmt: skip
    assert "market 'market' buys at most 80 kb/d" in refused(system, asks(lambda v: v.exported() >= 11)).conflict


def test_an_embargo_says_which_stream():
    system = two_streams(capacity="30 kt/d")
    error = refused(system, asks(lambda v: v.flow["out", "light"] >= 1), close=[{"leg": "out", "commodity": "light"}])
    assert set(error.conflict) == {
        "'mine' requires at least 1 kt/d", "leg 'out' carries at most 0 kt/d of light (under an embargo)",
    }  # fmt: skip


def test_a_bound_of_ones_own_is_no_closure():
    system = network({"a": ("f", "market", {"capacity": "6 Mt/y"})}, {"f": "10 Mt/y"})

    def function(problem, variables):
        variables.flow["a", "crude"].upBound = 0
        problem += variables.exported() >= 1, "mine"

    error = refused(system, function)
    assert set(error.conflict) == {
        "'mine' requires at least 1 Mt/y", "leg 'a' carries at most 0 Mt/y (a bound that was set)",
    }  # fmt: skip


def test_bounds_alone():
    system = network({"a": ("f", "market", {"capacity": "6 Mt/y"})}, {"f": "10 Mt/y"})

    def function(problem, variables):
        variables.flow["a", "crude"].lowBound = 4
        variables.delivery["market", "crude"].upBound = 3

    error = refused(system, function)
    assert set(error.conflict) == {
        "leg 'a' carries at least 4 Mt/y (a bound that was set)",
        "market 'market' buys at most 3 Mt/y (a bound that was set)",
    }
    assert error.relaxation == {}


def test_a_refinery_keeps_its_demand():
    system = network(
        {"home": ("f", "refinery"), "out": ("f", "market")},
        {"f": "10 Mt/y"},
        refineries={"refinery": {"demand": "4 Mt/y"}},
    )
    # With no shortage allowed, 6 are left.
    error = refused(
        system,
        lambda problem, v: [
            problem.addConstraint(v.shortage["refinery"] <= 0, "none"),
            problem.addConstraint(v.exported() >= 7, "seven"),
        ],
    )
    assert set(error.conflict) == {
        "'none' requires at most 0 Mt/y", "'seven' requires at least 7 Mt/y", "field 'f' produces at most 10 Mt/y",
        "refinery 'refinery' takes 4 Mt/y",
    }  # fmt: skip
    assert sum(abs(give) for give in error.relaxation.values()) == near(1)


def test_numbers_that_are_no_flow_have_no_unit():
    # Money: 10 and 12 USD per tonne. 90 m cannot pay for 8 Mt at 12 by b alone.
    system = network({"a": ("f", "market", {"capacity": "1 Mt/y"}), "b": ("f", "market")}, {"f": "10 Mt/y"})

    def function(problem, variables):
        problem += 10 * variables.leg("a") + 12 * variables.leg("b") <= 90, "purse"
        problem += variables.exported() >= 8, "eight"

    error = refused(system, function)
    assert "'purse' requires at most 90" in error.conflict
    assert "'eight' requires at least 8 Mt/y" in error.conflict


def test_the_smallest_total_change():
    # a <= 3 against a >= 5 and a >= 6: the first gives 3, or 2 and the last 1, but not 2 + 3.
    system = network({"a": ("f", "market", {"capacity": "9 Mt/y"})}, {"f": "10 Mt/y"})

    def function(problem, variables):
        problem += variables.leg("a") <= 3, "low"
        problem += variables.leg("a") >= 5, "high"
        problem += variables.leg("a") >= 6, "higher"

    error = refused(system, function)
    assert sum(abs(give) for give in error.relaxation.values()) == near(3)
    assert len(error.conflict) == 2
    plain = refused(system, asks(lambda v: v.leg("a") >= 12, "twelve"))
    assert str(plain).endswith("Relaxing 'twelve' by 3 Mt/y restores feasibility")

    def equal(problem, variables):
        problem += variables.leg("a") == 11, "eleven"

    assert refused(system, equal).relaxation == {"eleven": near(-2)}


def has_answer(program, bounds):
    """By scipy, from the arrays."""
    matrix = scipy.sparse.csr_matrix((program.value, (program.index, program.column_of_entry)), program.shape)
    rows = scipy.optimize.LinearConstraint(matrix, bounds.row_lower, bounds.row_upper)
    limits = scipy.optimize.Bounds(bounds.lower, bounds.upper)
    return scipy.optimize.milp(np.zeros(program.shape[1]), constraints=rows, bounds=limits).status == 0


def only(bounds, conflict, without=None):
    """Bounds that hold the members of a conflict and the signs of flows, and nothing else."""
    lower = np.where(bounds.lower == 0, 0.0, -np.inf)
    upper, row_lower, row_upper = (np.full(len(a), b) for a, b in (
        (bounds.upper, np.inf), (bounds.row_lower, -np.inf), (bounds.row_upper, np.inf)))  # fmt: skip
    members = [("row", i, up) for i, up in zip(conflict.rows, conflict.upper_row, strict=True)]
    members += [("column", i, up) for i, up in zip(conflict.columns, conflict.upper_column, strict=True)]
    for place, (what, i, up) in enumerate(members):
        if place == without:
            continue
        source, target = {
            ("row", True): (bounds.row_upper, row_upper), ("row", False): (bounds.row_lower, row_lower),
            ("column", True): (bounds.upper, upper), ("column", False): (bounds.lower, lower),
        }[what, bool(up)]  # fmt: skip
        target[i] = source[i]
    return type(bounds)(lower, upper, row_lower, row_upper, bounds.unit), len(members)


def check_irreducible(seed):
    system = random_system(seed)
    program = program_of(system)
    bounds = bounds_of(program, situate(system, Scenario()))
    layout, rng = program.layout, np.random.default_rng(seed)
    # More than can leave, by a random sum of deliveries and legs.
    weights = np.zeros(program.shape[1])
    weights[layout.columns("delivery")] = 1.0
    extended, asked = with_row(
        program, bounds, weights, 1.2 * float(bounds.upper[layout.columns("output")].sum()), np.inf
    )
    more = np.zeros(extended.shape[1])
    more[rng.choice(len(layout.flow_leg), 3, replace=False)] = 1.0
    extended, asked = with_row(extended, asked, more, -np.inf, 1.0)
    assert not has_answer(extended, asked)
    gives, involved = elastic(extended, asked, np.arange(program.shape[0], extended.shape[0]))
    for found in (find_conflict(extended, asked), find_conflict(extended, involved)):
        held, members = only(asked, found)
        assert not has_answer(extended, held)
        for place in range(members):
            assert has_answer(extended, only(asked, found, without=place)[0])
    # With what they give there is an answer, and with a little less there is none.
    for share, answer in ((1.0, True), (0.99, False)):
        rows = np.arange(program.shape[0], extended.shape[0])
        hair = 1e-7 * bounds.unit
        loose = asked.with_rows(
            rows,
            asked.row_lower[rows] + share * np.minimum(gives, 0) - hair,
            asked.row_upper[rows] + share * np.maximum(gives, 0) + hair,
        )
        assert has_answer(extended, loose) is answer


@pytest.mark.parametrize("seed", range(500, 506))
def test_nothing_can_be_left_out_of_a_conflict(seed):
    check_irreducible(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(510, 530))
def test_nothing_can_be_left_out_of_more_conflicts(seed):
    check_irreducible(seed)
