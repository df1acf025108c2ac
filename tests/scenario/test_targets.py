"""One table of what can be closed: every kind has names, cuts something, and is known to all who name targets."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.small import network
from routeopt.cli.options import closures
from routeopt.elements.elements import OVER
from routeopt.scenario import Closure
from routeopt.scenario.availability import combined, keys_of, terms_of
from routeopt.scenario.case import situate
from routeopt.scenario.lines import Line
from routeopt.scenario.resolve import resolve
from routeopt.scenario.scenario import Scenario
from routeopt.system import Closes
from routeopt.system.target import ELEMENTS, KINDS, SELECTORS, Target
from routeopt.system.targets import Hits, hits, known_names

TABLED = [kind for kind in KINDS if kind != "component"]


@pytest.mark.parametrize("kind", TABLED)
def test_every_kind_has_names_and_closes_something(kz, kind):
    if kind == "group" and not kz.groups:
        pytest.skip("no groups")
    names = sorted(known_names(kz, kind))
    assert names
    found = [hits(kz, Target.model_validate({kind: name})) for name in names]
    assert any(isinstance(one, Hits) for one in found)


@pytest.mark.parametrize("kind", TABLED)
def test_closures_causes_and_the_command_line_name_the_same_kinds(kind):
    data = {kind: "x"}
    assert Closure.model_validate(data).target == Closes.model_validate(data).target == (kind, "x")
    assert closures([f"{kind}:x"]) == [data]


def test_what_is_closed_one_at_a_time():
    assert OVER == ELEMENTS
    assert set(ELEMENTS) == {*SELECTORS, "component", "field"} - {"tag"}


def test_closures_and_causes_say_what_to_write_instead():
    with pytest.raises(ValueError, match="names leg and country"):
        Closure.model_validate({"leg": "a", "country": "XX"})
    for record, hint in ((Closure, "write one closure for each"), (Closes, "give what fails together a tag")):
        assert record.instead_of_several == hint


@pytest.fixture
def system():
    parts = {"p": {"capacity": "9 kt/d", "components": {"in": "parallel", "a": "4 kt/d", "b": "4 kt/d", "c": "4 kt/d"}},
             "s": {"capacity": "10 kt/d", "components": {"in": "series", "q": "6 kt/d", "r": "2 kt/d"}}}  # fmt: skip
    return network({key: ("f", "market", more) for key, more in parts.items()}, {"f": {"output": "20 kt/d"}})


def test_a_term_is_the_same_at_a_moment_over_time_and_in_between(system):
    # a at 50 %: (2 + 4 + 4) of 9 in parallel. q at 50 %: halfway from 6 to 10 of 10 in a series.
    shares = {("part", "p", "a"): 0.5, ("part", "s", "q"): 0.5}
    for name, left in (("p", 10 / 9), ("s", 0.8)):
        (term,) = terms_of(system, name, shares)
        assert term.at(shares) == pytest.approx(left, rel=1e-15)
        line = term.of(lambda key: Line.flat(0.0, 7.0, shares.get(key, 1.0)))
        np.testing.assert_allclose(line.mean(np.array([0.0, 3.0, 7.0])), left, rtol=1e-15)
    assert terms_of(system, "p", {}) == []  # components only count where one is touched
    assert len(terms_of(system, "s")) == 2
    half = combined([(Line.flat(0.0, 1.0, 0.5), 10.0, 6.0)], 10.0)
    assert half.begins.tolist() == pytest.approx([0.8])


def test_the_keys_of_a_closure_are_what_it_cuts(system):
    data = {"leg": "p", "component": ["a", "b"], "availability": "25 %"}
    (closure,) = resolve(system, {"closures": [data]}).closures
    assert keys_of(system, {}, closure) == [("part", "p", "a"), ("part", "p", "b")]
    assert situate(system, Scenario(closures=(closure,))).in_service("p") == pytest.approx(6 / 9)
    assert keys_of(system, {}, Closure(node="f")) == [("field", "f")]
    embargo = Closure.model_validate({"leg": "s", "commodity": "crude"})
    assert keys_of(system, {}, embargo) == [("stream", "s", "crude")]
