"""Why there is no answer, in the words of the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from routeopt.errors import InfeasibleError
from routeopt.program import Bounds, Program
from routeopt.scenario.situation import Situation
from routeopt.solve.conflict import Conflict, elastic, find_conflict
from routeopt.units import parse_unit

__all__ = ["explain"]


def explain(situation: Situation, program: Program, bounds: Bounds, added: Sequence[str]) -> InfeasibleError:
    """The error for constraints that leave no answer.

    Parameters
    ----------
    situation, program, bounds
        What was to be solved; the last rows are those that the caller added.
    added : sequence of str
        Names of the added rows.

    Returns
    -------
    InfeasibleError
        Names a smallest contradictory set and the smallest total change of the added constraints.
    """
    unit = situation.system.units.flow
    scale = parse_unit(unit).factor
    first = program.shape[0] - len(added)
    try:
        gives, involved = elastic(program, bounds, np.arange(first, program.shape[0]))
    except InfeasibleError:
        # Even without the added rows there is none: the function has narrowed bounds of variables.
        gives, involved = np.zeros(len(added)), bounds
    conflict = find_conflict(program, involved)
    words = tuple(dict.fromkeys(_words(situation, program, bounds, conflict, added, scale, unit)))
    changes = {name: float(give) / scale for name, give in zip(added, gives, strict=True) if give}
    text = f"the added constraints leave no answer: {'; '.join(words) or ', '.join(added)}"
    if changes:
        parts = [f"{name!r} by {abs(give):.6g}" for name, give in changes.items()]
        text += f". There is one if {' and '.join(parts)} {unit} gave way"
    return InfeasibleError(text, words, changes)


def _words(
    situation: Situation,
    program: Program,
    bounds: Bounds,
    conflict: Conflict,
    added: Sequence[str],
    scale: float,
    unit: str,
) -> Iterator[str]:
    """Every member of the conflict that somebody wrote; that what enters a node leaves it goes without saying."""
    layout, system = program.layout, situation.system
    first = program.shape[0] - len(added)

    def size(value: float) -> str:
        return f"{value / scale:.6g} {unit}"

    for row, upper in zip(conflict.rows, conflict.upper_row, strict=True):
        value = float(bounds.row_upper[row] if upper else bounds.row_lower[row])
        side = "at most" if upper else "at least"
        if row >= first:
            yield f"{added[row - first]!r} asks for {side} {size(value)}"
        elif layout.row["leg"] <= row < layout.row["group"]:
            name = layout.topology.legs[layout.several[row - layout.row["leg"]]]
            yield f"leg {name!r} carries at most {size(value)}"
        elif layout.row["group"] <= row < layout.row["demand"]:
            name = list(system.groups)[row - layout.row["group"]]
            limit = f"{value:.6g} vessels" if system.groups[name].vessels else size(value)
            yield f"group {name!r} has at most {limit}"
        elif layout.row["demand"] <= row < layout.row["market"]:
            yield f"refinery {list(system.refineries)[row - layout.row['demand']]!r} takes {size(value)}"
        elif layout.row["market"] <= row < layout.row["minimum"]:
            yield f"market {list(system.markets)[row - layout.row['market']]!r} buys at most {size(value)}"
    for column, upper in zip(conflict.columns, conflict.upper_column, strict=True):
        value = float(bounds.upper[column] if upper else bounds.lower[column])
        side = "at most" if upper else "at least"
        if column < layout.column["output"]:
            leg = layout.topology.legs[layout.flow_leg[column]]
            if not situation.runs(leg):
                yield f"leg {leg!r} does not stand ({system.legs[leg].status})"
            else:
                yield f"leg {leg!r} carries {side} {size(value)}" + (" (it is closed)" if value == 0 else "")
        elif column < layout.column["delivery"]:
            field = list(system.fields)[column - layout.column["output"]]
            yield f"field {field!r} produces {side} {size(value)}"
        elif layout.column["shortage"] <= column < layout.column["under"]:
            yield f"refinery {list(system.refineries)[column - layout.column['shortage']]!r} lacks {side} {size(value)}"
        else:
            yield f"an added variable is {side} {size(value)}"
