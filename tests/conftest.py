"""Settings and data that all tests share."""

from __future__ import annotations

import hypothesis
import pytest

import routeopt as ro

# The same examples in every run: a failure is a failure for everybody.
hypothesis.settings.register_profile("routeopt", derandomize=True, deadline=None, database=None, max_examples=40)
hypothesis.settings.load_profile("routeopt")


@pytest.fixture(scope="session")
def kz() -> ro.ExportSystem:
    """The system that comes with the library."""
    return ro.load("kazakhstan")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A worker that has nothing left takes from the other's share: some tests take a second, most a millisecond."""
    if config.getoption("dist") != "load":  # what -n alone asks for
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)
