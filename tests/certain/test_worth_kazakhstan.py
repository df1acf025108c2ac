"""What capacities of Kazakhstan are worth, held against solving again with a little more and a little less."""

from __future__ import annotations

import numpy as np
import pytest

import routeopt as ro
from helpers.resize import Resized

TEN = [
    None, "cpc-closed", "one-mooring", "russia", "btc-closed", "caspian-weather", "samara-quota-halved",
    "cpc-closed-with-tcop-20", "russia-and-china", "kebco-embargo",
]  # fmt: skip
YEAR = 1000 / 365  # kt/d in a Mt/y


class Again:
    """Exports and least cost of one scenario as functions of one capacity, each from scratch."""

    def __init__(self, system, scenario):
        self.system, self.scenario = system, scenario
        self.lack, self.out, _ = Resized(system, scenario).most()
        self.shown, self.known = {}, {}

    def resized(self, kind, name, step):
        return Resized(self.system, self.scenario, kind, name, step, YEAR, self.shown[name])

    def most(self, kind, name, step):
        """Shortage and exports, kt/d."""
        if step == 0:
            return self.lack, self.out
        if (name, step) not in self.known:
            self.known[name, step] = self.resized(kind, name, step).most()[:2]
        return self.known[name, step]

    def exports(self, kind, name, step):
        return self.most(kind, name, step)[1] / YEAR

    def lacks(self, kind, name, step):
        return self.most(kind, name, step)[0]

    def cost(self, kind, name, step):
        """Million USD per year with the exports of today."""
        return self.resized(kind, name, step).cheapest(self.lack, self.out) * 0.365

    def slope(self, measure, kind, name, begin, end):
        """Change of a measure for each Mt/y between two steps."""
        return (measure(kind, name, end) - measure(kind, name, begin)) / (end - begin)


def step_to(end):
    """A step well inside a piece."""
    return float(np.sign(end) * min(0.02, abs(end) / 3))


def check_exports(again, name, row):
    kind, size, left = row["kind"], row["capacity"], row["exports_valid_from"]
    far = row["exports_valid_to"] - size
    more = again.slope(again.exports, kind, name, 0, step_to(far))
    assert row["exports_up"] == pytest.approx(more, abs=1e-4)
    if size == 0:
        assert np.isnan(row["exports_down"])
    else:
        less = again.slope(again.exports, kind, name, step_to(left - size) if left < size else -0.01, 0)
        assert row["exports_down"] == pytest.approx(less, abs=1e-4)
        if size - left > 0.01:
            # Just inside the end on the left the slope is the same, and beyond it another one.
            inside = again.slope(again.exports, kind, name, left - size + 1e-3, left - size + 3e-3)
            assert row["exports_down"] == pytest.approx(inside, abs=1e-4)
        if left > 0.01:
            beyond = again.slope(again.exports, kind, name, left - size - 3e-3, left - size - 1e-3)
            if again.lacks(kind, name, left - size - 2e-3) < again.lack + 1e-4:
                assert beyond > row["exports_down"] + 1e-4
            # Otherwise a refinery goes short there, which comes before exports: they may even rise.
    if np.isfinite(far):
        inside = again.slope(again.exports, kind, name, far - 3e-3, far - 1e-3)
        beyond = again.slope(again.exports, kind, name, far + 1e-3, far + 3e-3)
        assert row["exports_up"] == pytest.approx(inside, abs=1e-4)
        assert beyond < row["exports_up"] - 1e-4
        assert_binds(again, kind, name, far + 2e-3, row["exports_next_binding"])
    else:
        # For ever: twice over all that is produced.
        assert again.exports(kind, name, 200) - again.exports(kind, name, 0) == pytest.approx(
            200 * row["exports_up"], abs=1e-4
        )


def check_money(again, name, row):
    kind, size, left = row["kind"], row["capacity"], row["saving_valid_from"]
    far = row["saving_valid_to"] - size
    more = -again.slope(again.cost, kind, name, 0, step_to(far))
    assert row["saving_up"] == pytest.approx(more, abs=1e-2)
    if np.isfinite(far):
        inside = -again.slope(again.cost, kind, name, far * 0.8, far * 0.95)
        assert row["saving_up"] == pytest.approx(inside, abs=1e-2)
        ahead = min(0.02, max(0.002, far))
        beyond = -again.slope(again.cost, kind, name, far + ahead * 0.1, far + ahead * 0.6)
        assert beyond < row["saving_up"] - 1e-2
    if not np.isnan(row["saving_down"]) and size - left > 1e-3:
        inside = -again.slope(again.cost, kind, name, (left - size) * 0.9, (left - size) * 0.1)
        assert row["saving_down"] == pytest.approx(inside, abs=1e-2)
    if np.isnan(row["saving_down"]) and size > 0:
        assert row["exports_down"] > 1e-4  # one less would export less


def assert_binds(again, kind, name, step, following):
    """Whatever is said to bind is full in an optimum beyond the end; what the optimum is does not matter."""
    model = again.resized(kind, name, step)
    x = model.most()[2]
    world = model.world
    for other in following.split(", ") if following else ():
        kinds = [k for k, known in (("leg", world.legs), ("group", world.groups), ("field", world.fields),
                                    ("market", world.markets)) if other in known]  # fmt: skip
        assert any(model.is_full(k, other, x) for k in kinds), f"{other} is not full"


@pytest.mark.parametrize("scenario", TEN[:2])
def test_every_capacity_against_solving_again(kz, scenario):
    check_all(kz, scenario)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", TEN[2:])
def test_every_capacity_in_more_scenarios(kz, scenario):
    check_all(kz, scenario)


def check_all(kz, scenario):
    plan = ro.allocate(kz, scenario)
    values = plan.shadow_prices()
    again = Again(kz, plan.scenario)
    again.shown = values["capacity"].to_dict()
    assert again.out / YEAR == pytest.approx(plan.exported, rel=1e-8)
    for name, row in values.iterrows():
        try:
            check_exports(again, name, row)
            check_money(again, name, row)
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}\n{row}") from error


@pytest.mark.parametrize("scenario", TEN)
def test_bottlenecks_say_the_same(kz, scenario):
    plan = ro.allocate(kz, scenario)
    values, found = plan.shadow_prices(), plan.bottlenecks
    worth = values[(values["use"] >= values["capacity"] * (1 - 1e-7))
                   & ((values["exports_up"] > 0) | (values["saving_up"] > 0))]  # fmt: skip
    assert set(found.index) == set(worth.index)
    for name, row in found.iterrows():
        assert (row["marginal_exports"], row["marginal_saving"]) == (
            worth.loc[name, "exports_up"],
            worth.loc[name, "saving_up"],
        )
        assert row["description"].startswith(f"{name}: one more Mt/y ")
    assert list(found["marginal_exports"]) == sorted(found["marginal_exports"], reverse=True)
