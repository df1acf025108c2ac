"""What a unit of capacity is worth over a horizon: by hand, against one period, and by allocating again."""

import random

import numpy as np
import pytest

import routeopt as ro
from helpers.small import near, network

DAYS = {"horizon": {"start": "2025-01-01", "end": "2025-01-11", "step": "day"}}
WORTHS = ["relief_up", "relief_down", "exports_up", "exports_down", "saving_up", "saving_down"]


def random_system(seed: int):
    """Fields, a hub, some lines to two markets and a refinery; round numbers, so that there are corners."""
    rng = random.Random(seed)
    legs = {f"in{i}": (f"f{i}", "h", {"tariff": f"{rng.randint(0, 2)} USD/t"}) for i in range(2)}
    for i in range(rng.randint(2, 4)):
        legs[f"out{i}"] = ("h", f"m{i % 2}", {"capacity": f"{rng.randint(2, 9)} kt/d",
                                              "tariff": f"{rng.randint(1, 3)} USD/t"})  # fmt: skip
    legs["home"] = ("h", "r", {"capacity": f"{rng.randint(1, 3)} kt/d", "tariff": "1 USD/t"})
    fields = {f"f{i}": f"{rng.randint(2, 9)} kt/d" for i in range(2)}
    groups = {"both": {"legs": ["out0", "out1"], "capacity": f"{rng.randint(4, 14)} kt/d"}}
    refinery = {"r": {"demand": "2 kt/d"}}
    return network(legs, fields, ["m0", "m1"], refinery, units={"flow": "kt/d"}, groups=groups)


@pytest.mark.parametrize("seed", range(8))
def test_days_without_memory_have_the_values_of_one_period(seed):
    system = random_system(seed)
    year, days = ro.allocate(system).shadow_prices(), ro.allocate(system, DAYS).shadow_prices()
    assert list(days.columns) == list(year.columns)
    same = [*WORTHS, "capacity", "use", "relief_valid_to", "exports_valid_to", "saving_valid_to"]
    for name in year.index:
        for column in same:
            a, b = float(year.loc[name, column]), float(days.loc[name, column])
            assert a == pytest.approx(b, rel=1e-5, abs=1e-6, nan_ok=True), (name, column)


def with_tank(capacity="12 kt/d"):
    """What comes in leaves; the tank fills while the line is shut, and empties afterwards."""
    return network(
        {"in": ("f", "tank"), "out": ("tank", "m", {"capacity": capacity, "tariff": "1 USD/t"}),
         "rail": ("tank", "m", {"capacity": "1 kt/d", "tariff": "5 USD/t"})},
        {"f": "10 kt/d"}, {"m": {"price": "50 USD/t"}}, units={"flow": "kt/d"},
        nodes={"tank": {"kind": "terminal", "storage": {"capacity": "50 kt", "initial": "40 %"}}},
    )  # fmt: skip


SHUT = {**DAYS, "closures": [{"leg": "out", "from": "2025-01-01", "to": "2025-01-04"}]}


def test_a_line_after_a_closure_by_hand():
    # Three days shut: 30 in, 3 by rail, 27 of 30 kt of ullage taken. Seven days later 12 + 1 a day against 10: 21 of 27
    # leave, so that six stay: a tonne per day more by rail exports ten, one a day by the line ten too (if it is open
    # on closed days as well), until all six have left: at 0.6 kt/d more.
    plan = ro.allocate(with_tank(), SHUT)
    values = plan.shadow_prices(["rail", "out"])
    assert plan.exported == near(9.4)
    assert values.loc["rail", "exports_up"] == near(1.0)
    assert values.loc["rail", "exports_valid_to"] == near(1.6, 1e-4)
    assert values.loc["rail", "exports_down"] == near(1.0)
    assert values.loc["out", "exports_up"] == near(1.0)
    # To the left the three days on which nothing was left of it do not count.
    assert values.loc["out", "exports_down"] == near(0.7)


@pytest.mark.parametrize("step", [0.2, -0.2])
def test_allocating_again_finds_the_same(step):
    plan = ro.allocate(with_tank(), SHUT)
    found = plan.shadow_prices("rail").loc["rail"]
    other = ro.allocate(with_tank().override({"legs.rail.capacity": f"{1 + step} kt/d"}), SHUT)
    side = "up" if step > 0 else "down"
    assert (other.exported - plan.exported) / step == near(found[f"exports_{side}"], 1e-5)


def test_money_where_exports_stay():
    system = network(
        {"a": ("f", "m", {"capacity": "6 kt/d", "tariff": "1 USD/t"}),
         "b": ("f", "m", {"capacity": "20 kt/d", "tariff": "4 USD/t"})},
        {"f": "10 kt/d"}, {"m": {"price": "50 USD/t"}}, units={"flow": "kt/d"},
    )  # fmt: skip
    closed = {**DAYS, "closures": [{"leg": "a", "from": "2025-01-01", "to": "2025-01-03"}]}
    values = ro.allocate(system, closed).shadow_prices("a").loc["a"]
    # 3 USD per tonne, on closed days too to the right, on eight of ten days to the left.
    assert (values["exports_up"], values["saving_up"], values["saving_down"]) == (0.0, near(3.0), near(2.4))
    assert np.isnan(
        ro.allocate(system, {**DAYS, "closures": [{"leg": "a"}]}).shadow_prices("a").loc["a", "saving_down"]
    )


def test_without_foresight_there_is_no_price():
    with pytest.raises(ro.InputError, match="ask for foresight='perfect'"):
        ro.allocate(with_tank(), SHUT, foresight="myopic").shadow_prices()
