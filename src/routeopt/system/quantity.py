"""A number with its unit, its plausible range and where it comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from numbers import Real
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from routeopt.errors import UnitError, did_you_mean
from routeopt.system.base import kind_of, wrong
from routeopt.units import Unit, parse_number_with_unit, parse_unit

__all__ = [
    "BarrelsPerTonne",
    "Count",
    "Duration",
    "Flow",
    "Fraction",
    "FractionRate",
    "Frequency",
    "Loss",
    "Money",
    "Price",
    "Quantity",
    "Ramp",
    "Stock",
]

_KEYS = ("value", "low", "high", "source", "note", "estimate")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value as it was written, with its provenance.

    Attributes
    ----------
    value : float
        The number, in `unit`.
    unit : str
        A unit of `routeopt.units`, as written; empty for a plain number.
    low, high : float or None
        The plausible range, in `unit`.
    source : tuple of str
        Ids of entries under ``sources``.
    note : str
        What a reader should know about the number.
    estimate : str
        Why there is no source: how the number was inferred. Empty if it is sourced.
    inner : float
        The value in inner units (kt, kb, d, thousand USD).
    measured_by : str
        ``"mass"``, ``"volume"``, or empty if the quantity counts neither.
    """

    value: float
    unit: str = ""
    low: float | None = None
    high: float | None = None
    source: tuple[str, ...] = ()
    note: str = ""
    estimate: str = ""
    inner: float = field(init=False, repr=False, compare=False, default=math.nan)
    measured_by: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "inner", self.value * self.factor)
        object.__setattr__(self, "measured_by", parse_unit(self.unit).measured_by if self.unit else "")

    @property
    def factor(self) -> float:
        """Canonical units in one `unit`."""
        return parse_unit(self.unit).factor if self.unit else 1.0

    def written(self) -> str | float | dict[str, Any]:
        """The quantity as it stands in a file: short if there is nothing but a value."""
        number = int(self.value) if self.value == int(self.value) and abs(self.value) < 1e15 else self.value
        value: str | float = f"{number} {self.unit}" if self.unit else number
        full: dict[str, Any] = {"value": value}
        for key in ("low", "high", "note", "estimate"):
            if getattr(self, key) not in (None, ""):
                full[key] = getattr(self, key)
        if self.source:
            full["source"] = list(self.source)
        return full if len(full) > 1 else value

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}".strip()


def _float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer beyond all floating-point numbers
        return math.inf if number > 0 else -math.inf


_wrong = partial(wrong, kind="quantity")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a quantity measures, and which values are possible."""

    name: str  # for messages: "a flow"
    dimensions: tuple[tuple[int, int, int, int], ...]  # that are allowed; none: plain numbers only
    example: str  # what to write
    plain: bool = False  # a number without a unit is allowed
    signed: bool = False  # negative values are allowed (money only)
    most: float = math.inf  # upper limit, inner units
    positive: bool = False  # zero is refused as well
    if_negative: str = ""  # what a negative value would mean
    if_more: str = ""  # hint where a value above the limit is no slip that the example mends

    def read(self, raw: object) -> Quantity:
        """Make a quantity of what a file holds, or raise `PydanticCustomError` with place and hint."""
        if isinstance(raw, Quantity):
            quantity = raw
            self._check_unit(raw.unit, "")
        elif isinstance(raw, Mapping):
            quantity = self._read_mapping(raw)
        else:
            quantity = Quantity(*self._number(raw, ""))
        self._check_range(quantity)
        return quantity

    def _read_mapping(self, raw: Mapping[Any, Any]) -> Quantity:
        for key in raw:
            if key not in _KEYS:
                raise _wrong(f"unknown key {key!r}", did_you_mean(str(key), _KEYS), str(key), on_key=True)
        if raw.get("value") is None:
            key = "value" if "value" in raw else ""
            raise _wrong("has no value", f"write value: {self.example}", key)
        value, unit = self._number(raw["value"], "value")
        bounds: dict[str, float | None] = {"low": None, "high": None}
        for key in bounds:
            if raw.get(key) is not None:
                bounds[key] = self._bound(raw[key], value, unit, key)
        source = raw.get("source", ())
        source = (source,) if isinstance(source, str) else source
        if not isinstance(source, list | tuple) or not all(isinstance(s, str) for s in source):
            raise _wrong("source must name entries of sources", "write source: [some-id]", "source")
        note, estimate = (self._text(raw, key) for key in ("note", "estimate"))
        return Quantity(value, unit, bounds["low"], bounds["high"], tuple(source), note, estimate)

    @staticmethod
    def _text(raw: Mapping[Any, Any], key: str) -> str:
        text = "" if raw.get(key) is None else raw[key]
        if not isinstance(text, str):
            raise _wrong(f"{key} must be text", "put it in quotes", key)
        return text

    def _bound(self, raw: object, main: float, unit: str, key: str) -> float:
        if isinstance(raw, Real) and not isinstance(raw, bool):
            return self._finite(_float(raw), key)
        value, own = self._number(raw, key)
        if own == unit:
            return value
        # A bound in tonnes of a value in barrels would need a commodity; a plain share may bound one in %.
        source, target = (parse_unit(u) if u else Unit("", 1.0, (0, 0, 0, 0)) for u in (own, unit))
        if source.dimension != target.dimension:
            raise _wrong(f"{own} does not bound a value in {unit}", f"write {key} in {unit}", key)
        value *= source.factor / target.factor
        return main if math.isclose(value, main, rel_tol=1e-12) else value

    def _number(self, raw: object, key: str) -> tuple[float, str]:
        if isinstance(raw, bool) or not isinstance(raw, Real | str):
            raise _wrong(f"needs {self.name}, not {kind_of(raw)}", f"write {self.example}", key)
        if isinstance(raw, str):
            try:
                value, unit = parse_number_with_unit(raw)
                parse_unit(unit) if unit else None
            except UnitError as error:
                problem = error.problems[0]
                hint = f"write {self.example}" if problem.code == "number" or not problem.hint else problem.hint
                raise _wrong(problem.message, hint, key) from None
        else:
            value, unit = _float(raw), ""
        self._finite(value, key)
        self._check_unit(unit, key)
        return value, unit

    def _finite(self, value: float, key: str) -> float:
        if not math.isfinite(value):
            raise _wrong(f"is {value}, which is not a number to compute with", f"write {self.example}", key)
        return value

    def _check_unit(self, unit: str, key: str) -> None:
        if not unit:
            if not self.plain:
                raise _wrong("needs a unit", f"write {self.example}", key)
        elif parse_unit(unit).dimension not in self.dimensions:
            raise _wrong(f"{unit} does not measure {self.name}", f"write {self.example}", key)

    def _check_range(self, quantity: Quantity) -> None:
        factor = quantity.factor
        for key in ("value", "low", "high"):
            value = getattr(quantity, key)
            if value is None:
                continue
            if value < 0 and not self.signed:
                text = f"is negative ({value:g} {quantity.unit})".replace(" )", ")")
                raise _wrong(text + self.if_negative, "", key)
            if self.positive and value == 0 and key == "value":
                raise _wrong("is zero", f"write {self.example}", key)
            if not math.isfinite(value * factor):
                raise _wrong(f"{value:g} {quantity.unit} is too large a number", f"write {self.example}", key)
            if value * factor > self.most * (1 + 1e-12):
                limit = "the whole" if self.most == 1.0 else f"{self.most:g}"
                text = f"is {value:g} {quantity.unit}".rstrip() + f", more than {limit}"
                raise _wrong(text, self.if_more or f"write {self.example}", key)
        if quantity.low is not None and quantity.low > quantity.value:
            raise _wrong(f"low {quantity.low:g} is above the value {quantity.value:g}", "", "low")
        if quantity.high is not None and quantity.high < quantity.value:
            raise _wrong(f"high {quantity.high:g} is below the value {quantity.value:g}", "", "high")

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read, serialization=core_schema.plain_serializer_function_ser_schema(Quantity.written)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        scalar: dict[str, Any] = {"type": ["string", "number"] if self.plain else "string"}
        word = {"type": "string"}
        text = {"type": ["string", "null"]}
        number = {"type": ["number", "string", "null"]}
        return {
            # A field puts its own description in place of this one; the comment stays.
            "$comment": f"{self.name}, for example {self.example}",
            "anyOf": [
                scalar,
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["value"],
                    "properties": {
                        "value": scalar,
                        "low": number,
                        "high": number,
                        "source": {"anyOf": [word, {"type": "array", "items": word}]},
                        "note": text,
                        "estimate": text,
                    },
                },
            ],
        }


_M, _V = (1, 0, -1, 0), (0, 1, -1, 0)
Flow = Annotated[Quantity, Kind("a flow", (_M, _V), "10 Mt/y")]
Stock = Annotated[Quantity, Kind("a volume in store", ((1, 0, 0, 0), (0, 1, 0, 0)), "500 kt")]
Price = Annotated[Quantity, Kind("a price", ((-1, 0, 0, 1), (0, -1, 0, 1)), "12 USD/t or 2 USD/bbl", signed=True)]
Money = Annotated[Quantity, Kind("a sum of money", ((0, 0, 0, 1),), "2.5e9 USD", signed=True)]
Duration = Annotated[Quantity, Kind("a duration", ((0, 0, 1, 0),), "6 d")]
Fraction = Annotated[Quantity, Kind("a share", ((0, 0, 0, 0),), "10 %", plain=True, most=1.0)]
Loss = Annotated[Quantity, Kind("a loss", ((0, 0, 0, 0),), "2 %", plain=True, most=1.0,
                                if_negative=": a loop through it would gain volume")]  # fmt: skip
FractionRate = Annotated[Quantity, Kind("a share a time", ((0, 0, -1, 0),), "3 %/d")]
Frequency = Annotated[Quantity, Kind("a frequency", ((0, 0, -1, 0),), "2 1/y")]
Ramp = Annotated[Quantity, Kind("a flow gained a day", ((1, 0, -2, 0), (0, 1, -2, 0)), "0.5 kt/d per day")]
Count = Annotated[Quantity, Kind("a count", ((0, 0, 0, 0),), "5", plain=True)]
BarrelsPerTonne = Annotated[
    Quantity,
    Kind("barrels per tonne", ((-1, 1, 0, 0),), "7.9", plain=True, positive=True, most=20.0,
         if_more="crude has 6 to 9, light liquids up to 13, and gas is counted in its volume alone"),
]  # fmt: skip
