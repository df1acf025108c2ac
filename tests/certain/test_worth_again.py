"""Every worth of every capacity, on both sides, is what allocating again with another capacity finds."""

from __future__ import annotations

import math

import pytest

import routeopt as ro
from helpers.round_numbers import HELD, round_system
from helpers.small import near, network

MEASURES = {  # each falls on the left by what it is worth, and grows on the right
    "relief": lambda plan: -plan.shortage,
    "exports": lambda plan: plan.exported,
    "saving": lambda plan: plan.netback / 1000.0,
}


class Side:
    """One more or one less of a capacity: the table against allocating again."""

    def __init__(self, system, plan, name, row, side):
        self.system, self.plan, self.name, self.size = system, plan, name, row["capacity"]
        self.part = "legs" if row["kind"] == "leg" else "groups"
        self.sign, end = {"up": (1, "valid_to"), "down": (-1, "valid_from")}[side]
        self.value = {worth: row[f"{worth}_{side}"] for worth in MEASURES}
        self.end = {worth: row[f"{worth}_{end}"] for worth in MEASURES}

    def again(self, size, **more):
        return ro.allocate(self.system.override({f"{self.part}.{self.name}.capacity": f"{size!r} kt/d", **more}))

    def off(self, worth, size, **more):
        """By how much allocating again differs from a straight line with the slope of the table."""
        measure = MEASURES[worth]
        changed = measure(self.again(size, **more)) - measure(self.plan)
        return changed - self.value[worth] * (size - self.size)

    def check(self, worth, **more):
        end = self.end[worth]
        assert (end - self.size) * self.sign > 0
        length = min(3.0, end - self.size) if self.sign > 0 else end - self.size
        for share in (0.5, 1.0):
            size = self.size + share * length
            assert self.off(worth, size, **more) == pytest.approx(0.0, abs=1e-6 * max(1.0, size)), (self.name, worth)
        if math.isfinite(end) and end > 0 and not more:
            beyond = end + self.sign * 0.2 * min(1.0, end)
            earlier = list(MEASURES)[: list(MEASURES).index(worth) + 1]
            assert max(abs(self.off(one, beyond)) for one in earlier) > 1e-6, (self.name, worth, "goes on")

    def check_all(self):
        self.check("relief")
        self.check("exports")
        relieved, exported = self.value["relief"], self.value["exports"]
        if relieved or (exported and self.sign < 0):
            assert math.isnan(self.value["saving"])
        elif not exported:
            self.check("saving")
        else:
            self.check("saving", **{f"groups.{HELD}.capacity": f"{self.plan.exported!r} kt/d"})


def check_by_allocating_again(seed):
    system = round_system(seed)
    plan = ro.allocate(system)
    for name, row in plan.shadow_prices().drop(HELD).iterrows():
        Side(system, plan, name, row, "up").check_all()
        if row["capacity"] > 0:
            Side(system, plan, name, row, "down").check_all()
        else:
            assert row[["relief_down", "exports_down", "saving_down"]].isna().all()


@pytest.mark.parametrize("seed", range(30))
def test_every_worth_is_what_allocating_again_finds(seed):
    check_by_allocating_again(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30, 500))
def test_many_worths_are_what_allocating_again_finds(seed):
    check_by_allocating_again(seed)


def test_a_saving_to_the_right_is_no_hair_of_volume():
    # Ten from a by main, five from b by rich. One more of rich has to come from a, by a way that loses 1 %: less would
    # be exported. With the volume held it saves nothing, though a hair of volume less would sell 99 t at 20 more.
    system = network(
        {"main": ("a", "poor"), "lossy": ("a", "hub", {"loss": "1 %"}), "b-line": ("b", "hub"),
         "rich": ("hub", "dear", {"capacity": "5 t/d"})},
        {"a": "10 t/d", "b": "5 t/d"}, {"poor": {"price": "100 USD/t"}, "dear": {"price": "120 USD/t"}},
        units={"flow": "t/d"},
    )  # fmt: skip
    row = ro.allocate(system).shadow_prices(["rich"]).iloc[0]
    assert (row["exports_up"], row["saving_up"], row["saving_valid_to"]) == (0.0, 0.0, math.inf)


def test_a_saving_to_the_left_is_no_hair_of_volume():
    # Seven by main for nothing. One less goes by spare at 3, since lossy would deliver less; it is cheaper by 2.
    system = network(
        {"lossy": ("f", "market", {"tariff": "1 USD/t", "loss": "1 %"}), "main": ("f", "market", {"capacity": "7 t/d"}),
         "spare": ("f", "market", {"capacity": "9 t/d", "tariff": "3 USD/t"})},
        {"f": "7 t/d"}, units={"flow": "t/d"},
    )  # fmt: skip
    row = ro.allocate(system).shadow_prices(["main"]).iloc[0]
    assert row[["exports_down", "saving_down", "saving_valid_from"]].tolist() == [0.0, near(3), near(0)]


def starving(capacity):
    return network(
        {"fa": ("f", "a", {"capacity": f"{capacity} kt/d", "tariff": "10 USD/t"}), "ar": ("a", "r"),
         "fm": ("f", "market", {"capacity": "2 kt/d"})},
        {"f": "10 kt/d"}, {"market": {"price": "500 USD/t"}}, {"r": {"demand": "6 kt/d"}}, units={"flow": "kt/d"},
    )  # fmt: skip


@pytest.mark.parametrize("economic", [False, True])
def test_a_way_to_a_refinery_that_lacks_oil_is_worth_what_it_relieves(economic):
    # Four of six arrive. One more relieves the refinery of one and costs 10: nothing is saved, and nothing exported.
    plan, wider = ro.allocate(starving(4), economic=economic), ro.allocate(starving(5), economic=economic)
    assert (plan.shortage - wider.shortage, wider.cost - plan.cost) == (near(1), near(10_000))
    row = plan.shadow_prices(["fa"]).iloc[0]
    assert row[["relief_up", "relief_valid_to", "relief_down", "relief_valid_from"]].tolist() == [
        near(1), near(6), near(1), near(0),
    ]  # fmt: skip
    assert row[["saving_up", "saving_down"]].isna().all()
    assert plan.bottlenecks.index[0] == "fa"
    words = "fa: one more kt/d meets 1.00 kt/d of unmet refinery demand, up to 6.00, where it is no longer full"
    assert plan.bottlenecks.loc["fa", "description"] == words
    assert words in plan.summary()


def test_serving_a_refinery_can_cost_more_exports_than_any_weight():
    # One tonne more for the refinery arrives of 10 000 that enter a way that loses all but a hundredth of a per cent.
    system = network(
        {"home": ("f", "r", {"capacity": "5000 t/d", "loss": "99.99 %"}), "out": ("f", "market")},
        {"f": "100000 t/d"}, refineries={"r": {"demand": "5 t/d"}}, units={"flow": "t/d"},
    )  # fmt: skip
    row = ro.allocate(system).shadow_prices(["home"]).iloc[0]
    assert row[["relief_up", "exports_up", "exports_valid_to"]].tolist() == [near(1e-4), near(-1), near(50_000)]
