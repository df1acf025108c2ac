"""An allocation in PyPSA has the same optimum."""

import sys
import warnings

import pytest

import routeopt as ro
from routeopt.errors import InputError


@pytest.fixture(scope="module")
def pypsa():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("pypsa")


@pytest.mark.parametrize("scenario", [None, "cpc-closed", "russia", "tcop-20"])
def test_same_optimum(pypsa, kz, scenario):
    plan = ro.allocate(kz, scenario) if scenario else ro.allocate(kz)
    made = plan.to_pypsa()
    assert made.optimize(log_to_console=False) == pytest.approx(-plan.netback, rel=1e-9)
    flows = made.network.links.p_max_pu
    assert (flows >= 0).all()


@pytest.mark.parametrize("rule", ["pro-rata", ["kashagan", "tengiz"]], ids=str)
def test_shares_are_held(pypsa, kz, rule):
    plan = ro.allocate(kz, "cpc-closed", apportion=rule)
    assert plan.netback < ro.allocate(kz, "cpc-closed").netback * (1 - 1e-6)
    assert plan.to_pypsa().optimize(log_to_console=False) == pytest.approx(-plan.netback, rel=1e-8)


def test_without_the_extra_rows_it_is_another_programme(pypsa, kz):
    plan = ro.allocate(kz, "cpc-closed")
    made = plan.to_pypsa()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.network.optimize(log_to_console=False)
    assert made.network.objective < -plan.netback * (1 + 1e-3)


def test_several_periods_are_refused(results):
    with pytest.raises(InputError, match="one period"):
        results["horizon"].to_pypsa()


def test_pypsa_is_optional(results, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypsa", None)
    with pytest.raises(InputError, match="pip install pypsa"):
        results["plan"].to_pypsa()
