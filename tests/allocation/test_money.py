"""Extra cost is spending, and what is exported at a loss is said with how much."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.horizons import KT, day, planned
from helpers.independent import independent_optimum
from helpers.small import near, network


def two_fields(price="20 USD/bbl", **more):
    """100 kb/d for 30 USD/bbl and 40 for 5, at one market."""
    return network(
        {"dear": ("f", "m", {"tariff": "30 USD/bbl"}), "cheap": ("g", "m", {"tariff": "5 USD/bbl"})},
        {"f": "100 kb/d", "g": "40 kb/d"}, {"m": {"price": price} if price else {}}, units={"flow": "kb/d"}, **more,
    )  # fmt: skip


def test_what_is_exported_at_a_loss_is_said():
    # Each of the 100 costs 30 and earns 20: 100,000 bbl x 10 USD per day.
    plan = ro.allocate(two_fields())
    assert plan.at_a_loss.to_dict() == {"flow": near(100), "loss": near(1e6)}
    said = "100.0 of 140.0 kb/d are exported at a loss of 1.00 million USD/d; economic=True would shut them in"
    assert said in plan.notes
    assert said in plan.summary()
    assert said in plan._repr_html_()
    assert "exported at a loss" in plan._repr_html_()
    paying = ro.allocate(two_fields(), economic=True)
    assert plan.exported - paying.exported == near(plan.at_a_loss["flow"])
    assert paying.netback - plan.netback == near(plan.at_a_loss["loss"])


@pytest.mark.parametrize(("price", "economic"), [("40 USD/bbl", False), ("30 USD/bbl", False), (None, False),
                                                 ("20 USD/bbl", True)])  # fmt: skip
def test_nothing_is_said_where_it_pays_or_nobody_knows(price, economic):
    # At 30 it neither pays nor costs; without a price nobody knows; with money first it stays in the ground.
    plan = ro.allocate(two_fields(price), economic=economic)
    assert plan.at_a_loss.to_dict() == {"flow": 0.0, "loss": 0.0}
    assert "at a loss of" not in plan.summary()


def test_a_tariff_that_is_due_anyway_makes_no_loss():
    # Ship or pay: the 30 of the dear line are sunk, so its 100 earn 20 each.
    promise = {"pay": {"legs": ["dear"], "volume": "100 kb/d", "deficiency": "30 USD/bbl"}}
    assert ro.allocate(two_fields(contracts=promise)).at_a_loss["flow"] == 0


def test_over_a_horizon_it_is_the_mean_day():
    # Its 10 kt/d cost 30 and earn 20 on every day but the three on which the line is shut: 7 of 10 days.
    system = network(
        {"line": ("f", "m", {"tariff": "30 USD/t"})}, {"f": "10 kt/d"}, {"m": {"price": "20 USD/t"}}, units=KT
    )
    plan = planned(system, [{"leg": "line", "from": day(2), "to": day(5)}], 10)
    assert plan.at_a_loss.to_dict() == {"flow": near(7), "loss": near(7 * 10_000)}


@pytest.mark.parametrize("name", ["cpc-closed", "cpc-closed-with-tcop-40", "low-price"])
def test_kazakhstan_against_another_formulation(kz, name):
    from routeopt.scenario.resolve import resolve

    plan, flat = ro.allocate(kz, name), resolve(kz, name)
    first, paying = (independent_optimum(kz, flat, economic) for economic in (False, True))
    loss = (paying.netback - first.netback) * 365_000  # thousand USD per day
    assert plan.at_a_loss["loss"] == pytest.approx(loss, abs=1e-6 * plan.cost)
    assert (plan.at_a_loss["flow"] > 0) == (loss > 1e-6 * plan.cost)


def test_extra_cost_is_spending_and_netback_lost_the_sum():
    # 10 days without the cheap line: 10 kt/d go by the dear one for 29 more. With none left, spending falls by
    # 1 USD/t, and revenue by 50.
    system = network(
        {"cheap": ("f", "m", {"tariff": "1 USD/t"}), "dear": ("f", "m", {"tariff": "30 USD/t"})},
        {"f": "10 kt/d"}, {"m": {"price": "50 USD/t"}}, units=KT,
    )  # fmt: skip
    horizon = {"start": day(0), "end": day(20), "step": "day"}
    shut = {"from": day(5), "to": day(15)}
    test = ro.stress_test(system, {
        "one": {"horizon": horizon, "closures": [{"leg": "cheap", **shut}]},
        "both": {"horizon": horizon, "closures": [{"leg": "cheap", **shut}, {"leg": "dear", **shut}]},
    })  # fmt: skip
    rows = test.table[["extra_cost", "revenue_lost", "netback_lost"]]
    assert rows.loc["one"].tolist() == near([2.9e6, 0, 2.9e6])
    assert rows.loc["both"].tolist() == near([-1e5, 5e6, 4.9e6])
    found = ro.contingencies(system, 2).table.set_index("elements")["netback_lost"]
    assert found[[("cheap",)]].item() == near(2.9e5)
    assert found[[("cheap", "dear")]].item() == near(4.9e5)
