"""Constraints of the caller's own over a horizon, with variables by period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from routeopt.errors import InfeasibleError, InputError, did_you_mean
from routeopt.model import Bounds, Program
from routeopt.model.names import column_names, plain_name, row_names
from routeopt.solve.horizon_solver import Added, Prepared
from routeopt.solve.iis import elastic
from routeopt.solve.pulp_adapter import Variables, lp_sum, variables_of, write_problem
from routeopt.solve.user_constraints import ConstraintsFunction, read_back
from routeopt.units import parse_unit

__all__ = ["VariablesByPeriod", "with_constraints"]


@dataclass(frozen=True)
class VariablesByPeriod(Mapping[str, Variables]):
    """Names for the variables of a horizon: `Variables` of each period by its first day, ``variables["2025-11-29"]``.

    They are amounts, in the flow unit without its time (``Mt``). ``days`` has the length of each period; ``stock`` what
    a terminal holds when a period ends, by (terminal, first day). Sums over the whole plan have the names of
    `Variables`: ``leg``, ``market``, ``route`` and ``exported``.
    """

    days: Mapping[str, float]
    stock: Mapping[tuple[str, str], Any]
    _periods: Mapping[str, Variables]

    def __getitem__(self, day: str | dt.date) -> Variables:
        if str(day) not in self._periods:
            raise InputError(f"no period begins on {day}; {did_you_mean(str(day), self._periods)}")
        return self._periods[str(day)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._periods)

    def __len__(self) -> int:
        return len(self._periods)

    def leg(self, name: str) -> Any:
        """What enters a leg, of all commodities in all periods."""
        return lp_sum(one.leg(name) for one in self.values())

    def market(self, name: str) -> Any:
        """Deliveries of all commodities to a market in all periods."""
        return lp_sum(one.market(name) for one in self.values())

    def route(self, name: str) -> Any:
        """Volume of a route in all periods, where its marker legs end."""
        return lp_sum(one.route(name) for one in self.values())

    def exported(self) -> Any:
        """All deliveries in all periods."""
        return lp_sum(one.exported() for one in self.values())


def with_constraints(prepared: Prepared, bounds: Bounds, function: ConstraintsFunction) -> Prepared:
    """A horizon with what a function adds; it sees the program in which every closure is known."""
    system, program = prepared.situation.system, prepared.program
    scale = parse_unit(system.units.flow.partition("/")[0]).factor
    names = column_names(system, program), row_names(system, program)
    money = prepared.objectives.money
    problem, columns = write_problem(program, bounds, money, scale, plain_name(system.name), *names)
    layout, days = program.layout, [str(day) for day in program.layout.periods.starts]
    places = layout.by_period(np.arange(program.shape[1], dtype=float)).astype(int)
    width, stock = program.single.shape[1], dict[tuple[str, str], Any]()
    for day, mine in zip(days, places, strict=False):
        for place, node in enumerate(layout.tanks):
            held = np.flatnonzero(layout.stock_tank == place)
            more, less = (mine[layout.columns(name)][held] for name in ("above", "below"))
            stock[layout.topology.nodes[node], day] = float(prepared.start.reference[held].sum()) / scale + lp_sum(
                columns[up] - columns[down] for up, down in zip(more, less, strict=True)
            )
    periods = {day: variables_of(system, program.single, [columns[place] for place in mine[:width]])
               for day, mine in zip(days, places, strict=False)}  # fmt: skip
    variables = VariablesByPeriod(dict(zip(days, layout.periods.days.tolist(), strict=False)), stock, periods)
    made, new, objectives, added = read_back(
        program, bounds, prepared.objectives, function, scale, (problem, variables, columns)
    )
    rows, own = program.shape[0], program.shape[1]
    lower, upper = new.lower.copy(), new.upper.copy()
    # What the function has left as it was follows the closures that each plan knows.
    lower[:own][lower[:own] == bounds.lower], upper[:own][upper[:own] == bounds.upper] = -np.inf, np.inf
    limits = Added(tuple(added), lower, upper, new.row_lower[rows:], new.row_upper[rows:],
                   len(new.lower) - own, _no_plan)  # fmt: skip
    return replace(prepared, program=made, objectives=objectives, added=limits, _kept={})


def _no_plan(program: Program, bounds: Bounds, added: Added, day: dt.date) -> InfeasibleError:
    """The error for constraints under which a horizon cannot be planned."""
    first = program.shape[0] - len(added.names)
    text, changes = f"the added constraints leave no plan that begins on {day}", dict[str, float]()
    try:
        gives, _ = elastic(program, bounds, np.arange(first, program.shape[0]))
        changes = {name: float(give) for name, give in zip(added.names, gives, strict=True) if give}
        text += f"; {', '.join(map(repr, changes))} would have to give way: loosen it, or ask for other periods"
    except InfeasibleError:
        text += ": bounds of variables were narrowed too far; loosen them"
    return InfeasibleError(text, tuple(changes), changes)
