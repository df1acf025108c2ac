"""Random systems of round numbers: capacities that fit exactly, where optima have corners on top of each other."""

from __future__ import annotations

import numpy as np

import routeopt as ro

HELD = "held"
"""A group that counts what is exported and limits nothing: to give it a capacity is to hold the exported volume."""


def round_system(seed: int) -> ro.ExportSystem:
    """Fields, hubs, refineries and markets; losses, weights and prices from a few round values."""
    rng = np.random.default_rng([seed, 20261])
    fields, hubs = [f"f{i}" for i in range(int(rng.integers(1, 4)))], [f"h{i}" for i in range(int(rng.integers(1, 5)))]
    refineries, markets = [f"r{i}" for i in range(int(rng.integers(0, 3)))], ["m0", "m1"][: int(rng.integers(1, 3))]
    nodes = {name: {"kind": "field", "output": f"{rng.integers(1, 11)} kt/d"} for name in fields}
    nodes |= {name: {"kind": "hub"} for name in hubs}
    nodes |= {name: {"kind": "refinery", "demand": f"{rng.integers(1, 7)} kt/d"} for name in refineries}
    nodes |= {name: {"kind": "market", "price": f"{rng.choice([100, 120])} USD/t"} for name in markets}
    if rng.random() < 0.3:
        nodes[markets[-1]]["demand"] = f"{rng.integers(2, 9)} kt/d"
    ends = [(name, str(rng.choice([*hubs, *markets]))) for name in fields]
    ends += [(name, str(rng.choice(markets))) for name in hubs]
    ends += [(str(rng.choice([*fields, *hubs])), name) for name in refineries]
    for _ in range(int(rng.integers(2, 8))):
        a, b = str(rng.choice([*fields, *hubs])), str(rng.choice([*hubs, *hubs, *markets, *refineries]))
        ends += [(a, b)] if a != b else []
    legs, gains = {}, {}
    for place, (a, b) in enumerate(ends):
        leg = legs[f"l{place}"] = {"from": a, "to": b, "tariff": f"{rng.choice([0, 1, 3, 5, 10])} USD/t"}
        loss = int(rng.choice([0, 0, 0, 1, 10]))
        if loss:
            leg["loss"] = f"{loss} %"
        if rng.random() < 0.75:
            leg["capacity"] = f"{rng.integers(0, 9)} kt/d"
        if b in markets:
            gains[f"l{place}"] = 1.0 - loss / 100.0
    groups = {HELD: {"capacity": "1000 kt/d", "legs": gains}}
    if rng.random() < 0.5:
        chosen = rng.choice(list(legs), min(2, len(legs)), replace=False)
        groups["berths"] = {
            "capacity": f"{rng.integers(1, 11)} kt/d",
            "legs": {str(name): float(rng.choice([0.5, 1, 2])) for name in chosen},
        }
    return ro.ExportSystem.from_dict({"units": {"flow": "kt/d"}, "nodes": nodes, "legs": legs, "groups": groups})
