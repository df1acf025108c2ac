"""Results that all tests of views share."""

from __future__ import annotations

import matplotlib
import pytest

import routeopt as ro
from helpers.figures import ODD
from helpers.small import network

matplotlib.use("Agg")


def settings():
    """All settings; the backend may be written in capitals or not, as whoever chose it did."""
    return {**matplotlib.rcParams, "backend": str(matplotlib.rcParams["backend"]).lower()}


@pytest.fixture(autouse=True)
def _clean():
    """Nothing global changes, and nothing stays open."""
    from matplotlib import pyplot

    with matplotlib.rc_context():
        before = settings()
        yield
        assert settings() == before
    pyplot.close("all")


@pytest.fixture(scope="session")
def plans(kz):
    return {name: ro.allocate(kz, name) for name in (None, "cpc-closed", "cpc-closed-with-tcop-20")}


@pytest.fixture(scope="session")
def storm(kz):
    return ro.stress_test(kz, ["cpc-2023-11-storm"])


@pytest.fixture(scope="session")
def small():
    """Two legs without coordinates, with titles that would be mathematics or HTML elsewhere."""
    return network(
        {"one": ("field", "hub", {"capacity": "5 Mt/y"}), "two": ("hub", "market")},
        {"field": {"output": "8 Mt/y", "title": ODD}},
        title=ODD, routes={"_r": {"title": "_" + ODD, "metering_legs": ["two"]}},
    )  # fmt: skip


def every_result(kz):
    """Every kind of result."""
    shut = ro.allocate(kz, "cpc-closed")
    risk = ro.simulate_outages(kz, draws=500, seed=1)
    test = ro.stress_test(kz, ["cpc-2023-11-storm"])
    return {
        "system": kz,
        "plan": shut,
        "economic": ro.allocate(kz, economic=True),
        "comparison": ro.compare(ro.allocate(kz), shut),
        "stress": test,
        "horizon": test["cpc-2023-11-storm"],
        "contingencies": ro.contingencies(kz, 2, over="route"),
        "n-1": ro.n_minus_one(kz, over="country"),
        "risk": risk,
        "risks": risk.compare(ro.simulate_outages(kz, draws=500, seed=1, scenario="tcop-20")),
        "alternatives": ro.alternatives(kz, slack="5 %", minimise={"chokepoint": "turkish-straits"}),
        "sensitivity": ro.sensitivity(kz, draws=5, seed=1),
        "worst case": ro.worst_case(kz, 2, "route"),
        "defence": ro.defend(kz, 1, ["tcop"], over="route", max_options=1),
        "shapley": ro.shapley(kz),
        "capacity curve": ro.capacity_curve(kz, "tcop", "cpc-closed"),
        "expansion": ro.expand(kz, "tcop", {"cpc-closed": "2 %"}, risk=ro.CVaR(0.95, weight=0.5)),
        "loss curve": ro.loss_curve(kz, {"route": "cpc"}, max_duration="2 d", step="1 d"),
    }


@pytest.fixture(scope="session")
def results(kz):
    """Every kind of result, made once."""
    return every_result(kz)


@pytest.fixture(scope="session")
def by_day(kz):
    """The same of the same system, shown in thousand tonnes per day."""
    return every_result(kz.override({"units": {"flow": "kt/d"}}))
