"""Dates at the ends of the calendar and recoveries without end: bare ValueError and OverflowError."""

from __future__ import annotations

import pytest

import routeopt as ro
from helpers.horizons import KT, day, planned
from helpers.small import network

SHIP = network(
    {"ship": ("f", "m", {"mode": "tanker", "transit": "3 d", "capacity": "10 kt/d"})}, {"f": "10 kt/d"}, ["m"], units=KT
)


def test_the_last_days_of_the_calendar():
    horizon = {"start": "9999-12-20", "end": "9999-12-31", "step": "day"}
    with pytest.raises(ro.InputError):  # ValueError: year 10000 is out of range
        ro.allocate(SHIP, {"horizon": horizon})


def test_maintenance_before_the_first_year():
    system = SHIP.override({"legs.ship.maintenance": [{"from": "12-30", "to": "01-02"}]})
    with pytest.raises(ro.InputError):  # ValueError: Invalid isoformat string: '0-12-30'
        ro.allocate(system, {"horizon": {"start": "0001-01-01", "end": "0001-01-05", "step": "day"}})


def test_a_recovery_without_end():
    closed = [{"leg": "ship", "from": day(2), "to": day(8), "recovery": "linear 9e9 d"}]
    with pytest.raises(ro.InputError):  # OverflowError: Python int too large to convert to C int
        planned(SHIP, closed, 31, step="event")
