"""Explanation of infeasibility, in the ids and units of the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from routeopt.errors import InfeasibleError
from routeopt.model import Bounds, Program, bounds_of
from routeopt.scenario.case import Situation
from routeopt.solve.iis import Conflict, elastic, find_conflict
from routeopt.system import Quantity
from routeopt.units import parse_unit

__all__ = ["explain"]


def explain(situation: Situation, program: Program, bounds: Bounds, added: Sequence[str]) -> InfeasibleError:
    """Build the error for infeasible constraints: an irreducible conflict and the smallest total relaxation.

    The last rows of ``program`` are those of the caller, with the names ``added``.
    """
    first = program.shape[0] - len(added)
    try:
        gives, involved = elastic(program, bounds, np.arange(first, program.shape[0]))
    except InfeasibleError:
        # Infeasible without the added rows too: the caller tightened bounds of variables.
        gives, involved = np.zeros(len(added)), bounds
    described = _Description(situation, program, bounds, added)
    words = tuple(dict.fromkeys(described.words(find_conflict(program, involved))))
    changes = {name: float(give) / described.scale for name, give in zip(added, gives, strict=True) if give}
    text = f"infeasible: {'; '.join(words) or ', '.join(added)}"
    if changes:
        parts = [f"{name!r} by {described.asked(name, abs(give))}" for name, give in changes.items()]
        text += f". Relaxing {' and '.join(parts)} restores feasibility"
    return InfeasibleError(text, words, changes)


class _Description:
    """Description of the members of a conflict in the ids and units of the file."""

    def __init__(self, situation: Situation, program: Program, bounds: Bounds, added: Sequence[str]) -> None:
        self.situation, self.program, self.bounds, self.added = situation, program, bounds, list(added)
        self.layout, self.system = program.layout, situation.system
        self.unit = self.system.units.flow
        self.scale = parse_unit(self.unit).factor
        self.first = program.shape[0] - len(added)
        # The bounds before the caller tightened them.
        self.before = bounds_of(program, situation)

    def words(self, conflict: Conflict) -> Iterator[str]:
        """Describe all members but flow balances."""
        for row, upper in zip(conflict.rows.tolist(), conflict.upper_row.tolist(), strict=True):
            value = float(self.bounds.row_upper[row] if upper else self.bounds.row_lower[row]) + 0.0  # no minus zero
            yield from self._row(row, value, "at most" if upper else "at least")
        for column, upper in zip(conflict.columns.tolist(), conflict.upper_column.tolist(), strict=True):
            yield self._column(column, upper)

    def asked(self, name: str, value: float) -> str:
        """Format a number of an added constraint, with the flow unit if it is a sum of flows."""
        row = self.first + self.added.index(name)
        counts = bool((np.abs(self.program.value[self.program.index == row]) <= 1.0).all())
        return f"{value:.6g} {self.unit}" if counts else f"{value:.6g}"

    def _size(self, value: float, own: Quantity | None = None, basis: str = "") -> str:
        """Format a volume in its unit in the file, or in the system's."""
        if own is not None:
            return f"{value / own.factor:.6g} {own.unit}"
        if basis not in ("", self.system.measured_by):
            return f"{value:.6g} {'kb' if basis == 'volume' else 'kt'}/d"
        return f"{value / self.scale:.6g} {self.unit}"

    def _row(self, row: int, value: float, side: str) -> Iterator[str]:
        layout, system, start = self.layout, self.system, self.layout.row
        if row >= self.first:
            name = self.added[row - self.first]
            yield f"{name!r} requires {side} {self.asked(name, value / self.scale)}"
        elif start["leg"] <= row < start["group"]:
            name = layout.topology.legs[layout.several[row - start["leg"]]]
            yield self._leg(
                name, f"leg {name!r} carries at most {self._size(value, None, system.legs[name].measured_by)}", value
            )
        elif start["group"] <= row < start["demand"]:
            name, group = list(system.groups.items())[row - start["group"]]
            limit = self._size(value, group.capacity) if group.capacity else f"{value:.6g} vessels"
            yield f"group {name!r} has at most {limit}"
        elif start["demand"] <= row < start["market"]:
            name, refinery = list(system.refineries.items())[row - start["demand"]]
            yield f"refinery {name!r} takes {self._size(value, refinery.demand)}"
        elif start["market"] <= row < start["minimum"]:
            name, market = list(system.markets.items())[row - start["market"]]
            yield f"market {name!r} buys at most {self._size(value, market.demand)}"

    def _leg(self, name: str, text: str, value: float) -> str:
        if not self.situation.runs(name):
            status = self.system.legs[name].status
            return f"leg {name!r} is not {'built' if status == 'hypothetical' else 'in service'} ({status})"
        return f"{text} (it is closed)" if value == 0.0 and self.situation.in_service(name) == 0.0 else text

    def _column(self, column: int, upper: bool) -> str:
        value = float(self.bounds.upper[column] if upper else self.bounds.lower[column]) + 0.0
        before = self.before.upper if upper else self.before.lower
        own = column >= len(before)
        text = f"{self._what(column)} {'at most' if upper else 'at least'} {self._size(value)}"
        if own:
            return text
        narrowed = value < before[column] if upper else value > before[column]
        if narrowed:
            return f"{text} (a bound that was set)"
        if column < self.layout.column["output"]:
            layout = self.layout
            leg = layout.topology.legs[layout.flow_leg[column]]
            stream = layout.topology.commodities[layout.flow_stream[column]]
            if (leg, stream) in self.situation.embargo and self.situation.runs(leg):
                return f"{text} of {stream} (under an embargo)"
            return self._leg(leg, text, value)
        return text

    def _what(self, column: int) -> str:
        """Describe a column, with its verb."""
        layout, system, start = self.layout, self.system, self.layout.column
        if column >= start["end"]:
            return "an added variable is"
        if column < start["output"]:
            return f"leg {layout.topology.legs[layout.flow_leg[column]]!r} carries"
        if column < start["delivery"]:
            return f"field {list(system.fields)[column - start['output']]!r} produces"
        if column < start["intake"]:
            return f"market {list(system.markets)[layout.delivery_market[column - start['delivery']]]!r} buys"
        if column < start["shortage"]:
            return f"refinery {list(system.refineries)[layout.intake_refinery[column - start['intake']]]!r} takes"
        if column < start["under"]:
            return f"refinery {list(system.refineries)[column - start['shortage']]!r} lacks"
        if column < start["deficiency"]:
            field = list(system.fields)[layout.minimum_fields[column - start["under"]]]
            return f"field {field!r} stays under its minimum by"
        return f"contract {list(system.contracts)[column - start['deficiency']]!r} lacks"
