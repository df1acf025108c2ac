"""One exporter or several: what is foreign transit, and which countries can be closed."""

from __future__ import annotations

import numpy as np
import pytest

import routeopt as ro
from helpers.small import near
from routeopt.errors import SystemDataError
from routeopt.system import ExportSystem
from routeopt.system.origin import at_home, foreign_countries


def gulf(exporter=("AA", "BB"), **more):
    """AA's oil crosses AA; BB's crosses AA as well, or goes its own way by sea; both blend on the last leg."""
    data = {
        "exporter": exporter,
        "commodities": {"a": {}, "b": {}, "mix": {}},
        "nodes": {
            "fa": {"kind": "field", "country": "AA", "commodity": "a", "output": "6 Mt/y"},
            "fb": {"kind": "field", "country": "BB", "commodity": "b", "output": "4 Mt/y"},
            "h": {"kind": "hub", "country": "AA"},
            "port": {"kind": "hub"},
            "m": {"kind": "market"},
        },
        "legs": {
            "a-line": {"from": "fa", "to": "h", "countries": "AA"},
            "b-line": {"from": "fb", "to": "h", "countries": ["AA", "BB"]},
            "b-sea": {"from": "fb", "to": "m", "capacity": "1 Mt/y", "tariff": "-1 USD/t"},
            "trunk": {"from": "h", "to": "port", "countries": ["AA", "TT"]},
            "last": {"from": "port", "to": "m", "blends_into": "mix", "countries": "BB"},
        },
        **more,
    }
    return ExportSystem.from_dict(data)


def test_one_name_and_several_are_read_and_written():
    one = gulf(exporter="AA")
    assert (one.exporter, one.exporters) == ("AA", ("AA",))
    assert gulf(exporter=["AA"]).exporter == "AA"
    several = gulf()
    assert several.exporters == ("AA", "BB")
    assert ExportSystem.from_dict(several.to_dict()) == several
    assert gulf(exporter=None).exporters == ()


@pytest.mark.parametrize(
    ("exporter", "words"),
    [(5, "text, not a number"), ([], "names nothing"), (["AA", "AA"], "one twice"), (["AA", 5], "text, not a number")],
)
def test_what_cannot_be_an_exporter(exporter, words):
    with pytest.raises(SystemDataError, match=words) as caught:
        gulf(exporter=exporter)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].path == ("exporter",)


def test_a_stream_is_at_home_where_all_its_fields_lie():
    system = gulf()
    assert at_home(system, "AA").tolist() == [True, False, False]
    assert at_home(system, "BB").tolist() == [False, True, False]  # the mix comes from both
    assert at_home(system, "TT").tolist() == [False] * 3
    lone = gulf(legs={"a": {"from": "fa", "to": "m", "blends_into": "mix"}, "b": {"from": "fb", "to": "m"}})
    assert at_home(lone, "AA").tolist() == [True, False, True]
    assert at_home(gulf(exporter="AA"), "AA").all()


def test_borders_are_counted_stream_by_stream():
    counted = foreign_countries(gulf())
    legs = list(gulf().legs)
    assert counted[legs.index("a-line")].tolist()[0] == 0
    assert counted[legs.index("b-line")].tolist()[1] == 1  # AA, not its own BB
    assert counted[legs.index("trunk")].tolist() == [1, 2, 2]  # TT for a; AA and TT for b
    assert counted[legs.index("last")].tolist() == [1, 0, 1]
    # With one exporter all streams are his.
    assert np.array_equal(foreign_countries(gulf(exporter="AA"))[legs.index("trunk")], [1, 1, 1])


def test_exposure_leaves_out_ones_own_country_only():
    exposed = ro.allocate(gulf()).exposure_ranges(0.0)
    assert set(exposed.index) == {("country", "AA"), ("country", "BB"), ("country", "TT")}
    # 3 of BB's 4 cross AA (1 goes by sea), and all 9 that come by the trunk cross TT. BB is crossed by AA's 6.
    assert exposed.loc[("country", "AA"), "low"] == near(0.3)
    assert exposed.loc[("country", "TT"), "low"] == near(0.9)
    assert exposed.loc[("country", "BB"), "low"] == near(0.6)
    alone = ro.allocate(gulf(exporter="AA")).exposure_ranges(0.0)
    assert ("country", "AA") not in alone.index
    assert alone.loc[("country", "BB"), "low"] == near(0.9)


def test_one_of_several_exporters_can_be_closed():
    table = ro.contingencies(gulf(), over="country").table
    lost = {row.elements[0]: row.lost for row in table.itertuples()}
    assert set(lost) == {"AA", "BB", "TT"}
    assert lost["AA"] == near(9)  # its hub; only BB's 1 by sea is left
    assert set(ro.n_minus_one(gulf(), over="country").closed) == {"AA", "BB", "TT"}
    assert set(ro.n_minus_one(gulf(exporter="AA"), over="country").closed) == {"BB", "TT"}


def test_among_equals_transit_of_another_exporter_is_avoided():
    legs = {
        "across": {"from": "fb", "to": "m", "countries": "AA"},
        "around": {"from": "fb", "to": "m", "countries": "BB"},
        "own": {"from": "fa", "to": "m", "countries": "AA"},
    }
    flow = ro.allocate(gulf(legs=legs)).legs["flow"]
    assert flow["around"] == near(4)
    assert flow["own"] == near(6)
