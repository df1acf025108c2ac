"""Numbers with a unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeopt.errors import UnitError
from routeopt.units import parse_number_with_unit


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("39 Mt/y", 39.0, "Mt/y"),
        ("39Mt/y", 39.0, "Mt/y"),
        ("  39\tMt/y  ", 39.0, "Mt/y"),
        ("39\u00a0Mt/y", 39.0, "Mt/y"),
        ("+6 USD/t", 6.0, "USD/t"),
        ("-1.5 USD/bbl", -1.5, "USD/bbl"),
        (".5 t", 0.5, "t"),
        ("5. t", 5.0, "t"),
        ("2.5e9 USD", 2.5e9, "USD"),
        ("1E-3 t", 1e-3, "t"),
        ("1e+3t", 1e3, "t"),
        ("10 %", 10.0, "%"),
        ("3 %/d", 3.0, "%/d"),
        ("0.5 kt/d per day", 0.5, "kt/d per day"),
        ("7.9", 7.9, ""),
        ("2 1/y", 2.0, "1/y"),
        ("2 /y", 2.0, "1/y"),
        ("2/y", 2.0, "1/y"),
        ("2 1 / month", 2.0, "1/month"),
        ("21/y", 21.0, "1/y"),
        ("1/y", 1.0, "1/y"),
    ],
)
def test_what_is_a_number(text: str, value: float, unit: str) -> None:
    assert parse_number_with_unit(text) == (value, unit)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "number"),
        ("   ", "number"),
        ("Mt/y", "number"),
        ("nan Mt/y", "number"),
        ("NaN", "number"),
        ("inf", "number"),
        ("-Infinity t", "number"),
        ("~5 t", "number"),
        ("about 5 t", "number"),
        ("--5 t", "number"),
        ("− 5 t", "number"),
        ("٣٩ Mt/y", "number"),
        ("９ t", "number"),
        ("½ t", "number"),
        ("1.2.3 Mt/y", "number"),
        ("1.2.3 /y", "number"),
        ("5-7 Mt/y", "number"),
        ("5–7 Mt/y", "number"),
        ("5 ± 1 t", "number"),
        ("1e999 t", "not-finite"),
        ("-1e999", "not-finite"),
        ("12,000 t", "separator"),
        ("12,5 t", "separator"),
        ("12 000 t", "separator"),
        ("12_000 t", "separator"),
        ("12'000 t", "separator"),
        ("12’000 t", "separator"),
        ("12.000,5 t", "separator"),
        ("1,000", "separator"),
    ],
)
def test_what_is_not(text: str, code: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_number_with_unit(text)
    assert caught.value.problems[0].code == code
    assert repr(text) in str(caught.value)


def test_the_hints() -> None:
    with pytest.raises(UnitError, match="a point before the decimals"):
        parse_number_with_unit("12,5 Mt/y")
    with pytest.raises(UnitError, match="a range goes into low and high"):
        parse_number_with_unit("5-7 Mt/y")
    with pytest.raises(UnitError, match="write for example 39 Mt/y"):
        parse_number_with_unit("sixty Mt/y")


@pytest.mark.parametrize("text", ["x" * 1_000_000, "1" * 1_000_000, "1" + " " * 100_000 + "\nx", "1 t" + " " * 300])
def test_very_long_text(text: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_number_with_unit(text)
    assert len(str(caught.value)) < 200


@given(value=st.floats(allow_nan=False, allow_infinity=False), unit=st.sampled_from(["", "Mt/y", "USD/t", "%", "1/y"]))
def test_what_python_prints_is_read_back(value: float, unit: str) -> None:
    assert parse_number_with_unit(f"{value} {unit}") == (value, unit)
