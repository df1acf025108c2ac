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
    name: f"routeopt.{module}"
    for module, names in {
        "allocation": "Allocation Certificate allocate",
        "comparison": "Comparison compare",
        "decide": (
            "Alternatives CVaR CapacityCurve Defence ExpansionPlan Sensitivity ShapleyTable WorstCase alternatives "
            "capacity_curve defend expand sensitivity shapley worst_case"
        ),
        "errors": (
            "CertificateError FileError InfeasibleError InputError RouteoptError ScenarioError SolveError SolverError "
            "SystemDataError UnboundedError UnitError"
        ),
        "files": "bundled_systems load load_scenarios schema to_yaml",
        "resilience": (
            "Contingencies LossCurve NMinusOne RiskProfile StressTest contingencies loss_curve n_minus_one "
            "simulate_outages stress_test"
        ),
        "scenario": "Closure Scenario",
        "system": "ExportSystem Quantity",
        "units": "convert",
    }.items()
    for name in names.split()
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
