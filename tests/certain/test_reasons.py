"""Why there is no answer: conflict sets and smallest changes that are known by hand."""

from __future__ import annotations

import pickle

import pytest

import routeopt as ro
from helpers.small import near, network


@pytest.fixture
def system():
    return network(
        {"a": ("f", "h", {"capacity": "7 Mt/y"}), "b": ("f", "h", {"capacity": "2 Mt/y"}),
         "c": ("h", "market", {}), "idle": ("f", "market", {"status": "idle"})},
        {"f": "10 Mt/y"}, markets={"market": {"demand": "8 Mt/y"}},
    )  # fmt: skip


def refused(system, function, **more):
    with pytest.raises(ro.InfeasibleError) as caught:
        ro.allocate(system, constraints=function, **more)
    return caught.value


def test_two_rows_against_each_other(system):
    def rows(problem, v):
        problem += v.leg("a") <= 3, "low"
        problem += v.leg("a") >= 5, "high"
        problem += v.leg("b") <= 1, "innocent"

    error = refused(system, rows)
    assert set(error.conflict) == {"'low' requires at most 3 Mt/y", "'high' requires at least 5 Mt/y"}
    assert sum(abs(give) for give in error.relaxation.values()) == near(2)
    assert "innocent" not in str(error)


def test_a_row_against_a_capacity(system):
    error = refused(system, lambda problem, v: problem.addConstraint(v.leg("a") >= 7.5, "more"))
    assert set(error.conflict) == {"'more' requires at least 7.5 Mt/y", "leg 'a' carries at most 7 Mt/y"}
    assert error.relaxation == {"more": near(-0.5)}


def test_a_row_against_demand_and_output(system):
    error = refused(system, lambda problem, v: problem.addConstraint(v.exported() >= 9, "nine"))
    assert set(error.conflict) == {"'nine' requires at least 9 Mt/y", "market 'market' buys at most 8 Mt/y"}
    poor = system.override({"nodes.f.output": "5 Mt/y"})
    error = refused(poor, lambda problem, v: problem.addConstraint(v.exported() >= 6, "six"))
    assert set(error.conflict) == {"'six' requires at least 6 Mt/y", "field 'f' produces at most 5 Mt/y"}


def test_closed_and_idle_legs_say_so(system):
    error = refused(system, lambda problem, v: problem.addConstraint(v.leg("a") >= 1, "one"), close=["a"])
    assert "leg 'a' carries at most 0 Mt/y (it is closed)" in error.conflict
    error = refused(system, lambda problem, v: problem.addConstraint(v.leg("idle") >= 1, "one"))
    assert "leg 'idle' is not in service (idle)" in error.conflict


def test_the_set_is_irreducible(system):
    # Needs both legs and the row; relaxing any one of them gives an answer.
    wide = system.override({"nodes.market.demand": "20 Mt/y"})

    def row(problem, v):
        problem += v.exported() >= 9.5, "most"

    error = refused(wide, row)
    assert set(error.conflict) == {
        "'most' requires at least 9.5 Mt/y", "leg 'a' carries at most 7 Mt/y", "leg 'b' carries at most 2 Mt/y",
        "leg 'idle' is not in service (idle)",
    }  # fmt: skip
    assert error.relaxation == {"most": near(-0.5)}
    for change in ({"legs.a.capacity": "8 Mt/y"}, {"legs.b.capacity": "3 Mt/y"}, {"legs.idle.status": "operating"}):
        assert ro.allocate(wide.override(change), constraints=row).exported >= 9.5 - 1e-6


def test_narrowed_variables(system):
    def narrow(problem, v):
        v.output["f"].lowBound = 9.0  # the market buys only eight

    error = refused(system, narrow)
    assert "field 'f' produces at least 9 Mt/y (a bound that was set)" in error.conflict
    assert error.relaxation == {}


def test_kazakhstan_in_the_words_of_its_file():
    kz = ro.load("kazakhstan")
    error = refused(kz, lambda problem, v: problem.addConstraint(v.leg("btc") >= 3, "btc_three"))
    assert "leg 'tcop' is not built (hypothetical)" in error.conflict
    assert any(text.startswith("leg 'aktau-baku' carries at most 1.27") for text in error.conflict)
    assert "Relaxing 'btc_three' by" in str(error)


def test_it_travels(system):
    error = refused(system, lambda problem, v: problem.addConstraint(v.leg("a") >= 7.5, "more"))
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.conflict, again.relaxation) == (str(error), error.conflict, error.relaxation)
