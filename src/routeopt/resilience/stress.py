"""Stress tests: scenarios over their horizons, against exports without the closures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from routeopt.allocation import Allocation
from routeopt.allocation.allocate import FORESIGHT, allocation_of, name_of
from routeopt.errors import ScenarioError, did_you_mean
from routeopt.resilience.stress_result import StressTest
from routeopt.scenario import Scenario
from routeopt.scenario.resolve import resolve
from routeopt.solve.prepare import horizon_of, prepare, shared_key
from routeopt.solve.rolling_horizon import follow
from routeopt.system import ExportSystem

if TYPE_CHECKING:
    from routeopt.model.temporal import Start

__all__ = ["named", "stress_test"]

Given = str | Scenario | Mapping[str, Any]


def stress_test(
    system: ExportSystem,
    scenarios: Given | Iterable[Given] | Mapping[str, Given],
    *,
    foresight: str = "myopic",
    economic: bool = False,
    initial_state: Start | None = None,
    apportion: str | Sequence[str] = "economic",
) -> StressTest:
    """Simulate dated closures: lost, deferred and rerouted exports, tank tops, recovery.

    Parameters
    ----------
    system : ExportSystem
    scenarios : str, Scenario, mapping, or several of them
        Names in ``system.scenarios``, or scenarios; a mapping of names to scenarios names them. One without a horizon
        gets the base year, or thirty days before its first date to ninety days after its last.
    foresight : str
        ``myopic`` (rolling horizon): each plan knows only the closures that have begun and the end dates announced so
        far. ``perfect``: all dates are known from the first day, so tanks are drawn down before a storm: a best case,
        not a forecast. `StressTest.value_of_foresight` compares the two.
    economic : bool
        Maximise money before volume.
    initial_state : Start, optional
        State at the beginning, as in `Allocation.end_state`. Default: a normal day.
    apportion : str or sequence of str
        As in `allocate`.

    Returns
    -------
    StressTest

    Raises
    ------
    ScenarioError
        A scenario does not fit the system, or two scenarios have the same name.

    Notes
    -----
    Scenarios that differ in their closures only share one program; each starts from the LP basis of the one before.

    Examples
    --------
    >>> import routeopt as ro
    >>> system = ro.ExportSystem.from_dict({
    ...     "units": {"flow": "kb/d"},
    ...     "nodes": {
    ...         "field": {"kind": "field", "output": "90 kb/d"},
    ...         "tanks": {"kind": "terminal", "storage": {"capacity": "300 kb"}},
    ...         "sea": {"kind": "market"},
    ...     },
    ...     "legs": {
    ...         "line": {"from": "field", "to": "tanks"},
    ...         "main": {"from": "tanks", "to": "sea", "capacity": "120 kb/d", "tariff": "1 USD/bbl"},
    ...         "bypass": {"from": "tanks", "to": "sea", "capacity": "30 kb/d", "tariff": "9 USD/bbl"},
    ...     },
    ... })
    >>> horizon = {"start": "2025-01-01", "end": "2025-03-01"}
    >>> closures = [{"leg": "main", "from": "2025-01-11", "to": "2025-01-26"}]
    >>> test = ro.stress_test(system, {"fifteen-days": {"horizon": horizon, "closures": closures}})
    >>> test.table.loc["fifteen-days", ["lost", "deferred", "days_to_tank_top"]].round(6).tolist()
    [600.0, 300.0, 5.0]
    """
    if foresight not in FORESIGHT:
        raise ScenarioError(f"unknown foresight {foresight!r}; {did_you_mean(foresight, FORESIGHT)}")
    flats: dict[str, Scenario] = {}
    for name, given in named(system, scenarios).items():
        flat = resolve(system, given)
        flats[name] = flat.model_copy(update={"horizon": horizon_of(system, flat)})
    groups: dict[str, list[str]] = {}
    for name, flat in flats.items():
        groups.setdefault(shared_key(system, flat), []).append(name)
    plans: dict[str, Allocation] = {}
    targets: dict[str, Allocation] = {}
    for members in groups.values():
        first = flats[members[0]]
        prepared = prepare(system, first, economic=economic, start=initial_state, apportion=apportion)
        undisturbed = first.model_copy(update={"closures": (), "title": ""})
        target = allocation_of(system, undisturbed, "without closures", follow(prepared, undisturbed))
        for name in members:
            plans[name] = allocation_of(system, flats[name], name, follow(prepared, flats[name], foresight, check=True))
            targets[name] = target
    return StressTest(system, {name: plans[name] for name in flats}, targets, foresight)


def named(system: ExportSystem, scenarios: Given | Iterable[Given] | Mapping[str, Given]) -> dict[str, Given]:
    """The given scenarios by name."""
    if isinstance(scenarios, str | Scenario):
        return named(system, [scenarios])
    if isinstance(scenarios, Mapping) and (not scenarios or set(scenarios) & set(Scenario.model_fields)):
        return named(system, [dict(scenarios)])
    if isinstance(scenarios, Mapping):
        return dict(scenarios)
    found: dict[str, Given] = {}
    for given in scenarios:
        name = given if isinstance(given, str) else name_of(given, resolve(system, given))
        if name in found:
            raise ScenarioError(f"scenarios: two are called {name!r}; pass a mapping of names to scenarios")
        found[name] = given
    return found
