"""Helpers for tests: random systems and random scenarios, the same for the same seed.

They know nothing of how a system is computed, so that whoever writes an engine or an analysis of their own
can hold it against `routeopt.allocate` on as many different networks as they like.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from routeopt.scenario import Scenario
from routeopt.scenario.resolve import scenario_problems
from routeopt.system import ExportSystem

__all__ = ["random_data", "random_scenario", "random_system"]

_STREAMS = {"light": 7.9, "medium": 7.4, "heavy": 6.9, "blend": 7.3}
_COUNTRIES = ("AA", "BB", "CC", "DD")


def random_system(seed: int, *, nodes: int = 12, legs: int = 28, plain: bool = False) -> ExportSystem:
    """A valid system with everything that the file format knows, drawn at random.

    Parameters
    ----------
    seed : int
        The same seed makes the same system.
    nodes, legs : int
        Size; at least six nodes and as many legs.
    plain : bool
        Only fields, hubs, markets and legs with capacities, tariffs and losses: for large systems.

    Returns
    -------
    ExportSystem

    Examples
    --------
    >>> random_system(1) == random_system(1)
    True
    >>> random_system(1, nodes=50, legs=120)
    ExportSystem('random-1', 50 nodes, 120 legs)
    """
    return ExportSystem.from_dict(random_data(seed, nodes=nodes, legs=legs, plain=plain))


def random_data(seed: int, *, nodes: int = 12, legs: int = 28, plain: bool = False) -> dict[str, Any]:
    """What `random_system` is made of, as plain data in the form of a file."""
    if nodes < 6 or legs < nodes:
        raise ValueError("a random system needs at least six nodes and as many legs as nodes")
    return _Draw(seed, nodes, legs, plain).data()


def random_scenario(system: ExportSystem, seed: int, *, closures: int = 3) -> Scenario:
    """A scenario that fits a system: up to ``closures`` closures, and now and then builds, costs and reopened legs.

    Examples
    --------
    >>> system = random_system(4)
    >>> random_scenario(system, 7) == random_scenario(system, 7)
    True
    """
    rng = np.random.default_rng([seed, 104729])
    found: list[dict[str, Any]] = []
    for _ in range(int(rng.integers(0, closures + 1))):
        closure = _closure(system, rng)
        if not scenario_problems(system, Scenario.model_validate({"closures": [closure]})):
            found.append(closure)
    data: dict[str, Any] = {"closures": found}
    asleep = [name for name, leg in system.legs.items() if leg.status in ("idle", "hypothetical")]
    if asleep and rng.random() < 0.5:
        data["reopen"] = asleep[:1]
    buildable = [name for name, leg in system.legs.items() if leg.build]
    if buildable and rng.random() < 0.5:
        build = system.legs[buildable[0]].build
        assert build is not None
        unit, low, high = build.sizes[0].unit, build.sizes[0].value, build.sizes[-1].value
        data["build"] = {buildable[0]: f"{rng.uniform(low, high):.3f} {unit}"}
    if rng.random() < 0.3:
        leg = str(rng.choice(list(system.legs)))
        piece = "t" if system.measured_by == "mass" else "bbl"
        data["tariffs"] = {leg: f"{'+' if rng.random() < 0.5 else ''}{rng.uniform(1, 9):.2f} USD/{piece}"}
    return Scenario.model_validate(data)


def _closure(system: ExportSystem, rng: np.random.Generator) -> dict[str, Any]:
    legs = list(system.legs)
    parts = [(name, part) for name, leg in system.legs.items() if leg.components for part in leg.components.parts]
    makers: list[dict[str, Any]] = [{"leg": str(rng.choice(legs))}, {"leg": str(rng.choice(legs))}]
    makers.append({"node": str(rng.choice(list(system.nodes)))})
    makers.append({"country": str(rng.choice(_COUNTRIES))})
    makers += [{"tag": "weather"}, {"operator": "state"}, {"chokepoint": "strait"}]
    makers.append({"leg": str(rng.choice(legs)), "commodity": str(rng.choice(list(system.streams)))})
    if system.groups:
        makers.append({"group": str(rng.choice(list(system.groups)))})
    if parts:
        leg, part = parts[int(rng.integers(len(parts)))]
        makers.append({"leg": leg, "component": part})
    closure = makers[int(rng.integers(len(makers)))]
    if rng.random() < 0.4:
        closure["availability"] = f"{rng.integers(10, 90)} %"
    return closure


class _Draw:
    """Draws one system. Nodes stand in a row from fields to markets; most legs lead forward, some back."""

    def __init__(self, seed: int, nodes: int, legs: int, plain: bool) -> None:
        self.rng = np.random.default_rng([seed, 15485863])
        self.seed, self.plain, self.legs_wanted = seed, plain, legs
        self.volume = not plain and bool(self.rng.random() < 0.25)
        self.flow = "kb/d" if self.volume else "Mt/y"
        self.size = 20.0 if self.volume else 1.0  # kb/d and Mt/y of the same magnitude
        self.piece = "bbl" if self.volume else "t"
        fields, markets = max(2, nodes // 5), max(2, nodes // 6)
        refineries = 0 if plain else max(1, nodes // 12)
        hubs = nodes - fields - markets - refineries
        self.fields = [f"field-{i}" for i in range(fields)]
        self.hubs = [f"hub-{i}" for i in range(hubs)]
        self.markets = [f"market-{i}" for i in range(markets)]
        self.refineries = [f"refinery-{i}" for i in range(refineries)]
        self.streams = ["crude"] if plain else list(_STREAMS)[: int(self.rng.integers(1, 4))]
        if not plain and self.chance(0.5):
            self.streams = [*self.streams, "blend"]

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def pick(self, among: list[str]) -> str:
        return among[int(self.rng.integers(len(among)))]

    def amount(self, low: float, high: float, unit: str = "") -> str:
        return f"{self.rng.uniform(low, high) * self.size:.3f} {unit or self.flow}"

    def other(self, low: float, high: float) -> str:
        """A flow that counts in the other unit than the system, half of the time."""
        if self.chance(0.5):
            return self.amount(low, high)
        value = self.rng.uniform(low, high) * self.size
        return f"{value / 20:.4f} Mt/y" if self.volume else f"{value * 20:.2f} kb/d"

    def price(self, low: float, high: float) -> str:
        """USD per tonne; less where barrels are counted; in the other unit now and then."""
        tonne = self.rng.uniform(low, high)
        barrel = self.chance(0.15) if not self.plain and not self.volume else self.volume
        return f"{tonne / 7.3:.3f} USD/bbl" if barrel else f"{tonne:.2f} USD/t"

    def data(self) -> dict[str, Any]:
        nodes = self.nodes()
        legs = self.legs()
        data: dict[str, Any] = {
            "name": f"random-{self.seed}", "exporter": "AA", "units": {"flow": self.flow},
            "price": "65 USD/bbl" if self.volume or not self.plain else "480 USD/t", "nodes": nodes, "legs": legs,
        }  # fmt: skip
        if not self.plain:
            data["commodities"] = {name: {"barrels_per_tonne": _STREAMS[name]} for name in self.streams}
            data["groups"], data["contracts"] = self.groups(list(legs)), self.contracts(list(legs))
            if self.chance(0.5):
                data["recourse"] = {"below_min_output": self.price(50, 90)}
        return data

    def nodes(self) -> dict[str, Any]:
        nodes: dict[str, Any] = {}
        for place, name in enumerate(self.fields):
            nodes[name] = {"kind": "field", "output": self.amount(2, 20), "country": "AA"}
            if not self.plain:
                # The first fields produce one stream each, so that no stream is missing.
                own = [stream for stream in self.streams if stream != "blend"]
                nodes[name]["commodity"] = own[place] if place < len(own) else self.pick(own)
                nodes[name]["output"] = self.other(2, 20)
                if self.chance(0.3):
                    nodes[name]["own_use"] = f"{self.rng.integers(1, 8)} %"
                if self.chance(0.4):
                    nodes[name]["min_output"] = f"{self.rng.integers(20, 70)} %"
        for name in self.hubs:
            nodes[name] = {"kind": "hub" if self.chance(0.6) else "terminal", "country": self.pick(list(_COUNTRIES))}
            if self.chance(0.15):
                nodes[name] |= {"chokepoints": ["strait"], "operator": "state"}
        for name in self.refineries:
            nodes[name] = {"kind": "refinery", "demand": self.amount(1, 4), "country": "AA"}
        for place, name in enumerate(self.markets):
            nodes[name] = {"kind": "market", "country": self.pick(list(_COUNTRIES))}
            if place and self.chance(0.5):
                nodes[name]["demand"] = self.amount(3, 15) if self.plain else self.other(3, 15)
            if not self.plain:
                nodes[name]["differential"] = {
                    stream: f"{self.rng.uniform(-4, 4):.2f} USD/bbl" for stream in self.streams if self.chance(0.6)
                }
                if place and self.chance(0.25):
                    nodes[name]["commodities"] = [self.pick(self.streams)]
        return nodes

    def legs(self) -> dict[str, Any]:
        ends = [(field, self.pick(self.hubs)) for field in self.fields]
        for place, hub in enumerate(self.hubs):
            ahead = self.hubs[place + 1 : place + 4]
            ends.append((hub, self.pick(ahead) if ahead else self.markets[0]))
        ends += [(self.pick(self.hubs), node) for node in (*self.markets, *self.refineries)]
        sure = len(ends)
        while len(ends) < self.legs_wanted:
            start = self.pick([*self.fields, *self.hubs]) if self.chance(0.3) else self.pick(self.hubs)
            end = self.pick(self.markets) if self.chance(0.2) else self.pick(self.hubs)
            if start != end:  # parallel legs and legs that lead back are welcome
                ends.append((start, end))
        return {f"leg-{i}": self.leg(*pair, sure=i < sure) for i, pair in enumerate(ends)}

    def leg(self, start: str, end: str, *, sure: bool) -> dict[str, Any]:
        leg: dict[str, Any] = {"from": start, "to": end, "countries": [self.pick(list(_COUNTRIES))]}
        leg["tariff"] = self.price(1, 40)
        if self.chance(0.8):
            leg["capacity"] = self.amount(1, 15)
        if self.chance(0.25):
            leg["loss"] = f"{self.rng.uniform(0.1, 3):.2f} %"
        if self.plain:
            return leg
        self.equip(leg)
        if self.chance(0.1):
            leg["tariff"] = f"-{leg['tariff']}" if "capacity" in leg else leg["tariff"]
        if self.chance(0.2):
            leg["tags"] = ["weather"]
        if self.chance(0.15):
            leg["operator"] = "state"
        if self.chance(0.1):
            leg["chokepoints"] = ["strait"]
        if not sure:
            self.restrict(leg)
        elif "blend" in self.streams and self.chance(0.2):
            leg["blends_into"] = "blend"
        return leg

    def equip(self, leg: dict[str, Any]) -> None:
        """Capacity in other ways: barrels, a fleet, components, a part reserved."""
        kind = self.rng.random()
        if "capacity" not in leg:
            if kind < 0.3:
                unit = "kb" if self.volume else "kt"
                leg["mode"] = "tanker"
                leg["fleet"] = {
                    "vessels": int(self.rng.integers(1, 9)), "cargo": f"{self.rng.uniform(5, 60):.2f} {unit}",
                    "round_trip": f"{self.rng.integers(4, 20)} d", "downtime": f"{self.rng.integers(0, 20)} %",
                }  # fmt: skip
            return
        if kind < 0.25:
            leg["capacity"] = self.other(2, 15)
        elif kind < 0.4:
            parts = {f"berth-{i}": self.amount(1, 7) for i in range(int(self.rng.integers(1, 4)))}
            leg["components"] = {"in": "parallel", **parts}
        elif kind < 0.5:
            leg["components"] = {"in": "series", "station-1": self.amount(0.5, 6), "station-2": self.amount(0.5, 6)}
        if self.chance(0.25) and "components" not in leg:
            value, unit = str(leg["capacity"]).split()
            leg["reserved"] = {"others": f"{float(value) * self.rng.uniform(0, 0.7):.4f} {unit}"}
        if self.chance(0.15):
            leg["availability"] = f"{self.rng.integers(60, 100)} %"

    def restrict(self, leg: dict[str, Any]) -> None:
        """What would cut a field off if it were on every leg."""
        if self.chance(0.2):
            leg["commodities"] = [self.pick(self.streams)]
        if len(self.streams) > 1 and self.chance(0.2):
            leg["blends_into"] = {self.pick(self.streams): self.pick(self.streams)}
        if self.chance(0.1):
            leg["status"] = self.pick(["idle", "hypothetical", "defunct"])
        if leg.get("status") == "hypothetical":
            low, unit = self.amount(2, 5), self.flow
            leg["build"] = {
                "sizes": [low, f"{float(low.split()[0]) * 2:.3f} {unit}"], "capex": ["2e9 USD", "3e9 USD"],
                "discount_rate": "8 %", "lifetime": "25 y",
            }  # fmt: skip
            leg["capacity"] = low
            for key in ("components", "reserved", "fleet"):
                leg.pop(key, None)

    def groups(self, legs: list[str]) -> dict[str, Any]:
        groups: dict[str, Any] = {}
        for place in range(int(self.rng.integers(0, 3))):
            chosen = [str(leg) for leg in self.rng.choice(legs, 3, replace=False)]
            if self.chance(0.5):
                weights = {leg: round(float(self.rng.uniform(0.5, 2)), 2) for leg in chosen}
                groups[f"group-{place}"] = {"capacity": self.other(2, 12), "legs": weights}
            else:
                members = {
                    leg: {"cargo": f"{self.rng.uniform(5, 40):.2f} kt", "round_trip": f"{self.rng.integers(3, 15)} d"}
                    for leg in chosen
                }
                groups[f"group-{place}"] = {"vessels": int(self.rng.integers(2, 9)), "downtime": "5 %", "legs": members}
        return groups

    def contracts(self, legs: list[str]) -> dict[str, Any]:
        contracts: dict[str, Any] = {}
        for place in range(int(self.rng.integers(0, 3))):
            chosen = [str(leg) for leg in self.rng.choice(legs, 2, replace=False)]
            contracts[f"contract-{place}"] = {
                "legs": chosen[:1], "through": chosen[1:] if self.chance(0.3) else [],
                "volume": self.amount(0.5, 3), "deficiency": f"{self.rng.uniform(1, 6):.2f} USD/{self.piece}",
                "force_majeure": self.chance(0.7),
            }  # fmt: skip
        return contracts
