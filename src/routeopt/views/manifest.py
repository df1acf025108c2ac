"""What it takes to make a result again."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from typing import Any

from routeopt.results import Result

__all__ = ["manifest"]

_LIBRARIES = ("highspy", "numpy", "pandas", "pulp", "pydantic", "numba")


def manifest(result: Result) -> dict[str, Any]:
    """See `routeopt.results.Result.manifest`."""
    import routeopt

    origins = result.origins()
    scenarios = {**{name: plan.scenario for name, plan in origins.plans.items()}, **origins.scenarios}
    made: dict[str, Any] = {"routeopt": routeopt.__version__, "python": platform.python_version()}
    made["versions"] = {name: version for name in _LIBRARIES if (version := _version(name))}
    made["result"] = type(result).__name__
    made["systems"] = {system.name: _hash(system.to_dict()) for system in origins.systems}
    made["scenarios"] = {name: _hash(scenario.written()) for name, scenario in scenarios.items()}
    made |= origins.settings
    if origins.plans:
        certificates = {name: plan.certificate for name, plan in origins.plans.items()}
        made["certificates"] = {name: str(one) for name, one in certificates.items()}
        made["solver"] = sorted({str(one.solver) for one in certificates.values()})
    return made


def _hash(data: Any) -> str:
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
