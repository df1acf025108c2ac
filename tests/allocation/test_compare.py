"""Allocations side by side."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.small import near, network


@pytest.fixture
def system():
    return network(
        {"north": ("f", "market", {"capacity": "7 Mt/y", "tariff": "10 USD/t"}),
         "south": ("f", "market", {"capacity": "5 Mt/y", "tariff": "30 USD/t"})},
        {"f": "10 Mt/y"}, price="500 USD/t",
    )  # fmt: skip


def test_table(system):
    both = ro.compare(ro.allocate(system), ro.allocate(system, close=["north"]))
    assert list(both.table.columns) == ["base", "leg north closed"]
    column = both.table["leg north closed"]
    assert column["total", "exported"] == near(5)
    assert column["total", "shut_in"] == near(5)
    assert column["money", "cost"] == near(150e6)
    assert column["money", "netback"] == near(5 * 500e6 - 150e6)
    assert (column["route", "north"], column["route", "south"]) == (0, near(5))
    assert both.table.loc[("route", "north"), "base"] == near(7)


def test_sentence_about_a_loss(system):
    (text,) = ro.compare(ro.allocate(system), ro.allocate(system, close=["north"])).notes
    assert text.startswith("leg north closed exports 5.00 Mt/y less than base (5.00 instead of 10.0)")
    assert "south +2.00, north -7.00" in text
    assert "what now limits exports" in text
    assert text.endswith("south.")


def test_sentence_about_a_gain_and_about_nothing(system):
    shut = ro.allocate(system, close=["north"])
    gain, same = ro.compare(shut, ro.allocate(system), ro.allocate(system, close=["north"])).notes
    assert "exports 5.00 Mt/y more" in gain
    assert "exports as much as" in same
    assert "by route" not in same


def test_names_are_made_distinct(system):
    plans = [ro.allocate(system), ro.allocate(system), ro.allocate(system)]
    assert ro.compare(*plans).names == ("base", "base (2)", "base (3)")


def test_routes_that_only_one_of_them_has(system):
    wider = system.override({"legs.new": {"from": "f", "to": "market", "tariff": "1 USD/t"}})
    table = ro.compare(ro.allocate(system), ro.allocate(wider)).table
    assert table.loc[("route", "new")].tolist() == [0, near(10)]


def test_printing_names_units(system):
    text = str(ro.compare(ro.allocate(system), ro.allocate(system, close=["south"])))
    assert text.startswith("flows in Mt/y, money in million USD/y")
    assert "exports 3.00 Mt/y less" in text


def test_what_cannot_be_compared(system):
    with pytest.raises(ro.InputError, match="at least two"):
        ro.compare(ro.allocate(system))
    other = system.override({"units.flow": "kt/d"})
    with pytest.raises(ro.InputError, match=r"cannot compare flows in (kt/d and Mt/y|Mt/y and kt/d)"):
        ro.compare(ro.allocate(system), ro.allocate(other))
