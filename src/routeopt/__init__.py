"""routeopt: allocate energy exports over routes, close some, and see what is lost.

>>> import routeopt as ro
>>> kz = ro.load("kazakhstan")
>>> plan = ro.allocate(kz)
>>> hit = ro.allocate(kz, "cpc-closed")
>>> hit.exported < plan.exported
True
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routeopt.allocation import Allocation, Certificate, allocate
    from routeopt.allocation.horizon import HorizonAllocation
    from routeopt.comparison import Comparison, compare
    from routeopt.decide import (
        Alternatives,
        CapacityCurve,
        CVaR,
        Defence,
        ExpansionPlan,
        Sensitivity,
        ShapleyTable,
        WorstCase,
        alternatives,
        capacity_curve,
        defend,
        expand,
        sensitivity,
        shapley,
        worst_case,
    )
    from routeopt.errors import (
        CertificateError,
        FileError,
        InfeasibleError,
        InputError,
        RouteoptError,
        ScenarioError,
        SolveError,
        SolverError,
        SystemDataError,
        UnboundedError,
        UnitError,
    )
    from routeopt.files import bundled_systems, load, load_scenarios, schema, to_yaml
    from routeopt.resilience import (
        Contingencies,
        LossCurve,
        NMinusOne,
        RiskProfile,
        StressTest,
        contingencies,
        loss_curve,
        n_minus_one,
        simulate_outages,
        stress_test,
    )
    from routeopt.scenario import Closure, Scenario
    from routeopt.system import ExportSystem, Quantity
    from routeopt.units import convert

__version__ = "0.1.0"

# Name -> module. Nothing is imported before it is asked for: import routeopt stays quick.
_WHERE = {
    "Allocation": "routeopt.allocation",
    "Alternatives": "routeopt.decide",
    "CVaR": "routeopt.decide",
    "CapacityCurve": "routeopt.decide",
    "Certificate": "routeopt.allocation",
    "CertificateError": "routeopt.errors",
    "Closure": "routeopt.scenario",
    "Comparison": "routeopt.comparison",
    "Contingencies": "routeopt.resilience",
    "Defence": "routeopt.decide",
    "ExpansionPlan": "routeopt.decide",
    "ExportSystem": "routeopt.system",
    "FileError": "routeopt.errors",
    "HorizonAllocation": "routeopt.allocation.horizon",
    "InfeasibleError": "routeopt.errors",
    "InputError": "routeopt.errors",
    "LossCurve": "routeopt.resilience",
    "NMinusOne": "routeopt.resilience",
    "Quantity": "routeopt.system",
    "RiskProfile": "routeopt.resilience",
    "RouteoptError": "routeopt.errors",
    "Scenario": "routeopt.scenario",
    "ScenarioError": "routeopt.errors",
    "Sensitivity": "routeopt.decide",
    "ShapleyTable": "routeopt.decide",
    "SolveError": "routeopt.errors",
    "SolverError": "routeopt.errors",
    "StressTest": "routeopt.resilience",
    "SystemDataError": "routeopt.errors",
    "UnboundedError": "routeopt.errors",
    "UnitError": "routeopt.errors",
    "WorstCase": "routeopt.decide",
    "allocate": "routeopt.allocation",
    "alternatives": "routeopt.decide",
    "bundled_systems": "routeopt.files",
    "capacity_curve": "routeopt.decide",
    "compare": "routeopt.comparison",
    "contingencies": "routeopt.resilience",
    "convert": "routeopt.units",
    "defend": "routeopt.decide",
    "expand": "routeopt.decide",
    "load": "routeopt.files",
    "load_scenarios": "routeopt.files",
    "loss_curve": "routeopt.resilience",
    "n_minus_one": "routeopt.resilience",
    "schema": "routeopt.files",
    "sensitivity": "routeopt.decide",
    "shapley": "routeopt.decide",
    "simulate_outages": "routeopt.resilience",
    "stress_test": "routeopt.resilience",
    "to_yaml": "routeopt.files",
    "worst_case": "routeopt.decide",
}

__all__ = [
    "Allocation",
    "Alternatives",
    "CVaR",
    "CapacityCurve",
    "Certificate",
    "CertificateError",
    "Closure",
    "Comparison",
    "Contingencies",
    "Defence",
    "ExpansionPlan",
    "ExportSystem",
    "FileError",
    "HorizonAllocation",
    "InfeasibleError",
    "InputError",
    "LossCurve",
    "NMinusOne",
    "Quantity",
    "RiskProfile",
    "RouteoptError",
    "Scenario",
    "ScenarioError",
    "Sensitivity",
    "ShapleyTable",
    "SolveError",
    "SolverError",
    "StressTest",
    "SystemDataError",
    "UnboundedError",
    "UnitError",
    "WorstCase",
    "allocate",
    "alternatives",
    "bundled_systems",
    "capacity_curve",
    "compare",
    "contingencies",
    "convert",
    "defend",
    "expand",
    "load",
    "load_scenarios",
    "loss_curve",
    "n_minus_one",
    "schema",
    "sensitivity",
    "shapley",
    "simulate_outages",
    "stress_test",
    "to_yaml",
    "worst_case",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'routeopt' has no attribute {name!r}")
    value = getattr(importlib.import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
