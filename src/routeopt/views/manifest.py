"""What it takes to make a result again."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from typing import Any

__all__ = ["manifest"]

_LIBRARIES = ("highspy", "numpy", "pandas", "pulp", "pydantic", "numba")


def manifest(result: Any) -> dict[str, Any]:
    """See `routeopt.results.Result.manifest`."""
    import routeopt

    made: dict[str, Any] = {"routeopt": routeopt.__version__, "python": platform.python_version()}
    made["versions"] = {name: version for name in _LIBRARIES if (version := _version(name))}
    made["result"] = type(result).__name__
    systems = _systems(result)
    made["systems"] = {system.name: _hash(system.to_dict()) for system in systems}
    made["scenarios"] = {name: _hash(scenario.written()) for name, scenario in _scenarios(result)}
    for name in ("seed", "draws", "foresight"):
        values = [getattr(result, name, None), *(getattr(setup, name, None) for setup in _setups(result))]
        known = [value for value in values if isinstance(value, int | str)]
        if known:
            made[name] = known[0]
    plans = _plans(result)
    if plans:
        made["certificates"] = {name: str(plan.certificate) for name, plan in plans}
        made["solver"] = sorted({str(plan.certificate.solver) for _, plan in plans})
    return made


def _plans(result: Any) -> list[tuple[str, Any]]:
    """Allocations that a result holds, by name."""
    if hasattr(result, "certificate"):
        return [(result.name, result)]
    held = getattr(result, "plans", None)
    if isinstance(held, Mapping):
        return list(held.items())
    if isinstance(held, tuple):
        names = getattr(result, "names", None) or [plan.name for plan in held]
        return list(zip(names, held, strict=True))
    return [("base", result.base)] if hasattr(getattr(result, "base", None), "certificate") else []


def _systems(result: Any) -> list[Any]:
    from routeopt.system import ExportSystem

    if isinstance(result, ExportSystem):
        return [result]
    found = [getattr(result, "system", None), *(setup.system for setup in _setups(result))]
    found += [plan.system for _, plan in _plans(result)]
    return list({one.name: one for one in reversed(found) if isinstance(one, ExportSystem)}.values())


def _scenarios(result: Any) -> list[tuple[str, Any]]:
    found = [(name, plan.scenario) for name, plan in _plans(result)]
    return found + [(setup.name, setup.scenario) for setup in _setups(result)]


def _setups(result: Any) -> list[Any]:
    """What risk profiles were asked for."""
    profiles = getattr(result, "profiles", ()) or (result,)
    return [one.setup for one in profiles if hasattr(getattr(one, "setup", None), "scenario")]


def _hash(data: Any) -> str:
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
