"""From systems and scenarios to YAML that reads well and loads to the same again."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from typing import Any

import yaml

from routeopt.errors import InputError, Problem
from routeopt.files.atomic import write_text
from routeopt.files.scalars import LongNumberError, resolve
from routeopt.scenario.scenario import Scenario
from routeopt.system.system import ExportSystem

__all__ = ["to_yaml"]

_TAG = "tag:yaml.org,2002:"
_WIDTH = 110
_SHORT = 90
"""Longest list or mapping that is written on one line."""
_CLEAN = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]*")
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def to_yaml(
    system: ExportSystem | Mapping[str, Scenario], path: str | os.PathLike[str] | None = None, *,
    overwrite: bool = False, written_for: str | None = None,
) -> str:  # fmt: skip
    """Write a system, or scenarios, as YAML.

    Parameters
    ----------
    system : ExportSystem, or mapping of str to Scenario
        A system without its scenarios, or scenarios by id, such as ``kz.scenarios``.
    path : str or path, optional
        File to write; without it nothing is written.
    overwrite : bool
        Replace the file if it exists.
    written_for : str, optional
        With scenarios: name of the system that they are for.

    Returns
    -------
    str
        The text. `routeopt.load` or `routeopt.load_scenarios` reads the same from it, to the last digit.

    Raises
    ------
    FileError
        The file exists and `overwrite` was not asked for, or it cannot be written.
    InputError
        It is neither a system nor scenarios, or ``written_for`` is given with a system.

    Examples
    --------
    >>> small = ExportSystem.from_dict({
    ...     "name": "small",
    ...     "nodes": {"oil": {"kind": "field", "output": "10 Mt/y"}, "buyers": {"kind": "market"}},
    ...     "legs": {"line": {"from": "oil", "to": "buyers", "capacity": "7 Mt/y"}},
    ... })
    >>> print(to_yaml(small))
    # yaml-language-server: $schema=schema/system.schema.json
    routeopt: 1
    name: small
    nodes:
      oil: {kind: field, output: 10 Mt/y}
      buyers: {kind: market}
    legs:
      line: {from: oil, to: buyers, capacity: 7 Mt/y}
    <BLANKLINE>
    >>> print(to_yaml({"shut": Scenario(closures=[{"leg": "line"}])}, written_for="small"))
    # yaml-language-server: $schema=../schema/scenarios.schema.json
    routeopt-scenarios: 1
    system: small
    scenarios:
      shut:
        closures:
        - {leg: line}
    <BLANKLINE>
    """
    if isinstance(system, ExportSystem):
        if written_for is not None:
            raise InputError(Problem("a system has its own name", ("written_for",), "leave it out"))
        data = system.to_dict()
        data["nodes"] = {name: {"kind": node["kind"], **node} for name, node in data["nodes"].items()}
        text = _document(data, "schema/system.schema.json")
    elif isinstance(system, Mapping) and all(isinstance(one, Scenario) for one in system.values()):
        data = {"routeopt-scenarios": 1} | ({} if written_for is None else {"system": written_for})
        data["scenarios"] = {name: scenario.written() for name, scenario in system.items()}
        text = _document(data, "../schema/scenarios.schema.json")
    else:
        what = f"needs a system or scenarios by id, not {type(system).__name__}"
        raise InputError(Problem(what, ("system",), "write to_yaml(system), or to_yaml(system.scenarios)"))
    if path is not None:
        write_text(path, text, overwrite)
    return text


def _document(data: Mapping[str, Any], schema: str) -> str:
    root = _node(data)
    for _, section in root.value:
        _unfold(section)
    root.flow_style = False
    body = yaml.serialize(root, Dumper=_DUMPER, width=_WIDTH, allow_unicode=True)
    return f"# yaml-language-server: $schema={schema}\n{body}"


def _unfold(section: yaml.Node) -> None:
    """A section of several entries has one on each line, however short they are."""
    if isinstance(section, yaml.MappingNode) and any(isinstance(v, yaml.MappingNode) for _, v in section.value):
        section.flow_style = False


def _node(value: Any) -> Any:
    """A node of YAML for plain data."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        pairs = [(_text(key), _node(item)) for key, item in value.items()]
        return yaml.MappingNode(_TAG + "map", pairs, flow_style=_fits([node for pair in pairs for node in pair]))
    if isinstance(value, list | tuple):
        items = [_node(item) for item in value]
        # A list of records reads better with each on its own line.
        flow = _fits(items) and not any(isinstance(item, yaml.MappingNode) for item in items)
        return yaml.SequenceNode(_TAG + "seq", items, flow_style=flow)
    if value is None or isinstance(value, bool):
        kind = "null" if value is None else "bool"
        return yaml.ScalarNode(f"{_TAG}{kind}", {None: "null", True: "true", False: "false"}[value])
    if isinstance(value, int):
        return yaml.ScalarNode(_TAG + "int", str(value))
    if isinstance(value, float):
        return yaml.ScalarNode(f"{_TAG}{'int' if _whole(value) else 'float'}", _digits(value))
    return _text(str(value))


def _fits(nodes: list[Any]) -> bool:
    """Whether nodes can stand on one line together."""
    for node in nodes:
        if node.style == "|" if isinstance(node, yaml.ScalarNode) else not node.flow_style:
            return False
    return sum(map(_length, nodes)) <= _SHORT


def _length(node: Any) -> int:
    """Letters of a node on one line, with what separates it from the next."""
    if isinstance(node, yaml.ScalarNode):
        return len(node.value) + 2
    if isinstance(node, yaml.MappingNode):
        return 4 + sum(_length(key) + _length(value) for key, value in node.value)
    return 4 + sum(map(_length, node.value))


def _text(text: str) -> Any:
    return yaml.ScalarNode(_TAG + "str", text, style=_style(text))


def _style(text: str) -> str | None:
    """How a text has to be written to be read as this text; None leaves it plain where YAML allows that."""
    if "\n" in text and _CLEAN.fullmatch(text) and re.fullmatch(r"\S(.*\S)?", text, re.DOTALL):
        # A block keeps the lines as they are, unless a line begins or ends with a blank.
        return '"' if re.search(r"[ \t]\n|\n[ \t]", text) else "|"
    if not _CLEAN.fullmatch(text) or "\n" in text or text != text.strip():
        return '"'
    try:
        return None if resolve(text) == text else '"'
    except LongNumberError:
        return '"'


def _whole(value: float) -> bool:
    return math.isfinite(value) and value == int(value) and abs(value) < 1e15


def _digits(value: float) -> str:
    if _whole(value):
        return str(int(value))
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    digits = repr(value)
    # Readers of older YAML take 1e+20 for a text.
    return digits.replace("e", ".0e") if "e" in digits and "." not in digits else digits
