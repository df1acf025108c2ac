"""Why there is no answer, in the words of the file."""

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
    """The error for constraints that leave no answer.

    - ``situation``, ``program``, ``bounds``: what was to be solved; the last rows are those that the caller added.
    - ``added``: names of the added rows.

    Returns: names a smallest contradictory set and the smallest total change of the added constraints.
    """
    first = program.shape[0] - len(added)
    try:
        gives, involved = elastic(program, bounds, np.arange(first, program.shape[0]))
    except InfeasibleError:
        # Even without the added rows there is none: the function has narrowed bounds of variables.
        gives, involved = np.zeros(len(added)), bounds
    telling = _Telling(situation, program, bounds, added)
    words = tuple(dict.fromkeys(telling.words(find_conflict(program, involved))))
    changes = {name: float(give) / telling.scale for name, give in zip(added, gives, strict=True) if give}
    text = f"the added constraints leave no answer: {'; '.join(words) or ', '.join(added)}"
    if changes:
        parts = [f"{name!r} gives way by {telling.asked(name, abs(give))}" for name, give in changes.items()]
        text += f". There is one if {' and '.join(parts)}"
    return InfeasibleError(text, words, changes)


class _Telling:
    """Puts members of a conflict into the ids and units of the file."""

    def __init__(self, situation: Situation, program: Program, bounds: Bounds, added: Sequence[str]) -> None:
        self.situation, self.program, self.bounds, self.added = situation, program, bounds, list(added)
        self.layout, self.system = program.layout, situation.system
        self.unit = self.system.units.flow
        self.scale = parse_unit(self.unit).factor
        self.first = program.shape[0] - len(added)
        # What the caller has narrowed differs from what the situation asks for.
        self.before = bounds_of(program, situation)

    def words(self, conflict: Conflict) -> Iterator[str]:
        """Every member that somebody wrote; that what enters a node leaves it goes without saying."""
        for row, upper in zip(conflict.rows.tolist(), conflict.upper_row.tolist(), strict=True):
            value = float(self.bounds.row_upper[row] if upper else self.bounds.row_lower[row]) + 0.0  # no minus zero
            yield from self._row(row, value, "at most" if upper else "at least")
        for column, upper in zip(conflict.columns.tolist(), conflict.upper_column.tolist(), strict=True):
            yield self._column(column, upper)

    def asked(self, name: str, value: float) -> str:
        """A number of an added constraint; with the unit if it adds up flows, for who knows what it counts else."""
        row = self.first + self.added.index(name)
        counts = bool((np.abs(self.program.value[self.program.index == row]) <= 1.0).all())
        return f"{value:.6g} {self.unit}" if counts else f"{value:.6g}"

    def _size(self, value: float, own: Quantity | None = None, basis: str = "") -> str:
        """An amount in the unit that the file has for it, or in that of the system."""
        if own is not None:
            return f"{value / own.factor:.6g} {own.unit}"
        if basis not in ("", self.system.measured_by):
            return f"{value:.6g} {'kb' if basis == 'volume' else 'kt'}/d"
        return f"{value / self.scale:.6g} {self.unit}"

    def _row(self, row: int, value: float, side: str) -> Iterator[str]:
        layout, system, start = self.layout, self.system, self.layout.row
        if row >= self.first:
            name = self.added[row - self.first]
            yield f"{name!r} asks for {side} {self.asked(name, value / self.scale)}"
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
            return f"leg {name!r} does not stand ({self.system.legs[name].status})"
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
        """A column and its verb."""
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
