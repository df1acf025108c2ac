"""Small systems as plain data, and what is wrong with them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from routeopt.errors import Problem, SystemDataError
from routeopt.system import ExportSystem

_SMALL: dict[str, Any] = {
    "nodes": {"oil": {"kind": "field", "output": "10 Mt/y"}, "hub": {"kind": "hub"}, "sea": {"kind": "market"}},
    "legs": {
        "line": {"from": "oil", "to": "hub", "capacity": "7 Mt/y"},
        "ship": {"from": "hub", "to": "sea", "mode": "tanker"},
    },
}

_FULL: dict[str, Any] = {
    "routeopt": 1,
    "name": "full",
    "title": "Everything that the format knows",
    "exporter": "KZ",
    "base_year": 2025,
    "units": {"flow": "kb/d", "money": "USD"},
    "price": {"value": "68 USD/bbl", "low": 55, "high": 85.5, "source": ["agency"], "note": "mean of the year"},
    "commodities": {
        "light": {"title": "Light", "barrels_per_tonne": {"value": 7.9, "low": 7.8, "high": 8, "estimate": "typical"}},
        "heavy": {"barrels_per_tonne": "7.1 bbl/t", "note": "waxy"},
        "blend": {"barrels_per_tonne": 7.3},
    },
    "sources": {
        "agency": {"title": "Yearbook", "publisher": "Agency", "url": "https://x.org/y", "date": "2025-03"},
        "press": {"title": "Article"},
    },
    "nodes": {
        "north": {"kind": "field", "title": "North", "at": [46.15, 53.38], "country": "KZ", "operator": "op",
                  "commodity": "light", "output": {"value": "39 Mt/y", "low": "38000 kt/y", "source": "agency"},
                  "own_use": "2.5 %", "min_output": 0.33, "ramp_down": "5 %/d", "ramp_up": "3 %/d", "tags": ["big"]},
        "south": {"kind": "field", "commodity": "heavy", "output": "100 kb/d", "note": "old"},
        "tanks": {"kind": "terminal", "storage": {"capacity": "7 mb", "initial": "50 %", "heel": "5 %"}},
        "hub": {"kind": "hub", "chokepoints": "straits"},
        "plant": {"kind": "refinery", "demand": "2 Mt/y", "commodities": ["heavy"]},
        "port": {"kind": "market", "demand": "900 kb/d", "price": "70 USD/bbl",
                 "differential": {"light": "-1.5 USD/bbl", "blend": "-20 USD/t"}, "commodities": ["light", "blend"]},
        "far": {"kind": "market"},
    },
    "legs": {
        "north-tanks": {"from": "north", "to": "tanks", "capacity": "60 Mt/y", "availability": "97 %",
                        "components": {"in": "series", "station": {"without": "40 Mt/y", "tags": "pump"}},
                        "reserved": {"others": {"value": "6.7 Mt/y", "source": ["press", "agency"]}},
                        "tariff": "3 USD/bbl", "loss": "0.2 %", "transit_time": "6 d", "countries": ["KZ", "RU"],
                        "operator": "line-co",
                        "surge": {"delay": "9 d", "rate": "0.5 kt/d per day", "ceiling": "3 kt/d"},
                        "outages": {"rate": "2 /y", "derating": "50 %", "months": [11, 12],
                                    "repair": {"mean": "3 d", "distribution": "lognormal", "cv": 0.5}}},
        "loading": {"from": "tanks", "to": "port", "mode": "loading", "capacity": "83 Mt/y", "tags": ["port"],
                    "components": {"in": "parallel", "spm-1": "42 Mt/y",
                                   "spm-2": {"value": "42 Mt/y", "estimate": "as spm-1"},
                                   "spm-3": {"capacity": "10 Mt/y", "operator": "else", "outages":
                                             {"rate": "1 1/y", "repair": {"mean": "1 week"}}}}},
        "south-hub": {"from": "south", "to": "hub", "blends_into": "blend", "chokepoints": ["pass"]},
        "hub-port": {"from": "hub", "to": "port", "mode": "rail", "commodities": ["blend"],
                     "fleet": {"vessels": 5, "cargo": "9.6 kt", "round_trip": "6 d", "downtime": "10 %"}},
        "south-plant": {"from": "south", "to": "plant", "blends_into": {"light": "blend"}},
        "tanks-far": {"from": "tanks", "to": "far", "mode": "sea", "note": "long"},
        "new": {"from": "tanks", "to": "far", "status": "hypothetical", "title": "New",
                "build": {"sizes": ["10 Mt/y", "20 Mt/y"], "capex": ["3e9 USD", {"value": "5e9 USD", "low": 4.0e9}],
                          "discount_rate": "8 %", "lifetime": "25 y", "lead_time": "5 y"}},
        "new-port": {"from": "tanks", "to": "port", "status": "hypothetical", "part_of": "new"},
    },
    "groups": {
        "quota": {"legs": ["hub-port", "tanks-far"], "capacity": "30 Mt/y", "title": "Quota", "note": "yearly"},
        "berths": {"legs": {"hub-port": 1.5, "loading": {"weight": 0.5}}, "capacity": "90 Mt/y"},
        "ships": {"legs": {"tanks-far": {"cargo": "100 kt", "round_trip": "20 d"}}, "vessels": 4, "downtime": "5 %"},
    },
    "routes": {
        "west": {"title": "West", "metering_legs": ["loading", "hub-port", "new-port"], "note": "n"},
        "east": {"metering_legs": ["tanks-far", "new"]},
    },
    "contracts": {
        "pay": {"legs": ["north-tanks"], "volume": "100 kb/d", "title": "Ship or pay"},
        "promise": {"legs": "loading", "through": ["north-tanks"], "volume": "1 Mt/y", "deficiency": "20 USD/t",
                    "commodities": ["light"], "force_majeure": False, "note": "n"},
    },
    "recourse": {"below_min_output": "500 USD/t"},
    "note": "for tests",
}  # fmt: skip


@pytest.fixture
def small() -> dict[str, Any]:
    """A field, a hub, a market, two legs."""
    return copy.deepcopy(_SMALL)


@pytest.fixture
def full() -> dict[str, Any]:
    """A system that uses every key of the format, in short forms and in long ones."""
    return copy.deepcopy(_FULL)


def problems_in(data: Any) -> tuple[Problem, ...]:
    """What is wrong; each place is a key of the data, or the key that is missing there."""
    try:
        ExportSystem.from_dict(data)
    except SystemDataError as error:
        for problem in error.problems:
            here = data
            for place, step in enumerate(problem.path):
                if place == len(problem.path) - 1 and isinstance(here, dict) and step not in here:
                    assert problem.code in ("missing", "empty", "unreachable", "invalid", "quantity"), problem
                    break
                here = here[step]
        return error.problems
    return ()


@pytest.fixture
def problems() -> Callable[[Any], tuple[Problem, ...]]:
    return problems_in


def put(data: dict[str, Any], where: str, value: Any) -> dict[str, Any]:
    """The same data with a value at a dotted place; intermediate mappings are made."""
    *above, last = where.split(".")
    here = data
    for step in above:
        here = here.setdefault(step, {})
    here[last] = value
    return data


@pytest.fixture(name="put")
def _put() -> Callable[[dict[str, Any], str, Any], dict[str, Any]]:
    return put
