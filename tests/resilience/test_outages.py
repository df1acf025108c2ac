"""Random instants: exact by hand, drawn within its error, the same for everybody."""

from __future__ import annotations

import concurrent.futures as futures

import numpy as np
import pytest

import routeopt as ro
from helpers.outages import fails, lines
from routeopt.elements.values import every_set
from routeopt.errors import InputError, ScenarioError
from routeopt.resilience.outages.states import likely_states


@pytest.fixture(scope="module")
def two():
    """Output 10 over lines of 6 and 5 that are down for 10 % and 20 % of the time."""
    return lines(10, {"a": (6, fails(0.1)), "b": (5, fails(0.2))})


@pytest.fixture(scope="module")
def many():
    """Fourteen lines: more states than are always enumerated."""
    legs = {f"line-{k:02}": (2 + k % 3, fails(0.01 + 0.01 * k)) for k in range(14)}
    return lines(38, legs)


def test_two_elements_by_hand(two):
    risk = ro.simulate_outages(two, draws=10)
    # up, a down (5 left), b down (6 left), both down
    chance = {0: 0.9 * 0.8, 5: 0.1 * 0.8, 4: 0.9 * 0.2, 10: 0.1 * 0.2}
    assert risk.exact
    assert (risk.draws, risk.outage_states, risk.standard_error, risk.error_bound) == (0, 4, 0.0, 0.0)
    assert dict(
        zip(risk._distribution.values.tolist(), risk._distribution.weights.tolist(), strict=True)
    ) == pytest.approx(dict(sorted(chance.items())))
    assert risk.expected_loss == pytest.approx(0.4 + 0.72 + 0.2)
    assert risk.loss_probability == pytest.approx(0.28)
    assert risk.loss_probability_interval == pytest.approx((0.28, 0.28))
    assert risk.probability(above=4.5) == pytest.approx(0.10)
    assert (risk.exported, risk.unit, risk.sampling) == (pytest.approx(10), "kt/d", "snapshot")


def test_importance_by_hand(two):
    table = ro.simulate_outages(two, draws=10).importance
    mean = 1.32
    for event, share, down, up in (
        ("leg a", 0.1, 0.8 * 5 + 0.2 * 10, 0.2 * 4),
        ("leg b", 0.2, 0.9 * 4 + 0.1 * 10, 0.5),
    ):
        row = table.loc[event]
        assert row["unavailability"] == pytest.approx(share)
        assert row["loss_when_down"] == pytest.approx(down)
        assert row["loss_when_up"] == pytest.approx(up)
        assert row["birnbaum"] == pytest.approx(down - up)
        assert row["criticality"] == pytest.approx(share * (down - up) / mean)
        assert row["raw"] == pytest.approx(down / mean)
        assert row["rrw"] == pytest.approx(mean / up)
        assert row["fussell_vesely"] == pytest.approx((mean - up) / mean)
        assert row["standard_error"] == 0.0
    assert list(table.index) == ["leg b", "leg a"]  # what would save most comes first


def test_capacity_outage_table_of_three_units():
    # Two units of 3 and one of 5 with a forced outage rate of 2 % and a load of 10: the capacity outage probability
    # table of Billinton and Allan (Reliability Evaluation of Power Systems, section 2.2) with the loss in each state.
    units = lines(10, {name: (size, fails(0.02, "1 d")) for name, size in (("one", 3), ("two", 3), ("three", 5))})
    risk = ro.simulate_outages(units, draws=1)
    table = {0: 0.941192, 2: 0.038416, 4: 0.019208, 5: 0.000392, 7: 0.000784, 10: 0.000008}
    found = dict(zip(risk._distribution.values.round(6).tolist(), risk._distribution.weights.tolist(), strict=True))
    assert found == pytest.approx(table, abs=1e-12)
    assert risk.expected_loss == pytest.approx(0.161192, abs=1e-9)  # energy not served
    assert risk.loss_probability == pytest.approx(0.058808, abs=1e-12)


def test_sampling_agrees_with_enumeration(many):
    exact = ro.simulate_outages(many, draws=20_000)
    drawn = ro.simulate_outages(many, draws=20_000, method="sample", seed=4)
    assert exact.exact
    assert not drawn.exact
    assert drawn.draws == 20_000
    assert 0 < drawn.standard_error < 0.05
    assert abs(drawn.expected_loss - exact.expected_loss) < 4 * drawn.standard_error
    low, high = drawn.loss_probability_interval
    assert low < exact.loss_probability < high
    for p in (0.5, 0.9, 0.99):
        low, high = drawn.interval(p)
        assert low <= exact.quantile(p) <= high
    assert abs(drawn.cvar(0.95) - exact.cvar(0.95)) < 4 * drawn._distribution.cvar_error(0.95)
    one, other = drawn.importance, exact.importance.loc[drawn.importance.index]
    gap = (one["birnbaum"] - other["birnbaum"]).abs()
    assert (gap < 4 * one["standard_error"]).all()
    assert (one["standard_error"] > 0).all()
    assert drawn.expected_cost == pytest.approx(exact.expected_cost, abs=1e-9)  # nothing has a price here


def test_likely_states_bound_the_rest(many):
    exact = ro.simulate_outages(many, draws=20_000)
    part = ro.simulate_outages(many, draws=600, method="exact")
    assert not part.exact
    assert part.outage_states == 600
    assert part.draws == 0
    assert 0 < part.error_bound < 1
    assert exact.expected_loss <= part.expected_loss <= exact.expected_loss + part.error_bound
    assert "too high" in str(part)
    # With a tolerance that the bound meets, nothing has to be drawn.
    assert ro.simulate_outages(many, draws=6_000, tolerance=0.5).draws == 0
    assert ro.simulate_outages(many, draws=6_000).draws == 6_000


def test_likely_states_come_in_falling_order():
    chances = [0.05, 0.3, 0.7, 0.2, 0.01, 0.45]

    def chance(states):
        return np.prod(np.where(states, chances, 1 - np.array(chances)), axis=1)

    found = likely_states(chances, 64)
    assert len(np.unique(found, axis=0)) == 64
    assert chance(found) == pytest.approx(np.sort(chance(every_set(6)))[::-1])
    assert (likely_states(chances, 7) == found[:7]).all()


def test_workers_and_chunks_change_nothing(many):
    serial = ro.simulate_outages(many, draws=3_000, method="sample", seed=7)
    for workers, chunk in ((1, 100), (3, 64), (2, 1_000)):
        with futures.ThreadPoolExecutor(workers) as pool:
            other = ro.simulate_outages(many, draws=3_000, method="sample", seed=7, executor=pool, chunk=chunk)
        assert other.losses.tolist() == pytest.approx(serial.losses.tolist(), abs=1e-9)
    again = ro.simulate_outages(many, draws=3_000, method="sample", seed=7)
    assert (again.losses == serial.losses).all()
    assert (ro.simulate_outages(many, draws=3_000, method="sample", seed=8).losses != serial.losses).any()
    # Fewer draws are the first ones; the stop rule looks at them in rounds of its own.
    fewer = ro.simulate_outages(many, draws=1_000, method="sample", seed=7)
    assert fewer.losses.tolist() == pytest.approx(serial.losses[:1_000].tolist(), abs=1e-9)


def test_stop_rule(many):
    asked = {"draws": 200_000, "method": "sample", "seed": 2}
    risk = ro.simulate_outages(many, **asked, tolerance=0.02)
    assert risk.standard_error <= 0.02
    assert risk.draws < 200_000
    assert risk.draws % 4_096 == 0
    tighter = ro.simulate_outages(many, **asked, tolerance=0.01)
    assert tighter.draws > risk.draws
    assert (tighter.losses[: risk.draws] == risk.losses).all()


def test_common_random_numbers(many):
    wider = many.override({"legs": {"extra": {"from": "field", "to": "port", "capacity": "4 kt/d",
                                              "outages": fails(0.1)}}})  # fmt: skip
    one = ro.simulate_outages(many, draws=8_000, method="sample", seed=3)
    two = ro.simulate_outages(wider, draws=8_000, method="sample", seed=3)
    assert (two.losses <= one.losses + 1e-9).all()  # the same outages, and one more way out
    apart = ro.simulate_outages(wider, draws=8_000, method="sample", seed=4)
    paired, loose = one.compare(two), one.compare(apart)
    assert paired.paired
    assert not loose.paired
    assert paired.difference == pytest.approx(two.expected_loss - one.expected_loss)
    assert paired.standard_error < 0.8 * loose.standard_error
    assert loose.standard_error == pytest.approx(np.hypot(one.standard_error, apart.standard_error))
    truth = (
        ro.simulate_outages(wider, draws=40_000).expected_loss - ro.simulate_outages(many, draws=20_000).expected_loss
    )
    assert abs(paired.difference - truth) < 4 * paired.standard_error
    assert "less" in str(paired)


def test_a_scenario_is_the_base(two):
    risk = ro.simulate_outages(two, draws=5, scenario={"closures": [{"leg": "a"}]})
    assert risk.exported == pytest.approx(5)
    assert risk.expected_loss == pytest.approx(0.2 * 5)
    built = ro.simulate_outages(two, draws=5, scenario={"build": {"b": "5 kt/d"}})
    assert built.expected_loss == pytest.approx(0.2 * 0.9 * 4 + 0.2 * 0.1 * 10)  # a alone, or nothing
    gain = ro.simulate_outages(two, draws=5).compare(built)
    assert gain.difference == pytest.approx(0.92 - 1.32)
    assert gain.exported == pytest.approx(0.4)
    assert gain.standard_error == 0.0


def test_what_does_not_run_does_not_fail(two):
    idle = two.override({"legs": {"c": {"from": "field", "to": "port", "status": "idle", "capacity": "9 kt/d",
                                        "outages": fails(0.3)}}})  # fmt: skip
    assert [event.name for event in ro.simulate_outages(idle, draws=1)._setup.events] == ["leg a", "leg b"]
    with_it = ro.simulate_outages(idle, draws=1, scenario={"reopen": ["c"]})
    assert [event.name for event in with_it._setup.events] == ["leg a", "leg b", "leg c"]


def test_part_of_the_capacity():
    risk = ro.simulate_outages(lines(10, {"a": (10, fails(0.2, derating="40 %"))}), draws=1)
    assert risk._distribution.values.tolist() == pytest.approx([0, 4])
    assert risk.expected_loss == pytest.approx(0.8)


def test_more_events_than_bits():
    legs = {f"line-{k:03}": (1, fails(0.02)) for k in range(75)}
    risk = ro.simulate_outages(lines(74, legs), draws=3_000, seed=1)
    # One line is to spare: binomial number of outages, less one.
    assert abs(risk.expected_loss - (75 * 0.02 - 1 + 0.98**75)) < 4 * risk.standard_error
    assert risk.counts.certified >= risk.outage_states


def test_a_million_draws_of_kazakhstan(kz):
    risk = ro.simulate_outages(kz, draws=1_000_000, method="sample")
    assert risk.losses.nbytes == 8_000_000
    assert risk.outage_states < 1_000
    assert risk.counts.certified < 1_000  # each distinct state is solved once
    exact = ro.simulate_outages(kz, draws=1)
    assert exact.exact
    assert abs(risk.expected_loss - exact.expected_loss) < 4 * risk.standard_error


def test_tcop_saves_what_storms_and_moorings_cost(kz):
    without, tcop = (ro.simulate_outages(kz, draws=1, scenario=name) for name in (None, "tcop-20"))
    assert without.exact
    assert 0 < tcop.expected_loss < without.expected_loss
    change = without.compare(tcop)
    assert change.names == ("base", "tcop-20")
    assert -change.difference < 20 * without.loss_probability


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "draws: exactly one of draws and years"),
        ({"draws": 5, "years": 5}, "years: exactly one of draws and years"),
        ({"draws": -1}, "from 1, not -1"),
        ({"draws": 0}, "from 1, not 0"),
        ({"years": 2.5}, "not 2.5"),
        ({"draws": True}, "not True"),
        ({"draws": 5, "seed": -3}, "seed: needs a whole number from 0"),
        ({"draws": 5, "tolerance": 0}, "tolerance: needs a positive number"),
        ({"draws": 5, "tolerance": float("nan")}, "tolerance: needs a positive number"),
        ({"draws": 5, "method": "guess"}, "write auto, exact or sample"),
        ({"years": 5, "intertemporal": "both"}, "write auto, True or False"),
    ],
)
def test_what_cannot_be_asked(two, asked, words):
    with pytest.raises(InputError, match=words):
        ro.simulate_outages(two, **asked)


def test_every_mistake_at_once(two):
    with pytest.raises(InputError) as caught:
        ro.simulate_outages(two, draws=-1, seed=-1, method="x")
    assert [problem.path for problem in caught.value.problems] == [("draws",), ("seed",), ("method",)]


def test_nothing_can_fail():
    for system in (lines(10, {"a": (6, None)}), lines(10, {"a": (6, {"rate": "0 /y", "repair": {"mean": "1 d"}})})):
        with pytest.raises(ScenarioError, match="nothing that runs here can fail"):
            ro.simulate_outages(system, draws=10)


def test_a_share_of_no_capacity():
    system = lines(10, {"a": (6, None)}).override(
        {"legs.a.capacity": None, "legs.a.outages": fails(0.1, derating="50 %")}
    )
    with pytest.raises(ScenarioError, match=r"legs\.a\.outages\.derating: there is no capacity"):
        ro.simulate_outages(system, draws=10)
