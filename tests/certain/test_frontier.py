"""The frontier of cost against exposure, held against programs over every path of small systems."""

from __future__ import annotations

import numpy as np
import pytest

import routeopt as ro
from helpers.paths import Region, random_acyclic
from helpers.small import near, network


def leg(capacity=None, tariff=0, countries=(), **more):
    record = {"tariff": f"{tariff} USD/t", "countries": list(countries), **more}
    if capacity is not None:
        record["capacity"] = f"{capacity} Mt/y"
    return record


def check(seed, country):
    system = random_acyclic(seed)
    found = ro.alternatives(system, slack="50 %", minimise={"country": country})
    base, frontier = found.base, found.frontier
    region = Region(base, country)
    extra, exposed = frontier["netback_lost"].to_numpy() / 1e6, frontier["exposed"].to_numpy()
    # Between corners it is straight, and beyond the last one nothing more can be had.
    for share in np.linspace(0.0, 1.0, 9):
        money = share * 0.5 * base.cost / 1e6
        least, _ = region.range(money)
        assert np.interp(money, extra, exposed) == pytest.approx(least, abs=1e-4)
    assert extra[0] == pytest.approx(0, abs=1e-6)
    assert (np.diff(extra) > 0).all()
    assert (np.diff(exposed) < 0).all()
    slopes = np.diff(exposed) / np.diff(extra)
    assert (np.diff(slopes) > 0).all()
    assert len(found.plans) == len(frontier)
    for (_, corner), plan in zip(frontier.iterrows(), found.plans, strict=True):
        assert plan.exported == near(base.exported)
        assert plan.shortage == pytest.approx(base.shortage, abs=1e-6)
        assert plan.cost - base.cost == pytest.approx(corner["netback_lost"], abs=1e-6 * base.cost + 1)
        assert plan.exposure.loc[("country", country), "low"] == pytest.approx(corner["share"], abs=2e-6)
        assert plan.certificate.valid
        capacity = plan.legs["capacity"]
        assert (plan.legs["flow"] <= capacity * (1 + 1e-7) + 1e-9).all()
    # The range of what is near goes down just as far.
    near_low = base.exposure_ranges("50 %").loc[("country", country), "near_low"]
    assert frontier["share"].iloc[-1] == pytest.approx(near_low, abs=2e-6)


@pytest.mark.parametrize("seed", range(5))
def test_random_systems(seed):
    check(seed, "RU")


@pytest.mark.slow
@pytest.mark.parametrize("country", ["RU", "AZ"])
@pytest.mark.parametrize("seed", range(30, 50))
def test_many_random_systems(seed, country):
    check(seed, country)


def test_a_barrel_is_counted_once_however_often_it_crosses():
    # Over RU twice at 1 + 1, or round it on the second leg at 1 + 4: that avoids nothing, since it has crossed by then.
    system = network(
        {"a": ("f", "h", leg(None, 1, ["RU"])), "b": ("h", "market", leg(None, 1, ["RU"])),
         "c": ("h", "market", leg(None, 4)), "round": ("f", "market", leg(3, 9))},
        {"f": "10 Mt/y"}, exporter="KZ",
    )  # fmt: skip
    found = ro.alternatives(system, slack="1000 %", minimise={"country": "RU"})
    assert found.frontier["exposed"].tolist() == [near(10), near(7)]
    assert found.plans[-1].legs.loc["c", "flow"] == 0
    assert found.frontier["netback_lost"].tolist() == [pytest.approx(0, abs=1), near(3 * 7e6)]


def test_the_cheapest_of_the_least_exposed_is_shown():
    # Two ways avoid it, at 12 and at 30: the corner takes the first.
    system = network(
        {
            "a": ("f", "market", leg(None, 10, ["RU"])),
            "b": ("f", "market", leg(None, 12)),
            "c": ("f", "market", leg(None, 30)),
        },
        {"f": "10 Mt/y"},
        exporter="KZ",
    )
    found = ro.alternatives(system, slack="500 %", minimise={"country": "RU"})
    assert found.plans[-1].legs["flow"].tolist() == [0, near(10), 0]
    lowered = "a netback lower by 20.0% of transport cost"
    assert found.headline == f"{lowered} removes 100.0% of the barrels through country RU"


def test_no_slack_still_breaks_ties():
    # At one price: nobody need cross.
    system = network(
        {"a": ("f", "market", leg(7, 10, ["RU"])), "b": ("f", "market", leg(6, 10, ["AZ"]))},
        {"f": "10 Mt/y"},
        exporter="KZ",
    )
    found = ro.alternatives(system, slack=0, minimise={"country": "RU"})
    assert found.frontier["exposed"].tolist() == [near(4)]
    assert found.plans[0].cost == near(found.base.cost)


def test_volume_is_never_given_up():
    system = network(
        {"a": ("f", "market", leg(7, 10, ["RU"])), "b": ("f", "market", leg(4, 50))}, {"f": "10 Mt/y"}, exporter="KZ"
    )
    found = ro.alternatives(system, slack="10000 %", minimise={"country": "RU"})
    assert found.frontier["exposed"].tolist() == [near(7), near(6)]
    assert all(plan.exported == near(10) for plan in found.plans)


def test_in_a_scenario(kz):
    found = ro.alternatives(kz, {"closures": [{"leg": "btc"}]}, minimise={"country": "RU"})
    assert found.base.legs.loc["btc", "flow"] == 0
    assert all(plan.legs.loc["btc", "flow"] == 0 for plan in found.plans)


def test_nothing_exported():
    system = network({"a": ("f", "market", leg(7, 10, ["RU"]))}, {"f": "10 Mt/y"}, exporter="KZ")
    found = ro.alternatives(system, {"closures": [{"leg": "a"}]}, minimise={"country": "RU"})
    assert found.frontier[["exposed", "share"]].to_numpy().tolist() == [[0.0, 0.0]]
    assert found.headline == "nothing crosses country RU as it is"


def test_the_words(kz):
    found = ro.alternatives(kz, slack="5 %", minimise={"chokepoint": "turkish-straits"})
    assert repr(found) == f"Alternatives({len(found.plans)} corners: {found.headline})"
    assert found.plans[0].name == "base, less chokepoint turkish-straits"
    assert "of the barrels through chokepoint turkish-straits" in found.headline


def test_unknown_scenarios_are_named(kz):
    with pytest.raises(ro.ScenarioError, match="cpc-closed"):
        ro.alternatives(kz, "cpc-close", minimise={"country": "RU"})
