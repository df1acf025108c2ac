"""From pydantic's errors to problems in our own words, with the place and what to write instead."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from routeopt.errors import Problem, did_you_mean

__all__ = ["path_in", "problems_of"]

_TYPE_WORDS = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
}


def problems_of(error: ValidationError, model: type[BaseModel], data: object) -> list[Problem]:
    """What is wrong with ``data``, from the error of the model that refused them; places in keys of the data."""
    problems = [_translate(item, model, data) for item in error.errors(include_url=False)]
    # A misspelt key is not also reported as missing.
    meant = {(p.path[:-1], p.hint) for p in problems if p.code == "unknown-key"}
    return [p for p in problems if (p.path, p.message.replace("needs", "did you mean") + "?") not in meant]


def _translate(item: Any, model: type[BaseModel], data: object) -> Problem:
    kind, context = item["type"], item.get("ctx", {})
    path = path_in(data, item["loc"])
    if kind == "extra_forbidden":
        key = str(path[-1])
        known = list(_keys_at(model, item["loc"][:-1]))
        return Problem(f"unknown key {key!r}", path, did_you_mean(key, known), "unknown-key", on_key=True)
    if kind == "missing":
        return Problem(f"needs {str(item['loc'][-1])!r}", path[:-1], "", "missing", on_key=True)
    if kind in ("union_tag_invalid", "literal_error"):
        expected = [word.strip(" '") for word in (context.get("expected_tags") or context["expected"]).split(",")]
        expected = [w.strip(" '") for word in expected for w in word.split(" or ")]
        value = item["input"]
        if kind == "union_tag_invalid":
            key = context["discriminator"].strip("'")
            path, value = (*path, key), value[key]
        if not isinstance(value, str | int | float):
            hint = did_you_mean("", expected, other="write one of")
            return Problem(f"needs a word, not {_shown(value)}", path, hint, "type")
        return Problem(f"{value!r} is not possible here", path, did_you_mean(str(value), expected), "invalid-choice")
    if kind == "union_tag_not_found":
        hint = "write kind: field, hub, terminal, refinery or market"
        return Problem(f"needs {context['discriminator']}", path, hint, "missing", on_key=True)
    if kind in ("quantity", "wrong"):
        at = context.get("at")
        inner = (*path, at) if at else path
        return Problem(item["msg"], path_in(data, inner), context["hint"],
                       "quantity" if kind == "quantity" else "invalid",
                       on_key=context["on_key"] or item["loc"][-1:] == ("[key]",))  # fmt: skip
    if kind in _TYPE_WORDS:
        hint = ""
        if kind in ("model_type", "model_attributes_type"):
            keys = list(_keys_at(model, item["loc"], needed=True)) or list(_keys_at(model, item["loc"]))
            hint = f"write {keys[0]}: ... under it" if keys else ""
        return Problem(f"needs {_TYPE_WORDS[kind]}, not {_shown(item['input'])}", path, hint, "type")
    if kind == "invalid_key":
        return Problem(f"a key must be text, not {_shown(item['loc'][-1])}", path, "put it in quotes", on_key=True)
    return Problem(item["msg"][:1].lower() + item["msg"][1:], path, "", kind)


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    text = repr(value) if isinstance(value, str | int | float | bool) else type(value).__name__
    text = {"dict": "a mapping", "list": "a list"}.get(text, text)
    return text if len(text) < 60 else text[:57] + "..."


def path_in(data: object, location: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Express a place in the keys of the data.

    What is no key of them is dropped: union tags, names of validators, parts of a short form.
    """
    path: list[str | int] = []
    for place, step in enumerate(location):
        last = place == len(location) - 1
        if isinstance(data, Mapping):
            if step in data:
                path.append(step)
                data = data[step]
            elif last and isinstance(step, str) and step != "[key]":
                path.append(step)
        elif isinstance(data, BaseModel):
            return (*path, *location[place:])  # a record has its keys as a file has them
        elif isinstance(data, list | tuple):
            # A list of ids stands for a mapping with them as keys.
            index = data.index(step) if step in data else step
            if isinstance(index, int) and index < len(data):
                path.append(index)
                data = data[index]
    return tuple(path)


def _keys_at(model: type[BaseModel], location: tuple[str | int, ...], *, needed: bool = False) -> Iterator[str]:
    """Keys that are allowed (or ``needed``) where ``location`` leads, by walking the annotations."""
    candidates: list[Any] = [model]
    for step in location:
        following: list[Any] = []
        for candidate in candidates:
            following += _step(candidate, step)
        # A step that leads nowhere is a union tag: it narrows the candidates.
        tagged = [c for c in candidates if _has_tag(c, step)]
        candidates = following or tagged or candidates
    for candidate in candidates:
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            for name, field in candidate.model_fields.items():
                if field.is_required() or not needed:
                    yield field.alias or name


def _step(annotation: Any, step: str | int) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if step in (name, field.alias):
                return _models(field.annotation)
        return []
    arguments = get_args(annotation)
    if get_origin(annotation) is not None and arguments:
        return _models(arguments[-1] if get_origin(annotation) is not tuple else arguments[0])
    return []


def _models(annotation: Any) -> list[Any]:
    """Flatten unions and annotations into what they may hold."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _models(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [found for part in get_args(annotation) for found in _models(part)]
    return [annotation]


def _has_tag(candidate: Any, tag: str | int) -> bool:
    if not (isinstance(candidate, type) and issubclass(candidate, BaseModel)):
        return False
    return any(tag in get_args(field.annotation) for field in candidate.model_fields.values())
