"""Western Canada: published flows, ways out shut by hand, apportionment, rail as relief."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.small import near

SOUTH = (310 + 97 + 20) * 0.94
KEYSTONE = 610 * 0.95


@pytest.fixture(scope="module")
def canada() -> ro.ExportSystem:
    return ro.load("canada")


def test_the_base_year_is_near_to_the_published_flows(canada: ro.ExportSystem) -> None:
    plan = ro.allocate(canada)
    flow = plan.routes["flow"]
    carried = {**flow, "trans-mountain": plan.legs["arrives"]["trans-mountain"]}  # with what British Columbia refines
    assert carried["trans-mountain"] - flow["trans-mountain"] == near(90)
    # CAPP, January to September 2025, and the regulator's figure for rail. Only rail is pinned by its own figure.
    for route, published in {"mainline": 3062, "keystone": 579, "trans-mountain": 701, "south": 403}.items():
        assert carried[route] == pytest.approx(published, rel=0.02), route
    assert flow["rail"] == near(77.2)
    assert flow["coast"] == 0
    assert plan.shut_in == pytest.approx(0, abs=1e-9)
    assert plan.exported + 90 == pytest.approx(4745 + 77.2, abs=0.5)  # closes by construction; 90 stay in the west
    assert plan.legs["flow"]["westridge-loading"] == pytest.approx(443, rel=0.03)  # 2Q 2025
    heavy = canada.fields["alberta-heavy"].output.value
    assert heavy / 4822.2 == pytest.approx(3330 / 4200, rel=0.001)


@pytest.mark.parametrize(
    ("scenario", "exported", "short"),
    [
        ("mainline-out", 890 - 90 + KEYSTONE + SOUTH + 412, 0),  # pipes full, then trains
        ("mainline-half", 1600 + 890 - 90 + KEYSTONE + SOUTH + 412, 0),
        ("mainline-without-line-3", 2440 + 890 - 90 + KEYSTONE + SOUTH + 412, 0),
        ("trans-mountain-out", 3200 + KEYSTONE + SOUTH + 412, 90),
        ("keystone-out", 4732, 0),
        ("keystone-and-rail", 3200 + 890 - 90 + SOUTH, 0),
        ("mainline-and-rail", 890 - 90 + KEYSTONE + SOUTH, 0),
        ("mainline-out-with-coast", 890 - 90 + KEYSTONE + SOUTH + 412 + 1000, 0),
        ("mainline-out-before-trans-mountain", 300 - 90 + KEYSTONE + SOUTH + 412, 0),
        ("united-states", 630, 0),  # what the dock at Westridge loads
        ("rail-strike", 4732, 0),
    ],
)
def test_closures_by_hand(canada: ro.ExportSystem, scenario: str, exported: float, short: float) -> None:
    plan = ro.allocate(canada, scenario)
    assert plan.exported == pytest.approx(exported, abs=1e-3)
    assert plan.shortage == pytest.approx(short, abs=1e-6)


def test_rail_comes_last(canada: ro.ExportSystem) -> None:
    flow = ro.allocate(canada, "keystone-out").routes["flow"]
    assert flow["mainline"] == near(3200)
    assert flow["trans-mountain"] == near(890 - 90)
    assert flow["rail"] == near(4822 - 3200 - 890 - SOUTH)
    assert ro.allocate(canada, "keystone-derated").routes["flow"]["rail"] == near(77.2)


def test_scarce_capacity_is_shared_pro_rata(canada: ro.ExportSystem) -> None:
    economic = ro.allocate(canada, "mainline-half")
    shared = ro.allocate(canada, "mainline-half", apportion="pro-rata")
    assert shared.exported == near(economic.exported)
    share = (shared.fields["flow"] / shared.fields["available"]).tolist()
    # All three reach the Mainline, so all have the same share: what leaves and is refined, of what there is.
    assert share == [near((economic.exported + 575 + 90) / 5397)] * 3
    assert "exported" in str(shared)
    assert shared.minimum_cut["weight"].to_dict() == economic.minimum_cut["weight"].to_dict()
    # With the Mainline shut Saskatchewan has no way out; the others share alike.
    shut = ro.allocate(canada, "mainline-out", apportion="pro-rata").fields
    share = (shut["flow"] / shut["available"]).to_dict()
    assert share["saskatchewan"] == 0
    assert share["alberta-heavy"] == near(share["alberta-light"])


def test_trains_take_their_time(canada: ro.ExportSystem) -> None:
    plan = ro.allocate(canada, "mainline-60-days")
    rail = plan.periods.leg["rail"]
    # Closed from 10 September; nothing for 30 days, then 1.9 kb/d more each day.
    assert rail.iloc[:39].max() <= 77.2 + 1e-6
    assert rail.iloc[: 9 + 30 + 30].max() <= 77.2 + 1.9 * 30
    assert rail.max() > 77.2


def test_the_tanks_of_hardisty_by_hand(canada: ro.ExportSystem) -> None:
    table = ro.stress_test(canada, ["mainline-ten-days"]).table
    # Of what the Mainline carried Saskatchewan's 448 have no tank; the rest fills 46 % of 35 million barrels.
    hand = 35_000 * 0.46 / (ro.allocate(canada).routes["flow"]["mainline"] - 448)
    assert table["days_of_ullage"].iloc[0] == pytest.approx(hand, rel=0.01)
