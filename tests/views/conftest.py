"""Every kind of result, made once."""

import pytest

import routeopt as ro


@pytest.fixture(scope="session")
def results():
    kz = ro.load("kazakhstan")
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
        "defence": ro.defend(kz, 1, ["tcop"], over="route", most=1),
        "shapley": ro.shapley(kz),
        "capacity curve": ro.capacity_curve(kz, "tcop", "cpc-closed"),
        "expansion": ro.expand(kz, "tcop", {"cpc-closed": "2 %"}, risk=ro.CVaR(0.95, weight=0.5)),
        "loss curve": ro.loss_curve(kz, {"route": "cpc"}, up_to="2 d", every="1 d"),
    }
