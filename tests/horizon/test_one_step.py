"""A period is a horizon of one step: what is built over time has the arrays of one period, to the last bit."""

import datetime as dt

import numpy as np
import pytest

import routeopt as ro
from routeopt.model import formulate, formulate_periods, objectives_of
from routeopt.model.names import column_names, row_names
from routeopt.model.objectives import EPOCH
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.scenario.periods import Periods

FIRST = dt.date(2025, 11, 29).toordinal()
SHIPPED = ["kazakhstan", "gulf", "canada"]


def days(count):
    return Periods(np.arange(FIRST, FIRST + count + 1, dtype=float), count, count)


def entries(program, kept):
    return [part[kept].tolist() for part in (program.index, program.column_of_entry, program.value)]


@pytest.mark.parametrize("name", SHIPPED)
def test_matrix_of_a_day_is_that_of_one_period(name):
    """All but the total of exports, and what is still on its way when the day ends."""
    system = ro.load(name)
    one = formulate(system)
    day = formulate_periods(system, one, days(1))
    layout, width, height = day.layout, one.shape[1], one.layout.exported_row
    assert (layout.columns("landed").start, layout.rows("landing").start) == (width, height)
    assert [layout.columns(block) for block in list(one.layout.column)[:7]] == [
        one.layout.columns(block) for block in list(one.layout.column)[:7]
    ]
    late = np.zeros(width, bool)
    late[layout.lagged] = True
    arrival = np.full(width, -1)
    arrival[: len(layout.flow_leg)] = layout.arrival_row

    def at_once(program):
        inside = (program.index < height) & (program.column_of_entry < width)
        column = np.where(inside, program.column_of_entry, 0)
        return inside & ~(late[column] & (program.index == arrival[column]))

    assert entries(day, at_once(day)) == entries(one, at_once(one))
    assert day.single is one
    assert one.single is one


@pytest.mark.parametrize("name", SHIPPED)
def test_costs_of_a_day_are_those_of_one_period(name):
    system = ro.load(name)
    one, situation = formulate(system), situate(system, Scenario())
    day = formulate_periods(system, one, days(1))
    rates, amounts = objectives_of(one, situation), objectives_of(day, situation)
    width = day.layout.columns("landed").start
    for cost in ("shortage", "volume", "spending", "revenue", "transit"):
        assert (getattr(amounts, cost)[:width] == getattr(rates, cost)).all(), cost
    assert (amounts.generic[:width] == rates.generic * (1.0 + (FIRST - EPOCH) / 36_525.0)).all()
    assert not any(getattr(rates, cost).any() for cost in ("refill", "trip", "idle", "waiting"))


def test_without_tanks_and_cargoes_a_day_is_one_period_and_each_of_several_days_too():
    system = ro.ExportSystem.from_dict({
        "units": {"flow": "kt/d"},
        "nodes": {
            "field": {"kind": "field", "output": "10 kt/d"}, "hub": {"kind": "hub"},
            "port": {"kind": "market", "price": "500 USD/t"},
        },
        "legs": {
            "line": {"from": "field", "to": "hub", "capacity": "9 kt/d", "tariff": "3 USD/t"},
            "rail": {"from": "hub", "to": "port", "capacity": "4 kt/d", "tariff": "7 USD/t", "loss": "1 %"},
            "pipe": {"from": "hub", "to": "port", "capacity": "5 kt/d", "tariff": "2 USD/t"},
        },
        "groups": {"both": {"legs": ["rail", "pipe"], "capacity": "8 kt/d"}},
    })  # fmt: skip
    one, three = formulate(system), formulate_periods(system, formulate(system), days(3))
    kept = one.index < one.layout.exported_row
    rows, columns = one.layout.exported_row, one.shape[1]
    assert three.shape == (3 * rows, 3 * columns)
    for place in range(3):
        mine = three.column_of_entry // columns == place
        index, column, value = entries(three, mine)
        expected = entries(one, kept)
        assert (np.array(index) - place * rows).tolist() == expected[0]
        assert (np.array(column) - place * columns).tolist() == expected[1]
        assert value == expected[2]
    assert column_names(system, three)[:columns] == [f"{n}__2025_11_29" for n in column_names(system, one)]
    assert row_names(system, three)[-rows:] == [f"{n}__2025_12_01" for n in row_names(system, one)[:rows]]
