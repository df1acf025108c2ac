"""Horizons of small systems, by days from the first of January 2025."""

import datetime as dt

import routeopt as ro
from helpers.small import network

KT = {"flow": "kt/d"}
FIRST = dt.date(2025, 1, 1)


def day(place):
    """The date so many days after the first."""
    return str(FIRST + dt.timedelta(days=place))


def planned(system, closures, count, first=0, foresight="perfect", state=None, **more):
    """The plan of a horizon from one day to another, by days if no step is given."""
    horizon = {"start": day(first), "end": day(count), **more}
    if not horizon.get("period_starts"):
        horizon.setdefault("step", "day")
    return ro.allocate(system, {"horizon": horizon, "closures": closures}, foresight=foresight, initial_state=state)


def contracted(**more):
    """A field with a cheap leg and a dear one; 4 a day over each month are promised on the dear one."""
    legs = {
        "cheap": ("f", "m", {"capacity": "10 kt/d", "tariff": "10 USD/t"}),
        "dear": ("f", "m", {"capacity": "8 kt/d", "tariff": "30 USD/t"}),
    }
    contract = {"legs": ["dear"], "volume": "4 kt/d", "accounting_period": "month", "force_majeure": False, **more}
    return network(legs, {"f": "10 kt/d"}, ["m"], units=KT, contracts={"c": contract})
