"""Horizons of small systems, by days from the first of January 2025."""

import datetime as dt

import routeopt as ro

KT = {"flow": "kt/d"}
FIRST = dt.date(2025, 1, 1)


def day(place):
    """The date so many days after the first."""
    return str(FIRST + dt.timedelta(days=place))


def planned(system, closures, count, first=0, foresight="perfect", state=None, **more):
    """The plan of a horizon from one day to another, by days if no step is given."""
    horizon = {"start": day(first), "end": day(count), **more}
    if not horizon.get("breaks"):
        horizon.setdefault("step", "day")
    return ro.allocate(system, {"horizon": horizon, "closures": closures}, foresight=foresight, state=state)
