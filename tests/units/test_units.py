"""The closed table of units, against pint and against arithmetic."""

import itertools
import math

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeopt.errors import UnitError
from routeopt.units import convert, parse_unit

REGISTRY = pint.UnitRegistry()
REGISTRY.define("dollar = [money]")

# Our symbols in pint's words. Its `bbl` is a dry barrel of 119 l; its year and month are astronomical.
PINT = {
    "t": "metric_ton",
    "kt": "1e3 metric_ton",
    "Mt": "1e6 metric_ton",
    "bbl": "oil_bbl",
    "kb": "1e3 oil_bbl",
    "mb": "1e6 oil_bbl",
    "m3": "meter ** 3",
    "mcm": "1e6 meter ** 3",
    "bcm": "1e9 meter ** 3",
    "d": "day",
    "week": "7 day",
    "month": "30.416666666666666666 day",
    "y": "365 day",
    "USD": "dollar",
}
MASS, VOLUME, TIME = ("t", "kt", "Mt"), ("bbl", "kb", "mb", "m3", "mcm", "bcm"), ("d", "week", "month", "y")


def quotients(tops: tuple[str, ...], bottoms: tuple[str, ...]) -> list[str]:
    return [f"{top}/{bottom}" for top, bottom in itertools.product(tops, bottoms)]


FAMILIES = {
    "mass": list(MASS),
    "volume": list(VOLUME),
    "time": list(TIME),
    "mass rate": quotients(MASS, TIME),
    "volume rate": quotients(VOLUME, TIME),
    "price of mass": quotients(("USD",), MASS),
    "price of volume": [f"USD/{unit}" for unit in VOLUME if unit != "mcm"],  # a price for mcm has two readings
    "money rate": quotients(("USD",), TIME),
    "frequency": [f"1/{time}" for time in TIME],
    "volume of a mass": quotients(VOLUME, MASS),
    "ramp": [f"{unit}/{time}" for unit in quotients(MASS, TIME) for time in TIME],
}


def by_pint(value: float, unit: str, to: str) -> float:
    def quantity(text: str) -> pint.Quantity:
        words = [PINT.get(part, part) for part in text.split("/")]
        return REGISTRY.Quantity(" / ".join(f"({word})" for word in words))

    return float((value * quantity(unit) / quantity(to)).to("dimensionless").magnitude)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_unit_and_quotient_agrees_with_pint(family: str) -> None:
    first, *_ = units = FAMILIES[family]
    for unit in units:
        assert convert(3.7, unit, first) == pytest.approx(by_pint(3.7, unit, first), rel=1e-12), unit
        assert convert(3.7, first, unit) == pytest.approx(by_pint(3.7, first, unit), rel=1e-12), unit


def test_years_and_months_of_rates_are_fixed() -> None:
    assert convert(1, "y", "d") == 365
    assert convert(12, "month", "y") == pytest.approx(1, rel=1e-15)
    # A Julian year, as pint has it, would be off by a 1461st.
    assert convert(365.25, "Mt/y", "Mt/d") == pytest.approx(1.000684931506849, rel=1e-12)


def test_a_barrel_is_42_gallons() -> None:
    gallon_m3 = 231 * 0.0254**3
    assert convert(1, "bbl", "m3") == pytest.approx(42 * gallon_m3, rel=1e-11)


def test_inner_units_have_factor_one() -> None:
    for unit in ("kt", "kb", "d", "kt/d", "USD/t", "USD/bbl", "bbl/t"):
        assert parse_unit(unit).factor == pytest.approx(1.0, rel=1e-15), unit


@given(
    value=st.floats(-1e12, 1e12, allow_nan=False),
    pair=st.sampled_from(list(FAMILIES.values())).flatmap(
        lambda units: st.tuples(st.sampled_from(units), st.sampled_from(units))
    ),
)
def test_there_and_back(value: float, pair: tuple[str, str]) -> None:
    unit, to = pair
    assert convert(convert(value, unit, to), to, unit) == pytest.approx(value, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("pair", list(itertools.combinations(FAMILIES, 2)), ids="-".join)
def test_different_kinds_do_not_convert(pair: tuple[str, str]) -> None:
    unit, to = FAMILIES[pair[0]][0], FAMILIES[pair[1]][0]
    with pytest.raises(UnitError, match=rf"cannot convert {unit} to {to}") as caught:
        convert(1, unit, to)
    assert caught.value.problems[0].code == "unit-kind"
    assert caught.value.problems[0].hint


def test_tonnes_to_barrels_names_what_is_missing() -> None:
    with pytest.raises(UnitError, match="barrels per tonne"):
        convert(1, "Mt/y", "kb/d")
    with pytest.raises(UnitError, match="they measure different things"):
        convert(1, "Mt/y", "Mt")


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("Mt / y", "Mt/y"),
        (" Mt/y ", "Mt/y"),
        ("USD/ t", "USD/t"),
        ("% /d", "%/d"),
        ("kt/d per day", "kt/d/d"),
        ("kt/d   per   day", "kt/d/d"),
        ("1 / y", "1/y"),
    ],
)
def test_blanks_do_not_matter(text: str, same_as: str) -> None:
    read, plain = parse_unit(text), parse_unit(same_as)
    assert (read.factor, read.dimension) == (plain.factor, plain.dimension)
    assert str(read) == text.strip()


def test_dimension_and_basis() -> None:
    expected = {
        "Mt": ((1, 0, 0, 0), "mass"),
        "mb/d": ((0, 1, -1, 0), "volume"),
        "USD/t": ((-1, 0, 0, 1), "mass"),
        "USD/bbl": ((0, -1, 0, 1), "volume"),
        "%/d": ((0, 0, -1, 0), ""),
        "%": ((0, 0, 0, 0), ""),
        "USD": ((0, 0, 0, 1), ""),
    }
    found = {text: (parse_unit(text).dimension, parse_unit(text).measured_by) for text in expected}
    assert found == expected
    assert parse_unit("%").factor == 0.01
    assert parse_unit("%/y").factor == pytest.approx(0.01 / 365)


SUGGESTIONS = {
    "Mt/yr": "write Mt/y",
    "Mt/year": "write Mt/y",
    "Mt/a": "write Mt/y",
    "Mtpa": "write Mt/y",
    "tpa": "write t/y",
    "kbd": "write kb/d",
    "bpd": "write bbl/d",
    "b/d": "write bbl/d",
    "KT/D": "write kt/d",
    "kb/day": "write kb/d",
    "MMbbl": "write mb",
    "mmbbl/d": "write mb/d",
    "ton": "write t",
    "tonnes": "write t",
    "usd/t": "write USD/t",
    "$/bbl": "write USD/bbl",
    "percent": "write %",
    "per year": "write 1/y",
    "USD per bbl": "write USD/bbl",
    "k t": "did you mean 'kt'?",
    # Where a word means two things, neither is guessed.
    "mbd": "write kb/d (thousand barrels) or mb/d (million barrels)",
    "Mbbl": "write kb (thousand barrels) or mb (million barrels)",
    "USD/mt": "write USD/t (tonnes) or USD/Mt (million tonnes)",
    "MT/y": "write t/y (tonnes) or Mt/y (million tonnes)",
}


@pytest.mark.parametrize("text", SUGGESTIONS)
def test_an_unknown_unit_says_what_to_write(text: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_unit(text)
    (problem,) = caught.value.problems
    assert problem.message == f"unknown unit {text!r}"
    assert problem.hint == SUGGESTIONS[text]
    assert problem.code == "unit-unknown"


@pytest.mark.parametrize(
    "text",
    ["", " ", "1", "/", "/Mt", "Mt/", "Mt//y", "%/%", "t/%", "y/1", "1/1", "€", "EUR/t", "h", "kg", "Mt*y", "Mt²",
     "Mt/y/", "parsec", "t t", "-", "Мт/y"],
)  # fmt: skip
def test_nothing_else_is_a_unit(text: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_unit(text)
    assert str(caught.value).startswith("unknown unit")
    assert caught.value.problems[0].hint


def test_the_list_of_units_is_whole() -> None:
    with pytest.raises(UnitError) as caught:
        parse_unit("€")
    for symbol in PINT:
        assert f" {symbol} " in caught.value.problems[0].hint


def test_what_is_suggested_is_a_unit() -> None:
    for hint in SUGGESTIONS.values():
        for option in hint.removeprefix("write ").split(" or "):
            if hint.startswith("write"):
                assert math.isfinite(parse_unit(option.split(" (")[0]).factor)


@pytest.mark.parametrize("text", ["x" * 1_000_000, "mt/" * 100_000, "Mt/y" + " " * 1_000_000 + "x", "mt/" * 50 + "mt"])
def test_very_long_units_are_refused_in_a_few_words(text: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_unit(text)
    assert len(str(caught.value)) < 400


@given(st.text(max_size=30))
def test_any_text_is_a_unit_or_a_unit_error(text: str) -> None:
    try:
        unit = parse_unit(text)
    except UnitError as error:
        hints = [problem.hint for problem in error.problems]
    else:
        hints = []
        assert unit.factor > 0
    assert all(hints)
