"""Quantities: how they may be written, what is refused, and what is written again."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeopt.system import Build, Commodity, Leg, Outages, Quantity, Surge

Case = Callable[..., Any]


def leg(**keys: Any) -> Leg:
    return Leg.model_validate({"from": "a", "to": "b", **keys})


def capacity(raw: Any) -> Quantity:
    found = leg(capacity=raw).capacity
    assert found is not None
    return found


def availability(raw: Any) -> Quantity:
    found = leg(availability=raw).availability
    assert found is not None
    return found


def test_text() -> None:
    quantity = capacity("60 Mt/y")
    assert quantity == Quantity(60.0, "Mt/y")
    assert quantity.inner == pytest.approx(60_000 / 365)
    assert (quantity.measured_by, str(quantity)) == ("mass", "60 Mt/y")


def test_plain_numbers_where_no_unit_is_needed() -> None:
    assert availability(0.3) == Quantity(0.3)
    assert availability("0.3") == Quantity(0.3)
    assert availability(1).inner == 1.0
    assert availability("30 %").inner == pytest.approx(0.3)
    assert availability(0).measured_by == ""


def test_mapping_with_everything() -> None:
    raw = {"value": "68 USD/bbl", "low": 55, "high": "85 USD/bbl", "source": ["a", "b"], "note": "n", "estimate": "e"}
    quantity = leg(tariff=raw).tariff
    assert quantity == Quantity(68.0, "USD/bbl", 55.0, 85.0, ("a", "b"), "n", "e")
    assert quantity.written() == {**raw, "high": 85.0, "value": "68 USD/bbl"}


def test_nothing_is_like_not_written() -> None:
    raw = {"value": "5 Mt/y", "low": None, "high": None, "note": None, "estimate": None}
    assert capacity(raw) == Quantity(5.0, "Mt/y")
    assert leg(capacity=None).capacity is None


@pytest.mark.parametrize(
    ("raw", "low", "high"),
    [
        ({"value": "5 Mt/y", "low": 4, "high": 6}, 4.0, 6.0),
        ({"value": "5 Mt/y", "low": "4 Mt/y"}, 4.0, None),
        ({"value": "5 Mt/y", "low": "4000 kt/y", "high": "20 kt/d"}, 4.0, 7.3),
        ({"value": "5 Mt/y", "low": 5, "high": 5}, 5.0, 5.0),
        ({"value": "5 Mt/y", "low": 0}, 0.0, None),
    ],
)
def test_bounds_inherit_the_unit_or_carry_their_own(raw: dict[str, Any], low: float, high: float | None) -> None:
    quantity = capacity(raw)
    assert quantity.low == pytest.approx(low)
    assert quantity.high == (None if high is None else pytest.approx(high))


def test_bounds_of_shares_with_and_without_per_cent() -> None:
    assert availability({"value": "33 %", "low": 30, "high": "0.4"}) == Quantity(33.0, "%", 30.0, 40.0)
    assert availability({"value": 0.33, "low": "30 %"}).low == pytest.approx(0.3)


@pytest.mark.parametrize("number", [1, 3, 7, 38, 39, 58, 83, 0.1, 0.7])
def test_a_bound_equal_to_the_value_in_another_unit(number: float) -> None:
    raw = {"value": f"{number} Mt/y", "low": f"{number * 1000} kt/y", "high": f"{number * 1000} kt/y"}
    assert capacity(raw).low == pytest.approx(number)


@pytest.mark.parametrize(("raw", "found"), [("a", ("a",)), (["a"], ("a",)), (("a", "b"), ("a", "b")), ([], ())])
def test_sources(raw: Any, found: tuple[str, ...]) -> None:
    assert capacity({"value": "5 Mt/y", "source": raw}).source == found


@pytest.mark.parametrize(
    ("raw", "message", "hint", "path"),
    [
        ("5", "needs a unit", "write 10 Mt/y", ""),
        (5, "needs a unit", "write 10 Mt/y", ""),
        ("5 Mt", "Mt does not measure a flow", "write 10 Mt/y", ""),
        ("5 USD/t", "USD/t does not measure a flow", "write 10 Mt/y", ""),
        ("5 Mt/yr", "unknown unit 'Mt/yr'", "write Mt/y", ""),
        ("five Mt/y", "'five Mt/y' is not a number with a unit", "write 10 Mt/y", ""),
        ("1,200 kt/d", "'1,200 kt/d' has a separator in its number", "a point before the decimals", ""),
        ("1.2.3 Mt/y", "'1.2.3 Mt/y' is not one number with a unit", "write 10 Mt/y", ""),
        ("-1 Mt/y", "is negative (-1 Mt/y)", "", ""),
        ("1e308 Mt/y", "1e+308 Mt/y is too large a number", "write 10 Mt/y", ""),
        (float("nan"), "is nan, which is not a number to compute with", "write 10 Mt/y", ""),
        (float("inf"), "is inf, which is not a number to compute with", "write 10 Mt/y", ""),
        (10**400, "is inf, which is not a number to compute with", "write 10 Mt/y", ""),
        (True, "needs a flow, not a truth value", "write 10 Mt/y", ""),
        (["5 Mt/y"], "needs a flow, not a list", "write 10 Mt/y", ""),
        ("{x}", "'(x)' is not a number with a unit", "write 10 Mt/y", ""),
        ({}, "has no value", "write value: 10 Mt/y", ""),
        ({"value": None}, "has no value", "write value: 10 Mt/y", "value"),
        ({"value": "5 Mt/y", "hihg": 6}, "unknown key 'hihg'", "did you mean 'high'?", "hihg"),
        ({"value": "x"}, "'x' is not a number with a unit", "write 10 Mt/y", "value"),
        ({"value": "5 Mt/y", "low": 6}, "low 6 is above the value 5", "", "low"),
        ({"value": "5 Mt/y", "high": 4}, "high 4 is below the value 5", "", "high"),
        ({"value": "5 Mt/y", "low": -1}, "is negative (-1 Mt/y)", "", "low"),
        ({"value": "5 Mt/y", "low": "4"}, "needs a unit", "write 10 Mt/y", "low"),
        ({"value": "5 Mt/y", "low": "4 kt"}, "kt does not measure a flow", "write 10 Mt/y", "low"),
        ({"value": "5 Mt/y", "low": "30 kb/d"}, "kb/d does not bound a value in Mt/y", "write low in Mt/y", "low"),
        ({"value": "5 Mt/y", "low": True}, "needs a flow, not a truth value", "write 10 Mt/y", "low"),
        ({"value": "5 Mt/y", "high": float("nan")}, "is nan, which is not a number to compute with", "", "high"),
        ({"value": "5 Mt/y", "source": 5}, "source must name entries of sources", "write source: [some-id]", "source"),
        ({"value": "5 Mt/y", "source": [5]}, "source must name entries of sources", "write source", "source"),
        ({"value": "5 Mt/y", "note": 5}, "note must be text", "put it in quotes", "note"),
        ({"value": "5 Mt/y", "estimate": ["x"]}, "estimate must be text", "put it in quotes", "estimate"),
    ],
)
def test_refused(small: dict[str, Any], problems: Case, raw: Any, message: str, hint: str, path: str) -> None:
    small["legs"]["line"]["capacity"] = raw
    (problem,) = problems(small)
    assert problem.message == message
    assert hint in problem.hint
    assert problem.path == ("legs", "line", "capacity", path)[: 4 if path else 3]


@pytest.mark.parametrize(
    ("where", "raw", "message"),
    [
        ("legs.line.tariff", "5 Mt/y", "Mt/y does not measure a price"),
        ("legs.line.transit_time", "5", "needs a unit"),
        ("legs.line.transit_time", "-5 d", "is negative (-5 d)"),
        ("legs.line.availability", "130 %", "is 130 %, more than the whole"),
        ("legs.line.availability", 1.3, "is 1.3, more than the whole"),
        ("legs.line.availability", {"value": 0.9, "high": 1.1}, "is 1.1, more than the whole"),
        ("legs.line.loss", "-1 %", "is negative (-1 %): a loop through it would gain volume"),
        ("legs.line.loss", "100 %", "nothing would arrive"),
        ("nodes.oil.ramp_up", "3 %", "% does not measure a share a time"),
        ("commodities.crude.barrels_per_tonne", 0, "is zero"),
        ("commodities.crude.barrels_per_tonne", 79, "is 79, more than 20"),
        ("commodities.crude.barrels_per_tonne", "7.9 kb", "kb does not measure barrels per tonne"),
    ],
)
def test_other_kinds(small: dict[str, Any], problems: Case, put: Case, where: str, raw: Any, message: str) -> None:
    put(small, where, raw)
    assert [problem.message for problem in problems(small)] == [message]


def test_a_price_in_tonnes_does_not_bound_one_in_barrels(small: dict[str, Any], problems: Case) -> None:
    small["legs"]["line"]["tariff"] = {"value": "68 USD/t", "low": "55 USD/bbl"}
    (problem,) = problems(small)
    assert problem.message == "USD/bbl does not bound a value in USD/t"


def test_money_may_be_negative() -> None:
    assert leg(tariff="-2 USD/t").tariff == Quantity(-2.0, "USD/t")
    assert leg(tariff={"value": "-2 USD/t", "low": -3, "high": 1}).tariff == Quantity(-2.0, "USD/t", -3.0, 1.0)


def test_ways_to_write_a_frequency_and_a_ramp() -> None:
    for raw in ("2 /y", "2/y", "2 1/y", "200 %/y"):
        outages = Outages.model_validate({"rate": raw, "repair": {"mean": "1 d"}})
        assert outages.rate.inner == pytest.approx(2 / 365), raw
    surge = Surge.model_validate({"delay": "9 d", "rate": "0.5 kt/d per day", "ceiling": "3 kt/d"})
    assert (surge.rate.inner, surge.rate.measured_by) == (0.5, "mass")


def test_barrels_per_tonne_in_other_units() -> None:
    assert Commodity(barrels_per_tonne="1.2 m3/t").barrels_per_tonne.inner == pytest.approx(1.2 / 0.158987294928)


@given(
    value=st.floats(0, 1e300),
    low=st.none() | st.floats(0, 1),
    high=st.none() | st.floats(1, 10),
    unit=st.sampled_from(["Mt/y", "kb/d", "t/month", "bcm/y"]),
    source=st.lists(st.text(min_size=1, max_size=3), max_size=2),
    note=st.text(max_size=5),
    estimate=st.text(max_size=5),
)
def test_written_and_read_again(
    value: float, low: float | None, high: float | None, unit: str, source: list[str], note: str, estimate: str
) -> None:
    quantity = Quantity(
        value, unit, None if low is None else low * value, None if high is None else high * value,
        tuple(source), note, estimate,
    )  # fmt: skip
    again = capacity(quantity.written())
    assert again == quantity
    assert again.inner == quantity.inner
    assert hash(again) == hash(quantity)
    assert pickle.loads(pickle.dumps(again)) == quantity


@given(st.floats(0, 1))
def test_plain_numbers_written_and_read_again(value: float) -> None:
    written = availability(value).written()
    assert isinstance(written, int | float)
    assert availability(written) == Quantity(value)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_money_written_and_read_again(value: float) -> None:
    build = {"sizes": "1 Mt/y", "capex": f"{value!r} USD", "discount_rate": "8 %", "lifetime": "20 y"}
    (cost,) = Build.model_validate(build).capex
    assert cost.value == value
    assert Build.model_validate({**build, "capex": cost.written()}).capex == (cost,)


def test_short_where_nothing_else_is_known() -> None:
    assert capacity("60.0 Mt/y").written() == "60 Mt/y"
    assert capacity("1.2e6 t/y").written() == "1200000 t/y"
    assert capacity("1e30 t/y").written() == "1e+30 t/y"
    assert capacity({"value": "0.1 Mt/y"}).written() == "0.1 Mt/y"
    assert capacity({"value": "5 Mt/y", "low": 0}).written() == {"value": "5 Mt/y", "low": 0.0}


def test_equality_is_of_everything_that_was_written() -> None:
    plain = capacity("5 Mt/y")
    assert plain != capacity("5000 kt/y")
    assert plain != capacity({"value": "5 Mt/y", "note": "n"})
    assert len({plain, capacity("5 Mt/y"), capacity({"value": "5 Mt/y", "high": 6})}) == 2


def test_it_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        capacity("5 Mt/y").value = 6.0
