"""The first verb: allocate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from routeopt.allocation.result import Allocation
from routeopt.allocation.trajectory import Trajectory, mean_day
from routeopt.errors import ScenarioError, did_you_mean
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.scenario.resolve import resolve
from routeopt.solve.engine import solve
from routeopt.solve.prepare import horizon_of, prepare
from routeopt.solve.rolling_horizon import SolvedHorizon, follow, known_bounds
from routeopt.system import ExportSystem

if TYPE_CHECKING:
    from routeopt.model.temporal import Start

__all__ = ["FORESIGHT", "allocate", "allocation_of", "name_of"]

FORESIGHT = ("perfect", "myopic")
"""What can be known of closures."""


def allocate(
    system: ExportSystem,
    scenario: str | Scenario | Mapping[str, Any] | None = None,
    *,
    close: str | Iterable[str | Mapping[str, Any]] = (),
    build: Mapping[str, str] | None = None,
    economic: bool = False,
    foresight: str = "perfect",
    initial_state: Start | None = None,
    apportion: str | Sequence[str] = "economic",
    solver: str | None = None,
    constraints: Any = None,
) -> Allocation:
    """Decide which barrels go which way: most volume first, then most money.

    Parameters
    ----------
    system : ExportSystem
    scenario : str, Scenario or mapping, optional
        A name in ``system.scenarios``, or a scenario; nothing happens if it is left out.
    close : iterable of str or mapping
        Closures besides: leg ids, or closures as in a file (``{"route": "cpc"}``).
    build : mapping
        Builds besides: leg -> size (``{"tcop": "20 Mt/y"}``).
    economic : bool
        Let fields shut in when exporting does not pay, instead of exporting all that can leave.
    foresight : str
        In a horizon: ``perfect`` knows all closures and their ends from the first day; ``myopic`` plans with what is
        known of them day by day and takes one step at a time.
    initial_state : Start
        In a horizon: how things stand at its beginning (`Allocation.state` of the one before); a usual day if
        not given.
    apportion : str or sequence of str
        How scarce capacity is shared, with the exported volume held: ``economic``, whoever nets most goes first;
        ``pro-rata``, every field the same share of what it could produce, as far as it can (max-min);
        ``pro-rata:commodity``, the same among commodities; or a list of fields and commodities, served in that order.
        What is closed of a field does not count for its share. In a horizon shares are of the whole of it; without
        foresight each plan shares out what it knows to be left.
    solver : str
        ``"highs"`` (default) or ``"pulp:NAME"``: the point is then that of a solver that PuLP finds. HiGHS solves too,
        for the multipliers that certify the point and for digits that the solver does not write: a second opinion
        on the optimum, not a way to do without HiGHS.
    constraints : callable
        ``constraints(problem, variables)`` may add constraints and variables to the PuLP problem, in the
        system's flow unit (`routeopt.solve.pulp_adapter.Variables`). In a horizon they are amounts, and
        ``variables["2025-11-29"]`` are those of the period that begins then
        (`routeopt.solve.horizon_constraints.VariablesByPeriod`); the certificate is that of the program with the added
        rows. Without foresight every plan that is made obeys them.

    Returns
    -------
    Allocation
        Certified: primal and dual feasible and without a gap, relative 1e-7. A scenario with a horizon gives a
        plan of each of its periods; without one it is a year with every closure in force.

    Raises
    ------
    ScenarioError
        The scenario does not fit the system.
    SolveError
        Added constraints contradict each other, a loop earns money for ever, or the optimum cannot be proven.

    Examples
    --------
    >>> import routeopt as ro
    >>> system = ro.ExportSystem.from_dict({
    ...     "nodes": {"field": {"kind": "field", "output": "10 Mt/y"}, "port": {"kind": "market"}},
    ...     "legs": {
    ...         "line": {"from": "field", "to": "port", "capacity": "7 Mt/y", "tariff": "10 USD/t"},
    ...         "rail": {"from": "field", "to": "port", "capacity": "2 Mt/y", "tariff": "30 USD/t"},
    ...     },
    ... })
    >>> plan = ro.allocate(system)
    >>> plan.exported, plan.shut_in, plan.cost
    (9.0, 1.0, 130000000.0)
    >>> ro.allocate(system, close=["line"]).exported
    2.0
    """
    flat = resolve(system, scenario, close=close, build=build)
    if foresight not in FORESIGHT:
        raise ScenarioError(f"unknown foresight {foresight!r}; {did_you_mean(foresight, FORESIGHT)}")
    if flat.horizon is not None:
        return _over_time(
            system, flat, name_of(scenario, flat), economic, foresight, initial_state, apportion, solver, constraints
        )
    if foresight != "perfect" or initial_state is not None:
        raise ScenarioError("foresight and state belong to a horizon; give the scenario one with start and end")
    situation = situate(system, flat)
    solved = solve(system, situation, economic=economic, solver=solver, constraints=constraints,
                   apportion=apportion)  # fmt: skip
    return Allocation(system, flat, name_of(scenario, flat), solved)


def _over_time(
    system: ExportSystem, flat: Scenario, name: str, economic: bool, foresight: str, state: Start | None,
    apportion: str | Sequence[str], solver: str | None, constraints: Any,
) -> Allocation:  # fmt: skip

    flat = flat.model_copy(update={"horizon": horizon_of(system, flat)})
    prepared = prepare(system, flat, economic=economic, start=state, solver=solver or "highs",
                       apportion=apportion)  # fmt: skip
    if constraints is not None:
        from routeopt.solve.horizon_constraints import with_constraints

        prepared = with_constraints(prepared, known_bounds(prepared, flat), constraints)
    return allocation_of(system, flat, name, follow(prepared, flat, foresight, check=True))


def allocation_of(system: ExportSystem, scenario: Scenario, name: str, solved: SolvedHorizon) -> Allocation:
    """A planned horizon as a result."""
    trajectory = Trajectory(solved)
    return Allocation(system, scenario, name, mean_day(trajectory), trajectory)


def name_of(scenario: object, flat: Scenario) -> str:
    """What to call a scenario: its id or title, else what happens in it, else ``base``."""
    if isinstance(scenario, str):
        return scenario
    if flat.title:
        return flat.title
    changes = [f"{closure} closed" for closure in flat.closures] + [f"{leg} built" for leg in flat.build]
    return ", ".join(changes) or ("changed" if flat != Scenario() else "base")
