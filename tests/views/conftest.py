"""Results that all tests of figures share."""

from __future__ import annotations

import matplotlib
import pytest

import routeopt as ro
from helpers.figures import ODD
from helpers.small import network

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _clean():
    """Nothing global changes, and nothing stays open."""
    from matplotlib import pyplot

    with matplotlib.rc_context():
        before = dict(matplotlib.rcParams)
        yield
        assert dict(matplotlib.rcParams) == before
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
        title=ODD, routes={"_r": {"title": "_" + ODD, "markers": ["two"]}},
    )  # fmt: skip
