"""Fleets, components, builds, outages: arithmetic by hand and what is refused."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from routeopt.errors import InputError
from routeopt.system import Build, ExportSystem, Fleet, Leg

Case = Callable[..., Any]

GROW = "sizes must grow from the first to the last, above zero"


def leg(**keys: Any) -> Leg:
    return Leg.model_validate({"from": "a", "to": "b", **keys})


def build(**keys: Any) -> Build:
    plain = {
        "sizes": ["10 Mt/y", "20 Mt/y"],
        "capex": ["3e9 USD", "5e9 USD"],
        "discount_rate": "8 %",
        "lifetime": "25 y",
    }
    return Build.model_validate(plain | keys)


@pytest.mark.parametrize(
    ("fleet", "capacity"),
    [
        ({"vessels": 5, "cargo": "9.6 kt", "round_trip": "6 d", "downtime": "10 %"}, 7.2),
        ({"vessels": 5, "cargo": "9.6 kt", "round_trip": "6 d"}, 8.0),
        ({"vessels": 2.5, "cargo": "12000 t", "round_trip": "1 week"}, 30 / 7),
        ({"vessels": 0, "cargo": "12 kt", "round_trip": "1 d"}, 0.0),
        ({"vessels": 3, "cargo": "700 kb", "round_trip": "10 d", "downtime": 1}, 0.0),
    ],
)
def test_fleet(fleet: dict[str, Any], capacity: float) -> None:
    assert Fleet.model_validate(fleet).capacity == pytest.approx(capacity, rel=1e-12, abs=1e-12)


def test_nominal_capacity_is_the_smallest_limit() -> None:
    fleet = {"vessels": 5, "cargo": "9.6 kt", "round_trip": "6 d"}
    parallel = {"in": "parallel", "a": "3 kt/d", "b": "2 kt/d"}
    series = {"in": "series", "a": "1 kt/d"}
    assert leg().nominal == math.inf
    assert leg(capacity="9 kt/d").nominal == pytest.approx(9)
    assert leg(mode="sea", fleet=fleet).nominal == pytest.approx(8)
    assert leg(mode="sea", fleet=fleet, capacity="9 kt/d").nominal == pytest.approx(8)
    assert leg(components=parallel).nominal == pytest.approx(5)
    assert leg(components=parallel, capacity="4 kt/d").nominal == pytest.approx(4)
    assert leg(components=series, capacity="4 kt/d").nominal == pytest.approx(4)
    assert leg(reserved={"a": "1 kt/d", "b": "365 kt/y"}, capacity="4 kt/d").taken == pytest.approx(2)
    assert (leg().measured_by, leg(components=parallel).measured_by, leg(capacity="1 kb/d").measured_by) == (
        "",
        "mass",
        "volume",
    )


@pytest.mark.parametrize(
    ("rate", "years", "factor"),
    [
        # Tables of capital recovery factors (A/P, i %, n), to five places.
        ("8 %", "25 y", 0.09368),
        ("10 %", "20 y", 0.11746),
        ("5 %", "10 y", 0.12950),
        ("12 %", "30 y", 0.12414),
        ("1 %", "5 y", 0.20604),
        ("10 %", "1 y", 1.10000),
    ],
)
def test_capital_recovery_factor(rate: str, years: str, factor: float) -> None:
    assert build(discount_rate=rate, lifetime=years).recovery_factor() == pytest.approx(factor, abs=5e-6)


@pytest.mark.parametrize("rate", [0, 1e-300, 1e-17, 1e-12])
def test_without_interest_it_is_one_over_n(rate: float) -> None:
    assert build(discount_rate=rate).recovery_factor() == pytest.approx(1 / 25, rel=1e-9)


def test_over_a_very_long_life_it_is_the_rate() -> None:
    assert build(lifetime="1000000 y").recovery_factor() == pytest.approx(0.08)


@pytest.mark.parametrize(("size", "capex"), [(10, 3e9), (15, 4e9), (20, 5e9), (12.5, 3.5e9)])
def test_capital_charge(size: float, capex: float) -> None:
    by_hand = capex * 0.0936787791 / (size * 1e6)  # USD per year over tonnes per year
    assert build().capital_charge(size * 1000 / 365) == pytest.approx(by_hand, rel=1e-8)


def test_capital_charge_between_three_sizes() -> None:
    three = build(sizes=["10 Mt/y", "20 Mt/y", "40 Mt/y"], capex=["3e9 USD", "5e9 USD", "6e9 USD"], discount_rate=0)
    for size, capex in ((10, 3e9), (20, 5e9), (30, 5.5e9), (40, 6e9)):
        assert three.capital_charge(size * 1000 / 365) == pytest.approx(capex / 25 / (size * 1e6))


def test_capital_charge_of_barrels() -> None:
    one = build(sizes="100 kb/d", capex="365e6 USD", discount_rate=0, lifetime="10 y")
    assert one.capital_charge(100) == pytest.approx(1.0)  # 36.5 million USD per year over 36.5 million barrels


@pytest.mark.parametrize("size", [9.9, 20.1, 0, -10, math.nan, math.inf])
def test_sizes_that_were_not_studied(size: float) -> None:
    with pytest.raises(InputError, match="studied from 10 Mt/y to 20 Mt/y"):
        build().capital_charge(size * 1000 / 365)


@pytest.mark.parametrize(
    ("where", "raw", "message", "path"),
    [
        ("build.sizes", [], "has no sizes", "build.sizes"),
        ("build.sizes", ["20 Mt/y", "10 Mt/y"], GROW, "build.sizes"),
        ("build.sizes", ["10 Mt/y", "10 Mt/y"], GROW, "build.sizes"),
        ("build.sizes", ["0 Mt/y", "10 Mt/y"], GROW, "build.sizes"),
        ("build.sizes", ["1 Mt/y", "90 kb/d"], "counts some sizes in tonnes and some in barrels", "build.sizes"),
        ("build.sizes", ["1 Mt/y"], "1 sizes need 1 costs, not 2", "build.capex"),
        ("build.capex", "1e9 USD", "2 sizes need 2 costs, not 1", "build.capex"),
        ("build.capex", ["1e9 USD", 5], "needs a unit", "build.capex.1"),
        ("build.lifetime", "0 y", "must be longer than nothing", "build.lifetime"),
        ("build.discount_rate", "108 %", "is 108 %, more than the whole", "build.discount_rate"),
        ("fleet.round_trip", "0 d", "a round trip takes time", "fleet.round_trip"),
        ("fleet.vessels", -1, "is negative (-1)", "fleet.vessels"),
        ("mode", "pipeline", "a pipeline has no fleet", "fleet"),
        ("components", {"p": "3 Mt/y"}, "components need to say how they stand", "components"),
        ("components", {"in": "para", "p": "3 Mt/y"}, "'para' is not possible here", "components.in"),
        ("components", {"in": "series"}, "has no components", "components"),
        ("components", {"in": "series", "p": {"capacity": "3 Mt/y"}}, "a component in series needs 'without'",
         "components.p"),
        ("components", {"in": "parallel", "p": {"tags": "x"}}, "a component in parallel needs 'capacity'",
         "components.p"),
        ("components", {"in": "parallel", "p": {"capacity": "3 Mt/y", "without": "2 Mt/y"}},
         "a component in parallel has no 'without'", "components.p"),
        ("components", {"in": "parallel", "p": "x"}, "'x' is not a number with a unit", "components.p"),
        ("outages.months", [0], "months are numbers from 1 to 12", "outages.months"),
        ("outages.months", [13], "months are numbers from 1 to 12", "outages.months"),
        ("outages.months", ["Jan"], "needs a whole number, not 'Jan'", "outages.months.0"),
        ("outages.months", 5, "needs a list, not a number", "outages.months"),
        ("outages.repair.cv", 0.5, "has no meaning for a repair time that is exponential", "outages.repair.cv"),
        ("outages.repair.distribution", "gauss", "'gauss' is not possible here", "outages.repair.distribution"),
    ],
)  # fmt: skip
def test_refused(
    small: dict[str, Any], problems: Case, put: Case, where: str, raw: Any, message: str, path: str
) -> None:
    small["legs"]["ship"].update(
        fleet={"vessels": 5, "cargo": "9.6 kt", "round_trip": "6 d"},
        build={
            "sizes": ["1 Mt/y", "2 Mt/y"],
            "capex": ["1e9 USD", "2e9 USD"],
            "discount_rate": "8 %",
            "lifetime": "25 y",
        },
        outages={"rate": "2 /y", "repair": {"mean": "3 d"}, "months": [1, 12]},
    )
    assert problems(small) == ()
    (problem,) = problems(put(small, f"legs.ship.{where}", raw))
    assert problem.message == message
    assert ".".join(map(str, problem.path)) == f"legs.ship.{path}"


def test_a_tank_below_its_heel(small: dict[str, Any], problems: Case) -> None:
    small["nodes"]["hub"] = {"kind": "terminal", "storage": {"capacity": "5 kt", "initial": "3 %", "heel": "5 %"}}
    (problem,) = problems(small)
    assert str(problem) == (
        "nodes.hub.storage.initial: starts at 3 %, below the heel of 5 %; start at the heel or above"
    )
    small["nodes"]["hub"]["storage"]["initial"] = "5 %"
    assert problems(small) == ()


def test_components_in_short_and_long_form_are_the_same(small: dict[str, Any]) -> None:
    def system(parts: Any) -> ExportSystem:
        small["legs"]["line"]["components"] = {"in": "parallel", **parts}
        return ExportSystem.from_dict(small)

    short = system({"a": "3 Mt/y"})
    assert short == system({"a": {"capacity": "3 Mt/y"}}) == system({"a": {"value": "3 Mt/y"}})
    assert short != system({"a": "4 Mt/y"})
