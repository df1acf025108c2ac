"""Alternatives: the frontier of cost against exposure, by hand and in its properties."""

from __future__ import annotations

import numpy as np
import pytest

import routeopt as ro
from helpers.small import near, network


@pytest.fixture
def system():
    # 10 units. a crosses AA at 10 USD/t; b and c avoid it at 12 and 20, two and three units wide.
    return network(
        {"a": ("f", "market", {"countries": ["AA"], "tariff": "10 USD/t"}),
         "b": ("f", "market", {"capacity": "2 Mt/y", "tariff": "12 USD/t"}),
         "c": ("f", "market", {"capacity": "3 Mt/y", "tariff": "20 USD/t"})}, {"f": "10 Mt/y"},
    )  # fmt: skip


def test_corners_by_hand(system):
    # All by a: 100. Two units by b: +4. Three more by c: +30. Then nothing avoids AA any more.
    found = ro.alternatives(system, slack="100 %", minimise={"country": "AA"})
    frontier = found.frontier
    assert frontier["exposed"].tolist() == [near(10), near(8), near(5)]
    assert frontier["netback_lost"].tolist() == [pytest.approx(0, abs=1), near(4e6), near(34e6)]
    assert frontier["extra_share"].tolist()[1:] == [near(0.04), near(0.34)]
    assert frontier["share"].tolist() == [near(1), near(0.8), near(0.5)]
    assert (
        found.headline == "a netback lower by 34.0% of transport cost removes 50.0% of the barrels through country AA"
    )
    last = found.plans[-1]
    assert last.legs["flow"].tolist() == [near(5), near(2), near(3)]
    assert last.exported == near(10)
    assert not last.optimal
    with pytest.raises(ro.InputError, match="no optimum"):
        last.flow_ranges()
    assert "country AA" in last.summary()


def test_slack_cuts_the_frontier(system):
    found = ro.alternatives(system, slack="14 %", minimise={"leg": "a"})
    # 4 for b, 10 of 30 for one unit of c.
    assert found.frontier["exposed"].tolist() == [near(10), near(8), near(7)]
    assert ro.alternatives(system, slack=0, minimise={"leg": "a"}).frontier["exposed"].tolist() == [near(10)]


def test_words_where_nothing_can_be_done(system):
    only = system.override({"legs.b.capacity": "0 Mt/y", "legs.c.capacity": "0 Mt/y"})
    assert "no barrel can avoid country AA" in ro.alternatives(only, minimise={"country": "AA"}).headline
    unused = system.override({"legs.c.chokepoints": ["gate"]})
    assert (
        ro.alternatives(unused, minimise={"chokepoint": "gate"}).headline == "nothing crosses chokepoint gate as it is"
    )


@pytest.mark.parametrize(
    ("minimise", "message"),
    [
        ({}, "say what to avoid"),
        ({"country": "AA", "leg": "a"}, "say what to avoid"),
        ({"cuontry": "AA"}, "unknown selector 'cuontry'; did you mean 'country'?"),
        ({"country": "AB"}, "unknown country 'AB'; country names here: AA"),
        ({"node": "f"}, "no legs that a barrel could avoid"),
    ],
)
def test_bad_arguments(system, minimise, message):
    with pytest.raises(ro.InputError) as caught:
        ro.alternatives(system, minimise=minimise)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "minimise", [{"chokepoint": "turkish-straits"}, {"route": "atyrau-samara"}, {"leg": "cpc-loading"}]
)
@pytest.mark.parametrize("scenario", [None, "one-mooring", "cpc-closed"])
def test_kazakhstan(minimise, scenario):
    kz = ro.load("kazakhstan")
    found = ro.alternatives(kz, scenario, slack="5 %", minimise=minimise)
    frontier = found.frontier
    assert (np.diff(frontier["exposed"]) < 0).all()
    slopes = np.diff(frontier["exposed"]) / np.diff(frontier["netback_lost"])
    assert (np.diff(slopes) >= -1e-9 * abs(slopes[:1].sum() or 1)).all()  # convex: the first dollars avoid most
    ((kind, name),) = minimise.items()
    for (_, corner), plan in zip(frontier.iterrows(), found.plans, strict=True):
        assert plan.exported == near(found.base.exported)
        assert found.base.netback - plan.netback == pytest.approx(corner["netback_lost"], rel=1e-5, abs=1e3)
        assert plan.certificate.valid
        if kind == "chokepoint":
            share = plan.exposure.loc[(kind, name), "low"]
            assert share == pytest.approx(corner["share"], abs=1e-6)
