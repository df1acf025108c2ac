"""``routeopt doctor``: what is installed, and whether it works."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from routeopt import __version__
from routeopt.cli.command import Asked, command
from routeopt.cli.terminal import UNEXPECTED, screen_width
from routeopt.results import Digest, Figure, Table, counted

if TYPE_CHECKING:
    import pandas

__all__ = ["doctor"]

_NEEDED = ("numpy", "pandas", "pydantic", "highspy", "pulp", "networkx", "pyyaml")
_TINY: dict[str, Any] = {
    "nodes": {"field": {"kind": "field", "output": "10 Mt/y"}, "port": {"kind": "market"}},
    "legs": {
        "line": {"from": "field", "to": "port", "capacity": "7 Mt/y", "tariff": "10 USD/t"},
        "rail": {"from": "field", "to": "port", "capacity": "2 Mt/y", "tariff": "30 USD/t"},
    },
}
_EXPORTED, _COST = 9.0, 7e6 * 10 + 2e6 * 30


class Finding(NamedTuple):
    """One line: what was looked at, how it is, and what to do."""

    what: str
    status: str
    found: str
    hint: str = ""


@command(lacks="system unit table")
def doctor(asked: Asked) -> Digest:
    """Check the installation and each solver.

    Each solver found solves a small system with a known answer, and the optimum is certified.
    """
    with asked.waiting("checking"):
        findings = [*_versions(), *_extras(), *_solvers(), *_data(), *_surroundings()]
    failed = [finding for finding in findings if finding.status == "failed"]
    asked.code = UNEXPECTED if failed else asked.code
    table = Table("findings", "Checks", _frame(findings))
    return Digest(f"routeopt {__version__}", "", (Figure("failed", len(failed), "1"),), (table,))


def _versions() -> Iterator[Finding]:
    yield Finding("python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for name in _NEEDED:
        found = _version(name)
        yield Finding(name, "ok" if found else "failed", found or "missing", "" if found else f"pip install {name}")


def _extras() -> Iterator[Finding]:
    """The extras that the installed package declares, and what of each is missing."""
    wanted: dict[str, list[str]] = {}
    try:
        requires = importlib.metadata.requires("routeopt") or []
    except importlib.metadata.PackageNotFoundError:
        yield Finding("extras", "unknown", "routeopt is not installed but run from its sources")
        return
    for line in requires:
        need, _, marker = line.partition(";")
        extra = marker.partition("extra ==")[2].strip().strip("'\" ")
        name = need.split("[")[0].split(">")[0].split("<")[0].split("=")[0].split("!")[0].split("~")[0].strip()
        if extra and name != "routeopt":
            wanted.setdefault(extra, []).append(name)
    for extra, names in wanted.items():
        missing = [name for name in names if _version(name) is None]
        found = ", ".join(f"{name} {_version(name)}" for name in names if name not in missing)
        yield Finding(f"extra {extra}", "missing" if missing else "ok", found,
                      f"pip install 'routeopt[{extra}]'" if missing else "")  # fmt: skip


def _solvers() -> Iterator[Finding]:
    """Each solver on a system that can be solved by hand."""
    from routeopt.solve import kernel

    yield _tried("highs", None)
    try:
        from routeopt.solve.pulp_adapter import available_solvers

        names = available_solvers()
    except Exception as error:  # whatever a solver's own package does when it is looked for
        yield Finding("pulp solvers", "failed", f"{type(error).__name__}: {error}")
        return
    for name in names:
        yield _tried(f"pulp:{name}", f"pulp:{name}")
    if kernel.available():
        yield Finding("fast kernel", "ok", f"numba {_version('numba')}")
    else:
        yield Finding(
            "fast kernel", "missing", "sweeps run in HiGHS: same answers, slower", "pip install 'routeopt[fast]'"
        )


def _tried(what: str, solver: str | None) -> Finding:
    from routeopt.allocation import allocate
    from routeopt.system import ExportSystem

    try:
        plan = allocate(ExportSystem.from_dict(_TINY), solver=solver)
        right = abs(plan.exported - _EXPORTED) <= 1e-6 and abs(plan.cost - _COST) <= 1e-6 * _COST
        certificate = plan.certificate
    except Exception as error:  # one solver that does not work is a finding, not the end
        # PuLP also finds solvers that are installed without a licence: those fail here.
        state = "failed" if solver is None else "broken"
        return Finding(what, state, f"{type(error).__name__}: {error}")
    if not (right and certificate.valid):
        return Finding(what, "failed", f"exports {plan.exported} where {_EXPORTED} is right")
    return Finding(what, "ok", f"small system solved, certified (gap {certificate.gap:.0e})")


def _data() -> Iterator[Finding]:
    """The data that come with the library load."""
    from routeopt.files import bundled_systems, load

    for name, path in bundled_systems().items():
        try:
            system = load(path)
        except Exception as error:
            yield Finding(f"data {name}", "failed", str(error))
        else:
            yield Finding(
                f"data {name}",
                "ok",
                f"{counted(len(system.legs), 'leg')}, {counted(len(system.scenarios), 'scenario')}",
            )


def _surroundings() -> Iterator[Finding]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limits = [f"{name}={os.environ[name]}" for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS") if name in os.environ]
    yield Finding("cores", "ok", ", ".join([f"{cores} available", *limits]))
    colour = (
        "no colour (NO_COLOR)" if os.environ.get("NO_COLOR") else "colour" if sys.stdout.isatty() else "no terminal"
    )
    yield Finding("output", "ok", f"{sys.stdout.encoding}, {screen_width()} columns, {colour}")


def _frame(findings: list[Finding]) -> pandas.DataFrame:
    import pandas

    return pandas.DataFrame(findings, columns=list(Finding._fields)).set_index("what")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
