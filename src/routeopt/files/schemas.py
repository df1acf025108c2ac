"""JSON Schema of the two kinds of file, for editors; made from the models that read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from routeopt.files.atomic import write_text
from routeopt.files.bundled import data_folder
from routeopt.system.base import Record

__all__ = ["schema", "schema_folder", "schema_text", "write_schemas"]

Schema = dict[str, Any]
Kind = Literal["system", "scenarios"]


def schema(kind: Kind) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a kind of file.

    Parameters
    ----------
    kind : ``"system"`` or ``"scenarios"``

    Returns
    -------
    dict
        It accepts what `routeopt.load` or `routeopt.load_scenarios` reads, and refuses misspelt keys and values
        of the wrong type. Units, references and topology are checked by loading only.

    Examples
    --------
    >>> schema("scenarios")["required"]
    ['routeopt-scenarios', 'scenarios']
    """
    from routeopt.scenario.scenario import ScenarioFile
    from routeopt.system.system import ExportSystem

    models: dict[str, type[Record]] = {"system": ExportSystem, "scenarios": ScenarioFile}
    if kind not in models:
        raise ValueError(f"there is a schema of 'system' and of 'scenarios', not of {kind!r}")
    shared: Schema = {}
    made: Schema = _share(models[kind].model_json_schema(by_alias=True, mode="validation"), shared)
    made["$defs"] = dict(sorted((made.get("$defs", {}) | shared).items()))
    _short_forms(made["$defs"])
    for part in _parts(made):
        _tidy(part)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def schema_folder() -> Path:
    """Where the published schemas are."""
    return data_folder() / "schema"


def write_schemas(folder: Path | None = None) -> list[Path]:
    """Write both schemas as files, in place of those that are there; returns their paths."""
    folder = folder or schema_folder()
    folder.mkdir(parents=True, exist_ok=True)
    kinds: tuple[Kind, ...] = ("system", "scenarios")
    return [write_text(folder / f"{kind}.schema.json", schema_text(kind), overwrite=True) for kind in kinds]


def schema_text(kind: Kind) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema(kind), indent=1, ensure_ascii=False) + "\n"


def _share(part: Any, shared: Schema) -> Any:
    """The same schema in which each kind of quantity is defined once; the definitions go to ``shared``."""
    if isinstance(part, list):
        return [_share(item, shared) for item in part]
    if not isinstance(part, dict):
        return part
    if "$comment" in part:
        words = part["$comment"]
        name = words.partition(",")[0].removeprefix("a ").replace(" ", "-")
        shared[name] = {"description": words, "anyOf": part["anyOf"]}
        # Beside the reference stays what belongs to the key and not to the quantity.
        return {"$ref": f"#/$defs/{name}", **{k: v for k, v in part.items() if k not in ("$comment", "anyOf")}}
    return {key: _share(value, shared) for key, value in part.items()}


def _short_forms(models: Schema) -> None:
    """What the models read besides their own form, in one line or as a plain list."""
    text: Schema = {"type": "string"}
    flow = {"$ref": "#/$defs/flow"}
    if "Components" in models:
        properties = models["Components"]["properties"]
        models["Components"]["required"] = ["in"]
        models["Components"]["additionalProperties"] = {"anyOf": [flow, {"$ref": "#/$defs/Component"}]}
        properties["parts"]["description"] = "Components by id, if not written beside 'in'."
    if "Group" in models:
        member = {"anyOf": [{"$ref": "#/$defs/Member"}, {"type": ["number", "string"]}]}
        _widen(models["Group"], "legs", text, {"type": "array", "items": text},
               {"type": "object", "additionalProperties": member}, keep=False)  # fmt: skip
    if "Leg" in models:
        _widen(models["Leg"], "blends_into", text)
    if "Build" in models:
        _widen(models["Build"], "sizes", flow)
        _widen(models["Build"], "capex", {"$ref": "#/$defs/sum-of-money"})
    if "Closure" in models:
        _widen(models["Closure"], "recovery", {"type": "string", "pattern": r"^(step|linear)( .*)?$"})


def _widen(model: Schema, key: str, *forms: Schema, keep: bool = True) -> None:
    """Let a key of a model take other forms too (or instead)."""
    own = model["properties"][key]
    frame = {name: own.pop(name) for name in ("description", "default", "title") if name in own}
    model["properties"][key] = {**frame, "anyOf": [*([own] if keep else []), *forms]}


def _parts(part: Any) -> Iterator[Schema]:
    """Each schema inside a schema, with itself."""
    if isinstance(part, list):
        for item in part:
            yield from _parts(item)
    elif isinstance(part, dict):
        yield part
        for key, value in part.items():
            if key in ("properties", "$defs"):
                for inner in value.values():
                    yield from _parts(inner)
            elif key not in ("default", "enum", "const", "required", "discriminator"):
                yield from _parts(value)


def _tidy(part: Schema) -> None:
    """Leave out titles that only repeat the key, and all but the first paragraph of descriptions."""
    part.pop("title", None)
    part.pop("discriminator", None)  # OpenAPI's word, unknown to JSON Schema
    if "description" in part:
        part["description"] = " ".join(part["description"].split("\n\n")[0].split())
