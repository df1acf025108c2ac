"""The reference of the two file formats, generated at build from the models that read the files.

In a page the line ``<!-- made from the models: WHAT -->`` stands for tables of the records of a ``system`` or of
``scenarios``, of the ``quantities`` or of the ``units``. Keys, types, defaults and descriptions come from `routeopt.schema`,
examples from the included data.
"""

import re

import yaml
from pydantic import BaseModel

import routeopt as ro
from routeopt.system import quantity
from routeopt.units import _TABLE, parse_unit

MARK = re.compile(r"<!-- made from the models: (\w+) -->")
WORDS = {"string": "text", "number": "number", "integer": "whole number", "boolean": "`true` or `false`"}
LINES = 14


def reference(what):
    """Markdown for one of the marks."""
    if what == "quantities":
        return _quantities()
    if what == "units":
        return _units()
    schema = ro.schema(what)
    examples = _examples(what)
    title = {"system": "System file", "scenarios": "Scenario file"}[what]
    records = {name: record for name, record in schema["$defs"].items() if name[0].isupper()}
    whole = {**schema, "properties": _said(schema["properties"], records)}
    parts = [_record(f"file-{what}", title, whole, ())]
    for name in _reached(schema, records):
        record = {**records[name], "properties": _said(records[name]["properties"], records)}
        parts.append(_record(f"record-{name.lower()}", name, record, examples.get(name, ())))
    return "\n".join(parts)


def _reached(schema, records):
    """Names of records in the order in which a reader meets them."""
    found, waiting = [], [schema]
    while waiting:
        for name in re.findall(r"#/\$defs/(\w+)", repr(waiting.pop(0).get("properties", {}))):
            if name in records and name not in found:
                found.append(name)
                waiting.append(records[name])
    return found + [name for name in records if name not in found]


def _said(properties, records):
    """Properties with words: a key that has none of its own has those of its record, which say the same."""
    said = {}
    for key, value in properties.items():
        inner = records.get(value.get("$ref", "").rpartition("/")[2], {})
        said[key] = {**value, "description": value.get("description") or inner.get("description", "")}
    return said


def _record(target, title, record, example):
    needed = record.get("required", ())
    head = [f"({target})=", f"### {title}", "", "" if target.startswith("file-") else record.get("description", ""), ""]
    rows = ["| Key | Value | Default | Meaning |", "|---|---|---|---|"]
    for key, value in sorted(record["properties"].items(), key=lambda item: item[0] not in needed):
        default = "**needed**" if key in needed else _default(value.get("default"))
        rows.append(f"| `{key}` | {_takes(value)} | {default} | {_cell(value.get('description', ''))} |")
    extra = record.get("additionalProperties")
    if isinstance(extra, dict):
        rows.append(f"| *any id* | {_takes(extra)} | | an entry under its own id |")
    shown = ["", "```yaml", *example, "```", ""] if example else [""]
    return "\n".join([*head, *rows, *shown])


def _takes(value):
    """What a value may be, in words with links."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        kind = "record" if name[0].isupper() else "quantity"
        return f"[{name.replace('-', ' ')}](#{kind}-{name.lower()})"
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{word}`" for word in value["enum"])
    for choice in ("anyOf", "oneOf"):
        if choice in value:
            found = [_takes(part) for part in value[choice] if part.get("type") != "null"]
            return " or ".join(dict.fromkeys(found))
    kinds = value.get("type", "anything")
    kinds = [kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"]
    return " or ".join(_plain(kind, value) for kind in kinds)


def _plain(kind, value):
    if kind == "array":
        if "prefixItems" in value:
            return "[" + ", ".join(_takes(part) for part in value["prefixItems"]) + "]"
        return f"list of {_takes(value['items'])}"
    if kind == "object":
        inner = value.get("additionalProperties")
        return f"ids, each with {_takes(inner)}" if isinstance(inner, dict) else "mapping"
    if value.get("format") == "date":
        return "date, `2025-11-29`"
    if "pattern" in value:
        words = re.findall(r"[a-z]{3,}", value["pattern"])
        return " or ".join(f"`{word}`" for word in words)
    return WORDS.get(kind, kind)


def _default(value):
    if value in (None, "", [], {}):
        return "none"
    if isinstance(value, dict):
        return _cell(", ".join(f"`{k}: {v}`" for k, v in value.items() if v not in (None, "", [], {}))) or "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _cell(text):
    return text.replace("|", "\\|").replace("->", "→").replace("``", "`")


def _examples(what):
    """The record of each kind with most keys among the shipped data, as lines of YAML; notes and sources left out."""
    best = {}
    for name in ro.bundled_systems():
        system = ro.load(name)
        for record in _walk(system if what == "system" else dict(system.scenarios)):
            data = _short(record.written())
            lines, kind = _lines(data), type(record).__name__
            if 0 < len(lines) <= LINES and len(data) > best.get(kind, (0,))[0]:
                best[kind] = (len(data), lines)
    return {kind: lines for kind, (_, lines) in best.items()}


def _lines(data):
    """A record as YAML: a line for each key, what is inside as short as it can be."""
    lines = []
    for key, value in data.items() if isinstance(data, dict) else ():
        inner = None if isinstance(value, dict | list) else False
        text = yaml.safe_dump({key: value}, default_flow_style=inner, sort_keys=False, allow_unicode=True, width=100)
        lines += text.rstrip().splitlines()
    return lines


def _short(data):
    """Data without notes and sources; a quantity of which only the value is left is written short."""
    if isinstance(data, dict):
        kept = {key: _short(value) for key, value in data.items() if key not in ("note", "source", "estimate", "tags")}
        return kept["value"] if set(kept) == {"value"} else kept
    if isinstance(data, float) and data == int(data) and abs(data) < 1e15:
        return int(data)
    return [_short(item) for item in data] if isinstance(data, list | tuple) else data


def _walk(thing):
    """Every record inside a record."""
    if isinstance(thing, BaseModel):
        yield thing
        thing = {name: getattr(thing, name) for name in type(thing).model_fields}
    if isinstance(thing, dict):
        for value in thing.values():
            yield from _walk(value)
    elif isinstance(thing, tuple):
        for value in thing:
            yield from _walk(value)


def _quantities():
    rows = ["| Quantity | Example | Unit of | Range |", "|---|---|---|---|"]
    for name in quantity.__all__:
        kind = next((part for part in getattr(getattr(quantity, name), "__metadata__", ())), None)
        if kind is None:
            continue
        word = kind.name.removeprefix("a ")
        limits = ["negative" if kind.signed else "above zero" if kind.positive else "zero or more"]
        limits += [f"at most {kind.most:g}"] if kind.most < float("inf") else []
        counts = " or ".join(filter(None, map(_dimension, kind.dimensions))) or "a plain number or `%`"
        plain = ", or a plain number" if kind.plain and any(any(d) for d in kind.dimensions) else ""
        mark = f"[]{{#quantity-{word.replace(' ', '-')}}}{word}"
        rows.append(f"| {mark} | `{kind.example}` | {counts}{plain} | {', '.join(limits)} |")
    return "\n".join(rows)


def _dimension(powers):
    words = ("mass", "volume", "time", "money")
    above = [word for word, power in zip(words, powers, strict=True) if power > 0]
    below = [f"{word}²" if power < -1 else word for word, power in zip(words, powers, strict=True) if power < 0]
    return "/".join(["·".join(above) or ("1" if below else ""), *below])


def _units():
    words = ("mass", "volume", "time", "money")
    inner = ("kt", "kb", "d", "USD")
    rows = ["| Unit | Measures | Equals |", "|---|---|---|"]
    for symbol in _TABLE:
        base = parse_unit(symbol).dimension.index(1)
        size = parse_unit(symbol).factor / parse_unit(inner[base]).factor
        rows.append(f"| `{symbol}` | {words[base]} | {size:.10g} {inner[base]} |")
    rows.append("| `%` | shares | 0.01 |")
    return "\n".join(rows)


def fill(app, docname, source):
    """Put tables in the place of the marks of a page."""
    source[0] = MARK.sub(lambda mark: reference(mark[1]), source[0])


def setup(app):
    app.connect("source-read", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
