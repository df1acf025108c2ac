"""What every record of a system has in common: frozen, strict, and documented attribute by attribute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import GenericAlias
from typing import Annotated, Any, Literal, NoReturn, Self, TypeVar, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

__all__ = ["FrozenDict", "Id", "Ids", "OneOrMore", "Position", "Record", "Tags", "as_tuple", "kind_of", "wrong"]

Value = TypeVar("Value")


def wrong(
    message: str, hint: str = "", at: str = "", on_key: bool = False, *, kind: Literal["wrong", "quantity"] = "wrong"
) -> PydanticCustomError:
    """A validation error in our own words, with a hint and the key it is about."""
    # Braces in the message would be read as fields of its context.
    text = message.replace("{", "(").replace("}", ")")
    return PydanticCustomError(kind, text, {"hint": hint, "at": at, "on_key": on_key})


class Record(BaseModel):
    """Base of all records. Unknown keys are errors; nothing can be changed after it was made."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
    )

    @model_validator(mode="wrap")
    @classmethod
    def _shaped(cls, raw: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        """Refuse what a short form of a subclass could not even go through."""
        try:
            _refuse_no_list(cls, raw)
            return read(raw)
        except TypeError:
            raise wrong("holds a list or a mapping where a word is needed", "write [a, b]") from None

    def written(self) -> dict[str, Any]:
        """The record as it stands in a file: plain data, without what equals the default."""
        return self.model_dump(by_alias=True, exclude_defaults=True)


def _refuse_no_list(model: type[BaseModel], raw: object) -> None:
    """Lists of records or numbers have no short form; text would be read as a list of letters."""
    if isinstance(raw, dict):
        for key in _listed_keys(model):
            if key in raw and not isinstance(raw[key], list | tuple):
                raise wrong(f"needs a list, not {kind_of(raw[key])}", "write [...] or lines that begin with '- '", key)


@cache
def _listed_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """Keys of a model that hold a list of records or numbers."""
    found = []
    for name, field in model.model_fields.items():
        if get_origin(field.annotation) is tuple:
            (item, *_) = get_args(field.annotation)
            if isinstance(item, type) and issubclass(item, BaseModel | int):
                found.append(field.alias or name)
    return tuple(found)


class FrozenDict(dict[str, Value]):
    """A dict that cannot be changed, so that a frozen record is frozen all the way down."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("the data of a system cannot be changed; make a changed copy with override()")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    # A dict has no hash since it can change; this one cannot, and frozen records hash what they hold. The type checker
    # is told to look away since dict declares `__hash__: None`, which no method can override in its eyes.
    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type, tuple[dict[str, Value]]]:
        return FrozenDict, (dict(self),)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        (value,) = getattr(source, "__args__", (Any,))
        inner = handler.generate_schema(GenericAlias(dict, (Id, value)))
        return core_schema.no_info_after_validator_function(
            cls, core_schema.no_info_before_validator_function(_as_dict, inner)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        # A key with nothing after it is an empty mapping.
        return {**handler(schema), "type": ["object", "null"]}


def _as_dict(raw: Any) -> Any:
    if raw is None:
        return {}
    if isinstance(raw, Mapping):
        return dict(raw)
    raise wrong(f"needs a mapping of ids, not {kind_of(raw)}", "write id: {...} under it")


def kind_of(raw: object) -> str:
    """What plain data are, for messages."""
    names = {str: "text", bool: "a truth value", int: "a number", float: "a number", list: "a list", dict: "a mapping"}
    return "nothing" if raw is None else names.get(type(raw), type(raw).__name__)


def _read_id(raw: object) -> object:
    if not isinstance(raw, str):
        if isinstance(raw, bool | int | float):
            raise wrong(f"an id must be text, not {kind_of(raw)} {raw!r}", "put it in quotes")
        raise wrong(f"an id must be text, not {kind_of(raw)}", "write one name")
    if not raw or raw != raw.strip() or "." in raw or not raw.isprintable():
        raise wrong(f"{raw!r} cannot be an id", "use letters, digits, - and _; no dots")
    return raw


Id = Annotated[str, BeforeValidator(_read_id)]


def as_tuple(raw: object) -> object:
    """A tuple of what may be one item or a list of them."""
    if isinstance(raw, str):
        return (raw,)
    if isinstance(raw, Iterable) and not isinstance(raw, Mapping):
        return tuple(raw)
    raise wrong(f"needs a list, not {kind_of(raw)}", "write [a, b]")


def _one_or_more(raw: object) -> object:
    if not isinstance(raw, list | tuple):
        return _read_id(raw)
    names = tuple(_read_id(name) for name in raw)
    if not names or len(set(names)) != len(names):
        raise wrong("names nothing" if not names else "names one twice", "write one name, or [a, b]")
    return names if len(names) > 1 else names[0]


def _as_pair(raw: object) -> object:
    pair = tuple(raw) if isinstance(raw, list | tuple) else ()
    if len(pair) != 2 or not all(isinstance(x, int | float) and not isinstance(x, bool) for x in pair):
        raise wrong("needs latitude and longitude in degrees", "write [46.15, 53.38]")
    latitude, longitude = (float(x) for x in pair)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise wrong(f"[{latitude:g}, {longitude:g}] is not a place on Earth", "latitude comes first")
    return latitude, longitude


_WORDS = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})

Ids = Annotated[tuple[Id, ...], BeforeValidator(as_tuple), _WORDS]
"""One id or a list of ids."""
Tags = Annotated[tuple[str, ...], BeforeValidator(as_tuple), _WORDS]
"""One word or a list of words."""
OneOrMore = Annotated[str | tuple[str, ...], BeforeValidator(_one_or_more), _WORDS]
"""One id as it is; several as a tuple."""
Position = Annotated[tuple[float, float], BeforeValidator(_as_pair)]
"""Latitude and longitude in degrees."""
