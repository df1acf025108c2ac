"""Small networks in a few lines."""

from __future__ import annotations

import random
from typing import Any

import pytest

import routeopt as ro


def network(legs: dict[str, tuple], fields: dict[str, Any], markets=("market",), refineries=(), **rest: Any):
    """A system from legs ``id: (from, to, {more})``; nodes that nobody describes are hubs.

    Fields are outputs or mappings; markets and refineries are names, or mappings of names to more.
    """
    nodes: dict[str, Any] = {}
    for name, field in fields.items():
        nodes[name] = {"kind": "field", **({"output": field} if isinstance(field, str) else field)}
    for kind, named in (("market", markets), ("refinery", refineries)):
        for name in named:
            nodes[name] = {"kind": kind, **(named[name] if isinstance(named, dict) else {})}
    written = {}
    for name, (start, end, *more) in legs.items():
        nodes.setdefault(start, {"kind": "hub"})
        nodes.setdefault(end, {"kind": "hub"})
        written[name] = {"from": start, "to": end, **(more[0] if more else {})}
    nodes |= rest.pop("nodes", {})
    return ro.ExportSystem.from_dict({"nodes": nodes, "legs": written, **rest})


def shuffled(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """The same data with every mapping in another order."""
    rng = random.Random(seed)

    def mix(part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        keys = list(part)
        rng.shuffle(keys)
        return {key: mix(part[key]) for key in keys}

    return mix(data)


def near(value: float, tolerance: float = 1e-6):
    """Equal to a relative tolerance."""
    return pytest.approx(value, rel=tolerance, abs=1e-9)


def flows(plan) -> dict[str, float]:
    """Inlet flow of every leg that carries something."""
    return {name: flow for name, flow in plan.legs["flow"].items() if flow}


def whole_year(system: ro.ExportSystem, name: str | None):
    """A scenario of the system as a whole year with its closures in force, whatever its dates."""
    from routeopt.scenario.resolve import resolve

    return resolve(system, name).model_copy(update={"horizon": None})
