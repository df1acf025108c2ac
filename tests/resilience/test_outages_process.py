"""How likely something is down on each day: seasons, families of repair times, years against instants."""

from __future__ import annotations

import numpy as np
import pytest

import routeopt as ro
from helpers.outages import fails, lines
from routeopt.elements.elements import Element
from routeopt.resilience.outages.draws import histories, year_states
from routeopt.resilience.outages.process import YEAR, Process, RepairTime, month_of_day
from routeopt.scenario import Closure
from routeopt.system import Outages

FAMILIES = [("exponential", None), ("fixed", None), ("lognormal", 0.7), ("lognormal", None), ("weibull", 0.5),
            ("weibull", 2.0)]  # fmt: skip


def outages(rate, mean, family="exponential", cv=None, **more):
    repair = {"mean": f"{mean} d", "distribution": family, **({} if cv is None else {"cv": cv})}
    return Outages.model_validate({"rate": f"{rate} /y", "repair": repair, **more})


def event(record):
    return Element(("leg x",), ((Closure(leg="x"),),), outages=record, kind="leg", title="x")


@pytest.mark.parametrize(("family", "cv"), FAMILIES)
def test_the_share_of_time_down_does_not_depend_on_the_family(family, cv):
    process = Process(outages(3, 20, family, cv))
    load = 3 * 20 / 365
    assert process.down == pytest.approx(load / (1 + load))
    assert not process.seasonal


@pytest.mark.parametrize(("family", "cv"), FAMILIES)
def test_repair_times_have_their_mean_and_spread(family, cv):
    time = RepairTime(family, 20.0, 1.0 if cv is None else cv)
    spread = {"exponential": 1.0, "fixed": 0.0}.get(family, time.cv)
    drawn = time.sample(np.random.default_rng(1), 200_000)
    assert time.atoms.mean() == pytest.approx(20)
    assert drawn.mean() == pytest.approx(20, rel=0.02)
    assert time.atoms.std() == pytest.approx(20 * spread, rel=0.02, abs=1e-9)
    assert drawn.std() == pytest.approx(20 * spread, rel=0.04, abs=1e-9)
    assert time.survival.sum() == pytest.approx(20)
    assert time.survival[0] == pytest.approx(np.minimum(drawn, 1).mean(), rel=0.02)  # mean of min(time, 1 day)
    assert (np.diff(time.survival) <= 1e-12).all()


def test_months_limit_when_it_begins():
    process = Process(outages(2, 3, months=[12, 1, 2]))
    month = month_of_day()
    assert process.seasonal
    assert (process.hazard > 0).tolist() == np.isin(month, [12, 1, 2]).tolist()
    assert process.down[month == 7].max() < 1e-12
    assert process.down[59] > process.down[60] > process.down[70] > 0  # repairs go on after the last of February
    # By balance: failures a year = hazard x time up in the season, and each is down for the mean.
    up = 1 - (process.down + np.roll(process.down, -1)) / 2
    assert process.mean * YEAR == pytest.approx(3 * (process.hazard * up).sum())
    # In the middle of the season it is as in a steady state at the higher rate.
    load = 2 * 365 / 90 * 3 / 365
    assert process.down[20] == pytest.approx(load / (1 + load), rel=0.01)


def test_twelve_months_are_no_season():
    assert Process(outages(2, 3, months=list(range(1, 13)))).down == pytest.approx(Process(outages(2, 3)).down)


@pytest.mark.parametrize(
    "record",
    [
        outages(4, 30),
        outages(4, 30, "fixed"),
        outages(4, 30, "lognormal", 1.0),
        outages(3, 10, months=[11, 12, 1]),
        outages(1, 500, "weibull", 0.6),
        outages(2, 60, "fixed", months=[12]),
    ],
)
def test_years_are_down_as_often_as_instants(record):
    process, years = Process(record), 4_096
    down = np.concatenate([
        year_states(block, 1).reshape(-1, YEAR) for block in histories([event(record)], [process], 5, years)
    ])  # fmt: skip
    assert down.shape == (years, YEAR)
    error = down.mean(axis=1).std(ddof=1) / years**0.5
    assert abs(down.mean() - process.mean) < 4 * error
    # Also at the beginning of the year, in its middle, and at its end.
    for day in (0, 5, 40, 200, 364):
        chance = process.down[day]
        assert abs(down[:, day].mean() - chance) < 4 * (chance * (1 - chance) / years) ** 0.5 + 2e-3


def test_years_do_not_depend_on_how_many_follow():
    record = outages(4, 30)
    process = Process(record)
    few = [year for block in histories([event(record)], [process], 1, 300) for year in block]
    more = [year for block in histories([event(record)], [process], 1, 600) for year in block]
    assert len(few) == 300
    assert more[:300] == few
    assert more[300:600] != few


def test_seasons_meet_in_the_same_months():
    # Two lines that fail in the same month or in opposite ones: the same margins, other coincidences.
    def both(one, other):
        legs = {name: (5, fails(0.02, months=months)) for name, months in (("a", one), ("b", other))}
        return ro.simulate_outages(lines(10, legs), draws=1)

    together, apart = both([1], [1]), both([1], [7])
    assert together.expected_loss == pytest.approx(apart.expected_loss, rel=1e-6)  # each line carries its half
    assert together.probability(above=9) > 1e-3
    assert apart.probability(above=9) < 1e-4
    drawn = ro.simulate_outages(together.system, draws=40_000, method="sample")
    assert (
        abs(drawn.probability(above=9) - together.probability(above=9)) < 4 * (together.probability(9) / 40_000) ** 0.5
    )
    found = drawn.importance
    gap = (found["birnbaum"] - together.importance.loc[found.index, "birnbaum"]).abs()
    assert (gap < 4 * found["standard_error"]).all()
    assert (found["standard_error"] < 0.1).all()


def test_separate_days_of_years_by_hand():
    system = lines(10, {"a": (6, fails(0.1)), "b": (5, fails(0.2))})
    risk = ro.simulate_outages(system, years=300, intertemporal=False, seed=9)
    assert (risk.sampling, risk.unit, risk.draws) == ("year", "kt per year", 300)
    lost = []
    for block in histories(risk._setup.events, risk._setup.processes, 9, 300):
        down = year_states(block, 2).reshape(-1, YEAR, 2)
        lost += np.select([down.all(axis=2), down[..., 0], down[..., 1]], [10, 5, 4], 0).sum(axis=1).tolist()
    assert risk.losses.tolist() == pytest.approx(lost)
    assert risk.exported == pytest.approx(3650)
    assert abs(risk.expected_loss - 365 * 1.32) < 4 * risk.standard_error
    # By event a year is 365 instants.
    birnbaum = risk.importance["birnbaum"] / 365
    assert birnbaum["leg a"] == pytest.approx(5.2, abs=4 * risk.importance["standard_error"]["leg a"] / 365)
    stopped = ro.simulate_outages(system, years=5_000, intertemporal=False, seed=9, tolerance=15)
    assert stopped.draws in range(256, 5_000, 256)
    assert stopped.standard_error <= 15
    assert stopped.losses[:256].tolist() == risk.losses[:256].tolist()


def test_a_bad_year_is_not_a_bad_instant():
    system = lines(10, {"a": (10, fails(0.1, "5 d"))})
    years = ro.simulate_outages(system, years=500, intertemporal=False)
    instants = ro.simulate_outages(system, draws=1)
    assert instants.cvar(0.95) == pytest.approx(10)
    assert years.cvar(0.95) < 0.4 * 3650  # nobody loses ten a day all year
    with pytest.raises(ro.InputError, match="cannot be compared"):
        years.compare(instants)


def test_a_given_beginning():
    system = lines(10, {"a": (6, fails(0.1, "30 d")), "b": (5, fails(0.2, "5 d"))})
    steady, hit, calm = (ro.simulate_outages(system, years=512, intertemporal=False, initially_down=down)
                         for down in (None, ["leg a"], []))  # fmt: skip
    assert calm.expected_loss < steady.expected_loss < hit.expected_loss
    # A repair that is exponential has as long to go as ever: 30 days of 5 lost, less what would have been lost anyway.
    extra = hit.expected_loss - calm.expected_loss
    assert abs(extra - 0.9 * 30 * 5.2) < 4 * hit.compare(calm).standard_error
    with pytest.raises(ro.InputError, match="leave initially_down out"):
        _ = hit.importance
    assert "Fussell-Vesely" not in str(hit)
    with pytest.raises(ro.InputError, match="unknown event 'leg c'"):
        ro.simulate_outages(system, years=5, initially_down="leg c")
    with pytest.raises(ro.InputError, match="snapshots have no beginning"):
        ro.simulate_outages(system, draws=5, initially_down="leg a")
