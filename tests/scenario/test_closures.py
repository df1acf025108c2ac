"""What each selector cuts."""

from __future__ import annotations

import pytest

from helpers.small import network
from routeopt.scenario import Closure
from routeopt.scenario.case import situate
from routeopt.system.targets import Hits, hits, known_names


@pytest.fixture
def system():
    return network(
        {"a": ("f", "h", {"countries": ["XX", "YY"], "operator": "op", "tags": ["t"], "capacity": "9 Mt/y",
                          "components": {"in": "parallel", "one": {"capacity": "5 Mt/y", "operator": "op2"},
                                         "two": {"capacity": "5 Mt/y", "tags": ["t2"]}}}),
         "b": ("h", "m", {"chokepoints": ["strait"], "capacity": "9 Mt/y"}), "c": ("g", "n", {"capacity": "9 Mt/y"})},
        {"f": {"output": "9 Mt/y", "country": "XX", "tags": ["t"]}, "g": "9 Mt/y"}, {"m": {"country": "ZZ"}, "n": {}},
        nodes={"h": {"kind": "terminal", "country": "ZZ", "operator": "op"}},
        groups={"group": {"capacity": "5 Mt/y", "legs": ["a", "b"]}},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("closure", "expected"),
    [
        ({"leg": "a"}, Hits(legs=("a",))),
        ({"leg": "a", "component": ["one", "two"]}, Hits(components=(("a", "one"), ("a", "two")))),
        ({"node": "h"}, Hits(legs=("a", "b"))),
        ({"node": "f"}, Hits(fields=("f",))),
        ({"node": "n"}, Hits(legs=("c",))),
        ({"group": "group"}, Hits(groups=("group",))),
        ({"route": "b"}, Hits(legs=("b",))),
        ({"country": "XX"}, Hits(legs=("a",))),  # and not the field there
        ({"country": "ZZ"}, Hits(legs=("a", "b"))),  # the terminal there, and not the market
        ({"chokepoint": "strait"}, Hits(legs=("b",))),
        ({"operator": "op"}, Hits(legs=("a", "b"))),
        ({"operator": "op2"}, Hits(components=(("a", "one"),))),
        ({"tag": "t"}, Hits(legs=("a",), fields=("f",))),
        ({"tag": "t2"}, Hits(components=(("a", "two"),))),
        ({"commodity": "crude"}, Hits(legs=("a", "b", "c"))),
        ({"leg": "a", "commodity": "crude"}, Hits(legs=("a",))),
    ],
)
def test_hits(system, closure, expected):
    assert hits(system, Closure.model_validate(closure)) == expected


def test_known_names(system):
    found = {
        selector: sorted(known_names(system, selector)) for selector in ("country", "operator", "tag", "chokepoint")
    }
    assert found == {
        "country": ["XX", "YY", "ZZ"], "operator": ["op", "op2"], "tag": ["t", "t2"], "chokepoint": ["strait"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("closure", "text"),
    [
        ({"leg": "a"}, "leg a"),
        ({"leg": "a", "availability": "40 %"}, "leg a at 40%"),
        ({"leg": "a", "component": ["one", "two"]}, "one, two of a"),
        ({"country": "XX", "commodity": "crude"}, "country XX to crude"),
        ({"commodity": "crude"}, "commodity crude"),
    ],
)
def test_closures_in_words(closure, text):
    assert str(Closure.model_validate(closure)) == text


def test_every_closure_of_one_thing_counts_once(system):
    scenario = {"closures": [{"leg": "a", "availability": "70 %"}, {"operator": "op", "availability": "30 %"},
                             {"node": "f", "availability": "20 %"}, {"tag": "t", "availability": "60 %"}]}  # fmt: skip
    from routeopt.scenario.resolve import resolve

    situation = situate(system, resolve(system, scenario))
    assert situation.legs == {"a": 0.3, "b": 0.3}
    assert situation.fields == {"f": 0.2}
