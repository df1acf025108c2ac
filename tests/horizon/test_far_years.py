"""Dates at the ends of the calendar and recoveries without end are errors of the file, with a hint."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.horizons import KT, day, planned
from helpers.small import network

SHIP = network(
    {"ship": ("f", "m", {"mode": "tanker", "transit_time": "3 d", "capacity": "10 kt/d"})},
    {"f": "10 kt/d"},
    ["m"],
    units=KT,
)


def test_the_last_days_of_the_calendar():
    horizon = {"start": "9999-12-20", "end": "9999-12-31", "step": "day"}
    with pytest.raises(ro.InputError):
        ro.allocate(SHIP, {"horizon": horizon})


def test_maintenance_before_the_first_year():
    system = SHIP.override({"legs.ship.maintenance": [{"from": "12-30", "to": "01-02"}]})
    with pytest.raises(ro.InputError):
        ro.allocate(system, {"horizon": {"start": "0001-01-01", "end": "0001-01-05", "step": "day"}})


def test_a_recovery_without_end():
    closed = [{"leg": "ship", "from": day(2), "to": day(8), "recovery": "linear 9e9 d"}]
    with pytest.raises(ro.InputError):
        planned(SHIP, closed, 31, step="event")
